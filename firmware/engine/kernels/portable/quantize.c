/* QUANTIZE: float32 to int8 or int16. A unit is one element. */
#include "../element.h"
#include "../fixed_point.h"
#include "../kernels.h"

/* To the nearest, half away from zero. Clamped before the cast, so that infinities saturate and a NaN (which is not
 * at least `low`) becomes the smallest value; the limits are beyond any 16-bit result and exact in float32. */
static int32_t round_float(float x) {
  const float low = -262144.0f, high = 262144.0f;
  if (!(x >= low)) return (int32_t)low;
  if (x > high) return (int32_t)high;
  int32_t whole = (int32_t)x;
  float rest = x - (float)whole;
  if (rest >= 0.5f) return whole + 1;
  if (rest <= -0.5f) return whole - 1;
  return whole;
}

void nfr_kernel_quantize(const struct nfr_op *op, uint32_t first, uint32_t count) {
  const struct nfr_plan_quantize *p = op->params;
  bool wide = nfr_is_wide(&op->out);
  int32_t low = wide ? INT16_MIN : INT8_MIN, high = wide ? INT16_MAX : INT8_MAX;
  const float *in = (const float *)(const void *)op->in[0].data;
  for (uint32_t end = first + count; first < end; first++)
    nfr_store(op->out.data, first, nfr_clamp(round_float(in[first] / p->scale) + p->zero_point, low, high), wide);
}
