#include "bind.h"

static_assert(sizeof(void *) > 4 || sizeof(struct nfr_engine) <= 128, "an idle capsule is small");

void nfr_bind_op(const struct nfr_engine *engine, const struct nfr_plan_op *record, const struct nfr_op_type *type,
                 struct nfr_op *op) {
  (void)nfr_bind_record(engine, record, type, NFR_PLAN_NONE16 + 1u, op); /* every index: load has looked at them */
}
