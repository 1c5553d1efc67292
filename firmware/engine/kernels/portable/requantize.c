/* REQUANTIZE: integer to integer. A unit is one element. */
#include "../element.h"
#include "../fixed_point.h"
#include "../kernels.h"

void nfr_kernel_requantize(const struct nfr_op *op, uint32_t first, uint32_t count) {
  const struct nfr_plan_requantize *p = op->params;
  bool wide = nfr_is_wide(&op->in[0]);
  for (uint32_t end = first + count; first < end; first++) {
    int32_t x = nfr_load(op->in[0].data, first, wide) - p->input_zero_point;
    int32_t y = nfr_add_wrap(nfr_scale(x, p->multiplier, p->shift), p->output_zero_point);
    if (op->out.type == NFR_TYPE_INT32)
      ((int32_t *)(void *)op->out.data)[first] = y;
    else if (op->out.type == NFR_TYPE_INT16)
      nfr_store(op->out.data, first, nfr_clamp(y, INT16_MIN, INT16_MAX), true);
    else
      nfr_store(op->out.data, first, nfr_clamp(y, INT8_MIN, INT8_MAX), false);
  }
}
