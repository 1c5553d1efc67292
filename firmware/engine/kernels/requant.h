/* From an accumulator to a quantized output: struct nfr_plan_requant, resolved. */
#ifndef NFR_REQUANT_H
#define NFR_REQUANT_H

#include "element.h"
#include "fixed_point.h"

struct nfr_requant {
  const void *bias; /* int32, or int64 with a wide accumulator; null when there is none */
  const int32_t *multipliers;
  const int8_t *shifts;
  uint32_t step; /* 1: one multiplier a channel, 0: one for all */
  int32_t output_offset, act_min, act_max;
  bool wide; /* 64-bit accumulator */
};

static inline struct nfr_requant nfr_requant_of(const struct nfr_op *op, const struct nfr_plan_requant *q) {
  return (struct nfr_requant){
      .bias = nfr_constant(op, q->bias),
      .multipliers = nfr_constant(op, q->multipliers),
      .shifts = nfr_constant(op, q->shifts),
      .step = q->flags & NFR_REQUANT_PER_CHANNEL,
      .output_offset = q->output_offset,
      .act_min = q->act_min,
      .act_max = q->act_max,
      .wide = (q->flags & NFR_REQUANT_ACC64) != 0,
  };
}

/* The output value of one accumulator of `channel`. */
int32_t nfr_requant(const struct nfr_requant *r, uint64_t acc, uint32_t channel);

/* Those of `count` neighbouring channels from `channel` on: 32-bit accumulators, int8 output. */
void nfr_requant_row8(const struct nfr_requant *r, const uint32_t *acc, uint32_t count, uint32_t channel, int8_t *out);

#endif
