/* FULLY_CONNECTED in NFR_LAYOUT_SMLAD against a product of matrices. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernels/fc_groups.h"
#include "model.h"

enum { MOST_DEPTH = 90, MOST_UNITS = 35 };

/* Two channels in a halfword: a high weight of -128 beside a negative low one is none that the layout has. */
static void make_representable(int8_t *weights, uint32_t units, uint32_t depth) {
  for (uint32_t u = 1; u < units; u += 2)
    for (uint32_t k = 0; k < depth; k++)
      if (weights[u * depth + k] == INT8_MIN) weights[u * depth + k] = -127;
}

/* SPEC.md section 6, unit by unit: where each one's bias and weights stand. */
static void make_groups(struct op_case *c, struct nfr_plan_fully_connected *p, const int8_t *plain) {
  static uint8_t packed[(MOST_UNITS + 1) / 2 * (8 + 2 * (MOST_DEPTH + 3))];
  const uint32_t padded = (p->depth + 3) / 4 * 4, pairs = (p->units + 1) / 2, whole = 4 * (4 + 2 * padded) + 12;
  const int32_t *bias = p->q.bias == NFR_PLAN_NONE32 ? NULL : (const void *)(c->constants + p->q.bias);
  memset(packed, 0, sizeof packed);
  for (uint32_t u = 0; u < p->units; u++) {
    uint32_t first = u / 8 * 4, count = pairs - first < 4 ? pairs - first : 4, pair = u / 2 - first;
    uint8_t *group = packed + first / 4 * whole, *high = group + count * (4 + 2 * padded);
    uint32_t folded = bias ? (uint32_t)bias[u] : 0;
    for (uint32_t k = 0; k < p->depth; k++) {
      int8_t w = plain[u * p->depth + k];
      uint8_t *half = group + 4 * count + (k / 4 * count + pair) * 8 + (const uint8_t[]){0, 4, 2, 6}[k % 4];
      if (u % 2 == 0) half[0] = (uint8_t)w;
      half[1] = (uint8_t)(half[1] + (u % 2 == 0 ? (w < 0 ? 255 : 0) : w));
      folded += (uint32_t)(p->q.input_offset * w);
    }
    if (u % 2 == 0) memcpy(group + 4 * pair, &folded, 4);
    else if (count < 4) memcpy(high + 4 * pair, &folded, 4);
    else if (pair < 3) memcpy(high + 4 * pair + 1, &folded, 3);
    else for (unsigned i = 0; i < 3; i++) high[4 * i] = (uint8_t)(folded >> 8 * i);
  }
  p->weights = case_constant(c, packed, pairs / 4 * whole + pairs % 4 * (8 + 2 * padded), 4);
  p->q.bias = NFR_PLAN_NONE32;
}

/* All of int8 or less of it, rare multipliers too. */
static void requant_of_seed(struct op_case *c, struct nfr_plan_requant *q, uint32_t units, uint32_t depth, uint32_t seed) {
  *q = case_requant(c, units, NFR_TYPE_INT8, false, depth);
  if (seed % 2 == 0) {
    q->act_min = INT8_MIN;
    q->act_max = INT8_MAX;
  }
  uint32_t scales = q->flags & NFR_REQUANT_PER_CHANNEL ? units : 1, rare = seed / 2 % 6;
  if (rare == 1) ((int32_t *)(void *)(c->constants + q->multipliers))[seed % scales] = (int32_t)(seed % 3) << 20;
  if (rare == 2) ((int8_t *)(c->constants + q->shifts))[seed % scales] = (int8_t)(seed % 5);
}

static void groups_are_a_matrix_product(void **state) {
  (void)state;
  for (uint32_t seed = 0; seed < 1500; seed++) {
    struct op_case c;
    struct nfr_plan_fully_connected *p = case_begin(&c, NFR_KIND_FULLY_CONNECTED, seed), plain;
    c.record.frame.layout = NFR_LAYOUT_SMLAD;
    p->batches = (uint32_t)case_random(&c, 1, 3);
    p->depth = seed % 3 ? 4 * (uint32_t)case_random(&c, 1, MOST_DEPTH / 4) : (uint32_t)case_random(&c, 1, MOST_DEPTH);
    p->units = (uint32_t)case_random(&c, 1, seed % 4 ? MOST_UNITS : 9);
    p->weights = case_weights(&c, p->units * p->depth, 1);
    make_representable((int8_t *)c.constants + p->weights, p->units, p->depth);
    requant_of_seed(&c, &p->q, p->units, p->depth, seed);
    if (p->q.bias != NFR_PLAN_NONE32) /* a high unit's has 24 bits, with what is folded in */
      for (uint32_t u = 1; u < p->units; u += 2) ((int32_t *)(void *)(c.constants + p->q.bias))[u] %= 1 << 20;
    plain = *p;
    make_groups(&c, p, (const int8_t *)c.constants + p->weights);
    case_operand(&c, &c.op.in[0], NFR_TYPE_INT8, p->batches * p->depth);
    case_operand(&c, &c.op.out, NFR_TYPE_INT8, p->batches * p->units);
    case_finish(&c);
    case_run(&c);
    const int8_t *weights = case_constant_at(&c, plain.weights);
    for (uint32_t i = 0; i < p->batches * p->units; i++) {
      int64_t sum = 0;
      for (uint32_t d = 0; d < p->depth; d++)
        sum += (int64_t)weights[i % p->units * p->depth + d] *
               (model_at(&c.op.in[0], i / p->units * p->depth + d) + p->q.input_offset);
      assert_int_equal(model_at(&c.op.out, i), model_requant(&c, &plain.q, sum, i % p->units));
    }
    case_free(&c);
  }
}

/* Weights that are no two channels, sums beyond 24 bits: what SPEC.md says all the same. */
static void hostile_groups_wrap(void **state) {
  (void)state;
  for (uint32_t seed = 0; seed < 60; seed++) {
    struct op_case c;
    struct nfr_plan_fully_connected *p = case_begin(&c, NFR_KIND_FULLY_CONNECTED, seed);
    c.record.frame.layout = NFR_LAYOUT_SMLAD;
    *p = (struct nfr_plan_fully_connected){.batches = 1, .depth = 2000 + seed % 4, .units = 2};
    p->q = case_requant(&c, 2, NFR_TYPE_INT8, false, 1u << 20);
    p->q.flags = 0;
    p->q.bias = NFR_PLAN_NONE32;
    p->weights = case_weights(&c, (uint32_t)nfr_fc_words(2, p->depth), 4);
    uint8_t *group = c.constants + p->weights;
    if (seed % 2) memset(group + 4, 0x7f, 2 * p->depth);
    memset(group + 4 + 2 * (p->depth & ~3u), 0, 8);
    case_operand(&c, &c.op.in[0], NFR_TYPE_INT8, p->depth);
    if (seed % 4 == 1) memset(c.op.in[0].data, 0x7f, p->depth);
    case_operand(&c, &c.op.out, NFR_TYPE_INT8, 2);
    case_finish(&c);
    case_run(&c);
    const uint8_t *at = case_constant_at(&c, p->weights);
    uint32_t bias[2], low = 0, both = 0;
    memcpy(&bias[0], at, 4);
    memcpy(&bias[1], at + nfr_fc_group_bytes(1, p->depth) - 4, 4);
    for (uint32_t k = 0; k < (p->depth & ~3u); k++) {
      int16_t half;
      memcpy(&half, at + 4 + k / 4 * 8 + (const uint8_t[]){0, 4, 2, 6}[k % 4], 2);
      low += (uint32_t)((int8_t)half * model_at(&c.op.in[0], k));
      both += (uint32_t)(half * model_at(&c.op.in[0], k));
    }
    const uint32_t sums[2] = {low + bias[0], (uint32_t)((int32_t)(both - low) >> 8) + bias[1]};
    for (uint32_t i = 0; i < 2; i++) assert_int_equal(model_at(&c.op.out, i), model_requant(&c, &p->q, (int32_t)sums[i], i));
    case_free(&c);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(groups_are_a_matrix_product), cmocka_unit_test(hostile_groups_wrap)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
