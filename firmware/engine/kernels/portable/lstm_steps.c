/* UNIDIRECTIONAL_SEQUENCE_LSTM with NFR_LAYOUT_SMLAD: two time steps of a batch after two others. First units that weigh both
 * steps' inputs, a cell each; then, step by step, units that weigh the hidden state and update a cell. A step's new hidden
 * state is in the output until its last unit, since every cell of the step reads the old one. */
#include <string.h>

#include "../kernels.h"
#include "../lstm.h"
#include "../lstm_steps.h"

struct layer {
  const struct nfr_op *op;
  const struct nfr_plan_lstm *p;
  const int8_t *weights_input, *weights_hidden;
  const int32_t *bias;
  uint32_t input_padded, hidden_padded;
  uint32_t *hidden, *inputs; /* widened */
  int16_t *given;            /* by the inputs to the gates: step by step and cell by cell */
  struct nfr_lstm cell;
};

/* Cells first … end - 1 of a step, or of the inputs of the steps from it on. */
struct part {
  uint32_t batch, step, first, end;
};

static uint32_t pair(int32_t first, int32_t second) {
  return (uint32_t)(uint16_t)first | (uint32_t)second << 16;
}

/* `depth` elements and an offset as pairs of int16, `step` words apart, with zeros up to whole blocks of four. */
static void widen(uint32_t *to, uint32_t step, const int8_t *x, uint32_t depth, int32_t offset) {
  const int8_t *end = x + (depth & ~1u);
  for (; x != end; x += 2, to += step) *to = pair(x[0] + offset, x[1] + offset);
  if (depth % 4u == 0) return;
  if (depth % 2u != 0) {
    *to = pair(*x + offset, 0);
    to += step;
  }
  if (depth % 4u < 3u) *to = 0;
}

/* Where a step of a batch lies in input and output. */
static uint32_t place_of(const struct nfr_plan_lstm *p, uint32_t batch, uint32_t step) {
  return p->time_major ? step * p->batches + batch : batch * p->steps + step;
}

static void weigh_inputs(const struct layer *l, const struct part *part) {
  const struct nfr_plan_lstm *p = l->p;
  for (uint32_t s = 0; s < NFR_LSTM_STEPS && part->first == 0; s++) { /* the last step of an odd number goes twice */
    uint32_t place = place_of(p, part->batch, nfr_min(part->step + s, p->steps - 1u));
    widen(l->inputs + s, NFR_LSTM_STEPS, (const int8_t *)l->op->in[0].data + place * p->input_size, p->input_size, p->input_offset);
  }
  for (uint32_t i = part->first; i < part->end; i++) {
    uint32_t sums[4 * NFR_LSTM_STEPS];
    nfr_lstm_products2(sums, l->weights_input + i * 4u * l->input_padded, l->inputs, l->input_padded / 4u, l->bias + 4u * i);
    for (uint32_t s = 0; s < NFR_LSTM_STEPS; s++)
      nfr_lstm_scale4(&l->cell, l->cell.input, sums + 4u * s, l->given + 4u * (s * p->state_size + i));
  }
}

static void update_cells(const struct layer *l, const struct part *part) {
  const struct nfr_plan_lstm *p = l->p;
  const uint32_t size = p->state_size;
  int8_t *hidden = (int8_t *)l->op->in[1].data + part->batch * size;
  int8_t *out = (int8_t *)l->op->out.data + place_of(p, part->batch, part->step) * size;
  int16_t *cells = (int16_t *)(void *)l->op->in[2].data + part->batch * size;
  if (part->first == 0) widen(l->hidden, 1, hidden, size, p->hidden_offset);
  for (uint32_t i = part->first; i < part->end; i++) {
    uint32_t sums[4];
    int16_t given[4];
    nfr_lstm_products1(sums, l->weights_hidden + i * 4u * l->hidden_padded, l->hidden, l->hidden_padded / 4u);
    nfr_lstm_scale4(&l->cell, l->cell.hidden, sums, given);
    out[i] = (int8_t)nfr_lstm_update(&l->cell, l->given + 4u * (part->step % NFR_LSTM_STEPS * size + i), given, cells + i);
  }
  if (part->end == size) memcpy(hidden, out, size);
}

static void layer_of(const struct nfr_op *op, struct layer *l) {
  const struct nfr_plan_lstm *p = op->params;
  *l = (struct layer){
      .op = op,
      .p = p,
      .weights_input = nfr_constant(op, p->gates[0].weights_input),
      .weights_hidden = nfr_constant(op, p->gates[0].weights_recurrent),
      .bias = nfr_constant(op, p->gates[0].bias),
      .input_padded = nfr_lstm_padded(p->input_size),
      .hidden_padded = nfr_lstm_padded(p->state_size),
      .hidden = (uint32_t *)(void *)op->scratch.data,
  };
  l->inputs = l->hidden + l->hidden_padded / 2u;
  l->given = (int16_t *)(void *)(l->inputs + NFR_LSTM_STEPS * l->input_padded / 2u);
  nfr_lstm_of(op, &l->cell);
}

void nfr_kernel_lstm_steps(const struct nfr_op *op, uint32_t first, uint32_t count) {
  struct layer l;
  layer_of(op, &l);
  const struct nfr_plan_lstm *p = l.p;
  uint32_t size = p->state_size, units = (uint32_t)nfr_lstm_units(p), block = (1u + NFR_LSTM_STEPS) * size;
  while (count > 0) {
    uint32_t unit = first % units, step = unit / block * NFR_LSTM_STEPS, row = unit % block / size, cell = unit % size;
    struct part part = {.batch = first / units, .first = cell, .end = cell + nfr_min(count, size - cell)};
    part.step = row == 0 ? step : step + row - 1u;
    if (row == 0)
      weigh_inputs(&l, &part);
    else
      update_cells(&l, &part);
    first += part.end - cell;
    count -= part.end - cell;
  }
}
