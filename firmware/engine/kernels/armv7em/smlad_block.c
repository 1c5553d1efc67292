#include "smlad_block.h"

#include "intrinsics.h"

#if defined(__ARM_FEATURE_DSP) && __ARM_FEATURE_DSP

/* A whole function in assembly: four sums, four pairs of weights, two pairs of activations, three pointers and a counter
 * are all 14 registers, of which a compiler spills some.
 *
 * Registers: r0 and r3 the even and odd pairs of an activation word, r1 weights, r2 activations, r12 and r10 the even and
 * odd pairs of a channel's weights, lr and r11 those of the next channel, the rest sums. */

#define UNUSED __attribute__((unused))

#define WEIGHTS(pointer)                 \
  "ldrd r10, r11, [" pointer "], #8\n\t" \
  "sxtb16 r12, r10\n\t"                  \
  "sxtb16 r10, r10, ror #8\n\t"          \
  "sxtb16 lr, r11\n\t"                   \
  "sxtb16 r11, r11, ror #8\n\t"

#define PRODUCTS(even, odd, first, second)           \
  "smlad " first ", r12, " even ", " first "\n\t"    \
  "smlad " second ", lr, " even ", " second "\n\t"   \
  "smlad " first ", r10, " odd ", " first "\n\t"     \
  "smlad " second ", r11, " odd ", " second "\n\t"

#define BLOCK_4X1                                                              \
  "ldr r0, [r2], #4\n\tsxtb16 r3, r0\n\tsxtb16 r0, r0, ror #8\n\t"             \
  WEIGHTS("r1") PRODUCTS("r3", "r0", "r4", "r5") WEIGHTS("r8") PRODUCTS("r3", "r0", "r6", "r7")

__attribute__((naked)) void nfr_smlad_4x1(uint32_t acc[4] UNUSED, const int8_t *weights UNUSED, const int8_t *x UNUSED,
                                          uint32_t blocks UNUSED, uint32_t next_pair UNUSED,
                                          const uint32_t *start UNUSED) {
  __asm__("push {r0, r4-r11, lr}\n\tldrd r8, r12, [sp, #40]\n\tadd r8, r1\n\tldm r12, {r4-r7}\n\t"
          "subs r9, r3, #4\n\tblt 2f\n"
          "1:\n\t" BLOCK_4X1 BLOCK_4X1 BLOCK_4X1 BLOCK_4X1 "subs r9, #4\n\tbge 1b\n"
          "2:\n\tadds r9, #4\n\tbeq 4f\n"
          "3:\n\t" BLOCK_4X1 "subs r9, #1\n\tbne 3b\n"
          "4:\n\tldr r0, [sp]\n\tstm r0, {r4-r7}\n\tpop {r0, r4-r11, pc}");
}

#else

static uint32_t smlad(uint32_t a, uint32_t b, uint32_t acc) {
  return nfr_smlatt(a, b, nfr_smlabb(a, b, acc));
}

static uint32_t products(uint32_t acc, uint32_t weights, uint32_t even, uint32_t odd) {
  return smlad(nfr_sxtb16(weights), even, smlad(nfr_sxtb16_ror8(weights), odd, acc));
}

void nfr_smlad_4x1(uint32_t acc[4], const int8_t *weights, const int8_t *x, uint32_t blocks, uint32_t next_pair,
                   const uint32_t *start) {
  for (uint32_t i = 0; i < 4; i++) acc[i] = start[i];
  for (; blocks > 0; blocks--, weights += 8, x += 4) {
    uint32_t word = nfr_load_word(x), even = nfr_sxtb16(word), odd = nfr_sxtb16_ror8(word);
    for (uint32_t i = 0; i < 4; i++)
      acc[i] = products(acc[i], nfr_load_word(weights + i / 2 * next_pair + 4 * (i % 2)), even, odd);
  }
}

#endif
