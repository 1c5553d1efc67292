/* DEPTHWISE_CONV_2D for ARMv7E-M: four channels at a time over many pixels, so that their weights, biases and multipliers
 * are resolved once for all of these. Elements are what the portable kernel makes them.
 *
 * A word of input holds four neighbouring channels of a tap: SXTAB16 widens two of them and adds the input's offset at
 * once, so that no padding needs to be written and no bias prepared; then each channel is one SMLAxy. Pairs of taps for
 * SMLAD would cost one PKH for each SMLAxy that they save. */
#include "../depthwise.h"
#include "../kernels.h"
#include "depthwise_taps.h"

#define EXPANDED_TAPS 25u /* filters up to 5 x 5 have widened weights, on the stack: 2 words a tap */

/* Output positions of one dimension whose windows lie within the input. */
struct inner {
  uint32_t first, end;
};

struct layer {
  const struct nfr_op *op;
  const struct nfr_plan_conv *p;
  struct nfr_requant requant;
  uint32_t offsets;                     /* the input's offset, twice */
  uint32_t in_row, in_column;           /* elements between taps of a column, of a row */
  uint32_t in_pixel, in_line, out_line; /* elements between neighbouring output pixels; between rows of them */
  struct inner columns, rows;
  bool is_apart;    /* output and input do not overlap */
  bool is_expanded; /* weights are widened */
};

/* Four channels: what all their pixels share. */
struct group {
  struct nfr_requant4 requant;
  uint32_t channel;
  const int8_t *weights;              /* in the plan: of tap 0 */
  uint32_t words[2u * EXPANDED_TAPS]; /* (channel 0, channel 2), (channel 1, channel 3) of each tap */
};

/* A rectangle of pixels that meet the input with the same part of the filter. */
struct run {
  const int8_t *in; /* of the first pixel's first tap, this group's channel */
  int8_t *out;
  uint32_t width, height;
  uint32_t row, rows, column, columns; /* of the filter */
};

/* How a pixel's sums are made. N: parts of filters with widened weights, N taps wide. */
enum path { PATH_3X3, PATH_2, PATH_3, PATH_4, PATH_5, PATH_DIRECT, PATH_SCALAR };

/* All of a 3 x 3 filter. */
static NFR_ALWAYS_INLINE void add_3x3(const struct layer *l, const struct group *g, const int8_t *in,
                                      struct nfr_sums4 *sums) {
  uint32_t step = l->in_column, down = l->in_row, offsets = l->offsets;
  const uint32_t *words = nfr_taps3(sums, in, step, offsets, g->words);
  words = nfr_taps3(sums, in + down, step, offsets, words);
  (void)nfr_taps3(sums, in + 2 * down, step, offsets, words);
}

/* Rows of `columns` taps, a constant from 2 to 5. */
static NFR_ALWAYS_INLINE void add_rows(const struct layer *l, const struct group *g, const struct run *run,
                                       const int8_t *in, struct nfr_sums4 *sums, unsigned columns) {
  const uint32_t *words = g->words + 2 * (run->row * l->p->filter_w + run->column);
  uint32_t step = l->in_column, offsets = l->offsets, skip = 2 * (l->p->filter_w - columns), down = l->in_row, x = 0;
  for (uint32_t n = run->rows; n > 0; n--, words += skip, x += down) {
    if (columns >= 3) words = nfr_taps3(sums, in + x, step, offsets, words);
    const int8_t *rest = columns >= 3 ? in + x + 3 * step : in + x;
    if (columns % 3 == 2) words = nfr_taps2(sums, rest, step, offsets, words);
    if (columns % 3 == 1) words = nfr_taps1(sums, rest, offsets, words);
  }
}

/* Any part of any filter, weights from the plan. */
static NFR_ALWAYS_INLINE void add_direct(const struct layer *l, const struct group *g, const struct run *run,
                                         const int8_t *in, struct nfr_sums4 *sums) {
  uint32_t w_step = l->p->out_c, w_down = w_step * l->p->filter_w, step = l->in_column, down = l->in_row;
  uint32_t offsets = l->offsets, columns = run->columns, x_row = 0, w_row = run->row * w_down + run->column * w_step;
  const int8_t *weights = g->weights;
  for (uint32_t rows = run->rows; rows > 0; rows--, x_row += down, w_row += w_down) {
    uint32_t x = x_row, w = w_row;
    for (uint32_t n = columns; n > 0; n--, x += step, w += w_step) nfr_tap_direct(sums, in + x, offsets, weights + w);
  }
}

/* The same for four output channels of one input channel. */
static NFR_ALWAYS_INLINE void add_scalar(const struct layer *l, const struct group *g, const struct run *run,
                                         const int8_t *in, struct nfr_sums4 *sums) {
  uint32_t w_step = l->p->out_c, w_down = w_step * l->p->filter_w, step = l->in_column, down = l->in_row;
  uint32_t offsets = l->offsets, columns = run->columns, x_row = 0, w_row = run->row * w_down + run->column * w_step;
  const int8_t *first_weight = g->weights;
  for (uint32_t rows = run->rows; rows > 0; rows--, x_row += down, w_row += w_down) {
    const int8_t *row = in + x_row, *weights = first_weight + w_row;
    uint32_t n = columns, x = 0, w = 0;
    if (step == 1 && n >= 4) {
      nfr_scalars4(sums, &row, offsets, &weights, w_step, n / 4);
      n %= 4;
    }
    if (step == 1 && n == 3) {
      nfr_scalars3(sums, row, offsets, weights, w_step);
      continue;
    }
    for (; n > 0; n--, x += step, w += w_step) nfr_scalars1(sums, row + x, offsets, weights + w);
  }
}

static NFR_ALWAYS_INLINE void run_path(const struct layer *l, const struct group *g, const struct run *run,
                                       enum path path) {
  const uint32_t *bias = g->requant.bias;
  uint32_t x_line = 0, out_line = 0, right = l->in_pixel, channels = l->p->out_c;
  for (uint32_t height = run->height; height > 0; height--, x_line += l->in_line, out_line += l->out_line) {
    const int8_t *in = run->in + x_line;
    int8_t *out = run->out + out_line;
    for (uint32_t n = run->width;;) {
      struct nfr_sums4 sums = {bias[0], bias[1], bias[2], bias[3]};
      if (path == PATH_3X3)
        add_3x3(l, g, in, &sums);
      else if (path == PATH_DIRECT)
        add_direct(l, g, run, in, &sums);
      else if (path == PATH_SCALAR)
        add_scalar(l, g, run, in, &sums);
      else
        add_rows(l, g, run, in, &sums, path == PATH_2 ? 2 : path == PATH_3 ? 3 : path == PATH_4 ? 4 : 5);
      nfr_requant4_store(&g->requant, &l->requant, g->channel, sums, out);
      if (--n == 0) break; /* no pointer beyond the data */
      in += right;
      out += channels;
    }
  }
}

/* One function a path: together they would have too few registers. */
#define RUN(name, path)                                                                                           \
  __attribute__((noinline)) static void name(const struct layer *l, const struct group *g, const struct run *run) { \
    run_path(l, g, run, path);                                                                                    \
  }
RUN(run_3x3, PATH_3X3)
RUN(run_2, PATH_2)
RUN(run_3, PATH_3)
RUN(run_4, PATH_4)
RUN(run_5, PATH_5)
RUN(run_direct, PATH_DIRECT)
RUN(run_scalar, PATH_SCALAR)
#undef RUN

static void run_any(const struct layer *l, const struct group *g, struct run *run) {
  bool is_square3 = l->p->filter_w == 3 && l->p->filter_h == 3 && run->rows == 3;
  if (run->columns == 0) run->rows = 0;
  if (l->p->groups != 1)
    run_scalar(l, g, run);
  else if (!l->is_expanded)
    run_direct(l, g, run);
  else if (run->columns == 3 && is_square3)
    run_3x3(l, g, run);
  else if (run->columns == 2)
    run_2(l, g, run);
  else if (run->columns == 3)
    run_3(l, g, run);
  else if (run->columns == 4)
    run_4(l, g, run);
  else if (run->columns == 5)
    run_5(l, g, run);
  else
    run_direct(l, g, run);
}

/* A rectangle of the output: columns x … x_end - 1 of rows y … y_end - 1. */
struct block {
  uint32_t batch, x, x_end, y, y_end;
};

static NFR_ALWAYS_INLINE struct nfr_span span_of(int32_t origin, int32_t size, int32_t taps, int32_t dilation) {
  return dilation == 1 ? nfr_span_of(origin, size, taps, 1) : nfr_span_of(origin, size, taps, dilation); /* no division */
}

/* Rows from `y` on that are like it: all inner ones, or one. The same for columns. */
static uint32_t alike(const struct inner *inner, uint32_t from, uint32_t end) {
  return from >= inner->first && from < inner->end ? nfr_min(inner->end, end) - from : 1;
}

static void run_block(const struct layer *l, const struct group *g, const struct block *b) {
  const struct nfr_plan_conv *p = l->p;
  const int8_t *in = (const int8_t *)l->op->in[0].data + (p->groups == 1 ? g->channel : g->channel / p->groups);
  int8_t *out = (int8_t *)l->op->out.data + g->channel;
  struct run run;
  for (uint32_t y = b->y; y < b->y_end; y += run.height) {
    struct nfr_span v = span_of((int32_t)(y * p->stride_h) - p->pad_top, p->in_h, p->filter_h, p->dilation_h);
    uint32_t in_row = (b->batch * p->in_h + v.position) * p->in_w, out_row = (b->batch * p->out_h + y) * p->out_w;
    run.height = alike(&l->rows, y, b->y_end);
    for (uint32_t x = b->x; x < b->x_end; x += run.width) {
      struct nfr_span h = span_of((int32_t)(x * p->stride_w) - p->pad_left, p->in_w, p->filter_w, p->dilation_w);
      run = (struct run){.in = in + (in_row + h.position) * p->in_c,
                         .out = out + (out_row + x) * p->out_c,
                         .width = alike(&l->columns, x, b->x_end),
                         .height = run.height,
                         .row = v.first,
                         .rows = v.count,
                         .column = h.first,
                         .columns = h.count};
      run_any(l, g, &run);
    }
  }
}

static void group_of(const struct layer *l, uint32_t channel, struct group *g) {
  const struct nfr_plan_conv *p = l->p;
  nfr_requant4_of(&l->requant, channel, &g->requant);
  g->channel = channel;
  g->weights = (const int8_t *)nfr_constant(l->op, p->weights) + channel;
  if (!l->is_expanded) return;
  uint32_t *words = g->words, w = 0;
  for (uint32_t n = (uint32_t)p->filter_h * p->filter_w; n > 0; n--, w += p->out_c, words += 2) {
    uint32_t word = nfr_load_word(g->weights + w);
    words[0] = nfr_sxtb16(word);
    words[1] = nfr_sxtb16_ror8(word);
  }
}

/* Channels that make no four. */
static void run_rest(const struct layer *l, const struct block *b, uint32_t first) {
  const struct nfr_plan_conv *p = l->p;
  struct nfr_walk at = {.batch = b->batch};
  for (at.y = b->y; at.y < b->y_end; at.y++)
    for (at.x = b->x; at.x < b->x_end; at.x++) {
      struct nfr_depthwise_window w = nfr_depthwise_window_at(p, &at);
      uint32_t out = ((at.batch * p->out_h + at.y) * p->out_w + at.x) * p->out_c;
      nfr_depthwise_elements(l->op, &l->requant, &w, first, p->out_c, out);
    }
}

/* The first of `pixels` from `at` on, all in one rectangle; returns how many. */
static uint32_t run_pixels(const struct layer *l, const struct nfr_grid *grid, const struct nfr_walk *at, uint32_t pixels) {
  const struct nfr_plan_conv *p = l->p;
  struct block b = {.batch = at->batch, .x = at->x, .x_end = at->x + nfr_min(pixels, p->out_w - at->x)};
  uint32_t rows = 1, fours = p->out_c & ~3u;
  if (at->x == 0 && l->is_apart && pixels > p->out_w) rows = nfr_min(pixels / p->out_w, p->out_h - at->row);
  b.y = grid->descending ? at->y + 1 - rows : at->y;
  b.y_end = b.y + rows;
  for (uint32_t c = 0; c < fours; c += 4) {
    struct group g;
    group_of(l, c, &g);
    run_block(l, &g, &b);
  }
  if (fours < p->out_c) run_rest(l, &b, fours);
  return rows * (b.x_end - b.x);
}

/* Where the output lies over input that is still to be read, a row is finished before the next is begun. */
static bool is_apart(const struct nfr_op *op) {
  uintptr_t in = (uintptr_t)op->in[0].data, out = (uintptr_t)op->out.data;
  return in + op->in[0].bytes <= out || out + op->out.bytes <= in;
}

/* Positions whose windows do not leave the input in one dimension. */
static struct inner inner_of(uint32_t out, int32_t in, int32_t pad, int32_t taps, int32_t dilation, uint32_t stride) {
  int32_t most = in - 1 + pad - (taps - 1) * dilation; /* of position x stride */
  return (struct inner){.first = ((uint32_t)pad + stride - 1) / stride,
                        .end = most < 0 ? 0 : nfr_min((uint32_t)most / stride + 1, out)};
}

/* Four channels at a time need words of int8, and an offset that a half can hold with any int8 added. */
static bool has_fast_path(const struct nfr_op *op, const struct nfr_plan_conv *p) {
  return !nfr_is_wide(&op->in[0]) && (p->groups == 1 || p->groups % 4u == 0) && p->q.input_offset <= INT16_MAX - 127 &&
         p->q.input_offset >= INT16_MIN + 128;
}

static struct layer layer_of(const struct nfr_op *op, const struct nfr_plan_conv *p) {
  return (struct layer){.op = op,
                        .p = p,
                        .requant = nfr_requant_of(op, &p->q),
                        .offsets = (uint32_t)(uint16_t)p->q.input_offset * 0x10001u,
                        .in_row = (uint32_t)p->dilation_h * p->in_w * p->in_c,
                        .in_column = (uint32_t)p->dilation_w * p->in_c,
                        .in_pixel = (uint32_t)p->stride_w * p->in_c,
                        .in_line = (uint32_t)p->stride_h * p->in_w * p->in_c,
                        .out_line = (uint32_t)p->out_w * p->out_c,
                        .columns = inner_of(p->out_w, p->in_w, p->pad_left, p->filter_w, p->dilation_w, p->stride_w),
                        .rows = inner_of(p->out_h, p->in_h, p->pad_top, p->filter_h, p->dilation_h, p->stride_h),
                        .is_apart = is_apart(op),
                        .is_expanded = p->groups == 1 && (uint32_t)p->filter_h * p->filter_w <= EXPANDED_TAPS};
}

void nfr_kernel_depthwise_conv_2d(const struct nfr_op *op, uint32_t first, uint32_t count) {
  const struct nfr_plan_conv *p = op->params;
  uint32_t unit = nfr_depthwise_unit(p);
  first *= unit;
  count *= unit;
  const struct layer l = layer_of(op, p);
  const struct nfr_grid grid = {p->out_h, p->out_w, p->out_c, (p->flags & NFR_WINDOW_ROWS_DESCENDING) != 0};
  bool is_fast = has_fast_path(op, p);
  struct nfr_walk at = nfr_walk_at(&grid, first);
  while (count > 0) {
    uint32_t done;
    if (at.channel == 0 && is_fast && count >= p->out_c) {
      done = run_pixels(&l, &grid, &at, count / p->out_c) * p->out_c;
      at = nfr_walk_at(&grid, first + done);
    } else {
      struct nfr_depthwise_window w = nfr_depthwise_window_at(p, &at);
      done = nfr_min(count, p->out_c - at.channel);
      nfr_depthwise_elements(op, &l.requant, &w, at.channel, at.channel + done, at.out);
      nfr_walk_next(&at, &grid);
    }
    first += done;
    count -= done;
  }
}
