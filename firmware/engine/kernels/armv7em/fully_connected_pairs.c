/* FULLY_CONNECTED with NFR_LAYOUT_SMLAD for ARMv7E-M: four outputs together, so that a word of input is widened once for
 * sixteen products; it is widened again for the next four, which costs less than room for the widened input would. */
#include "../kernels.h"
#include "../tile.h"
#include "requant_pixels.h"
#include "smlad_block.h"

struct layer {
  const int8_t *weights;
  const uint32_t *bias;
  uint32_t depth, units, pair; /* pair: bytes of two outputs' weights */
  uint32_t twice, right;       /* of the multiplier that all outputs share; right 0: there is none, or a rare one */
};

static struct layer layer_of(const struct nfr_op *op, const struct nfr_requant *r) {
  const struct nfr_plan_fully_connected *p = op->params;
  bool is_fast = r->step == 0 && r->act_min == INT8_MIN && r->act_max == INT8_MAX && nfr_is_fast(r->multipliers[0], r->shifts[0]);
  return (struct layer){
      .weights = nfr_constant(op, p->weights),
      .bias = r->bias,
      .depth = p->depth,
      .units = p->units,
      .pair = 2u * nfr_padded_depth(p->depth),
      .twice = (uint32_t)r->multipliers[0] << 1,
      .right = is_fast ? (uint32_t)-r->shifts[0] : 0,
  };
}

/* The words of the input, then what is left of it with zeros behind. */
static void multiply(const struct layer *l, const int8_t *x, uint32_t unit, uint32_t acc[NFR_FC_UNIT]) {
  const int8_t *weights = l->weights + unit / 2u * l->pair;
  uint32_t words = l->depth / 4u, rest = l->depth % 4u;
  uint32_t next = unit + 2u < l->units ? l->pair : 0; /* no second pair: the first one twice */
  if (words > 0) nfr_smlad_4x1(acc, weights, x, words, next);
  if (rest > 0) {
    int8_t last[4] = {0};
    for (uint32_t k = 0; k < rest; k++) last[k] = x[4u * words + k];
    nfr_smlad_4x1(acc, weights + 8u * words, last, 1, next);
  }
}

/* The last outputs, or those of a rare multiplier. */
static void some(const struct layer *l, const struct nfr_requant *r, const int8_t *x, uint32_t unit, uint32_t n, int8_t *out) {
  uint32_t acc[NFR_FC_UNIT] = {0};
  for (uint32_t i = 0; i < n; i++) acc[i] = l->bias[unit + i];
  multiply(l, x, unit, acc);
  const struct nfr_output_stage stage = nfr_output_stage_of(r);
  for (uint32_t i = 0; i < n; i++) {
    uint32_t k = r->step * (unit + i);
    nfr_requant_pixels_any(stage, r->multipliers[k], r->shifts[k], &acc[i], 1, out + i, 0);
  }
}

static void four(const struct layer *l, const struct nfr_requant *r, const int8_t *x, uint32_t unit, int8_t *out) {
  const uint32_t *bias = l->bias + unit;
  uint32_t acc[NFR_FC_UNIT] = {bias[0], bias[1], bias[2], bias[3]};
  multiply(l, x, unit, acc);
  int32_t offset = r->output_offset;
  uint32_t twice = l->twice, right = l->right;
  int32_t a = nfr_requant_fast(acc[0], twice, right, offset), b = nfr_requant_fast(acc[1], twice, right, offset);
  int32_t c = nfr_requant_fast(acc[2], twice, right, offset), d = nfr_requant_fast(acc[3], twice, right, offset);
  out[0] = (int8_t)nfr_ssat8(a);
  out[1] = (int8_t)nfr_ssat8(b);
  out[2] = (int8_t)nfr_ssat8(c);
  out[3] = (int8_t)nfr_ssat8(d);
}

void nfr_kernel_fully_connected_pairs(const struct nfr_op *op, uint32_t first, uint32_t count) {
  const struct nfr_requant requant = nfr_requant_of(op, &((const struct nfr_plan_fully_connected *)op->params)->q);
  const struct layer l = layer_of(op, &requant);
  uint32_t groups = (l.units + NFR_FC_UNIT - 1u) / NFR_FC_UNIT, batch = first / groups, unit = first % groups * NFR_FC_UNIT;
  const int8_t *x = (const int8_t *)op->in[0].data + batch * l.depth;
  int8_t *out = (int8_t *)op->out.data + batch * l.units + unit;
  for (; count > 0; count--) {
    uint32_t n = nfr_min(NFR_FC_UNIT, l.units - unit);
    if (n == NFR_FC_UNIT && l.right > 0)
      four(&l, &requant, x, unit, out);
    else
      some(&l, &requant, x, unit, n, out);
    out += n;
    unit += n;
    if (unit < l.units) continue;
    unit = 0;
    x += l.depth;
  }
}
