#include "../kernels/kernels.h"
#include "cost.h"
#include "rule.h"
#include "types.h"

/* Extents of the output, or of what is summed for one element of it. */
static void split(const struct nfr_plan_mean *p, uint32_t kept[4], uint32_t reduced[4]) {
  for (unsigned d = 0; d < 4; d++) {
    bool is_reduced = (p->reduce >> d & 1) != 0;
    kept[d] = is_reduced ? 1 : p->dims[d];
    reduced[d] = is_reduced ? p->dims[d] : 1;
  }
}

static int check(const struct nfr_op *op) {
  const struct nfr_plan_mean *p = op->params;
  if (!NFR_RULE(V67, p->reduce < 16)) return NFR_ERR_CORRUPT;
  uint32_t kept[4], reduced[4], in, out;
  split(p, kept, reduced);
  int err = nfr_check_product(p->dims, 4, &in);
  if (!err) err = nfr_check_product(kept, 4, &out);
  if (!err) err = nfr_check_activation(&op->out);
  if (!err) err = nfr_check_operand(&op->in[0], op->out.type, in);
  if (!err) err = nfr_check_operand(&op->out, op->out.type, out);
  if (!err) err = nfr_check_multiplier(p->multiplier, p->shift, -31, 30);
  if (!err) err = nfr_check_reserved((uint32_t)p->reserved[0] | p->reserved[1] | p->reserved[2] | p->reserved1);
  return err;
}

static void units(const struct nfr_op *op, struct nfr_units *units) {
  const struct nfr_plan_mean *p = op->params;
  uint32_t kept[4], reduced[4];
  split(p, kept, reduced);
  uint64_t rows = (uint64_t)reduced[0] * reduced[1] * reduced[2];
  units->count = kept[0] * kept[1] * kept[2] * kept[3];
  units->cost = nfr_cost(rows * (reduced[3] * 7ull + 15) + 120);
}

const struct nfr_op_type nfr_op_mean = {
    .kind = NFR_KIND_MEAN,
    .params_bytes = sizeof(struct nfr_plan_mean),
    .operands = NFR_USES_IN0,
    .layouts = 1u << NFR_LAYOUT_PLAIN,
    .check = check,
    .units = units,
    .run = nfr_kernel_mean,
};
