/* FULLY_CONNECTED with NFR_LAYOUT_SMLAD for ARMv7E-M: four outputs together, so that a word of input is widened once for
 * sixteen products; it is widened again for the next four, which costs less than room for the widened input would. */
#include "../kernels.h"
#include "../tile.h"
#include "requant_pixels.h"
#include "smlad_block.h"

#define NOINLINE __attribute__((noinline)) /* a loop of its own: few values live, all in registers */

struct layer {
  const int8_t *weights;
  const uint32_t *bias;
  uint32_t depth, units, pair; /* pair: bytes of two outputs' weights */
  uint32_t twice, right;       /* of the multiplier that all outputs share; right 0: not the case for fours() */
  int32_t output_offset;
};

static struct layer layer_of(const struct nfr_op *op, const struct nfr_requant *r) {
  const struct nfr_plan_fully_connected *p = op->params;
  bool is_fast = p->depth % 4u == 0 && r->step == 0 && r->act_min == INT8_MIN && r->act_max == INT8_MAX && nfr_is_fast(r->multipliers[0], r->shifts[0]);
  return (struct layer){
      .weights = nfr_constant(op, p->weights),
      .bias = r->bias,
      .depth = p->depth,
      .units = p->units,
      .pair = 2u * nfr_padded_depth(p->depth),
      .twice = (uint32_t)r->multipliers[0] << 1,
      .right = is_fast ? (uint32_t)-r->shifts[0] : 0,
      .output_offset = r->output_offset,
  };
}

/* The words of the input, then what is left of it with zeros behind. */
static void multiply(const struct layer *l, const int8_t *x, uint32_t unit, const uint32_t *start, uint32_t acc[NFR_FC_UNIT]) {
  const int8_t *weights = l->weights + unit / 2u * l->pair;
  uint32_t words = l->depth / 4u, rest = l->depth % 4u;
  uint32_t next = unit + 2u < l->units ? l->pair : 0; /* no second pair: the first one twice */
  if (words > 0) nfr_smlad_4x1(acc, weights, x, words, next, start);
  if (rest > 0) {
    int8_t last[4] = {0};
    for (uint32_t k = 0; k < rest; k++) last[k] = x[4u * words + k];
    nfr_smlad_4x1(acc, weights + 8u * words, last, 1, next, words > 0 ? acc : start);
  }
}

/* Outputs unit … end - 1 of a batch: the last ones, or those of a rare multiplier. */
static NOINLINE void any(const struct layer *l, const struct nfr_requant *r, const int8_t *x, uint32_t unit, uint32_t end,
                         int8_t *out) {
  const struct nfr_output_stage stage = nfr_output_stage_of(r);
  for (; unit < end; unit += NFR_FC_UNIT) {
    uint32_t acc[NFR_FC_UNIT] = {0}, n = nfr_min(NFR_FC_UNIT, end - unit);
    for (uint32_t i = 0; i < n; i++) acc[i] = l->bias[unit + i];
    multiply(l, x, unit, acc, acc);
    for (uint32_t i = 0; i < n; i++) {
      uint32_t k = r->step * (unit + i);
      nfr_requant_pixels_any(stage, r->multipliers[k], r->shifts[k], &acc[i], 1, out + unit + i, 0);
    }
  }
}

/* Fours of a layer whose outputs share one usual multiplier, and whose input is whole words. */
static NOINLINE void fours(const struct layer *l, const int8_t *x, uint32_t unit, uint32_t end, int8_t *out) {
  const int8_t *weights = l->weights + unit / 2u * l->pair;
  const uint32_t *bias = l->bias + unit;
  uint32_t words = l->depth / 4u, pair = l->pair, twice = l->twice, right = l->right;
  int32_t offset = l->output_offset;
  for (int8_t *to = out + unit, *last = out + end; to != last; to += 4, bias += 4, weights += 2u * pair) {
    uint32_t acc[NFR_FC_UNIT];
    nfr_smlad_4x1(acc, weights, x, words, pair, bias);
    to[0] = (int8_t)nfr_ssat8(nfr_requant_fast(acc[0], twice, right, offset));
    to[1] = (int8_t)nfr_ssat8(nfr_requant_fast(acc[1], twice, right, offset));
    to[2] = (int8_t)nfr_ssat8(nfr_requant_fast(acc[2], twice, right, offset));
    to[3] = (int8_t)nfr_ssat8(nfr_requant_fast(acc[3], twice, right, offset));
  }
}

void nfr_kernel_fully_connected_pairs(const struct nfr_op *op, uint32_t first, uint32_t count) {
  const struct nfr_requant requant = nfr_requant_of(op, &((const struct nfr_plan_fully_connected *)op->params)->q);
  const struct layer l = layer_of(op, &requant);
  uint32_t groups = (l.units + NFR_FC_UNIT - 1u) / NFR_FC_UNIT, batch = first / groups, group = first % groups;
  for (; count > 0; group = 0, batch++) {
    uint32_t n = nfr_min(count, groups - group), unit = group * NFR_FC_UNIT, end = nfr_min(unit + n * NFR_FC_UNIT, l.units);
    const int8_t *x = (const int8_t *)op->in[0].data + batch * l.depth;
    int8_t *out = (int8_t *)op->out.data + batch * l.units;
    uint32_t whole = l.right > 0 ? unit + (end - unit) / NFR_FC_UNIT * NFR_FC_UNIT : unit;
    fours(&l, x, unit, whole, out);
    any(&l, &requant, x, whole, end, out);
    count -= n;
  }
}
