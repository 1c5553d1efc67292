/* Estimates of instructions for units(): of the portable kernels on a Cortex-M4 at -O2. Constants are fitted to counts of
 * `tests/bench engine --core m4` over single-operator models. */
#ifndef NFR_COST_H
#define NFR_COST_H

#include "op.h"

static inline uint32_t nfr_cost(uint64_t instructions) {
  return instructions > UINT32_MAX ? UINT32_MAX : (uint32_t)instructions;
}

/* A dot product of `count` elements of in[0]. */
static inline uint64_t nfr_dot_cost(const struct nfr_op *op, uint64_t count) {
  return 40 + count * (op->in[0].type == NFR_TYPE_INT8 ? 5 : 6);
}

/* The same, one of `channels` over the same elements: int8 goes four channels at a time, and the rest singly. So do long ones
 * perhaps, of which a slice may have fewer than four. */
static inline uint64_t nfr_dot_cost_of(const struct nfr_op *op, uint64_t count, uint32_t channels) {
  if (op->in[0].type != NFR_TYPE_INT8 || count > 1024) return nfr_dot_cost(op, count);
  uint64_t fours = channels / 4, singles = channels % 4;
  return (fours * (50 + 12 * count) + singles * nfr_dot_cost(op, count)) / channels;
}

#endif
