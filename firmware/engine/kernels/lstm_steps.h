/* UNIDIRECTIONAL_SEQUENCE_LSTM with NFR_LAYOUT_SMLAD (SPEC.md section 6): two time steps at a time, its units, its scratch. */
#ifndef NFR_LSTM_STEPS_H
#define NFR_LSTM_STEPS_H

#include "../nfr_plan.h"

#define NFR_LSTM_STEPS 2u /* whose input is weighed together, so that its weights are read once for them */

/* Activations or weights of a row, a multiple of 4. */
static inline uint32_t nfr_lstm_padded(uint32_t depth) {
  return (depth + 3u) & ~3u;
}

/* Units of a batch. A cell is one for each step, and one for each NFR_LSTM_STEPS steps of input. */
static inline uint64_t nfr_lstm_units(const struct nfr_plan_lstm *p) {
  return (p->steps + ((uint64_t)p->steps + 1u) / NFR_LSTM_STEPS) * p->state_size;
}

/* int16 elements: the hidden state and NFR_LSTM_STEPS inputs, widened; what those inputs give to the four gates of each cell. */
static inline uint64_t nfr_lstm_scratch(const struct nfr_plan_lstm *p) {
  uint64_t state = p->state_size;
  return ((state + 3u) & ~3ull) + NFR_LSTM_STEPS * (((uint64_t)p->input_size + 3u) & ~3ull) + NFR_LSTM_STEPS * 4u * state;
}

#endif
