/* ADD, MUL, LUT, LOGISTIC16, QUANTIZE, REQUANTIZE, DEQUANTIZE. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model.h"

static const uint8_t activations[] = {NFR_TYPE_INT8, NFR_TYPE_INT16};

struct clamp {
  int32_t low, high;
};

static struct clamp range_of(uint8_t type) {
  return type == NFR_TYPE_INT8 ? (struct clamp){INT8_MIN, INT8_MAX} : (struct clamp){INT16_MIN, INT16_MAX};
}

/* Random output dims and broadcast bits; the operands with their extents. In place where the seed says and it may be. */
static void random_operands(struct op_case *c, uint32_t dims[4], uint8_t broadcast[2], uint8_t type) {
  uint32_t count = 1;
  for (unsigned d = 0; d < 4; d++) {
    dims[d] = (uint32_t)case_random(c, 1, 4);
    count *= dims[d];
  }
  case_operand(c, &c->op.out, type, count);
  for (unsigned i = 0; i < 2; i++) {
    broadcast[i] = (uint8_t)(case_random(c, 0, 2) == 0 ? 0 : case_random(c, 0, 15));
    uint32_t elements = 1;
    for (unsigned d = 0; d < 4; d++) elements *= broadcast[i] >> d & 1 ? 1 : dims[d];
    if (elements == count && case_random(c, 0, 2) == 0)
      c->op.in[i] = c->op.out;
    else
      case_operand(c, &c->op.in[i], type, elements);
  }
}

/* The operand's value for output element i. */
static int32_t broadcast_at(const int32_t *values, const uint32_t dims[4], uint8_t broadcast, uint32_t i) {
  uint32_t at[4], o = 0;
  for (unsigned d = 4; d-- > 0; i /= dims[d]) at[d] = i % dims[d];
  for (unsigned d = 0; d < 4; d++)
    if (!(broadcast >> d & 1)) o = o * dims[d] + at[d];
  return values[o];
}

/* Before a run in place the inputs are still there. */
static void remember(const struct nfr_operand *operand, int32_t values[256]) {
  for (uint32_t i = 0; i < operand->bytes / nfr_type_bytes(operand->type); i++) values[i] = model_at(operand, i);
}

static void add_is_a_sum_of_rescaled_inputs(void **state) {
  (void)state;
  for (uint32_t seed = 0; seed < 1200; seed++) {
    struct op_case c;
    uint8_t type = activations[seed & 1], broadcast[2];
    int32_t a[256], b[256];
    struct nfr_plan_add *p = case_begin(&c, NFR_KIND_ADD, seed);
    random_operands(&c, p->dims, broadcast, type);
    p->broadcast0 = broadcast[0];
    p->broadcast1 = broadcast[1];
    p->left_shift = type == NFR_TYPE_INT8 ? 20 : 15;
    p->multiplier0 = case_multiplier(&c);
    p->multiplier1 = case_multiplier(&c);
    p->multiplier_out = case_multiplier(&c);
    p->shift0 = (int8_t)case_random(&c, -4, 0);
    p->shift1 = (int8_t)case_random(&c, -4, 0);
    if (seed % 4 < 2) *(seed % 8 < 4 ? &p->shift0 : &p->shift1) = 0; /* of the larger scale, as compilers have it */
    p->shift_out = (int8_t)(-p->left_shift + case_random(&c, 0, 2));
    p->offset0 = (int16_t)(type == NFR_TYPE_INT8 ? case_random(&c, -127, 128) : 0);
    p->offset1 = (int16_t)(type == NFR_TYPE_INT8 ? case_random(&c, -127, 128) : 0);
    p->offset_out = (int16_t)(type == NFR_TYPE_INT8 ? case_random(&c, -128, 127) : 0);
    p->act_min = (int16_t)(range_of(type).low + (seed % 3 ? 0 : 5));
    p->act_max = (int16_t)(range_of(type).high - (seed % 3 ? 0 : 5));
    case_finish(&c);
    remember(&c.op.in[0], a);
    remember(&c.op.in[1], b);
    case_run(&c);
    for (uint32_t i = 0; i < c.op.out.bytes / nfr_type_bytes(type); i++) {
      int32_t x = (broadcast_at(a, p->dims, broadcast[0], i) + p->offset0) * (1 << p->left_shift);
      int32_t y = (broadcast_at(b, p->dims, broadcast[1], i) + p->offset1) * (1 << p->left_shift);
      int64_t sum = model_scale(x, p->multiplier0, p->shift0) + model_scale(y, p->multiplier1, p->shift1);
      int64_t value = model_scale((int32_t)sum, p->multiplier_out, p->shift_out) + p->offset_out;
      assert_int_equal(model_at(&c.op.out, i), model_clamp(value, p->act_min, p->act_max));
    }
    case_free(&c);
  }
}

static void mul_is_a_rescaled_product(void **state) {
  (void)state;
  for (uint32_t seed = 0; seed < 300; seed++) {
    struct op_case c;
    uint8_t type = activations[seed & 1], broadcast[2];
    int32_t a[256], b[256];
    struct nfr_plan_mul *p = case_begin(&c, NFR_KIND_MUL, seed);
    random_operands(&c, p->dims, broadcast, type);
    p->broadcast0 = broadcast[0];
    p->broadcast1 = broadcast[1];
    p->multiplier = case_multiplier(&c);
    p->shift = (int8_t)(type == NFR_TYPE_INT8 ? case_random(&c, -8, -5) : case_random(&c, -16, -13));
    p->offset0 = (int16_t)(type == NFR_TYPE_INT8 ? case_random(&c, -127, 128) : 0);
    p->offset1 = (int16_t)(type == NFR_TYPE_INT8 ? case_random(&c, -127, 128) : 0);
    p->offset_out = (int16_t)(type == NFR_TYPE_INT8 ? case_random(&c, -128, 127) : 0);
    p->act_min = (int16_t)(range_of(type).low + 5);
    p->act_max = (int16_t)(range_of(type).high - 5);
    case_finish(&c);
    remember(&c.op.in[0], a);
    remember(&c.op.in[1], b);
    case_run(&c);
    for (uint32_t i = 0; i < c.op.out.bytes / nfr_type_bytes(type); i++) {
      int32_t x = broadcast_at(a, p->dims, broadcast[0], i) + p->offset0;
      int32_t y = broadcast_at(b, p->dims, broadcast[1], i) + p->offset1;
      int64_t value = model_scale(x * y, p->multiplier, p->shift) + p->offset_out;
      assert_int_equal(model_at(&c.op.out, i), model_clamp(value, p->act_min, p->act_max));
    }
    case_free(&c);
  }
}

static void lut_looks_up(void **state) {
  (void)state;
  for (uint32_t seed = 0; seed < 4; seed++) {
    struct op_case c;
    struct nfr_plan_lut *p = case_begin(&c, NFR_KIND_LUT, seed);
    p->elements = 256;
    p->table = case_weights(&c, 256, 1);
    case_operand(&c, &c.op.in[0], NFR_TYPE_INT8, 256);
    for (int i = 0; i < 256; i++) ((int8_t *)c.op.in[0].data)[i] = (int8_t)(i - 128);
    if (seed & 1)
      c.op.out = c.op.in[0];
    else
      case_operand(&c, &c.op.out, NFR_TYPE_INT8, 256);
    case_finish(&c);
    case_run(&c);
    assert_memory_equal(c.op.out.data, case_constant_at(&c, p->table), 256); /* input i is entry i */
    case_free(&c);
  }
}

static uint32_t sigmoid_table(struct op_case *c) {
  uint16_t table[256];
  model_sigmoid_table(table);
  return case_constant(c, table, sizeof table, 2);
}

/* Input scale 2^-12 by the power-of-two path, 2^-12 by a multiplier, and 1/1000: within 2 of sigmoid(x) * 2^15. */
static void logistic16_is_the_logistic_function(void **state) {
  (void)state;
  static const struct {
    double scale;
    int32_t multiplier, shift;
  } scales[] = {{1.0 / 4096, 0, 0}, {1.0 / 4096, 3 << 12, 12}, {1.0 / 1000, 25166, 11}, {1.0 / 2048, 0, 1}};
  for (unsigned s = 0; s < sizeof scales / sizeof scales[0]; s++) {
    struct op_case c;
    struct nfr_plan_logistic16 *p = case_begin(&c, NFR_KIND_LOGISTIC16, s);
    p->elements = 4096;
    p->multiplier = scales[s].multiplier;
    p->shift = scales[s].shift;
    p->table = sigmoid_table(&c);
    case_operand(&c, &c.op.in[0], NFR_TYPE_INT16, p->elements);
    case_operand(&c, &c.op.out, NFR_TYPE_INT16, p->elements);
    for (int i = 0; i < 4096; i++) ((int16_t *)(void *)c.op.in[0].data)[i] = (int16_t)(i * 16 - 32768);
    case_finish(&c);
    case_run(&c);
    for (uint32_t i = 0; i < p->elements; i++) {
      double exact = 32768 / (1 + exp(-model_at(&c.op.in[0], i) * scales[s].scale));
      assert_true(fabs(model_at(&c.op.out, i) - fmin(exact, 32767)) <= 3);
    }
    case_free(&c);
  }
}

static void quantize_rounds_and_saturates(void **state) {
  (void)state;
  static const struct {
    float in;
    int8_t out8;
    int16_t out16;
  } expected[] = {
      {0.0f, 3, 3},       {0.25f, 4, 4},      {-0.25f, 2, 2},        {0.2499f, 3, 3},         {0.75f, 5, 5},
      {-0.75f, 1, 1},     {1e30f, 127, 32767}, {-1e30f, -128, -32768}, {INFINITY, 127, 32767}, {-INFINITY, -128, -32768},
      {NAN, -128, -32768}, {62.0f, 127, 127}, {62.25f, 127, 128},    {-65.5f, -128, -128},    {1e-40f, 3, 3},
  };
  enum { COUNT = sizeof expected / sizeof expected[0] };
  for (unsigned i = 0; i < 2; i++) {
    struct op_case c;
    struct nfr_plan_quantize *p = case_begin(&c, NFR_KIND_QUANTIZE, i);
    *p = (struct nfr_plan_quantize){.elements = COUNT, .scale = 0.5f, .zero_point = 3};
    case_operand(&c, &c.op.in[0], NFR_TYPE_FLOAT32, COUNT);
    case_operand(&c, &c.op.out, activations[i], COUNT);
    for (unsigned k = 0; k < COUNT; k++) ((float *)(void *)c.op.in[0].data)[k] = expected[k].in;
    case_finish(&c);
    case_run(&c);
    for (unsigned k = 0; k < COUNT; k++)
      assert_int_equal(model_at(&c.op.out, k), i ? expected[k].out16 : expected[k].out8);
    case_free(&c);
  }
}

/* Any float, any scale: as rounding in double does it, where that is exact. */
static void quantize_agrees_with_round(void **state) {
  (void)state;
  for (uint32_t seed = 0; seed < 20; seed++) {
    struct op_case c;
    uint8_t type = activations[seed & 1];
    struct nfr_plan_quantize *p = case_begin(&c, NFR_KIND_QUANTIZE, seed);
    *p = (struct nfr_plan_quantize){.elements = 500, .scale = (float)case_random(&c, 1, 1000) / 997.0f,
                                    .zero_point = case_random(&c, -128, 127)};
    case_operand(&c, &c.op.in[0], NFR_TYPE_FLOAT32, 500);
    case_operand(&c, &c.op.out, type, 500);
    case_finish(&c);
    case_run(&c);
    for (uint32_t i = 0; i < 500; i++) {
      float quotient = ((const float *)(const void *)c.op.in[0].data)[i] / p->scale;
      int64_t value = (int64_t)round((double)quotient) + p->zero_point;
      assert_int_equal(model_at(&c.op.out, i), model_clamp(value, range_of(type).low, range_of(type).high));
    }
    case_free(&c);
  }
}

static void requantize_rescales(void **state) {
  (void)state;
  static const uint8_t outs[] = {NFR_TYPE_INT8, NFR_TYPE_INT16, NFR_TYPE_INT32};
  for (uint32_t seed = 0; seed < 60; seed++) {
    struct op_case c;
    uint8_t in = activations[seed & 1], out = outs[seed % 3];
    struct nfr_plan_requantize *p = case_begin(&c, NFR_KIND_REQUANTIZE, seed);
    *p = (struct nfr_plan_requantize){.elements = 300, .multiplier = case_multiplier(&c), .shift = case_random(&c, -9, 9),
                                      .input_zero_point = case_random(&c, -128, 127),
                                      .output_zero_point = case_random(&c, -128, 127)};
    case_operand(&c, &c.op.in[0], in, 300);
    int32_t values[300];
    for (uint32_t i = 0; i < 300; i++) values[i] = model_at(&c.op.in[0], i);
    if (in == out)
      c.op.out = c.op.in[0];
    else
      case_operand(&c, &c.op.out, out, 300);
    case_finish(&c);
    case_run(&c);
    for (uint32_t i = 0; i < 300; i++) {
      int64_t value = model_scale(values[i] - p->input_zero_point, p->multiplier, p->shift) + p->output_zero_point;
      struct clamp clamp = out == NFR_TYPE_INT32 ? (struct clamp){INT32_MIN, INT32_MAX} : range_of(out);
      assert_int_equal(model_at(&c.op.out, i), model_clamp(value, clamp.low, clamp.high));
    }
    case_free(&c);
  }
}

static void dequantize_scales_exactly(void **state) {
  (void)state;
  for (uint32_t seed = 0; seed < 20; seed++) {
    struct op_case c;
    uint8_t type = activations[seed & 1];
    struct nfr_plan_quantize *p = case_begin(&c, NFR_KIND_DEQUANTIZE, seed);
    *p = (struct nfr_plan_quantize){.elements = 200, .scale = (float)case_random(&c, 1, 100000) / 99991.0f,
                                    .zero_point = case_random(&c, range_of(type).low, range_of(type).high)};
    case_operand(&c, &c.op.in[0], type, 200);
    case_operand(&c, &c.op.out, NFR_TYPE_FLOAT32, 200);
    case_finish(&c);
    case_run(&c);
    for (uint32_t i = 0; i < 200; i++) {
      float expected = (float)((double)p->scale * (model_at(&c.op.in[0], i) - p->zero_point));
      assert_true(((const float *)(const void *)c.op.out.data)[i] == expected);
    }
    case_free(&c);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(add_is_a_sum_of_rescaled_inputs), cmocka_unit_test(mul_is_a_rescaled_product),
      cmocka_unit_test(lut_looks_up),                    cmocka_unit_test(logistic16_is_the_logistic_function),
      cmocka_unit_test(quantize_rounds_and_saturates),   cmocka_unit_test(quantize_agrees_with_round),
      cmocka_unit_test(requantize_rescales),             cmocka_unit_test(dequantize_scales_exactly),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
