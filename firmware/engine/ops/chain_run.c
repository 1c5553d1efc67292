/* Execution of streamed chains: SPEC.md section 7. The cursor is (stripe, member, unit); what a member computes in a stripe
 * follows from the plan and the stripe alone, so nothing else is kept. */
#include "../nfr_trace.h"
#include "chain.h"

/* What a turn takes besides units and moved rows: finding the member, rows, operands, the copy of its parameters. */
#define NFR_TURN_OVERHEAD 450u

uint32_t nfr_member_height(const struct nfr_engine *engine, const struct nfr_plan_op *record, const struct nfr_op_type *type) {
  const struct nfr_plan_tensor *tensors = engine->tensors;
  uint32_t rows = tensors[record->out].rows;
  if (rows == 0) rows = tensors[record->in[0]].rows;
  if (rows == 0 && (type->operands & NFR_USES_IN1) != 0) rows = tensors[record->in[1]].rows;
  return rows;
}

void nfr_member_set_rows(struct nfr_op *op, const struct nfr_op_type *type, union nfr_member_params *copy,
                         const struct nfr_member_rows *rows, uint32_t elements) {
  const uint32_t *params = op->params;
  for (unsigned i = 0; i < type->params_bytes / 4u; i++) copy->words[i] = params[i];
  op->params = copy;
  if (type->rows == NFR_ROWS_CONV) {
    copy->conv.in_h = (uint16_t)rows->in_h;
    copy->conv.out_h = (uint16_t)rows->out_h;
    copy->conv.pad_top = (uint16_t)rows->pad;
  } else if (type->rows == NFR_ROWS_POOL) {
    copy->pool.in_h = (uint16_t)rows->in_h;
    copy->pool.out_h = (uint16_t)rows->out_h;
    copy->pool.pad_top = (uint16_t)rows->pad;
  } else if (type->rows == NFR_ROWS_DIMS) {
    copy->add.dims[0] = copy->add.dims[1] = copy->add.dims[2] = 1;
    copy->add.dims[3] = elements;
  } else {
    copy->words[0] = elements;
  }
}

/* A member in a stripe: `first` to `end` are the rows that it computes, `held` is the first one of its buffer. */
struct turn {
  const struct nfr_plan_op *record;
  const struct nfr_op_type *type;
  const struct nfr_plan_member *member;
  struct nfr_member_rows rows;
  uint32_t first, end, held;
};

static void find_turn(const struct nfr_engine *engine, const struct nfr_plan_op *chain, struct turn *turn) {
  const struct nfr_plan_op *record = nfr_chain_next(chain);
  for (unsigned i = 0; i < engine->member; i++) record = nfr_chain_next(record);
  turn->record = record;
  turn->type = nfr_op_type_of(record->kind);
  turn->member = &nfr_chain_members(chain)[engine->member];
  turn->rows = nfr_member_rows_of(turn->type, record + 1, nfr_member_height(engine, record, turn->type));
  turn->first = (uint32_t)nfr_chain_done(turn->member, engine->stripe, turn->rows.out_h);
  turn->end = (uint32_t)nfr_chain_done(turn->member, engine->stripe + 1u, turn->rows.out_h);
  turn->held = (uint32_t)nfr_chain_held(turn->member, engine->stripe, turn->rows.out_h);
}

/* Points an operand of `height` rows at those from `first` to `end`. held: where a streamed one begins. */
static void take_rows(const struct nfr_plan_tensor *tensor, struct nfr_operand *operand, uint32_t height, uint32_t held,
                      uint32_t first, uint32_t end) {
  bool streamed = tensor->rows != 0;
  uint32_t row = operand->bytes / (streamed ? tensor->held_rows : height);
  operand->data += (streamed ? first - held : first) * row;
  operand->bytes = (end - first) * row;
}

/* The operator of this turn. */
static void bind_turn(const struct nfr_engine *engine, const struct nfr_plan_op *chain, const struct turn *turn,
                      struct nfr_op *op, union nfr_member_params *copy) {
  const struct nfr_plan_tensor *tensors = engine->tensors;
  const struct nfr_member_rows *all = &turn->rows;
  int32_t origin = (int32_t)(turn->first * all->stride) - all->pad;
  int32_t end = (int32_t)((turn->end - 1u) * all->stride) - all->pad + all->reach;
  struct nfr_member_rows rows = {.out_h = turn->end - turn->first};
  uint32_t first = origin < 0 ? 0 : (uint32_t)origin;
  rows.in_h = (end < (int32_t)all->in_h ? (uint32_t)end : all->in_h) - first;
  rows.pad = (int32_t)first - origin;

  nfr_bind_op(engine, turn->record, turn->type, op);
  for (unsigned i = 0; i < 2; i++) {
    if (op->in[i].data == 0) continue;
    uint8_t from = turn->member->from[i];
    uint32_t held = 0;
    if (from != NFR_PLAN_NONE8) held = (uint32_t)nfr_chain_held(&nfr_chain_members(chain)[from], engine->stripe, all->in_h);
    take_rows(&tensors[turn->record->in[i]], &op->in[i], all->in_h, held, first, first + rows.in_h);
  }
  take_rows(&tensors[turn->record->out], &op->out, all->out_h, turn->held, turn->first, turn->end);
  nfr_member_set_rows(op, turn->type, copy, &rows, op->out.bytes / nfr_type_bytes(op->out.type));
}

/* Moves bytes down; word by word where they lie on words, four at a time. */
static void move_down(uint8_t *to, const uint8_t *from, uint32_t bytes) {
  if ((((uintptr_t)to | (uintptr_t)from | bytes) & 3u) == 0) {
    struct four {
      uint32_t words[4];
    };
    for (; bytes >= 16; bytes -= 16, to += 16, from += 16) {
      struct four all = *(const struct four *)(const void *)from;
      *(struct four *)(void *)to = all;
    }
    for (; bytes > 0; bytes -= 4, to += 4, from += 4) *(uint32_t *)(void *)to = *(const uint32_t *)(const void *)from;
  }
  while (bytes-- > 0) *to++ = *from++;
}

/* What is dropped from the member's buffer, and what stays, in bytes; 0 when nothing has to be moved. */
struct drop {
  uint8_t *buffer;
  uint32_t dropped, kept, cost;
};

static struct drop drop_of(const struct nfr_engine *engine, const struct turn *turn) {
  const struct nfr_plan_tensor *tensor = &engine->tensors[turn->record->out];
  struct drop drop = {.buffer = engine->regions[NFR_REGION_ARENA] + tensor->offset};
  if (tensor->rows == 0 || engine->stripe == 0 || engine->unit != 0) return drop;
  uint32_t row = tensor->bytes / tensor->held_rows;
  drop.dropped = (turn->held - (uint32_t)nfr_chain_held(turn->member, engine->stripe - 1u, tensor->rows)) * row;
  drop.kept = drop.dropped != 0 ? (turn->first - turn->held) * row : 0;
  drop.cost = nfr_move_cost(drop.kept, tensor->offset | row);
  return drop;
}

/* To the next member, the next stripe, or the record behind the chain. */
static void next_turn(struct nfr_engine *engine, const struct nfr_plan_op *chain, const struct nfr_plan_op *record) {
  const struct nfr_plan_chain *p = nfr_chain_params(chain);
  engine->unit = 0;
  if (++engine->member < p->members) return;
  engine->member = 0;
  if (++engine->stripe < p->stripes) return;
  engine->stripe = 0;
  engine->op_offset = (uint32_t)((const uint8_t *)nfr_chain_next(record) - engine->plan);
  engine->op_index = (uint16_t)(engine->op_index + 1u + p->members);
}

/* What is left of a budget. */
static uint32_t less(uint32_t budget, uint64_t spent) {
  return spent < budget ? budget - (uint32_t)spent : 0;
}

/* Runs units of a member that has rows to compute, at least one if so asked, and returns what is left of the budget. */
static uint32_t run_rows(struct nfr_engine *engine, const struct nfr_plan_op *chain, const struct turn *turn,
                         const struct drop *drop, uint32_t budget, bool at_least_one) {
  struct nfr_op op;
  struct nfr_units units;
  union nfr_member_params copy;
  bind_turn(engine, chain, turn, &op, &copy);
  turn->type->units(&op, &units);
  uint32_t n = less(budget, drop->cost) / units.cost, unit = engine->unit;
  if (n > units.count - unit) n = units.count - unit;
  if (n == 0) {
    if (!at_least_one) return 0;
    n = 1;
  }
  move_down(drop->buffer, drop->buffer + drop->dropped, drop->kept);
  NFR_TRACE_BEGIN(engine->op_index + 1u + engine->member, unit, n);
  turn->type->run(&op, unit, n);
  NFR_TRACE_END(engine->op_index + 1u + engine->member, unit, n);
  engine->unit = unit + n;
  if (engine->unit == units.count) next_turn(engine, chain, turn->record);
  return less(budget, (uint64_t)n * units.cost + drop->cost + NFR_TURN_OVERHEAD);
}

uint32_t nfr_chain_run(struct nfr_engine *engine, uint32_t budget, bool at_least_one) {
  const struct nfr_plan_op *chain = nfr_plan_op_at(engine->plan, engine->op_offset);
  struct turn turn;
  find_turn(engine, chain, &turn);
  struct drop drop = drop_of(engine, &turn);
  if (turn.end > turn.first) return run_rows(engine, chain, &turn, &drop, budget, at_least_one);
  move_down(drop.buffer, drop.buffer + drop.dropped, drop.kept); /* its consumers count from the first row that is held */
  next_turn(engine, chain, turn.record);
  return less(budget, drop.cost + NFR_TURN_OVERHEAD);
}
