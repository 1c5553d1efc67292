#include "../kernels/kernels.h"
#include "pool.h"
#include "types.h"

static void units(const struct nfr_op *op, struct nfr_units *units) {
  nfr_pool_units(op, false, units);
}

const struct nfr_op_type nfr_op_max_pool_2d = {
    .kind = NFR_KIND_MAX_POOL_2D,
    .rows = NFR_ROWS_POOL,
    .params_bytes = sizeof(struct nfr_plan_pool),
    .operands = NFR_USES_IN0,
    .overlap = NFR_USES_IN0,
    .layouts = 1u << NFR_LAYOUT_PLAIN,
    .check = nfr_pool_check,
    .units = units,
    .run = nfr_kernel_max_pool_2d,
};
