#include "../kernels/kernels.h"
#include "cost.h"
#include "types.h"

static int check(const struct nfr_op *op) {
  const struct nfr_plan_fully_connected *p = op->params;
  uint32_t in, out, weights;
  int err = nfr_check_product((const uint32_t[]){p->batches, p->depth}, 2, &in);
  if (!err) err = nfr_check_product((const uint32_t[]){p->batches, p->units}, 2, &out);
  if (!err) err = nfr_check_product((const uint32_t[]){p->units, p->depth}, 2, &weights);
  if (!err) err = nfr_check_activation(&op->out);
  if (!err) err = nfr_check_operand(&op->in[0], op->out.type, in);
  if (!err) err = nfr_check_operand(&op->out, op->out.type, out);
  if (!err) err = nfr_check_constant(op, p->weights, weights, 1);
  if (!err) err = nfr_check_requant(op, &p->q, p->units, op->out.type);
  return err;
}

static void units(const struct nfr_op *op, struct nfr_units *units) {
  const struct nfr_plan_fully_connected *p = op->params;
  units->count = p->batches * p->units;
  units->cost = nfr_cost(nfr_dot_cost_of(op, p->depth, p->units) + 55 + 30 / p->units);
}

const struct nfr_op_type nfr_op_fully_connected = {
    .kind = NFR_KIND_FULLY_CONNECTED,
    .params_bytes = sizeof(struct nfr_plan_fully_connected),
    .operands = NFR_USES_IN0,
    .layouts = 1u << NFR_LAYOUT_PLAIN,
    .check = check,
    .units = units,
    .run = nfr_kernel_fully_connected,
};
