/* Logistic and tanh of 16 bits by one table: uint16 T[i] = 2^16 * sigmoid(i / 24), i < 256 (raised by half of
 * what linear interpolation lacks in the middle of its interval, host-tools/NfRuntime.Model/Reference/SPEC.md);
 * tanh(x) = 2 * sigmoid(2x) - 1. Their input is in units of 1 / (24 * 512), the 3/4096 of TFLite's int16 activations. */
#ifndef NFR_SIGMOID_H
#define NFR_SIGMOID_H

#include "element.h"
#include "fixed_point.h"

/* x * multiplier / 2^shift to the nearest, half up; |x * multiplier| < 2^31, shift 0 … 31. */
static inline int32_t nfr_table_input(int32_t x, int32_t multiplier, int32_t shift) {
  int32_t half = shift > 0 ? (int32_t)(1u << (shift - 1)) : 0;
  return nfr_add_wrap(x * multiplier, half) >> shift;
}

/* Q15 of sigmoid(x). */
int16_t nfr_sigmoid(const uint16_t table[256], int32_t x);

/* Q15 of tanh(x); the table is entered with 2x, so that its entries lie 256 apart and not 512. */
int16_t nfr_tanh(const uint16_t table[256], int32_t x);

#endif
