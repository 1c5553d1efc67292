/* Inside the engine: an operator record, resolved to memory. */
#ifndef NFR_BIND_H
#define NFR_BIND_H

#include <string.h>

#include "ops/op.h"
#include "plan.h"

/* Sets the operand that is tensor `index`, whose range has been checked (rules V16 to V21). */
static inline void nfr_bind_tensor(const struct nfr_engine *engine, uint16_t index, struct nfr_operand *operand) {
  const struct nfr_plan_tensor *tensor = &engine->tensors[index];
  operand->data = engine->regions[tensor->region] + tensor->offset;
  operand->bytes = tensor->bytes;
  memcpy(&operand->type, &tensor->type, 2); /* and region, which is next to it in both */
}

static_assert(offsetof(struct nfr_operand, region) == offsetof(struct nfr_operand, type) + 1 &&
                  offsetof(struct nfr_plan_tensor, region) == offsetof(struct nfr_plan_tensor, type) + 1,
              "type and region are copied together");

/* Binds a record whose kind and operand indices have been checked (rules V28 to V31). */
void nfr_bind_op(const struct nfr_engine *engine, const struct nfr_plan_op *record, const struct nfr_op_type *type,
                 struct nfr_op *op);

#endif
