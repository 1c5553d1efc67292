/* DEPTHWISE_CONV_2D: neighbours in the window are in_c (input) and out_c (weights) apart. */
#include "../depthwise.h"
#include "../kernels.h"

/* Four neighbouring channels: multiplier 1, so that inputs are neighbours as weights are. */
static void sum8_by_4(const struct nfr_depthwise_window *w, const int8_t *in, const int8_t *weights, uint32_t acc[4]) {
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

void nfr_kernel_depthwise_conv_2d(const struct nfr_op *op, uint32_t first, uint32_t count) {
  const struct nfr_plan_conv *p = op->params;
  uint32_t unit = nfr_depthwise_unit(p);
  first *= unit;
  count *= unit;
  const struct nfr_requant requant = nfr_requant_of(op, &p->q);
  const int8_t *weights = nfr_constant(op, p->weights);
  const uint8_t *in = op->in[0].data;
  bool by_4 = p->groups == 1 && !nfr_is_wide(&op->in[0]);
  const struct nfr_grid grid = {p->out_h, p->out_w, p->out_c, (p->flags & NFR_WINDOW_ROWS_DESCENDING) != 0};
  struct nfr_walk at = nfr_walk_at(&grid, first);
  while (count > 0) {
    struct nfr_depthwise_window w = nfr_depthwise_window_at(p, &at);
    uint32_t c = at.channel, last = nfr_min(p->out_c, c + count);
    count -= last - c;
    for (; by_4 && last - c >= 4; c += 4) {
      uint32_t acc[4];
      sum8_by_4(&w, (const int8_t *)in + w.in + c, weights + w.weights + c, acc);
      nfr_requant_row8(&requant, acc, 4, c, (int8_t *)op->out.data + at.out + c);
    }
    nfr_depthwise_elements(op, &requant, &w, c, last, at.out);
    nfr_walk_next(&at, &grid);
  }
}
