/* SOFTMAX: a unit is one row. int8 input: exponentials and reciprocal in fixed point, in the order of roundings of the
 * reference; int16 input: by two tables of 513. */
#include "../element.h"
#include "../fixed_point.h"
#include "../kernels.h"

#define ONE_Q0 INT32_MAX /* 1 in Q0.31, saturated */
#define ACCUMULATION_BITS 12 /* integer bits of the sum of exponentials */

/* exp(x) in Q0.31 for x in [-1/4, 0), Q0.31: Taylor's series around -1/8 up to the fourth power, Horner by thirds. */
static int32_t exp_of_quarter(int32_t x) {
  const int32_t exp_of_minus_eighth = 1895147668, third = 715827883;
  x += 1 << 28;
  int32_t x2 = nfr_high_mul(x, x), x3 = nfr_high_mul(x2, x), x4 = nfr_high_mul(x2, x2);
  int32_t tail = nfr_high_mul(nfr_rounding_shift_right(x4, 2) + x3, third) + x2;
  return exp_of_minus_eighth + nfr_high_mul(exp_of_minus_eighth, x + nfr_rounding_shift_right(tail, 1));
}

/* exp(x) in Q0.31 for x <= 0 in Q5.26: the part below a quarter by the series, the multiples of it by factors. */
static int32_t exp_of_negative(int32_t x) {
  /* exp(-2^(i - 2)) */
  static const int32_t factors[7] = {1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242};
  if (x == 0) return ONE_Q0;
  const int32_t quarter = 1 << 24;
  int32_t rest = (x & (quarter - 1)) - quarter; /* in [-1/4, 0) */
  uint32_t quarters = (uint32_t)rest - (uint32_t)x;
  int32_t result = exp_of_quarter(nfr_shift_left_wrap(rest, 5));
  for (unsigned i = 0; i < 7; i++)
    if (quarters >> (24 + i) & 1u) result = nfr_high_mul(result, factors[i]);
  return result;
}

/* 1 / (1 + x) in Q0.31 for x in [0, 1): three steps of Newton and Raphson for the reciprocal of (1 + x) / 2, in Q2.29. */
static int32_t reciprocal_of_one_plus(int32_t x) {
  const int32_t one_q2 = 1 << 29, forty_eight_17ths = 1515870810, minus_thirty_two_17ths = -1010580540;
  int32_t half = (int32_t)(((int64_t)x + ONE_Q0 + 1) / 2);
  int32_t y = forty_eight_17ths + nfr_high_mul(half, minus_thirty_two_17ths);
  for (int i = 0; i < 3; i++) {
    int32_t error = one_q2 - nfr_high_mul(half, y);
    y += nfr_high_mul(y, error) * 4; /* the product is Q4.27 and small: |error| <= 1/17 */
  }
  /* y / 2 as Q0.31 saturates at 1. */
  return y > (1 << 30) - 1 ? INT32_MAX : nfr_shift_left_wrap(y, 1);
}

static int32_t scaled_exp(const struct nfr_plan_softmax *p, int32_t difference) {
  return exp_of_negative(nfr_high_mul(nfr_shift_left_wrap(difference, (uint32_t)p->shift), p->multiplier));
}

static void softmax_row8(const struct nfr_op *op, uint32_t row) {
  const struct nfr_plan_softmax *p = op->params;
  const int8_t *in = (const int8_t *)op->in[0].data + row * p->depth;
  bool wide = nfr_is_wide(&op->out);
  int32_t low = wide ? INT16_MIN : INT8_MIN, high = wide ? INT16_MAX : INT8_MAX;
  int32_t maximum = INT8_MIN;
  for (uint32_t i = 0; i < p->depth; i++)
    if (in[i] > maximum) maximum = in[i];

  uint32_t sum = 0; /* Q12.19; the maximum alone gives 2^19 and depth <= 4095: between 2^19 and 2^31 */
  for (uint32_t i = 0; i < p->depth; i++)
    if (in[i] - maximum >= p->diff_min)
      sum += (uint32_t)nfr_rounding_shift_right(scaled_exp(p, in[i] - maximum), ACCUMULATION_BITS);
  uint32_t headroom = (uint32_t)__builtin_clz(sum);
  int32_t scale = reciprocal_of_one_plus((int32_t)((sum << headroom) - (1u << 31)));
  uint32_t bits = ACCUMULATION_BITS - headroom + (wide ? 15 : 23);

  for (uint32_t i = 0; i < p->depth; i++) {
    int32_t value = low;
    if (in[i] - maximum >= p->diff_min && bits <= 31) { /* beyond 31 bits every share rounds to nothing */
      int32_t share = nfr_high_mul(scale, scaled_exp(p, in[i] - maximum));
      value = nfr_clamp(low + nfr_rounding_shift_right(share, bits), low, high);
    }
    nfr_store(op->out.data, row * p->depth + i, value, wide);
  }
}

/* Linear interpolation in a table over [-32768, 32767]; its slopes wrap to 16 bits. */
static int32_t look_up(const int16_t table[513], int32_t x) {
  const int16_t *base = table + 256 + (x >> 7);
  int32_t slope = (int16_t)(base[1] - base[0]);
  return (int16_t)(base[0] + ((slope * (x & 0x7f) + 64) >> 7));
}

static void softmax_row16(const struct nfr_op *op, uint32_t row) {
  const struct nfr_plan_softmax *p = op->params;
  const int16_t *exp_table = nfr_constant(op, p->exp_table), *reciprocal_table = nfr_constant(op, p->reciprocal_table);
  const int16_t *in = (const int16_t *)(const void *)op->in[0].data + row * p->depth;
  int16_t *out = (int16_t *)(void *)op->out.data + row * p->depth; /* holds the exponentials in between; may be `in` */
  int32_t maximum = INT16_MIN;
  for (uint32_t i = 0; i < p->depth; i++)
    if (in[i] > maximum) maximum = in[i];

  uint32_t sum = 0; /* Q16.15 */
  for (uint32_t i = 0; i < p->depth; i++) {
    int32_t x = nfr_add_wrap(nfr_scale(in[i] - maximum, p->multiplier, p->shift), INT16_MAX);
    int32_t exponential = look_up(exp_table, nfr_clamp(x, INT16_MIN, INT16_MAX));
    out[i] = (int16_t)exponential;
    sum += (uint32_t)exponential;
  }
  if ((int32_t)sum < 2) sum = 2; /* only with tables that are no exponentials: exp(0) alone is near 2^15 */

  /* The sum as 1 + x, x in [0, 1), recentred for the table of 1 / (1 + x). */
  uint32_t headroom = (uint32_t)__builtin_clz(sum), right = 31 - headroom;
  int32_t x = (int32_t)(((sum << (headroom - 1)) + (1u << 13)) >> 14) - (1 << 15) - (1 << 16);
  int32_t reciprocal = look_up(reciprocal_table, nfr_clamp(x, INT16_MIN, INT16_MAX));
  for (uint32_t i = 0; i < p->depth; i++)
    out[i] = (int16_t)nfr_clamp((out[i] * reciprocal + (1 << (right - 1))) >> right, 0, INT16_MAX);
}

void nfr_kernel_softmax(const struct nfr_op *op, uint32_t first, uint32_t count) {
  for (uint32_t end = first + count; first < end; first++) {
    if (nfr_is_wide(&op->in[0]))
      softmax_row16(op, first);
    else
      softmax_row8(op, first);
  }
}
