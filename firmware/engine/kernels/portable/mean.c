/* MEAN: a unit is one output element: the sum over its reduced positions, rescaled with 1/n in the multiplier. */
#include "../element.h"
#include "../fixed_point.h"
#include "../kernels.h"

/* Loops over the reduced dimensions (extent 1 where a dimension is kept), from element `at` on. */
struct reduction {
  uint32_t extent[4], stride[4];
};

static uint32_t sum_of(const struct reduction *r, const void *in, uint32_t at, bool wide) {
  uint32_t sum = 0;
  for (uint32_t i0 = 0; i0 < r->extent[0]; i0++)
    for (uint32_t i1 = 0; i1 < r->extent[1]; i1++)
      for (uint32_t i2 = 0; i2 < r->extent[2]; i2++) {
        uint32_t i = at + i0 * r->stride[0] + i1 * r->stride[1] + i2 * r->stride[2];
        for (uint32_t n = r->extent[3]; n > 0; n--, i += r->stride[3]) sum += (uint32_t)nfr_load(in, i, wide);
      }
  return sum;
}

void nfr_kernel_mean(const struct nfr_op *op, uint32_t first, uint32_t count) {
  const struct nfr_plan_mean *p = op->params;
  bool wide = nfr_is_wide(&op->in[0]);
  int32_t low = wide ? INT16_MIN : INT8_MIN, high = wide ? INT16_MAX : INT8_MAX;
  struct reduction r;
  uint32_t kept[4], stride = 1, elements = 1;
  for (unsigned d = 4; d-- > 0; stride *= p->dims[d]) {
    bool reduced = (p->reduce >> d & 1) != 0;
    r.stride[d] = stride;
    r.extent[d] = reduced ? p->dims[d] : 1;
    kept[d] = reduced ? 1 : p->dims[d];
    elements *= r.extent[d];
  }
  for (uint32_t end = first + count; first < end; first++) {
    uint32_t at = 0, rest = first;
    for (unsigned d = 4; d-- > 0; rest /= kept[d]) at += rest % kept[d] * r.stride[d];
    uint32_t sum = sum_of(&r, op->in[0].data, at, wide) - (uint32_t)p->input_zero_point * elements;
    int32_t value = nfr_add_wrap(nfr_scale((int32_t)sum, p->multiplier, p->shift), p->output_zero_point);
    nfr_store(op->out.data, first, nfr_clamp(value, low, high), wide);
  }
}
