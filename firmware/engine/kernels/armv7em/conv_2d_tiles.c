/* CONV_2D with NFR_LAYOUT_SMLAD for ARMv7E-M: the windows of a tile are widened once, then each pair of channels is
 * multiplied with all of them, so that a word of weights is read once for three pixels. */
#include "../channel_pair.h"
#include "../element.h"
#include "../fixed_point.h"
#include "../kernels.h"
#include "../tile.h"
#include "../window.h"
#include "intrinsics.h"
#include "pair_tile.h"
#include "widen.h"

#define NOINLINE __attribute__((noinline)) /* a loop of its own: few values live, all in registers */

struct conv {
  const struct nfr_plan_conv *p;
  struct nfr_tiling t;
  const int8_t *in;
  int8_t *out;
  const uint8_t *pairs;
  uint32_t *windows;
  int8_t *bytes;           /* where a window is put together whose pixels are not whole words; else null */
  uint32_t padding;        /* the zero point, in all four bytes */
  uint32_t row;            /* elements of the input between filter rows */
  uint32_t last_y, last_x; /* the last place of a window that lies inside the input; 2^31 and above: there is none */
  int32_t step_y, step_x;  /* from a pixel to the next */
  int32_t next;            /* elements of the input from its window to the next one's */
  struct nfr_window_rows rows; /* of a window inside the input, as one run each; no words: they are none, or too short */
};

static struct conv conv_of(const struct nfr_op *op) {
  const struct nfr_plan_conv *p = op->params;
  uint32_t row = (uint32_t)p->dilation_h * p->in_w * p->in_c, filter_row = (uint32_t)p->filter_w * p->in_c;
  struct conv c = {
      .p = p,
      .t = nfr_tiling_of(p),
      .in = (const int8_t *)op->in[0].data,
      .out = (int8_t *)op->out.data,
      .pairs = nfr_constant(op, p->weights),
      .windows = (uint32_t *)(void *)op->scratch.data,
      .padding = (uint32_t)(uint8_t)-p->q.input_offset * 0x01010101u,
      .row = row,
      .last_y = p->in_h - (p->filter_h - 1u) * p->dilation_h - 1u,
      .last_x = p->in_w - (p->filter_w - 1u) * p->dilation_w - 1u,
      .step_y = nfr_tile_step_y(p),
      .step_x = nfr_tile_step_x(p),
      .rows = {.words = filter_row / 4u, .count = p->filter_h, .rest = filter_row % 4u},
  };
  c.next = (int32_t)(((uint32_t)c.step_y * p->stride_h * p->in_w + (uint32_t)c.step_x * p->stride_w) * p->in_c);
  c.rows.skip = (int32_t)(row - 4u * c.rows.words);
  if (p->in_c % 4u != 0) c.bytes = (int8_t *)op->scratch.data + 2u * c.t.padded * nfr_tile_pixels(&c.t);
  if (p->dilation_w != 1 && p->filter_w != 1) c.rows.words = 0;
  return c;
}

/* Beyond 2^31 is where windows begin in the padding, and what a last place is when there is none. */
static inline bool is_inside(const struct conv *c, int32_t y, int32_t x) {
  return (int32_t)c->last_y >= y && (int32_t)c->last_x >= x && (y | x) >= 0;
}

static NOINLINE uint32_t *widen_padding(uint32_t *to, uint32_t stride, uint32_t padding, uint32_t blocks) {
  uint32_t pair = nfr_sxtb16(padding);
  for (; blocks > 0; blocks--, to += 2u * stride) to[0] = to[stride] = pair;
  return to;
}

static NOINLINE struct nfr_span span_of(int32_t origin, int32_t size, int32_t taps, int32_t dilation) {
  return nfr_span_of(origin, size, taps, dilation);
}

/* What of a window meets the input: `rows` of `runs` of `bytes`. */
struct part {
  struct nfr_span v, h;
  const int8_t *in;
  uint32_t runs, bytes, next; /* next: bytes of the input from a run to the next */
};

/* A window whose pixels are whole words: straight from the input. */
static NOINLINE void gather_words(const struct conv *c, const struct part *m, uint32_t *to, uint32_t stride) {
  const struct nfr_plan_conv *p = c->p;
  uint32_t tap = p->in_c / 4u, row = p->filter_w * tap;
  const int8_t *in = m->in;
  to = widen_padding(to, stride, c->padding, m->v.first * row);
  for (uint32_t i = 0; i < m->v.count; i++, in += c->row) {
    to = widen_padding(to, stride, c->padding, m->h.first * tap);
    for (uint32_t k = 0; k < m->runs; k++)
      to = nfr_widen(to, stride, in + k * m->next, &(struct nfr_window_rows){.words = m->bytes / 4u, .count = 1});
    to = widen_padding(to, stride, c->padding, (p->filter_w - m->h.first - m->h.count) * tap);
  }
  widen_padding(to, stride, c->padding, (p->filter_h - m->v.first - m->v.count) * row);
}

static inline void copy(int8_t *to, const int8_t *from, uint32_t bytes) {
  for (; bytes >= 4; bytes -= 4, to += 4, from += 4) nfr_store_word(to, nfr_load_word(from));
  for (; bytes > 0; bytes--) *to++ = *from++;
}

/* The bytes of a window, as many as there are in whole words. */
static void widen_bytes(const struct conv *c, uint32_t *to, uint32_t stride) {
  nfr_widen(to, stride, c->bytes, &(struct nfr_window_rows){.words = c->t.padded / 4u, .count = 1});
}

/* Any window: put together as bytes, then widened. */
static NOINLINE void gather_bytes(const struct conv *c, const struct part *m, uint32_t *to, uint32_t stride) {
  const struct nfr_plan_conv *p = c->p;
  uint32_t tap = p->in_c, row = p->filter_w * tap, words = c->t.padded / 4u, bytes = m->bytes;
  for (uint32_t i = 0; i < words; i++) nfr_store_word(c->bytes + 4u * i, c->padding);
  int8_t *at = c->bytes + m->v.first * row + m->h.first * tap;
  const int8_t *in = m->in;
  for (uint32_t i = 0; i < m->v.count; i++, in += c->row, at += row)
    for (uint32_t k = 0; k < m->runs; k++) copy(at + k * bytes, in + k * m->next, bytes);
  widen_bytes(c, to, stride);
}

static NOINLINE void gather_pixel(const struct conv *c, const int8_t *image, int32_t y, int32_t x, uint32_t *to,
                                  uint32_t stride) {
  const struct nfr_plan_conv *p = c->p;
  struct part m = {.v = span_of(y, p->in_h, p->filter_h, p->dilation_h), .h = span_of(x, p->in_w, p->filter_w, p->dilation_w)};
  if (m.v.count == 0 || m.h.count == 0) m.v = m.h = (struct nfr_span){0};
  m.in = image + (m.v.position * p->in_w + m.h.position) * p->in_c;
  m.next = (uint32_t)p->dilation_w * p->in_c;
  m.runs = p->dilation_w == 1 ? 1 : m.h.count;
  m.bytes = (p->dilation_w == 1 ? m.h.count : 1u) * p->in_c;
  if (c->bytes)
    gather_bytes(c, &m, to, stride);
  else
    gather_words(c, &m, to, stride);
}

/* Where the window of a tile's first pixel lies. */
static inline int32_t origin_y(const struct nfr_plan_conv *p, const struct nfr_tile *tile) {
  return (int32_t)(tile->y * p->stride_h) - p->pad_top;
}

static inline int32_t origin_x(const struct nfr_plan_conv *p, const struct nfr_tile *tile) {
  return (int32_t)(tile->x * p->stride_w) - p->pad_left;
}

/* A window inside the input: when its rows are whole words, it need not be put together. */
static NOINLINE void gather_inside(const struct conv *c, const int8_t *in, uint32_t *to, uint32_t stride) {
  if (c->rows.rest == 0) {
    nfr_widen(to, stride, in, &c->rows);
    return;
  }
  nfr_store_word(c->bytes + c->t.padded - 4u, c->padding);
  nfr_stage(c->bytes, in, &c->rows);
  widen_bytes(c, to, stride);
}

static NOINLINE void gather(const struct conv *c, const struct nfr_tile *tile, uint32_t pixels) {
  const struct nfr_plan_conv *p = c->p;
  int32_t y = origin_y(p, tile), x = origin_x(p, tile);
  const int8_t *image = c->in + tile->batch * p->in_h * p->in_w * p->in_c;
  for (uint32_t i = 0; i < pixels; i++, y += c->step_y * p->stride_h, x += c->step_x * p->stride_w)
    if (c->rows.words != 0 && is_inside(c, y, x))
      gather_inside(c, image + ((uint32_t)y * p->in_w + (uint32_t)x) * p->in_c, c->windows + i, pixels);
    else
      gather_pixel(c, image, y, x, c->windows + i, pixels);
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
static NOINLINE void run_last(struct nfr_pair_tile t, uint32_t pixels) {
  int8_t both[2u * NFR_TILE_PIXELS], *out = t.out;
  int32_t step = t.step;
  t.out = both;
  t.step = 2;
  run_pairs(&t, pixels);
  for (uint32_t i = 0; i < pixels; i++, out += step) *out = both[2u * i];
}

/* Outputs of a pixel to a clamp that is tighter than int8. */
static NOINLINE void clamp(int8_t *out, uint32_t channels, int32_t least, int32_t most) {
  for (; channels > 0; channels--, out++) *out = (int8_t)nfr_clamp(*out, least, most);
}

/* The pairs of `channels` channels from pair number `pair` on. */
static inline void set_pairs(const struct conv *c, struct nfr_pair_tile *run, uint32_t pixels, uint32_t pair, uint32_t channels) {
  run->skipped = (-(c->t.padded / 4u) & 3u) * NFR_PAIR_BLOCK_CODE(pixels);
  run->pairs = c->pairs + pair * nfr_pair_bytes(c->t.padded);
  run->end = run->pairs + channels / 2u * nfr_pair_bytes(c->t.padded);
}

/* Pairs `pair` … end - 1 of a tile whose outputs of them start at run.out. */
static NOINLINE void multiply(const struct conv *c, struct nfr_pair_tile run, uint32_t pixels, uint32_t pair, uint32_t end) {
  const struct nfr_plan_conv *p = c->p;
  uint32_t channels = nfr_min(2u * end, p->out_c) - 2u * pair;
  int8_t *out = run.out;
  set_pairs(c, &run, pixels, pair, channels);
  if (run.end != run.pairs) run_pairs(&run, pixels);
  if (channels % 2u != 0) {
    run.pairs = run.end;
    run.end += nfr_pair_bytes(c->t.padded);
    run.out = out + channels - 1u;
    run_last(run, pixels);
  }
  if (p->q.act_min == INT8_MIN && p->q.act_max == INT8_MAX) return;
  for (uint32_t i = 0; i < pixels; i++) clamp(out + (int32_t)i * run.step, channels, p->q.act_min, p->q.act_max);
}

/* How many tiles of three pixels there are from here on whose windows lie inside the input. */
static NOINLINE uint32_t tiles_inside(const struct conv *c, const struct nfr_tile *tile) {
  const struct nfr_plan_conv *p = c->p;
  int32_t y = origin_y(p, tile), x = origin_x(p, tile);
  if (!is_inside(c, y, x)) return 0;
  uint32_t ahead = c->step_y == 0 ? (c->last_x - (uint32_t)x) / p->stride_w
                                  : (c->step_y < 0 ? (uint32_t)y : c->last_y - (uint32_t)y) / p->stride_h;
  return nfr_min(ahead + 1u, tile->left) / NFR_TILE_PIXELS;
}

/* Most tiles: three pixels inside the input, whole pairs, no clamp. */
static NOINLINE void run_inside(const struct conv *c, struct nfr_pair_tile run, const struct nfr_tile *tile, uint32_t tiles) {
  const struct nfr_plan_conv *p = c->p;
  uint32_t y = (uint32_t)origin_y(p, tile), x = (uint32_t)origin_x(p, tile);
  const int8_t *in = c->in + ((tile->batch * p->in_h + y) * p->in_w + x) * p->in_c;
  set_pairs(c, &run, NFR_TILE_PIXELS, 0, p->out_c);
  for (; tiles > 0; tiles--, run.out += 3 * run.step) {
    if (c->rows.rest == 0)
      nfr_widen_3(c->windows, in, c->next, &c->rows);
    else
      for (int32_t i = 0; i < 3; i++) gather_inside(c, in + i * c->next, c->windows + i, NFR_TILE_PIXELS);
    nfr_pair_tile_3(&run);
    if (tiles > 1) in += 3 * c->next;
  }
}

void nfr_kernel_conv_2d_tiles(const struct nfr_op *op, uint32_t first, uint32_t count) {
  const struct conv c = conv_of(op);
  const struct nfr_plan_conv *p = c.p;
  struct nfr_pair_tile run = {
      .windows = c.windows,
      .rounds = (c.t.padded + 12u) / 16u,
      .output_offset = p->q.output_offset,
      .step = (c.step_y * p->out_w + c.step_x) * p->out_c,
  };
  bool is_simple = c.rows.words != 0 && p->out_c % 2u == 0 && p->q.act_min == INT8_MIN && p->q.act_max == INT8_MAX;
  uint32_t number = first / c.t.groups, group = first % c.t.groups;
  struct nfr_tile tile = {0};
  for (; count > 0; group = 0) {
    if (tile.left == 0) tile = nfr_tile_at(p, &c.t, number);
    run.out = c.out + ((tile.batch * p->out_h + tile.y) * p->out_w + tile.x) * p->out_c + 2u * group * c.t.group;
    uint32_t tiles = is_simple && group == 0 ? nfr_min(tiles_inside(&c, &tile), count / c.t.groups) : 0;
    uint32_t pixels = NFR_TILE_PIXELS * tiles, units = tiles * c.t.groups;
    if (tiles > 0) {
      run_inside(&c, run, &tile, tiles);
    } else {
      units = nfr_min(count, c.t.groups - group);
      tiles = 1;
      pixels = nfr_min(tile.left, NFR_TILE_PIXELS);
      if (group == 0) gather(&c, &tile, pixels);
      multiply(&c, run, pixels, group * c.t.group, nfr_min((group + units) * c.t.group, c.t.pairs));
    }
    count -= units;
    number += tiles;
    tile.left -= pixels;
    tile.y += pixels * (uint32_t)c.step_y;
    tile.x += pixels * (uint32_t)c.step_x;
  }
}
