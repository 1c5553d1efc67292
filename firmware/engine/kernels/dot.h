/* Dot products of activations with int8 weights: where most of the time of most models goes. */
#ifndef NFR_DOT_H
#define NFR_DOT_H

#include <stdint.h>

/* Sum of (x[i] + offset) * w[i] for i < count, modulo 2^32; |offset| <= 2^15. */
uint32_t nfr_dot8(const int8_t *x, const int8_t *w, uint32_t count, int32_t offset);

/* nfr_dot8 with the rows of weights w, w + stride, … w + 3 * stride, added to acc: an element of x is loaded once for four
 * products. */
void nfr_dot8_by_4(const int8_t *x, const int8_t *w, uint32_t stride, uint32_t count, int32_t offset, uint32_t acc[4]);

/* nfr_dot8 over int16 activations, modulo 2^64: its low half is the sum modulo 2^32. */
uint64_t nfr_dot16(const int16_t *x, const int8_t *w, uint32_t count, int32_t offset);

#endif
