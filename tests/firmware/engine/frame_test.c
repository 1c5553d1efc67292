/* Rules V01 to V39: a valid plan is broken in one place, and refused by that rule with its error. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../rule_hook.h"
#include "test_plan.h"

#define H test_header(p)
#define TENSOR(i) test_tensor(p, i)
#define IO(i) test_io(p, i)
#define OP(i) test_op(p, i)

/* X(rule, error, name, what breaks it) */
#define BREAKS(X)                                                                                   \
  X(V01, ARGUMENT, plan_null, p->bytes = NULL)                                                      \
  X(V01, ARGUMENT, plan_misaligned, p->bytes += 8; p->size -= 8)                                    \
  X(V02, CORRUPT, plan_shorter_than_header, p->size = 63)                                           \
  X(V03, CORRUPT, magic, H->magic ^= 1)                                                             \
  X(V04, VERSION, major, H->major++)                                                                \
  X(V05, CORRUPT, header_longer, H->header_bytes = 68)                                              \
  X(V06, CORRUPT, total_less_than_blob, H->total_bytes -= 16)                                       \
  X(V06, CORRUPT, total_more_than_blob, H->total_bytes += 16)                                       \
  X(V06, CORRUPT, total_not_aligned, H->total_bytes -= 4; H->const_bytes -= 4; p->size -= 4)        \
  X(V07, UNSUPPORTED, unknown_feature, H->features = 1u << 31)                                      \
  X(V08, UNSUPPORTED, unknown_layout_announced, H->layouts |= 1u << 31)                             \
  X(V09, CORRUPT, reserved0, H->reserved0 = 1)                                                      \
  X(V09, CORRUPT, reserved1, H->reserved1 = 1)                                                      \
  X(V10, CORRUPT, no_tensor, H->tensor_count = 0)                                                   \
  X(V10, CORRUPT, too_many_tensors, H->tensor_count = NFR_PLAN_MAX_TENSORS + 1)                     \
  X(V10, CORRUPT, no_op, H->op_count = 0; H->ops_bytes = 0)                                         \
  X(V10, CORRUPT, too_many_ops, H->op_count = NFR_PLAN_MAX_OPS + 1)                                 \
  X(V10, CORRUPT, no_input, H->input_count = 0)                                                     \
  X(V10, CORRUPT, too_many_inputs, H->input_count = NFR_PLAN_MAX_IO + 1)                            \
  X(V10, CORRUPT, no_output, H->output_count = 0)                                                   \
  X(V10, CORRUPT, too_many_outputs, H->output_count = NFR_PLAN_MAX_IO + 1)                          \
  X(V11, CORRUPT, tensors_in_header, H->tensors_offset = 60)                                        \
  X(V11, CORRUPT, tensors_not_aligned, H->tensors_offset += 2; H->tensor_count--)                   \
  X(V11, CORRUPT, io_in_tensors, H->io_offset -= 4)                                                 \
  X(V11, CORRUPT, io_not_aligned, H->io_offset += 2; H->output_count = 1; H->input_count = 1)       \
  X(V11, CORRUPT, ops_in_io, H->ops_offset -= 4)                                                    \
  X(V11, CORRUPT, ops_not_aligned, H->ops_offset += 2)                                              \
  X(V11, CORRUPT, ops_past_end, H->ops_offset = 0xfffffff0u)                                        \
  X(V11, CORRUPT, const_in_ops, H->ops_bytes += 16)                                                 \
  X(V11, CORRUPT, const_not_aligned, H->const_offset += 4; H->const_bytes -= 4)                     \
  X(V11, CORRUPT, const_past_end, H->const_bytes += 1)                                              \
  X(V11, CORRUPT, const_wraps, H->const_bytes = 0xfffffff0u)                                        \
  X(V12, CORRUPT, arena_bytes_not_aligned, H->arena_bytes = TEST_ARENA - 8; TENSOR(T_IN1)->offset = 80) \
  X(V12, CORRUPT, state_bytes_not_aligned, H->state_bytes -= 8; TENSOR(T_STATE2)->bytes -= 8)       \
  X(V13, ARGUMENT, arena_null, p->arena = NULL)                                                     \
  X(V13, ARGUMENT, arena_misaligned, p->arena += 8)                                                 \
  X(V14, ARGUMENT, state_null, p->state = NULL)                                                     \
  X(V14, ARGUMENT, state_misaligned, p->state += 4)                                                 \
  X(V15, NO_MEMORY, arena_small, p->arena_size -= 1)                                                \
  X(V15, NO_MEMORY, state_small, p->state_size -= 1)                                                \
  X(V16, CORRUPT, unknown_type, TENSOR(T_CONST)->type = NFR_TYPE_FLOAT32 + 1)                       \
  X(V17, CORRUPT, unknown_region, TENSOR(T_CONST)->region = NFR_REGION_CONST + 1)                   \
  X(V18, CORRUPT, empty_tensor, TENSOR(T_CONST)->bytes = 0)                                         \
  X(V18, CORRUPT, offset_not_aligned, TENSOR(T_SCRATCH)->offset += 2)                               \
  X(V18, CORRUPT, half_an_element, TENSOR(T_SCRATCH)->bytes -= 2)                                   \
  X(V19, CORRUPT, past_arena, TENSOR(T_SCRATCH)->offset = TEST_ARENA - 28)                          \
  X(V19, CORRUPT, past_state, TENSOR(T_STATE2)->bytes += 1)                                         \
  X(V19, CORRUPT, past_constants, TENSOR(T_CONST)->bytes += 1)                                      \
  X(V19, CORRUPT, range_wraps, TENSOR(T_CONST)->offset = 0xfffffff8u)                               \
  X(V20, CORRUPT, fill_outside_state, TENSOR(T_CONST)->fill = 1)                                    \
  X(V20, CORRUPT, fill_above_int8, TENSOR(T_STATE2)->fill = 128)                                    \
  X(V20, CORRUPT, fill_below_int8, TENSOR(T_STATE2)->fill = -129)                                   \
  X(V20, CORRUPT, fill_of_wide_state, TENSOR(T_STATE)->type = NFR_TYPE_INT32)                       \
  X(V21, CORRUPT, streamed_tensor, TENSOR(T_MID)->rows = 3)                                         \
  X(V21, CORRUPT, held_rows, TENSOR(T_MID)->held_rows = 1)                                          \
  X(V22, CORRUPT, io_tensor, IO(0)->tensor = TENSORS)                                               \
  X(V23, CORRUPT, input_in_state, IO(0)->tensor = T_STATE2)                                         \
  X(V23, CORRUPT, output_in_constants, IO(2)->tensor = T_CONST)                                     \
  X(V24, CORRUPT, io_rank, IO(0)->rank = NFR_PLAN_MAX_RANK + 1)                                     \
  X(V24, CORRUPT, io_dim_zero, IO(0)->dims[0] = 0)                                                  \
  X(V24, CORRUPT, io_dim_beyond_rank, IO(0)->rank = 1)                                              \
  X(V24, CORRUPT, io_too_many_elements, IO(0)->dims[0] = 2)                                         \
  X(V24, CORRUPT, io_too_few_elements, IO(1)->dims[1] = 4)                                          \
  X(V24, CORRUPT, io_product_wraps, IO(0)->dims[0] = 0x80000001u; IO(0)->dims[1] = 16)              \
  X(V24, CORRUPT, io_reserved, IO(0)->reserved = 1)                                                 \
  X(V25, CORRUPT, scale_zero, IO(0)->scale = 0.0f)                                                  \
  X(V25, CORRUPT, scale_minus_zero, IO(0)->scale = -0.0f)                                           \
  X(V25, CORRUPT, scale_negative, IO(0)->scale = -1.0f)                                             \
  X(V25, CORRUPT, scale_infinite, IO(0)->scale = INFINITY)                                          \
  X(V25, CORRUPT, scale_nan, IO(1)->scale = NAN)                                                    \
  X(V25, CORRUPT, int8_zero_point_above, IO(0)->zero_point = 128)                                   \
  X(V25, CORRUPT, int8_zero_point_below, IO(0)->zero_point = -129)                                  \
  X(V25, CORRUPT, int16_zero_point_above, IO(1)->zero_point = 32768)                                \
  X(V25, CORRUPT, float_with_scale, TENSOR(T_IN1)->type = NFR_TYPE_FLOAT32; IO(1)->dims[1] = 4; IO(1)->zero_point = 0) \
  X(V25, CORRUPT, float_with_zero_point, TENSOR(T_IN1)->type = NFR_TYPE_FLOAT32; IO(1)->dims[1] = 4; IO(1)->scale = 0) \
  X(V25, CORRUPT, int32_scale_negative, TENSOR(T_IN1)->type = NFR_TYPE_INT32; IO(1)->dims[1] = 4; IO(1)->scale = -1) \
  X(V26, CORRUPT, one_tensor_is_two_inputs, IO(1)->tensor = T_IN0; IO(1)->dims[1] = 16)             \
  X(V26, CORRUPT, inputs_overlap, TENSOR(T_IN1)->offset = 14)                                       \
  X(V27, CORRUPT, record_past_section, H->op_count = 4)                                             \
  X(V27, CORRUPT, parameters_past_section, H->ops_bytes -= 4)                                       \
  X(V28, UNSUPPORTED, unknown_kind, OP(1)->kind = 99)                                               \
  X(V29, CORRUPT, record_shorter, OP(2)->bytes -= 4; H->ops_bytes -= 4)                             \
  X(V29, CORRUPT, record_longer, OP(2)->bytes += 4; H->ops_bytes += 4)                              \
  X(V30, UNSUPPORTED, unknown_layout, OP(0)->layout = 1)                                            \
  X(V30, UNSUPPORTED, layout_not_announced, H->layouts = 0)                                         \
  X(V30, UNSUPPORTED, layout_beyond_the_bits, OP(0)->layout = 32)                                   \
  X(V31, CORRUPT, operand_missing, OP(0)->in[1] = NFR_PLAN_NONE16)                                  \
  X(V31, CORRUPT, operand_too_many, OP(2)->in[2] = T_IN0)                                           \
  X(V31, CORRUPT, operand_past_table, OP(2)->in[0] = TENSORS)                                       \
  X(V31, CORRUPT, output_missing, OP(2)->out = NFR_PLAN_NONE16)                                     \
  X(V31, CORRUPT, scratch_missing, OP(0)->scratch = NFR_PLAN_NONE16)                                \
  X(V31, CORRUPT, scratch_too_many, OP(2)->scratch = T_SCRATCH)                                     \
  X(V32, CORRUPT, scratch_in_state, OP(0)->scratch = T_STATE)                                       \
  X(V32, CORRUPT, scratch_in_constants, OP(0)->scratch = T_CONST; OP(0)->in[1] = T_IN0)             \
  X(V32, CORRUPT, scratch_not_aligned, TENSOR(T_SCRATCH)->type = NFR_TYPE_INT16; TENSOR(T_SCRATCH)->offset = 34; TENSOR(T_SCRATCH)->bytes = 16) \
  X(V33, CORRUPT, output_in_state, OP(2)->out = T_STATE2)                                           \
  X(V33, CORRUPT, output_written_to_constants, OP(2)->out = T_CONST)                                \
  X(V34, CORRUPT, state_in_arena, OP(1)->in[2] = T_SCRATCH)                                         \
  X(V34, CORRUPT, state_in_constants, OP(1)->in[1] = T_CONST)                                       \
  X(V35, CORRUPT, output_overlaps_input, TENSOR(T_MID)->offset = 8)                                 \
  X(V35, CORRUPT, in_place_not_allowed, OP(0)->out = T_IN0)                                         \
  X(V35, CORRUPT, in_place_shifted, TENSOR(T_MID)->offset = 68; OP(2)->in[0] = T_MID; OP(1)->in[0] = T_IN0) \
  X(V35, CORRUPT, in_place_wider, TENSOR(T_IN1)->offset = 64; OP(2)->out = T_IN1)                   \
  X(V36, CORRUPT, scratch_overlaps_output, TENSOR(T_SCRATCH)->offset = 28)                          \
  X(V36, CORRUPT, scratch_overlaps_input, TENSOR(T_IN0)->offset = 44)                               \
  X(V37, CORRUPT, states_overlap, TENSOR(T_STATE2)->offset = 15)                                    \
  X(V37, CORRUPT, state_is_input, OP(1)->in[0] = T_STATE2)                                          \
  X(V38, BUDGET, unit_beyond_slice, p->max_slice = FAKE_COST - 1)                                   \
  X(V39, CORRUPT, bytes_after_last_record, H->ops_bytes += 4)

#define DEFINE(rule, error, name, change) \
  static void name(struct test_plan *p) { \
    change;                               \
  }
BREAKS(DEFINE)

static const struct {
  const char *rule, *name;
  int error;
  void (*change)(struct test_plan *plan);
} breaks[] = {
#define ROW(rule, error, name, change) {#rule, #name, NFR_ERR_##error, name},
    BREAKS(ROW)};

static void each_rule_refuses_what_breaks_it(void **unused) {
  (void)unused;
  unsigned wrong = 0;
  for (unsigned i = 0; i < sizeof breaks / sizeof breaks[0]; i++) {
    struct test_plan plan;
    test_plan_make(&plan);
    struct test_plan broken = plan;
    breaks[i].change(&broken);
    struct nfr_engine engine;
    rule_hook_clear();
    int err = test_load(&broken, &engine);
    if (err != breaks[i].error || strcmp(rule_hook_first(), breaks[i].rule) != 0) {
      print_error("%s %s: error %d of rule '%s'\n", breaks[i].rule, breaks[i].name, err, rule_hook_first());
      wrong++;
    }
    assert_int_equal(nfr_engine_begin(&engine), NFR_ERR_ARGUMENT); /* it stays unloaded */
    test_plan_free(&plan);
  }
  assert_int_equal(wrong, 0);
}

/* What is near the limits and allowed. X(name, change) */
#define HOLDS(X)                                                                                             \
  X(untouched, (void)p)                                                                                      \
  X(more_memory_than_asked, p->arena_size += 1000; p->state_size += 1000)                                    \
  X(slice_of_one_unit, p->max_slice = FAKE_COST)                                                             \
  X(newer_minor, H->minor = 99)                                                                              \
  X(int16_zero_point, IO(1)->zero_point = -32768)                                                            \
  X(smallest_scale, IO(0)->scale = 1e-45f)                                                                   \
  X(float_input, TENSOR(T_IN1)->type = NFR_TYPE_FLOAT32; IO(1)->dims[1] = 4; IO(1)->scale = 0; IO(1)->zero_point = 0) \
  X(plain_int32_input, TENSOR(T_IN1)->type = NFR_TYPE_INT32; IO(1)->dims[1] = 4; IO(1)->scale = 0)           \
  X(fill_limits, TENSOR(T_STATE2)->fill = 127; TENSOR(T_STATE)->fill = INT16_MIN)                            \
  X(tensor_at_arena_end, TENSOR(T_IN1)->offset = TEST_ARENA - 16)                                            \
  X(output_twice, H->input_count = 1; IO(1)->tensor = T_OUT; IO(1)->dims[1] = 16; H->output_count = 2)       \
  X(inputs_touch, TENSOR(T_IN1)->offset = 16)                                                                \
  X(same_input_twice, OP(0)->in[1] = T_IN0)                                                                  \
  X(reads_state, OP(0)->in[1] = T_STATE2)

#define DEFINE_HOLD(name, change)                  \
  static void hold_##name(struct test_plan *p) { \
    change;                                      \
  }
HOLDS(DEFINE_HOLD)

static const struct {
  const char *name;
  void (*change)(struct test_plan *plan);
} holds[] = {
#define HOLD_ROW(name, change) {#name, hold_##name},
    HOLDS(HOLD_ROW)};

static void what_is_allowed_loads_and_runs(void **unused) {
  (void)unused;
  for (unsigned i = 0; i < sizeof holds / sizeof holds[0]; i++) {
    struct test_plan plan;
    test_plan_make(&plan);
    struct test_plan changed = plan;
    holds[i].change(&changed);
    struct nfr_engine engine;
    rule_hook_clear();
    int err = test_load(&changed, &engine);
    if (err) print_error("%s: error %d of rule '%s'\n", holds[i].name, err, rule_hook_first());
    assert_int_equal(err, NFR_OK);
    assert_int_equal(nfr_engine_invoke(&engine), NFR_OK);
    test_plan_free(&plan);
  }
}

static void a_plan_without_state_needs_none(void **unused) {
  (void)unused;
  struct test_plan plan;
  test_plan_make(&plan);
  struct nfr_plan_header *header = test_header(&plan);
  *test_tensor(&plan, T_STATE) = *test_tensor(&plan, T_MID);
  *test_tensor(&plan, T_STATE2) = *test_tensor(&plan, T_MID);
  *test_op(&plan, 1) = *test_op(&plan, 2);
  test_op(&plan, 1)->in[0] = T_MID;
  header->state_bytes = 0;
  struct nfr_engine engine;
  assert_int_equal(nfr_engine_load(&engine, plan.bytes, plan.size, plan.arena, plan.arena_size, NULL, 0, 0), NFR_OK);
  assert_int_equal(nfr_engine_invoke(&engine), NFR_OK);
  test_plan_free(&plan);
}

static void needs_are_those_of_the_header(void **unused) {
  (void)unused;
  struct test_plan plan;
  test_plan_make(&plan);
  struct nfr_plan_needs needs;
  assert_int_equal(nfr_plan_needs(plan.bytes, plan.size, &needs), NFR_OK);
  assert_int_equal(needs.arena_bytes, TEST_ARENA);
  assert_int_equal(needs.state_bytes, TEST_STATE);
  assert_int_equal(needs.layouts, 1);
  assert_int_equal(needs.op_count, 3);
  assert_int_equal(needs.tensor_count, TENSORS);
  assert_int_equal(needs.input_count, 2);
  assert_int_equal(needs.output_count, 1);
  assert_int_equal(nfr_plan_needs(plan.bytes, plan.size, NULL), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_plan_needs(plan.bytes, plan.size - 1, &needs), NFR_ERR_CORRUPT);
  test_plan_free(&plan);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_rule_refuses_what_breaks_it),
      cmocka_unit_test(what_is_allowed_loads_and_runs),
      cmocka_unit_test(a_plan_without_state_needs_none),
      cmocka_unit_test(needs_are_those_of_the_header),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
