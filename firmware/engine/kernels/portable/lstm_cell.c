#include "../lstm.h"
#include "../sigmoid.h"

static void add_products(uint32_t *sums, const int8_t *weights, const uint32_t *x, uint32_t blocks, uint32_t vectors) {
  for (uint32_t pair = 0; pair < 2 * blocks; pair++, weights += 8, x += vectors)
    for (uint32_t i = 0; i < 4 * vectors; i++) {
      const int8_t *w = weights + i / 2 % 2 * 4 + i % 2;
      sums[i] += (uint32_t)((int16_t)(uint16_t)x[i / 4] * w[0]) + (uint32_t)((int16_t)(uint16_t)(x[i / 4] >> 16) * w[2]);
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

static int32_t scale16(const struct nfr_lstm_scale *s, int32_t x) {
  return nfr_clamp(nfr_lstm_scaled(s, x), INT16_MIN, INT16_MAX);
}

void nfr_lstm_scale4(const struct nfr_lstm *l, const struct nfr_lstm_scale scales[4], const uint32_t sums[4], int16_t scaled[4]) {
  (void)l;
  for (unsigned i = 0; i < 4; i++) scaled[i] = (int16_t)scale16(&scales[i], (int32_t)sums[i]);
}

int32_t nfr_lstm_update(const struct nfr_lstm *l, const int16_t from_input[4], const int16_t from_hidden[4],
                        int16_t *cell_state) {
  int32_t gates[4]; /* inputs of their activations, in the table's units */
  for (unsigned i = 0; i < 4; i++) gates[i] = nfr_clamp(from_input[i] + from_hidden[i], INT16_MIN, INT16_MAX) * 3;
  int32_t state = scale16(&l->forget, nfr_sigmoid(l->table, gates[1]) * *cell_state) +
                  scale16(&l->update, nfr_sigmoid(l->table, gates[0]) * nfr_tanh(l->table, gates[2]));
  state = nfr_clamp(state, l->least, l->most);
  *cell_state = (int16_t)state;
  int32_t activated = nfr_tanh(l->table, nfr_table_input(state, l->tanh_multiplier, l->tanh_shift));
  int32_t hidden = nfr_lstm_scaled(&l->output, activated * nfr_sigmoid(l->table, gates[3]));
  return nfr_clamp(nfr_add_wrap(hidden, l->zero_point), l->low, l->high);
}
