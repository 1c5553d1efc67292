/* Committed plans compute the committed outputs, however their execution is cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../vectors.h"
#include "nfr_engine.h"

enum { LEAST_VECTORS = 6 };

/* Copies all inputs from, or all outputs to, one row of bytes. */
static size_t copy_views(const struct nfr_engine *engine, uint8_t *bytes, bool is_input) {
  struct nfr_tensor_view view;
  size_t at = 0;
  for (unsigned i = 0; (is_input ? nfr_engine_input : nfr_engine_output)(engine, i, &view) == NFR_OK; i++) {
    if (is_input) {
      memcpy(view.data, bytes + at, view.bytes);
    } else {
      memcpy(bytes + at, view.data, view.bytes);
    }
    at += view.bytes;
  }
  return at;
}

static void run_cases(const struct plan_vector *vector, struct nfr_engine *engine, uint32_t budget) {
  assert_int_equal(nfr_engine_reset(engine), NFR_OK);
  for (unsigned i = 0; i < vector->case_count; i++) {
    uint8_t *output = calloc(1, vector->output_bytes[i]);
    assert_int_equal(copy_views(engine, vector->inputs[i], true), vector->input_bytes[i]);
    assert_int_equal(nfr_engine_begin(engine), NFR_OK);
    int err;
    while ((err = nfr_engine_step(engine, budget)) == NFR_ENGINE_MORE) continue;
    assert_int_equal(err, NFR_OK);
    assert_int_equal(copy_views(engine, output, false), vector->output_bytes[i]);
    if (memcmp(output, vector->outputs[i], vector->output_bytes[i]) != 0)
      fail_msg("%s: case %u differs with a budget of %u", vector->name, i, budget);
    free(output);
  }
}

static void run_vector(const struct plan_vector *vector, void *context) {
  (void)context;
  static const uint32_t budgets[] = {UINT32_MAX, 0, 500, 5000, 50000};
  struct nfr_plan_needs needs;
  assert_int_equal(nfr_plan_needs(vector->plan, vector->plan_bytes, &needs), NFR_OK);
  void *arena = NULL, *state = NULL;
  assert_int_equal(posix_memalign(&arena, 16, needs.arena_bytes), 0);
  assert_int_equal(posix_memalign(&state, 16, needs.state_bytes), 0);
  memset(arena, 0xaa, needs.arena_bytes); /* what an earlier inference left must not matter */
  struct nfr_engine engine;
  assert_int_equal(nfr_engine_load(&engine, vector->plan, vector->plan_bytes, arena, needs.arena_bytes, state,
                                   needs.state_bytes, 0),
                   NFR_OK);
  for (unsigned i = 0; i < sizeof budgets / sizeof budgets[0]; i++) run_cases(vector, &engine, budgets[i]);
  free(arena);
  free(state);
}

static void vectors_compute_what_they_say(void **unused) {
  (void)unused;
  assert_true(for_each_vector(run_vector, NULL) >= LEAST_VECTORS);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(vectors_compute_what_they_say)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
