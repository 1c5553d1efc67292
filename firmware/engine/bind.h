/* Inside the engine: an operator record, resolved to memory. */
#ifndef NFR_BIND_H
#define NFR_BIND_H

#include "ops/op.h"
#include "plan.h"

/* The operand that is tensor `index`, whose range has been checked (rules V16 to V21). */
struct nfr_operand nfr_bind_tensor(const struct nfr_engine *engine, uint16_t index);

/* Binds a record whose kind and operand indices have been checked (rules V28 to V31). */
void nfr_bind_op(const struct nfr_engine *engine, const struct nfr_plan_op *record, const struct nfr_op_type *type,
                 struct nfr_op *op);

#endif
