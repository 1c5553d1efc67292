/* QUANTIZE: float32 to int8 or int16. A unit is one element. */
#include "../element.h"
#include "../fixed_point.h"
#include "../kernels.h"

/* To the nearest, half away from zero: a half less one unit in the last place, added, makes truncation round as wanted (a whole
 * half would round 0.49999997 up). Beyond any 16-bit result infinities saturate, and a NaN becomes the smallest value. */
static inline int32_t round_float(float x) {
  const int32_t limit = 1 << 18;
  if (__builtin_fabsf(x) < (float)limit) return (int32_t)(x + __builtin_copysignf(0.49999997f, x));
  return x > 0 ? limit : -limit;
}

void nfr_kernel_quantize(const struct nfr_op *op, uint32_t first, uint32_t count) {
  const struct nfr_plan_quantize *p = op->params;
  bool wide = nfr_is_wide(&op->out);
  int32_t low = wide ? INT16_MIN : INT8_MIN, high = wide ? INT16_MAX : INT8_MAX;
  const float *in = (const float *)(const void *)op->in[0].data, scale = p->scale; /* stores may alias anything behind a pointer */
  const int32_t zero_point = p->zero_point;
  for (uint32_t end = first + count; first < end; first++)
    nfr_store(op->out.data, first, nfr_clamp(round_float(in[first] / scale) + zero_point, low, high), wide);
}
