/* CONV_2D with NFR_LAYOUT_SMLAD for ARMv7E-M: the windows of a tile are widened once, then each pair of channels is
 * multiplied with all of them, so that a word of weights is read once for three pixels. */
#include <string.h>

#include "../channel_pair.h"
#include "../element.h"
#include "../fixed_point.h"
#include "../kernels.h"
#include "../tile.h"
#include "../window.h"
#include "intrinsics.h"
#include "pair_tile.h"

#define NOINLINE __attribute__((noinline)) /* a loop of its own: few values live, all in registers */

struct gather {
  const struct nfr_plan_conv *p;
  struct nfr_tiling t;
  const int8_t *in;
  uint32_t row;      /* elements of the input between filter rows */
  uint32_t padding;  /* the zero point, in all four bytes */
  int8_t *bytes;     /* where a window is put together whose rows are not whole words; else null */
};

/* Blocks of four bytes to words of two halves, a word of this pixel every `stride`. */
static inline uint32_t *widen(uint32_t *to, uint32_t stride, const int8_t *from, uint32_t blocks) {
  for (; blocks > 0; blocks--, from += 4, to += 2u * stride) {
    uint32_t word = nfr_load_word(from);
    to[0] = nfr_sxtb16(word);
    to[stride] = nfr_sxtb16_ror8(word);
  }
  return to;
}

static inline uint32_t *widen_padding(uint32_t *to, uint32_t stride, uint32_t padding, uint32_t blocks) {
  uint32_t pair = nfr_sxtb16(padding);
  for (; blocks > 0; blocks--, to += 2u * stride) to[0] = to[stride] = pair;
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

static void run_pairs(const struct nfr_pair_tile *t, uint32_t pixels) {
  if (pixels == 3)
    nfr_pair_tile_3(t);
  else if (pixels == 2)
    nfr_pair_tile_2(t);
  else
    nfr_pair_tile_1(t);
}

/* A last channel without a partner: its outputs, and those of none, next to one another; then to their places. */
static void run_last(struct nfr_pair_tile *t, uint32_t pixels, uint32_t bytes) {
  int8_t both[2u * NFR_TILE_PIXELS], *out = t->out;
  int32_t step = t->step;
  t->pairs = t->end;
  t->end += bytes;
  t->out = both;
  t->step = 2;
  run_pairs(t, pixels);
  for (uint32_t i = 0; i < pixels; i++, out += step) *out = both[2u * i];
}

/* Outputs of a pixel to a clamp that is tighter than int8. */
static NOINLINE void clamp(int8_t *out, uint32_t channels, int32_t least, int32_t most) {
  for (; channels > 0; channels--, out++) *out = (int8_t)nfr_clamp(*out, least, most);
}

static void multiply(const struct nfr_op *op, const struct nfr_tiling *t, const struct nfr_tile *tile, const uint32_t *windows) {
  const struct nfr_plan_conv *p = op->params;
  uint32_t blocks = t->padded / 4u, bytes = nfr_pair_bytes(t->padded), whole = p->out_c / 2u;
  const uint8_t *pairs = nfr_constant(op, p->weights);
  int8_t *out = (int8_t *)op->out.data + ((tile->batch * p->out_h + tile->y) * p->out_w + tile->x) * p->out_c;
  struct nfr_pair_tile run = {
      .windows = windows,
      .rounds = (blocks + 3u) / 4u,
      .skipped = (-blocks & 3u) * NFR_PAIR_BLOCK_CODE(tile->count),
      .output_offset = p->q.output_offset,
      .end = pairs + whole * bytes,
      .out = out,
      .step = (tile->step_y * p->out_w + tile->step_x) * p->out_c,
      .pairs = pairs,
  };
  int32_t step = run.step;
  if (whole > 0) run_pairs(&run, tile->count);
  if (p->out_c % 2u != 0) {
    run.out = out + 2u * whole;
    run_last(&run, tile->count, bytes);
  }
  if (p->q.act_min == INT8_MIN && p->q.act_max == INT8_MAX) return;
  for (uint32_t i = 0; i < tile->count; i++) clamp(out + (int32_t)i * step, p->out_c, p->q.act_min, p->q.act_max);
}

void nfr_kernel_conv_2d_tiles(const struct nfr_op *op, uint32_t first, uint32_t count) {
  const struct nfr_plan_conv *p = op->params;
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
      gather_pixel(&g, &at, windows + i, tile.count);
    multiply(op, &g.t, &tile, windows);
  }
}
