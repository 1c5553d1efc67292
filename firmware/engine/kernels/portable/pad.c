/* PAD: a unit is one row of the output (its innermost dimension): filler, a row of the input, filler; or filler alone. */
#include <string.h>

#include "../element.h"
#include "../kernels.h"

static void fill(uint8_t *out, uint32_t elements, uint32_t size, int32_t value) {
  if (size == 1)
    memset(out, value & 0xff, elements);
  else if (size == 2)
    for (uint32_t i = 0; i < elements; i++) ((int16_t *)(void *)out)[i] = (int16_t)value;
  else
    for (uint32_t i = 0; i < elements; i++) ((int32_t *)(void *)out)[i] = value;
}

/* Row of the input that output row `row` holds; false when it is all filler. */
static bool source_row(const struct nfr_plan_pad *p, uint32_t row, uint32_t *source) {
  uint32_t index = 0, stride = 1;
  for (unsigned d = 3; d-- > 0;) {
    uint32_t extent = p->before[d] + p->dims[d] + p->after[d];
    uint32_t i = row % extent - p->before[d]; /* wraps below: then it is not less than dims */
    if (i >= p->dims[d]) return false;
    index += i * stride;
    stride *= p->dims[d];
    row /= extent;
  }
  *source = index;
  return true;
}

void nfr_kernel_pad(const struct nfr_op *op, uint32_t first, uint32_t count) {
  const struct nfr_plan_pad *p = op->params;
  uint32_t size = nfr_type_bytes(op->out.type), width = p->before[3] + p->dims[3] + p->after[3];
  uint8_t *out = op->out.data + first * width * size;
  for (uint32_t end = first + count; first < end; first++, out += width * size) {
    uint32_t source;
    if (!source_row(p, first, &source)) {
      fill(out, width, size, p->fill);
      continue;
    }
    uint8_t *middle = out + p->before[3] * size;
    fill(out, p->before[3], size, p->fill);
    memcpy(middle, op->in[0].data + source * p->dims[3] * size, p->dims[3] * size);
    fill(middle + p->dims[3] * size, p->after[3], size, p->fill);
  }
}
