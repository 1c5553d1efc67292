#include "smlad_block.h"

#include "intrinsics.h"

#if defined(__ARM_FEATURE_DSP) && __ARM_FEATURE_DSP

/* Whole functions in assembly: six sums, four pairs of weights, two pairs of activations and two pointers are all 14
 * registers, of which a compiler spills some; the counter lies on the stack and is touched every fourth block.
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

#define PIXEL(first, second) "ldrd r0, r3, [r2], #8\n\t" PRODUCTS("r0", "r3", first, second)

#define BLOCK_2X1 WEIGHTS("r1") PIXEL("r4", "r5")
#define BLOCK_2X2 WEIGHTS("r1") PIXEL("r4", "r6") PIXEL("r5", "r7")
#define BLOCK_2X3 WEIGHTS("r1") PIXEL("r4", "r7") PIXEL("r5", "r8") PIXEL("r6", "r9")

/* r3 blocks: four at a time, then the rest. */
#define LOOPS(block)                                                                   \
  "subs r3, #4\n\tstr r3, [sp, #4]\n\tblt 2f\n"                                        \
  "1:\n\t" block block block block                                                     \
  "ldr r12, [sp, #4]\n\tsubs r12, #4\n\tstr r12, [sp, #4]\n\tbge 1b\n"                 \
  "2:\n\tldr r12, [sp, #4]\n\tadds r12, #4\n\tbeq 4f\n\tstr r12, [sp, #4]\n"           \
  "3:\n\t" block                                                                       \
  "ldr r12, [sp, #4]\n\tsubs r12, #1\n\tstr r12, [sp, #4]\n\tbne 3b\n"                 \
  "4:\n\t"

#define ENTER "push {r4-r11, lr}\n\tldr r12, [sp, #36]\n\tsub sp, #12\n\tstr r0, [sp]\n\t"
#define LEAVE(sums) "ldr r0, [sp]\n\tstm r0, {" sums "}\n\tadd sp, #12\n\tpop {r4-r11, pc}"

__attribute__((naked)) void nfr_smlad_2x1(uint32_t acc[2] UNUSED, const int8_t *weights UNUSED,
                                          const uint32_t *windows UNUSED, uint32_t blocks UNUSED, const uint32_t *start UNUSED) {
  __asm__(ENTER "ldrd r4, r5, [r12]\n\t" LOOPS(BLOCK_2X1) LEAVE("r4-r5"));
}

__attribute__((naked)) void nfr_smlad_2x2(uint32_t acc[4] UNUSED, const int8_t *weights UNUSED,
                                          const uint32_t *windows UNUSED, uint32_t blocks UNUSED, const uint32_t *start UNUSED) {
  __asm__(ENTER "ldrd r4, r6, [r12]\n\tmov r5, r4\n\tmov r7, r6\n\t" LOOPS(BLOCK_2X2) LEAVE("r4-r7"));
}

__attribute__((naked)) void nfr_smlad_2x3(uint32_t acc[6] UNUSED, const int8_t *weights UNUSED,
                                          const uint32_t *windows UNUSED, uint32_t blocks UNUSED, const uint32_t *start UNUSED) {
  __asm__(ENTER "ldrd r4, r7, [r12]\n\tmov r5, r4\n\tmov r6, r4\n\tmov r8, r7\n\tmov r9, r7\n\t" LOOPS(BLOCK_2X3)
              LEAVE("r4-r9"));
}

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

static void smlad_2xn(uint32_t *acc, const int8_t *weights, const uint32_t *windows, uint32_t blocks, const uint32_t *start,
                      uint32_t pixels) {
  for (uint32_t i = 0; i < 2 * pixels; i++) acc[i] = start[i / pixels];
  for (; blocks > 0; blocks--, weights += 8, windows += 2 * pixels)
    for (uint32_t i = 0; i < 2 * pixels; i++) {
      const uint32_t *x = windows + 2 * (i % pixels);
      acc[i] = products(acc[i], nfr_load_word(weights + 4 * (i / pixels)), x[0], x[1]);
    }
}

void nfr_smlad_2x1(uint32_t acc[2], const int8_t *weights, const uint32_t *windows, uint32_t blocks, const uint32_t *start) {
  smlad_2xn(acc, weights, windows, blocks, start, 1);
}

void nfr_smlad_2x2(uint32_t acc[4], const int8_t *weights, const uint32_t *windows, uint32_t blocks, const uint32_t *start) {
  smlad_2xn(acc, weights, windows, blocks, start, 2);
}

void nfr_smlad_2x3(uint32_t acc[6], const int8_t *weights, const uint32_t *windows, uint32_t blocks, const uint32_t *start) {
  smlad_2xn(acc, weights, windows, blocks, start, 3);
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
