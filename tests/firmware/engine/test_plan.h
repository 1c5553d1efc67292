/* A valid plan of three fake operators that uses every part of the frame, for tests to break in one place.
 *
 *   in0 int8[16] ─┐
 *   constant int8[16] ─ JOIN (scratch) ─ mid ─ COUNT (state int16[8]) ─ out ─ FLIP in place ─ out int8[16]
 *   in1 int16[8] (not read)
 */
#ifndef NFR_TEST_PLAN_H
#define NFR_TEST_PLAN_H

#include "ops/op.h"
#include "plan.h"

enum { FAKE_FLIP = 200, FAKE_JOIN = 201, FAKE_COUNT = 202 };
enum { FAKE_UNITS = 16, FAKE_COST = 100 };

enum test_tensor { T_IN0, T_MID, T_SCRATCH, T_STATE, T_CONST, T_OUT, T_IN1, T_STATE2, TENSORS };
enum { TEST_ELEMENTS = 16, TEST_ARENA = 112, TEST_STATE = 32 };

struct test_plan {
  uint8_t *bytes, *arena, *state; /* each exactly as long as it says, so that a sanitizer sees one byte too many */
  size_t size, arena_size, state_size;
  uint32_t max_slice;
};

void test_plan_make(struct test_plan *plan);
void test_plan_free(struct test_plan *plan);

static inline struct nfr_plan_header *test_header(const struct test_plan *plan) {
  return (struct nfr_plan_header *)(void *)plan->bytes;
}
struct nfr_plan_tensor *test_tensor(const struct test_plan *plan, unsigned index);
struct nfr_plan_io *test_io(const struct test_plan *plan, unsigned index);
struct nfr_plan_op *test_op(const struct test_plan *plan, unsigned index);

int test_load(const struct test_plan *plan, struct nfr_engine *engine);

#endif
