/* CONV_2D with NFR_LAYOUT_SMLAD: a unit is a tile of pixels with all their channels. The windows are gathered first, then
 * multiplied: the output of a tile may lie where its input was. */
#include <string.h>

#include "../channel_pair.h"
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

/* The sums of both channels of a pair: weights 0 … 3 of each four stand in the order 0, 2, 1, 3. */
static void dot(const uint8_t *weights, const int16_t *window, uint32_t padded, uint32_t sums[2]) {
  uint32_t low = 0, both = 0;
  for (uint32_t k = 0; k < padded; k++) {
    const uint8_t *half = weights + 2u * ((k & ~3u) | (k & 1u) << 1 | (k >> 1 & 1u));
    low += (uint32_t)(window[k] * (int8_t)half[0]);
    both += (uint32_t)(window[k] * ((int8_t)half[1] * 256 + half[0]));
  }
  sums[0] = low;
  sums[1] = nfr_pair_high(both, low);
}

static int8_t to_output(const struct nfr_requant *r, const struct nfr_pair_tail *tail, uint32_t channel, uint32_t sum) {
  int32_t scaled = (int32_t)(((int64_t)(int32_t)sum * tail->multipliers[channel] + (1ll << 31)) >> 32);
  scaled = nfr_rounding_shift_right(scaled, tail->right[channel]);
  return (int8_t)nfr_clamp(nfr_add_wrap(scaled, r->output_offset), r->act_min, r->act_max);
}

/* Pairs `pair` … end - 1 of a pixel whose first channel is *out. */
static void multiply(const struct nfr_op *op, const struct nfr_requant *r, uint32_t padded, const int16_t *window, int8_t *out,
                     uint32_t pair, uint32_t end) {
  const struct nfr_plan_conv *p = op->params;
  const uint8_t *at = (const uint8_t *)nfr_constant(op, p->weights) + pair * nfr_pair_bytes(padded);
  for (uint32_t c = 2u * pair; c < 2u * end; c += 2, at += nfr_pair_bytes(padded)) {
    uint32_t bias, sums[2];
    struct nfr_pair_tail tail;
    memcpy(&bias, at, sizeof bias);
    memcpy(&tail, at + 4u + 2u * padded, sizeof tail);
    dot(at + 4, window, padded, sums);
    out[c] = to_output(r, &tail, 0, sums[0] + bias);
    if (c + 1u < p->out_c) out[c + 1u] = to_output(r, &tail, 1, sums[1] + tail.bias);
  }
}

void nfr_kernel_conv_2d_tiles(const struct nfr_op *op, uint32_t first, uint32_t count) {
  const struct nfr_plan_conv *p = op->params;
  const struct nfr_requant requant = nfr_requant_of(op, &p->q);
  const struct nfr_tiling t = nfr_tiling_of(p);
  int16_t *windows = (int16_t *)(void *)op->scratch.data;
  for (; count > 0; count--, first++) {
    uint32_t group = first % t.groups, pair = group * t.group, end = nfr_min(pair + t.group, t.pairs);
    const struct nfr_tile tile = nfr_tile_at(p, &t, first / t.groups);
    struct nfr_tile at = tile;
    uint32_t pixels = nfr_min(tile.left, NFR_TILE_PIXELS), step_y = (uint32_t)nfr_tile_step_y(p);
    for (uint32_t i = 0; i < pixels && group == 0; i++, at.y += step_y, at.x += (uint32_t)nfr_tile_step_x(p))
      gather(p, &t, (const int8_t *)op->in[0].data, &at, windows + i * t.padded);
    at = tile;
    for (uint32_t i = 0; i < pixels; i++, at.y += step_y, at.x += (uint32_t)nfr_tile_step_x(p))
      multiply(op, &requant, t.padded, windows + i * t.padded,
               (int8_t *)op->out.data + ((at.batch * p->out_h + at.y) * p->out_w + at.x) * p->out_c, pair, end);
  }
}
