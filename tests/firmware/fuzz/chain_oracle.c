#include "chain_oracle.h"

#include <stdlib.h>
#include <string.h>

#include "ops/chain.h"

static const struct nfr_plan_op *chain_at(const struct nfr_engine *engine) {
  return nfr_plan_op_at(engine->plan, engine->op_offset);
}

bool chain_is_next(const struct nfr_engine *engine) {
  return chain_at(engine)->kind == NFR_KIND_CHAIN;
}

bool chain_starts(const struct nfr_engine *engine) {
  return chain_is_next(engine) && engine->stripe == 0 && engine->member == 0 && engine->unit == 0;
}

static const struct nfr_plan_op *member_at(const struct nfr_plan_op *chain, unsigned index) {
  const struct nfr_plan_op *record = nfr_chain_next(chain);
  for (unsigned i = 0; i < index; i++) record = nfr_chain_next(record);
  return record;
}

static const struct nfr_op_type *bind(const struct nfr_engine *engine, unsigned index, struct nfr_op *op) {
  const struct nfr_plan_op *record = member_at(chain_at(engine), index);
  const struct nfr_op_type *type = nfr_op_type_of(record->kind);
  nfr_bind_op(engine, record, type, op);
  return type;
}

static uint64_t whole_bytes(const struct nfr_plan_tensor *tensor) {
  return tensor->rows == 0 ? tensor->bytes : (uint64_t)tensor->bytes / tensor->held_rows * tensor->rows;
}

uint64_t chain_cost(const struct nfr_engine *engine, uint32_t most) {
  uint64_t cost = 0, bytes = 0;
  for (unsigned i = 0; i < nfr_chain_params(chain_at(engine))->members; i++) {
    struct nfr_op op;
    struct nfr_units units;
    bind(engine, i, &op)->units(&op, &units);
    cost += (uint64_t)units.count * units.cost;
    bytes += whole_bytes(&engine->tensors[op.record->out]);
  }
  return bytes > most ? UINT64_MAX : cost;
}

struct nfr_operand chain_output(const struct nfr_engine *engine) {
  struct nfr_op op;
  bind(engine, nfr_chain_params(chain_at(engine))->members - 1u, &op);
  return op.out;
}

static void *exactly(size_t bytes) {
  void *memory = NULL;
  if (posix_memalign(&memory, 16, bytes)) abort();
  return memory;
}

uint8_t *chain_expected(const struct nfr_engine *engine) {
  const struct nfr_plan_op *chain = chain_at(engine);
  const struct nfr_plan_member *table = nfr_chain_members(chain);
  unsigned members = nfr_chain_params(chain)->members;
  uint8_t *outs[NFR_PLAN_MAX_MEMBERS];
  for (unsigned i = 0; i < members; i++) {
    struct nfr_op op;
    struct nfr_units units;
    const struct nfr_op_type *type = bind(engine, i, &op);
    const uint16_t in[] = {op.record->in[0], op.record->in[1]};
    for (unsigned x = 0; x < 2; x++) {
      if (table[i].from[x] == NFR_PLAN_NONE8) continue;
      op.in[x].data = outs[table[i].from[x]];
      op.in[x].bytes = (uint32_t)whole_bytes(&engine->tensors[in[x]]);
    }
    op.out.bytes = (uint32_t)whole_bytes(&engine->tensors[op.record->out]);
    op.out.data = outs[i] = exactly(op.out.bytes);
    if (op.scratch.data != NULL) op.scratch.data = exactly(op.scratch.bytes);
    type->units(&op, &units);
    type->run(&op, 0, units.count);
    free(op.scratch.data);
  }
  for (unsigned i = 0; i + 1 < members; i++) free(outs[i]);
  return outs[members - 1];
}

static int64_t clamp(int64_t row, int64_t rows) {
  return row < 0 ? 0 : row > rows ? rows : row;
}

/* SPEC.md section 7, done and held, in wide arithmetic. */
static int64_t done(const struct nfr_plan_member *m, int64_t k, int64_t rows) {
  return clamp(m->step * k + m->end, rows);
}

static int64_t held(const struct nfr_plan_member *m, int64_t k, int64_t rows) {
  return clamp(m->step * k + m->start, done(m, k, rows));
}

/* Rows from first to end - 1 of a tensor, which begins at row `base`. */
static void use_rows(const struct nfr_operand *operand, const struct nfr_plan_tensor *tensor, int64_t rows, int64_t base,
                     int64_t first, int64_t end, void (*use)(const struct nfr_operand *operand)) {
  struct nfr_operand part = *operand;
  uint32_t row = operand->bytes / (tensor->rows != 0 ? tensor->held_rows : (uint32_t)rows);
  part.data += (first - base) * row;
  part.bytes = (uint32_t)(end - first) * row;
  use(&part);
}

static void use_next(const struct nfr_engine *engine, void (*use)(const struct nfr_operand *operand)) {
  const struct nfr_plan_member *table = nfr_chain_members(chain_at(engine)), *m = &table[engine->member];
  struct nfr_op op;
  const struct nfr_op_type *type = bind(engine, engine->member, &op);
  struct nfr_member_rows r = nfr_member_rows_of(type, op.params, nfr_member_height(engine, op.record, type));
  int64_t k = engine->stripe, a = done(m, k, r.out_h), b = done(m, k + 1, r.out_h);
  const struct nfr_plan_tensor *out = &engine->tensors[op.record->out];
  if (out->rows != 0 && engine->unit == 0)
    use(&op.out); /* its rows are moved */
  else
    use_rows(&op.out, out, r.out_h, out->rows != 0 ? held(m, k, r.out_h) : 0, a, b, use);
  if (op.scratch.data != NULL) use(&op.scratch);
  for (unsigned x = 0; x < 2 && a < b; x++) {
    if (op.in[x].data == NULL) continue;
    int64_t first = clamp(a * r.stride - r.pad, r.in_h), end = clamp((b - 1) * r.stride - r.pad + r.reach, r.in_h);
    int64_t base = m->from[x] == NFR_PLAN_NONE8 ? 0 : held(&table[m->from[x]], k, r.in_h);
    use_rows(&op.in[x], &engine->tensors[op.record->in[x]], r.in_h, base, first, end, use);
  }
}

void chain_operands(const struct nfr_engine *engine, bool only_next, void (*use)(const struct nfr_operand *operand)) {
  if (only_next) {
    use_next(engine, use);
    return;
  }
  for (unsigned i = 0; i < nfr_chain_params(chain_at(engine))->members; i++) {
    struct nfr_op op;
    bind(engine, i, &op);
    for (unsigned x = 0; x < 2; x++)
      if (op.in[x].data != NULL) use(&op.in[x]);
    use(&op.out);
    if (op.scratch.data != NULL) use(&op.scratch);
  }
}

void chain_copy_scratch(const struct nfr_engine *engine, uint8_t *arena) {
  for (unsigned i = 0; i < nfr_chain_params(chain_at(engine))->members; i++) {
    struct nfr_op op;
    bind(engine, i, &op);
    if (op.scratch.data != NULL) memcpy(arena + (op.scratch.data - engine->regions[NFR_REGION_ARENA]), op.scratch.data, op.scratch.bytes);
  }
}
