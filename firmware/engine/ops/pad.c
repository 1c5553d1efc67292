#include "../kernels/kernels.h"
#include "../plan.h"
#include "cost.h"
#include "rule.h"
#include "types.h"

/* Extents of the output; 0, which no product allows, where one exceeds 32 bits. */
static void output_dims(const struct nfr_plan_pad *p, uint32_t dims[4]) {
  for (unsigned d = 0; d < 4; d++) {
    uint64_t extent = (uint64_t)p->before[d] + p->dims[d] + p->after[d];
    dims[d] = extent <= UINT32_MAX ? (uint32_t)extent : 0;
  }
}

static int check(const struct nfr_op *op) {
  const struct nfr_plan_pad *p = op->params;
  uint32_t dims[4], in, out;
  output_dims(p, dims);
  int err = nfr_check_product(p->dims, 4, &in);
  if (!err) err = nfr_check_product(dims, 4, &out);
  if (!err) err = nfr_check_movable(&op->out);
  if (!err) err = nfr_check_operand(&op->in[0], op->out.type, in);
  if (!err) err = nfr_check_operand(&op->out, op->out.type, out);
  if (!err) err = nfr_check_zero_point(p->fill, op->out.type);
  if (!err) err = nfr_check_reserved(p->reserved);
  return err;
}

static void units(const struct nfr_op *op, struct nfr_units *units) {
  const struct nfr_plan_pad *p = op->params;
  uint32_t dims[4];
  output_dims(p, dims);
  units->count = dims[0] * dims[1] * dims[2];
  units->cost = nfr_cost((uint64_t)dims[3] * nfr_type_bytes(op->out.type) + 125);
}

const struct nfr_op_type nfr_op_pad = {
    .kind = NFR_KIND_PAD,
    .params_bytes = sizeof(struct nfr_plan_pad),
    .operands = NFR_USES_IN0,
    .layouts = 1u << NFR_LAYOUT_PLAIN,
    .check = check,
    .units = units,
    .run = nfr_kernel_pad,
};
