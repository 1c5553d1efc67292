/* Element-wise operators on two inputs with broadcasting: the walk over rows, shared by ADD and MUL. */
#ifndef NFR_BROADCAST_H
#define NFR_BROADCAST_H

#include "../ops/op.h"

/* One run of `count` output elements from `out` on; operands start at element a and b and advance by step_a, step_b
 * (1, or 0 when the innermost dimension is broadcast). */
struct nfr_run {
  uint32_t out, a, b, step_a, step_b, count;
};

typedef void (*nfr_row_function)(const struct nfr_op *op, const struct nfr_run *run);

/* Calls row() for the output elements first … first + count - 1, a run at a time. dims: of the output, outermost first;
 * broadcast: bit d set where the operand's extent is 1. */
void nfr_broadcast_rows(const struct nfr_op *op, const uint32_t dims[4], uint8_t broadcast_a, uint8_t broadcast_b,
                        uint32_t first, uint32_t count, nfr_row_function row);

#endif
