/* DEPTHWISE_CONV_2D element by element: what every backend needs for the rest that its fast paths leave. */
#ifndef NFR_DEPTHWISE_H
#define NFR_DEPTHWISE_H

#include "requant.h"
#include "window.h"

#define NFR_DEPTHWISE_UNIT 16384u /* products of a unit, and eight more an element for what else it takes */

/* Elements of a unit: a row of the output, so that a slice resolves channels once for many pixels; a pixel where a row would
 * be too long for a slice; an element where a pixel would be. */
static inline uint32_t nfr_depthwise_unit(const struct nfr_plan_conv *p) {
  uint64_t element = (uint64_t)p->filter_h * p->filter_w + 8u, pixel = p->out_c * element;
  if (pixel > NFR_DEPTHWISE_UNIT) return 1;
  return pixel * p->out_w > NFR_DEPTHWISE_UNIT ? p->out_c : (uint32_t)p->out_w * p->out_c;
}

/* A window over one channel: steps in elements. Sums are by index, so that no pointer is formed beyond the data. */
struct nfr_depthwise_window {
  uint32_t rows, columns;
  uint32_t in, in_row, in_column;
  uint32_t weights, weight_row, weight_column;
  int32_t offset;
};

static inline uint32_t nfr_depthwise_sum8(const struct nfr_depthwise_window *w, const int8_t *in,
                                           const int8_t *weights) {
  uint32_t acc = 0, x_row = 0, w_row = 0;
  for (uint32_t row = 0; row < w->rows; row++, x_row += w->in_row, w_row += w->weight_row) {
    uint32_t x = x_row, k = w_row;
    for (uint32_t n = w->columns; n > 0; n--, x += w->in_column, k += w->weight_column)
      acc += (uint32_t)((in[x] + w->offset) * weights[k]);
  }
  return acc;
}

static inline uint64_t nfr_depthwise_sum16(const struct nfr_depthwise_window *w, const int16_t *in,
                                           const int8_t *weights) {
  uint64_t acc = 0;
  uint32_t x_row = 0, w_row = 0;
  for (uint32_t row = 0; row < w->rows; row++, x_row += w->in_row, w_row += w->weight_row) {
    uint32_t x = x_row, k = w_row;
    for (uint32_t n = w->columns; n > 0; n--, x += w->in_column, k += w->weight_column)
      acc += (uint64_t)((int64_t)(in[x] + w->offset) * weights[k]);
  }
  return acc;
}

static inline struct nfr_depthwise_window nfr_depthwise_window_at(const struct nfr_plan_conv *p,
                                                                  const struct nfr_walk *at) {
  struct nfr_span v = nfr_span_of((int32_t)(at->y * p->stride_h) - p->pad_top, p->in_h, p->filter_h, p->dilation_h);
  struct nfr_span h = nfr_span_of((int32_t)(at->x * p->stride_w) - p->pad_left, p->in_w, p->filter_w, p->dilation_w);
  return (struct nfr_depthwise_window){
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

/* Channels first … end - 1 of a pixel whose channel 0 is element `out` of the output. */
static inline void nfr_depthwise_elements(const struct nfr_op *op, const struct nfr_requant *requant,
                                          const struct nfr_depthwise_window *w, uint32_t first, uint32_t end,
                                          uint32_t out) {
  const struct nfr_plan_conv *p = op->params;
  const int8_t *weights = (const int8_t *)nfr_constant(op, p->weights) + w->weights;
  bool wide = nfr_is_wide(&op->in[0]);
  uint32_t channel = first / p->groups, m = first % p->groups;
  for (uint32_t c = first; c < end; c++) {
    uint32_t x = w->in + channel;
    uint64_t acc = wide ? nfr_depthwise_sum16(w, (const int16_t *)(const void *)op->in[0].data + x, weights + c)
                        : nfr_depthwise_sum8(w, (const int8_t *)op->in[0].data + x, weights + c);
    nfr_store(op->out.data, out + c, nfr_requant(requant, acc, c), wide);
    if (++m == p->groups) {
      m = 0;
      channel++;
    }
  }
}

#endif
