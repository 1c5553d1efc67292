/* LUT: int8 through a table of 256. A unit is one element. */
#include "../element.h"
#include "../kernels.h"

void nfr_kernel_lut(const struct nfr_op *op, uint32_t first, uint32_t count) {
  const struct nfr_plan_lut *p = op->params;
  const int8_t *in = (const int8_t *)op->in[0].data, *table = nfr_constant(op, p->table);
  int8_t *out = (int8_t *)op->out.data;
  for (uint32_t end = first + count; first < end; first++) out[first] = table[in[first] + 128];
}
