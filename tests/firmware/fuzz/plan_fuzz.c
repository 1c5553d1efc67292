/* Hostile plans: what loads must run without touching anything but its own operands.
 *
 * Plan, arena and state are allocations of exactly their size. While an operator runs, every byte of arena and state that
 * is not in one of its operands is poisoned (AddressSanitizer, granules of 8 bytes). Each accepted plan runs twice, whole
 * operators at a time and unit by unit: all bytes must be equal, and the plan unchanged. Each operator is also run by an
 * engine of the other backend (other_engine.h) from the same bytes: what it leaves must be equal but for scratch. Where an
 * output overlaps its input row by row (V75), it must be what it is apart from it. A chain's output must be what its members
 * compute one after the other with whole tensors; run unit by unit, it may only touch the rows that the unit says. Execution
 * is bounded.
 */
#include <sanitizer/asan_interface.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bind.h"
#include "chain_oracle.h"
#include "other_engine.h"

enum { MAX_REGION = 1 << 20, MAX_SLICE = 400000, MAX_INSTRUCTIONS = 1500000, MAX_STEPS = 20000 };

struct sandbox {
  uint8_t *plan, *arena, *state;
  size_t plan_bytes;
  struct nfr_plan_needs needs;
  struct nfr_engine engine;
};

static struct {
  unsigned long plans, accepted, finished, overlaps, compared, chains;
} count;

static void report(void) {
  printf("plans %lu, accepted %lu (%.1f %%), run to their end %lu, outputs over their input %lu, operators equal in both backends %lu, "
         "chains equal to their members %lu\n",
         count.plans, count.accepted, count.plans ? 100.0 * (double)count.accepted / (double)count.plans : 0.0, count.finished,
         count.overlaps, count.compared, count.chains);
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc;
  (void)argv;
  return atexit(report);
}

static void *exactly(size_t bytes) {
  void *memory = NULL;
  if (posix_memalign(&memory, 16, bytes)) abort();
  return memory;
}

/* FNV-1a (Fowler, Noll, Vo). */
static uint32_t hash(const uint8_t *data, size_t size) {
  uint32_t h = 2166136261u;
  for (size_t i = 0; i < size; i++) h = (h ^ data[i]) * 16777619u;
  return h;
}

static bool open_sandbox(struct sandbox *box, const uint8_t *data, size_t size) {
  *box = (struct sandbox){.plan = exactly(size), .plan_bytes = size};
  memcpy(box->plan, data, size);
  if (nfr_plan_needs(box->plan, size, &box->needs)) return false;
  if (box->needs.arena_bytes > MAX_REGION || box->needs.state_bytes > MAX_REGION) return false;
  box->arena = exactly(box->needs.arena_bytes);
  box->state = exactly(box->needs.state_bytes);
  return nfr_engine_load(&box->engine, box->plan, size, box->arena, box->needs.arena_bytes, box->state,
                         box->needs.state_bytes, MAX_SLICE) == NFR_OK;
}

/* The same plan in an engine of the other backend: it accepts what this one accepts. */
static void open_other(struct sandbox *other, const struct sandbox *box) {
  *other = *box;
  other->arena = exactly(box->needs.arena_bytes);
  other->state = exactly(box->needs.state_bytes);
  if (other_nfr_engine_load(&other->engine, box->plan, box->plan_bytes, other->arena, box->needs.arena_bytes, other->state,
                            box->needs.state_bytes, MAX_SLICE) ||
      other_nfr_engine_stop_at_op(&other->engine, true)) {
    fputs("the other backend refuses the plan\n", stderr);
    abort();
  }
}

static void close_other(struct sandbox *other) {
  free(other->arena);
  free(other->state);
}

static void close_sandbox(struct sandbox *box) {
  free(box->plan);
  free(box->arena);
  free(box->state);
}

/* Everything as at the start: zeros, initial state, inputs that follow from the plan. */
static void prepare(struct sandbox *box) {
  memset(box->arena, 0, box->needs.arena_bytes);
  memset(box->state, 0, box->needs.state_bytes);
  if (nfr_engine_reset(&box->engine) || nfr_engine_begin(&box->engine)) abort();
  uint32_t random = hash(box->plan, box->plan_bytes) | 1;
  struct nfr_tensor_view view;
  for (unsigned i = 0; nfr_engine_input(&box->engine, i, &view) == NFR_OK; i++)
    for (uint32_t j = 0; j < view.bytes; j++) {
      random = random * 1664525u + 1013904223u;
      ((uint8_t *)view.data)[j] = (uint8_t)(random >> 24);
    }
}

static void unpoison(const struct nfr_operand *operand) {
  if (operand->data != NULL) ASAN_UNPOISON_MEMORY_REGION(operand->data, operand->bytes);
}

static void unpoison_all(const struct sandbox *box) {
  ASAN_UNPOISON_MEMORY_REGION(box->arena, box->needs.arena_bytes);
  ASAN_UNPOISON_MEMORY_REGION(box->state, box->needs.state_bytes);
}

static void bind_next(const struct sandbox *box, struct nfr_op *op, const struct nfr_op_type **type) {
  const struct nfr_plan_op *record = nfr_plan_op_at(box->plan, box->engine.op_offset);
  *type = nfr_op_type_of(record->kind);
  nfr_bind_op(&box->engine, record, *type, op);
}

/* Leaves nothing of arena and state but the operands of the operator that is next; of a chain all its members', or, where one
 * unit is run, its own. */
static void fence(const struct sandbox *box, bool one_unit) {
  struct nfr_op op;
  const struct nfr_op_type *type;
  bind_next(box, &op, &type);
  ASAN_POISON_MEMORY_REGION(box->arena, box->needs.arena_bytes);
  ASAN_POISON_MEMORY_REGION(box->state, box->needs.state_bytes);
  if (chain_is_next(&box->engine)) {
    chain_operands(&box->engine, one_unit, unpoison);
    return;
  }
  for (unsigned i = 0; i < 3; i++) unpoison(&op.in[i]);
  unpoison(&op.out);
  unpoison(&op.scratch);
}

/* What the operator that is next computes with its input apart from its output; null when they do not overlap. Of a chain:
 * what its members compute. The caller frees it. */
static uint8_t *apart(const struct sandbox *box) {
  struct nfr_op op;
  const struct nfr_op_type *type;
  if (chain_starts(&box->engine) && chain_cost(&box->engine, MAX_REGION) <= MAX_INSTRUCTIONS) return chain_expected(&box->engine);
  bind_next(box, &op, &type);
  if (type->overlap == 0 || box->engine.unit != 0 || nfr_is_disjoint(&op.in[0], &op.out)) return NULL;
  struct nfr_units units;
  type->units(&op, &units);
  if ((uint64_t)units.count * units.cost > MAX_INSTRUCTIONS) return NULL;
  uint8_t *in = exactly(op.in[0].bytes), *out = exactly(op.out.bytes);
  memcpy(in, op.in[0].data, op.in[0].bytes);
  op.in[0].data = in;
  op.out.data = out;
  type->run(&op, 0, units.count);
  free(in);
  return out;
}

/* An operator is done: its output, which overlaps its input, is what it is apart from it; a chain's, what its members compute. */
static void check_expected(const struct nfr_operand *out, const uint8_t *expected, bool is_chain) {
  if (memcmp(out->data, expected, out->bytes) != 0) {
    fputs(is_chain ? "a chain's output is not that of its members\n" : "the output overwrote rows of the input that were still needed\n", stderr);
    abort();
  }
  if (is_chain)
    count.chains++;
  else
    count.overlaps++;
}

/* The operator that is next, all of it, in the other engine, from the bytes that `box` has now. False where that would
 * take too long. */
static bool run_other(const struct sandbox *box, struct sandbox *other) {
  struct nfr_op op;
  const struct nfr_op_type *type;
  struct nfr_units units;
  bind_next(box, &op, &type);
  if (type->control != NULL) {
    if (!chain_starts(&box->engine) || chain_cost(&box->engine, MAX_REGION) > MAX_INSTRUCTIONS) return false;
  } else {
    type->units(&op, &units);
    if (box->engine.unit != 0 || (uint64_t)units.count * units.cost > MAX_INSTRUCTIONS) return false;
  }
  memcpy(other->arena, box->arena, box->needs.arena_bytes);
  memcpy(other->state, box->state, box->needs.state_bytes);
  other->engine.op_offset = box->engine.op_offset;
  other->engine.op_index = box->engine.op_index;
  other->engine.unit = other->engine.stripe = other->engine.member = 0;
  while (other->engine.op_index == box->engine.op_index) {
    fence(other, false);
    int err = other_nfr_engine_step(&other->engine, UINT32_MAX);
    unpoison_all(other);
    if (err < 0) abort();
  }
  return true;
}

/* `op` of `box` is done, in the other engine too: all bytes are equal, but for scratch. chain: null, or where it was. */
static void check_other(const struct sandbox *box, const struct sandbox *other, const struct nfr_op *op, const struct nfr_engine *chain) {
  if (chain != NULL) chain_copy_scratch(chain, other->arena);
  if (op->scratch.data != NULL) memcpy(other->arena + (op->scratch.data - box->arena), op->scratch.data, op->scratch.bytes);
  if (memcmp(box->arena, other->arena, box->needs.arena_bytes) != 0 || memcmp(box->state, other->state, box->needs.state_bytes) != 0) {
    fprintf(stderr, "operator %u, kind %u, layout %u: the backends differ\n", (unsigned)other->engine.op_index - 1u,
            (unsigned)op->record->kind, (unsigned)op->record->layout);
    abort();
  }
  count.compared++;
}

/* True when the inference came to its end within the bound. other: null, or what each operator is compared with. */
static bool run(struct sandbox *box, struct sandbox *other, uint32_t budget, uint32_t max_steps) {
  if (nfr_engine_stop_at_op(&box->engine, true)) abort();
  int err = NFR_ENGINE_MORE;
  uint8_t *expected = NULL;
  bool is_compared = false;
  for (uint32_t steps = 0; err == NFR_ENGINE_MORE && steps < max_steps; steps++) {
    struct nfr_op op;
    const struct nfr_op_type *type;
    bind_next(box, &op, &type);
    struct nfr_engine before = box->engine;
    uint16_t index = before.op_index;
    bool is_chain = chain_is_next(&before);
    if (is_chain) op.out = chain_output(&before);
    if (expected == NULL) expected = apart(box);
    if (other != NULL && !is_compared) is_compared = run_other(box, other);
    fence(box, budget == 0);
    err = nfr_engine_step(&box->engine, budget);
    unpoison_all(box);
    if (is_compared && box->engine.op_index != index) {
      check_other(box, other, &op, is_chain ? &before : NULL);
      is_compared = false;
    }
    if (expected == NULL || box->engine.op_index == index) continue;
    check_expected(&op.out, expected, is_chain);
    free(expected);
    expected = NULL;
  }
  free(expected);
  if (err < 0) abort();
  return err == NFR_OK;
}

static void must_be_readable(const void *data, uint32_t bytes) {
  if (__asan_region_is_poisoned((void *)(uintptr_t)data, bytes) != NULL) abort();
}

/* What a caller is given to read is there. */
static void check_views(const struct sandbox *box) {
  struct nfr_tensor_view view;
  for (unsigned i = 0; nfr_engine_output(&box->engine, i, &view) == NFR_OK; i++) must_be_readable(view.data, view.bytes);
  const void *data;
  uint32_t bytes;
  uint16_t source_op;
  for (unsigned op = 0; nfr_engine_op_output(&box->engine, op, &data, &bytes, &source_op) == NFR_OK; op++)
    must_be_readable(data, bytes);
}

static void check_slices(struct sandbox *box) {
  uint8_t *arena = exactly(box->needs.arena_bytes), *state = exactly(box->needs.state_bytes);
  memcpy(arena, box->arena, box->needs.arena_bytes);
  memcpy(state, box->state, box->needs.state_bytes);
  prepare(box);
  if (run(box, NULL, 0, MAX_STEPS)) {
    if (memcmp(arena, box->arena, box->needs.arena_bytes) != 0 || memcmp(state, box->state, box->needs.state_bytes) != 0) {
      fputs("the result depends on how the inference was cut\n", stderr);
      abort();
    }
  }
  free(arena);
  free(state);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct sandbox box, other;
  count.plans++;
  if (open_sandbox(&box, data, size)) {
    count.accepted++;
    prepare(&box);
    open_other(&other, &box);
    if (run(&box, &other, MAX_INSTRUCTIONS / 30, 30)) {
      count.finished++;
      check_views(&box);
      check_slices(&box);
    }
    close_other(&other);
    if (memcmp(box.plan, data, size) != 0) {
      fputs("the plan was written\n", stderr);
      abort();
    }
  }
  close_sandbox(&box);
  return 0;
}
