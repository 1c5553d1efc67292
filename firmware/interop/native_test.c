/* The self-test: golden vectors in slices, so that a failure names the first operator that went wrong. Rules F06 to F08 of
 * capsule/SPEC.md §8: vectors and model agree. */
#include <string.h>

#include "crc32.h"
#include "engine/plan.h"
#include "native.h"
#include "rule.h"

#define CRC_COST 10u    /* instructions a byte */
#define CRC_LEAST 256u  /* bytes, however small the budget */

static bool io_bytes(const struct nfr_native_capsule *capsule, bool outputs, uint32_t expected) {
  const struct nfr_plan_header *plan = nfr_plan_header_of(capsule->engine.plan);
  uint64_t bytes = 0;
  for (unsigned i = 0; i < (outputs ? plan->output_count : plan->input_count); i++) {
    struct nfr_tensor_view view;
    int err = outputs ? nfr_engine_output(&capsule->engine, i, &view) : nfr_engine_input(&capsule->engine, i, &view);
    if (err) return false;
    bytes += view.bytes;
  }
  return bytes == expected;
}

static int check_vectors(const struct nfr_native_capsule *capsule, const struct nfr_vectors *vectors) {
  if (!NFR_RULE(F06, vectors->op_count == nfr_plan_header_of(capsule->engine.plan)->op_count)) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(F07, io_bytes(capsule, false, vectors->input_bytes))) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(F08, io_bytes(capsule, true, vectors->output_bytes))) return NFR_ERR_CORRUPT;
  return NFR_OK;
}

int nfr_native_self_test_begin(struct nfr_native *context, int handle, const uint8_t *vectors, uint32_t count) {
  struct nfr_native_capsule *capsule = nfr_native_find(context, handle);
  struct nfr_native_test test = {.capsule = capsule};
  if (capsule == NULL || vectors == NULL || context->test.capsule == capsule) return NFR_ERR_ARGUMENT;
  if (context->test.capsule != NULL) return NFR_ERR_BUSY;
  int err = NFR_OK;
  if (capsule->is_signed) err = nfr_section_verify(context->crypto, &capsule->vectors, vectors, count);
  if (!err) err = nfr_vectors_parse(vectors, count, &test.vectors);
  if (!err) err = check_vectors(capsule, &test.vectors);
  if (!err) err = nfr_native_claim(context, capsule);
  if (!err) err = nfr_native_forget(capsule);
  if (!err) err = nfr_engine_stop_at_op(&capsule->engine, true);
  if (err) return err;
  context->test = test;
  context->phase = NFR_PHASE_TESTING;
  return NFR_OK;
}

static void give_back(struct nfr_native *context) {
  context->owner = NULL;
  context->phase = NFR_PHASE_FREE;
}

/* The arena is given back and the capsule is as after opening. */
static int end(struct nfr_native *context, int result) {
  struct nfr_native_capsule *capsule = context->test.capsule;
  give_back(context);
  context->test.capsule = NULL;
  int err = nfr_engine_stop_at_op(&capsule->engine, false);
  if (!err) err = nfr_native_forget(capsule);
  return err ? err : result;
}

static int begin_case(struct nfr_native_capsule *capsule, struct nfr_native_test *test) {
  struct nfr_vector_case vector = nfr_vectors_case(&test->vectors, test->case_index);
  const uint8_t *input = vector.input;
  int err = vector.reset ? nfr_engine_reset(&capsule->engine) : NFR_OK;
  for (unsigned i = 0; i < nfr_plan_header_of(capsule->engine.plan)->input_count && !err; i++) {
    struct nfr_tensor_view view;
    err = nfr_engine_input(&capsule->engine, i, &view);
    if (err) return err;
    memcpy(view.data, input, view.bytes);
    input += view.bytes;
  }
  if (!err) err = nfr_engine_begin(&capsule->engine);
  test->has_begun = 1;
  test->op = 0;
  return err;
}

static int differs(struct nfr_native_report *report, uint32_t op, int32_t source_op) {
  report->op = op;
  report->source_op = source_op;
  return NFR_ERR_SELF_TEST;
}

/* A part of the checksum of the operator that has just run. */
static int check_op(struct nfr_native_capsule *capsule, struct nfr_native_test *test, uint32_t budget,
                    struct nfr_native_report *report) {
  const void *data;
  uint32_t bytes, part = budget / CRC_COST < CRC_LEAST ? CRC_LEAST : budget / CRC_COST;
  uint16_t source_op;
  int err = nfr_engine_op_output(&capsule->engine, test->op, &data, &bytes, &source_op);
  if (err) return err;
  if (part > bytes - test->crc_at) part = bytes - test->crc_at;
  test->crc = nfr_crc32(test->crc, (const uint8_t *)data + test->crc_at, part);
  test->crc_at += part;
  if (test->crc_at < bytes) return NFR_NATIVE_MORE;
  struct nfr_vector_case vector = nfr_vectors_case(&test->vectors, test->case_index);
  if (test->crc != nfr_vector_crc(&vector, test->op)) return differs(report, test->op, source_op);
  test->op++;
  test->op_is_done = capsule->engine.op_index > test->op; /* the records of a chain are done at once */
  test->crc = 0;
  test->crc_at = 0;
  return NFR_NATIVE_MORE;
}

static int check_outputs(struct nfr_native_capsule *capsule, struct nfr_native_test *test, struct nfr_native_report *report) {
  struct nfr_vector_case vector = nfr_vectors_case(&test->vectors, test->case_index);
  const uint8_t *output = vector.output;
  for (unsigned i = 0; i < nfr_plan_header_of(capsule->engine.plan)->output_count; i++) {
    struct nfr_tensor_view view;
    int err = nfr_engine_output(&capsule->engine, i, &view);
    if (err) return err;
    if (memcmp(view.data, output, view.bytes) != 0) return differs(report, test->op, -1);
    output += view.bytes;
  }
  test->has_begun = test->inference_is_done = 0;
  test->case_index++;
  return test->case_index < test->vectors.case_count ? NFR_NATIVE_MORE : NFR_OK;
}

static int run(struct nfr_native_capsule *capsule, struct nfr_native_test *test, uint32_t budget) {
  int err = nfr_engine_step(&capsule->engine, budget);
  if (err < 0) return err;
  test->inference_is_done = err == NFR_OK;
  /* step has stopped because an operator ended, or because the budget did. */
  test->op_is_done = test->inference_is_done || capsule->engine.op_index > test->op;
  test->crc = 0;
  test->crc_at = 0;
  return NFR_NATIVE_MORE;
}

static int advance(struct nfr_native_capsule *capsule, struct nfr_native_test *test, uint32_t budget,
                   struct nfr_native_report *report) {
  if (test->op_is_done) return check_op(capsule, test, budget, report);
  if (test->inference_is_done) return check_outputs(capsule, test, report);
  int err = test->has_begun ? NFR_OK : begin_case(capsule, test);
  return err ? err : run(capsule, test, budget);
}

int nfr_native_self_test_step(struct nfr_native *context, int handle, uint32_t budget, struct nfr_native_report *report) {
  struct nfr_native_capsule *capsule = nfr_native_find(context, handle);
  if (capsule == NULL || !nfr_native_is_words(report) || context->test.capsule != capsule) return NFR_ERR_ARGUMENT;
  struct nfr_native_test *test = &context->test;
  *report = (struct nfr_native_report){
      .case_count = test->vectors.case_count, .case_index = test->case_index, .source_op = -1, .op = test->op};
  if (context->owner != capsule) { /* between two cases the arena is anybody's */
    int err = nfr_native_take(context, capsule);
    if (err) return err;
    context->phase = NFR_PHASE_TESTING;
  }
  int result = advance(capsule, test, budget == 0 ? NFR_ENGINE_DEFAULT_BUDGET : budget, report);
  if (result != NFR_NATIVE_MORE) return end(context, result);
  if (!test->has_begun) give_back(context);
  return NFR_NATIVE_MORE;
}
