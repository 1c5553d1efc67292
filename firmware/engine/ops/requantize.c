#include "../kernels/kernels.h"
#include "rule.h"
#include "types.h"

static int check(const struct nfr_op *op) {
  const struct nfr_plan_requantize *p = op->params;
  uint32_t count;
  int err = nfr_check_product(&p->elements, 1, &count);
  if (!err) err = nfr_check_activation(&op->in[0]);
  if (!err) err = nfr_check_operand(&op->in[0], op->in[0].type, count);
  if (!err) err = nfr_check_operand(&op->out, op->out.type, count);
  if (!err) err = nfr_check_multiplier(p->multiplier, p->shift, -31, 30);
  if (!err) err = nfr_check_zero_point(p->input_zero_point, op->in[0].type);
  if (!err) err = nfr_check_zero_point(p->output_zero_point, op->out.type);
  if (err) return err;
  if (!NFR_RULE(V66, op->out.type <= NFR_TYPE_INT32)) return NFR_ERR_CORRUPT;
  return NFR_OK;
}

static void units(const struct nfr_op *op, struct nfr_units *units) {
  const struct nfr_plan_requantize *p = op->params;
  units->count = p->elements;
  units->cost = 45;
}

const struct nfr_op_type nfr_op_requantize = {
    .kind = NFR_KIND_REQUANTIZE,
    .rows = NFR_ROWS_ELEMENTS,
    .params_bytes = sizeof(struct nfr_plan_requantize),
    .operands = NFR_USES_IN0,
    .in_place = NFR_USES_IN0,
    .layouts = 1u << NFR_LAYOUT_PLAIN,
    .check = check,
    .units = units,
    .run = nfr_kernel_requantize,
};
