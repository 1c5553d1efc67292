#include "../kernels/kernels.h"
#include "../plan.h"
#include "cost.h"
#include "rule.h"
#include "types.h"

/* A permutation of the six dimensions, of which those beyond the rank are 1 and stay where they are. */
static bool permutation_is_valid(const struct nfr_plan_transpose *p) {
  unsigned seen = 0;
  for (unsigned d = 0; d < NFR_PLAN_MAX_RANK; d++) {
    if (p->permutation[d] >= NFR_PLAN_MAX_RANK) return false;
    seen |= 1u << p->permutation[d];
    if (d >= p->rank && (p->dims[d] != 1 || p->permutation[d] != d)) return false;
  }
  return seen == (1u << NFR_PLAN_MAX_RANK) - 1u;
}

static int check(const struct nfr_op *op) {
  const struct nfr_plan_transpose *p = op->params;
  if (!NFR_RULE(V68, p->rank >= 1 && p->rank <= NFR_PLAN_MAX_RANK)) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(V69, permutation_is_valid(p))) return NFR_ERR_CORRUPT;
  uint32_t count;
  int err = nfr_check_product(p->dims, NFR_PLAN_MAX_RANK, &count);
  if (!err) err = nfr_check_movable(&op->out);
  if (!err) err = nfr_check_operand(&op->in[0], op->out.type, count);
  if (!err) err = nfr_check_operand(&op->out, op->out.type, count);
  if (!err) err = nfr_check_reserved(p->reserved);
  return err;
}

static void units(const struct nfr_op *op, struct nfr_units *units) {
  const struct nfr_plan_transpose *p = op->params;
  uint32_t width = p->dims[p->permutation[p->rank - 1]];
  units->count = op->out.bytes / nfr_type_bytes(op->out.type) / width;
  units->cost = nfr_cost((uint64_t)width * 6 + 75);
}

const struct nfr_op_type nfr_op_transpose = {
    .kind = NFR_KIND_TRANSPOSE,
    .params_bytes = sizeof(struct nfr_plan_transpose),
    .operands = NFR_USES_IN0,
    .layouts = 1u << NFR_LAYOUT_PLAIN,
    .check = check,
    .units = units,
    .run = nfr_kernel_transpose,
};
