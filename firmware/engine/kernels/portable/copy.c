/* COPY: a unit is NFR_COPY_UNIT bytes. */
#include <string.h>

#include "../element.h"
#include "../kernels.h"

void nfr_kernel_copy(const struct nfr_op *op, uint32_t first, uint32_t count) {
  const struct nfr_plan_copy *p = op->params;
  if (op->in[0].data == op->out.data) return;
  uint32_t offset = first * NFR_COPY_UNIT;
  memcpy(op->out.data + offset, op->in[0].data + offset, nfr_min(p->bytes - offset, count * NFR_COPY_UNIT));
}
