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

static inline int32_t nfr_requant_clamp(const struct nfr_requant *r, int32_t scaled) {
  return nfr_clamp(nfr_add_wrap(scaled, r->output_offset), r->act_min, r->act_max);
}

/* With a 64-bit accumulator; apart, so that the common case stays small where it is inlined. */
int32_t nfr_requant_wide(const struct nfr_requant *r, uint64_t acc, uint32_t channel);

static inline int32_t nfr_requant(const struct nfr_requant *r, uint64_t acc, uint32_t channel) {
  if (r->wide) return nfr_requant_wide(r, acc, channel);
  uint32_t sum = (uint32_t)acc;
  if (r->bias) sum += (uint32_t)((const int32_t *)r->bias)[channel];
  uint32_t k = r->step * channel;
  return nfr_requant_clamp(r, nfr_scale((int32_t)sum, r->multipliers[k], r->shifts[k]));
}

#endif
