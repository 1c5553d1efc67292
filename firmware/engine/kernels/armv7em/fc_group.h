/* The inner loop of FULLY_CONNECTED in NFR_LAYOUT_SMLAD (fc_groups.h): eight units of one vector. */
#ifndef NFR_ARMV7EM_FC_GROUP_H
#define NFR_ARMV7EM_FC_GROUP_H

#include <stdint.h>

#define NFR_FC_BLOCK_CODE 124u /* bytes of code of four taps */

/* Assembly reads it by offsets. */
struct nfr_fc_run {
  const int8_t *x;       /* at any address */
  uint32_t skipped;      /* code of the first four blocks of a group: of none to three, so that what remains are fours */
  const int8_t *x_end;   /* behind whole words, at least one */
  uint32_t *sums;        /* null; or for eight sums of one group, low and both in turns, the high units' biases not added */
  uint32_t twice, right; /* of the multiplier that all share; right 1 … 31 */
  int32_t offset;        /* of the output, whose clamp is that of int8 */
  int8_t *out, *out_end; /* whole groups; at any address */
  const uint8_t *groups; /* of the plan, from the first of them on */
};

void nfr_fc_run(const struct nfr_fc_run *run);

#endif
