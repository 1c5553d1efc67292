#include "../kernels/kernels.h"
#include "cost.h"
#include "rule.h"
#include "types.h"

#define MAX_DEPTH8 4095u /* each exponential is at most 2^19 and their sum is below 2^31 */
#define TABLE_ENTRIES 513u

static int check8(const struct nfr_op *op, const struct nfr_plan_softmax *p) {
  int err = nfr_check_multiplier(p->multiplier, p->shift, 0, 30);
  if (err) return err;
  if (!NFR_RULE(V60, p->depth <= MAX_DEPTH8)) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(V61, p->diff_min <= 0)) return NFR_ERR_CORRUPT; /* the maximum itself counts: the sum is not 0 */
  if (!NFR_RULE(V62, p->exp_table == NFR_PLAN_NONE32 && p->reciprocal_table == NFR_PLAN_NONE32)) return NFR_ERR_CORRUPT;
  return nfr_check_activation(&op->out);
}

static int check16(const struct nfr_op *op, const struct nfr_plan_softmax *p) {
  int err = nfr_check_multiplier(p->multiplier, p->shift, -31, 30);
  if (!err) err = nfr_check_constant(op, p->exp_table, TABLE_ENTRIES, 2);
  if (!err) err = nfr_check_constant(op, p->reciprocal_table, TABLE_ENTRIES, 2);
  if (err) return err;
  if (!NFR_RULE(V63, op->out.type == NFR_TYPE_INT16)) return NFR_ERR_CORRUPT;
  return NFR_OK;
}

static int check(const struct nfr_op *op) {
  const struct nfr_plan_softmax *p = op->params;
  uint32_t count;
  int err = nfr_check_product((const uint32_t[]){p->rows, p->depth}, 2, &count);
  if (!err) err = nfr_check_activation(&op->in[0]);
  if (!err) err = op->in[0].type == NFR_TYPE_INT8 ? check8(op, p) : check16(op, p);
  if (!err) err = nfr_check_operand(&op->in[0], op->in[0].type, count);
  if (!err) err = nfr_check_operand(&op->out, op->out.type, count);
  if (!err) err = nfr_check_reserved((uint32_t)p->reserved[0] | p->reserved[1] | p->reserved[2]);
  return err;
}

static void units(const struct nfr_op *op, struct nfr_units *units) {
  const struct nfr_plan_softmax *p = op->params;
  units->count = p->rows;
  units->cost = nfr_cost((uint64_t)p->depth * (op->in[0].type == NFR_TYPE_INT8 ? 270 : 70) + 200);
}

const struct nfr_op_type nfr_op_softmax = {
    .kind = NFR_KIND_SOFTMAX,
    .params_bytes = sizeof(struct nfr_plan_softmax),
    .operands = NFR_USES_IN0,
    .in_place = NFR_USES_IN0,
    .layouts = 1u << NFR_LAYOUT_PLAIN,
    .check = check,
    .units = units,
    .run = nfr_kernel_softmax,
};
