/* The arithmetic again, for tests: slow and literal, after the definitions and not after the kernels. */
#ifndef NFR_TEST_MODEL_H
#define NFR_TEST_MODEL_H

#include <math.h>

#include "op_case.h"

/* x / n to the nearest integer, halves away from zero. */
static inline int64_t model_divide(__int128 x, __int128 n) {
  return (int64_t)((x < 0 ? x - n / 2 : x + n / 2) / n);
}

/* The high multiply of the reference: half away from zero, but halves of negatives towards zero by its nudge. */
static inline int64_t model_high_mul(int64_t a, int64_t b) {
  int64_t product = a * b;
  return (product + (product >= 0 ? 1 << 30 : 1 - (1 << 30))) / (1ll << 31);
}

static inline int64_t model_scale(int32_t x, int32_t multiplier, int shift) {
  int32_t shifted = (int32_t)((uint32_t)x * (1u << (shift > 0 ? shift : 0)));
  return model_divide(model_high_mul(shifted, multiplier), (__int128)1 << (shift > 0 ? 0 : -shift));
}

static inline int64_t model_scale_wide(int64_t x, int32_t multiplier, int shift) {
  int64_t reduced = multiplier >= 0x7fff0000 ? 0x7fff : (multiplier + 0x8000ll) / 0x10000;
  __int128 sum = (__int128)x * reduced + ((__int128)1 << (14 - shift));
  return (int64_t)(sum >> (15 - shift));
}

static inline int32_t model_clamp(int64_t x, int32_t low, int32_t high) {
  return (int32_t)(x < low ? low : x > high ? high : x);
}

static inline int32_t model_at(const struct nfr_operand *operand, uint32_t index) {
  if (operand->type == NFR_TYPE_INT8) return ((const int8_t *)operand->data)[index];
  if (operand->type == NFR_TYPE_INT16) return ((const int16_t *)(const void *)operand->data)[index];
  return ((const int32_t *)(const void *)operand->data)[index];
}

static inline int32_t model_requant(const struct op_case *c, const struct nfr_plan_requant *q, int64_t acc, uint32_t channel) {
  uint32_t k = q->flags & NFR_REQUANT_PER_CHANNEL ? channel : 0;
  int32_t multiplier = ((const int32_t *)case_constant_at(c, q->multipliers))[k];
  int8_t shift = ((const int8_t *)case_constant_at(c, q->shifts))[k];
  const void *bias = case_constant_at(c, q->bias);
  if (bias) acc += q->flags & NFR_REQUANT_BIAS64 ? ((const int64_t *)bias)[channel] : ((const int32_t *)bias)[channel];
  int64_t scaled = q->flags & NFR_REQUANT_ACC64 ? model_scale_wide(acc, multiplier, shift)
                                                : model_scale((int32_t)(uint32_t)acc, multiplier, shift);
  return model_clamp(scaled + q->output_offset, q->act_min, q->act_max);
}


/* The table of int16 LOGISTIC and LSTM: 2^16 sigmoid(i / 24), raised by half the interpolation's error at the midpoint. */
static inline double model_sigmoid(double i) {
  return 65536 / (1 + exp(-i / 24));
}

static inline void model_sigmoid_table(uint16_t table[256]) {
  for (int i = 0; i < 255; i++) {
    double error = model_sigmoid(i + 0.5) - (model_sigmoid(i) + model_sigmoid(i + 1)) / 2;
    table[i] = (uint16_t)floor(model_sigmoid(i) + error / 2 + 0.5);
  }
  table[255] = 65535;
}

#endif
