#include "plane_loops.h"

#include <string.h>

#include "intrinsics.h"

#if defined(__ARM_FEATURE_DSP) && __ARM_FEATURE_DSP

/* Whole functions in assembly: weights, sums, a pair of words and pointers are all 14 registers. What changes once a row, or
 * is needed a moment, is in registers of the FPU, which a function need not preserve: to move one or two of them takes an
 * instruction and no access. Without an FPU it is on the stack. */
#define UNUSED __attribute__((unused))

#if defined(__ARM_FP)
#define KEEP_12 "vldmia r0!, {s0-s11}\n\t"
#define KEEP_16 "vldmia r0!, {s0-s15}\n\t"
#define FORGET_12
#define FORGET_16
#define S_(n) "s" #n
#define GET(r, n) "vmov " r ", " S_(n) "\n\t"
#define PUT(r, n) "vmov " S_(n) ", " r "\n\t"
#define GET2(r, q, n, m) "vmov " r ", " q ", " S_(n) ", " S_(m) "\n\t"
#define PUT2(r, q, n, m) "vmov " S_(n) ", " S_(m) ", " r ", " q "\n\t"
#else
#define KEEP_6 "ldmia r0!, {r4-r9}\n\tstmia r1!, {r4-r9}\n\t"
#define KEEP_12 "sub sp, #48\n\tmov r1, sp\n\t" KEEP_6 KEEP_6
#define KEEP_16 "sub sp, #64\n\tmov r1, sp\n\t" KEEP_6 KEEP_6 "ldmia r0!, {r4-r7}\n\tstmia r1!, {r4-r7}\n\t"
#define FORGET_12 "add sp, #48\n\t"
#define FORGET_16 "add sp, #64\n\t"
#define GET(r, n) "ldr " r ", [sp, #4 * " #n "]\n\t"
#define PUT(r, n) "str " r ", [sp, #4 * " #n "]\n\t"
#define GET2(r, q, n, m) "ldrd " r ", " q ", [sp, #4 * " #n "]\n\t"
#define PUT2(r, q, n, m) "strd " r ", " q ", [sp, #4 * " #n "]\n\t"
#endif



__attribute__((naked)) void nfr_plane_fill_rows(const struct nfr_plane_fill *fill UNUSED) {
  /* r0 in, r1 step, r2 offsets, r3 to, r4 plane, r5 skip, r6 rows, r7 is_upper, r8 pairs, r9 is_odd, r10 pair, r11 r12 pixels */
  __asm__("push {r4-r11, lr}\n\t"
          "ldm r0, {r0-r9}\n"
          "1:\n\t"
          "cbz r7, 2f\n\t"
          "ldrh r11, [r0]\n\tadd r0, r1\n\t"
          "sxtab16 r12, r2, r11\n\tsxtab16 r11, r2, r11, ror #8\n\t"
          "strh r11, [r3, r4]\n\tstrh r12, [r3], #2\n"
          "2:\n\t"
          "movs r10, r8\n\tbeq 4f\n"
          "3:\n\t"
          "ldrh r11, [r0]\n\tldrh r12, [r0, r1]\n\tadd r0, r0, r1, lsl #1\n\t"
          "pkhbt r11, r11, r12, lsl #16\n\t"
          "sxtab16 r12, r2, r11, ror #8\n\tsxtab16 r11, r2, r11\n\t"
          "str r12, [r3, r4]\n\tstr r11, [r3], #4\n\t"
          "subs r10, #1\n\tbne 3b\n"
          "4:\n\t"
          "cmp r9, #0\n\tbeq 5f\n\t"
          "ldrh r11, [r0]\n\tadd r0, r1\n\t"
          "sxtab16 r12, r2, r11\n\tsxtab16 r11, r2, r11, ror #8\n\t"
          "strh r11, [r3, r4]\n\tstrh r12, [r3], #2\n"
          "5:\n\t"
          "add r3, r5\n\tsubs r6, #1\n\tbne 1b\n\t"
          "pop {r4-r11, pc}");
}

/* r0 r1 r2: three rows of the plane; r3 out; r4 r5 words of a row; r6 r7 sums; r8 … lr: taps (0, 1) and (1, 2) of each row
 * of the filter. */

/* Taps of a row into (0, 1) and (1, 2). */
#define TAPS(a, b)                                                              \
  "ldrsb r6, [r4]\n\tldrsb r7, [r4, r5]\n\tadd r4, r4, r5, lsl #1\n\t"          \
  "ldrsb r0, [r4]\n\tadd r4, r5\n\t"                                            \
  "pkhbt " a ", r6, r7, lsl #16\n\tpkhbt " b ", r7, r0, lsl #16\n\t"

/* Two outputs' products with a row, outputs one column apart: words are (x0, x1), (x2, x3). */
#define ROW_1(x, a, b, start)                                                   \
  "ldrd r4, r5, [" x "], #4\n\t"                                                \
  "smlad r6, " a ", r4, " start "\n\tsmlabt r7, " a ", r4, r7\n\t"              \
  "smlatb r6, " b ", r5, r6\n\tsmlad r7, " b ", r5, r7\n\t"

/* Two columns apart: a third word. */
#define ROW_2(x, a, b, start)                                                   \
  "ldrd r4, r5, [" x "], #8\n\t"                                                \
  "smlad r6, " a ", r4, " start "\n\tldr r4, [" x "]\n\t"                       \
  "smlatb r6, " b ", r5, r6\n\tsmlad r7, " a ", r5, r7\n\tsmlatb r7, " b ", r4, r7\n\t"

/* One output. */
#define ROW_ONE(x, a, b, start)                                                 \
  "ldrd r4, r5, [" x "], #4\n\t"                                                \
  "smlad r6, " a ", r4, " start "\n\tsmlatb r6, " b ", r5, r6\n\t"

#define ROWS(row) row("r0", "r8", "r9", "r7") row("r1", "r10", "r11", "r6") row("r2", "r12", "lr", "r6")

#define ROUND(sum) "add " sum ", " sum ", " sum ", asr #31\n\t"
#define SHIFT(sum) "asrs " sum ", r5\n\tadc " sum ", r4\n\tssat " sum ", #8, " sum "\n\t"

/* Pairs of outputs up to the row's end. */
#define PAIRS(row)                                                              \
  GET("r7", 3) ROWS(row)                                                        \
  GET2("r4", "r5", 0, 1) "smmlar r6, r6, r4, r6\n\tsmmlar r7, r7, r4, r7\n\t"   \
  GET("r4", 2) ROUND("r6") ROUND("r7") SHIFT("r6") SHIFT("r7")                  \
  GET2("r4", "r5", 4, 5)                                                        \
  "strb r6, [r3]\n\tstrb r7, [r3, r4]\n\tadd r3, r3, r4, lsl #1\n\tcmp r0, r5\n\t"

__attribute__((naked)) void nfr_plane_loop_3x3(struct nfr_plane_3x3 *loop UNUSED) {
  /* kept: 0 twice, 1 right, 2 offset, 3 bias, 4 step, 5 row_end, 6 skip, 7 line, 8 last, 9 is_odd, 10 is_apart, 11 pitch */
  __asm__("push {r4-r11, lr}\n\t" KEEP_12
          "ldm r0, {r1, r3, r4}\n\t" GET("r5", 4)
          TAPS("r8", "r9") TAPS("r10", "r11") TAPS("r12", "lr")
          GET("r5", 11) "mov r0, r1\n\tadd r1, r5\n\tadd r2, r1, r5\n"
          "1:\n\t" GET("r4", 10) "cbnz r4, 3f\n"
          "2:\n\t" PAIRS(ROW_1) "bne 2b\n\tb 4f\n"
          "3:\n\t" PAIRS(ROW_2) "bne 3b\n"
          "4:\n\t" GET("r4", 9) "cbz r4, 5f\n\t"
          GET("r7", 3) ROWS(ROW_ONE)
          GET2("r4", "r5", 0, 1) "smmlar r6, r6, r4, r6\n\t"
          GET("r4", 2) ROUND("r6") SHIFT("r6")
          GET("r4", 4) "strb r6, [r3]\n\tadd r3, r4\n"
          "5:\n\t" GET2("r4", "r5", 6, 7) GET("r6", 5) GET("r7", 8)
          "add r0, r4\n\tadd r1, r4\n\tadd r2, r4\n\tadd r6, r5\n\t" PUT("r6", 5)
          "cmp r6, r7\n\tbne 1b\n\t"
          FORGET_12 "pop {r4-r11, pc}");
}

/* r0 window, r1 weights, r2 words left, r3 from the first two outputs' window to the other two's, r4 r5 words of the plane,
 * r6 r7 weights, r8 … r11 sums, r12 rows of the filter left, lr from behind one to the next. */
#define SCALE(sum) "smmlar " sum ", " sum ", r4, " sum "\n\t"
#define STORE(sum) "strb " sum ", [r0]\n\tadd r0, r1\n\tsubs r2, #1\n\tbeq 5f\n\t"

__attribute__((naked)) void nfr_plane_loop_any(struct nfr_plane_any *loop UNUSED) {
  /* kept: 0 twice, 1 right, 2 offset, 3 bias, 4 step, 5 words, 6 pairs, 7 filter_rows, 8 x, 9 next_x, 10 out, 11 left,
   * 12 columns, 13 rows, 14 row_x, 15 line */
  __asm__("push {r4-r11, lr}\n\t" KEEP_16 "ldrd r3, lr, [r0]\n"
          "1:\n\t" GET("r8", 3) GET2("r1", "r2", 5, 6) GET2("r12", "r0", 7, 8)
          "mov r9, r8\n\tmov r10, r8\n\tmov r11, r8\n\tb 3f\n"
          "2:\n\t" GET("r2", 6)
          "3:\n\t"
          "ldr r5, [r0, r3]\n\tldr r4, [r0], #4\n\tldrd r6, r7, [r1], #8\n\t"
          "smlad r8, r6, r4, r8\n\tsmlad r9, r7, r4, r9\n\tsmlad r10, r6, r5, r10\n\tsmlad r11, r7, r5, r11\n\t"
          "subs r2, #1\n\tbne 3b\n\t"
          "add r0, lr\n\tsubs r12, #1\n\tbne 2b\n\t"
          GET2("r4", "r5", 0, 1) SCALE("r8") SCALE("r9") SCALE("r10") SCALE("r11")
          GET("r4", 2) ROUND("r8") ROUND("r9") ROUND("r10") ROUND("r11")
          SHIFT("r8") SHIFT("r9") SHIFT("r10") SHIFT("r11")
          GET2("r0", "r2", 10, 11) GET("r1", 4) STORE("r8") STORE("r9") STORE("r10") STORE("r11")
          PUT2("r0", "r2", 10, 11) GET2("r4", "r5", 8, 9) "add r4, r5\n\t" PUT("r4", 8) "b 1b\n"
          "5:\n\t" GET2("r4", "r5", 12, 13) PUT2("r0", "r4", 10, 11)
          GET2("r6", "r7", 14, 15) "add r6, r7\n\t" PUT("r6", 8) PUT("r6", 14)
          "subs r5, #1\n\t" PUT("r5", 13) "bne 1b\n\t"
          FORGET_16 "pop {r4-r11, pc}");
}

#else

static uint32_t smlad(uint32_t a, uint32_t b, uint32_t acc) {
  return nfr_smlatt(a, b, nfr_smlabb(a, b, acc));
}

static uint32_t word_at(const uint8_t *p) {
  uint32_t x;
  memcpy(&x, p, 4);
  return x;
}

static void store(const struct nfr_plane_scale *s, uint32_t sum, int8_t **out) {
  **out = nfr_requant_usual(sum, s->twice, s->right, s->offset);
  *out += s->step;
}

void nfr_plane_fill_rows(const struct nfr_plane_fill *f) {
  const int8_t *in = f->in;
  uint32_t columns = f->is_upper + 2 * f->pairs + f->is_odd;
  int16_t *to = f->to;
  for (uint32_t rows = f->rows; rows > 0; rows--, to += f->skip / 2)
    for (uint32_t n = columns; n > 0; n--, in += f->step, to++) {
      uint32_t pixel = (uint8_t)in[0] | (uint32_t)(uint8_t)in[1] << 8;
      to[0] = (int16_t)(uint16_t)nfr_sxtab16(f->offsets, pixel);
      to[f->plane / 2] = (int16_t)(uint16_t)nfr_sxtab16_ror8(f->offsets, pixel);
    }
}

/* A row of the filter for two outputs whose windows start in the words at x, `apart` words from each other or, with 0, a
 * column; words as the assembly loads them. */
static void row_of_two(const uint8_t *x, uint32_t a, uint32_t b, uint32_t apart, uint32_t sums[2]) {
  uint32_t x0 = word_at(x), x1 = word_at(x + 4);
  sums[0] = nfr_smlatb(b, x1, smlad(a, x0, sums[0]));
  sums[1] = apart ? nfr_smlatb(b, word_at(x + 8), smlad(a, x1, sums[1])) : smlad(b, x1, nfr_smlabt(a, x0, sums[1]));
}

void nfr_plane_loop_3x3(struct nfr_plane_3x3 *l) {
  const uint8_t *x = (const uint8_t *)l->x;
  int8_t *out = l->out;
  uint32_t taps[6];
  for (unsigned row = 0; row < 3; row++) {
    const int8_t *w = l->weights + 3 * row * l->scale.step;
    uint32_t tap[3] = {(uint32_t)w[0], (uint32_t)w[l->scale.step], (uint32_t)w[2 * l->scale.step]};
    taps[2 * row] = (tap[0] & 0xffffu) | tap[1] << 16;
    taps[2 * row + 1] = (tap[1] & 0xffffu) | tap[2] << 16;
  }
  for (; l->row_end != l->last; l->row_end += l->line, x += l->skip) {
    for (; x != l->row_end; x += l->is_apart ? 8 : 4) {
      uint32_t sums[2] = {l->scale.bias, l->scale.bias};
      for (unsigned row = 0; row < 3; row++)
        row_of_two(x + row * l->pitch, taps[2 * row], taps[2 * row + 1], l->is_apart, sums);
      store(&l->scale, sums[0], &out);
      store(&l->scale, sums[1], &out);
    }
    if (!l->is_odd) continue;
    uint32_t sum = l->scale.bias;
    for (unsigned row = 0; row < 3; row++) {
      const uint8_t *at = x + row * l->pitch;
      sum = nfr_smlatb(taps[2 * row + 1], word_at(at + 4), smlad(taps[2 * row], word_at(at), sum));
    }
    store(&l->scale, sum, &out);
    x += 4;
  }
}

void nfr_plane_loop_any(struct nfr_plane_any *l) {
  for (; l->rows > 0; l->rows--, l->row_x += l->line) {
    l->x = l->row_x;
    for (l->left = l->columns; l->left > 0; l->x += l->next_x) {
      uint32_t sums[4] = {l->scale.bias, l->scale.bias, l->scale.bias, l->scale.bias};
      const uint8_t *x = l->x;
      const uint32_t *w = l->words;
      for (uint32_t row = 0; row < l->filter_rows; row++, x += l->skip)
        for (uint32_t n = l->pairs; n > 0; n--, x += 4, w += 2)
          for (unsigned i = 0; i < 4; i++) sums[i] = smlad(w[i % 2], word_at(x + i / 2 * l->second), sums[i]);
      for (unsigned i = 0; i < 4 && l->left > 0; i++, l->left--) store(&l->scale, sums[i], &l->out);
    }
  }
}

#endif
