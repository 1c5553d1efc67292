/* Estimates of instructions, for units(): of the portable kernels on a Cortex-M4, -O2 (tests/benchmarks says how far off). */
#ifndef NFR_COST_H
#define NFR_COST_H

#include "op.h"

static inline uint32_t nfr_cost(uint64_t instructions) {
  return instructions > UINT32_MAX ? UINT32_MAX : (uint32_t)instructions;
}

/* A dot product of `count` elements of in[0]. */
static inline uint64_t nfr_dot_cost(const struct nfr_op *op, uint64_t count) {
  return 20 + count * (op->in[0].type == NFR_TYPE_INT8 ? 5 : 7);
}

#endif
