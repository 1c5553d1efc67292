/* Requantization of one channel of neighbouring pixels: seven instructions an output. Why that is exact: requant4.h. */
#ifndef NFR_ARMV7EM_REQUANT_PIXELS_H
#define NFR_ARMV7EM_REQUANT_PIXELS_H

#include "../requant.h"
#include "intrinsics.h"

/* What a layer's outputs share. Local copies: int8 stores may alias anything, so that what lies behind a pointer is read
 * again after each. */
struct nfr_output_stage {
  int32_t offset, act_min, act_max;
  bool is_narrow; /* the clamp is tighter than int8 */
};

static inline struct nfr_output_stage nfr_output_stage_of(const struct nfr_requant *r) {
  return (struct nfr_output_stage){
      .offset = r->output_offset,
      .act_min = r->act_min,
      .act_max = r->act_max,
      .is_narrow = r->act_min != INT8_MIN || r->act_max != INT8_MAX,
  };
}

/* Whether nfr_requant_fast computes it: a mantissa of at least 2^30 (bit 30) and a shift to the right (a negative one). */
static inline bool nfr_is_fast(int32_t mantissa, int32_t shift) {
  return (int32_t)((uint32_t)mantissa << 1 & (uint32_t)shift) < 0;
}

/* Sum, bias included, to an output that is not clamped yet. */
static inline int32_t nfr_requant_fast(uint32_t sum, uint32_t twice_mantissa, uint32_t right, int32_t output_offset) {
  int32_t x = (int32_t)nfr_smmlar(sum, twice_mantissa, sum);
  return nfr_asr_round_add(nfr_add_wrap(x, x >> 31), right, output_offset);
}

/* Any multiplier and clamp: sums of `count` pixels, bias included, to out, out + step, … */
static inline void nfr_requant_pixels_any(struct nfr_output_stage s, int32_t mantissa, int32_t shift, const uint32_t *sums,
                                          uint32_t count, int8_t *out, int32_t step) {
  for (; count > 0; count--, out += step)
    *out = (int8_t)nfr_clamp(nfr_add_wrap(nfr_scale((int32_t)*sums++, mantissa, shift), s.offset), s.act_min, s.act_max);
}

#endif
