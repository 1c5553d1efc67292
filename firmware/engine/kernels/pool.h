/* AVERAGE_POOL_2D and MAX_POOL_2D: the walk over units, which are up to NFR_POOL_UNIT neighbouring channels of a pixel, and one
 * element's arithmetic, for what a backend has nothing faster. */
#ifndef NFR_KERNEL_POOL_H
#define NFR_KERNEL_POOL_H

#include "element.h"
#include "fixed_point.h"
#include "pool_unit.h"
#include "window.h"

/* The part of a window that meets the input; steps in elements. */
struct nfr_pool_window {
  uint32_t rows, columns, in, row, column;
};

static inline struct nfr_pool_window nfr_pool_window_at(const struct nfr_plan_pool *p, const struct nfr_walk *at) {
  struct nfr_span v = nfr_span_of((int32_t)(at->y * p->stride_h) - p->pad_top, p->in_h, p->filter_h, 1);
  struct nfr_span h = nfr_span_of((int32_t)(at->x * p->stride_w) - p->pad_left, p->in_w, p->filter_w, 1);
  return (struct nfr_pool_window){
      .rows = v.count,
      .columns = h.count,
      .in = ((at->batch * p->in_h + v.position) * p->in_w + h.position) * p->channels,
      .row = (uint32_t)p->in_w * p->channels,
      .column = p->channels,
  };
}

/* sum / count to the nearest, half away from zero. */
static inline int32_t nfr_pool_mean(int32_t sum, int32_t count) {
  return nfr_add_wrap(sum, sum > 0 ? count / 2 : -(count / 2)) / count;
}

static inline int32_t nfr_pool_average(const struct nfr_pool_window *w, const void *in, uint32_t channel, bool wide) {
  uint32_t sum = 0, row = w->in + channel;
  for (uint32_t y = 0; y < w->rows; y++, row += w->row) {
    uint32_t i = row;
    for (uint32_t n = w->columns; n > 0; n--, i += w->column) sum += (uint32_t)nfr_load(in, i, wide);
  }
  return nfr_pool_mean((int32_t)sum, (int32_t)(w->rows * w->columns));
}

static inline int32_t nfr_pool_maximum(const struct nfr_pool_window *w, const void *in, uint32_t channel, bool wide) {
  int32_t maximum = INT16_MIN;
  uint32_t row = w->in + channel;
  for (uint32_t y = 0; y < w->rows; y++, row += w->row) {
    uint32_t i = row;
    for (uint32_t n = w->columns; n > 0; n--, i += w->column) {
      int32_t value = nfr_load(in, i, wide);
      if (value > maximum) maximum = value;
    }
  }
  return maximum;
}

/* Channels first … end - 1 of the pixel whose channel 0 is element `out` of the output. */
typedef void (*nfr_pool_pixel)(const struct nfr_op *op, const struct nfr_pool_window *w, uint32_t out, uint32_t first,
                               uint32_t end);

static inline void nfr_pool_pixel_any(const struct nfr_op *op, const struct nfr_pool_window *w, uint32_t out, uint32_t first,
                                      uint32_t end, bool average) {
  const struct nfr_plan_pool *p = op->params;
  bool wide = nfr_is_wide(&op->in[0]);
  for (uint32_t c = first; c < end; c++) {
    int32_t value = average ? nfr_pool_average(w, op->in[0].data, c, wide) : nfr_pool_maximum(w, op->in[0].data, c, wide);
    nfr_store(op->out.data, out + c, nfr_clamp(value, p->act_min, p->act_max), wide);
  }
}

static inline void nfr_pool_walk(const struct nfr_op *op, uint32_t first, uint32_t count, nfr_pool_pixel pixel) {
  const struct nfr_plan_pool *p = op->params;
  const struct nfr_grid grid = {p->out_h, p->out_w, p->channels, (p->flags & NFR_WINDOW_ROWS_DESCENDING) != 0};
  uint32_t groups = nfr_pool_groups(p);
  struct nfr_walk at = nfr_walk_at(&grid, first / groups * p->channels + first % groups * NFR_POOL_UNIT);
  while (count > 0) {
    struct nfr_pool_window w = nfr_pool_window_at(p, &at);
    uint32_t n = nfr_min(count, groups - at.channel / NFR_POOL_UNIT);
    pixel(op, &w, at.out, at.channel, nfr_min(p->channels, at.channel + n * NFR_POOL_UNIT));
    count -= n;
    nfr_walk_next(&at, &grid);
  }
}

#endif
