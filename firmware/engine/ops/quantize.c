#include "../kernels/kernels.h"
#include "types.h"

static int check(const struct nfr_op *op) {
  const struct nfr_plan_quantize *p = op->params;
  uint32_t count;
  int err = nfr_check_product(&p->elements, 1, &count);
  if (!err) err = nfr_check_activation(&op->out);
  if (!err) err = nfr_check_operand(&op->in[0], NFR_TYPE_FLOAT32, count);
  if (!err) err = nfr_check_operand(&op->out, op->out.type, count);
  if (!err) err = nfr_check_scale(&p->scale);
  if (!err) err = nfr_check_zero_point(p->zero_point, op->out.type);
  return err;
}

static void units(const struct nfr_op *op, struct nfr_units *units) {
  const struct nfr_plan_quantize *p = op->params;
  units->count = p->elements;
  units->cost = 30;
}

const struct nfr_op_type nfr_op_quantize = {
    .kind = NFR_KIND_QUANTIZE,
    .rows = NFR_ROWS_ELEMENTS,
    .params_bytes = sizeof(struct nfr_plan_quantize),
    .operands = NFR_USES_IN0,
    .in_place = NFR_USES_IN0,
    .layouts = 1u << NFR_LAYOUT_PLAIN,
    .check = check,
    .units = units,
    .run = nfr_kernel_quantize,
};
