/* FULLY_CONNECTED in NFR_LAYOUT_SMLAD (SPEC.md section 6): units in groups of four pairs. Of a group, one after the other:
 * uint32 biases of the low units, pair by pair; of each four taps, pair by pair, two words of weights; biases of the high
 * units: of a whole group three words for four of 24 bits, else a uint32 each. The last group may have fewer pairs. */
#ifndef NFR_FC_GROUPS_H
#define NFR_FC_GROUPS_H

#include <stdbool.h>
#include <string.h>

#include "tile.h"

#define NFR_FC_UNIT 8u /* outputs of a unit: of a group */
#define NFR_FC_PAIRS 4u

/* Layout 0: outputs of a unit. Four int8 ones are summed together, which a slice must not cut; where they would fill one,
 * each is a unit. */
static inline uint32_t nfr_fc_plain_unit(uint32_t depth, bool is_int8) {
  return is_int8 && depth <= 8192u ? 4u : 1u;
}

static inline uint32_t nfr_fc_pairs(uint32_t units) {
  return (units + 1u) / 2u;
}

/* Bytes of a group that is there. */
static inline uint32_t nfr_fc_group_bytes(uint32_t pairs, uint32_t depth) {
  uint32_t high_biases = pairs == NFR_FC_PAIRS ? 3u : pairs;
  return 4u * (pairs + high_biases) + 2u * nfr_padded_depth(depth) * pairs;
}

/* Words of all groups; of any depth whose product with the units is below 2^31, which the bytes of a group need not be. */
static inline uint64_t nfr_fc_words(uint32_t units, uint32_t depth) {
  uint32_t pairs = nfr_fc_pairs(units), whole = pairs / NFR_FC_PAIRS;
  return (uint64_t)pairs * (2u + nfr_padded_depth(depth) / 2u) - whole; /* a whole group has one word less of biases */
}

/* Bias of a pair's high unit. `biases`: behind the group's weights. Of four, the upper 24 bits of word i are that of pair i,
 * and the low bytes of the words are that of pair 3, the lowest first. */
static inline uint32_t nfr_fc_high_bias(const uint8_t *biases, uint32_t pairs, uint32_t pair) {
  uint32_t word;
  if (pairs < NFR_FC_PAIRS) {
    memcpy(&word, biases + 4u * pair, 4);
    return word;
  }
  if (pair < 3u)
    memcpy(&word, biases + 4u * pair, 4);
  else
    word = (uint32_t)biases[0] << 8 | (uint32_t)biases[4] << 16 | (uint32_t)biases[8] << 24;
  return (uint32_t)((int32_t)word >> 8);
}

#endif
