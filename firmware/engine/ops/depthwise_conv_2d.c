#include "../kernels/depthwise.h"
#include "../kernels/kernels.h"
#include "cost.h"
#include "rule.h"
#include "types.h"

static int check(const struct nfr_op *op) {
  const struct nfr_plan_conv *p = op->params;
  if (!NFR_RULE(V56, (uint32_t)p->in_c * p->groups == p->out_c)) return NFR_ERR_CORRUPT;
  return nfr_check_conv(op, p, (const uint32_t[]){p->filter_h, p->filter_w, p->out_c, 1});
}

static void units(const struct nfr_op *op, struct nfr_units *units) {
  const struct nfr_plan_conv *p = op->params;
  uint64_t taps = (uint64_t)p->filter_h * p->filter_w, singly = taps * 7 + p->filter_h * 14u + 115;
  bool by_4 = p->groups == 1 && op->in[0].type == NFR_TYPE_INT8; /* as many channels as there are fours */
  uint64_t fours = by_4 ? p->out_c / 4u : 0, together = taps * 20 + p->filter_h * 16u + 220;
  uint32_t unit = nfr_depthwise_unit(p);
  units->count = (uint32_t)p->batches * p->out_h * p->out_w * p->out_c / unit;
  units->cost = nfr_cost((fours * together + (p->out_c - 4 * fours) * singly + 150) * unit / p->out_c);
}

const struct nfr_op_type nfr_op_depthwise_conv_2d = {
    .kind = NFR_KIND_DEPTHWISE_CONV_2D,
    .rows = NFR_ROWS_CONV,
    .params_bytes = sizeof(struct nfr_plan_conv),
    .operands = NFR_USES_IN0,
    .overlap = NFR_USES_IN0,
    .layouts = 1u << NFR_LAYOUT_PLAIN,
    .check = check,
    .units = units,
    .run = nfr_kernel_depthwise_conv_2d,
};
