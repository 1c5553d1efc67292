/* Kernels as this core runs them, over operators of plan_gen.h: nfr-kernels.elf <first seed> <operators>.
 *
 * Each operator is computed by the portable kernels, then by this build's: in the plan's own arena, cut into slices, and once
 * more with every operand in a place of its own beside which an access faults (guards.h), at any alignment that a valid plan
 * may have. All bytes must be equal but for scratch, and registers kept (checked_call.h). QEMU faults as the core does where
 * LDRD, STRD, LDM or STM are given an address that is not a multiple of 4. Then the plan is broken in a field, some times:
 * it is refused, or runs like the others. Memory that is not aligned is an error of the load, and no fault. Streamed chains
 * give the same outputs in slices here as in one piece there.
 * Exit code 0 when all were equal, 1 with the seed of one that was not, 3 after a fault, whose seed is printed too.
 */
#include <stdlib.h>
#include <string.h>

#include "bind.h"
#include "chain_gen.h"
#include "checked_call.h"
#include "guards.h"
#include "plan_gen.h"
#include "semihosting.h"

enum { MAX_PLAN = 81920, MAX_REGION = 200000, MAX_INSTRUCTIONS = 1500000, BREAKS = 4, PLAN = 0, ARENA = 1, STATE = 2, OPERANDS = 3 };

/* The portable backend, linked beside this build's. */
const struct nfr_op_type *other_nfr_op_type_of(uint8_t kind);
int other_nfr_engine_load(struct nfr_engine *engine, const void *plan, size_t plan_bytes, void *arena, size_t arena_bytes,
                          void *state, size_t state_bytes, uint32_t max_slice);
int other_nfr_engine_invoke(struct nfr_engine *engine);
int other_nfr_engine_output(const struct nfr_engine *engine, unsigned index, struct nfr_tensor_view *view);

void nfr_on_fault(void);

__attribute__((section(".buffers"), aligned(16))) static uint8_t plan_bytes[MAX_PLAN], before[2][MAX_REGION], expected[2][MAX_REGION];
__attribute__((section(".buffers"))) static struct plan_gen gen;

static struct {
  uint32_t seed, operators, exposed, unaligned, broken, refused, misaligned, chains, layouts[8];
} run;

static void print_number(const char *before_it, uint32_t number) {
  char text[12], *at = text + sizeof text - 1;
  *at = 0;
  do {
    *--at = (char)('0' + number % 10);
    number /= 10;
  } while (number > 0);
  semihosting_print(before_it);
  semihosting_print(at);
}

void nfr_on_fault(void) {
  print_number("seed ", run.seed);
  semihosting_print(": ");
}

_Noreturn static void fail(const char *what, const struct nfr_op *op) {
  print_number("FAILED  seed ", run.seed);
  print_number(", kind ", op->record->kind);
  print_number(", layout ", op->record->layout);
  semihosting_print(": ");
  semihosting_print(what);
  semihosting_print("\n");
  semihosting_exit(1);
}

static void fill(uint8_t *bytes, uint32_t count, uint32_t random) {
  for (uint32_t i = 0; i < count; i++) bytes[i] = (uint8_t)((random = random * 1664525u + 1013904223u) >> 24);
}

/* Every second operator is of a kind that this build has kernels of its own for. */
static uint8_t next_kind(void) {
  static const uint8_t own[] = {NFR_KIND_CONV_2D, NFR_KIND_DEPTHWISE_CONV_2D, NFR_KIND_FULLY_CONNECTED, NFR_KIND_LSTM, NFR_KIND_ADD};
  uint32_t n = run.seed / 2;
  return run.seed % 2 ? plan_gen_kinds[n % plan_gen_kind_count] : own[n % sizeof own];
}

/* A plan of one operator; its bytes, or 0. */
static uint32_t make_plan(void) {
  plan_gen_start(&gen, run.seed);
  gen.constant_bytes = gen_below(&gen, 16); /* so that the last constant ends anywhere in its sixteen bytes */
  plan_gen_add(&gen, next_kind(), NULL, 0);
  return (uint32_t)plan_gen_finish(&gen, plan_bytes, sizeof plan_bytes);
}

/* All units, in slices of 1 to `most`; 0 for one slice. */
static void run_slices(const struct nfr_op_type *type, const struct nfr_op *op, uint32_t count, uint32_t most) {
  for (uint32_t first = 0; first < count;) {
    uint32_t n = most == 0 ? count : 1 + gen_below(&gen, most);
    if (n > count - first) n = count - first;
    if (checked_call(type->run, op, first, n) != 0) fail("a register that a function keeps was not kept", op);
    first += n;
  }
}

struct box {
  struct nfr_engine engine;
  struct nfr_op op;
  struct nfr_units units;
  const struct nfr_op_type *type;
  uint8_t *arena, *state;
  uint32_t arena_bytes, state_bytes;
};

static void restore(const struct box *box) {
  memcpy(box->arena, before[0], box->arena_bytes);
  memcpy(box->state, before[1], box->state_bytes);
}

/* What the portable kernels leave. */
static void compute_expected(const struct box *box) {
  restore(box);
  other_nfr_op_type_of(box->op.record->kind)->run(&box->op, 0, box->units.count);
  memcpy(expected[0], box->arena, box->arena_bytes);
  memcpy(expected[1], box->state, box->state_bytes);
}

static void compare_in_place(const struct box *box) {
  const struct nfr_operand *scratch = &box->op.scratch;
  if (scratch->data != NULL) memcpy(expected[0] + (scratch->data - box->arena), scratch->data, scratch->bytes);
  if (memcmp(box->arena, expected[0], box->arena_bytes) != 0) fail("the arena differs from the portable kernel's", &box->op);
  if (memcmp(box->state, expected[1], box->state_bytes) != 0) fail("the state differs from the portable kernel's", &box->op);
}

static bool is_apart(const struct nfr_op *op) {
  for (unsigned i = 0; i < 3; i++)
    if (!nfr_is_disjoint(&op->in[i], &op->out)) return false;
  return true;
}

/* Where the operand was, and what the portable kernel left there. */
static const uint8_t *expected_at(const struct box *box, const struct nfr_operand *operand) {
  if (operand->region == NFR_REGION_ARENA) return expected[0] + (operand->data - box->arena);
  if (operand->region == NFR_REGION_STATE) return expected[1] + (operand->data - box->state);
  return operand->data;
}

static const uint8_t *before_at(const struct box *box, const struct nfr_operand *operand) {
  if (operand->region == NFR_REGION_ARENA) return before[0] + (operand->data - box->arena);
  if (operand->region == NFR_REGION_STATE) return before[1] + (operand->data - box->state);
  return operand->data;
}

/* Each operand in a place of its own; inputs that are one tensor stay one. */
static void run_exposed(const struct box *box, bool from_start) {
  struct nfr_op op = box->op;
  struct nfr_operand *operands[5] = {&op.in[0], &op.in[1], &op.in[2], &op.out, &op.scratch};
  const struct nfr_operand *origins[5] = {&box->op.in[0], &box->op.in[1], &box->op.in[2], &box->op.out, &box->op.scratch};
  for (unsigned i = 0; i < 5; i++) {
    if (origins[i]->data == NULL) continue;
    uint32_t alignment = i == 4 ? 4 : nfr_type_bytes(origins[i]->type);
    operands[i]->data = guards_place(OPERANDS + i, origins[i]->bytes, alignment, from_start);
    if (i < 4) memcpy(operands[i]->data, before_at(box, origins[i]), origins[i]->bytes);
    run.unaligned += i < 4 && ((uintptr_t)operands[i]->data & 3u) != 0;
  }
  run_slices(box->type, &op, box->units.count, run.seed % 2 ? 0 : 5);
  for (unsigned i = 0; i < 4; i++)
    if (origins[i]->data != NULL && memcmp(operands[i]->data, expected_at(box, origins[i]), origins[i]->bytes) != 0)
      fail("an operand in a place of its own differs", &box->op);
  run.exposed++;
}

/* A bit, or a number that is often a limit, somewhere in header, tables and record. */
static void break_field(uint8_t *plan) {
  static const uint32_t limits[] = {0, 1, 2, 3, 15, 127, 128, 255, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff};
  const struct nfr_plan_header *header = nfr_plan_header_of(plan);
  uint32_t end = header->ops_offset + header->ops_bytes, from = gen_once_in(&gen, 4) ? 0 : header->tensors_offset;
  uint32_t at = from + gen_below(&gen, end - from), limit = limits[gen_below(&gen, sizeof limits / sizeof limits[0])];
  if (gen_once_in(&gen, 2)) plan[at] = (uint8_t)(plan[at] ^ 1u << gen_below(&gen, 8));
  else memcpy(plan + (at & ~3u), &limit, gen_once_in(&gen, 2) ? 2 : 4);
}

/* Places `bytes` of plan_bytes, broken or not, and loads them. */
static bool open_box(struct box *box, uint32_t bytes, bool is_broken) {
  struct nfr_plan_needs needs;
  uint8_t *plan = guards_place(PLAN, bytes, 16, false);
  memcpy(plan, plan_bytes, bytes);
  if (is_broken) break_field(plan);
  if (nfr_plan_needs(plan, bytes, &needs) || needs.arena_bytes > MAX_REGION || needs.state_bytes > MAX_REGION) return false;
  box->arena_bytes = needs.arena_bytes;
  box->state_bytes = needs.state_bytes;
  box->arena = guards_place(ARENA, needs.arena_bytes, 16, run.seed % 2);
  box->state = guards_place(STATE, needs.state_bytes, 16, run.seed % 2);
  if (nfr_engine_load(&box->engine, plan, bytes, box->arena, needs.arena_bytes, box->state, needs.state_bytes, 0)) return false;
  const struct nfr_plan_op *record = nfr_plan_op_at(plan, nfr_plan_header_of(plan)->ops_offset);
  box->type = nfr_op_type_of(record->kind);
  nfr_bind_op(&box->engine, record, box->type, &box->op);
  box->type->units(&box->op, &box->units);
  return (uint64_t)box->units.count * box->units.cost <= MAX_INSTRUCTIONS;
}

/* Plan, arena and state at every address that is no multiple of 16. */
static void try_misaligned(uint32_t bytes) {
  const struct nfr_plan_header *header = nfr_plan_header_of(plan_bytes);
  struct nfr_engine engine;
  struct nfr_plan_needs needs;
  for (uint32_t off = 1; off < 16; off++) {
    memcpy(expected[0] + off, plan_bytes, bytes);
    bool is_error = nfr_plan_needs(expected[0] + off, bytes, &needs) == NFR_ERR_ARGUMENT &&
                    nfr_engine_load(&engine, expected[0] + off, bytes, before[0], MAX_REGION, before[1], MAX_REGION, 0) == NFR_ERR_ARGUMENT &&
                    nfr_engine_load(&engine, plan_bytes, bytes, before[0] + off, MAX_REGION - 16, before[1], MAX_REGION, 0) == NFR_ERR_ARGUMENT &&
                    nfr_engine_load(&engine, plan_bytes, bytes, before[0], MAX_REGION, before[1] + off, MAX_REGION - 16, 0) == NFR_ERR_ARGUMENT;
    const struct nfr_op op = {.record = nfr_plan_op_at(plan_bytes, header->ops_offset)};
    if (!is_error) fail("memory that is not aligned was taken", &op);
    run.misaligned += 3;
  }
}

/* Both backends, and what they leave. */
static void compute(const struct box *box) {
  fill(before[0], box->arena_bytes, run.seed);
  fill(before[1], box->state_bytes, run.seed + 1);
  compute_expected(box);
  restore(box);
  run_slices(box->type, &box->op, box->units.count, run.seed % 3 == 0 ? 0 : run.seed % 3 == 1 ? 1 : 7);
  compare_in_place(box);
  if (is_apart(&box->op)) {
    run_exposed(box, false);
    run_exposed(box, true);
  }
}

static void try_operator(void) {
  struct box box;
  uint32_t bytes = make_plan();
  guards_off();
  if (bytes == 0) return;
  if (run.seed % 64 == 0) try_misaligned(bytes);
  if (open_box(&box, bytes, false)) {
    compute(&box);
    run.operators++;
    run.layouts[box.op.record->layout % 8]++;
  }
  for (unsigned i = 0; i < BREAKS; i++) {
    if (open_box(&box, bytes, true)) compute(&box);
    else run.refused++;
    run.broken++;
  }
}

_Noreturn static void fail_chain(const char *what) {
  print_number("FAILED  seed ", run.seed);
  semihosting_print(": chain: ");
  semihosting_print(what);
  semihosting_print("\n");
  semihosting_exit(1);
}

static uint32_t make_chain(void) {
  struct chain_gen chain;
  plan_gen_start(&gen, run.seed);
  if (!chain_gen_members(&gen, &chain, 2 + gen_below(&gen, 5))) return 0;
  uint32_t rows = chain_gen_rows(&gen, &chain);
  if (rows == 0 || !chain_gen_stream(&gen, &chain, 1 + gen_below(&gen, rows))) return 0;
  chain_gen_overlap(&gen, &chain);
  return (uint32_t)plan_gen_finish(&gen, plan_bytes, sizeof plan_bytes);
}

/* Both engines start with the same bytes in arena and state. */
static void run_chain(struct nfr_engine *engine, struct nfr_engine *other, const struct nfr_plan_needs *needs) {
  struct nfr_tensor_view view, other_view;
  int err = nfr_engine_begin(engine);
  if (err || other_nfr_engine_invoke(other) != NFR_OK) fail_chain("does not run");
  do {
    err = nfr_engine_step(engine, run.seed % 3 == 0 ? UINT32_MAX : run.seed % 3 == 1 ? 1 : 3000);
  } while (err == NFR_ENGINE_MORE);
  if (err) fail_chain("a step fails");
  for (unsigned i = 0; i < needs->output_count; i++) {
    if (nfr_engine_output(engine, i, &view) || other_nfr_engine_output(other, i, &other_view)) fail_chain("an output is not there");
    if (memcmp(view.data, other_view.data, view.bytes) != 0) fail_chain("an output differs from the portable kernels'");
  }
  run.chains++;
}

static void try_chain(void) {
  struct nfr_engine engine, other;
  struct nfr_plan_needs needs;
  uint32_t bytes = make_chain();
  guards_off();
  if (bytes == 0 || nfr_plan_needs(plan_bytes, bytes, &needs) || needs.arena_bytes > MAX_REGION || needs.state_bytes > MAX_REGION) return;
  uint8_t *plan = guards_place(PLAN, bytes, 16, false);
  uint8_t *arena = guards_place(ARENA, needs.arena_bytes, 16, run.seed % 2), *state = guards_place(STATE, needs.state_bytes, 16, run.seed % 2);
  memcpy(plan, plan_bytes, bytes);
  if (nfr_engine_load(&engine, plan, bytes, arena, needs.arena_bytes, state, needs.state_bytes, 0) ||
      other_nfr_engine_load(&other, plan, bytes, expected[0], MAX_REGION, expected[1], MAX_REGION, 0))
    return;
  fill(arena, needs.arena_bytes, run.seed);
  memcpy(expected[0], arena, needs.arena_bytes);
  run_chain(&engine, &other, &needs);
}

int main(void) {
  char line[128];
  if (semihosting_command_line(line, sizeof line) || !guards_start()) return 2;
  char *rest = line + strcspn(line, " ");
  uint32_t first = (uint32_t)strtoul(rest, &rest, 10), count = (uint32_t)strtoul(rest, &rest, 10);
  for (run.seed = first; run.seed - first < count; run.seed++) {
    try_operator();
    if (run.seed % 8 == 0) try_chain();
  }
  print_number("operators equal to the portable kernels' ", run.operators);
  print_number(" of ", count);
  print_number("; every operand guarded ", run.exposed);
  print_number(" times, at addresses that are no multiple of 4 ", run.unaligned);
  print_number("; chains ", run.chains);
  print_number("; broken in a field ", run.broken);
  print_number(", of these refused ", run.refused);
  print_number("; refused for their alignment ", run.misaligned);
  for (unsigned i = 0; i < 8; i++)
    if (run.layouts[i] > 0) {
      print_number("; layout ", i);
      print_number(": ", run.layouts[i]);
    }
  semihosting_print("\n");
  return run.operators > count / 2 ? 0 : 1;
}
