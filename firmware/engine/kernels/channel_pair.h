/* CONV_2D in NFR_LAYOUT_SMLAD: what a plan has for two neighbouring output channels (SPEC.md section 6). One after the
 * other: bias of the low channel, weights of both, struct nfr_pair_tail. All of it 4-byte aligned. */
#ifndef NFR_CHANNEL_PAIR_H
#define NFR_CHANNEL_PAIR_H

#include <assert.h>
#include <stdint.h>

struct nfr_pair_tail {
  uint32_t bias;           /* of the high channel */
  uint32_t multipliers[2]; /* 2^31 … 2^32 - 1: twice the mantissa */
  uint8_t right[2];        /* shifts to the right: 1 … 31 */
  uint16_t zero;
};

static_assert(sizeof(struct nfr_pair_tail) == 16, "tail of a pair");

/* Words of a pair whose channels have `padded` weights each, at most 2^31; and bytes, where those are inside a plan. */
static inline uint32_t nfr_pair_words(uint32_t padded) {
  return 1u + padded / 2u + (uint32_t)sizeof(struct nfr_pair_tail) / 4u;
}

static inline uint32_t nfr_pair_bytes(uint32_t padded) {
  return 4u * nfr_pair_words(padded);
}

/* Sum of a high channel, from the sum over its halfwords, less that over their low bytes: exact when it has 24 bits. */
static inline uint32_t nfr_pair_high(uint32_t both, uint32_t low) {
  return (uint32_t)((int32_t)(both - low) >> 8);
}

#endif
