#include "../kernels/kernels.h"
#include "types.h"

static int check(const struct nfr_op *op) {
  const struct nfr_plan_lut *p = op->params;
  uint32_t count;
  int err = nfr_check_product(&p->elements, 1, &count);
  if (!err) err = nfr_check_operand(&op->in[0], NFR_TYPE_INT8, count);
  if (!err) err = nfr_check_operand(&op->out, NFR_TYPE_INT8, count);
  if (!err) err = nfr_check_constant(op, p->table, 256, 1);
  return err;
}

static void units(const struct nfr_op *op, struct nfr_units *units) {
  const struct nfr_plan_lut *p = op->params;
  units->count = p->elements;
  units->cost = 7;
}

const struct nfr_op_type nfr_op_lut = {
    .kind = NFR_KIND_LUT,
    .rows = NFR_ROWS_ELEMENTS,
    .params_bytes = sizeof(struct nfr_plan_lut),
    .operands = NFR_USES_IN0,
    .in_place = NFR_USES_IN0,
    .layouts = 1u << NFR_LAYOUT_PLAIN,
    .check = check,
    .units = units,
    .run = nfr_kernel_lut,
};
