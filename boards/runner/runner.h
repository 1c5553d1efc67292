/* The runner's core: one job in, one result out (firmware/RUNNER.md), over whatever a board can read and write. */
#ifndef NFR_RUNNER_H
#define NFR_RUNNER_H

#include "nfr_engine.h"

#define NFR_RUNNER_MAX_BYTES (64u << 20) /* of a plan, and of a case's input */

enum nfr_runner_buffer { NFR_RUNNER_PLAN, NFR_RUNNER_ARENA, NFR_RUNNER_STATE, NFR_RUNNER_BUFFERS };

/* What a board gives. */
struct nfr_runner_port {
  void *context; /* handed to each function */

  /* Reads up to `bytes` bytes and returns how many; less only at the end of input. */
  size_t (*read)(void *context, void *data, size_t bytes);

  /* Writes all bytes. False: the result cannot be delivered, the job is given up. */
  bool (*write)(void *context, const void *data, size_t bytes);

  /* Buffer `which`, 16-byte aligned, of at least `bytes` bytes; its contents up to the size asked for before are kept,
   * what is new is zero. Null: too large for this board. */
  uint8_t *(*resize)(void *context, enum nfr_runner_buffer which, size_t bytes);

  /* Stack meter, or null: paint before an inference, then ask how many bytes below the painter were used. */
  void (*stack_paint)(void *context);
  uint32_t (*stack_used)(void *context);
};

/* Outcome of one operator, kept until the inference is over. */
struct nfr_runner_op {
  uint32_t source_op, bytes, crc;
};

/* The runner's memory; a board places it. */
struct nfr_runner {
  const struct nfr_runner_port *port;
  struct nfr_engine engine;
  uint32_t flags, budget, max_slice;
  struct nfr_runner_op ops[NFR_PLAN_MAX_OPS];
};

enum nfr_runner_outcome {
  NFR_RUNNER_DONE = 0,      /* a job was answered */
  NFR_RUNNER_END = 1,       /* the input ended before a job began */
  NFR_RUNNER_BAD_JOB = -1,  /* not a job, cut short, or too large */
  NFR_RUNNER_BAD_PORT = -2, /* the result could not be written */
};

/* Reads one job and answers it. */
NFR_CHECK_RESULT int nfr_runner_job(struct nfr_runner *runner, const struct nfr_runner_port *port);

/* Marks around each inference (empty functions, never inlined), so that a tracing emulator or a debugger finds it. */
void nfr_bench_begin(void);
void nfr_bench_end(void);

/* The same around nfr_engine_load. */
void nfr_bench_load_begin(void);
void nfr_bench_load_end(void);

#endif
