#include "../kernels/kernels.h"
#include "cost.h"
#include "rule.h"
#include "types.h"

static int check(const struct nfr_op *op) {
  const struct nfr_plan_conv *p = op->params;
  if (!NFR_RULE(V55, p->groups != 0 && p->in_c % p->groups == 0 && p->out_c % p->groups == 0)) return NFR_ERR_CORRUPT;
  return nfr_check_conv(op, p, (const uint32_t[]){p->out_c, p->filter_h, p->filter_w, (uint32_t)p->in_c / p->groups});
}

static void units(const struct nfr_op *op, struct nfr_units *units) {
  const struct nfr_plan_conv *p = op->params;
  uint32_t group_c = (uint32_t)p->in_c / p->groups;
  bool is_row_one_run = p->groups == 1 && p->dilation_w == 1;
  uint64_t runs = (uint64_t)p->filter_h * (is_row_one_run ? 1 : p->filter_w);
  uint64_t length = (uint64_t)group_c * (is_row_one_run ? p->filter_w : 1);
  units->count = (uint32_t)p->batches * p->out_h * p->out_w * p->out_c;
  uint64_t dot = p->groups == 1 ? nfr_dot_cost_of(op, length, p->out_c) : nfr_dot_cost(op, length);
  uint32_t singles = p->groups == 1 && op->in[0].type == NFR_TYPE_INT8 ? p->out_c % 4u : p->out_c;
  units->cost = nfr_cost(runs * dot + p->filter_h * 8u + 55 + (130u + 65u * singles) / p->out_c);
}

const struct nfr_op_type nfr_op_conv_2d = {
    .kind = NFR_KIND_CONV_2D,
    .params_bytes = sizeof(struct nfr_plan_conv),
    .operands = NFR_USES_IN0,
    .overlap = NFR_USES_IN0,
    .layouts = 1u << NFR_LAYOUT_PLAIN,
    .check = check,
    .units = units,
    .run = nfr_kernel_conv_2d,
};
