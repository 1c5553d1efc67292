/* Requantization of one output: why that is exact is in nfr_requant_usual (intrinsics.h). */
#ifndef NFR_ARMV7EM_REQUANT1_H
#define NFR_ARMV7EM_REQUANT1_H

#include "../requant.h"
#include "intrinsics.h"

/* Whether nfr_requant_fast computes it: a mantissa of at least 2^30 (bit 30) and a shift to the right (a negative one). */
static inline bool nfr_is_fast(int32_t mantissa, int32_t shift) {
  return (int32_t)((uint32_t)mantissa << 1 & (uint32_t)shift) < 0;
}

/* Sum, bias included, to an output that is not clamped yet. */
static inline int32_t nfr_requant_fast(uint32_t sum, uint32_t twice_mantissa, uint32_t right, int32_t output_offset) {
  int32_t x = (int32_t)nfr_smmlar(sum, twice_mantissa, sum);
  return nfr_asr_round_add(nfr_add_wrap(x, x >> 31), right, output_offset);
}

#endif
