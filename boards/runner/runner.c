#include "runner.h"

#include "crc32.h"
#include "nfr_trace.h"

#define JOB_MAGIC 0x4a52464eu    /* "NFRJ" */
#define RESULT_MAGIC 0x5252464eu /* "NFRR" */
#define VERSION 1u
#define FLAG_OP_CRCS 1u
#define FLAG_OUTPUTS 2u
#define FLAG_STACK 4u
#define CASE_RESET 1u
#define CHUNK 65536u /* the plan's buffer grows with the bytes that arrive, not with the size claimed */

__attribute__((noinline)) void nfr_bench_begin(void) {
  __asm__ volatile("" ::: "memory");
}

__attribute__((noinline)) void nfr_bench_end(void) {
  __asm__ volatile("" ::: "memory");
}

__attribute__((noinline)) void nfr_bench_load_begin(void) {
  __asm__ volatile("" ::: "memory");
}

__attribute__((noinline)) void nfr_bench_load_end(void) {
  __asm__ volatile("" ::: "memory");
}

#ifdef NFR_TRACE
/* The emulator's plugin counts from a store here, which names the operator, to nfr_trace_end. */
volatile uint8_t nfr_trace_ops[NFR_PLAN_MAX_OPS];

__attribute__((noinline)) void nfr_trace_begin(uint32_t op, uint32_t first, uint32_t count) {
  (void)first;
  (void)count;
  nfr_trace_ops[op] = 1;
}

__attribute__((noinline)) void nfr_trace_end(uint32_t op, uint32_t first, uint32_t count) {
  __asm__ volatile("" ::"r"(op), "r"(first), "r"(count) : "memory");
}
#endif

static uint32_t get32(const uint8_t *p) {
  return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static bool read_all(struct nfr_runner *r, void *data, size_t bytes) {
  return r->port->read(r->port->context, data, bytes) == bytes;
}

static bool read32(struct nfr_runner *r, uint32_t *value) {
  uint8_t bytes[4];
  if (!read_all(r, bytes, sizeof bytes)) return false;
  *value = get32(bytes);
  return true;
}

static bool write_all(struct nfr_runner *r, const void *data, size_t bytes) {
  return r->port->write(r->port->context, data, bytes);
}

static bool write32(struct nfr_runner *r, uint32_t value) {
  const uint8_t bytes[4] = {(uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16), (uint8_t)(value >> 24)};
  return write_all(r, bytes, sizeof bytes);
}

static bool skip(struct nfr_runner *r, uint32_t bytes) {
  uint8_t scrap[256];
  while (bytes > 0) {
    uint32_t n = bytes < sizeof scrap ? bytes : (uint32_t)sizeof scrap;
    if (!read_all(r, scrap, n)) return false;
    bytes -= n;
  }
  return true;
}

/* The plan, or null when the input ends before it or it does not fit. */
static const uint8_t *read_plan(struct nfr_runner *r, uint32_t bytes) {
  uint8_t *plan = r->port->resize(r->port->context, NFR_RUNNER_PLAN, CHUNK);
  for (uint32_t have = 0; plan != NULL && have < bytes;) {
    uint32_t n = bytes - have < CHUNK ? bytes - have : CHUNK;
    plan = r->port->resize(r->port->context, NFR_RUNNER_PLAN, have + n);
    if (plan != NULL && !read_all(r, plan + have, n)) return NULL;
    have += n;
  }
  return plan;
}

/* A region of zeros: what an earlier job left must not change a result. */
static uint8_t *fresh(struct nfr_runner *r, enum nfr_runner_buffer which, uint32_t bytes) {
  void *context = r->port->context;
  return r->port->resize(context, which, 0) == NULL ? NULL : r->port->resize(context, which, bytes);
}

/* Finds memory for the plan and loads it. */
static int load(struct nfr_runner *r, const uint8_t *plan, uint32_t bytes) {
  struct nfr_plan_needs needs;
  int err = nfr_plan_needs(plan, bytes, &needs);
  if (err) return err;
  uint8_t *arena = fresh(r, NFR_RUNNER_ARENA, needs.arena_bytes);
  uint8_t *state = fresh(r, NFR_RUNNER_STATE, needs.state_bytes);
  if (arena == NULL || state == NULL) return NFR_ERR_NO_MEMORY;
  nfr_bench_load_begin();
  err = nfr_engine_load(&r->engine, plan, bytes, arena, needs.arena_bytes, state, needs.state_bytes, r->max_slice);
  nfr_bench_load_end();
  return err;
}

typedef int nfr_view_of(const struct nfr_engine *engine, unsigned index, struct nfr_tensor_view *view);

/* Bytes of all inputs, or of all outputs. */
static uint64_t total_bytes(const struct nfr_engine *engine, nfr_view_of *view_of) {
  struct nfr_tensor_view view;
  uint64_t bytes = 0;
  for (unsigned i = 0; view_of(engine, i, &view) == NFR_OK; i++) bytes += view.bytes;
  return bytes;
}

static bool read_inputs(struct nfr_runner *r) {
  struct nfr_tensor_view view;
  for (unsigned i = 0; nfr_engine_input(&r->engine, i, &view) == NFR_OK; i++)
    if (!read_all(r, view.data, view.bytes)) return false;
  return true;
}

/* Notes the operator that has just run. */
static void record_op(struct nfr_runner *r, unsigned op) {
  const void *data;
  uint32_t bytes;
  uint16_t source;
  if (nfr_engine_op_output(&r->engine, op, &data, &bytes, &source)) return;
  r->ops[op] = (struct nfr_runner_op){.source_op = source, .bytes = bytes, .crc = nfr_crc32(0, data, bytes)};
}

/* One inference in slices. */
static int infer(struct nfr_runner *r, uint32_t *steps) {
  bool by_op = (r->flags & FLAG_OP_CRCS) != 0;
  *steps = 0;
  int err = nfr_engine_stop_at_op(&r->engine, by_op);
  if (!err) err = nfr_engine_begin(&r->engine);
  if (err) return err;
  unsigned op = 0;
  do {
    err = nfr_engine_step(&r->engine, r->budget);
    (*steps)++;
    while (by_op && err >= 0 && op < r->engine.op_index) record_op(r, op++); /* a chain's records all at once */
  } while (err == NFR_ENGINE_MORE);
  return err;
}

static bool write_outputs(struct nfr_runner *r) {
  struct nfr_tensor_view view;
  uint32_t crc = 0;
  for (unsigned i = 0; nfr_engine_output(&r->engine, i, &view) == NFR_OK; i++)
    crc = nfr_crc32(crc, view.data, view.bytes);
  if (!write32(r, crc)) return false;
  if ((r->flags & FLAG_OUTPUTS) == 0) return true;
  for (unsigned i = 0; nfr_engine_output(&r->engine, i, &view) == NFR_OK; i++)
    if (!write_all(r, view.data, view.bytes)) return false;
  return true;
}

static bool write_case(struct nfr_runner *r, uint32_t steps, uint32_t stack) {
  if (!write32(r, NFR_OK) || !write32(r, steps)) return false;
  if ((r->flags & FLAG_STACK) && !write32(r, stack)) return false;
  if (r->flags & FLAG_OP_CRCS)
    for (unsigned i = 0; i < r->engine.op_index; i++)
      if (!write32(r, r->ops[i].source_op) || !write32(r, r->ops[i].bytes) || !write32(r, r->ops[i].crc)) return false;
  return write_outputs(r);
}

static int run_case(struct nfr_runner *r) {
  uint32_t case_flags, input_bytes;
  if (!read32(r, &case_flags) || !read32(r, &input_bytes) || input_bytes > NFR_RUNNER_MAX_BYTES) return NFR_RUNNER_BAD_JOB;
  bool fits = r->engine.loaded && input_bytes == total_bytes(&r->engine, nfr_engine_input);
  if (!fits) {
    if (!skip(r, input_bytes)) return NFR_RUNNER_BAD_JOB;
    if (r->engine.loaded && !write32(r, (uint32_t)NFR_ERR_ARGUMENT)) return NFR_RUNNER_BAD_PORT;
    return NFR_RUNNER_DONE;
  }
  if (!read_inputs(r)) return NFR_RUNNER_BAD_JOB;

  bool measured = (r->flags & FLAG_STACK) && r->port->stack_paint != NULL;
  uint32_t steps = 0;
  int err = (case_flags & CASE_RESET) ? nfr_engine_reset(&r->engine) : NFR_OK;
  if (measured) r->port->stack_paint(r->port->context);
  nfr_bench_begin();
  if (!err) err = infer(r, &steps);
  nfr_bench_end();
  uint32_t stack = measured ? r->port->stack_used(r->port->context) : 0;
  if (err) return write32(r, (uint32_t)err) ? NFR_RUNNER_DONE : NFR_RUNNER_BAD_PORT;
  return write_case(r, steps, stack) ? NFR_RUNNER_DONE : NFR_RUNNER_BAD_PORT;
}

/* The part of the result before the cases. */
static bool write_head(struct nfr_runner *r, int load_error, const uint8_t *plan, uint32_t case_count) {
  if (!write32(r, RESULT_MAGIC) || !write32(r, VERSION) || !write32(r, (uint32_t)load_error)) return false;
  if (load_error) return true;
  const struct nfr_plan_header *header = (const void *)plan;
  const uint32_t head[] = {header->arena_bytes,
                           header->state_bytes,
                           header->op_count,
                           (uint32_t)sizeof(struct nfr_engine),
                           (uint32_t)total_bytes(&r->engine, nfr_engine_output),
                           case_count};
  for (unsigned i = 0; i < sizeof head / sizeof head[0]; i++)
    if (!write32(r, head[i])) return false;
  return true;
}

int nfr_runner_job(struct nfr_runner *r, const struct nfr_runner_port *port) {
  r->port = port;
  r->engine = (struct nfr_engine){0};
  uint8_t head[24]; /* magic, version, flags, max_slice, budget, plan_bytes */
  size_t have = port->read(port->context, head, sizeof head);
  if (have == 0) return NFR_RUNNER_END;
  uint32_t plan_bytes = get32(head + 20), case_count;
  if (have != sizeof head || get32(head) != JOB_MAGIC || get32(head + 4) != VERSION || plan_bytes > NFR_RUNNER_MAX_BYTES)
    return NFR_RUNNER_BAD_JOB;
  r->flags = get32(head + 8);
  r->max_slice = get32(head + 12);
  r->budget = get32(head + 16) ? get32(head + 16) : NFR_ENGINE_DEFAULT_BUDGET;

  const uint8_t *plan = read_plan(r, plan_bytes);
  if (plan == NULL || !read32(r, &case_count)) return NFR_RUNNER_BAD_JOB;
  int err = load(r, plan, plan_bytes);
  if (!write_head(r, err, plan, case_count)) return NFR_RUNNER_BAD_PORT;
  for (uint32_t i = 0; i < case_count; i++) {
    int outcome = run_case(r);
    if (outcome) return outcome;
  }
  return NFR_RUNNER_DONE;
}
