/* A cell of an LSTM for ARMv7E-M. A word of weights is two taps of two gates; SXTB16 makes a pair of int16 of each gate's two
 * (bytes 0 and 2, then 1 and 3), which meet two neighbouring activations in one SMLAD. */
#include "../lstm.h"
#include "intrinsics.h"

static inline int32_t ssat16(int32_t x) {
#if defined(__ARM_FEATURE_DSP) && __ARM_FEATURE_DSP
  int32_t r;
  __asm__("ssat %0, #16, %1" : "=r"(r) : "r"(x));
  return r;
#else
  return nfr_clamp(x, INT16_MIN, INT16_MAX);
#endif
}

/* nfr_requant_usual says why this is nfr_scale; is_usual is a constant. */
static inline __attribute__((always_inline)) int32_t scale(const struct nfr_lstm_scale *s, int32_t x, bool is_usual) {
  if (!is_usual) return nfr_lstm_scaled(s, x);
  int32_t y = (int32_t)nfr_smmlar((uint32_t)x, s->twice, (uint32_t)x);
  return nfr_asr_round_add(nfr_add_wrap(y, y >> 31), (uint32_t)s->right, 0);
}

/* As nfr_sigmoid and nfr_tanh (sigmoid.h). Two neighbouring entries are one word, at any even address. */
static inline uint32_t interpolate(const uint16_t *table, uint32_t at, uint32_t bits) {
  uint32_t both = nfr_load_word((const int8_t *)(table + (at >> bits))), low = both & 0xffffu;
  return (low << bits) + (at & ((1u << bits) - 1u)) * ((both >> 16) - low);
}

/* |x| < 3 x 2^15 = 192 x 2^9: never at the table's end. */
static inline int32_t sigmoid(const uint16_t *table, int32_t x) {
  uint32_t sign = (uint32_t)(x >> 31), y = interpolate(table, ((uint32_t)x ^ sign) - sign, 9);
  return (int16_t)(((y ^ sign) + (sign & 1u << 25) + (1u << 9)) >> 10);
}

static inline int32_t tanh_of(const uint16_t *table, int32_t x) {
  uint32_t sign = (uint32_t)(x >> 31), at = ((uint32_t)x ^ sign) - sign;
  uint32_t y = (at < 255u << 8 ? interpolate(table, at, 8) : 0xffffu << 8) - (1u << 23);
  return (int16_t)((int32_t)((y ^ sign) + (1u << 7)) >> 8);
}

static inline __attribute__((always_inline)) int32_t update(const struct nfr_lstm *l, const int16_t from_input[4],
                                                           const int16_t from_hidden[4], int16_t *cell_state, bool is_usual) {
  const uint16_t *table = l->table;
  int32_t kept = sigmoid(table, 3 * ssat16(from_input[1] + from_hidden[1])) * *cell_state;
  int32_t added = sigmoid(table, 3 * ssat16(from_input[0] + from_hidden[0])) * tanh_of(table, 3 * ssat16(from_input[2] + from_hidden[2]));
  int32_t state = ssat16(scale(&l->forget, kept, is_usual)) + ssat16(scale(&l->update, added, is_usual));
  state = nfr_clamp(state, l->least, l->most);
  *cell_state = (int16_t)state;
  int32_t x = state * l->tanh_multiplier;
  if (l->tanh_shift > 0) x = nfr_asr_round_add(x, (uint32_t)l->tanh_shift, 0);
  int32_t hidden = tanh_of(table, x) * sigmoid(table, 3 * ssat16(from_input[3] + from_hidden[3]));
  return nfr_clamp(nfr_add_wrap(scale(&l->output, hidden, is_usual), l->zero_point), l->low, l->high);
}

static __attribute__((noinline)) int32_t update_rarely(const struct nfr_lstm *l, const int16_t from_input[4],
                                                       const int16_t from_hidden[4], int16_t *cell_state) {
  return update(l, from_input, from_hidden, cell_state, false);
}

int32_t nfr_lstm_update(const struct nfr_lstm *l, const int16_t from_input[4], const int16_t from_hidden[4],
                        int16_t *cell_state) {
  if (!l->is_usual) return update_rarely(l, from_input, from_hidden, cell_state);
  return update(l, from_input, from_hidden, cell_state, true);
}

static __attribute__((noinline)) void scale4_rarely(const struct nfr_lstm_scale scales[4], const uint32_t sums[4], int16_t scaled[4]) {
  for (unsigned i = 0; i < 4; i++) scaled[i] = (int16_t)ssat16(nfr_lstm_scaled(&scales[i], (int32_t)sums[i]));
}

void nfr_lstm_scale4(const struct nfr_lstm *l, const struct nfr_lstm_scale scales[4], const uint32_t sums[4], int16_t scaled[4]) {
  if (!l->is_usual) {
    scale4_rarely(scales, sums, scaled);
    return;
  }
  scaled[0] = (int16_t)ssat16(scale(&scales[0], (int32_t)sums[0], true));
  scaled[1] = (int16_t)ssat16(scale(&scales[1], (int32_t)sums[1], true));
  scaled[2] = (int16_t)ssat16(scale(&scales[2], (int32_t)sums[2], true));
  scaled[3] = (int16_t)ssat16(scale(&scales[3], (int32_t)sums[3], true));
}

#if defined(__ARM_FEATURE_DSP) && __ARM_FEATURE_DSP

#define UNUSED __attribute__((unused))
#define GATE(half, word, x, sum) "sxtb16 lr, " word half "\n\tsmlad " sum ", lr, " x ", " sum "\n\t"
#define WORD(word, x, first, second) GATE("", word, x, first) GATE(", ror #8", word, x, second)

__attribute__((naked)) void nfr_lstm_products1(uint32_t sums[4] UNUSED, const int8_t *weights UNUSED, const uint32_t *x UNUSED,
                                               uint32_t blocks UNUSED) {
  __asm__("push {r4-r11, lr}\n\tmovs r4, #0\n\tmovs r5, #0\n\tmovs r6, #0\n\tmovs r7, #0\n"
          "1:\n\tldrd r8, r9, [r2], #8\n\tldrd r10, r11, [r1], #8\n\t"
          WORD("r10", "r8", "r4", "r5") WORD("r11", "r8", "r6", "r7")
          "ldrd r10, r11, [r1], #8\n\t"
          WORD("r10", "r9", "r4", "r5") WORD("r11", "r9", "r6", "r7")
          "subs r3, #1\n\tbne 1b\n\t"
          "stm r0, {r4-r7}\n\tpop {r4-r11, pc}");
}

#define GATES(half, word, first, second) \
  "sxtb16 lr, " word half "\n\tsmlad " first ", lr, r0, " first "\n\tsmlad " second ", lr, r3, " second "\n\t"
#define PAIR                                                          \
  "ldrd r0, r3, [r2], #8\n\t"                                         \
  "ldr r12, [r1], #4\n\t" GATES("", "r12", "r4", "r8") GATES(", ror #8", "r12", "r5", "r9") \
  "ldr r12, [r1], #4\n\t" GATES("", "r12", "r6", "r10") GATES(", ror #8", "r12", "r7", "r11")

/* Two registers of activations, eight sums; the counter is in memory. */
__attribute__((naked)) void nfr_lstm_products2(uint32_t sums[8] UNUSED, const int8_t *weights UNUSED, const uint32_t *x UNUSED,
                                               uint32_t blocks UNUSED, const int32_t bias[4] UNUSED) {
  __asm__("ldr r12, [sp]\n\tpush {r0, r3-r11, lr}\n\tldm r12, {r4-r7}\n\t"
          "mov r8, r4\n\tmov r9, r5\n\tmov r10, r6\n\tmov r11, r7\n"
          "1:\n\t" PAIR PAIR
          "ldr r12, [sp, #4]\n\tsubs r12, #1\n\tstr r12, [sp, #4]\n\tbne 1b\n\t"
          "pop {r0, r3}\n\tstm r0, {r4-r11}\n\tpop {r4-r11, pc}");
}

#else

static void add_products(uint32_t *sums, const int8_t *weights, const uint32_t *x, uint32_t blocks, uint32_t vectors) {
  for (uint32_t pair = 0; pair < 2 * blocks; pair++, weights += 8, x += vectors)
    for (uint32_t i = 0; i < 4 * vectors; i++) {
      uint32_t word = nfr_load_word(weights + i / 2 % 2 * 4), w = i % 2 ? nfr_sxtb16_ror8(word) : nfr_sxtb16(word);
      sums[i] = nfr_smlatt(w, x[i / 4], nfr_smlabb(w, x[i / 4], sums[i]));
    }
}

void nfr_lstm_products1(uint32_t sums[4], const int8_t *weights, const uint32_t *x, uint32_t blocks) {
  for (unsigned i = 0; i < 4; i++) sums[i] = 0;
  add_products(sums, weights, x, blocks, 1);
}

void nfr_lstm_products2(uint32_t sums[8], const int8_t *weights, const uint32_t *x, uint32_t blocks, const int32_t bias[4]) {
  for (unsigned i = 0; i < 8; i++) sums[i] = (uint32_t)bias[i % 4];
  add_products(sums, weights, x, blocks, 2);
}

#endif
