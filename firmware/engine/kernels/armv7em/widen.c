#include "widen.h"

#include "intrinsics.h"

#if defined(__ARM_FEATURE_DSP) && __ARM_FEATURE_DSP

#define UNUSED __attribute__((unused))

/* 8 instructions and 3 accesses a word. r0 to, r1 the stride in bytes, r2 from, r3 words to come, r12 and lr words, r4 to r6
 * of struct nfr_window_rows. */
__attribute__((naked)) uint32_t *nfr_widen(uint32_t *to UNUSED, uint32_t stride UNUSED, const int8_t *from UNUSED,
                                           const struct nfr_window_rows *rows UNUSED) {
  __asm__("push {r4-r6, lr}\n\tldm r3, {r4-r6}\n\tlsls r1, #2\n"
          "1:\n\tmov r3, r4\n"
          "2:\n\tldr r12, [r2], #4\n\tsxtb16 lr, r12\n\tsxtb16 r12, r12, ror #8\n\tstr lr, [r0]\n\tstr r12, [r0, r1]\n\t"
          "add r0, r0, r1, lsl #1\n\tsubs r3, #1\n\tbne 2b\n\t"
          "add r2, r6\n\tsubs r5, #1\n\tbne 1b\n\tpop {r4-r6, pc}");
}

/* 13 instructions and 9 accesses for three words: so few because STM stores three. r1, r2, r3 the pixels, r4 to r9 their
 * words, r10 to r12 of struct nfr_window_rows, lr words to come. */
__attribute__((naked)) void nfr_widen_3(uint32_t *to UNUSED, const int8_t *from UNUSED, int32_t step UNUSED,
                                        const struct nfr_window_rows *rows UNUSED) {
  __asm__("push {r4-r11, lr}\n\tldm r3, {r10-r12}\n\tadd r3, r1, r2, lsl #1\n\tadd r2, r1\n"
          "1:\n\tmov lr, r10\n"
          "2:\n\tldr r4, [r1], #4\n\tldr r5, [r2], #4\n\tldr r6, [r3], #4\n\t"
          "sxtb16 r7, r4\n\tsxtb16 r8, r5\n\tsxtb16 r9, r6\n\tstm r0!, {r7-r9}\n\t"
          "sxtb16 r7, r4, ror #8\n\tsxtb16 r8, r5, ror #8\n\tsxtb16 r9, r6, ror #8\n\tstm r0!, {r7-r9}\n\t"
          "subs lr, #1\n\tbne 2b\n\t"
          "add r1, r12\n\tadd r2, r12\n\tadd r3, r12\n\tsubs r11, #1\n\tbne 1b\n\tpop {r4-r11, pc}");
}

/* The rest of a row goes as the word that ends with it. r2 to r5 of struct nfr_window_rows, r6 words to come. */
__attribute__((naked)) void nfr_stage(int8_t *to UNUSED, const int8_t *from UNUSED, const struct nfr_window_rows *rows UNUSED) {
  __asm__("push {r4-r7, lr}\n\tldm r2, {r2-r5}\n\tsub lr, r5, #4\n"
          "1:\n\tmov r6, r2\n"
          "2:\n\tldr r7, [r1], #4\n\tstr r7, [r0], #4\n\tsubs r6, #1\n\tbne 2b\n\t"
          "add r0, lr\n\tldr r7, [r1, lr]\n\tstr r7, [r0], #4\n\t"
          "add r1, r4\n\tsubs r3, #1\n\tbne 1b\n\tpop {r4-r7, pc}");
}

#else

static const int8_t *row_at(const int8_t *from, const struct nfr_window_rows *rows, uint32_t row) {
  return from + (int32_t)(row * (4u * rows->words + (uint32_t)rows->skip));
}

static void widen_word(uint32_t *to, uint32_t stride, const int8_t *from) {
  uint32_t word = nfr_load_word(from);
  to[0] = nfr_sxtb16(word);
  to[stride] = nfr_sxtb16_ror8(word);
}

uint32_t *nfr_widen(uint32_t *to, uint32_t stride, const int8_t *from, const struct nfr_window_rows *rows) {
  for (uint32_t row = 0; row < rows->count; row++)
    for (uint32_t i = 0; i < rows->words; i++, to += 2u * stride) widen_word(to, stride, row_at(from, rows, row) + 4u * i);
  return to;
}

void nfr_widen_3(uint32_t *to, const int8_t *from, int32_t step, const struct nfr_window_rows *rows) {
  for (uint32_t i = 0; i < 3; i++) nfr_widen(to + i, 3, from + (int32_t)i * step, rows);
}

void nfr_stage(int8_t *to, const int8_t *from, const struct nfr_window_rows *rows) {
  uint32_t bytes = 4u * rows->words + rows->rest;
  for (uint32_t row = 0; row < rows->count; row++, to += bytes) memcpy(to, row_at(from, rows, row), bytes);
}

#endif
