/* DEQUANTIZE: int8 or int16 to float32. A unit is one element. The reference multiplies in double and rounds once to
 * float32; the product of a float32 scale and a difference below 2^17 rounds to the same in float32. */
#include "../element.h"
#include "../kernels.h"

void nfr_kernel_dequantize(const struct nfr_op *op, uint32_t first, uint32_t count) {
  const struct nfr_plan_quantize *p = op->params;
  bool wide = nfr_is_wide(&op->in[0]);
  float *out = (float *)(void *)op->out.data;
  for (uint32_t end = first + count; first < end; first++)
    out[first] = p->scale * (float)(nfr_load(op->in[0].data, first, wide) - p->zero_point);
}
