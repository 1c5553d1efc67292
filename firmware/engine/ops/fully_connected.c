#include "../kernels/kernels.h"
#include "../kernels/tile.h"
#include "cost.h"
#include "rule.h"
#include "types.h"

static bool is_paired(const struct nfr_op *op) {
  return op->record->layout == NFR_LAYOUT_SMLAD;
}

static int check_paired(const struct nfr_op *op, const struct nfr_plan_fully_connected *p) {
  uint64_t words = (uint64_t)((p->units + 1u) / 2u) * (nfr_padded_depth(p->depth) / 2u);
  return nfr_check_constant(op, p->weights, words, 4);
}

static int check(const struct nfr_op *op) {
  const struct nfr_plan_fully_connected *p = op->params;
  uint32_t in = nfr_product(p->batches, p->depth), out = nfr_product(p->batches, p->units), weights = nfr_product(p->units, p->depth);
  int err = is_paired(op) ? nfr_check_smlad(op, &p->q, 1) : NFR_OK;
  if (!err) err = nfr_check_extents(in, out, weights);
  if (!err) err = nfr_check_activation(&op->out);
  if (!err) err = nfr_check_operand(&op->in[0], op->out.type, in);
  if (!err) err = nfr_check_operand(&op->out, op->out.type, out);
  if (!err) err = nfr_check_constant(op, p->weights, weights, 1);
  if (!err) err = nfr_check_requant(op, &p->q, p->units, op->out.type);
  if (!err && is_paired(op)) err = check_paired(op, p);
  return err;
}

static void units(const struct nfr_op *op, struct nfr_units *units) {
  const struct nfr_plan_fully_connected *p = op->params;
  if (is_paired(op)) {
    units->count = p->batches * ((p->units + NFR_FC_UNIT - 1u) / NFR_FC_UNIT);
    units->cost = nfr_cost(150 + (uint64_t)nfr_padded_depth(p->depth) / 4u * 22u);
    return;
  }
  units->count = p->batches * p->units;
  units->cost = nfr_cost(nfr_dot_cost_of(op, p->depth, p->units) + 55 + 30 / p->units);
}

static void run(const struct nfr_op *op, uint32_t first, uint32_t count) {
  if (is_paired(op))
    nfr_kernel_fully_connected_pairs(op, first, count);
  else
    nfr_kernel_fully_connected(op, first, count);
}

const struct nfr_op_type nfr_op_fully_connected = {
    .kind = NFR_KIND_FULLY_CONNECTED,
    .params_bytes = sizeof(struct nfr_plan_fully_connected),
    .operands = NFR_USES_IN0,
    .layouts = 1u << NFR_LAYOUT_PLAIN | 1u << NFR_LAYOUT_SMLAD,
    .check = check,
    .units = units,
    .run = run,
};
