/* A run of MUL's elements, as the kernels of every backend compute what they have nothing better for. */
#ifndef NFR_KERNELS_MUL_H
#define NFR_KERNELS_MUL_H

#include "broadcast.h"
#include "element.h"
#include "fixed_point.h"

static inline void nfr_mul_row(const struct nfr_op *op, const struct nfr_run *run) {
  const struct nfr_plan_mul *p = op->params;
  const void *in_a = op->in[0].data, *in_b = op->in[1].data;
  bool wide = nfr_is_wide(&op->out);
  uint32_t i = run->a, j = run->b;
  for (uint32_t out = run->out, end = out + run->count; out < end; out++, i += run->step_a, j += run->step_b) {
    uint32_t a = (uint32_t)(nfr_load(in_a, i, wide) + p->offset0), b = (uint32_t)(nfr_load(in_b, j, wide) + p->offset1);
    int32_t value = nfr_add_wrap(nfr_scale((int32_t)(a * b), p->multiplier, p->shift), p->offset_out);
    nfr_store(op->out.data, out, nfr_clamp(value, p->act_min, p->act_max), wide);
  }
}

#endif
