/* Outputs over dying inputs: rule V75 against its definition row by row, and overlapped runs against separate ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../rule_hook.h"
#include "kernels/channel_pair.h"
#include "kernels/planes.h"
#include "kernels/tile.h"
#include "op_case.h"

enum { GEOMETRIES = 4000, RUNS = 6000 };

/* The definition in SPEC.md section 3, with every row looked at. distance: out - in, in bytes. */
static bool is_harmless(const struct nfr_rows *r, int64_t in_row, int64_t out_row, int64_t distance) {
  for (int64_t y = 0; y < r->out_h; y++) {
    int64_t start = y * r->stride - r->pad, end = start + r->reach;
    if (start < 0) start = 0;
    if (start > r->in_h) start = r->in_h;
    if (end < 0) end = 0;
    if (end > r->in_h) end = r->in_h;
    int64_t last = y + r->tile < r->out_h ? y + r->tile : r->out_h, low = y + 1 < r->tile ? 0 : y + 1 - r->tile;
    if (r->descending ? distance + low * out_row < end * in_row : distance + last * out_row > start * in_row) return false;
  }
  return true;
}

/* check() says what the definition says, for every distance of two operands that overlap. */
static void the_rule_is_the_definition(void **state) {
  (void)state;
  struct op_case c = {.seed = 7};
  static uint8_t arena[1];
  unsigned harmless = 0, harmful = 0;
  for (unsigned i = 0; i < GEOMETRIES; i++) {
    struct nfr_rows r = {.batches = 1,
                         .in_h = (uint32_t)case_random(&c, 1, 12),
                         .out_h = (uint32_t)case_random(&c, 1, 12),
                         .stride = (uint32_t)case_random(&c, 1, 4),
                         .pad = case_random(&c, 0, case_random(&c, 0, 7) ? 4 : 15),
                         .reach = case_random(&c, 1, case_random(&c, 0, 7) ? 5 : 20),
                         .tile = case_random(&c, 0, 1) ? 4 : 1,
                         .descending = case_random(&c, 0, 1)};
    int32_t in_row = case_random(&c, 1, 9), out_row = case_random(&c, 1, 9);
    struct nfr_op op = {.in[0] = {.data = arena, .bytes = (uint32_t)in_row * r.in_h},
                        .out = {.data = arena, .bytes = (uint32_t)out_row * r.out_h}};
    for (int32_t d = 1 - (int32_t)op.out.bytes; d < (int32_t)op.in[0].bytes; d++) {
      op.in[0].data = (uint8_t *)((uintptr_t)arena + 1000);
      op.out.data = (uint8_t *)((uintptr_t)op.in[0].data + (uintptr_t)(intptr_t)d);
      bool expected = is_harmless(&r, in_row, out_row, d);
      if ((nfr_check_overlap(&op, &r) == NFR_OK) != expected)
        fail_msg("geometry %u, distance %d: harmless %d", i, d, expected);
      expected ? harmless++ : harmful++;
    }
  }
  assert_true(harmless > 10000 && harmful > 10000);
}

static uint32_t random_type(struct op_case *c) {
  return case_random(c, 0, 2) ? NFR_TYPE_INT8 : NFR_TYPE_INT16;
}

/* Planes for a random number of rows; one in two could lie in place if it is all of them. */
static void make_planes(struct op_case *c, struct nfr_plan_conv *p) {
  c->record.frame.layout = NFR_LAYOUT_PLANES;
  p->dilation_h = 1;
  if (p->groups == 1 && p->in_w <= 3 && case_random(c, 0, 1)) {
    p->out_h = p->in_h;
    p->out_w = p->in_w;
    p->stride_h = p->stride_w = 1;
  }
  struct nfr_plan_conv strip = *p;
  strip.out_h = (uint16_t)case_random(c, 1, p->out_h);
  if (case_random(c, 0, 2) == 0) strip.out_h = p->out_h;
  struct nfr_planes planes = nfr_planes_of(&strip, INT32_MAX);
  case_operand(c, &c->op.scratch, NFR_TYPE_INT16, nfr_planes_elements(&planes));
}

/* A convolution of either kind; its operands have no place yet, only sizes. */
static void make_conv(struct op_case *c, uint8_t kind, uint32_t seed) {
  struct nfr_plan_conv *p = case_begin(c, kind, seed);
  bool depthwise = kind == NFR_KIND_DEPTHWISE_CONV_2D;
  uint8_t type = (uint8_t)random_type(c);
  *p = (struct nfr_plan_conv){.batches = 1,
                              .in_h = (uint16_t)case_random(c, 1, 9),
                              .in_w = (uint16_t)case_random(c, 1, 4),
                              .in_c = (uint16_t)case_random(c, 1, 9),
                              .out_h = (uint16_t)case_random(c, 1, 9),
                              .out_w = (uint16_t)case_random(c, 1, 3),
                              .filter_h = (uint16_t)case_random(c, 1, 4),
                              .filter_w = (uint16_t)case_random(c, 1, 3),
                              .pad_top = (uint16_t)case_random(c, 0, 3),
                              .pad_left = (uint16_t)case_random(c, 0, 1),
                              .groups = (uint16_t)(depthwise ? case_random(c, 1, 2) : 1),
                              .stride_h = (uint8_t)case_random(c, 1, 3),
                              .stride_w = (uint8_t)case_random(c, 1, 2),
                              .dilation_h = (uint8_t)case_random(c, 1, 2),
                              .dilation_w = 1,
                              .flags = (uint32_t)case_random(c, 0, 1)};
  p->out_c = (uint16_t)(depthwise ? p->in_c * p->groups : case_random(c, 1, 9));
  uint32_t taps = (uint32_t)p->filter_h * p->filter_w;
  p->weights = case_weights(c, taps * p->out_c * (depthwise ? 1u : p->in_c), 1);
  p->q = case_requant(c, p->out_c, type, false, taps * (depthwise ? 1u : p->in_c) * (type ? 60000 : 1));
  if (depthwise && type == NFR_TYPE_INT8 && case_random(c, 0, 2)) make_planes(c, p);
  case_operand(c, &c->op.in[0], type, (uint32_t)p->in_h * p->in_w * p->in_c);
  case_operand(c, &c->op.out, type, (uint32_t)p->out_h * p->out_w * p->out_c);
  case_finish(c);
}

/* The same in NFR_LAYOUT_SMLAD: any weights, ordinary scales, and scratch. */
static void make_tiled_conv(struct op_case *c, uint32_t seed) {
  struct nfr_plan_conv *p = case_begin(c, NFR_KIND_CONV_2D, seed);
  c->record.frame.layout = NFR_LAYOUT_SMLAD;
  *p = (struct nfr_plan_conv){.batches = 1,
                              .in_h = (uint16_t)case_random(c, 1, 9),
                              .in_w = (uint16_t)case_random(c, 1, 7),
                              .in_c = (uint16_t)case_random(c, 1, 9),
                              .out_h = (uint16_t)case_random(c, 1, 9),
                              .out_w = (uint16_t)(case_random(c, 0, 2) ? case_random(c, 1, 7) : 1),
                              .out_c = (uint16_t)case_random(c, 1, 9),
                              .filter_h = (uint16_t)case_random(c, 1, 4),
                              .filter_w = (uint16_t)case_random(c, 1, 3),
                              .pad_top = (uint16_t)case_random(c, 0, 3),
                              .pad_left = (uint16_t)case_random(c, 0, 1),
                              .groups = 1,
                              .stride_h = (uint8_t)case_random(c, 1, 3),
                              .stride_w = (uint8_t)case_random(c, 1, 2),
                              .dilation_h = (uint8_t)case_random(c, 1, 2),
                              .dilation_w = 1,
                              .flags = (uint32_t)case_random(c, 0, 1)};
  uint32_t pairs = (p->out_c + 1u) / 2u, bytes = nfr_pair_bytes(nfr_padded_depth((uint32_t)p->filter_h * p->filter_w * p->in_c));
  p->weights = case_weights(c, pairs * bytes / 4u, 4);
  for (uint32_t i = 1; i <= pairs; i++) {
    struct nfr_pair_tail tail = {.bias = (uint32_t)case_random(c, -3000, 3000), .multipliers = {0x80000000u, 0xc0000000u}, .right = {9, 11}};
    memcpy(c->constants + p->weights + i * bytes - sizeof tail, &tail, sizeof tail);
  }
  p->q = (struct nfr_plan_requant){.input_offset = (int16_t)case_random(c, -127, 128), .act_min = -128, .act_max = (int16_t)case_random(c, 100, 127)};
  case_operand(c, &c->op.in[0], NFR_TYPE_INT8, (uint32_t)p->in_h * p->in_w * p->in_c);
  case_operand(c, &c->op.out, NFR_TYPE_INT8, (uint32_t)p->out_h * p->out_w * p->out_c);
  case_operand(c, &c->op.scratch, NFR_TYPE_INT16, (uint32_t)nfr_tile_scratch(p));
  case_finish(c);
}

static void make_pool(struct op_case *c, uint8_t kind, uint32_t seed) {
  struct nfr_plan_pool *p = case_begin(c, kind, seed);
  uint8_t type = (uint8_t)random_type(c);
  *p = (struct nfr_plan_pool){.batches = 1,
                              .in_h = (uint16_t)case_random(c, 1, 9),
                              .in_w = (uint16_t)case_random(c, 1, 4),
                              .channels = (uint16_t)case_random(c, 1, 9),
                              .filter_h = (uint16_t)case_random(c, 1, 4),
                              .filter_w = (uint16_t)case_random(c, 1, 3),
                              .stride_h = (uint16_t)case_random(c, 1, 3),
                              .stride_w = 1,
                              .act_min = -100,
                              .act_max = 100,
                              .flags = (uint32_t)case_random(c, 0, 1)};
  p->pad_top = (uint16_t)case_random(c, 0, p->filter_h - 1);
  p->out_h = (uint16_t)case_random(c, 1, (p->in_h + p->pad_top - 1) / p->stride_h + 1);
  p->out_w = (uint16_t)case_random(c, 1, p->in_w);
  case_operand(c, &c->op.in[0], type, (uint32_t)p->in_h * p->in_w * p->channels);
  case_operand(c, &c->op.out, type, (uint32_t)p->out_h * p->out_w * p->channels);
  case_finish(c);
}

static void run_in_slices(struct op_case *c, const struct nfr_op *op, int32_t most) {
  struct nfr_units units;
  c->type->units(op, &units);
  for (uint32_t first = 0; first < units.count;) {
    uint32_t n = most ? (uint32_t)case_random(c, 1, most) : units.count;
    if (n > units.count - first) n = units.count - first;
    c->type->run(op, first, n);
    first += n;
  }
}

/* Both operands in one block, the output `distance` bytes after the input: runs when check() lets it. True if it ran. */
static bool run_overlapped(struct op_case *c, int64_t distance, int32_t slices) {
  uint32_t in_bytes = c->op.in[0].bytes, out_bytes = c->op.out.bytes;
  uint32_t in_at = distance < 0 ? (uint32_t)-distance : 0, out_at = distance < 0 ? 0 : (uint32_t)distance;
  uint32_t total = in_at + in_bytes > out_at + out_bytes ? in_at + in_bytes : out_at + out_bytes;
  uint8_t *block = malloc(total);
  assert_non_null(block);
  struct nfr_op op = c->op;
  op.in[0].data = block + in_at;
  op.out.data = block + out_at;
  bool allowed = c->type->check(&op) == NFR_OK;
  if (allowed) {
    memcpy(op.in[0].data, c->op.in[0].data, in_bytes);
    run_in_slices(c, &op, slices);
    assert_memory_equal(op.out.data, c->op.out.data, out_bytes);
  }
  free(block);
  return allowed;
}

/* The closest that the rule allows, in either order of rows and with slices of any length, is as good as far apart. */
static void overlapped_is_separate(void **state) {
  (void)state;
  static const uint8_t kinds[] = {NFR_KIND_CONV_2D, NFR_KIND_DEPTHWISE_CONV_2D, NFR_KIND_AVERAGE_POOL_2D, NFR_KIND_MAX_POOL_2D};
  unsigned ran = 0, refused = 0, in_place = 0;
  for (uint32_t seed = 0; seed < RUNS; seed++) {
    struct op_case c;
    if (seed % 5 == 4) make_tiled_conv(&c, seed);
    else if (seed % 5 < 2) make_conv(&c, kinds[seed % 5], seed);
    else make_pool(&c, kinds[seed % 5], seed);
    assert_int_equal(c.type->check(&c.op), NFR_OK);
    run_in_slices(&c, &c.op, 0);
    int64_t size = nfr_type_bytes(c.op.out.type), out = c.op.out.bytes, in = c.op.in[0].bytes;
    int64_t up = -out, down = in; /* from apart towards each other */
    while (up < in && run_overlapped(&c, up, seed % 3 ? 9 : 0)) up += size, ran++;
    while (down > -out && run_overlapped(&c, down, seed % 3 ? 9 : 0)) down -= size, ran++;
    refused += up < in;
    in_place += up < 0 && run_overlapped(&c, 0, seed % 3 ? 9 : 0);
    case_free(&c);
  }
  assert_true(ran > 4 * RUNS && refused > RUNS / 2 && in_place > RUNS / 50);
}

/* The first units of descending rows are the last row, left to right. */
static void descending_rows_come_last_first(void **state) {
  (void)state;
  for (uint32_t seed = 0; seed < 100; seed++) {
    struct op_case c;
    make_conv(&c, NFR_KIND_CONV_2D, seed);
    struct nfr_plan_conv *p = (struct nfr_plan_conv *)(void *)c.record.params;
    uint32_t row = (uint32_t)p->out_w * p->out_c, bytes = row * nfr_type_bytes(c.op.out.type);
    run_in_slices(&c, &c.op, 0);
    uint8_t *all = malloc(c.op.out.bytes);
    assert_non_null(all);
    memcpy(all, c.op.out.data, c.op.out.bytes);
    for (uint32_t r = 0; r < p->out_h; r++) {
      memset(c.op.out.data, 0x5a, c.op.out.bytes);
      c.type->run(&c.op, r * row, row);
      uint32_t y = p->flags ? p->out_h - 1u - r : r;
      for (uint32_t i = 0; i < c.op.out.bytes; i++)
        assert_int_equal(c.op.out.data[i], i / bytes == y ? all[i] : 0x5a);
    }
    free(all);
    case_free(&c);
  }
}

static void several_batches_never_overlap(void **state) {
  (void)state;
  struct nfr_op op = {.in[0] = {.data = (uint8_t *)(uintptr_t)1000, .bytes = 100}, .out = {.bytes = 100}};
  op.out.data = (uint8_t *)(uintptr_t)950;
  struct nfr_rows r = {.batches = 1, .in_h = 10, .out_h = 10, .stride = 1, .reach = 1, .tile = 1};
  assert_int_equal(nfr_check_overlap(&op, &r), NFR_OK);
  r.batches = 2;
  rule_hook_clear();
  assert_int_equal(nfr_check_overlap(&op, &r), NFR_ERR_CORRUPT);
  assert_string_equal(rule_hook_first(), "V75");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_rule_is_the_definition),
      cmocka_unit_test(overlapped_is_separate),
      cmocka_unit_test(descending_rows_come_last_first),
      cmocka_unit_test(several_batches_never_overlap),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
