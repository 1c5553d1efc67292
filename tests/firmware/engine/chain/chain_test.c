/* Chains compute, byte for byte, what their members compute one after the other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "chain_case.h"

enum { SEEDS = 4000, OVERLAP_SEEDS = 1500 };

static struct chain_case the_case;

/* Both plans, the chain in slices of several budgets. */
static void compare(const struct chain_case *c, uint32_t seed) {
  const uint32_t budgets[] = {UINT32_MAX, 0, 700, 3000 + seed % 9000};
  struct nfr_engine whole, chain;
  assert_int_equal(case_load(&whole, c->whole, c->whole_bytes, 0), NFR_OK);
  int err = case_load(&chain, c->plan, c->plan_bytes, 0);
  if (err) fail_msg("seed %u, height %u: error %d", seed, c->height, err);
  uint32_t bytes, chain_bytes;
  uint8_t *expected = case_infer(&whole, seed, UINT32_MAX, &bytes);
  for (unsigned i = 0; i < sizeof budgets / sizeof budgets[0]; i++) {
    uint8_t *actual = case_infer(&chain, seed, budgets[i], &chain_bytes);
    assert_int_equal(chain_bytes, bytes);
    if (memcmp(actual, expected, bytes) != 0)
      fail_msg("seed %u, %u members, stripes of %u rows, budget %u: outputs differ", seed, c->count, c->height, budgets[i]);
    free(actual);
  }
  free(expected);
  case_unload(&whole);
  case_unload(&chain);
}

static void streamed_is_whole(void **state) {
  (void)state;
  unsigned chains = 0, kinds[32] = {0}, longest = 0, skips = 0;
  for (uint32_t seed = 0; seed < SEEDS; seed++)
    for (uint32_t height = 1; chain_case_make(&the_case, seed, height, false) && height <= the_case.rows; height++) {
      compare(&the_case, seed);
      chains++;
      if (the_case.count > longest) longest = the_case.count;
      for (unsigned i = 0; i < the_case.count; i++) {
        kinds[the_case.members[i]->kind]++;
        skips += the_case.table[i].from[0] != NFR_PLAN_NONE8 && the_case.table[i].from[1] != NFR_PLAN_NONE8;
      }
    }
  printf("chains %u, longest %u, members with two streamed inputs %u, CONV_2D %u, DEPTHWISE %u, ADD %u\n", chains, longest, skips,
         kinds[NFR_KIND_CONV_2D], kinds[NFR_KIND_DEPTHWISE_CONV_2D], kinds[NFR_KIND_ADD]);
  static const uint8_t needed[] = {NFR_KIND_CONV_2D, NFR_KIND_DEPTHWISE_CONV_2D, NFR_KIND_AVERAGE_POOL_2D, NFR_KIND_MAX_POOL_2D,
                                   NFR_KIND_ADD, NFR_KIND_MUL, NFR_KIND_LUT, NFR_KIND_LOGISTIC16, NFR_KIND_REQUANTIZE};
  for (unsigned i = 0; i < sizeof needed; i++) assert_true(kinds[needed[i]] > 100);
  assert_true(chains > 8000 && longest >= 7 && skips > 300);
}

/* The largest first operand that is whole and lies in the arena. */
static const struct nfr_plan_tensor *whole_input(const struct chain_case *c) {
  const struct nfr_plan_tensor *found = NULL;
  for (unsigned i = 0; i < c->count; i++)
    for (unsigned x = 0; x < 2; x++) {
      uint16_t in = c->members[i]->in[x];
      if (in == NFR_PLAN_NONE16 || c->tensors[in].rows != 0 || c->tensors[in].region != NFR_REGION_ARENA) continue;
      if (found == NULL || c->tensors[in].bytes > found->bytes) found = &c->tensors[in];
    }
  return found;
}

/* The output anywhere over what the chain reads: loaded exactly when it is harmless, and then nothing differs. */
static void output_over_input(void **state) {
  (void)state;
  unsigned harmless = 0, harmful = 0, in_place = 0;
  for (uint32_t seed = 0; seed < OVERLAP_SEEDS; seed++) {
    if (!chain_case_make(&the_case, seed, 0, false)) continue;
    struct chain_case *c = &the_case;
    const struct nfr_plan_tensor *x = whole_input(c);
    struct nfr_plan_tensor *out = case_out(c, c->count - 1);
    if (x == NULL) continue;
    uint32_t size = nfr_type_bytes(out->type), low = x->offset > out->bytes ? x->offset - out->bytes : 0;
    for (uint32_t offset = low & ~(size - 1); offset < x->offset + x->bytes; offset += size) {
      if (offset + out->bytes > c->tensors[c->record->out].offset) break; /* it would lie in the working memory */
      out->offset = offset;
      struct nfr_engine engine;
      int err = case_load(&engine, c->plan, c->plan_bytes, 0);
      bool expected = case_output_is_harmless(c);
      if ((err == NFR_OK) != expected) fail_msg("seed %u, output at %u, input at %u: error %d", seed, offset, x->offset, err);
      if (err == NFR_OK) case_unload(&engine);
      expected ? harmless++ : harmful++;
      in_place += expected && offset == x->offset;
      if (expected && (offset & 3) == 0) compare(c, seed);
    }
  }
  printf("outputs over inputs: harmless %u (in place %u), refused %u\n", harmless, in_place, harmful);
  assert_true(harmless > 10000 && harmful > 10000 && in_place > 20);
}

/* One row less is refused where a buffer is as small as it can be. */
static void buffers_are_no_larger_than_needed(void **state) {
  (void)state;
  unsigned refused = 0;
  for (uint32_t seed = 0; seed < SEEDS; seed++) {
    if (!chain_case_make(&the_case, seed, 0, false)) continue;
    for (unsigned i = 0; i + 1 < the_case.count; i++) {
      struct nfr_plan_tensor *t = case_out(&the_case, i), before = *t;
      const struct nfr_plan_member *m = &the_case.table[i];
      if (t->held_rows != m->step + m->end - m->start || t->held_rows == 1 || t->held_rows == t->rows) continue;
      t->bytes -= t->bytes / t->held_rows;
      t->held_rows--;
      struct nfr_engine engine;
      assert_int_equal(case_load(&engine, the_case.plan, the_case.plan_bytes, 0), NFR_ERR_CORRUPT);
      *t = before;
      refused++;
    }
  }
  assert_true(refused > 500);
}

/* With stop_at_op a chain stops at its end; nothing is left of its members but the last. */
static void only_the_last_output_is_left(void **state) {
  (void)state;
  unsigned chains = 0;
  for (uint32_t seed = 0; seed < 200; seed++) {
    if (!chain_case_make(&the_case, seed, 0, true)) continue;
    struct nfr_engine engine;
    assert_int_equal(case_load(&engine, the_case.plan, the_case.plan_bytes, 0), NFR_OK);
    assert_int_equal(nfr_engine_stop_at_op(&engine, true), NFR_OK);
    assert_int_equal(nfr_engine_begin(&engine), NFR_OK);
    while (engine.op_index == 0) assert_int_equal(nfr_engine_step(&engine, 2000), NFR_ENGINE_MORE);
    assert_int_equal(engine.op_index, the_case.count + 1);
    assert_int_equal(engine.unit, 0);
    for (unsigned op = 0; op < engine.op_index; op++) {
      const void *data;
      uint32_t bytes;
      uint16_t source;
      assert_int_equal(nfr_engine_op_output(&engine, op, &data, &bytes, &source), NFR_OK);
      assert_non_null(data);
      assert_int_equal(bytes, op == the_case.count ? case_out(&the_case, op - 1)->bytes : 0);
      const struct nfr_plan_op *record = op == 0 ? the_case.record : the_case.members[op - 1];
      assert_int_equal(source, record->source_op);
    }
    int err;
    while ((err = nfr_engine_step(&engine, 2000)) == NFR_ENGINE_MORE) continue;
    assert_int_equal(err, NFR_OK);
    case_unload(&engine);
    chains++;
  }
  assert_true(chains > 50);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(streamed_is_whole),
      cmocka_unit_test(output_over_input),
      cmocka_unit_test(buffers_are_no_larger_than_needed),
      cmocka_unit_test(only_the_last_output_is_left),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
