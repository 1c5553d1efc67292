/* UNIDIRECTIONAL_SEQUENCE_LSTM: what its two kernels (of whole rows of weights, and of NFR_LAYOUT_SMLAD) share, and what a
 * backend may do faster: lstm_cell.c. */
#ifndef NFR_LSTM_H
#define NFR_LSTM_H

#include "element.h"
#include "fixed_point.h"

/* A multiplier, resolved: twice its mantissa, and its shift to the right. */
struct nfr_lstm_scale {
  uint32_t twice;
  int32_t right;
};

/* A record, resolved, so that a cell reads nothing of the plan but weights, bias and table. */
struct nfr_lstm {
  struct nfr_lstm_scale input[4], hidden[4]; /* of the gates */
  struct nfr_lstm_scale forget, update, output;
  bool is_usual; /* all mantissas are at least 2^30, all shifts to the right */
  const uint16_t *table;
  int32_t tanh_multiplier, tanh_shift; /* of nfr_table_input */
  int32_t least, most;                 /* of the cell state */
  int32_t zero_point, low, high;       /* of the output */
};

static inline int32_t nfr_lstm_scaled(const struct nfr_lstm_scale *s, int32_t x) {
  return nfr_scale(x, (int32_t)(s->twice >> 1), -s->right);
}

void nfr_lstm_of(const struct nfr_op *op, struct nfr_lstm *l);

/* Sums over `blocks` > 0 of four products, modulo 2^32, of a cell's four gates. weights: the cell's, 4-byte aligned; x: pairs of
 * int16, with two vectors (NFR_LSTM_STEPS) in turns. Two: from `bias` on, sums[4 x vector + gate]. */
void nfr_lstm_products1(uint32_t sums[4], const int8_t *weights, const uint32_t *x, uint32_t blocks);
void nfr_lstm_products2(uint32_t sums[8], const int8_t *weights, const uint32_t *x, uint32_t blocks, const int32_t bias[4]);

/* Sums of the four gates, scaled and saturated. */
void nfr_lstm_scale4(const struct nfr_lstm *l, const struct nfr_lstm_scale scales[4], const uint32_t sums[4], int16_t scaled[4]);

/* Updates a cell from what the input and the hidden state give to its gates (Q3.12); returns its new hidden state. */
int32_t nfr_lstm_update(const struct nfr_lstm *l, const int16_t from_input[4], const int16_t from_hidden[4],
                        int16_t *cell_state);

#endif
