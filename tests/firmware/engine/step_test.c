/* Slices, state and accessors: whatever the budget, the bytes are those of one invoke. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "test_plan.h"

static int set_up(void **state) {
  static struct test_plan plan;
  test_plan_make(&plan);
  *state = &plan;
  return 0;
}

static int tear_down(void **state) {
  test_plan_free(*state);
  return 0;
}

static void fill_inputs(const struct nfr_engine *engine) {
  struct nfr_tensor_view view;
  for (unsigned i = 0; nfr_engine_input(engine, i, &view) == NFR_OK; i++)
    for (uint32_t j = 0; j < view.bytes; j++) ((uint8_t *)view.data)[j] = (uint8_t)(j * 37 + i);
}

/* What the three operators compute, written down once more. */
static void expect(uint8_t out[TEST_ELEMENTS], unsigned inferences) {
  int16_t wide[8];
  int8_t narrow[16];
  for (unsigned i = 0; i < 8; i++) wide[i] = -300;
  memset(narrow, -7, sizeof narrow);
  for (unsigned n = 0; n < inferences; n++)
    for (unsigned i = 0; i < TEST_ELEMENTS; i++) {
      uint8_t mid = (uint8_t)(i * 37 + i * 3);
      wide[i / 2] = (int16_t)(wide[i / 2] + mid);
      narrow[i]++;
      out[i] = (uint8_t)~(mid + wide[i / 2] + narrow[i]);
    }
}

static void assert_output(const struct nfr_engine *engine, unsigned inferences) {
  uint8_t expected[TEST_ELEMENTS];
  expect(expected, inferences);
  struct nfr_tensor_view view;
  assert_int_equal(nfr_engine_output(engine, 0, &view), NFR_OK);
  assert_int_equal(view.bytes, TEST_ELEMENTS);
  assert_memory_equal(view.data, expected, TEST_ELEMENTS);
}

static unsigned run(struct nfr_engine *engine, uint32_t budget) {
  fill_inputs(engine);
  assert_int_equal(nfr_engine_begin(engine), NFR_OK);
  unsigned steps = 1;
  int err;
  for (; (err = nfr_engine_step(engine, budget)) == NFR_ENGINE_MORE; steps++) assert_true(steps < 1000);
  assert_int_equal(err, NFR_OK);
  return steps;
}

static void any_budget_gives_the_bytes_of_invoke(void **state) {
  const struct test_plan *plan = *state;
  struct nfr_engine engine;
  for (uint32_t budget = 0; budget < 3 * FAKE_UNITS * FAKE_COST + 1000; budget += 77) {
    assert_int_equal(test_load(plan, &engine), NFR_OK);
    unsigned steps = run(&engine, budget);
    assert_output(&engine, 1);
    if (budget < FAKE_COST) assert_int_equal(steps, 3 * FAKE_UNITS);
    run(&engine, budget + 1);
    assert_output(&engine, 2);
  }
  assert_int_equal(run(&engine, UINT32_MAX), 1);
}

static void a_budget_buys_what_it_pays_for(void **state) {
  struct nfr_engine engine;
  assert_int_equal(test_load(*state, &engine), NFR_OK);
  assert_int_equal(nfr_engine_begin(&engine), NFR_OK);
  assert_int_equal(nfr_engine_step(&engine, 5 * FAKE_COST + 99), NFR_ENGINE_MORE);
  assert_int_equal(engine.unit, 5);
  assert_int_equal(nfr_engine_step(&engine, 0), NFR_ENGINE_MORE);
  assert_int_equal(engine.unit, 6);
  assert_int_equal(nfr_engine_step(&engine, 100 * FAKE_COST), NFR_OK);
}

static void max_slice_bounds_every_step(void **state) {
  struct test_plan *plan = *state;
  plan->max_slice = 4 * FAKE_COST;
  struct nfr_engine engine;
  assert_int_equal(test_load(plan, &engine), NFR_OK);
  assert_int_equal(run(&engine, UINT32_MAX), 3 * FAKE_UNITS / 4);
  assert_output(&engine, 1);
}

static void stop_at_op_shows_each_operator(void **state) {
  struct nfr_engine engine;
  assert_int_equal(test_load(*state, &engine), NFR_OK);
  assert_int_equal(nfr_engine_stop_at_op(&engine, true), NFR_OK);
  fill_inputs(&engine);
  assert_int_equal(nfr_engine_begin(&engine), NFR_OK);
  const enum test_tensor outputs[3] = {T_MID, T_OUT, T_OUT};
  for (unsigned op = 0; op < 3; op++) {
    assert_int_equal(nfr_engine_step(&engine, UINT32_MAX), op < 2 ? NFR_ENGINE_MORE : NFR_OK);
    assert_int_equal(engine.op_index, op + 1);
    const void *data;
    uint32_t bytes;
    uint16_t source;
    assert_int_equal(nfr_engine_op_output(&engine, op, &data, &bytes, &source), NFR_OK);
    assert_ptr_equal(data, engine.regions[NFR_REGION_ARENA] + test_tensor(*state, outputs[op])->offset);
    assert_int_equal(bytes, TEST_ELEMENTS);
    assert_int_equal(source, 10 + op);
  }
  assert_output(&engine, 1);
}

static void reset_fills_the_state(void **state) {
  const struct test_plan *plan = *state;
  struct nfr_engine engine;
  assert_int_equal(test_load(plan, &engine), NFR_OK);
  run(&engine, UINT32_MAX);
  assert_int_equal(nfr_engine_reset(&engine), NFR_OK);
  for (unsigned i = 0; i < 8; i++) assert_int_equal(((int16_t *)(void *)plan->state)[i], -300);
  for (unsigned i = 16; i < 32; i++) assert_int_equal((int8_t)plan->state[i], -7);
  run(&engine, UINT32_MAX);
  assert_output(&engine, 1);
}

static void reset_in_the_middle_is_the_callers_right(void **state) {
  struct nfr_engine engine;
  assert_int_equal(test_load(*state, &engine), NFR_OK);
  fill_inputs(&engine);
  assert_int_equal(nfr_engine_begin(&engine), NFR_OK);
  assert_int_equal(nfr_engine_step(&engine, 20 * FAKE_COST), NFR_ENGINE_MORE);
  assert_int_equal(nfr_engine_reset(&engine), NFR_OK);
  run(&engine, FAKE_COST); /* begin again drops what was begun */
  assert_output(&engine, 1);
}

static void views_tell_shape_and_type(void **state) {
  const struct test_plan *plan = *state;
  struct nfr_engine engine;
  assert_int_equal(test_load(plan, &engine), NFR_OK);
  struct nfr_tensor_view view;
  assert_int_equal(nfr_engine_input(&engine, 1, &view), NFR_OK);
  assert_ptr_equal(view.data, plan->arena + 96);
  assert_int_equal(view.bytes, 16);
  assert_int_equal(view.type, NFR_TYPE_INT16);
  assert_int_equal(view.io->dims[1], 8);
  assert_int_equal(nfr_engine_output(&engine, 0, &view), NFR_OK);
  assert_ptr_equal(view.data, plan->arena + 64);
  assert_int_equal(nfr_engine_input(&engine, 2, &view), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_engine_output(&engine, 1, &view), NFR_ERR_ARGUMENT);
}

static void callers_mistakes_are_refused(void **state) {
  const struct test_plan *plan = *state;
  struct nfr_engine engine = {0};
  struct nfr_tensor_view view;
  const void *data;
  uint32_t bytes;
  uint16_t source;
  for (int loaded = 0; loaded < 2; loaded++) {
    struct nfr_engine *e = loaded ? NULL : &engine; /* not loaded, then null */
    assert_int_equal(nfr_engine_begin(e), NFR_ERR_ARGUMENT);
    assert_int_equal(nfr_engine_step(e, 1), NFR_ERR_ARGUMENT);
    assert_int_equal(nfr_engine_invoke(e), NFR_ERR_ARGUMENT);
    assert_int_equal(nfr_engine_reset(e), NFR_ERR_ARGUMENT);
    assert_int_equal(nfr_engine_stop_at_op(e, true), NFR_ERR_ARGUMENT);
    assert_int_equal(nfr_engine_input(e, 0, &view), NFR_ERR_ARGUMENT);
    assert_int_equal(nfr_engine_output(e, 0, &view), NFR_ERR_ARGUMENT);
    assert_int_equal(nfr_engine_op_output(e, 0, &data, &bytes, &source), NFR_ERR_ARGUMENT);
  }
  assert_int_equal(test_load(plan, NULL), NFR_ERR_ARGUMENT);
  assert_int_equal(test_load(plan, &engine), NFR_OK);
  assert_int_equal(nfr_engine_step(&engine, 1), NFR_ERR_ARGUMENT); /* none begun */
  assert_int_equal(nfr_engine_input(&engine, 0, NULL), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_engine_output(&engine, 0, NULL), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_engine_op_output(&engine, 3, &data, &bytes, &source), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_engine_op_output(&engine, 0, NULL, &bytes, &source), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_engine_invoke(&engine), NFR_OK);
  assert_int_equal(nfr_engine_step(&engine, 1), NFR_ERR_ARGUMENT); /* it is over */
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      TEST(any_budget_gives_the_bytes_of_invoke), TEST(a_budget_buys_what_it_pays_for),
      TEST(max_slice_bounds_every_step),          TEST(stop_at_op_shows_each_operator),
      TEST(reset_fills_the_state),                TEST(reset_in_the_middle_is_the_callers_right),
      TEST(views_tell_shape_and_type),            TEST(callers_mistakes_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
