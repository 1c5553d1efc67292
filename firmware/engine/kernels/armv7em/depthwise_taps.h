/* Taps of a depthwise convolution for four channels: the inner loops, in the order and the registers that they need. (Left
 * to itself, the compiler gathers what many taps load, and spills.) The C beside them computes the same on a host. */
#ifndef NFR_ARMV7EM_DEPTHWISE_TAPS_H
#define NFR_ARMV7EM_DEPTHWISE_TAPS_H

#include "requant4.h"

#define NFR_ALWAYS_INLINE inline __attribute__((always_inline))

#if defined(__ARM_FEATURE_DSP) && __ARM_FEATURE_DSP

/* Four channels of an input word: widened by twos, the offset added; widened weights from `words` on. 8 for 4 products. */
#define TAP(address)                      \
  "ldr %[x], [" address "]\n\t"           \
  "ldrd %[v], %[w], [%[k]], #8\n\t"       \
  "sxtab16 %[e], %[o], %[x]\n\t"          \
  "sxtab16 %[x], %[o], %[x], ror #8\n\t"  \
  "smlabb %[a], %[e], %[v], %[a]\n\t"     \
  "smlatt %[c], %[e], %[v], %[c]\n\t"     \
  "smlabb %[b], %[x], %[w], %[b]\n\t"     \
  "smlatt %[d], %[x], %[w], %[d]\n\t"
/* One input value for four channels: `half` b or t of x. The weights' word is in v. */
#define SCALAR(x, half)                                                 \
  "sxtb16 %[w], %[v]\n\t"                                               \
  "smla" half "b %[a], %[" x "], %[w], %[a]\n\t"                        \
  "smla" half "t %[c], %[" x "], %[w], %[c]\n\t"                        \
  "sxtb16 %[v], %[v], ror #8\n\t"                                       \
  "smla" half "b %[b], %[" x "], %[v], %[b]\n\t"                        \
  "smla" half "t %[d], %[" x "], %[v], %[d]\n\t"
#define SCALAR_AT(in, weights)      \
  "ldrsb %[x], [" in "]\n\t"        \
  "ldr %[v], [" weights "]\n\t"     \
  "add %[x], %[x], %[o]\n\t" SCALAR("x", "b")
#define SUMS(s) [a] "+&r"((s)->a), [b] "+&r"((s)->b), [c] "+&r"((s)->c), [d] "+&r"((s)->d)

/* One, two or three taps `step` apart, with widened weights; returns where the weights go on. */
static NFR_ALWAYS_INLINE const uint32_t *nfr_taps1(struct nfr_sums4 *s, const int8_t *in, uint32_t offsets,
                                                   const uint32_t *words) {
  uint32_t x, e, v, w;
  __asm__(TAP("%[in]")
          : SUMS(s), [k] "+&r"(words), [x] "=&r"(x), [e] "=&r"(e), [v] "=&r"(v), [w] "=&r"(w)
          : [in] "r"(in), [o] "r"(offsets)
          : "memory");
  return words;
}

static NFR_ALWAYS_INLINE const uint32_t *nfr_taps2(struct nfr_sums4 *s, const int8_t *in, uint32_t step,
                                                   uint32_t offsets, const uint32_t *words) {
  uint32_t x, e, v, w;
  __asm__(TAP("%[in]") TAP("%[in], %[t]")
          : SUMS(s), [k] "+&r"(words), [x] "=&r"(x), [e] "=&r"(e), [v] "=&r"(v), [w] "=&r"(w)
          : [in] "r"(in), [t] "r"(step), [o] "r"(offsets)
          : "memory");
  return words;
}

static NFR_ALWAYS_INLINE const uint32_t *nfr_taps3(struct nfr_sums4 *s, const int8_t *in, uint32_t step,
                                                   uint32_t offsets, const uint32_t *words) {
  uint32_t x, e, v, w;
  __asm__(TAP("%[in]") TAP("%[in], %[t]") TAP("%[in], %[t], lsl #1")
          : SUMS(s), [k] "+&r"(words), [x] "=&r"(x), [e] "=&r"(e), [v] "=&r"(v), [w] "=&r"(w)
          : [in] "r"(in), [t] "r"(step), [o] "r"(offsets)
          : "memory");
  return words;
}

/* A tap with weights from the plan. */
static NFR_ALWAYS_INLINE void nfr_tap_direct(struct nfr_sums4 *s, const int8_t *in, uint32_t offsets,
                                             const int8_t *weights) {
  uint32_t x, e, v, w;
  __asm__("ldr %[x], [%[in]]\n\t"
          "ldr %[v], [%[k]]\n\t"
          "sxtab16 %[e], %[o], %[x]\n\t"
          "sxtab16 %[x], %[o], %[x], ror #8\n\t"
          "sxtb16 %[w], %[v]\n\t"
          "sxtb16 %[v], %[v], ror #8\n\t"
          "smlabb %[a], %[e], %[w], %[a]\n\t"
          "smlatt %[c], %[e], %[w], %[c]\n\t"
          "smlabb %[b], %[x], %[v], %[b]\n\t"
          "smlatt %[d], %[x], %[v], %[d]"
          : SUMS(s), [x] "=&r"(x), [e] "=&r"(e), [v] "=&r"(v), [w] "=&r"(w)
          : [in] "r"(in), [k] "r"(weights), [o] "r"(offsets)
          : "memory");
}

/* Taps of one input channel for four output channels: one, or three that are adjacent in the input. */
static NFR_ALWAYS_INLINE void nfr_scalars1(struct nfr_sums4 *s, const int8_t *in, uint32_t offsets,
                                           const int8_t *weights) {
  uint32_t x, v, w;
  __asm__(SCALAR_AT("%[in]", "%[k]")
          : SUMS(s), [x] "=&r"(x), [v] "=&r"(v), [w] "=&r"(w)
          : [in] "r"(in), [k] "r"(weights), [o] "r"(offsets)
          : "memory");
}

static NFR_ALWAYS_INLINE void nfr_scalars3(struct nfr_sums4 *s, const int8_t *in, uint32_t offsets,
                                           const int8_t *weights, uint32_t w_step) {
  uint32_t x, v, w;
  __asm__(SCALAR_AT("%[in]", "%[k]") SCALAR_AT("%[in], #1", "%[k], %[u]")
              SCALAR_AT("%[in], #2", "%[k], %[u], lsl #1")
          : SUMS(s), [x] "=&r"(x), [v] "=&r"(v), [w] "=&r"(w)
          : [in] "r"(in), [k] "r"(weights), [u] "r"(w_step), [o] "r"(offsets)
          : "memory");
}

/* Four times `fours` taps that are adjacent in the input, fours > 0; moves *in and *weights behind them. */
static NFR_ALWAYS_INLINE void nfr_scalars4(struct nfr_sums4 *s, const int8_t **in, uint32_t offsets,
                                           const int8_t **weights, uint32_t w_step, uint32_t fours) {
  uint32_t x, e, v, w;
  __asm__("1:\n\t"
          "ldr %[x], [%[in]], #4\n\t"
          "ldr %[v], [%[k]]\n\t"
          "sxtab16 %[e], %[o], %[x]\n\t"
          "sxtab16 %[x], %[o], %[x], ror #8\n\t" SCALAR("e", "b")
          "ldr %[v], [%[k], %[u]]\n\t" SCALAR("x", "b")
          "add %[k], %[k], %[u], lsl #1\n\t"
          "ldr %[v], [%[k]]\n\t" SCALAR("e", "t")
          "ldr %[v], [%[k], %[u]]\n\t" SCALAR("x", "t")
          "add %[k], %[k], %[u], lsl #1\n\t"
          "subs %[n], %[n], #1\n\t"
          "bne 1b"
          : SUMS(s), [k] "+&r"(*weights), [in] "+&r"(*in), [n] "+&r"(fours), [x] "=&r"(x), [e] "=&r"(e), [v] "=&r"(v),
            [w] "=&r"(w)
          : [u] "r"(w_step), [o] "r"(offsets)
          : "memory", "cc");
}

#undef TAP
#undef SCALAR
#undef SCALAR_AT
#undef SUMS

#else

static inline const uint32_t *nfr_taps1(struct nfr_sums4 *s, const int8_t *in, uint32_t offsets, const uint32_t *words) {
  uint32_t x = nfr_load_word(in), even = nfr_sxtab16(offsets, x), odd = nfr_sxtab16_ror8(offsets, x);
  s->a = nfr_smlabb(even, words[0], s->a);
  s->c = nfr_smlatt(even, words[0], s->c);
  s->b = nfr_smlabb(odd, words[1], s->b);
  s->d = nfr_smlatt(odd, words[1], s->d);
  return words + 2;
}

static inline const uint32_t *nfr_taps2(struct nfr_sums4 *s, const int8_t *in, uint32_t step, uint32_t offsets,
                                        const uint32_t *words) {
  return nfr_taps1(s, in + step, offsets, nfr_taps1(s, in, offsets, words));
}

static inline const uint32_t *nfr_taps3(struct nfr_sums4 *s, const int8_t *in, uint32_t step, uint32_t offsets,
                                        const uint32_t *words) {
  return nfr_taps1(s, in + 2 * step, offsets, nfr_taps2(s, in, step, offsets, words));
}

static inline void nfr_tap_direct(struct nfr_sums4 *s, const int8_t *in, uint32_t offsets, const int8_t *weights) {
  uint32_t word = nfr_load_word(weights), words[2] = {nfr_sxtb16(word), nfr_sxtb16_ror8(word)};
  (void)nfr_taps1(s, in, offsets, words);
}

static inline void nfr_scalars1(struct nfr_sums4 *s, const int8_t *in, uint32_t offsets, const int8_t *weights) {
  uint32_t word = nfr_load_word(weights), even = nfr_sxtb16(word), odd = nfr_sxtb16_ror8(word);
  uint32_t x = (uint32_t)*in + offsets; /* the bottom half counts */
  s->a = nfr_smlabb(x, even, s->a);
  s->c = nfr_smlabt(x, even, s->c);
  s->b = nfr_smlabb(x, odd, s->b);
  s->d = nfr_smlabt(x, odd, s->d);
}

static inline void nfr_scalars3(struct nfr_sums4 *s, const int8_t *in, uint32_t offsets, const int8_t *weights,
                                uint32_t w_step) {
  for (unsigned i = 0; i < 3; i++) nfr_scalars1(s, in + i, offsets, weights + i * w_step);
}

static inline void nfr_scalars4(struct nfr_sums4 *s, const int8_t **in, uint32_t offsets, const int8_t **weights,
                                uint32_t w_step, uint32_t fours) {
  for (uint32_t n = 4 * fours; n > 0; n--, ++*in, *weights += w_step) nfr_scalars1(s, *in, offsets, *weights);
}

#endif

#endif
