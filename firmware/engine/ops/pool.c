#include "pool.h"

#include "../kernels/kernels.h"
#include "../kernels/pool_unit.h"
#include "check.h"
#include "cost.h"
#include "rule.h"

/* The first window ends inside the input and the last one starts there: then every window has a position inside. */
static bool windows_touch(uint32_t in, uint32_t out, uint32_t filter, uint32_t stride, uint32_t pad) {
  return pad < filter && (out - 1) * stride < in + pad;
}

int nfr_pool_check(const struct nfr_op *op) {
  const struct nfr_plan_pool *p = op->params;
  uint32_t in = nfr_product((uint32_t)p->batches * p->in_h, (uint32_t)p->in_w * p->channels);
  uint32_t out = nfr_product((uint32_t)p->batches * p->out_h, (uint32_t)p->out_w * p->channels);
  int err = nfr_check_extents(in, out, 1);
  if (!err) err = nfr_check_activation(&op->out);
  if (!err) err = nfr_check_operand(&op->in[0], op->out.type, in);
  if (!err) err = nfr_check_operand(&op->out, op->out.type, out);
  if (!err) err = nfr_check_clamp(p->act_min, p->act_max, op->out.type);
  if (!err) err = nfr_check_window_flags(p->flags);
  if (err) return err;
  if (!NFR_RULE(V57, p->stride_h != 0 && p->stride_w != 0)) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(V58, windows_touch(p->in_h, p->out_h, p->filter_h, p->stride_h, p->pad_top) &&
                         windows_touch(p->in_w, p->out_w, p->filter_w, p->stride_w, p->pad_left)))
    return NFR_ERR_CORRUPT;
  if (nfr_is_disjoint(&op->in[0], &op->out)) return NFR_OK;
  const struct nfr_rows rows = {.batches = p->batches,
                                .in_h = p->in_h,
                                .out_h = p->out_h,
                                .stride = p->stride_h,
                                .pad = p->pad_top,
                                .reach = p->filter_h,
                                .tile = nfr_tile_of(p->out_w),
                                .descending = (p->flags & NFR_WINDOW_ROWS_DESCENDING) != 0};
  return nfr_check_overlap(op, &rows);
}

void nfr_pool_units(const struct nfr_op *op, bool is_average, struct nfr_units *units) {
  const struct nfr_plan_pool *p = op->params;
  units->count = (uint32_t)p->batches * p->out_h * p->out_w * nfr_pool_groups(p);
  units->cost = nfr_cost(nfr_kernel_pool_2d_cost(op, is_average));
}
