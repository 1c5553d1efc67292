/* The runner's core on a job in memory: what it answers, and what it makes of broken jobs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../vectors.h"
#include "crc32.h"
#include "runner.h"

enum { ROOM = 1 << 16, LEAST_VECTORS = 6, OP_CRCS = 1, OUTPUTS = 2, STACK = 4 };

struct bytes {
  uint8_t *data;
  size_t length, at;
};

struct pipe {
  struct bytes job, result;
  uint8_t *buffers[NFR_RUNNER_BUFFERS];
  size_t largest[NFR_RUNNER_BUFFERS];
  size_t write_limit;
};

static size_t pipe_read(void *context, void *data, size_t bytes) {
  struct bytes *job = &((struct pipe *)context)->job;
  size_t n = bytes < job->length - job->at ? bytes : job->length - job->at;
  memcpy(data, job->data + job->at, n);
  job->at += n;
  return n;
}

static bool pipe_write(void *context, const void *data, size_t bytes) {
  struct pipe *pipe = context;
  if (pipe->result.length + bytes > pipe->write_limit) return false;
  memcpy(pipe->result.data + pipe->result.length, data, bytes);
  pipe->result.length += bytes;
  return true;
}

static uint8_t *pipe_resize(void *context, enum nfr_runner_buffer which, size_t bytes) {
  struct pipe *pipe = context;
  if (bytes > pipe->largest[which]) pipe->largest[which] = bytes;
  return bytes <= ROOM ? pipe->buffers[which] : NULL;
}

static void pipe_open(struct pipe *pipe) {
  *pipe = (struct pipe){.write_limit = ROOM};
  pipe->job.data = calloc(1, ROOM);
  pipe->result.data = calloc(1, ROOM);
  for (unsigned i = 0; i < NFR_RUNNER_BUFFERS; i++) {
    pipe->buffers[i] = aligned_alloc(16, ROOM);
    memset(pipe->buffers[i], 0, ROOM);
  }
}

static void pipe_close(struct pipe *pipe) {
  free(pipe->job.data);
  free(pipe->result.data);
  for (unsigned i = 0; i < NFR_RUNNER_BUFFERS; i++) free(pipe->buffers[i]);
}

static int run(struct pipe *pipe) {
  const struct nfr_runner_port port = {.context = pipe, .read = pipe_read, .write = pipe_write, .resize = pipe_resize};
  static struct nfr_runner runner;
  return nfr_runner_job(&runner, &port);
}

static void put32(struct bytes *to, uint32_t value) {
  memcpy(to->data + to->length, &value, 4); /* the host of these tests is little-endian */
  to->length += 4;
}

static void put(struct bytes *to, const void *data, size_t bytes) {
  memcpy(to->data + to->length, data, bytes);
  to->length += bytes;
}

static uint32_t take32(struct bytes *from) {
  uint32_t value;
  assert_true(from->at + 4 <= from->length);
  memcpy(&value, from->data + from->at, 4);
  from->at += 4;
  return value;
}

static void put_head(struct bytes *job, uint32_t flags, uint32_t max_slice, uint32_t budget, uint32_t plan_bytes) {
  put(job, "NFRJ", 4);
  put32(job, 1);
  put32(job, flags);
  put32(job, max_slice);
  put32(job, budget);
  put32(job, plan_bytes);
}

static void put_job(struct bytes *job, const struct plan_vector *vector, uint32_t flags, uint32_t budget) {
  put_head(job, flags, 0, budget, (uint32_t)vector->plan_bytes);
  put(job, vector->plan, vector->plan_bytes);
  put32(job, vector->case_count);
  for (unsigned i = 0; i < vector->case_count; i++) {
    put32(job, i == 0);
    put32(job, (uint32_t)vector->input_bytes[i]);
    put(job, vector->inputs[i], vector->input_bytes[i]);
  }
}

/* Reads the head of a result; the number of operators. */
static unsigned take_head(struct bytes *result, const struct plan_vector *vector) {
  struct nfr_plan_needs needs;
  assert_int_equal(nfr_plan_needs(vector->plan, vector->plan_bytes, &needs), NFR_OK);
  assert_memory_equal(result->data + result->at, "NFRR", 4);
  result->at += 4;
  assert_int_equal(take32(result), 1);
  assert_int_equal(take32(result), NFR_OK);
  assert_int_equal(take32(result), needs.arena_bytes);
  assert_int_equal(take32(result), needs.state_bytes);
  assert_int_equal(take32(result), needs.op_count);
  assert_int_equal(take32(result), sizeof(struct nfr_engine));
  assert_int_equal(take32(result), vector->output_bytes[0]);
  assert_int_equal(take32(result), vector->case_count);
  return needs.op_count;
}

static void answer_is_the_vectors(struct bytes *result, const struct plan_vector *vector, uint32_t flags) {
  unsigned op_count = take_head(result, vector);
  for (unsigned i = 0; i < vector->case_count; i++) {
    assert_int_equal(take32(result), NFR_OK);
    assert_true(take32(result) >= ((flags & OP_CRCS) ? op_count : 1));
    if (flags & STACK) assert_int_equal(take32(result), 0); /* no meter here */
    uint32_t last_crc = 0, last_bytes = 0;
    for (unsigned op = 0; op < ((flags & OP_CRCS) ? op_count : 0); op++) {
      (void)take32(result);
      last_bytes = take32(result);
      last_crc = take32(result);
    }
    uint32_t crc = take32(result);
    assert_int_equal(crc, nfr_crc32(0, vector->outputs[i], vector->output_bytes[i]));
    if ((flags & OP_CRCS) && last_bytes == vector->output_bytes[i]) assert_int_equal(last_crc, crc);
    if ((flags & OUTPUTS) == 0) continue;
    assert_memory_equal(result->data + result->at, vector->outputs[i], vector->output_bytes[i]);
    result->at += vector->output_bytes[i];
  }
  assert_int_equal(result->at, result->length);
}

static void answer_vector(const struct plan_vector *vector, void *context) {
  (void)context;
  for (uint32_t flags = 0; flags < 8; flags++) {
    struct pipe pipe;
    pipe_open(&pipe);
    put_job(&pipe.job, vector, flags, flags * 300);
    assert_int_equal(run(&pipe), NFR_RUNNER_DONE);
    answer_is_the_vectors(&pipe.result, vector, flags);
    assert_int_equal(run(&pipe), NFR_RUNNER_END);
    pipe_close(&pipe);
  }
}

static void jobs_are_answered(void **unused) {
  (void)unused;
  assert_true(for_each_vector(answer_vector, NULL) >= LEAST_VECTORS);
}

static void cut_job_is_refused(const struct plan_vector *vector, void *context) {
  (void)context;
  struct pipe pipe;
  pipe_open(&pipe);
  put_job(&pipe.job, vector, OP_CRCS | OUTPUTS, 0);
  for (size_t length = pipe.job.length; length-- > 1;) {
    pipe.job.length = length;
    pipe.job.at = pipe.result.length = 0;
    assert_int_equal(run(&pipe), NFR_RUNNER_BAD_JOB);
  }
  pipe_close(&pipe);
}

static void every_cut_job_is_refused(void **unused) {
  (void)unused;
  with_vector("streaming", cut_job_is_refused, NULL);
}

static void undeliverable_result_is_told(const struct plan_vector *vector, void *context) {
  (void)context;
  struct pipe pipe;
  pipe_open(&pipe);
  put_job(&pipe.job, vector, OP_CRCS | OUTPUTS, 0);
  assert_int_equal(run(&pipe), NFR_RUNNER_DONE);
  for (size_t whole = pipe.result.length, limit = 0; limit < whole; limit++) {
    pipe.job.at = pipe.result.length = 0;
    pipe.write_limit = limit;
    assert_int_equal(run(&pipe), NFR_RUNNER_BAD_PORT);
  }
  pipe_close(&pipe);
}

static void every_undeliverable_result_is_told(void **unused) {
  (void)unused;
  with_vector("streaming", undeliverable_result_is_told, NULL);
}

/* A plan that does not load and a case of a wrong size are answered, and the next job too. */
static void the_pipe_stays_in_step(const struct plan_vector *vector, void *context) {
  (void)context;
  struct pipe pipe;
  pipe_open(&pipe);
  put_head(&pipe.job, OUTPUTS, 0, 0, 64);
  pipe.job.length += 64; /* a plan of zeros */
  put32(&pipe.job, 1);
  put32(&pipe.job, 0);
  put32(&pipe.job, 3);
  put(&pipe.job, "abc", 3);
  put_head(&pipe.job, OUTPUTS, 0, 0, (uint32_t)vector->plan_bytes);
  put(&pipe.job, vector->plan, vector->plan_bytes);
  put32(&pipe.job, 1);
  put32(&pipe.job, 0);
  put32(&pipe.job, 3);
  put(&pipe.job, "abc", 3);
  put_job(&pipe.job, vector, OUTPUTS, 0);

  assert_int_equal(run(&pipe), NFR_RUNNER_DONE);
  assert_int_equal(pipe.result.length, 12);
  pipe.result.at = 8;
  assert_int_equal((int32_t)take32(&pipe.result), NFR_ERR_CORRUPT);

  assert_int_equal(run(&pipe), NFR_RUNNER_DONE);
  pipe.result.at = pipe.result.length - 4;
  assert_int_equal((int32_t)take32(&pipe.result), NFR_ERR_ARGUMENT);

  pipe.result.length = pipe.result.at = 0;
  assert_int_equal(run(&pipe), NFR_RUNNER_DONE);
  answer_is_the_vectors(&pipe.result, vector, OUTPUTS);
  pipe_close(&pipe);
}

static void the_pipe_stays_in_step_after_a_refusal(void **unused) {
  (void)unused;
  with_vector("streaming", the_pipe_stays_in_step, NULL);
}

static void memory_grows_with_what_arrives(void **unused) {
  (void)unused;
  struct pipe pipe;
  pipe_open(&pipe);
  put_head(&pipe.job, 0, 0, 0, NFR_RUNNER_MAX_BYTES); /* and no plan */
  assert_int_equal(run(&pipe), NFR_RUNNER_BAD_JOB);
  assert_true(pipe.largest[NFR_RUNNER_PLAN] <= ROOM);
  pipe.job.length = pipe.job.at = 0;
  put_head(&pipe.job, 0, 0, 0, NFR_RUNNER_MAX_BYTES + 1);
  pipe.largest[NFR_RUNNER_PLAN] = 0;
  assert_int_equal(run(&pipe), NFR_RUNNER_BAD_JOB);
  assert_int_equal(pipe.largest[NFR_RUNNER_PLAN], 0);
  pipe_close(&pipe);
}

static void crc_is_that_of_zlib(void **unused) {
  (void)unused;
  assert_int_equal(nfr_crc32(0, "123456789", 9), 0xcbf43926);
  assert_int_equal(nfr_crc32(nfr_crc32(0, "1234", 4), "56789", 5), 0xcbf43926);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(jobs_are_answered),
      cmocka_unit_test(every_cut_job_is_refused),
      cmocka_unit_test(every_undeliverable_result_is_told),
      cmocka_unit_test(the_pipe_stays_in_step_after_a_refusal),
      cmocka_unit_test(memory_grows_with_what_arrives),
      cmocka_unit_test(crc_is_that_of_zlib),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
