/* Fixed-point arithmetic of the kernels: TFLite's reference arithmetic with double rounding, defined for every input.
 *
 * Sums and left shifts wrap modulo 2^32 (2^64); conversions to a narrower signed type keep the low bits and right shifts
 * of negative values are arithmetic, as every compiler that builds the firmware defines them.
 */
#ifndef NFR_FIXED_POINT_H
#define NFR_FIXED_POINT_H

#include <stdint.h>

static inline int32_t nfr_add_wrap(int32_t a, int32_t b) {
  return (int32_t)((uint32_t)a + (uint32_t)b);
}

static inline int32_t nfr_shift_left_wrap(int32_t x, uint32_t bits) {
  return (int32_t)((uint32_t)x << bits);
}

static inline int32_t nfr_clamp(int32_t x, int32_t low, int32_t high) {
  return x < low ? low : x > high ? high : x;
}

/* a x b / 2^31 to the nearest, half up. This equals the "saturating rounding doubling high multiply" of the reference,
 * half away from zero with its nudge of 1 - 2^30 for negatives, except that -2^31 x -2^31 wraps instead of saturating:
 * no caller has two such factors (multipliers are not negative). */
static inline int32_t nfr_high_mul(int32_t a, int32_t b) {
  return (int32_t)(((int64_t)a * b + (1 << 30)) >> 31);
}

/* x / 2^bits to the nearest, half away from zero; bits 0 … 31, x > -2^31. With y = x, or x - 1 for a negative x, half
 * away from zero is half up. */
static inline int32_t nfr_rounding_shift_right(int32_t x, uint32_t bits) {
  if (bits == 0) return x;
  int32_t y = nfr_add_wrap(x, x >> 31) >> (bits - 1u);
  return (y >> 1) + (y & 1);
}

/* x * multiplier / 2^31 * 2^shift in two roundings; multiplier >= 0, shift -31 … 30. */
static inline int32_t nfr_scale(int32_t x, int32_t multiplier, int32_t shift) {
  uint32_t left = shift > 0 ? (uint32_t)shift : 0;
  uint32_t right = shift > 0 ? 0 : (uint32_t)-shift;
  return nfr_rounding_shift_right(nfr_high_mul(nfr_shift_left_wrap(x, left), multiplier), right);
}

/* The same without a left part: shift -31 … 0. */
static inline int32_t nfr_scale_down(int32_t x, int32_t multiplier, int32_t shift) {
  return nfr_rounding_shift_right(nfr_high_mul(x, multiplier), (uint32_t)-shift);
}

/* The reference's 64-bit form: the multiplier is rounded to 15 bits, then one rounding, half up; shift -31 … 7. */
static inline int32_t nfr_scale_wide(uint64_t x, int32_t multiplier, int32_t shift) {
  uint32_t reduced = multiplier < 0x7fff0000 ? ((uint32_t)multiplier + 0x8000u) >> 16 : 0x7fffu;
  uint32_t right = (uint32_t)(15 - shift);
  return (int32_t)((int64_t)(x * reduced + (1ull << (right - 1u))) >> right);
}

#endif
