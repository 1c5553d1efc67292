#include "../broadcast.h"

#include "../element.h"

/* Elements between neighbours in each dimension; 0 where the operand is broadcast. */
static void strides_of(const uint32_t dims[4], uint8_t broadcast, uint32_t strides[4]) {
  uint32_t stride = 1;
  for (unsigned d = 4; d-- > 0;) {
    bool is_broadcast = (broadcast >> d & 1) != 0;
    strides[d] = is_broadcast ? 0 : stride;
    if (!is_broadcast) stride *= dims[d];
  }
}

void nfr_broadcast_rows(const struct nfr_op *op, const uint32_t dims[4], uint8_t broadcast_a, uint8_t broadcast_b,
                        uint32_t first, uint32_t count, nfr_row_function row) {
  uint32_t a[4], b[4];
  strides_of(dims, broadcast_a, a);
  strides_of(dims, broadcast_b, b);
  uint32_t column = first % dims[3], rest = first / dims[3];
  uint32_t i2 = rest % dims[2], i1 = rest / dims[2] % dims[1], i0 = rest / dims[2] / dims[1];
  for (uint32_t end = first + count; first < end;) {
    struct nfr_run run = {
        .out = first,
        .a = i0 * a[0] + i1 * a[1] + i2 * a[2] + column * a[3],
        .b = i0 * b[0] + i1 * b[1] + i2 * b[2] + column * b[3],
        .step_a = a[3],
        .step_b = b[3],
        .count = nfr_min(dims[3] - column, end - first),
    };
    row(op, &run);
    first += run.count;
    column = 0;
    if (++i2 < dims[2]) continue;
    i2 = 0;
    if (++i1 < dims[1]) continue;
    i1 = 0;
    i0++;
  }
}
