#include "../requant.h"

static int32_t to_output(const struct nfr_requant *r, int32_t scaled) {
  return nfr_clamp(nfr_add_wrap(scaled, r->output_offset), r->act_min, r->act_max);
}

int32_t nfr_requant(const struct nfr_requant *r, uint64_t acc, uint32_t channel) {
  uint32_t k = r->step * channel;
  if (r->wide) {
    if (r->bias) acc += (uint64_t)((const int64_t *)r->bias)[channel];
    return to_output(r, nfr_scale_wide(acc, r->multipliers[k], r->shifts[k]));
  }
  if (r->bias) acc += (uint32_t)((const int32_t *)r->bias)[channel];
  return to_output(r, nfr_scale((int32_t)(uint32_t)acc, r->multipliers[k], r->shifts[k]));
}

void nfr_requant_row8(const struct nfr_requant *r, const uint32_t *acc, uint32_t count, uint32_t channel, int8_t *out) {
  const struct nfr_requant q = *r; /* int8 stores may alias anything: what is read in the loop must be local */
  const int32_t *bias = q.bias ? (const int32_t *)q.bias + channel : 0, *multiplier = q.multipliers + q.step * channel;
  const int8_t *shift = q.shifts + q.step * channel;
  for (; count > 0; count--, multiplier += q.step, shift += q.step) {
    uint32_t sum = *acc++;
    if (bias) sum += (uint32_t)*bias++;
    *out++ = (int8_t)to_output(&q, nfr_scale((int32_t)sum, *multiplier, *shift));
  }
}
