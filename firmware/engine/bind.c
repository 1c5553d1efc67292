#include "bind.h"

static_assert(sizeof(void *) > 4 || sizeof(struct nfr_engine) <= 128, "an idle capsule is small");

static inline void bind(const struct nfr_engine *engine, bool is_used, uint16_t index, struct nfr_operand *operand) {
  if (is_used)
    nfr_bind_tensor(engine, index, operand);
  else
    *operand = (struct nfr_operand){0};
}

/* In every step once an operator: what it needs of the header is in the engine, and each entry of a tensor is read once. */
void nfr_bind_op(const struct nfr_engine *engine, const struct nfr_plan_op *record, const struct nfr_op_type *type,
                 struct nfr_op *op) {
  op->record = record;
  op->params = record + 1;
  op->constants = engine->regions[NFR_REGION_CONST];
  unsigned used = type->operands;
  bind(engine, (used & NFR_USES_IN0) != 0, record->in[0], &op->in[0]);
  bind(engine, (used & NFR_USES_IN1) != 0, record->in[1], &op->in[1]);
  bind(engine, (used & NFR_USES_IN2) != 0, record->in[2], &op->in[2]);
  bind(engine, true, record->out, &op->out);
  bind(engine, nfr_op_uses_scratch(type, record->layout), record->scratch, &op->scratch);
}
