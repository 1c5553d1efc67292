/* A whole function in assembly: eight sums, a word of activations as two pairs, two words of weights and two pointers are all
 * fourteen registers; what else there is lies in s0 to s8, or on the stack where there is no FPU.
 *
 * Of each word of weights (channel_pair.h) and activations: SMLAD sums both units of a pair, SXTB16 in the weights' place
 * leaves the low unit's, SMLAD again sums that. Four taps are 31 instructions for 32 products.
 *
 * Registers: r0 activations, r1 weights, r2 and r3 their even and odd pairs, r4 to r11 the sums of four pairs, low and both in
 * turns, r12 and lr weights. */
#include "fc_group.h"

#include "intrinsics.h"

#if defined(__ARM_FEATURE_DSP) && __ARM_FEATURE_DSP

#define UNUSED __attribute__((unused))

#ifdef __ARM_FP
#define ENTER "push {r4-r11, lr}\n\tvldmia r0, {s0-s8}\n\tldr r1, [r0, #36]\n\t"
#define LEAVE "pop {r4-r11, pc}"
#define X_AND_SKIPPED "vmov r0, r2, s0, s1\n\t"
#define X_END "vmov r2, s2\n\t"
#define SUMS "vmov r2, s3\n\t"
#define SCALE "vmov r0, r2, s4, s5\n\tvmov r3, s6\n\t"
#define OUT "vmov r0, r2, s7, s8\n\t"
#define KEEP_OUT "vmov s7, r0\n\t"
#else
#define ENTER                                                                     \
  "push {r4-r11, lr}\n\tsub sp, #36\n\tldr r1, [r0, #36]\n\tldm r0, {r3-r11}\n\t" \
  "stm sp, {r3-r11}\n\t"
#define LEAVE "add sp, #36\n\tpop {r4-r11, pc}"
#define X_AND_SKIPPED "ldrd r0, r2, [sp]\n\t"
#define X_END "ldr r2, [sp, #8]\n\t"
#define SUMS "ldr r2, [sp, #12]\n\t"
#define SCALE "ldrd r0, r2, [sp, #16]\n\tldr r3, [sp, #24]\n\t"
#define OUT "ldrd r0, r2, [sp, #28]\n\t"
#define KEEP_OUT "str r0, [sp, #28]\n\t"
#endif

#define SMLAD(sum, w, x) "smlad " sum ", " w ", " x ", " sum "\n\t"
/* A pair of units: its words of taps 0 and 2, and of 1 and 3. */
#define PAIR(low, both)                                                                               \
  "ldrd r12, lr, [r1], #8\n\t" SMLAD(both, "r12", "r2") SMLAD(both, "lr", "r3")                         \
  "sxtb16 r12, r12\n\tsxtb16 lr, lr\n\t" SMLAD(low, "r12", "r2") SMLAD(low, "lr", "r3")
/* ldr.w, and every other instruction here is four bytes anyway. */
#define BLOCK                                                                                         \
  "ldr.w r3, [r0], #4\n\tsxtb16 r2, r3\n\tsxtb16 r3, r3, ror #8\n\t" PAIR("r4", "r5") PAIR("r6", "r7") \
  PAIR("r8", "r9") PAIR("r10", "r11")

/* Three words to four biases (nfr_fc_high_bias), the fourth in r12. */
#define HIGH_BIASES                                                                                   \
  "ldm r1!, {r0, r2, r3}\n\tuxtb r12, r0\n\tbfi r12, r2, #8, #8\n\tbfi r12, r3, #16, #8\n\t"          \
  "sbfx r12, r12, #0, #24\n\tasr r0, r0, #8\n\tasr r2, r2, #8\n\tasr r3, r3, #8\n\t"
#define HIGH(low, both, bias) "sub " both ", " both ", " low "\n\tadd " both ", " bias ", " both ", asr #8\n\t"
#define OUTPUT(sum)                                                                                   \
  "smmlar " sum ", " sum ", r0, " sum "\n\tadd " sum ", " sum ", " sum ", asr #31\n\t"                \
  "asrs " sum ", " sum ", r2\n\tadc " sum ", " sum ", r3\n\tssat " sum ", #8, " sum "\n\t"
#define WORD(a, b, c, d) \
  "bfi " a ", " b ", #8, #8\n\tbfi " a ", " c ", #16, #8\n\tbfi " a ", " d ", #24, #8\n\tstr " a ", [r0], #4\n\t"

__attribute__((naked)) void nfr_fc_run(const struct nfr_fc_run *run UNUSED) {
  __asm__(ENTER
          "1:\n\tldm r1!, {r4, r6, r8, r10}\n\tmov r5, r4\n\tmov r7, r6\n\tmov r9, r8\n\tmov r11, r10\n\t"
          X_AND_SKIPPED "add pc, r2\n\tnop\n" /* pc reads as the place behind the nop */
          "2:\n\t" BLOCK "4:\n\t.if 4b - 2b != 124\n\t.error \"a block has another size\"\n\t.endif\n\t" /* NFR_FC_BLOCK_CODE */
          BLOCK BLOCK BLOCK X_END "cmp r0, r2\n\tbne 2b\n\t"
          SUMS "cbz r2, 3f\n\tstm r2, {r4-r11}\n\t" LEAVE
          "\n3:\n\t" HIGH_BIASES
          HIGH("r4", "r5", "r0") HIGH("r6", "r7", "r2") HIGH("r8", "r9", "r3") HIGH("r10", "r11", "r12")
          SCALE OUTPUT("r4") OUTPUT("r5") OUTPUT("r6") OUTPUT("r7") OUTPUT("r8") OUTPUT("r9") OUTPUT("r10") OUTPUT("r11")
          OUT WORD("r4", "r5", "r6", "r7") WORD("r8", "r9", "r10", "r11") KEEP_OUT "cmp r0, r2\n\tbne 1b\n\t" LEAVE);
}

#else

#include <string.h>

#include "../channel_pair.h"
#include "../fc_groups.h"

static uint32_t load(const uint8_t **p) {
  uint32_t x;
  memcpy(&x, *p, sizeof x);
  *p += sizeof x;
  return x;
}

static int8_t to_output(const struct nfr_fc_run *run, uint32_t sum) {
  int32_t x = (int32_t)nfr_smmlar(sum, run->twice, sum);
  return (int8_t)nfr_ssat8(nfr_asr_round_add((int32_t)((uint32_t)x + (uint32_t)(x >> 31)), run->right, run->offset));
}

void nfr_fc_run(const struct nfr_fc_run *run) {
  const uint8_t *at = run->groups;
  int8_t *out = run->out;
  do {
    uint32_t sums[8];
    for (unsigned i = 0; i < 8; i += 2) sums[i] = sums[i + 1] = load(&at);
    for (const int8_t *x = run->x; x != run->x_end; x += 4) {
      uint32_t even = nfr_sxtb16(nfr_load_word(x)), odd = nfr_sxtb16_ror8(nfr_load_word(x));
      for (unsigned i = 0; i < 8; i += 2) {
        uint32_t first = load(&at), second = load(&at);
        sums[i + 1] = nfr_smlad(second, odd, nfr_smlad(first, even, sums[i + 1]));
        sums[i] = nfr_smlad(nfr_sxtb16(second), odd, nfr_smlad(nfr_sxtb16(first), even, sums[i]));
      }
    }
    if (run->sums) {
      memcpy(run->sums, sums, sizeof sums);
      return;
    }
    for (unsigned i = 0; i < 8; i += 2) {
      out[i] = to_output(run, sums[i]);
      out[i + 1] = to_output(run, nfr_pair_high(sums[i + 1], sums[i]) + nfr_fc_high_bias(at, 4, i / 2));
    }
    at += 12;
    out += 8;
  } while (out != run->out_end);
}

#endif
