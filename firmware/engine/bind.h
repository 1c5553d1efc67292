/* Inside the engine: an operator record, resolved to memory. */
#ifndef NFR_BIND_H
#define NFR_BIND_H

#include <string.h>

#include "ops/op.h"
#include "plan.h"

/* Sets the operand that is tensor `index`, whose range has been checked (rules V16 to V21). Few instructions: this is done
 * in each step for each operand. */
static inline void nfr_bind_tensor(const struct nfr_engine *engine, uint16_t index, struct nfr_operand *operand) {
  const struct nfr_plan_tensor *tensor = &engine->tensors[index];
  uint32_t offset = tensor->offset, bytes = tensor->bytes, kind;
  memcpy(&kind, &tensor->type, sizeof kind); /* type and region, which are next to each other in both, and two bytes more */
  operand->data = engine->regions[kind >> 8 & 0xffu] + offset;
  operand->bytes = bytes;
  memcpy(&operand->type, &kind, sizeof kind);
}

static_assert(offsetof(struct nfr_operand, region) == offsetof(struct nfr_operand, type) + 1 &&
                  offsetof(struct nfr_operand, more) == offsetof(struct nfr_operand, type) + 2 &&
                  offsetof(struct nfr_plan_tensor, region) == offsetof(struct nfr_plan_tensor, type) + 1,
              "type and region are copied together");

/* An operand that the kind uses is bound, any other is set to 0. False when a used one's index is not below `tensors`, or
 * when another is there. */
static inline bool nfr_bind_operand(const struct nfr_engine *engine, bool is_used, uint16_t index, uint32_t tensors,
                                    struct nfr_operand *operand) {
  if (!is_used) {
    *operand = (struct nfr_operand){0};
    return index == NFR_PLAN_NONE16;
  }
  if (index >= tensors) return false;
  nfr_bind_tensor(engine, index, operand);
  return true;
}

/* Binds a record whose kind has been checked (rules V27 to V30); false when its operands are not those of the kind, with
 * indices below `tensors` (rule V31). constant_bytes is the caller's. */
static inline bool nfr_bind_record(const struct nfr_engine *engine, const struct nfr_plan_op *record,
                                   const struct nfr_op_type *type, uint32_t tensors, struct nfr_op *op) {
  unsigned used = type->operands;
  op->record = record;
  op->params = record + 1;
  op->constants = engine->regions[NFR_REGION_CONST];
  /* All of them, without a branch each. */
  unsigned is_bound = (unsigned)nfr_bind_operand(engine, (used & NFR_USES_IN0) != 0, record->in[0], tensors, &op->in[0]) &
                      (unsigned)nfr_bind_operand(engine, (used & NFR_USES_IN1) != 0, record->in[1], tensors, &op->in[1]) &
                      (unsigned)nfr_bind_operand(engine, (used & NFR_USES_IN2) != 0, record->in[2], tensors, &op->in[2]) &
                      (unsigned)nfr_bind_operand(engine, true, record->out, tensors, &op->out) &
                      (unsigned)nfr_bind_operand(engine, nfr_op_uses_scratch(type, record->layout), record->scratch, tensors, &op->scratch);
  return is_bound != 0;
}

/* The same for a record of a plan that is loaded. */
void nfr_bind_op(const struct nfr_engine *engine, const struct nfr_plan_op *record, const struct nfr_op_type *type,
                 struct nfr_op *op);

/* Rule V38: the cost of a unit is within the board's slice. */
NFR_CHECK_RESULT int nfr_check_slice(const struct nfr_engine *engine, uint32_t cost);

#endif
