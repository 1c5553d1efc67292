/* Execution in slices. The cursor is (op_offset, op_index, unit), in a chain (ops/chain_run.c) with stripe and member;
 * everything else is bound anew in each step, so that an engine costs a few words and a kernel can reach none of them. Nothing
 * is checked here: load has proved the plan. */
#include "bind.h"
#include "nfr_trace.h"

/* What binding a record and asking for its units takes, in instructions; counted so that a plan of many tiny operators
 * stays within its slice. */
#define NFR_OP_OVERHEAD 200u

int nfr_engine_begin(struct nfr_engine *engine) {
  if (engine == NULL || !engine->loaded) return NFR_ERR_ARGUMENT;
  engine->op_offset = nfr_plan_header_of(engine->plan)->ops_offset;
  engine->op_index = 0;
  engine->unit = 0;
  engine->stripe = 0;
  engine->member = 0;
  return NFR_OK;
}

int nfr_engine_stop_at_op(struct nfr_engine *engine, bool stop) {
  if (engine == NULL || !engine->loaded) return NFR_ERR_ARGUMENT;
  engine->stop_at_op = stop;
  return NFR_OK;
}

static bool is_running(const struct nfr_engine *engine) {
  return engine->op_index < engine->op_count;
}

static uint32_t less(uint32_t budget, uint64_t spent) {
  return spent < budget ? budget - (uint32_t)spent : 0;
}

/* How many of `left` units a budget pays for. */
static uint32_t affordable(uint32_t left, uint32_t cost, uint32_t budget) {
  uint32_t n = budget / cost;
  return n < left ? n : left;
}

static void next_op(struct nfr_engine *engine, const struct nfr_plan_op *record) {
  engine->op_offset += record->bytes;
  engine->op_index++;
  engine->unit = 0;
}

/* Runs units of the current operator and returns what is left of the budget. Nothing is affordable and nothing has to be
 * done: the cursor stays, and nothing is left. Not inlined, so that a chain does not stand on an operator's operands. */
static __attribute__((noinline)) uint32_t run_units(struct nfr_engine *engine, const struct nfr_plan_op *record,
                                                    const struct nfr_op_type *type, uint32_t budget, bool at_least_one) {
  struct nfr_op op;
  struct nfr_units units;
  nfr_bind_op(engine, record, type, &op);
  type->units(&op, &units);

  uint32_t n = affordable(units.count - engine->unit, units.cost, budget);
  if (n == 0) {
    if (!at_least_one) return 0;
    n = 1;
  }
  NFR_TRACE_BEGIN(engine->op_index, engine->unit, n);
  type->run(&op, engine->unit, n);
  NFR_TRACE_END(engine->op_index, engine->unit, n);
  engine->unit += n;
  if (engine->unit == units.count) next_op(engine, record);
  return less(budget, (uint64_t)n * units.cost + NFR_OP_OVERHEAD);
}

static uint32_t run_record(struct nfr_engine *engine, uint32_t budget, bool at_least_one) {
  const struct nfr_plan_op *record = nfr_plan_op_at(engine->plan, engine->op_offset);
  const struct nfr_op_type *type = nfr_op_type_of(record->kind);
  if (type->control != NULL) return type->control->run(engine, budget, at_least_one);
  return run_units(engine, record, type, budget, at_least_one);
}

int nfr_engine_step(struct nfr_engine *engine, uint32_t budget) {
  if (engine == NULL || !is_running(engine)) return NFR_ERR_ARGUMENT;
  if (engine->max_slice != 0 && budget > engine->max_slice) budget = engine->max_slice;
  for (bool at_least_one = true;; at_least_one = false) {
    uint16_t op = engine->op_index;
    budget = run_record(engine, budget, at_least_one);
    if (!is_running(engine)) return NFR_OK;
    if (budget == 0 || (engine->stop_at_op && engine->op_index != op)) return NFR_ENGINE_MORE;
  }
}

int nfr_engine_invoke(struct nfr_engine *engine) {
  int err = nfr_engine_begin(engine);
  if (err) return err;
  do {
    err = nfr_engine_step(engine, UINT32_MAX);
  } while (err == NFR_ENGINE_MORE);
  return err;
}
