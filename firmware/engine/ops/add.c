#include "../kernels/kernels.h"
#include "rule.h"
#include "types.h"

static int check(const struct nfr_op *op) {
  const struct nfr_plan_add *p = op->params;
  int err = nfr_check_broadcast(op, p->dims, p->broadcast0, p->broadcast1);
  if (!err) err = nfr_check_multiplier(p->multiplier0, p->shift0, -31, 0);
  if (!err) err = nfr_check_multiplier(p->multiplier1, p->shift1, -31, 0);
  if (!err) err = nfr_check_multiplier(p->multiplier_out, p->shift_out, -31, 0);
  if (!err) err = nfr_check_clamp(p->act_min, p->act_max, op->out.type);
  if (err) return err;
  if (!NFR_RULE(V59, p->left_shift <= 30)) return NFR_ERR_CORRUPT;
  return NFR_OK;
}

static void units(const struct nfr_op *op, struct nfr_units *units) {
  const struct nfr_plan_add *p = op->params;
  units->count = p->dims[0] * p->dims[1] * p->dims[2] * p->dims[3];
  units->cost = nfr_kernel_add_cost(op);
}

const struct nfr_op_type nfr_op_add = {
    .kind = NFR_KIND_ADD,
    .rows = NFR_ROWS_DIMS,
    .params_bytes = sizeof(struct nfr_plan_add),
    .operands = NFR_USES_IN0 | NFR_USES_IN1,
    .in_place = NFR_USES_IN0 | NFR_USES_IN1,
    .layouts = 1u << NFR_LAYOUT_PLAIN,
    .check = check,
    .units = units,
    .run = nfr_kernel_add,
};
