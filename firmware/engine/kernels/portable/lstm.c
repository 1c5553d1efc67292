/* UNIDIRECTIONAL_SEQUENCE_LSTM: a unit is one cell of one time step of one batch. Its gates and its cell state depend on
 * nothing that the step's other cells change; the new hidden state waits in the scratch until the step's last unit, since
 * every cell of the step reads the old one. */
#include <string.h>

#include "../dot.h"
#include "../kernels.h"
#include "../lstm.h"

static struct nfr_lstm_scale scale_of(struct nfr_lstm *l, int32_t multiplier, int32_t shift) {
  l->is_usual = l->is_usual && multiplier >= 1 << 30 && shift < 0;
  return (struct nfr_lstm_scale){.twice = (uint32_t)multiplier << 1, .right = -shift};
}

void nfr_lstm_of(const struct nfr_op *op, struct nfr_lstm *l) {
  const struct nfr_plan_lstm *p = op->params;
  bool wide = nfr_is_wide(&op->in[0]);
  l->is_usual = true;
  for (unsigned i = 0; i < 4; i++) {
    const struct nfr_plan_lstm_gate *g = &p->gates[i];
    l->input[i] = scale_of(l, g->multiplier_input, g->shift_input);
    l->hidden[i] = scale_of(l, g->multiplier_recurrent, g->shift_recurrent);
  }
  l->forget = scale_of(l, p->multiplier_forget, p->shift_forget);
  l->update = scale_of(l, p->multiplier_input, p->shift_input);
  l->output = scale_of(l, p->multiplier_hidden, p->shift_hidden);
  l->table = nfr_constant(op, p->table);
  int32_t left = p->tanh_shift > 0 ? p->tanh_shift : 0;
  l->tanh_multiplier = 3 << left;
  l->tanh_shift = left - p->tanh_shift;
  l->least = p->cell_clip > 0 ? -p->cell_clip : INT16_MIN;
  l->most = p->cell_clip > 0 ? p->cell_clip : INT16_MAX;
  l->zero_point = p->output_zero_point;
  l->low = wide ? INT16_MIN : INT8_MIN;
  l->high = wide ? INT16_MAX : INT8_MAX;
}

/* One time step of one batch. */
struct step {
  const struct nfr_op *op;
  const struct nfr_plan_lstm *p;
  const uint8_t *in, *hidden; /* of this step and batch */
  bool wide;
};

/* A fully connected product to Q3.12: 32-bit sums with int8 activations, 64-bit ones with int16. */
static int16_t product(const struct step *s, const uint8_t *x, uint32_t depth, int32_t offset, const int8_t *weights,
                       const void *bias, uint32_t cell, const struct nfr_lstm_scale *scale) {
  weights += cell * depth;
  int32_t scaled;
  if (s->wide) {
    uint64_t sum = nfr_dot16((const int16_t *)(const void *)x, weights, depth, offset);
    if (bias) sum += (uint64_t)((const int64_t *)bias)[cell];
    scaled = nfr_scale_wide(sum, (int32_t)(scale->twice >> 1), -scale->right);
  } else {
    uint32_t sum = nfr_dot8((const int8_t *)x, weights, depth, offset);
    if (bias) sum += (uint32_t)((const int32_t *)bias)[cell];
    scaled = nfr_lstm_scaled(scale, (int32_t)sum);
  }
  return (int16_t)nfr_clamp(scaled, INT16_MIN, INT16_MAX);
}

/* Updates a cell; returns its new hidden state. */
static int32_t update_cell(const struct step *s, const struct nfr_lstm *l, int16_t *cell_state, uint32_t cell) {
  const struct nfr_plan_lstm *p = s->p;
  int16_t from_input[4], from_hidden[4];
  for (unsigned i = 0; i < 4; i++) {
    const struct nfr_plan_lstm_gate *g = &p->gates[i];
    from_input[i] = product(s, s->in, p->input_size, p->input_offset, nfr_constant(s->op, g->weights_input),
                            nfr_constant(s->op, g->bias), cell, &l->input[i]);
    from_hidden[i] = product(s, s->hidden, p->state_size, p->hidden_offset, nfr_constant(s->op, g->weights_recurrent), 0, cell,
                             &l->hidden[i]);
  }
  return nfr_lstm_update(l, from_input, from_hidden, cell_state);
}

void nfr_kernel_lstm(const struct nfr_op *op, uint32_t first, uint32_t count) {
  const struct nfr_plan_lstm *p = op->params;
  bool wide = nfr_is_wide(&op->in[0]);
  uint32_t row = p->state_size << wide; /* bytes of a hidden state */
  struct nfr_lstm l;
  nfr_lstm_of(op, &l);
  for (uint32_t end = first + count; first < end; first++) {
    uint32_t cell = first % p->state_size, at = first / p->state_size; /* at: step and batch, in the input's order */
    uint32_t batch = p->time_major ? at % p->batches : at / p->steps;
    uint8_t *hidden = op->in[1].data + batch * row;
    const uint8_t *in = op->in[0].data + at * (p->input_size << wide);
    struct step s = {.op = op, .p = p, .in = in, .hidden = hidden, .wide = wide};
    int16_t *cell_state = (int16_t *)(void *)op->in[2].data + batch * p->state_size + cell;
    nfr_store(op->scratch.data, cell, update_cell(&s, &l, cell_state, cell), wide);
    if (cell == p->state_size - 1) {
      memcpy(hidden, op->scratch.data, row);
      memcpy(op->out.data + at * row, op->scratch.data, row);
    }
  }
}
