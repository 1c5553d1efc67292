/* SOFTMAX, SVDF, LSTM: against the functions themselves (softmax) and against models that keep whole arrays as the
 * definitions do (SVDF shifts all its state, an LSTM step computes gate by gate). */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kernels/lstm_steps.h"
#include "kernels/sigmoid.h"
#include "model.h"

/* TFLite's scaling of the difference to the maximum, for a scale of 1/16 per unit: Q5.26, so 2^22 a unit. */
static struct nfr_plan_softmax *make_softmax8(struct op_case *c, uint32_t rows, uint32_t depth, uint8_t out) {
  struct nfr_plan_softmax *p = case_begin(c, NFR_KIND_SOFTMAX, rows * 1000 + depth);
  *p = (struct nfr_plan_softmax){.rows = rows, .depth = depth, .multiplier = 1 << 30, .shift = 23, .diff_min = -248,
                                 .exp_table = NFR_PLAN_NONE32, .reciprocal_table = NFR_PLAN_NONE32};
  case_operand(c, &c->op.in[0], NFR_TYPE_INT8, rows * depth);
  if (out == NFR_TYPE_INT8 && depth % 2)
    c->op.out = c->op.in[0];
  else
    case_operand(c, &c->op.out, out, rows * depth);
  case_finish(c);
  return p;
}

/* Share of element i of its row, in double; values as real numbers. */
static double share(const double *row, uint32_t depth, uint32_t i) {
  double sum = 0;
  for (uint32_t k = 0; k < depth; k++) sum += exp(row[k] - row[i]);
  return 1 / sum;
}

static void softmax8_is_within_one(void **state) {
  (void)state;
  static const uint32_t depths[] = {1, 2, 3, 10, 12, 100};
  for (unsigned d = 0; d < 12; d++) {
    uint8_t out = d & 1 ? NFR_TYPE_INT16 : NFR_TYPE_INT8;
    struct op_case c;
    const struct nfr_plan_softmax *p = make_softmax8(&c, 5, depths[d / 2], out);
    double *values = malloc(5 * p->depth * sizeof *values);
    for (uint32_t i = 0; i < 5 * p->depth; i++) values[i] = model_at(&c.op.in[0], i) / 16.0;
    case_run(&c);
    for (uint32_t i = 0; i < 5 * p->depth; i++) {
      double exact = share(values + i / p->depth * p->depth, p->depth, i % p->depth) * (out == NFR_TYPE_INT8 ? 256 : 65536);
      double low = out == NFR_TYPE_INT8 ? -128 : -32768, high = -low - 1;
      assert_true(fabs(model_at(&c.op.out, i) - fmin(exact + low, high)) <= (out == NFR_TYPE_INT8 ? 0.51 : 1.5));
    }
    free(values);
    case_free(&c);
  }
}

/* The most equal elements that a row may have: the sum stays below 2^31 and every share rounds to nothing. */
static void softmax8_of_the_longest_row(void **state) {
  (void)state;
  for (unsigned wide = 0; wide < 2; wide++) {
    struct op_case c;
    make_softmax8(&c, 1, 4094 + wide, wide ? NFR_TYPE_INT16 : NFR_TYPE_INT8);
    memset(c.op.in[0].data, 77, c.op.in[0].bytes);
    case_run(&c);
    for (uint32_t i = 0; i < 4094; i += 93) assert_int_equal(model_at(&c.op.out, i), wide ? -32768 + 16 : -128);
    case_free(&c);
  }
}

static uint32_t table_of(struct op_case *c, double (*f)(double), double low, double high) {
  int16_t table[513];
  for (int i = 0; i < 513; i++) table[i] = (int16_t)fmin(32767, round(32768 * f(low + (high - low) * i / 512)));
  return case_constant(c, table, sizeof table, 2);
}

static double reciprocal_of_one_plus(double x) {
  return 1 / (1 + x);
}

/* Input scale 10/65535: the difference is the table's index. */
static void softmax16_is_near(void **state) {
  (void)state;
  for (uint32_t depth = 1; depth < 40; depth += 3) {
    struct op_case c;
    struct nfr_plan_softmax *p = case_begin(&c, NFR_KIND_SOFTMAX, depth);
    *p = (struct nfr_plan_softmax){.rows = 4, .depth = depth, .multiplier = 1 << 30, .shift = 1};
    p->exp_table = table_of(&c, exp, -10, 0);
    p->reciprocal_table = table_of(&c, reciprocal_of_one_plus, 0, 1);
    case_operand(&c, &c.op.in[0], NFR_TYPE_INT16, 4 * depth);
    if (depth % 2)
      c.op.out = c.op.in[0];
    else
      case_operand(&c, &c.op.out, NFR_TYPE_INT16, 4 * depth);
    case_finish(&c);
    double values[4 * 40];
    for (uint32_t i = 0; i < 4 * depth; i++) values[i] = model_at(&c.op.in[0], i) * 10.0 / 65535;
    case_run(&c);
    for (uint32_t i = 0; i < 4 * depth; i++) {
      double exact = fmin(share(values + i / depth * depth, depth, i % depth) * 32768, 32767);
      assert_true(fabs(model_at(&c.op.out, i) - exact) <= 60); /* the tables' coarseness; the reference has it too */
    }
    case_free(&c);
  }
}

/* Tables that are no exponentials: any sum, 0 and negative ones too. */
static void softmax16_survives_any_table(void **state) {
  (void)state;
  for (uint32_t seed = 0; seed < 40; seed++) {
    struct op_case c;
    struct nfr_plan_softmax *p = case_begin(&c, NFR_KIND_SOFTMAX, seed);
    *p = (struct nfr_plan_softmax){.rows = 2, .depth = 1 + seed % 9, .multiplier = INT32_MAX, .shift = (int8_t)(seed % 31)};
    p->exp_table = case_weights(&c, 513, 2);
    p->reciprocal_table = case_weights(&c, 513, 2);
    if (seed < 8) memset(c.constants, (int)(seed & 1 ? 0xff : 0), c.constant_bytes);
    case_operand(&c, &c.op.in[0], NFR_TYPE_INT16, 2 * p->depth);
    case_operand(&c, &c.op.out, NFR_TYPE_INT16, 2 * p->depth);
    case_finish(&c);
    case_run(&c);
    case_free(&c);
  }
}

/* As the reference does it: all of the state moves on by one element, then each filter's last place is written. */
static void svdf_model(const struct op_case *c, const struct nfr_plan_svdf *p, int32_t *memory, int8_t *out) {
  bool wide = c->op.in[2].type == NFR_TYPE_INT16;
  const int8_t *feature = case_constant_at(c, p->weights_feature);
  const void *time = case_constant_at(c, p->weights_time);
  const int32_t *bias = case_constant_at(c, p->bias);
  uint32_t count = p->batches * p->filters * p->memory, units = p->filters / p->rank;
  memmove(memory, memory + 1, (count - 1) * sizeof *memory);
  for (uint32_t b = 0; b < p->batches; b++)
    for (uint32_t f = 0; f < p->filters; f++) {
      int64_t sum = 0;
      for (uint32_t i = 0; i < p->depth; i++)
        sum += feature[f * p->depth + i] * (model_at(&c->op.in[0], b * p->depth + i) - p->input_zero_point);
      int32_t limit = wide ? INT16_MAX : INT8_MAX;
      int32_t value = model_clamp(model_scale((int32_t)sum, p->multiplier1, p->shift1), -limit - 1, limit) + p->state_zero_point;
      memory[(b * p->filters + f) * p->memory + p->memory - 1] = wide ? (int16_t)value : (int8_t)value;
    }
  for (uint32_t b = 0; b < p->batches; b++)
    for (uint32_t u = 0; u < units; u++) {
      int64_t sum = bias ? bias[u] : 0;
      for (uint32_t k = u * p->rank * p->memory; k < (u + 1) * p->rank * p->memory; k++)
        sum += (int64_t)(wide ? ((const int16_t *)time)[k] : ((const int8_t *)time)[k]) *
               (memory[b * p->filters * p->memory + k] - p->state_zero_point);
      int64_t value = model_scale((int32_t)(uint32_t)sum, p->multiplier2, p->shift2) + p->output_zero_point;
      out[b * units + u] = (int8_t)model_clamp(value, -128, 127);
    }
}

static void svdf_keeps_its_memory(void **state) {
  (void)state;
  for (uint32_t seed = 0; seed < 60; seed++) {
    struct op_case c;
    bool wide = seed & 1;
    struct nfr_plan_svdf *p = case_begin(&c, NFR_KIND_SVDF, seed);
    p->batches = (uint32_t)case_random(&c, 1, 2);
    p->depth = (uint32_t)case_random(&c, 1, 9);
    p->rank = (uint16_t)case_random(&c, 1, 3);
    p->filters = p->rank * (uint32_t)case_random(&c, 1, 5);
    p->memory = (uint32_t)case_random(&c, 1, 6);
    uint32_t units = p->filters / p->rank, count = p->batches * p->filters * p->memory;
    p->weights_feature = case_weights(&c, p->filters * p->depth, 1);
    p->weights_time = case_weights(&c, p->filters * p->memory, wide ? 2 : 1);
    p->bias = seed & 2 ? case_weights(&c, units, 4) : NFR_PLAN_NONE32;
    p->multiplier1 = case_multiplier(&c);
    p->multiplier2 = case_multiplier(&c);
    p->shift1 = wide ? -1 : -9;
    p->shift2 = (int8_t)(seed & 2 ? -24 : wide ? -23 : -7);
    p->state_zero_point = (int16_t)(wide ? 0 : case_random(&c, -20, 20));
    p->input_zero_point = (int16_t)case_random(&c, -128, 127);
    p->output_zero_point = (int16_t)case_random(&c, -50, 50);
    case_operand(&c, &c.op.in[0], NFR_TYPE_INT8, p->batches * p->depth);
    case_operand(&c, &c.op.in[2], wide ? NFR_TYPE_INT16 : NFR_TYPE_INT8, count);
    case_operand(&c, &c.op.out, NFR_TYPE_INT8, p->batches * units);
    case_finish(&c);
    int32_t memory[2 * 15 * 6];
    for (uint32_t i = 0; i < count; i++) memory[i] = model_at(&c.op.in[2], i);
    for (unsigned time = 0; time < 8; time++) {
      int8_t expected[2 * 5];
      for (uint32_t i = 0; i < c.op.in[0].bytes; i++) c.op.in[0].data[i] = (uint8_t)case_random(&c, 0, 255);
      svdf_model(&c, p, memory, expected);
      case_run(&c);
      assert_memory_equal(c.op.out.data, expected, c.op.out.bytes);
      for (uint32_t i = 0; i < count; i++) assert_int_equal(model_at(&c.op.in[2], i), memory[i]);
    }
    case_free(&c);
  }
}

enum { MOST_CELLS = 9 };

/* Q3.12 sums of one gate for all cells of a batch. */
static void gate_model(const struct op_case *c, const struct nfr_plan_lstm *p, unsigned g, uint32_t at, const int32_t *hidden,
                       int32_t sums[MOST_CELLS]) {
  bool wide = c->op.in[0].type == NFR_TYPE_INT16;
  const struct nfr_plan_lstm_gate *gate = &p->gates[g];
  const int8_t *wi = case_constant_at(c, gate->weights_input), *wr = case_constant_at(c, gate->weights_recurrent);
  const void *bias = case_constant_at(c, gate->bias);
  for (uint32_t s = 0; s < p->state_size; s++) {
    int64_t input = bias ? wide ? ((const int64_t *)bias)[s] : ((const int32_t *)bias)[s] : 0, recurrent = 0;
    for (uint32_t i = 0; i < p->input_size; i++)
      input += wi[s * p->input_size + i] * (model_at(&c->op.in[0], at * p->input_size + i) + p->input_offset);
    for (uint32_t i = 0; i < p->state_size; i++) recurrent += wr[s * p->state_size + i] * (hidden[i] + p->hidden_offset);
    int64_t a = wide ? model_scale_wide(input, gate->multiplier_input, gate->shift_input)
                     : model_scale((int32_t)input, gate->multiplier_input, gate->shift_input);
    int64_t b = wide ? model_scale_wide(recurrent, gate->multiplier_recurrent, gate->shift_recurrent)
                     : model_scale((int32_t)recurrent, gate->multiplier_recurrent, gate->shift_recurrent);
    sums[s] = model_clamp(model_clamp(a, INT16_MIN, INT16_MAX) + model_clamp(b, INT16_MIN, INT16_MAX), INT16_MIN, INT16_MAX);
  }
}

static int32_t mul16(int32_t a, int32_t b, int32_t multiplier, int32_t shift) {
  return model_clamp(model_scale(a * b, multiplier, shift), INT16_MIN, INT16_MAX);
}

/* One step of one batch: all gates from the old hidden state, then all cells, then the hidden state. */
static void step_model(const struct op_case *c, const struct nfr_plan_lstm *p, uint32_t at, int32_t *hidden, int32_t *cells) {
  const uint16_t *table = case_constant_at(c, p->table);
  int32_t gates[4][MOST_CELLS];
  for (unsigned g = 0; g < 4; g++) {
    gate_model(c, p, g, at, hidden, gates[g]);
    for (uint32_t s = 0; s < p->state_size; s++)
      gates[g][s] = g == 2 ? nfr_tanh(table, 3 * gates[g][s]) : nfr_sigmoid(table, 3 * gates[g][s]);
  }
  for (uint32_t s = 0; s < p->state_size; s++) {
    int32_t kept = mul16(gates[1][s], cells[s], p->multiplier_forget, p->shift_forget);
    int32_t added = mul16(gates[0][s], gates[2][s], p->multiplier_input, p->shift_input);
    cells[s] = model_clamp(kept + added, INT16_MIN, INT16_MAX);
    if (p->cell_clip > 0) cells[s] = model_clamp(cells[s], -p->cell_clip, p->cell_clip);
  }
  int32_t limit = c->op.in[0].type == NFR_TYPE_INT16 ? INT16_MAX : INT8_MAX;
  for (uint32_t s = 0; s < p->state_size; s++) {
    int32_t x = p->tanh_shift >= 0 ? cells[s] * 3 * (1 << p->tanh_shift)
                                   : (int32_t)floor(cells[s] * 3.0 / (1 << -p->tanh_shift) + 0.5);
    int64_t value = model_scale(nfr_tanh(table, x) * gates[3][s], p->multiplier_hidden, p->shift_hidden);
    hidden[s] = model_clamp(value + p->output_zero_point, -limit - 1, limit);
  }
}

static uint32_t sigmoid_table(struct op_case *c) {
  uint16_t table[256];
  model_sigmoid_table(table);
  return case_constant(c, table, sizeof table, 2);
}

static struct nfr_plan_lstm *make_lstm(struct op_case *c, uint32_t seed) {
  bool wide = seed & 1;
  struct nfr_plan_lstm *p = case_begin(c, NFR_KIND_LSTM, seed);
  p->batches = (uint32_t)case_random(c, 1, 3);
  p->steps = (uint32_t)case_random(c, 1, 4);
  p->input_size = (uint32_t)case_random(c, 1, 13);
  p->state_size = (uint32_t)case_random(c, 1, MOST_CELLS);
  p->time_major = (uint8_t)case_random(c, 0, 1);
  p->tanh_shift = (int8_t)case_random(c, -3, 2);
  p->cell_clip = (int16_t)(seed & 2 ? 9000 : 0);
  p->multiplier_forget = p->multiplier_input = p->multiplier_hidden = 1 << 30;
  p->shift_forget = -14;
  p->shift_input = (int8_t)case_random(c, -17, -14);
  p->shift_hidden = wide ? -14 : -22;
  p->input_offset = (int16_t)(wide ? 0 : case_random(c, -128, 127));
  p->output_zero_point = (int16_t)(wide ? 0 : case_random(c, -60, 60));
  p->hidden_offset = (int16_t)-p->output_zero_point;
  p->table = sigmoid_table(c);
  for (unsigned g = 0; g < 4; g++) {
    struct nfr_plan_lstm_gate *gate = &p->gates[g];
    gate->weights_input = case_weights(c, p->state_size * p->input_size, 1);
    gate->weights_recurrent = case_weights(c, p->state_size * p->state_size, 1);
    gate->bias = NFR_PLAN_NONE32;
    if (case_random(c, 0, 1)) {
      int64_t wide_bias[MOST_CELLS];
      int32_t bias[MOST_CELLS];
      for (uint32_t i = 0; i < p->state_size; i++) wide_bias[i] = bias[i] = case_random(c, -20000, 20000);
      gate->bias = wide ? case_constant(c, wide_bias, p->state_size * 8, 8) : case_constant(c, bias, p->state_size * 4, 4);
    }
    gate->multiplier_input = case_multiplier(c);
    gate->multiplier_recurrent = case_multiplier(c);
    gate->shift_input = gate->shift_recurrent = wide ? -10 : -3;
  }
  return p;
}

/* NFR_LAYOUT_SMLAD: of a cell two taps at a time, of the first two gates and of the others. */
static uint32_t pack_gates(struct op_case *c, const struct nfr_plan_lstm *p, const uint32_t plain[4], uint32_t depth) {
  uint32_t padded = (depth + 3) / 4 * 4;
  int8_t packed[MOST_CELLS * 4 * 16] = {0};
  for (uint32_t g = 0; g < 4; g++)
    for (uint32_t s = 0; s < p->state_size; s++)
      for (uint32_t k = 0; k < depth; k++)
        packed[s * 4 * padded + k / 2 * 8 + g / 2 * 4 + k % 2 * 2 + g % 2] = (int8_t)c->constants[plain[g] + s * depth + k];
  return case_constant(c, packed, p->state_size * 4 * padded, 4);
}

static void pack_lstm(struct op_case *c, struct nfr_plan_lstm *p) {
  uint32_t input[4], recurrent[4];
  int32_t bias[MOST_CELLS * 4] = {0};
  for (uint32_t g = 0; g < 4; g++) {
    struct nfr_plan_lstm_gate *gate = &p->gates[g];
    input[g] = gate->weights_input;
    recurrent[g] = gate->weights_recurrent;
    for (uint32_t s = 0; s < p->state_size && gate->bias != NFR_PLAN_NONE32; s++)
      bias[s * 4 + g] = ((const int32_t *)(const void *)(c->constants + gate->bias))[s];
    gate->weights_input = gate->weights_recurrent = gate->bias = NFR_PLAN_NONE32;
  }
  c->record.frame.layout = NFR_LAYOUT_SMLAD;
  p->gates[0].weights_input = pack_gates(c, p, input, p->input_size);
  p->gates[0].weights_recurrent = pack_gates(c, p, recurrent, p->state_size);
  p->gates[0].bias = case_constant(c, bias, p->state_size * 16, 4);
}

/* Multipliers that are not normal and shifts to the left too. */
static void make_rare(struct op_case *c, struct nfr_plan_lstm *p) {
  for (uint32_t g = 0; g < 4; g++) {
    p->gates[g].multiplier_input = case_random(c, 0, 1 << 30);
    p->gates[g].shift_input = (int8_t)case_random(c, -5, 3);
    p->gates[g].shift_recurrent = (int8_t)case_random(c, -5, 1);
  }
  p->multiplier_forget = 3 << 28;
  p->shift_hidden++;
}

static void finish_lstm(struct op_case *c, const struct nfr_plan_lstm *p, uint8_t type) {
  bool packed = c->record.frame.layout == NFR_LAYOUT_SMLAD;
  case_operand(c, &c->op.in[0], type, p->batches * p->steps * p->input_size);
  case_operand(c, &c->op.in[1], type, p->batches * p->state_size);
  case_operand(c, &c->op.in[2], NFR_TYPE_INT16, p->batches * p->state_size);
  case_operand(c, &c->op.out, type, p->batches * p->steps * p->state_size);
  if (packed)
    case_operand(c, &c->op.scratch, NFR_TYPE_INT16, (uint32_t)nfr_lstm_scratch(p));
  else
    case_operand(c, &c->op.scratch, type, p->state_size);
  case_finish(c);
}

static void lstm_is_gate_by_gate(uint32_t seeds, bool packed) {
  for (uint32_t seed = 0; seed < seeds; seed++) {
    struct op_case c;
    struct nfr_plan_lstm *p = make_lstm(&c, packed ? 2 * seed : seed);
    if (seed % 4 == 3) make_rare(&c, p);
    const struct nfr_plan_lstm plain = *p;
    if (packed) pack_lstm(&c, p);
    finish_lstm(&c, p, packed || seed % 2 == 0 ? NFR_TYPE_INT8 : NFR_TYPE_INT16);
    int32_t hidden[3 * MOST_CELLS], cells[3 * MOST_CELLS];
    for (uint32_t i = 0; i < p->batches * p->state_size; i++) {
      hidden[i] = model_at(&c.op.in[1], i);
      cells[i] = model_at(&c.op.in[2], i);
    }
    case_run(&c);
    for (uint32_t t = 0; t < p->steps; t++)
      for (uint32_t b = 0; b < p->batches; b++) {
        uint32_t at = p->time_major ? t * p->batches + b : b * p->steps + t;
        step_model(&c, &plain, at, hidden + b * p->state_size, cells + b * p->state_size);
        for (uint32_t s = 0; s < p->state_size; s++)
          assert_int_equal(model_at(&c.op.out, at * p->state_size + s), hidden[b * p->state_size + s]);
      }
    for (uint32_t i = 0; i < p->batches * p->state_size; i++) {
      assert_int_equal(model_at(&c.op.in[1], i), hidden[i]);
      assert_int_equal(model_at(&c.op.in[2], i), cells[i]);
    }
    case_free(&c);
  }
}

static void lstm_steps_gate_by_gate(void **state) {
  (void)state;
  lstm_is_gate_by_gate(120, false);
}

static void packed_lstm_steps_gate_by_gate(void **state) {
  (void)state;
  lstm_is_gate_by_gate(1500, true);
}

/* The tables' functions: within 3 of Q15 over the whole range, odd and saturated at its ends. */
static void sigmoid_and_tanh_are_those_functions(void **state) {
  (void)state;
  uint16_t table[256];
  model_sigmoid_table(table);
  for (int32_t x = -200000; x <= 200000; x += 37) {
    double real = x / 12288.0;
    assert_true(fabs(nfr_sigmoid(table, x) - fmin(32767, 32768 / (1 + exp(-real)))) <= 3);
    assert_true(fabs(nfr_tanh(table, x) - fmax(-32767, fmin(32767, 32768 * tanh(real)))) <= 6);
  }
  assert_int_equal(nfr_sigmoid(table, INT32_MAX), 32767);
  assert_int_equal(nfr_sigmoid(table, INT32_MIN), 1); /* as the reference: 1 - 32767 / 32768 */
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(softmax8_is_within_one),      cmocka_unit_test(softmax8_of_the_longest_row),
      cmocka_unit_test(softmax16_is_near),           cmocka_unit_test(softmax16_survives_any_table),
      cmocka_unit_test(svdf_keeps_its_memory),       cmocka_unit_test(lstm_steps_gate_by_gate),
      cmocka_unit_test(packed_lstm_steps_gate_by_gate),
      cmocka_unit_test(sigmoid_and_tanh_are_those_functions),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
