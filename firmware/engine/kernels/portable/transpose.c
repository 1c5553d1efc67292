/* TRANSPOSE: a unit is one row of the output (dimension rank - 1), gathered from the input with one stride. */
#include "../element.h"
#include "../kernels.h"

static void gather(uint8_t *out, const uint8_t *in, uint32_t count, uint32_t stride, uint32_t size) {
  const uint16_t *in16 = (const uint16_t *)(const void *)in;
  const uint32_t *in32 = (const uint32_t *)(const void *)in;
  uint16_t *out16 = (uint16_t *)(void *)out;
  uint32_t *out32 = (uint32_t *)(void *)out, i = 0;
  if (size == 1)
    for (; count > 0; count--, i += stride) *out++ = in[i];
  else if (size == 2)
    for (; count > 0; count--, i += stride) *out16++ = in16[i];
  else
    for (; count > 0; count--, i += stride) *out32++ = in32[i];
}

void nfr_kernel_transpose(const struct nfr_op *op, uint32_t first, uint32_t count) {
  const struct nfr_plan_transpose *p = op->params;
  uint32_t size = nfr_type_bytes(op->out.type), inner = p->rank - 1u;
  uint32_t strides[NFR_PLAN_MAX_RANK], stride = 1;
  for (unsigned d = NFR_PLAN_MAX_RANK; d-- > 0; stride *= p->dims[d]) strides[d] = stride;
  uint32_t width = p->dims[p->permutation[inner]], step = strides[p->permutation[inner]];
  for (uint32_t end = first + count; first < end; first++) {
    uint32_t row = first, source = 0;
    for (unsigned d = inner; d-- > 0;) {
      uint32_t extent = p->dims[p->permutation[d]];
      source += row % extent * strides[p->permutation[d]];
      row /= extent;
    }
    gather(op->out.data + first * width * size, op->in[0].data + source * size, width, step, size);
  }
}
