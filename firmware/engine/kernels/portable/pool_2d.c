/* AVERAGE_POOL_2D and MAX_POOL_2D: a unit is one output element. */
#include "../element.h"
#include "../fixed_point.h"
#include "../kernels.h"
#include "../window.h"

/* The part of a window that meets the input; steps in elements. */
struct window {
  uint32_t rows, columns, in, row, column;
};

static struct window window_at(const struct nfr_plan_pool *p, const struct nfr_walk *at) {
  struct nfr_span v = nfr_span_of((int32_t)(at->y * p->stride_h) - p->pad_top, p->in_h, p->filter_h, 1);
  struct nfr_span h = nfr_span_of((int32_t)(at->x * p->stride_w) - p->pad_left, p->in_w, p->filter_w, 1);
  return (struct window){
      .rows = v.count,
      .columns = h.count,
      .in = ((at->batch * p->in_h + v.position) * p->in_w + h.position) * p->channels,
      .row = (uint32_t)p->in_w * p->channels,
      .column = p->channels,
  };
}

/* Mean over the positions inside the input, half away from zero. */
static int32_t average_of(const struct window *w, const void *in, uint32_t channel, bool wide) {
  uint32_t sum = 0, row = w->in + channel;
  for (uint32_t y = 0; y < w->rows; y++, row += w->row) {
    uint32_t i = row;
    for (uint32_t n = w->columns; n > 0; n--, i += w->column) sum += (uint32_t)nfr_load(in, i, wide);
  }
  int32_t count = (int32_t)(w->rows * w->columns), total = (int32_t)sum;
  return nfr_add_wrap(total, total > 0 ? count / 2 : -(count / 2)) / count;
}

static int32_t maximum_of(const struct window *w, const void *in, uint32_t channel, bool wide) {
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

static void pool(const struct nfr_op *op, uint32_t first, uint32_t count, bool average) {
  const struct nfr_plan_pool *p = op->params;
  bool wide = nfr_is_wide(&op->in[0]);
  const struct nfr_grid grid = {p->out_h, p->out_w, p->channels, (p->flags & NFR_WINDOW_ROWS_DESCENDING) != 0};
  struct nfr_walk at = nfr_walk_at(&grid, first);
  while (count > 0) {
    struct window w = window_at(p, &at);
    uint32_t last = nfr_min(p->channels, at.channel + count);
    count -= last - at.channel;
    for (uint32_t c = at.channel; c < last; c++) {
      int32_t value = average ? average_of(&w, op->in[0].data, c, wide) : maximum_of(&w, op->in[0].data, c, wide);
      nfr_store(op->out.data, at.out + c, nfr_clamp(value, p->act_min, p->act_max), wide);
    }
    nfr_walk_next(&at, &grid);
  }
}

void nfr_kernel_average_pool_2d(const struct nfr_op *op, uint32_t first, uint32_t count) {
  pool(op, first, count, true);
}

void nfr_kernel_max_pool_2d(const struct nfr_op *op, uint32_t first, uint32_t count) {
  pool(op, first, count, false);
}
