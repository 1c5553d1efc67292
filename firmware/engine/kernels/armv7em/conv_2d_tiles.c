/* CONV_2D with NFR_LAYOUT_SMLAD for ARMv7E-M: the windows of a tile are widened once, then each pair of channels is
 * multiplied with all of them, so that a word of weights is read once for three pixels. */
#include <string.h>

#include "../kernels.h"
#include "../tile.h"
#include "../window.h"
#include "requant_pixels.h"
#include "smlad_block.h"

#define ALWAYS_INLINE inline __attribute__((always_inline))
#define NOINLINE __attribute__((noinline)) /* a loop of its own: few values live, all in registers */

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

/* A tile's pairs of channels, and where their outputs lie. */
struct product {
  const int8_t *weights, *shifts;
  const int32_t *mantissas;
  const uint32_t *bias, *windows;
  uint32_t blocks, each; /* each: 1 when every channel has a multiplier, 0 when one is for all */
  int32_t channels, step; /* channels to come; from a pixel to the next in the output */
  int8_t *out;
  struct nfr_output_stage stage;
};

static inline void sum(uint32_t *acc, const int8_t *weights, const uint32_t *windows, uint32_t blocks, const uint32_t *start,
                       uint32_t n) {
  if (n == 3)
    nfr_smlad_2x3(acc, weights, windows, blocks, start);
  else if (n == 2)
    nfr_smlad_2x2(acc, weights, windows, blocks, start);
  else
    nfr_smlad_2x1(acc, weights, windows, blocks, start);
}

/* Any multipliers and clamp, and a last channel without a partner. */
static NOINLINE void multiply_any(struct product *m, uint32_t n, int32_t channels) {
  for (; channels > 0; channels -= 2, m->channels -= 2) {
    uint32_t acc[2u * NFR_TILE_PIXELS], pair = m->channels > 1 ? 2 : 1;
    const uint32_t start[2] = {m->bias[0], m->bias[pair - 1u]};
    sum(acc, m->weights, m->windows, m->blocks, start, n);
    for (uint32_t c = 0; c < pair; c++)
      nfr_requant_pixels_any(m->stage, m->mantissas[c * m->each], m->shifts[c * m->each], acc + c * n, n, m->out + c, m->step);
    m->weights += 8u * m->blocks;
    m->bias += 2;
    m->mantissas += 2u * m->each;
    m->shifts += 2u * m->each;
    m->out += 2;
  }
}

static ALWAYS_INLINE void store(const uint32_t *acc, uint32_t n, uint32_t twice, uint32_t right, int32_t offset, int8_t *out,
                                int32_t step) {
  out[0] = (int8_t)nfr_ssat8(nfr_requant_fast(acc[0], twice, right, offset));
  if (n > 1) out[step] = (int8_t)nfr_ssat8(nfr_requant_fast(acc[1], twice, right, offset));
  if (n > 2) out[2 * step] = (int8_t)nfr_ssat8(nfr_requant_fast(acc[2], twice, right, offset));
}

/* Whole pairs, as long as their multipliers are the usual ones. n is a constant of each caller. */
static ALWAYS_INLINE void multiply_usual(struct product *m, uint32_t n) {
  const int8_t *weights = m->weights, *shifts = m->shifts;
  const int32_t *mantissas = m->mantissas;
  const uint32_t *bias = m->bias, *windows = m->windows;
  uint32_t blocks = m->blocks, each = m->each;
  int32_t channels = m->channels, step = m->step, offset = m->stage.offset;
  int8_t *out = m->out;
  for (; channels > 1; channels -= 2) {
    int32_t first = shifts[0], second = shifts[each];
    uint32_t twice = (uint32_t)mantissas[0] << 1, next = (uint32_t)mantissas[each] << 1;
    if ((int32_t)(twice & (uint32_t)first & next & (uint32_t)second) >= 0) break; /* one is not nfr_is_fast */
    uint32_t acc[2u * NFR_TILE_PIXELS];
    sum(acc, weights, windows, blocks, bias, n);
    store(acc, n, twice, (uint32_t)-first, offset, out, step);
    store(acc + n, n, next, (uint32_t)-second, offset, out + 1, step);
    weights += 8u * blocks;
    bias += 2;
    mantissas += 2u * each;
    shifts += 2u * each;
    out += 2;
  }
  m->weights = weights;
  m->shifts = shifts;
  m->mantissas = mantissas;
  m->bias = bias;
  m->channels = channels;
  m->out = out;
}

static NOINLINE void multiply_1(struct product *m) {
  multiply_usual(m, 1);
}

static NOINLINE void multiply_2(struct product *m) {
  multiply_usual(m, 2);
}

static NOINLINE void multiply_3(struct product *m) {
  multiply_usual(m, 3);
}

static void multiply(const struct nfr_op *op, const struct nfr_requant *requant, const struct nfr_tiling *t,
                     const struct nfr_tile *tile, const uint32_t *windows) {
  const struct nfr_plan_conv *p = op->params;
  struct product m = {
      .weights = nfr_constant(op, p->weights),
      .shifts = requant->shifts,
      .mantissas = requant->multipliers,
      .bias = requant->bias,
      .windows = windows,
      .blocks = t->padded / 4u,
      .each = requant->step,
      .channels = p->out_c,
      .step = (tile->step_y * p->out_w + tile->step_x) * p->out_c,
      .out = (int8_t *)op->out.data + ((tile->batch * p->out_h + tile->y) * p->out_w + tile->x) * p->out_c,
      .stage = nfr_output_stage_of(requant),
  };
  while (m.channels > 0) {
    if (m.stage.is_narrow)
      multiply_any(&m, tile->count, m.channels);
    else if (tile->count == 3)
      multiply_3(&m);
    else if (tile->count == 2)
      multiply_2(&m);
    else
      multiply_1(&m);
    if (m.channels > 0) multiply_any(&m, tile->count, 2); /* what stopped them */
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
