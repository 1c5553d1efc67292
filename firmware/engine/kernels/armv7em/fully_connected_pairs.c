/* FULLY_CONNECTED with NFR_LAYOUT_SMLAD for ARMv7E-M. Whole groups that share one usual multiplier, of an input that is whole
 * words, are one loop in assembly (fc_group.c); what is left of them, and all others, go group by group here. */
#include <string.h>

#include "../channel_pair.h"
#include "../fc_groups.h"
#include "../kernels.h"
#include "fc_group.h"
#include "requant1.h"

#define NOINLINE __attribute__((noinline)) /* a loop of its own: few values live, all in registers */

struct layer {
  struct nfr_fc_run run;
  const uint8_t *weights;
  const int32_t *multipliers;
  const int8_t *shifts;
  uint32_t depth, units, group; /* group: bytes of a whole one */
  uint32_t step;               /* 1: a multiplier a unit, 0: one for all */
  int32_t act_min, act_max;
  bool is_usual; /* run computes outputs, and not only sums */
};

/* Field by field: an initializer would clear the rest first. */
static void layer_of(const struct nfr_op *op, struct layer *l) {
  const struct nfr_plan_fully_connected *p = op->params;
  l->weights = op->constants + p->weights;
  l->multipliers = (const void *)(op->constants + p->q.multipliers);
  l->shifts = (const int8_t *)op->constants + p->q.shifts;
  l->depth = p->depth;
  l->units = p->units;
  l->group = nfr_fc_group_bytes(NFR_FC_PAIRS, l->depth);
  l->step = p->q.flags & NFR_REQUANT_PER_CHANNEL;
  l->act_min = p->q.act_min;
  l->act_max = p->q.act_max;
  l->run.offset = p->q.output_offset;
  l->run.skipped = (0u - l->depth / 4u) % 4u * NFR_FC_BLOCK_CODE;
  l->run.sums = 0;
  int32_t mantissa = l->multipliers[0], shift = l->shifts[0];
  l->run.twice = (uint32_t)mantissa << 1;
  l->run.right = (uint32_t)-shift;
  l->is_usual = l->depth % 4u == 0 && l->step == 0 && l->act_min == INT8_MIN && l->act_max == INT8_MAX && nfr_is_fast(mantissa, shift);
}

/* sums[0], of the low unit, and [1], of both: what `blocks` words of activations add. step: bytes from a block to the next. */
static void add_blocks(uint32_t sums[2], const int8_t *weights, uint32_t step, const int8_t *x, uint32_t blocks) {
  uint32_t low = sums[0], both = sums[1];
  for (; blocks > 0; blocks--, weights += step, x += 4) {
    uint32_t word = nfr_load_word(x), even = nfr_sxtb16(word), odd = nfr_sxtb16_ror8(word);
    uint32_t first = nfr_load_word(weights), second = nfr_load_word(weights + 4);
    both = nfr_smlad(second, odd, nfr_smlad(first, even, both));
    low = nfr_smlad(nfr_sxtb16(second), odd, nfr_smlad(nfr_sxtb16(first), even, low));
  }
  sums[0] = low;
  sums[1] = both;
}

/* Sums of a group of `pairs`: of whole words of the input, then of what is left of it with zeros behind. */
static void group_sums(const struct layer *l, const uint8_t *group, uint32_t pairs, const int8_t *x, uint32_t *sums) {
  uint32_t blocks = l->depth / 4u, rest = l->depth % 4u;
  const int8_t *weights = (const int8_t *)group + 4u * pairs;
  const uint8_t *high_biases = group + (4u + 2u * nfr_padded_depth(l->depth)) * pairs;
  int8_t last[4] = {0};
  for (uint32_t k = 0; k < rest; k++) last[k] = x[4u * blocks + k];
  bool is_whole = pairs == NFR_FC_PAIRS && blocks > 0;
  if (is_whole) {
    struct nfr_fc_run run = l->run;
    run.x = x;
    run.x_end = x + 4u * blocks;
    run.sums = sums;
    run.groups = group;
    nfr_fc_run(&run);
  }
  for (uint32_t i = 0; i < pairs; i++, sums += 2) {
    if (!is_whole) {
      sums[0] = sums[1] = nfr_load_word((const int8_t *)group + 4u * i);
      add_blocks(sums, weights + 8u * i, 8u * pairs, x, blocks);
    }
    if (rest > 0) add_blocks(sums, weights + 8u * (blocks * pairs + i), 0, last, 1);
    sums[1] = nfr_pair_high(sums[1], sums[0]) + nfr_fc_high_bias(high_biases, pairs, i);
  }
}

static int32_t scaled(const struct layer *l, uint32_t sum, uint32_t unit) {
  int32_t mantissa = l->multipliers[l->step * unit], shift = l->shifts[l->step * unit];
  if (nfr_is_fast(mantissa, shift)) return nfr_requant_fast(sum, (uint32_t)mantissa << 1, (uint32_t)-shift, l->run.offset);
  return nfr_add_wrap(nfr_scale((int32_t)sum, mantissa, shift), l->run.offset);
}

/* Units from `unit`, the first of a group, up to `end`. */
static NOINLINE void any(const struct layer *l, const int8_t *x, uint32_t unit, uint32_t end, int8_t *out) {
  const uint8_t *group = l->weights + unit / NFR_FC_UNIT * l->group;
  for (; unit < end; unit += NFR_FC_UNIT, group += l->group) {
    uint32_t sums[NFR_FC_UNIT], n = nfr_min(NFR_FC_UNIT, end - unit);
    group_sums(l, group, nfr_fc_pairs(n), x, sums);
    for (uint32_t i = 0; i < n; i++) out[unit + i] = (int8_t)nfr_clamp(scaled(l, sums[i], unit + i), l->act_min, l->act_max);
  }
}

void nfr_kernel_fully_connected_pairs(const struct nfr_op *op, uint32_t first, uint32_t count) {
  struct layer l;
  layer_of(op, &l);
  uint32_t groups = (l.units + NFR_FC_UNIT - 1u) / NFR_FC_UNIT, batch = first / groups, group = first % groups;
  for (; count > 0; group = 0, batch++) {
    uint32_t n = nfr_min(count, groups - group), unit = group * NFR_FC_UNIT, end = nfr_min(unit + n * NFR_FC_UNIT, l.units);
    const int8_t *x = (const int8_t *)op->in[0].data + batch * l.depth;
    int8_t *out = (int8_t *)op->out.data + batch * l.units;
    uint32_t whole = l.is_usual ? end - (end - unit) % NFR_FC_UNIT : unit;
    if (whole > unit) {
      l.run.x = x;
      l.run.x_end = x + l.depth;
      l.run.out = out + unit;
      l.run.out_end = out + whole;
      l.run.groups = l.weights + unit / NFR_FC_UNIT * l.group;
      nfr_fc_run(&l.run);
    }
    if (whole < end) any(&l, x, whole, end, out);
    count -= n;
  }
}
