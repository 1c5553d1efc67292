/* ADD: both inputs to a common scale with left_shift bits of headroom, sum, one rescale. */
#ifndef NFR_ADD_H
#define NFR_ADD_H

#include "broadcast.h"
#include "element.h"
#include "fixed_point.h"

static inline void nfr_add_row(const struct nfr_op *op, const struct nfr_run *run) {
  const struct nfr_plan_add *p = op->params;
  const void *in_a = op->in[0].data, *in_b = op->in[1].data;
  bool wide = nfr_is_wide(&op->out);
  uint32_t i = run->a, j = run->b;
  for (uint32_t out = run->out, end = out + run->count; out < end; out++, i += run->step_a, j += run->step_b) {
    int32_t a = nfr_shift_left_wrap(nfr_load(in_a, i, wide) + p->offset0, p->left_shift);
    int32_t b = nfr_shift_left_wrap(nfr_load(in_b, j, wide) + p->offset1, p->left_shift);
    a = nfr_scale_down(a, p->multiplier0, p->shift0);
    b = nfr_scale_down(b, p->multiplier1, p->shift1);
    int32_t sum = nfr_add_wrap(a, b);
    int32_t value = nfr_add_wrap(nfr_scale_down(sum, p->multiplier_out, p->shift_out), p->offset_out);
    nfr_store(op->out.data, out, nfr_clamp(value, p->act_min, p->act_max), wide);
  }
}

#endif
