/* CONV_2D: a unit is one output element, so that a slice may end anywhere; channels of a pixel share its geometry. */
#include "../dot.h"
#include "../kernels.h"
#include "../requant.h"
#include "../window.h"

struct conv {
  const struct nfr_plan_conv *p;
  const uint8_t *in;
  const int8_t *weights;
  bool wide;
  uint32_t group_c, filter; /* input channels of a group; weights of an output channel */
  uint32_t row_in, run_in;  /* elements of the input between rows, and between taps of a row */
};

/* The part of the filter that meets the input at a pixel: `rows` rows of `runs` runs of `length` adjacent elements. */
struct taps {
  uint32_t rows, runs, length;
  uint32_t in, weights; /* offsets of the first, in elements, from the pixel's and the channel's start */
};

static struct taps taps_at(const struct conv *k, const struct nfr_walk *at) {
  const struct nfr_plan_conv *p = k->p;
  struct nfr_span v = nfr_span_of((int32_t)(at->y * p->stride_h) - p->pad_top, p->in_h, p->filter_h, p->dilation_h);
  struct nfr_span h = nfr_span_of((int32_t)(at->x * p->stride_w) - p->pad_left, p->in_w, p->filter_w, p->dilation_w);
  struct taps t = {
      .rows = h.count ? v.count : 0,
      .runs = h.count,
      .length = k->group_c,
      .in = ((at->batch * p->in_h + v.position) * p->in_w + h.position) * p->in_c,
      .weights = (v.first * p->filter_w + h.first) * k->group_c,
  };
  if (p->dilation_w == 1 && p->groups == 1) { /* the taps of a row are adjacent: one long run */
    t.length *= t.runs;
    t.runs = 1;
  }
  return t;
}

/* Sums by index, so that no pointer is formed beyond the data. */
static uint64_t accumulate(const struct conv *k, const struct taps *t, uint32_t in, uint32_t weights) {
  uint64_t acc = 0;
  uint32_t row_weights = (uint32_t)k->p->filter_w * k->group_c;
  int32_t offset = k->p->q.input_offset;
  for (uint32_t row = 0; row < t->rows; row++, in += k->row_in, weights += row_weights) {
    uint32_t x = in, w = weights;
    for (uint32_t run = 0; run < t->runs; run++, x += k->run_in, w += t->length)
      acc += k->wide ? nfr_dot16((const int16_t *)(const void *)k->in + x, k->weights + w, t->length, offset)
                     : nfr_dot8((const int8_t *)k->in + x, k->weights + w, t->length, offset);
  }
  return acc;
}

/* Four neighbouring output channels of an int8 convolution without groups. */
static void accumulate_by_4(const struct conv *k, const struct taps *t, uint32_t weights, uint32_t acc[4]) {
  uint32_t row_weights = (uint32_t)k->p->filter_w * k->group_c, filter = k->filter, in = t->in;
  acc[0] = acc[1] = acc[2] = acc[3] = 0;
  for (uint32_t row = 0; row < t->rows; row++, in += k->row_in, weights += row_weights) {
    uint32_t x = in, w = weights;
    for (uint32_t run = 0; run < t->runs; run++, x += k->run_in, w += t->length)
      nfr_dot8_by_4((const int8_t *)k->in + x, k->weights + w, filter, t->length, k->p->q.input_offset, acc);
  }
}

void nfr_kernel_conv_2d(const struct nfr_op *op, uint32_t first, uint32_t count) {
  const struct nfr_plan_conv *p = op->params;
  const struct nfr_requant requant = nfr_requant_of(op, &p->q);
  const struct conv k = {
      .p = p,
      .in = op->in[0].data,
      .weights = nfr_constant(op, p->weights),
      .wide = nfr_is_wide(&op->in[0]),
      .group_c = (uint32_t)p->in_c / p->groups,
      .row_in = (uint32_t)p->dilation_h * p->in_w * p->in_c,
      .run_in = (uint32_t)p->dilation_w * p->in_c,
      .filter = (uint32_t)p->filter_h * p->filter_w * (p->in_c / p->groups),
  };
  uint32_t per_group = (uint32_t)p->out_c / p->groups;
  bool by_4 = !k.wide && p->groups == 1;
  const struct nfr_grid grid = {p->out_h, p->out_w, p->out_c, (p->flags & NFR_WINDOW_ROWS_DESCENDING) != 0};
  struct nfr_walk at = nfr_walk_at(&grid, first);
  while (count > 0) {
    struct taps t = taps_at(&k, &at);
    uint32_t c = at.channel, last = nfr_min(p->out_c, c + count);
    count -= last - c;
    for (; by_4 && last - c >= 4; c += 4) {
      uint32_t acc[4];
      accumulate_by_4(&k, &t, c * k.filter + t.weights, acc);
      nfr_requant_row8(&requant, acc, 4, c, (int8_t *)op->out.data + at.out + c);
    }
    for (; c < last; c++) {
      uint32_t in = p->groups == 1 ? t.in : t.in + c / per_group * k.group_c;
      uint64_t acc = accumulate(&k, &t, in, c * k.filter + t.weights);
      nfr_store(op->out.data, at.out + c, nfr_requant(&requant, acc, c), k.wide);
    }
    nfr_walk_next(&at, &grid);
  }
}
