/* Dot products by SMLAD: a word of four activations, offset added, is two pairs of int16, as is a word of weights. */
#include "../dot.h"

#include "intrinsics.h"

/* Words of `count` elements; none when an activation plus the offset may not be an int16. */
static uint32_t words_of(uint32_t count, int32_t offset) {
  return (uint32_t)(offset + INT16_MAX - INT8_MAX) <= 2u * (INT16_MAX - INT8_MAX) ? count / 4u : 0;
}

static inline uint32_t add_word(uint32_t sum, uint32_t even, uint32_t odd, const int8_t *weights) {
  uint32_t w = nfr_load_word(weights);
  return nfr_smlad(nfr_sxtb16_ror8(w), odd, nfr_smlad(nfr_sxtb16(w), even, sum));
}

uint32_t nfr_dot8(const int8_t *x, const int8_t *w, uint32_t count, int32_t offset) {
  uint32_t sum = 0, words = words_of(count, offset), halves = (uint32_t)(uint16_t)offset * 0x10001u;
  count -= 4u * words;
  for (; words > 0; words--, x += 4, w += 4) {
    uint32_t word = nfr_load_word(x);
    sum = add_word(sum, nfr_sxtab16(halves, word), nfr_sxtab16_ror8(halves, word), w);
  }
  for (; count > 0; count--) sum += (uint32_t)((*x++ + offset) * *w++);
  return sum;
}

void nfr_dot8_by_4(const int8_t *x, const int8_t *w, uint32_t stride, uint32_t count, int32_t offset, uint32_t acc[4]) {
  const int8_t *w1 = w + stride, *w2 = w1 + stride, *w3 = w2 + stride;
  uint32_t words = words_of(count, offset), halves = (uint32_t)(uint16_t)offset * 0x10001u;
  uint32_t a0 = acc[0], a1 = acc[1], a2 = acc[2], a3 = acc[3];
  const int8_t *last = x + count;
  for (const int8_t *end = x + 4u * words; x != end; x += 4, w += 4, w1 += 4, w2 += 4, w3 += 4) {
    uint32_t word = nfr_load_word(x), even = nfr_sxtab16(halves, word), odd = nfr_sxtab16_ror8(halves, word);
    a0 = add_word(a0, even, odd, w);
    a1 = add_word(a1, even, odd, w1);
    a2 = add_word(a2, even, odd, w2);
    a3 = add_word(a3, even, odd, w3);
  }
  for (; x != last; x++) {
    int32_t value = *x + offset;
    a0 += (uint32_t)(value * *w++);
    a1 += (uint32_t)(value * *w1++);
    a2 += (uint32_t)(value * *w2++);
    a3 += (uint32_t)(value * *w3++);
  }
  acc[0] = a0;
  acc[1] = a1;
  acc[2] = a2;
  acc[3] = a3;
}
