#include "../kernels/kernels.h"
#include "../plan.h"
#include "cost.h"
#include "rule.h"
#include "types.h"

static int check_sizes(const struct nfr_op *op, const struct nfr_plan_svdf *p) {
  const uint8_t state = op->in[2].type;
  const uint32_t units = p->filters / p->rank, size = nfr_type_bytes(state);
  uint32_t in, out, memory, feature, time;
  int err = nfr_check_product((const uint32_t[]){p->batches, p->depth}, 2, &in);
  if (!err) err = nfr_check_product((const uint32_t[]){p->batches, units}, 2, &out);
  if (!err) err = nfr_check_product((const uint32_t[]){p->batches, p->filters, p->memory}, 3, &memory);
  if (!err) err = nfr_check_product((const uint32_t[]){p->filters, p->depth}, 2, &feature);
  if (!err) err = nfr_check_product((const uint32_t[]){p->filters, p->memory}, 2, &time);
  if (!err) err = nfr_check_operand(&op->in[0], NFR_TYPE_INT8, in);
  if (!err) err = nfr_check_operand(&op->out, NFR_TYPE_INT8, out);
  if (!err) err = nfr_check_operand(&op->in[2], state, memory);
  if (!err) err = nfr_check_constant(op, p->weights_feature, feature, 1);
  if (!err) err = nfr_check_constant(op, p->weights_time, time, size);
  if (!err && p->bias != NFR_PLAN_NONE32) err = nfr_check_constant(op, p->bias, units, 4);
  return err;
}

static int check(const struct nfr_op *op) {
  const struct nfr_plan_svdf *p = op->params;
  if (!NFR_RULE(V70, p->rank != 0 && p->filters % p->rank == 0)) return NFR_ERR_CORRUPT;
  int err = nfr_check_activation(&op->in[2]);
  if (!err) err = check_sizes(op, p);
  if (!err) err = nfr_check_multiplier(p->multiplier1, p->shift1, -31, 30);
  if (!err) err = nfr_check_multiplier(p->multiplier2, p->shift2, -31, 30);
  if (!err) err = nfr_check_zero_point(p->state_zero_point, op->in[2].type);
  if (!err) err = nfr_check_reserved(p->reserved);
  return err;
}

static void units(const struct nfr_op *op, struct nfr_units *units) {
  const struct nfr_plan_svdf *p = op->params;
  units->count = p->batches * (p->filters / p->rank);
  uint64_t memory = p->memory * 11ull; /* moved on, and weighed */
  units->cost = nfr_cost(p->rank * (nfr_dot_cost(op, p->depth) + memory + 80) + 80);
}

const struct nfr_op_type nfr_op_svdf = {
    .kind = NFR_KIND_SVDF,
    .params_bytes = sizeof(struct nfr_plan_svdf),
    .operands = NFR_USES_IN0 | NFR_USES_IN2,
    .state = NFR_USES_IN2,
    .layouts = 1u << NFR_LAYOUT_PLAIN,
    .check = check,
    .units = units,
    .run = nfr_kernel_svdf,
};
