/* UNIDIRECTIONAL_SEQUENCE_LSTM: a unit is one cell of one time step of one batch. Its gates and its cell state depend on
 * nothing that the step's other cells change; the new hidden state waits in the scratch until the step's last unit, since
 * every cell of the step reads the old one. */
#include <string.h>

#include "../dot.h"
#include "../element.h"
#include "../fixed_point.h"
#include "../kernels.h"
#include "../sigmoid.h"

enum { GATE_INPUT, GATE_FORGET, GATE_CELL, GATE_OUTPUT };

/* One time step of one batch. */
struct step {
  const struct nfr_op *op;
  const struct nfr_plan_lstm *p;
  const uint8_t *in, *hidden; /* of this step and batch */
  bool wide;
};

/* A fully connected product to Q3.12: 32-bit sums with int8 activations, 64-bit ones with int16. */
static int32_t product(const struct step *s, const uint8_t *x, uint32_t depth, int32_t offset, const int8_t *weights,
                       const void *bias, uint32_t cell, int32_t multiplier, int32_t shift) {
  weights += cell * depth;
  int32_t scaled;
  if (s->wide) {
    uint64_t sum = nfr_dot16((const int16_t *)(const void *)x, weights, depth, offset);
    if (bias) sum += (uint64_t)((const int64_t *)bias)[cell];
    scaled = nfr_scale_wide(sum, multiplier, shift);
  } else {
    uint32_t sum = nfr_dot8((const int8_t *)x, weights, depth, offset);
    if (bias) sum += (uint32_t)((const int32_t *)bias)[cell];
    scaled = nfr_scale((int32_t)sum, multiplier, shift);
  }
  return nfr_clamp(scaled, INT16_MIN, INT16_MAX);
}

/* Q3.12 input of a gate's activation. */
static int32_t gate(const struct step *s, unsigned index, uint32_t cell) {
  const struct nfr_plan_lstm *p = s->p;
  const struct nfr_plan_lstm_gate *g = &p->gates[index];
  int32_t sum = product(s, s->in, p->input_size, p->input_offset, nfr_constant(s->op, g->weights_input),
                        nfr_constant(s->op, g->bias), cell, g->multiplier_input, g->shift_input) +
                product(s, s->hidden, p->state_size, p->hidden_offset, nfr_constant(s->op, g->weights_recurrent), 0, cell,
                        g->multiplier_recurrent, g->shift_recurrent);
  return nfr_clamp(sum, INT16_MIN, INT16_MAX) * 3;
}

static int32_t multiply16(int32_t a, int32_t b, int32_t multiplier, int32_t shift) {
  return nfr_clamp(nfr_scale(a * b, multiplier, shift), INT16_MIN, INT16_MAX);
}

/* Updates a cell; returns its new hidden state. */
static int32_t update_cell(const struct step *s, int16_t *cell_state, uint32_t cell) {
  const struct nfr_plan_lstm *p = s->p;
  const uint16_t *table = nfr_constant(s->op, p->table);
  int32_t input = nfr_sigmoid(table, gate(s, GATE_INPUT, cell));
  int32_t forget = nfr_sigmoid(table, gate(s, GATE_FORGET, cell));
  int32_t candidate = nfr_tanh(table, gate(s, GATE_CELL, cell));
  int32_t output = nfr_sigmoid(table, gate(s, GATE_OUTPUT, cell));

  int32_t state = multiply16(forget, *cell_state, p->multiplier_forget, p->shift_forget) +
                  multiply16(input, candidate, p->multiplier_input, p->shift_input);
  state = nfr_clamp(state, INT16_MIN, INT16_MAX);
  if (p->cell_clip > 0) state = nfr_clamp(state, -p->cell_clip, p->cell_clip);
  *cell_state = (int16_t)state;

  int32_t left = p->tanh_shift > 0 ? p->tanh_shift : 0;
  int32_t activated = nfr_tanh(table, nfr_table_input(state, 3 << left, left - p->tanh_shift));
  int32_t hidden = nfr_scale(activated * output, p->multiplier_hidden, p->shift_hidden);
  hidden = nfr_add_wrap(hidden, p->output_zero_point);
  return s->wide ? nfr_clamp(hidden, INT16_MIN, INT16_MAX) : nfr_clamp(hidden, INT8_MIN, INT8_MAX);
}

void nfr_kernel_lstm(const struct nfr_op *op, uint32_t first, uint32_t count) {
  const struct nfr_plan_lstm *p = op->params;
  bool wide = nfr_is_wide(&op->in[0]);
  uint32_t row = p->state_size << wide; /* bytes of a hidden state */
  for (uint32_t end = first + count; first < end; first++) {
    uint32_t cell = first % p->state_size, at = first / p->state_size; /* at: step and batch, in the input's order */
    uint32_t batch = p->time_major ? at % p->batches : at / p->steps;
    uint8_t *hidden = op->in[1].data + batch * row;
    const uint8_t *in = op->in[0].data + at * (p->input_size << wide);
    struct step s = {.op = op, .p = p, .in = in, .hidden = hidden, .wide = wide};
    int16_t *cell_state = (int16_t *)(void *)op->in[2].data + batch * p->state_size + cell;
    nfr_store(op->scratch.data, cell, update_cell(&s, cell_state, cell), wide);
    if (cell == p->state_size - 1) {
      memcpy(hidden, op->scratch.data, row);
      memcpy(op->out.data + at * row, op->scratch.data, row);
    }
  }
}
