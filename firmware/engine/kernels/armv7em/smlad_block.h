/* The inner loops of NFR_LAYOUT_SMLAD: blocks of four products. A word of four int8 a, b, c, d is two pairs of int16, even
 * (a, c) and odd (b, d), by one SXTB16 each; weights and activations are split alike, so that nothing is reordered. */
#ifndef NFR_ARMV7EM_SMLAD_BLOCK_H
#define NFR_ARMV7EM_SMLAD_BLOCK_H

#include <stdint.h>

/* Four channels, pairs at weights and at weights + next_pair, of one vector of int8 at any address. start may be acc. */
void nfr_smlad_4x1(uint32_t acc[4], const int8_t *weights, const int8_t *x, uint32_t blocks, uint32_t next_pair,
                   const uint32_t *start);

#endif
