/* LOGISTIC, int16: interpolation in the table. A unit is one element. */
#include "../kernels.h"
#include "../sigmoid.h"

void nfr_kernel_logistic16(const struct nfr_op *op, uint32_t first, uint32_t count) {
  const struct nfr_plan_logistic16 *p = op->params;
  const uint16_t *table = nfr_constant(op, p->table);
  const int16_t *in = (const int16_t *)(const void *)op->in[0].data;
  int16_t *out = (int16_t *)(void *)op->out.data;
  int32_t multiplier = p->multiplier, shift = p->shift;
  if (multiplier == 0) { /* power-of-two scale */
    multiplier = 3 << shift;
    shift = 0;
  }
  for (uint32_t end = first + count; first < end; first++)
    out[first] = nfr_sigmoid(table, nfr_table_input(in[first], multiplier, shift));
}
