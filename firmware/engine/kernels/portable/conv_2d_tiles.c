/* CONV_2D with NFR_LAYOUT_SMLAD: a unit is a tile of pixels with all their channels. The windows are gathered first, then
 * multiplied: the output of a tile may lie where its input was. */
#include "../kernels.h"
#include "../requant.h"
#include "../tile.h"

/* The window of one pixel, padding and all, as the weights are: filter rows, columns, channels. */
static void gather(const struct nfr_plan_conv *p, const struct nfr_tiling *t, const int8_t *in, const struct nfr_tile *at,
                   int16_t *window) {
  int16_t padding = (int16_t)-p->q.input_offset;
  for (uint32_t k = 0; k < t->padded; k++) {
    uint32_t tap = k / p->in_c;
    int32_t y = (int32_t)(at->y * p->stride_h + tap / p->filter_w * p->dilation_h) - p->pad_top;
    int32_t x = (int32_t)(at->x * p->stride_w + tap % p->filter_w * p->dilation_w) - p->pad_left;
    bool inside = k < t->depth && y >= 0 && x >= 0 && y < p->in_h && x < p->in_w;
    window[k] = inside ? in[((at->batch * p->in_h + (uint32_t)y) * p->in_w + (uint32_t)x) * p->in_c + k % p->in_c] : padding;
  }
}

/* Channel c: every second word of its pair. */
static uint32_t dot(const int8_t *weights, const int16_t *window, uint32_t padded, uint32_t c) {
  const int8_t *w = weights + (c & ~1u) * padded + (c & 1u) * 4u;
  uint32_t sum = 0;
  for (uint32_t k = 0; k < padded; k++) sum += (uint32_t)(window[k] * w[k / 4u * 8u + k % 4u]);
  return sum;
}

void nfr_kernel_conv_2d_tiles(const struct nfr_op *op, uint32_t first, uint32_t count) {
  const struct nfr_plan_conv *p = op->params;
  const struct nfr_requant requant = nfr_requant_of(op, &p->q);
  const struct nfr_tiling t = nfr_tiling_of(p);
  int16_t *windows = (int16_t *)(void *)op->scratch.data;
  for (; count > 0; count--, first++) {
    struct nfr_tile tile = nfr_tile_at(p, &t, first), at = tile;
    for (uint32_t i = 0; i < tile.count; i++, at.y += (uint32_t)at.step_y, at.x += (uint32_t)at.step_x)
      gather(p, &t, (const int8_t *)op->in[0].data, &at, windows + i * t.padded);
    at = tile;
    for (uint32_t i = 0; i < tile.count; i++, at.y += (uint32_t)at.step_y, at.x += (uint32_t)at.step_x) {
      int8_t *out = (int8_t *)op->out.data + ((at.batch * p->out_h + at.y) * p->out_w + at.x) * p->out_c;
      for (uint32_t c = 0; c < p->out_c; c++)
        out[c] = (int8_t)nfr_requant(&requant, dot(nfr_constant(op, p->weights), windows + i * t.padded, t.padded, c), c);
    }
  }
}
