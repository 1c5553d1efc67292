/* Extents of every kind that are 0, huge, or whose product wraps to the right number are refused; and whatever else stands
 * in any field of the parameters is refused, or runs without touching anything but the operands (under a sanitizer). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "op_samples.h"

enum { MAX_FIELDS = 8, MAX_INSTRUCTIONS = 300000 };

struct subject {
  const char *name;
  void (*make)(struct op_case *c);
  uint8_t width;              /* of an extent, in bytes */
  uint8_t fields[MAX_FIELDS]; /* offsets of extents */
  uint8_t count;
};

#define AT(name, field) offsetof(struct nfr_plan_##name, field)
#define CONV {AT(conv, batches), AT(conv, in_h), AT(conv, in_w), AT(conv, in_c), AT(conv, out_h), AT(conv, out_w), AT(conv, out_c), AT(conv, filter_h)}, 8
#define POOL {AT(pool, batches), AT(pool, in_h), AT(pool, in_w), AT(pool, channels), AT(pool, out_h), AT(pool, out_w)}, 6
#define FC {AT(fully_connected, batches), AT(fully_connected, depth), AT(fully_connected, units)}, 3
#define DIMS4(name) {AT(name, dims), AT(name, dims) + 4, AT(name, dims) + 8, AT(name, dims) + 12}, 4
#define LSTM {AT(lstm, batches), AT(lstm, steps), AT(lstm, input_size), AT(lstm, state_size)}, 4

static const struct subject subjects[] = {
    {"conv8", sample_conv8, 2, CONV}, {"conv16", sample_conv16, 2, CONV}, {"conv_tiled", sample_conv_tiled, 2, CONV},
    {"depthwise", sample_depthwise, 2, CONV}, {"fully_connected", sample_fully_connected, 4, FC},
    {"fully_connected_pairs", sample_fully_connected_pairs, 4, FC}, {"average_pool", sample_average_pool, 2, POOL},
    {"max_pool", sample_max_pool, 2, POOL}, {"add", sample_add, 4, DIMS4(add)}, {"mul", sample_mul, 4, DIMS4(mul)},
    {"softmax8", sample_softmax8, 4, {AT(softmax, rows), AT(softmax, depth)}, 2},
    {"softmax16", sample_softmax16, 4, {AT(softmax, rows), AT(softmax, depth)}, 2},
    {"lut", sample_lut, 4, {AT(lut, elements)}, 1}, {"logistic16", sample_logistic16, 4, {AT(logistic16, elements)}, 1},
    {"pad", sample_pad, 4, DIMS4(pad)}, {"mean", sample_mean, 4, DIMS4(mean)}, {"copy", sample_copy, 4, {AT(copy, bytes)}, 1},
    {"transpose", sample_transpose, 4, {AT(transpose, dims), AT(transpose, dims) + 4, AT(transpose, dims) + 8, AT(transpose, dims) + 12,
                                        AT(transpose, dims) + 16, AT(transpose, dims) + 20}, 6},
    {"quantize", sample_quantize, 4, {AT(quantize, elements)}, 1}, {"requantize", sample_requantize, 4, {AT(requantize, elements)}, 1},
    {"dequantize", sample_dequantize, 4, {AT(quantize, elements)}, 1},
    {"svdf", sample_svdf, 4, {AT(svdf, batches), AT(svdf, depth), AT(svdf, filters), AT(svdf, memory)}, 4},
    {"lstm8", sample_lstm8, 4, LSTM}, {"lstm_steps", sample_lstm_steps, 4, LSTM}, {"lstm16", sample_lstm16, 4, LSTM},
};
enum { SUBJECTS = sizeof subjects / sizeof subjects[0] };

static unsigned long tried, refused, ran;

static uint32_t get(const struct op_case *c, uint32_t offset, uint8_t width) {
  uint32_t value = 0;
  memcpy(&value, c->record.params + offset, width);
  return value;
}

static void set(struct op_case *c, uint32_t offset, uint8_t width, uint32_t value) {
  memcpy(c->record.params + offset, &value, width);
}

static void must_refuse(struct op_case *c, const struct subject *s, const char *what, uint32_t offset) {
  tried++;
  if (c->type->check(&c->op) < 0) {
    refused++;
    return;
  }
  fail_msg("%s: %s at offset %u is accepted", s->name, what, (unsigned)offset);
}

static void single_extents(const struct subject *s, struct op_case *c) {
  static const uint32_t large[] = {0xffffffffu, 0x80000000u, 0x7fffffffu, 0x40000000u, 0x10001u, 0xffffu, 0x8000u, 0x7fffu};
  for (unsigned i = 0; i < s->count; i++) {
    uint32_t before = get(c, s->fields[i], s->width);
    set(c, s->fields[i], s->width, 0);
    must_refuse(c, s, "an extent of 0", s->fields[i]);
    for (unsigned k = 0; k < sizeof large / sizeof large[0]; k++) {
      if (s->width == 2 && large[k] > 0xffff) continue;
      set(c, s->fields[i], s->width, large[k]);
      must_refuse(c, s, "a huge extent", s->fields[i]);
    }
    set(c, s->fields[i], s->width, before);
  }
}

/* x with 65537 x = 1 modulo 2^32: each step doubles the bits that are right. */
static uint32_t inverse_of_65537(void) {
  uint32_t x = 1;
  for (unsigned i = 0; i < 5; i++) x *= 2u - 65537u * x;
  return x;
}

/* Two extents whose product is what it was, modulo 2^32; or 0, or a little. */
static void pairs_of_extents(const struct subject *s, struct op_case *c) {
  if (s->width != 4) return;
  for (unsigned i = 0; i < s->count; i++)
    for (unsigned j = 0; j < s->count; j++) {
      if (i == j) continue;
      uint32_t a = get(c, s->fields[i], 4), b = get(c, s->fields[j], 4);
      const uint32_t pairs[][2] = {{65537, a * b * inverse_of_65537()}, {0x10000, 0x10000}, {0x80000000u, 2}, {0x80000001u, 2},
                                   {0xffffffffu, 0xffffffffu}, {0x10000u * a, 0x10000u * b}, {a + 0x80000000u, b}};
      for (unsigned k = 0; k < sizeof pairs / sizeof pairs[0]; k++) {
        set(c, s->fields[i], 4, pairs[k][0]);
        set(c, s->fields[j], 4, pairs[k][1]);
        must_refuse(c, s, "extents whose product wraps", s->fields[i]);
      }
      set(c, s->fields[i], 4, a);
      set(c, s->fields[j], 4, b);
    }
}

static void all_extents_at_once(const struct subject *s, struct op_case *c) {
  static const uint32_t values[] = {0, 0xffffffffu, 0x10000u, 0x8000u, 0x7fffu, 0x100u};
  for (unsigned k = 0; k < sizeof values / sizeof values[0]; k++) {
    for (unsigned i = 0; i < s->count; i++) set(c, s->fields[i], s->width, values[k]);
    must_refuse(c, s, "all extents", 0);
  }
}

static void bad_extents_are_refused(void **state) {
  (void)state;
  void (*const tests[])(const struct subject *, struct op_case *) = {single_extents, pairs_of_extents, all_extents_at_once};
  tried = refused = 0;
  for (unsigned i = 0; i < SUBJECTS; i++)
    for (unsigned t = 0; t < sizeof tests / sizeof tests[0]; t++) {
      struct op_case c;
      subjects[i].make(&c);
      assert_int_equal(c.type->check(&c.op), NFR_OK);
      tests[t](&subjects[i], &c);
      case_free(&c);
    }
  printf("%u kinds and sorts: %lu bad extents, %lu refused\n", (unsigned)SUBJECTS, tried, refused);
  assert_true(tried > 1000 && tried == refused);
}

static void run_if_accepted(struct op_case *c) {
  tried++;
  if (c->type->check(&c->op) < 0) {
    refused++;
    return;
  }
  struct nfr_units units;
  c->type->units(&c->op, &units);
  assert_true(units.count > 0 && units.cost > 0);
  if ((uint64_t)units.count * units.cost > MAX_INSTRUCTIONS) return;
  c->type->run(&c->op, 0, units.count);
  ran++;
}

/* Every field of 1, 2 and 4 bytes, whatever it means. */
static void any_field_may_hold_anything(void **state) {
  (void)state;
  static const uint32_t values[] = {0, 1, 2, 3, 7, 31, 32, 127, 128, 255, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000u, 0xfffffffe, 0xffffffff};
  tried = refused = ran = 0;
  for (unsigned i = 0; i < SUBJECTS; i++) {
    struct op_case c;
    subjects[i].make(&c);
    for (uint8_t width = 1; width <= 4; width = (uint8_t)(width * 2))
      for (uint32_t at = 0; at + width <= c.type->params_bytes; at += width)
        for (unsigned k = 0; k < sizeof values / sizeof values[0]; k++) {
          uint32_t before = get(&c, at, width);
          set(&c, at, width, values[k]);
          run_if_accepted(&c);
          set(&c, at, width, before);
        }
    case_free(&c);
  }
  printf("%lu records with one field changed: %lu refused, %lu run\n", tried, refused, ran);
  assert_true(tried > 10000 && refused > tried / 3 && ran > tried / 5);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(bad_extents_are_refused), cmocka_unit_test(any_field_may_hold_anything)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
