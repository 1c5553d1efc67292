/* CONV_2D with NFR_LAYOUT_SMLAD for ARMv7E-M: the windows of a tile are widened once, then each pair of channels is
 * multiplied with all of them, so that a word of weights is read once for three pixels. */
#include <string.h>

#include "../kernels.h"
#include "../tile.h"
#include "../window.h"
#include "requant_pixels.h"
#include "smlad_block.h"

struct gather {
  const struct nfr_plan_conv *p;
  struct nfr_tiling t;
  const int8_t *in;
  uint32_t row;      /* elements of the input between filter rows */
  uint32_t padding;  /* the zero point, in all four bytes */
  int8_t *bytes;     /* where a window is put together whose rows are not whole words; else null */
};

/* Blocks of bytes to pairs, a block of this pixel every `stride` words. */
static inline uint32_t *widen(uint32_t *to, uint32_t stride, const int8_t *from, uint32_t blocks) {
  for (; blocks > 0; blocks--, from += 4, to += stride) {
    uint32_t word = nfr_load_word(from);
    to[0] = nfr_sxtb16(word);
    to[1] = nfr_sxtb16_ror8(word);
  }
  return to;
}

static inline uint32_t *widen_padding(uint32_t *to, uint32_t stride, uint32_t padding, uint32_t blocks) {
  uint32_t pair = nfr_sxtb16(padding);
  for (; blocks > 0; blocks--, to += stride) to[0] = to[1] = pair;
  return to;
}

static inline void copy(int8_t *to, const int8_t *from, uint32_t bytes) {
  for (; bytes >= 4; bytes -= 4, to += 4, from += 4) nfr_store_word(to, nfr_load_word(from));
  for (; bytes > 0; bytes--) *to++ = *from++;
}

/* A window whose pixels are whole words: straight from the input. */
static void gather_words(const struct gather *g, uint32_t batch, struct nfr_span v, struct nfr_span h, uint32_t *to,
                         uint32_t stride) {
  const struct nfr_plan_conv *p = g->p;
  uint32_t tap = p->in_c / 4u, row = p->filter_w * tap, last = p->filter_h - v.first - v.count;
  bool is_run = p->dilation_w == 1;
  uint32_t runs = is_run ? 1 : h.count, length = is_run ? h.count * tap : tap, next = (uint32_t)p->dilation_w * p->in_c;
  uint32_t in = ((batch * p->in_h + v.position) * p->in_w + h.position) * p->in_c;
  to = widen_padding(to, stride, g->padding, v.first * row);
  for (uint32_t i = 0; i < v.count; i++, in += g->row) {
    to = widen_padding(to, stride, g->padding, h.first * tap);
    for (uint32_t k = 0; k < runs; k++) to = widen(to, stride, g->in + in + k * next, length);
    to = widen_padding(to, stride, g->padding, (p->filter_w - h.first - h.count) * tap);
  }
  widen_padding(to, stride, g->padding, last * row);
}

/* Any window: put together as bytes, then widened. */
static void gather_bytes(const struct gather *g, uint32_t batch, struct nfr_span v, struct nfr_span h, uint32_t *to,
                         uint32_t stride) {
  const struct nfr_plan_conv *p = g->p;
  bool is_run = p->dilation_w == 1;
  uint32_t runs = is_run ? 1 : h.count, length = is_run ? h.count * p->in_c : p->in_c;
  uint32_t row = (uint32_t)p->filter_w * p->in_c, next = (uint32_t)p->dilation_w * p->in_c;
  uint32_t in = ((batch * p->in_h + v.position) * p->in_w + h.position) * p->in_c;
  int8_t *at = g->bytes + v.first * row + h.first * p->in_c;
  if (v.count != p->filter_h || h.count != p->filter_w || g->t.depth != g->t.padded)
    memset(g->bytes, (int)(g->padding & 0xffu), g->t.padded);
  for (uint32_t i = 0; i < v.count; i++, in += g->row, at += row)
    for (uint32_t k = 0; k < runs; k++) copy(at + k * length, g->in + in + k * next, length);
  widen(to, stride, g->bytes, g->t.padded / 4u);
}

static void gather_pixel(const struct gather *g, const struct nfr_tile *at, uint32_t *to, uint32_t stride) {
  const struct nfr_plan_conv *p = g->p;
  struct nfr_span v = nfr_span_of((int32_t)(at->y * p->stride_h) - p->pad_top, p->in_h, p->filter_h, p->dilation_h);
  struct nfr_span h = nfr_span_of((int32_t)(at->x * p->stride_w) - p->pad_left, p->in_w, p->filter_w, p->dilation_w);
  if (v.count == 0 || h.count == 0) v = h = (struct nfr_span){0};
  if (g->bytes)
    gather_bytes(g, at->batch, v, h, to, stride);
  else
    gather_words(g, at->batch, v, h, to, stride);
}

/* One channel of one to three pixels. */
static inline void store(struct nfr_output_stage s, int32_t mantissa, int32_t shift, const uint32_t *sums, uint32_t count,
                         int8_t *out, int32_t step) {
  if (s.is_narrow || !nfr_is_fast(mantissa, shift)) {
    nfr_requant_pixels_any(s, mantissa, shift, sums, count, out, step);
    return;
  }
  uint32_t twice = (uint32_t)mantissa << 1, right = (uint32_t)-shift;
  if (count == NFR_TILE_PIXELS) {
    uint32_t a = sums[0], b = sums[1], c = sums[2];
    out[0] = (int8_t)nfr_ssat8(nfr_requant_fast(a, twice, right, s.offset));
    out[step] = (int8_t)nfr_ssat8(nfr_requant_fast(b, twice, right, s.offset));
    out[2 * step] = (int8_t)nfr_ssat8(nfr_requant_fast(c, twice, right, s.offset));
    return;
  }
  for (uint32_t i = 0; i < count; i++, out += step)
    *out = (int8_t)nfr_ssat8(nfr_requant_fast(sums[i], twice, right, s.offset));
}

static void multiply(const struct nfr_op *op, const struct nfr_requant *requant, const struct nfr_tiling *t,
                     const struct nfr_tile *tile, const uint32_t *windows) {
  static void (*const blocks_of[])(uint32_t *, const int8_t *, const uint32_t *, uint32_t) = {nfr_smlad_2x1, nfr_smlad_2x2,
                                                                                              nfr_smlad_2x3};
  const struct nfr_plan_conv *p = op->params;
  const struct nfr_output_stage stage = nfr_output_stage_of(requant);
  const int8_t *weights = nfr_constant(op, p->weights), *shifts = requant->shifts;
  const int32_t *mantissas = requant->multipliers;
  const uint32_t *bias = requant->bias;
  uint32_t n = tile->count, blocks = t->padded / 4u, each = requant->step, pair = 2u * t->padded;
  int32_t out_c = p->out_c, step = (tile->step_y * p->out_w + tile->step_x) * out_c;
  int8_t *out = (int8_t *)op->out.data + ((tile->batch * p->out_h + tile->y) * p->out_w + tile->x) * p->out_c;
  for (; out_c > 0; out_c -= 2, weights += pair, bias += 2, mantissas += 2u * each, shifts += 2u * each, out += 2) {
    uint32_t acc[2u * NFR_TILE_PIXELS];
    acc[0] = bias[0];
    acc[1] = out_c > 1 ? bias[1] : 0;
    blocks_of[n - 1u](acc, weights, windows, blocks);
    store(stage, mantissas[0], shifts[0], acc, n, out, step);
    if (out_c > 1) store(stage, mantissas[each], shifts[each], acc + n, n, out + 1, step);
  }
}

void nfr_kernel_conv_2d_tiles(const struct nfr_op *op, uint32_t first, uint32_t count) {
  const struct nfr_plan_conv *p = op->params;
  const struct nfr_requant requant = nfr_requant_of(op, &p->q);
  struct gather g = {.p = p,
                     .t = nfr_tiling_of(p),
                     .in = (const int8_t *)op->in[0].data,
                     .row = (uint32_t)p->dilation_h * p->in_w * p->in_c,
                     .padding = (uint32_t)(uint8_t)-p->q.input_offset * 0x01010101u};
  uint32_t *windows = (uint32_t *)(void *)op->scratch.data;
  if (p->in_c % 4u != 0) g.bytes = (int8_t *)op->scratch.data + 2u * g.t.padded * nfr_tile_pixels(&g.t);
  for (; count > 0; count--, first++) {
    struct nfr_tile tile = nfr_tile_at(p, &g.t, first), at = tile;
    for (uint32_t i = 0; i < tile.count; i++, at.y += (uint32_t)at.step_y, at.x += (uint32_t)at.step_x)
      gather_pixel(&g, &at, windows + 2u * i, 2u * tile.count);
    multiply(op, &requant, &g.t, &tile, windows);
  }
}
