#include "../kernels/kernels.h"
#include "rule.h"
#include "types.h"

/* What keeps the scaled input below 2^31: 15 bits of multiplier, or 3 to the left by 13. */
static bool scale_is_valid(const struct nfr_plan_logistic16 *p) {
  int32_t most = p->multiplier == 0 ? 13 : 31;
  return p->multiplier >= 0 && p->multiplier <= INT16_MAX && p->shift >= 0 && p->shift <= most;
}

static int check(const struct nfr_op *op) {
  const struct nfr_plan_logistic16 *p = op->params;
  uint32_t count;
  int err = nfr_check_product(&p->elements, 1, &count);
  if (!err) err = nfr_check_operand(&op->in[0], NFR_TYPE_INT16, count);
  if (!err) err = nfr_check_operand(&op->out, NFR_TYPE_INT16, count);
  if (!err) err = nfr_check_constant(op, p->table, 256, 2);
  if (err) return err;
  if (!NFR_RULE(V64, scale_is_valid(p))) return NFR_ERR_CORRUPT;
  return NFR_OK;
}

static void units(const struct nfr_op *op, struct nfr_units *units) {
  const struct nfr_plan_logistic16 *p = op->params;
  units->count = p->elements;
  units->cost = 28;
}

const struct nfr_op_type nfr_op_logistic16 = {
    .kind = NFR_KIND_LOGISTIC16,
    .rows = NFR_ROWS_ELEMENTS,
    .params_bytes = sizeof(struct nfr_plan_logistic16),
    .operands = NFR_USES_IN0,
    .in_place = NFR_USES_IN0,
    .layouts = 1u << NFR_LAYOUT_PLAIN,
    .check = check,
    .units = units,
    .run = nfr_kernel_logistic16,
};
