/* FULLY_CONNECTED with NFR_LAYOUT_SMLAD: a unit is NFR_FC_UNIT outputs of a batch. */
#include "../kernels.h"
#include "../requant.h"
#include "../tile.h"

static uint32_t dot(const int8_t *x, const int8_t *weights, uint32_t depth, uint32_t unit) {
  const int8_t *w = weights + (unit & ~1u) * nfr_padded_depth(depth) + (unit & 1u) * 4u;
  uint32_t sum = 0;
  for (uint32_t k = 0; k < depth; k++) sum += (uint32_t)(x[k] * w[k / 4u * 8u + k % 4u]);
  return sum;
}

void nfr_kernel_fully_connected_pairs(const struct nfr_op *op, uint32_t first, uint32_t count) {
  const struct nfr_plan_fully_connected *p = op->params;
  const struct nfr_requant requant = nfr_requant_of(op, &p->q);
  uint32_t groups = (p->units + NFR_FC_UNIT - 1u) / NFR_FC_UNIT;
  for (; count > 0; count--, first++) {
    uint32_t batch = first / groups, unit = first % groups * NFR_FC_UNIT, end = nfr_min(unit + NFR_FC_UNIT, p->units);
    const int8_t *x = (const int8_t *)op->in[0].data + batch * p->depth;
    int8_t *out = (int8_t *)op->out.data + batch * p->units;
    for (; unit < end; unit++)
      out[unit] = (int8_t)nfr_requant(&requant, dot(x, nfr_constant(op, p->weights), p->depth, unit), unit);
  }
}
