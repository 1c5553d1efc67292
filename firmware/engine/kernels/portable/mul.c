/* MUL: product of the offset inputs, rescaled. A unit is one element. */
#include "../kernels.h"
#include "../mul.h"

void nfr_kernel_mul(const struct nfr_op *op, uint32_t first, uint32_t count) {
  const struct nfr_plan_mul *p = op->params;
  nfr_broadcast_rows(op, p->dims, p->broadcast0, p->broadcast1, first, count, nfr_mul_row);
}

uint32_t nfr_kernel_mul_cost(const struct nfr_op *op) {
  const struct nfr_plan_mul *p = op->params;
  return 52 + 90 / p->dims[3];
}
