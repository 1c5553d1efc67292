/* Instructions of ARMv7E-M that C has no words for, and the same in C, so that a host tests the kernels that use them.
 *
 * A word holds two halves (int16) or four bytes (int8, the first in memory lowest). Sums wrap modulo 2^32. Names are those
 * of the instructions; b and t: bottom and top half. */
#ifndef NFR_ARMV7EM_INTRINSICS_H
#define NFR_ARMV7EM_INTRINSICS_H

#include <stdint.h>
#include <string.h>

#if defined(__ARM_FEATURE_DSP) && __ARM_FEATURE_DSP

#define NFR_DSP_2(name, instruction)                                       \
  static inline uint32_t nfr_##name(uint32_t a, uint32_t b) {              \
    uint32_t r;                                                            \
    __asm__(instruction : "=r"(r) : "r"(a), "r"(b));                       \
    return r;                                                              \
  }
#define NFR_DSP_3(name, instruction)                                       \
  static inline uint32_t nfr_##name(uint32_t a, uint32_t b, uint32_t acc) { \
    uint32_t r;                                                            \
    __asm__(instruction : "=r"(r) : "r"(a), "r"(b), "r"(acc));             \
    return r;                                                              \
  }
NFR_DSP_2(uadd8, "uadd8 %0, %1, %2")
NFR_DSP_2(uqsub8, "uqsub8 %0, %1, %2")
NFR_DSP_2(sxtab16, "sxtab16 %0, %1, %2")
NFR_DSP_2(sxtab16_ror8, "sxtab16 %0, %1, %2, ror #8")
NFR_DSP_3(smlad, "smlad %0, %1, %2, %3")
NFR_DSP_3(smlabb, "smlabb %0, %1, %2, %3")
NFR_DSP_3(smlabt, "smlabt %0, %1, %2, %3")
NFR_DSP_3(smlatb, "smlatb %0, %1, %2, %3")
NFR_DSP_3(smlatt, "smlatt %0, %1, %2, %3")
NFR_DSP_3(smmlar, "smmlar %0, %1, %2, %3")
#undef NFR_DSP_2
#undef NFR_DSP_3

/* The greater of each byte of a and b, and the less, as signed ones. */
static inline uint32_t nfr_smax8(uint32_t a, uint32_t b) {
  uint32_t r;
  __asm__("ssub8 %0, %1, %2\n\tsel %0, %1, %2" : "=&r"(r) : "r"(a), "r"(b) : "cc");
  return r;
}

static inline uint32_t nfr_smin8(uint32_t a, uint32_t b) {
  uint32_t r;
  __asm__("ssub8 %0, %1, %2\n\tsel %0, %2, %1" : "=&r"(r) : "r"(a), "r"(b) : "cc");
  return r;
}

static inline uint32_t nfr_sxtb16(uint32_t x) {
  uint32_t r;
  __asm__("sxtb16 %0, %1" : "=r"(r) : "r"(x));
  return r;
}

static inline uint32_t nfr_sxtb16_ror8(uint32_t x) {
  uint32_t r;
  __asm__("sxtb16 %0, %1, ror #8" : "=r"(r) : "r"(x));
  return r;
}

static inline int32_t nfr_ssat8(int32_t x) {
  int32_t r;
  __asm__("ssat %0, #8, %1" : "=r"(r) : "r"(x));
  return r;
}

/* x / 2^bits to the nearest, half up, plus addend; bits 1 … 31. */
static inline int32_t nfr_asr_round_add(int32_t x, uint32_t bits, int32_t addend) {
  int32_t r;
  __asm__("asrs %0, %1, %2\n\tadc %0, %0, %3" : "=&r"(r) : "r"(x), "r"(bits), "r"(addend) : "cc");
  return r;
}

#else

static inline int32_t nfr_half_b(uint32_t x) {
  return (int16_t)(uint16_t)x;
}

static inline int32_t nfr_half_t(uint32_t x) {
  return (int16_t)(uint16_t)(x >> 16);
}

/* Bytes 0 and 2 of x, each added to a half of `halves`. */
static inline uint32_t nfr_sxtab16(uint32_t halves, uint32_t x) {
  int32_t first = (int8_t)(uint8_t)x, third = (int8_t)(uint8_t)(x >> 16);
  uint32_t low = halves + (uint32_t)first, high = (halves >> 16) + (uint32_t)third;
  return (low & 0xffffu) | high << 16;
}

static inline uint32_t nfr_sxtab16_ror8(uint32_t halves, uint32_t x) {
  return nfr_sxtab16(halves, x >> 8);
}

static inline uint32_t nfr_sxtb16(uint32_t x) {
  return nfr_sxtab16(0, x);
}

static inline uint32_t nfr_sxtb16_ror8(uint32_t x) {
  return nfr_sxtab16(0, x >> 8);
}

/* Bytes added, each modulo 256. */
static inline uint32_t nfr_uadd8(uint32_t a, uint32_t b) {
  return ((a & 0x7f7f7f7fu) + (b & 0x7f7f7f7fu)) ^ ((a ^ b) & 0x80808080u);
}

/* Bytes subtracted, each not below 0. */
static inline uint32_t nfr_uqsub8(uint32_t a, uint32_t b) {
  uint32_t r = 0;
  for (unsigned i = 0; i < 32; i += 8) {
    uint32_t x = a >> i & 0xffu, y = b >> i & 0xffu;
    r |= (x > y ? x - y : 0) << i;
  }
  return r;
}

static inline uint32_t nfr_smax8(uint32_t a, uint32_t b) {
  uint32_t r = 0;
  for (unsigned i = 0; i < 32; i += 8) r |= ((int8_t)(uint8_t)(a >> i) >= (int8_t)(uint8_t)(b >> i) ? a : b) & 0xffu << i;
  return r;
}

static inline uint32_t nfr_smin8(uint32_t a, uint32_t b) {
  return ~nfr_smax8(~a, ~b);
}

static inline uint32_t nfr_smlabb(uint32_t a, uint32_t b, uint32_t acc) {
  return acc + (uint32_t)(nfr_half_b(a) * nfr_half_b(b));
}

static inline uint32_t nfr_smlabt(uint32_t a, uint32_t b, uint32_t acc) {
  return acc + (uint32_t)(nfr_half_b(a) * nfr_half_t(b));
}

static inline uint32_t nfr_smlatb(uint32_t a, uint32_t b, uint32_t acc) {
  return acc + (uint32_t)(nfr_half_t(a) * nfr_half_b(b));
}

static inline uint32_t nfr_smlatt(uint32_t a, uint32_t b, uint32_t acc) {
  return acc + (uint32_t)(nfr_half_t(a) * nfr_half_t(b));
}

static inline uint32_t nfr_smlad(uint32_t a, uint32_t b, uint32_t acc) {
  return nfr_smlatt(a, b, nfr_smlabb(a, b, acc));
}

/* High word of (acc x 2^32 + a x b + 2^31), a and b signed. */
static inline uint32_t nfr_smmlar(uint32_t a, uint32_t b, uint32_t acc) {
  int64_t product = (int64_t)(int32_t)a * (int32_t)b;
  return (uint32_t)((((uint64_t)acc << 32) + (uint64_t)product + (1u << 31)) >> 32);
}

static inline int32_t nfr_ssat8(int32_t x) {
  return x < INT8_MIN ? INT8_MIN : x > INT8_MAX ? INT8_MAX : x;
}

static inline int32_t nfr_asr_round_add(int32_t x, uint32_t bits, int32_t addend) {
  int32_t y = x >> (bits - 1u);
  return (int32_t)((uint32_t)(y >> 1) + (uint32_t)(y & 1) + (uint32_t)addend);
}

#endif

/* From a sum to an output, before a clamp tighter than int8: five instructions. twice: twice a mantissa m of at least 2^30;
 * right: 1 … 31.
 *
 * With m in [2^30, 2^31), nfr_high_mul(x, m) = floor((x * 2m + 2^31) / 2^32), and as a signed word 2m is 2m - 2^32: so it
 * is the high word of x * 2^32 + x * (2m - 2^32) + 2^31, one SMMLAR, for every x. With y = x, or x - 1 for a negative x,
 * nfr_rounding_shift_right(x, n), n > 0, is y / 2^n, half up: ASRS leaves that half in the carry, and ADC adds it together
 * with the output's offset; SSAT is a clamp to int8. */
static inline int8_t nfr_requant_usual(uint32_t sum, uint32_t twice, uint32_t right, int32_t offset) {
  int32_t x = (int32_t)nfr_smmlar(sum, twice, sum);
  return (int8_t)nfr_ssat8(nfr_asr_round_add((int32_t)((uint32_t)x + (uint32_t)(x >> 31)), right, offset));
}

/* Four bytes at any address. */
static inline uint32_t nfr_load_word(const int8_t *p) {
  uint32_t x;
  memcpy(&x, p, 4);
  return x;
}

static inline void nfr_store_word(int8_t *p, uint32_t x) {
  memcpy(p, &x, 4);
}

#endif
