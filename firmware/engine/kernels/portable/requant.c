#include "../requant.h"

int32_t nfr_requant_wide(const struct nfr_requant *r, uint64_t acc, uint32_t channel) {
  if (r->bias) acc += (uint64_t)((const int64_t *)r->bias)[channel];
  uint32_t k = r->step * channel;
  return nfr_requant_clamp(r, nfr_scale_wide(acc, r->multipliers[k], r->shifts[k]));
}
