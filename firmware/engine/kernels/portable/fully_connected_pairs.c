/* FULLY_CONNECTED with NFR_LAYOUT_SMLAD: a unit is NFR_FC_UNIT outputs of a batch. */
#include <string.h>

#include "../channel_pair.h"
#include "../fc_groups.h"
#include "../kernels.h"
#include "../requant.h"

static uint32_t word_at(const uint8_t *p) {
  uint32_t x;
  memcpy(&x, p, sizeof x);
  return x;
}

/* The sums of both units of pair `pair` of a group of `pairs`, with their biases. */
static void dot(const uint8_t *group, uint32_t pairs, uint32_t pair, const int8_t *x, uint32_t depth, uint32_t sums[2]) {
  const uint8_t *weights = group + 4u * pairs + 8u * pair;
  uint32_t low = 0, both = 0;
  for (uint32_t k = 0; k < depth; k++) {
    const uint8_t *half = weights + k / 4u * 8u * pairs + 2u * ((k & 1u) << 1 | (k >> 1 & 1u));
    low += (uint32_t)(x[k] * (int8_t)half[0]);
    both += (uint32_t)(x[k] * ((int8_t)half[1] * 256 + half[0]));
  }
  sums[0] = low + word_at(group + 4u * pair);
  sums[1] = nfr_pair_high(both, low) + nfr_fc_high_bias(group + (4u + 2u * nfr_padded_depth(depth)) * pairs, pairs, pair);
}

void nfr_kernel_fully_connected_pairs(const struct nfr_op *op, uint32_t first, uint32_t count) {
  const struct nfr_plan_fully_connected *p = op->params;
  const struct nfr_requant requant = nfr_requant_of(op, &p->q);
  const uint8_t *weights = nfr_constant(op, p->weights);
  uint32_t groups = (p->units + NFR_FC_UNIT - 1u) / NFR_FC_UNIT;
  for (; count > 0; count--, first++) {
    uint32_t batch = first / groups, unit = first % groups * NFR_FC_UNIT, units = nfr_min(NFR_FC_UNIT, p->units - unit);
    const uint8_t *group = weights + unit / NFR_FC_UNIT * nfr_fc_group_bytes(NFR_FC_PAIRS, p->depth);
    const int8_t *x = (const int8_t *)op->in[0].data + batch * p->depth;
    int8_t *out = (int8_t *)op->out.data + batch * p->units + unit;
    for (uint32_t i = 0; i < units; i++) {
      uint32_t sums[2];
      dot(group, nfr_fc_pairs(units), i / 2u, x, p->depth, sums);
      out[i] = (int8_t)nfr_requant(&requant, sums[i % 2u], unit + i);
    }
  }
}
