#include "op_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

int32_t case_random(struct op_case *c, int32_t low, int32_t high) {
  c->seed = c->seed * 1664525u + 1013904223u;
  return low + (int32_t)((uint64_t)(c->seed >> 8) * ((uint64_t)(high - low) + 1u) >> 24);
}

void *case_begin(struct op_case *c, uint8_t kind, uint32_t seed) {
  memset(c, 0, sizeof *c);
  c->seed = seed * 2654435761u + 1u;
  c->type = nfr_op_type_of(kind);
  assert_non_null(c->type);
  assert_int_equal(c->type->kind, kind);
  c->constants = malloc(CASE_MAX_CONSTANTS);
  assert_non_null(c->constants);
  c->record.frame.kind = kind;
  c->record.frame.bytes = (uint16_t)(sizeof c->record.frame + c->type->params_bytes);
  return c->record.params;
}

void case_operand(struct op_case *c, struct nfr_operand *operand, uint8_t type, uint32_t count) {
  operand->type = type;
  operand->bytes = count * nfr_type_bytes(type);
  operand->data = malloc(operand->bytes);
  assert_non_null(operand->data);
  if (type == NFR_TYPE_FLOAT32) {
    for (uint32_t i = 0; i < count; i++) ((float *)(void *)operand->data)[i] = (float)case_random(c, -2000, 2000) / 64.0f;
  } else {
    for (uint32_t i = 0; i < operand->bytes; i++) operand->data[i] = (uint8_t)case_random(c, 0, 255);
  }
}

uint32_t case_constant(struct op_case *c, const void *data, uint32_t bytes, uint32_t align) {
  uint32_t offset = (c->constant_bytes + align - 1) & ~(align - 1);
  assert_true(offset + bytes <= CASE_MAX_CONSTANTS);
  memset(c->constants + c->constant_bytes, 0, offset - c->constant_bytes);
  memcpy(c->constants + offset, data, bytes);
  c->constant_bytes = offset + bytes;
  return offset;
}

uint32_t case_weights(struct op_case *c, uint32_t count, uint32_t size) {
  uint8_t *data = malloc(count * size);
  assert_non_null(data);
  for (uint32_t i = 0; i < count * size; i++) data[i] = (uint8_t)case_random(c, 0, 255);
  uint32_t offset = case_constant(c, data, count * size, size);
  free(data);
  return offset;
}

int32_t case_multiplier(struct op_case *c) {
  return (1 << 30) + case_random(c, 0, (1 << 30) - 1);
}

static uint32_t scales(struct op_case *c, uint32_t count, int8_t least, int8_t most, uint32_t *shifts) {
  int32_t multipliers[64];
  int8_t s[64];
  assert_true(count <= 64);
  for (uint32_t i = 0; i < count; i++) {
    multipliers[i] = case_multiplier(c);
    s[i] = (int8_t)case_random(c, least, most);
  }
  *shifts = case_constant(c, s, count, 1);
  return case_constant(c, multipliers, count * 4, 4);
}

struct nfr_plan_requant case_requant(struct op_case *c, uint32_t channels, uint8_t type, bool wide, uint32_t terms) {
  int32_t bias32[64];
  int64_t bias64[64];
  struct nfr_plan_requant q = {.bias = NFR_PLAN_NONE32, .flags = wide ? NFR_REQUANT_ACC64 : 0};
  bool per_channel = case_random(c, 0, 2) > 0, has_bias = case_random(c, 0, 2) > 0;
  int8_t bits = 0;
  while (terms >> bits > 1) bits++;
  /* Sums of n random products of 8 x 8 (16 x 8) bits are about 2^(12 + log2(n) / 2): most outputs are not clamped. */
  int8_t shift = (int8_t)(-5 - bits / 2);
  if (per_channel) q.flags |= NFR_REQUANT_PER_CHANNEL;
  q.multipliers = scales(c, per_channel ? channels : 1, (int8_t)(shift - 2), (int8_t)(shift + 2), &q.shifts);
  for (uint32_t i = 0; i < channels; i++) bias64[i] = bias32[i] = case_random(c, -20000, 20000);
  if (has_bias && wide) {
    q.flags |= NFR_REQUANT_BIAS64;
    q.bias = case_constant(c, bias64, channels * 8, 8);
  } else if (has_bias) {
    q.bias = case_constant(c, bias32, channels * 4, 4);
  }
  bool int8 = type == NFR_TYPE_INT8;
  q.input_offset = (int16_t)(int8 ? case_random(c, -127, 128) : 0);
  q.output_offset = (int16_t)(int8 ? case_random(c, -128, 127) : 0);
  q.act_min = (int16_t)(int8 ? case_random(c, -128, -90) : case_random(c, INT16_MIN, -30000));
  q.act_max = (int16_t)(int8 ? case_random(c, 90, 127) : case_random(c, 30000, INT16_MAX));
  return q;
}

void case_finish(struct op_case *c) {
  uint8_t *exact = malloc(c->constant_bytes ? c->constant_bytes : 1);
  assert_non_null(exact);
  memcpy(exact, c->constants, c->constant_bytes);
  free(c->constants);
  c->constants = exact;
  c->op.record = &c->record.frame;
  c->op.params = c->record.params;
  c->op.constants = exact;
  c->op.constant_bytes = c->constant_bytes;
}

void case_free(struct op_case *c) {
  for (unsigned i = 0; i < 3; i++)
    if (c->op.in[i].data != c->op.out.data) free(c->op.in[i].data);
  free(c->op.out.data);
  free(c->op.scratch.data);
  free(c->constants);
}

static uint8_t *copy_of(const struct nfr_operand *operand) {
  uint8_t *copy = malloc(operand->bytes ? operand->bytes : 1);
  assert_non_null(copy);
  if (operand->data) memcpy(copy, operand->data, operand->bytes);
  return copy;
}

static void restore(const struct nfr_operand *operand, const uint8_t *copy) {
  if (operand->data) memcpy(operand->data, copy, operand->bytes);
}

/* Slices of at most `most` units (0: all in one), drawn at random. */
static void run_in_slices(struct op_case *c, uint32_t count, int32_t most) {
  for (uint32_t first = 0; first < count;) {
    uint32_t n = most == 0 ? count : (uint32_t)case_random(c, 1, most);
    if (n > count - first) n = count - first;
    c->type->run(&c->op, first, n);
    first += n;
  }
}

void case_run(struct op_case *c) {
  static const int32_t slices[] = {1, 7, 0};
  assert_int_equal(c->type->check(&c->op), NFR_OK);
  struct nfr_units units;
  c->type->units(&c->op, &units);
  assert_true(units.count > 0 && units.cost > 0);
  uint8_t *before[3], *expected[4] = {0};
  for (unsigned i = 0; i < 3; i++) before[i] = copy_of(&c->op.in[i]);
  for (unsigned s = 0; s < 3; s++) {
    memset(c->op.out.data, 0x5a, c->op.out.bytes);
    for (unsigned i = 0; i < 3; i++) restore(&c->op.in[i], before[i]); /* after the fill: in place, input is output */
    run_in_slices(c, units.count, slices[s]);
    for (unsigned i = 0; i < 4; i++) {
      const struct nfr_operand *operand = i < 3 ? &c->op.in[i] : &c->op.out;
      if (s == 0)
        expected[i] = copy_of(operand);
      else
        assert_memory_equal(operand->data ? operand->data : expected[i], expected[i], operand->bytes);
    }
  }
  for (unsigned i = 0; i < 3; i++) {
    if (!(c->type->state >> i & 1) && c->op.in[i].data && c->op.in[i].data != c->op.out.data)
      assert_memory_equal(c->op.in[i].data, before[i], c->op.in[i].bytes); /* inputs are only read */
    free(before[i]);
  }
  for (unsigned i = 0; i < 4; i++) free(expected[i]);
}
