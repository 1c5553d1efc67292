/* Whole functions in assembly, one for each number of pixels: from C a compiler spills in the inner loop, and what a pair
 * of channels costs around it would be as much as the products of a small convolution.
 *
 * A halfword of weights is 256 x high + low (SPEC.md section 6). Per word: SMLAD of it with each pixel's word sums both
 * channels, SXTB16 in its place leaves the low one, SMLAD again sums that.
 *
 * Registers: r0 windows, r1 pairs, r2 rounds, r3 and r4 weights, r5 to r7 a word of each pixel, r8 to r10 low sums, r11, r12
 * and lr those over both. Behind the loop: r0 out, r2 first the high bias, then the step, r3 and r4 multipliers, r5 shifts,
 * r6 the output's offset, r7 the end. What is not in use lies in s0 to s6, or on the stack where there is no FPU. */
#include "pair_tile.h"

#include "../channel_pair.h"
#include "intrinsics.h"

#if defined(__ARM_FEATURE_DSP) && __ARM_FEATURE_DSP

#define UNUSED __attribute__((unused))

#ifdef __ARM_FP
#define ENTER "push {r4-r11, lr}\n\tldr r1, [r0, #28]\n\tvldmia r0, {s0-s6}\n\t"
#define LEAVE "pop {r4-r11, pc}"
#define WINDOWS_AND_ROUNDS "vmov r0, r2, s0, s1\n\t"
#define SKIPPED "vmov r3, s2\n\t"
#define OFFSET_AND_END "vmov r6, r7, s3, s4\n\t"
#define OUT_AND_STEP "vmov r0, r2, s5, s6\n\t"
#define KEEP_OUT "vmov s5, r0\n\t"
#else
#define ENTER                                                                    \
  "push {r4-r11, lr}\n\tsub sp, #28\n\tldr r1, [r0, #28]\n\tldm r0, {r3-r9}\n\t" \
  "stm sp, {r3-r9}\n\t"
#define LEAVE "add sp, #28\n\tpop {r4-r11, pc}"
#define WINDOWS_AND_ROUNDS "ldrd r0, r2, [sp]\n\t"
#define SKIPPED "ldr r3, [sp, #8]\n\t"
#define OFFSET_AND_END "ldrd r6, r7, [sp, #12]\n\t"
#define OUT_AND_STEP "ldrd r0, r2, [sp, #20]\n\t"
#define KEEP_OUT "str r0, [sp, #20]\n\t"
#endif

#define SMLAD(sum, w, x) "smlad " sum ", " w ", " x ", " sum "\n\t"
#define WEIGHTS "ldrd r3, r4, [r1], #8\n\t"
#define LOW(w) "sxtb16 " w ", " w "\n\t"

/* Four taps: NFR_PAIR_BLOCK_CODE bytes. */
#define BLOCK_1                                                                      \
  WEIGHTS "ldrd r5, r6, [r0], #8\n\t" SMLAD("r11", "r3", "r5") LOW("r3") SMLAD("r8", "r3", "r5") \
  SMLAD("r11", "r4", "r6") LOW("r4") SMLAD("r8", "r4", "r6")
#define WORD_2(w)                                                                        \
  "ldm r0!, {r5, r6}\n\t" SMLAD("r11", w, "r5") SMLAD("r12", w, "r6") LOW(w) SMLAD("r8", w, "r5") \
  SMLAD("r9", w, "r6")
#define BLOCK_2 WEIGHTS WORD_2("r3") WORD_2("r4")
#define WORD_3(w)                                                                                         \
  "ldm r0!, {r5-r7}\n\t" SMLAD("r11", w, "r5") SMLAD("r12", w, "r6") SMLAD("lr", w, "r7") LOW(w)          \
  SMLAD("r8", w, "r5") SMLAD("r9", w, "r6") SMLAD("r10", w, "r7")
#define BLOCK_3 WEIGHTS WORD_3("r3") WORD_3("r4")

/* A jump into the blocks counts on their size, whatever an assembler makes of an instruction that has two encodings. */
#define SIZE_IS(bytes) "3:\n\t.if 3b - 2b != " bytes "\n\t.error \"a block has another size\"\n\t.endif\n\t"
static_assert(NFR_PAIR_BLOCK_CODE(1) == 32 && NFR_PAIR_BLOCK_CODE(2) == 48 && NFR_PAIR_BLOCK_CODE(3) == 64, "as in the loops");

/* Four blocks a round; the first round starts within them. pc reads as the place behind the nop. */
#define LOOP(block, bytes)                                                              \
  SKIPPED WINDOWS_AND_ROUNDS "add pc, r3\n\tnop\n2:\n\t" block SIZE_IS(bytes) block block block \
  "subs r2, #1\n\tbne 2b\n\t"

#define HIGH(low, both) "sub " both ", " both ", " low "\n\tadd " both ", r2, " both ", asr #8\n\t"
#define OUTPUT(sum, multiplier)                                                                              \
  "smmlar " sum ", " sum ", " multiplier ", " sum "\n\tadd " sum ", " sum ", " sum ", asr #31\n\t"           \
  "asrs " sum ", " sum ", r5\n\tadc " sum ", " sum ", r6\n\tssat " sum ", #8, " sum "\n\t"
#define BOTH(low, high) "bfi " low ", " high ", #8, #8\n\t"

#define NEXT_PAIR "adds r0, #2\n\t" KEEP_OUT "cmp r1, r7\n\tbne 1b\n\t"

__attribute__((naked)) void nfr_pair_tile_1(const struct nfr_pair_tile *t UNUSED) {
  __asm__(ENTER
          "1:\n\tldr r8, [r1], #4\n\tmov r11, r8\n\t" LOOP(BLOCK_1, "32")
          "ldm r1!, {r2-r5}\n\t" OFFSET_AND_END HIGH("r8", "r11") OUTPUT("r8", "r3") "lsrs r5, #8\n\t" OUTPUT("r11", "r4")
          OUT_AND_STEP BOTH("r8", "r11") "strh r8, [r0]\n\t" NEXT_PAIR LEAVE);
}

__attribute__((naked)) void nfr_pair_tile_2(const struct nfr_pair_tile *t UNUSED) {
  __asm__(ENTER
          "1:\n\tldr r8, [r1], #4\n\tmov r9, r8\n\tmov r11, r8\n\tmov r12, r8\n\t" LOOP(BLOCK_2, "48")
          "ldm r1!, {r2-r5}\n\t" OFFSET_AND_END HIGH("r8", "r11") HIGH("r9", "r12")
          OUTPUT("r8", "r3") OUTPUT("r9", "r3") "lsrs r5, #8\n\t" OUTPUT("r11", "r4") OUTPUT("r12", "r4")
          OUT_AND_STEP BOTH("r8", "r11") "strh r8, [r0]\n\t" BOTH("r9", "r12") "strh r9, [r0, r2]\n\t" NEXT_PAIR LEAVE);
}

__attribute__((naked)) void nfr_pair_tile_3(const struct nfr_pair_tile *t UNUSED) {
  __asm__(ENTER
          "1:\n\tldr r8, [r1], #4\n\tmov r9, r8\n\tmov r10, r8\n\tmov r11, r8\n\tmov r12, r8\n\tmov lr, r8\n\t"
          LOOP(BLOCK_3, "64")
          "ldm r1!, {r2-r5}\n\t" OFFSET_AND_END HIGH("r8", "r11") HIGH("r9", "r12") HIGH("r10", "lr")
          OUTPUT("r8", "r3") OUTPUT("r9", "r3") OUTPUT("r10", "r3") "lsrs r5, #8\n\t"
          OUTPUT("r11", "r4") OUTPUT("r12", "r4") OUTPUT("lr", "r4")
          OUT_AND_STEP BOTH("r8", "r11") "strh r8, [r0]\n\t" BOTH("r9", "r12") "strh r9, [r0, r2]\n\t"
          BOTH("r10", "lr") "strh r10, [r0, r2, lsl #1]\n\t" NEXT_PAIR LEAVE);
}

#else

#include <string.h>

static uint32_t smlad(uint32_t a, uint32_t b, uint32_t acc) {
  return nfr_smlatt(a, b, nfr_smlabb(a, b, acc));
}

static uint32_t load(const uint8_t **p) {
  uint32_t x;
  memcpy(&x, *p, sizeof x);
  *p += sizeof x;
  return x;
}

static int8_t to_output(uint32_t sum, const struct nfr_pair_tail *tail, uint32_t channel, int32_t offset) {
  int32_t x = (int32_t)nfr_smmlar(sum, tail->multipliers[channel], sum);
  return (int8_t)nfr_ssat8(nfr_asr_round_add((int32_t)((uint32_t)x + (uint32_t)(x >> 31)), tail->right[channel], offset));
}

static void pair_tile(const struct nfr_pair_tile *t, uint32_t pixels) {
  int8_t *out = t->out;
  for (const uint8_t *at = t->pairs; at != t->end; out += 2) {
    uint32_t low[3], both[3];
    low[0] = low[1] = low[2] = both[0] = both[1] = both[2] = load(&at);
    const uint32_t *x = t->windows;
    for (uint32_t words = 2u * (4u * t->rounds - t->skipped / NFR_PAIR_BLOCK_CODE(pixels)); words > 0; words--, x += pixels) {
      uint32_t w = load(&at);
      for (uint32_t i = 0; i < pixels; i++) {
        both[i] = smlad(w, x[i], both[i]);
        low[i] = smlad(nfr_sxtb16(w), x[i], low[i]);
      }
    }
    struct nfr_pair_tail tail;
    memcpy(&tail, at, sizeof tail);
    at += sizeof tail;
    for (uint32_t i = 0; i < pixels; i++) {
      int8_t *to = out + (int32_t)i * t->step;
      to[0] = to_output(low[i], &tail, 0, t->output_offset);
      to[1] = to_output(nfr_pair_high(both[i], low[i]) + tail.bias, &tail, 1, t->output_offset);
    }
  }
}

void nfr_pair_tile_1(const struct nfr_pair_tile *t) {
  pair_tile(t, 1);
}

void nfr_pair_tile_2(const struct nfr_pair_tile *t) {
  pair_tile(t, 2);
}

void nfr_pair_tile_3(const struct nfr_pair_tile *t) {
  pair_tile(t, 3);
}

#endif
