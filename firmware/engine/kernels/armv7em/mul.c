/* MUL for ARMv7E-M: int8 elements whose product is scaled down by a normal multiplier, 15 instructions an element; all else
 * as the portable kernel. An operand that is repeated along the row is loaded again: its step is 0. */
#include "../mul.h"

#include "../kernels.h"
#include "intrinsics.h"

static bool has_fast_path(const struct nfr_op *op, const struct nfr_plan_mul *p) {
  return !nfr_is_wide(&op->out) && p->multiplier >= 1 << 30 && p->shift < 0;
}

static inline __attribute__((always_inline)) void multiply(const struct nfr_op *op, const struct nfr_run *run, bool is_narrow) {
  const struct nfr_plan_mul *p = op->params;
  const int8_t *a = (const int8_t *)op->in[0].data + run->a, *b = (const int8_t *)op->in[1].data + run->b;
  uint32_t step_a = run->step_a, step_b = run->step_b, twice = (uint32_t)p->multiplier << 1, right = (uint32_t)-p->shift;
  int32_t offset0 = p->offset0, offset1 = p->offset1, offset = p->offset_out, act_min = p->act_min, act_max = p->act_max;
  int8_t *out = (int8_t *)op->out.data + run->out;
  for (const int8_t *end = out + run->count; out < end; a += step_a, b += step_b) {
    uint32_t product = (uint32_t)(*a + offset0) * (uint32_t)(*b + offset1);
    int32_t value = nfr_requant_usual(product, twice, right, offset);
    *out++ = (int8_t)(is_narrow ? nfr_clamp(value, act_min, act_max) : value);
  }
}

static void mul_row(const struct nfr_op *op, const struct nfr_run *run) {
  const struct nfr_plan_mul *p = op->params;
  if (!has_fast_path(op, p))
    nfr_mul_row(op, run);
  else if (p->act_min > INT8_MIN || p->act_max < INT8_MAX)
    multiply(op, run, true);
  else
    multiply(op, run, false);
}

void nfr_kernel_mul(const struct nfr_op *op, uint32_t first, uint32_t count) {
  const struct nfr_plan_mul *p = op->params;
  nfr_broadcast_rows(op, p->dims, p->broadcast0, p->broadcast1, first, count, mul_row);
}

uint32_t nfr_kernel_mul_cost(const struct nfr_op *op) {
  const struct nfr_plan_mul *p = op->params;
  uint32_t fast = p->act_min > INT8_MIN || p->act_max < INT8_MAX ? 22 : 16;
  return (has_fast_path(op, p) ? fast : 52) + 110 / p->dims[3];
}
