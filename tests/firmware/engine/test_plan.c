#include "test_plan.h"

#include <stdlib.h>
#include <string.h>

enum { TENSORS_AT = 64, IO_AT = TENSORS_AT + 16 * TENSORS, OPS_AT = IO_AT + 36 * 3, OP_BYTES = 20, CONST_AT = 368, TOTAL = 384 };
static_assert(OPS_AT + 3 * OP_BYTES <= CONST_AT, "the records end before the constants");

struct nfr_plan_tensor *test_tensor(const struct test_plan *plan, unsigned index) {
  return (struct nfr_plan_tensor *)(void *)(plan->bytes + TENSORS_AT) + index;
}

struct nfr_plan_io *test_io(const struct test_plan *plan, unsigned index) {
  return (struct nfr_plan_io *)(void *)(plan->bytes + IO_AT) + index;
}

struct nfr_plan_op *test_op(const struct test_plan *plan, unsigned index) {
  return (struct nfr_plan_op *)(void *)(plan->bytes + OPS_AT + OP_BYTES * index);
}

static void put_tensor(const struct test_plan *plan, unsigned index, uint8_t region, uint32_t offset, uint32_t bytes,
                       uint8_t type) {
  *test_tensor(plan, index) =
      (struct nfr_plan_tensor){.offset = offset, .bytes = bytes, .type = type, .region = region};
}

static void put_io(const struct test_plan *plan, unsigned index, uint16_t tensor, uint32_t elements) {
  *test_io(plan, index) =
      (struct nfr_plan_io){.tensor = tensor, .rank = 2, .dims = {1, elements, 1, 1, 1, 1}, .scale = 0.5f, .zero_point = -1};
}

static void put_op(const struct test_plan *plan, unsigned index, uint8_t kind, uint16_t in0, uint16_t in1, uint16_t in2,
                   uint16_t out, uint16_t scratch) {
  *test_op(plan, index) = (struct nfr_plan_op){.kind = kind,
                                               .bytes = OP_BYTES,
                                               .source_op = (uint16_t)(index + 10),
                                               .in = {in0, in1, in2},
                                               .out = out,
                                               .scratch = scratch};
}

void test_plan_make(struct test_plan *plan) {
  *plan = (struct test_plan){.size = TOTAL, .arena_size = TEST_ARENA, .state_size = TEST_STATE};
  plan->bytes = aligned_alloc(16, TOTAL);
  plan->arena = aligned_alloc(16, TEST_ARENA);
  plan->state = aligned_alloc(16, TEST_STATE);
  memset(plan->bytes, 0, TOTAL);
  memset(plan->arena, 0, TEST_ARENA);
  memset(plan->state, 0x55, TEST_STATE);
  *test_header(plan) = (struct nfr_plan_header){.magic = NFR_PLAN_MAGIC,
                                                .major = NFR_PLAN_MAJOR,
                                                .header_bytes = 64,
                                                .total_bytes = TOTAL,
                                                .state_bytes = TEST_STATE,
                                                .arena_bytes = TEST_ARENA,
                                                .tensor_count = TENSORS,
                                                .op_count = 3,
                                                .input_count = 2,
                                                .output_count = 1,
                                                .tensors_offset = TENSORS_AT,
                                                .io_offset = IO_AT,
                                                .ops_offset = OPS_AT,
                                                .ops_bytes = 3 * OP_BYTES,
                                                .const_offset = CONST_AT,
                                                .const_bytes = TOTAL - CONST_AT,
                                                .layouts = 1u << NFR_LAYOUT_PLAIN};
  put_tensor(plan, T_IN0, NFR_REGION_ARENA, 0, 16, NFR_TYPE_INT8);
  put_tensor(plan, T_MID, NFR_REGION_ARENA, 16, 16, NFR_TYPE_INT8);
  put_tensor(plan, T_SCRATCH, NFR_REGION_ARENA, 32, 32, NFR_TYPE_INT32);
  put_tensor(plan, T_STATE, NFR_REGION_STATE, 0, 16, NFR_TYPE_INT16);
  put_tensor(plan, T_CONST, NFR_REGION_CONST, 0, 16, NFR_TYPE_INT8);
  put_tensor(plan, T_OUT, NFR_REGION_ARENA, 64, 16, NFR_TYPE_INT8);
  put_tensor(plan, T_IN1, NFR_REGION_ARENA, 96, 16, NFR_TYPE_INT16);
  put_tensor(plan, T_STATE2, NFR_REGION_STATE, 16, 16, NFR_TYPE_INT8);
  test_tensor(plan, T_STATE)->fill = -300;
  test_tensor(plan, T_STATE2)->fill = -7;
  put_io(plan, 0, T_IN0, 16);
  put_io(plan, 1, T_IN1, 8);
  put_io(plan, 2, T_OUT, 16);
  put_op(plan, 0, FAKE_JOIN, T_IN0, T_CONST, NFR_PLAN_NONE16, T_MID, T_SCRATCH);
  put_op(plan, 1, FAKE_COUNT, T_MID, T_STATE2, T_STATE, T_OUT, NFR_PLAN_NONE16);
  put_op(plan, 2, FAKE_FLIP, T_OUT, NFR_PLAN_NONE16, NFR_PLAN_NONE16, T_OUT, NFR_PLAN_NONE16);
  for (unsigned i = 0; i < TEST_ELEMENTS; i++) plan->bytes[CONST_AT + i] = (uint8_t)(i * 3);
}

void test_plan_free(struct test_plan *plan) {
  free(plan->bytes);
  free(plan->arena);
  free(plan->state);
}

int test_load(const struct test_plan *plan, struct nfr_engine *engine) {
  return nfr_engine_load(engine, plan->bytes, plan->size, plan->arena, plan->arena_size, plan->state, plan->state_size,
                         plan->max_slice);
}
