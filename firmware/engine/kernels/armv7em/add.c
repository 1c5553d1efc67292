/* ADD for ARMv7E-M: neighbouring int8 elements of two inputs, 17 instructions an element; all else as the portable kernel.
 *
 * The larger of the input scales is halved by a shift of 0, so that one operand at least needs no second rounding; the
 * other's is one ASRS and an ADC, which adds the first as well (nfr_requant_usual says why these are exact). */
#include "../add.h"
#include "../kernels.h"
#include "intrinsics.h"

#define LEFT_SHIFT 20u /* of every int8 ADD; a constant, so that it comes with the addition of the offset */

/* Of one operand: `offset` and `multiplier` as the instructions want them. */
struct operand {
  const int8_t *data;
  uint32_t offset, multiplier, right;
};

static struct operand operand_of(const void *data, uint32_t first, int16_t offset, int32_t multiplier, int8_t shift) {
  return (struct operand){.data = (const int8_t *)data + first,
                          .offset = (uint32_t)(int32_t)offset << LEFT_SHIFT,
                          .multiplier = (uint32_t)multiplier << 1,
                          .right = (uint32_t)-shift};
}

/* What x is in the common scale, before a shift to the right. */
static inline int32_t scaled(const struct operand *o, int8_t x) {
  uint32_t a = ((uint32_t)(int32_t)x << LEFT_SHIFT) + o->offset;
  return (int32_t)nfr_smmlar(a, o->multiplier, a);
}

/* a.right is 0; b's too where is_level. Both constants. */
static inline __attribute__((always_inline)) void add(const struct nfr_plan_add *p, struct operand a, struct operand b,
                                                      int8_t *out, uint32_t count, bool is_level, bool is_narrow) {
  uint32_t multiplier = (uint32_t)p->multiplier_out << 1, right = (uint32_t)-p->shift_out;
  int32_t offset = p->offset_out, act_min = p->act_min, act_max = p->act_max;
  for (int8_t *end = out + count; out < end;) {
    int32_t x = scaled(&a, *a.data++), y = scaled(&b, *b.data++);
    uint32_t sum = (uint32_t)(is_level ? nfr_add_wrap(x, y) : nfr_asr_round_add(nfr_add_wrap(y, y >> 31), b.right, x));
    int32_t z = (int32_t)nfr_smmlar(sum, multiplier, sum);
    z = nfr_ssat8(nfr_asr_round_add(nfr_add_wrap(z, z >> 31), right, offset));
    *out++ = (int8_t)(is_narrow ? nfr_clamp(z, act_min, act_max) : z);
  }
}

static bool has_fast_path(const struct nfr_op *op, const struct nfr_plan_add *p) {
  const int32_t half = 1 << 30; /* the least mantissa that is normal */
  return !nfr_is_wide(&op->out) && ((p->broadcast0 | p->broadcast1) & 8u) == 0 && p->left_shift == LEFT_SHIFT &&
         p->multiplier0 >= half && p->multiplier1 >= half && p->multiplier_out >= half && p->shift_out < 0 &&
         (p->shift0 == 0 || p->shift1 == 0);
}

static void add_row(const struct nfr_op *op, const struct nfr_run *run) {
  const struct nfr_plan_add *p = op->params;
  if (!has_fast_path(op, p)) {
    nfr_add_row(op, run);
    return;
  }
  struct operand a = operand_of(op->in[0].data, run->a, p->offset0, p->multiplier0, p->shift0);
  struct operand b = operand_of(op->in[1].data, run->b, p->offset1, p->multiplier1, p->shift1);
  int8_t *out = (int8_t *)op->out.data + run->out;
  if (a.right != 0) {
    struct operand other = a;
    a = b;
    b = other;
  }
  if (p->act_min > INT8_MIN || p->act_max < INT8_MAX) {
    if (b.right == 0)
      add(p, a, b, out, run->count, true, true);
    else
      add(p, a, b, out, run->count, false, true);
  } else if (b.right == 0) {
    add(p, a, b, out, run->count, true, false);
  } else {
    add(p, a, b, out, run->count, false, false);
  }
}

void nfr_kernel_add(const struct nfr_op *op, uint32_t first, uint32_t count) {
  const struct nfr_plan_add *p = op->params;
  nfr_broadcast_rows(op, p->dims, p->broadcast0, p->broadcast1, first, count, add_row);
}

uint32_t nfr_kernel_add_cost(const struct nfr_op *op) {
  const struct nfr_plan_add *p = op->params;
  uint32_t fast = p->act_min > INT8_MIN || p->act_max < INT8_MAX ? 24 : 19;
  return (has_fast_path(op, p) ? fast : 76) + 110 / p->dims[3];
}
