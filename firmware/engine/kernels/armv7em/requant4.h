/* Requantization of four neighbouring channels, resolved once for many pixels: seven instructions an output.
 *
 * With a mantissa m in [2^30, 2^31), nfr_high_mul(x, m) = floor((x * 2m + 2^31) / 2^32), and as a signed word 2m is
 * 2m - 2^32: so it is the high word of x * 2^32 + x * (2m - 2^32) + 2^31, one SMMLAR, for every x. With y = x, or x - 1
 * for a negative x, nfr_rounding_shift_right(x, n), n > 0, is y / 2^n, half up: ASRS leaves that half in the carry, and
 * ADC adds it together with the output's offset; SSAT is a clamp to int8. */
#ifndef NFR_ARMV7EM_REQUANT4_H
#define NFR_ARMV7EM_REQUANT4_H

#include "../requant.h"
#include "intrinsics.h"

struct nfr_requant4 {
  uint32_t bias[4]; /* where sums start */
  struct {
    uint32_t multiplier, shift; /* twice the mantissa; to the right, 1 … 31 */
  } scale[4];
  enum { NFR_REQUANT4_PLAIN, NFR_REQUANT4_CLAMPED, NFR_REQUANT4_RARE } path; /* CLAMPED: to less than int8 */
};

/* The sums of four channels. */
struct nfr_sums4 {
  uint32_t a, b, c, d;
};

/* Channels channel … channel + 3 into *q. RARE are a shift to the left, or none, and a mantissa below 1/2. */
static inline void nfr_requant4_of(const struct nfr_requant *r, uint32_t channel, struct nfr_requant4 *q) {
  const int32_t *bias = r->bias ? (const int32_t *)r->bias + channel : 0, *multiplier = r->multipliers + r->step * channel;
  const int8_t *shift = r->shifts + r->step * channel;
  bool is_rare = false;
  for (uint32_t i = 0; i < 4; i++, multiplier += r->step, shift += r->step) {
    is_rare = is_rare || *shift >= 0 || *multiplier < 1 << 30;
    q->scale[i].multiplier = (uint32_t)*multiplier << 1;
    q->scale[i].shift = (uint32_t)-*shift;
    q->bias[i] = bias ? (uint32_t)bias[i] : 0;
  }
  q->path = r->act_min > INT8_MIN || r->act_max < INT8_MAX ? NFR_REQUANT4_CLAMPED : NFR_REQUANT4_PLAIN;
  if (!is_rare) return;
  q->path = NFR_REQUANT4_RARE;
  q->bias[0] = q->bias[1] = q->bias[2] = q->bias[3] = 0; /* nfr_requant_row8 adds them */
}

#if defined(__ARM_FEATURE_DSP) && __ARM_FEATURE_DSP

#define LANE(sum)                                \
  "ldrd %[m], %[n], [%[q]], #8\n\t"              \
  "smmlar %[" sum "], %[" sum "], %[m], %[" sum "]\n\t" \
  "add %[" sum "], %[" sum "], %[" sum "], asr #31\n\t" \
  "asrs %[" sum "], %[" sum "], %[n]\n\t"        \
  "adc %[" sum "], %[" sum "], %[o]\n\t"         \
  "ssat %[" sum "], #8, %[" sum "]\n\t"

static inline void nfr_requant4_plain(const struct nfr_requant4 *q, int32_t offset, struct nfr_sums4 s, int8_t *out) {
  const void *scale = q->scale;
  uint32_t m, n;
  __asm__ volatile(LANE("a") LANE("b") LANE("c") LANE("d")
          "bfi %[a], %[b], #8, #8\n\t"
          "bfi %[a], %[c], #16, #8\n\t"
          "bfi %[a], %[d], #24, #8\n\t"
          "str %[a], [%[out]]"
          : [a] "+&r"(s.a), [b] "+&r"(s.b), [c] "+&r"(s.c), [d] "+&r"(s.d), [q] "+&r"(scale), [m] "=&r"(m), [n] "=&r"(n)
          : [o] "r"(offset), [out] "r"(out)
          : "memory", "cc");
}
#undef LANE

#else

static inline int8_t nfr_requant4_lane(const struct nfr_requant4 *q, unsigned lane, uint32_t sum, int32_t offset) {
  int32_t x = (int32_t)nfr_smmlar(sum, q->scale[lane].multiplier, sum);
  return (int8_t)nfr_ssat8(nfr_asr_round_add(nfr_add_wrap(x, x >> 31), q->scale[lane].shift, offset));
}

static inline void nfr_requant4_plain(const struct nfr_requant4 *q, int32_t offset, struct nfr_sums4 s, int8_t *out) {
  out[0] = nfr_requant4_lane(q, 0, s.a, offset);
  out[1] = nfr_requant4_lane(q, 1, s.b, offset);
  out[2] = nfr_requant4_lane(q, 2, s.c, offset);
  out[3] = nfr_requant4_lane(q, 3, s.d, offset);
}

#endif

/* Sums that started at q->bias to four outputs. */
static inline void nfr_requant4_store(const struct nfr_requant4 *q, const struct nfr_requant *r, uint32_t channel,
                                      struct nfr_sums4 s, int8_t *out) {
  if (q->path == NFR_REQUANT4_RARE) {
    const uint32_t rare[4] = {s.a, s.b, s.c, s.d};
    nfr_requant_row8(r, rare, 4, channel, out);
    return;
  }
  nfr_requant4_plain(q, r->output_offset, s, out);
  if (q->path == NFR_REQUANT4_PLAIN) return;
  for (unsigned i = 0; i < 4; i++) out[i] = (int8_t)nfr_clamp(out[i], r->act_min, r->act_max);
}

#endif
