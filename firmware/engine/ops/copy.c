#include "../kernels/kernels.h"
#include "../plan.h"
#include "cost.h"
#include "rule.h"
#include "types.h"

static int check(const struct nfr_op *op) {
  const struct nfr_plan_copy *p = op->params;
  uint32_t bytes;
  int err = nfr_check_product(&p->bytes, 1, &bytes);
  if (!err) err = nfr_check_movable(&op->out);
  if (err) return err;
  uint32_t size = nfr_type_bytes(op->out.type);
  if (!NFR_RULE(V73, (bytes & (size - 1u)) == 0)) return NFR_ERR_CORRUPT;
  err = nfr_check_operand(&op->in[0], op->out.type, bytes / size);
  if (!err) err = nfr_check_operand(&op->out, op->out.type, bytes / size);
  return err;
}

static void units(const struct nfr_op *op, struct nfr_units *units) {
  const struct nfr_plan_copy *p = op->params;
  units->count = (p->bytes + NFR_COPY_UNIT - 1) / NFR_COPY_UNIT;
  units->cost = NFR_COPY_UNIT / 2;
}

const struct nfr_op_type nfr_op_copy = {
    .kind = NFR_KIND_COPY,
    .params_bytes = sizeof(struct nfr_plan_copy),
    .operands = NFR_USES_IN0,
    .in_place = NFR_USES_IN0,
    .layouts = 1u << NFR_LAYOUT_PLAIN,
    .check = check,
    .units = units,
    .run = nfr_kernel_copy,
};
