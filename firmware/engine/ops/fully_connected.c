#include "../kernels/fc_groups.h"
#include "../kernels/kernels.h"
#include "cost.h"
#include "rule.h"
#include "types.h"

static bool is_paired(const struct nfr_op *op) {
  return op->record->layout == NFR_LAYOUT_SMLAD;
}

/* Weights and biases in groups of units. */
static int check_paired(const struct nfr_op *op, const struct nfr_plan_fully_connected *p) {
  int err = nfr_check_smlad(op, 1);
  if (err) return err;
  if (!NFR_RULE(V82, p->q.bias == NFR_PLAN_NONE32)) return NFR_ERR_CORRUPT;
  return nfr_check_constant(op, p->weights, nfr_fc_words(p->units, p->depth), 4);
}

static int check(const struct nfr_op *op) {
  const struct nfr_plan_fully_connected *p = op->params;
  uint32_t in = nfr_product(p->batches, p->depth), out = nfr_product(p->batches, p->units), weights = nfr_product(p->units, p->depth);
  int err = nfr_check_extents(in, out, weights);
  if (!err) err = nfr_check_activation(&op->out);
  if (!err) err = nfr_check_operand(&op->in[0], op->out.type, in);
  if (!err) err = nfr_check_operand(&op->out, op->out.type, out);
  if (!err) err = is_paired(op) ? check_paired(op, p) : nfr_check_constant(op, p->weights, weights, 1);
  if (!err) err = nfr_check_requant(op, &p->q, p->units, op->out.type);
  return err;
}

/* Of a group; of a layer of one group that is no whole one, of that. */
static uint32_t paired_cost(const struct nfr_plan_fully_connected *p) {
  uint64_t blocks = nfr_padded_depth(p->depth) / 4u;
  bool is_usual = p->depth % 4u == 0 && (p->q.flags & NFR_REQUANT_PER_CHANNEL) == 0 && p->q.act_min == INT8_MIN && p->q.act_max == INT8_MAX;
  if (p->units < NFR_FC_UNIT - 1u) return nfr_cost(nfr_fc_pairs(p->units) * (blocks * 18u + 80u) + 130);
  return nfr_cost(blocks * 32u + (is_usual ? 90 : 420));
}

static void units(const struct nfr_op *op, struct nfr_units *units) {
  const struct nfr_plan_fully_connected *p = op->params;
  if (is_paired(op)) {
    units->count = p->batches * ((p->units + NFR_FC_UNIT - 1u) / NFR_FC_UNIT);
    units->cost = paired_cost(p);
    return;
  }
  uint32_t per = nfr_fc_plain_unit(p->depth, op->in[0].type == NFR_TYPE_INT8), fours = per == 4 ? p->units / 4u : 0;
  uint32_t count = (p->units + per - 1u) / per;
  units->count = p->batches * count;
  units->cost = nfr_cost((fours * (270 + 12ull * p->depth) + (p->units - 4u * fours) * (nfr_dot_cost(op, p->depth) + 55) + 30) / count);
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
