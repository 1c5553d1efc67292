/* FULLY_CONNECTED in NFR_LAYOUT_SMLAD (SPEC.md section 6): units in groups of four pairs. Of a group, one after the other:
 * uint32 biases of the low units, pair by pair; of each four taps, pair by pair, two words of weights; uint32 biases of the
 * high units. The last group may have fewer pairs. */
#ifndef NFR_FC_GROUPS_H
#define NFR_FC_GROUPS_H

#include "tile.h"

#define NFR_FC_UNIT 8u /* outputs of a unit: of a group */
#define NFR_FC_PAIRS 4u

static inline uint32_t nfr_fc_pairs(uint32_t units) {
  return (units + 1u) / 2u;
}

/* A pair's share of its group, in words: for any depth below 2^31; and in bytes, where those are inside a plan. The group
 * before has NFR_FC_PAIRS times as many. */
static inline uint32_t nfr_fc_pair_words(uint32_t depth) {
  return 2u + nfr_padded_depth(depth) / 2u;
}

static inline uint32_t nfr_fc_pair_bytes(uint32_t depth) {
  return 4u * nfr_fc_pair_words(depth);
}

#endif
