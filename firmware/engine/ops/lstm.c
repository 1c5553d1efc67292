#include "../kernels/kernels.h"
#include "../kernels/lstm_steps.h"
#include "cost.h"
#include "rule.h"
#include "types.h"

static bool is_packed(const struct nfr_op *op) {
  return op->record->layout == NFR_LAYOUT_SMLAD;
}

/* Weights and bias of a gate. */
static int check_plain(const struct nfr_op *op, const struct nfr_plan_lstm *p, const struct nfr_plan_lstm_gate *gate) {
  uint32_t bias_bytes = op->in[0].type == NFR_TYPE_INT16 ? 8 : 4, input, recurrent;
  int err = nfr_check_product((const uint32_t[]){p->state_size, p->input_size}, 2, &input);
  if (!err) err = nfr_check_product((const uint32_t[]){p->state_size, p->state_size}, 2, &recurrent);
  if (!err) err = nfr_check_constant(op, gate->weights_input, input, 1);
  if (!err) err = nfr_check_constant(op, gate->weights_recurrent, recurrent, 1);
  if (!err && gate->bias != NFR_PLAN_NONE32) err = nfr_check_constant(op, gate->bias, p->state_size, bias_bytes);
  return err;
}

/* Weights and bias of the four gates together. */
static int check_packed(const struct nfr_op *op, const struct nfr_plan_lstm *p) {
  const struct nfr_plan_lstm_gate *g = p->gates;
  if (!NFR_RULE(V76, op->in[0].type == NFR_TYPE_INT8 &&
                         (g[1].weights_input & g[1].weights_recurrent & g[1].bias & g[2].weights_input & g[2].weights_recurrent &
                          g[2].bias & g[3].weights_input & g[3].weights_recurrent & g[3].bias) == NFR_PLAN_NONE32))
    return NFR_ERR_CORRUPT;
  uint32_t gates;
  int err = nfr_check_product((const uint32_t[]){4, p->state_size}, 2, &gates);
  if (!err) err = nfr_check_constant(op, g->weights_input, (uint64_t)p->state_size * nfr_lstm_padded(p->input_size), 4);
  if (!err) err = nfr_check_constant(op, g->weights_recurrent, (uint64_t)p->state_size * nfr_lstm_padded(p->state_size), 4);
  if (!err) err = nfr_check_constant(op, g->bias, gates, 4);
  return err;
}

static int check_gate(const struct nfr_op *op, const struct nfr_plan_lstm *p, const struct nfr_plan_lstm_gate *gate) {
  int32_t most = op->in[0].type == NFR_TYPE_INT16 ? 7 : 30; /* of a shift: int16 activations accumulate in 64 bits */
  int err = is_packed(op) ? NFR_OK : check_plain(op, p, gate);
  if (!err) err = nfr_check_multiplier(gate->multiplier_input, gate->shift_input, -31, most);
  if (!err) err = nfr_check_multiplier(gate->multiplier_recurrent, gate->shift_recurrent, -31, most);
  if (!err) err = nfr_check_reserved(gate->reserved);
  return err;
}

static int check_operands(const struct nfr_op *op, const struct nfr_plan_lstm *p) {
  uint8_t type = op->in[0].type;
  uint32_t in, out, state;
  int err = nfr_check_product((const uint32_t[]){p->batches, p->steps, p->input_size}, 3, &in);
  if (!err) err = nfr_check_product((const uint32_t[]){p->batches, p->steps, p->state_size}, 3, &out);
  if (!err) err = nfr_check_product((const uint32_t[]){p->batches, p->state_size}, 2, &state);
  if (!err) err = nfr_check_activation(&op->in[0]);
  if (!err) err = nfr_check_operand(&op->in[0], type, in);
  if (!err) err = nfr_check_operand(&op->in[1], type, state);
  if (!err) err = nfr_check_operand(&op->in[2], NFR_TYPE_INT16, state);
  if (!err) err = nfr_check_operand(&op->out, type, out);
  if (!err && !is_packed(op)) err = nfr_check_operand(&op->scratch, type, p->state_size);
  if (!err && is_packed(op)) err = nfr_check_operand(&op->scratch, NFR_TYPE_INT16, nfr_lstm_scratch(p));
  return err;
}

static int check(const struct nfr_op *op) {
  const struct nfr_plan_lstm *p = op->params;
  int err = check_operands(op, p);
  if (!err && is_packed(op)) err = check_packed(op, p);
  for (unsigned i = 0; i < 4 && !err; i++) err = check_gate(op, p, &p->gates[i]);
  if (!err) err = nfr_check_constant(op, p->table, 256, 2);
  if (!err) err = nfr_check_multiplier(p->multiplier_forget, p->shift_forget, -31, 30);
  if (!err) err = nfr_check_multiplier(p->multiplier_input, p->shift_input, -31, 30);
  if (!err) err = nfr_check_multiplier(p->multiplier_hidden, p->shift_hidden, -31, 30);
  if (!err) err = nfr_check_zero_point(p->output_zero_point, op->out.type);
  if (!err) err = nfr_check_reserved((uint32_t)p->reserved | p->reserved1);
  if (err) return err;
  /* To the left, 3 x 2^14 x 2^15 is below 2^31. */
  if (!NFR_RULE(V71, p->tanh_shift >= -31 && p->tanh_shift <= 14)) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(V72, p->time_major <= 1 && p->cell_clip >= 0)) return NFR_ERR_CORRUPT;
  return NFR_OK;
}

static void units(const struct nfr_op *op, struct nfr_units *units) {
  const struct nfr_plan_lstm *p = op->params;
  if (is_packed(op)) {
    /* A cell of two steps' input, and its share of widening them; or a cell's step. */
    uint64_t in = nfr_lstm_padded(p->input_size), input = 160 + in * 9u + in * 7u / p->state_size;
    uint64_t hidden = 295 + nfr_lstm_padded(p->state_size) * 6ull;
    units->count = (uint32_t)(p->batches * nfr_lstm_units(p));
    units->cost = nfr_cost(input > hidden ? input : hidden);
    return;
  }
  units->count = p->batches * p->steps * p->state_size;
  units->cost = nfr_cost(4 * (nfr_dot_cost(op, p->input_size) + nfr_dot_cost(op, p->state_size) + 180) +
                         p->state_size * 2ull + 300);
}

static void run(const struct nfr_op *op, uint32_t first, uint32_t count) {
  if (is_packed(op))
    nfr_kernel_lstm_steps(op, first, count);
  else
    nfr_kernel_lstm(op, first, count);
}

const struct nfr_op_type nfr_op_lstm = {
    .kind = NFR_KIND_LSTM,
    .params_bytes = sizeof(struct nfr_plan_lstm),
    .operands = NFR_USES_IN0 | NFR_USES_IN1 | NFR_USES_IN2 | NFR_USES_SCRATCH,
    .state = NFR_USES_IN1 | NFR_USES_IN2,
    .layouts = 1u << NFR_LAYOUT_PLAIN | 1u << NFR_LAYOUT_SMLAD,
    .check = check,
    .units = units,
    .run = run,
};
