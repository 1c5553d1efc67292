/* DEPTHWISE_CONV_2D: a unit is one output element; neighbours in the window are in_c (input) and out_c (weights) apart. */
#include "../kernels.h"
#include "../requant.h"
#include "../window.h"

/* A window over one channel: steps in elements. Sums are by index, so that no pointer is formed beyond the data. */
struct window {
  uint32_t rows, columns;
  uint32_t in, in_row, in_column;
  uint32_t weights, weight_row, weight_column;
  int32_t offset;
};

static uint32_t sum8(const struct window *w, const int8_t *in, const int8_t *weights) {
  uint32_t acc = 0, x_row = 0, w_row = 0;
  for (uint32_t row = 0; row < w->rows; row++, x_row += w->in_row, w_row += w->weight_row) {
    uint32_t x = x_row, k = w_row;
    for (uint32_t n = w->columns; n > 0; n--, x += w->in_column, k += w->weight_column)
      acc += (uint32_t)((in[x] + w->offset) * weights[k]);
  }
  return acc;
}

/* Four neighbouring channels: multiplier 1, so that inputs are neighbours as weights are. */
static void sum8_by_4(const struct window *w, const int8_t *in, const int8_t *weights, uint32_t acc[4]) {
  uint32_t x_row = 0, w_row = 0, a0 = 0, a1 = 0, a2 = 0, a3 = 0;
  int32_t offset = w->offset;
  for (uint32_t row = 0; row < w->rows; row++, x_row += w->in_row, w_row += w->weight_row) {
    uint32_t x = x_row, k = w_row;
    for (uint32_t n = w->columns; n > 0; n--, x += w->in_column, k += w->weight_column) {
      const int8_t *value = in + x, *weight = weights + k;
      a0 += (uint32_t)((value[0] + offset) * weight[0]);
      a1 += (uint32_t)((value[1] + offset) * weight[1]);
      a2 += (uint32_t)((value[2] + offset) * weight[2]);
      a3 += (uint32_t)((value[3] + offset) * weight[3]);
    }
  }
  acc[0] = a0;
  acc[1] = a1;
  acc[2] = a2;
  acc[3] = a3;
}

static uint64_t sum16(const struct window *w, const int16_t *in, const int8_t *weights) {
  uint64_t acc = 0;
  uint32_t x_row = 0, w_row = 0;
  for (uint32_t row = 0; row < w->rows; row++, x_row += w->in_row, w_row += w->weight_row) {
    uint32_t x = x_row, k = w_row;
    for (uint32_t n = w->columns; n > 0; n--, x += w->in_column, k += w->weight_column)
      acc += (uint64_t)((int64_t)(in[x] + w->offset) * weights[k]);
  }
  return acc;
}

static struct window window_at(const struct nfr_plan_conv *p, const struct nfr_walk *at) {
  struct nfr_span v = nfr_span_of((int32_t)(at->y * p->stride_h) - p->pad_top, p->in_h, p->filter_h, p->dilation_h);
  struct nfr_span h = nfr_span_of((int32_t)(at->x * p->stride_w) - p->pad_left, p->in_w, p->filter_w, p->dilation_w);
  return (struct window){
      .rows = h.count ? v.count : 0,
      .columns = h.count,
      .in = ((at->batch * p->in_h + v.position) * p->in_w + h.position) * p->in_c,
      .in_row = (uint32_t)p->dilation_h * p->in_w * p->in_c,
      .in_column = (uint32_t)p->dilation_w * p->in_c,
      .weights = (v.first * p->filter_w + h.first) * p->out_c,
      .weight_row = (uint32_t)p->filter_w * p->out_c,
      .weight_column = p->out_c,
      .offset = p->q.input_offset,
  };
}

void nfr_kernel_depthwise_conv_2d(const struct nfr_op *op, uint32_t first, uint32_t count) {
  const struct nfr_plan_conv *p = op->params;
  const struct nfr_requant requant = nfr_requant_of(op, &p->q);
  const int8_t *weights = nfr_constant(op, p->weights);
  const uint8_t *in = op->in[0].data;
  bool wide = nfr_is_wide(&op->in[0]);
  uint32_t multiplier = p->groups;
  const struct nfr_grid grid = {p->out_h, p->out_w, p->out_c, (p->flags & NFR_WINDOW_ROWS_DESCENDING) != 0};
  struct nfr_walk at = nfr_walk_at(&grid, first);
  while (count > 0) {
    struct window w = window_at(p, &at);
    uint32_t c = at.channel, last = nfr_min(p->out_c, c + count);
    count -= last - c;
    for (; !wide && multiplier == 1 && last - c >= 4; c += 4) {
      uint32_t acc[4];
      sum8_by_4(&w, (const int8_t *)in + w.in + c, weights + w.weights + c, acc);
      nfr_requant_row8(&requant, acc, 4, c, (int8_t *)op->out.data + at.out + c);
    }
    uint32_t channel = c / multiplier, m = c % multiplier;
    for (; c < last; c++) {
      uint32_t x = w.in + channel;
      uint64_t acc = wide ? sum16(&w, (const int16_t *)(const void *)in + x, weights + w.weights + c)
                          : sum8(&w, (const int8_t *)in + x, weights + w.weights + c);
      nfr_store(op->out.data, at.out + c, nfr_requant(&requant, acc, c), wide);
      if (++m == multiplier) {
        m = 0;
        channel++;
      }
    }
    nfr_walk_next(&at, &grid);
  }
}
