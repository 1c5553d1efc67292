#include "../kernels/kernels.h"
#include "cost.h"
#include "types.h"

static int check(const struct nfr_op *op) {
  const struct nfr_plan_mul *p = op->params;
  int err = nfr_check_broadcast(op, p->dims, p->broadcast0, p->broadcast1);
  if (!err) err = nfr_check_multiplier(p->multiplier, p->shift, -31, 30);
  if (!err) err = nfr_check_clamp(p->act_min, p->act_max, op->out.type);
  if (!err) err = nfr_check_reserved((uint32_t)p->reserved | p->reserved1);
  return err;
}

static void units(const struct nfr_op *op, struct nfr_units *units) {
  const struct nfr_plan_mul *p = op->params;
  units->count = p->dims[0] * p->dims[1] * p->dims[2] * p->dims[3];
  units->cost = nfr_kernel_mul_cost(op);
}

const struct nfr_op_type nfr_op_mul = {
    .kind = NFR_KIND_MUL,
    .rows = NFR_ROWS_DIMS,
    .params_bytes = sizeof(struct nfr_plan_mul),
    .operands = NFR_USES_IN0 | NFR_USES_IN1,
    .in_place = NFR_USES_IN0 | NFR_USES_IN1,
    .layouts = 1u << NFR_LAYOUT_PLAIN,
    .check = check,
    .units = units,
    .run = nfr_kernel_mul,
};
