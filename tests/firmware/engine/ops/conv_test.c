/* CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED: small sums by hand, and random records against a loop over every tap. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "kernels/channel_pair.h"
#include "kernels/requant.h"
#include "kernels/tile.h"
#include "model.h"

static const struct {
  uint8_t type;
  bool wide;
} sorts[] = {{NFR_TYPE_INT8, false}, {NFR_TYPE_INT16, false}, {NFR_TYPE_INT16, true}};

/* A geometry whose windows may lie in the padding on any side, or wholly in it. */
static void random_geometry(struct op_case *c, struct nfr_plan_conv *p, bool depthwise) {
  p->batches = (uint16_t)case_random(c, 1, 2);
  p->in_h = (uint16_t)case_random(c, 1, 7);
  p->in_w = (uint16_t)case_random(c, 1, 7);
  p->out_h = (uint16_t)case_random(c, 1, 6);
  p->out_w = (uint16_t)case_random(c, 1, 6);
  p->groups = (uint16_t)case_random(c, 1, 3);
  uint16_t per_group = (uint16_t)case_random(c, 1, 5);
  p->in_c = (uint16_t)(depthwise ? per_group : p->groups * per_group);
  p->out_c = (uint16_t)(p->groups * (depthwise ? per_group : case_random(c, 1, 3)));
  p->filter_h = (uint16_t)case_random(c, 1, 4);
  p->filter_w = (uint16_t)case_random(c, 1, 4);
  p->pad_top = (uint16_t)case_random(c, 0, 3);
  p->pad_left = (uint16_t)case_random(c, 0, 3);
  p->stride_h = (uint8_t)case_random(c, 1, 3);
  p->stride_w = (uint8_t)case_random(c, 1, 3);
  p->dilation_h = (uint8_t)case_random(c, 1, 2);
  p->dilation_w = (uint8_t)case_random(c, 1, 2);
  p->flags = case_random(c, 0, 1) ? NFR_WINDOW_ROWS_DESCENDING : 0;
}

static struct nfr_plan_conv *make_conv(struct op_case *c, uint8_t kind, uint32_t seed, unsigned sort) {
  bool depthwise = kind == NFR_KIND_DEPTHWISE_CONV_2D;
  struct nfr_plan_conv *p = case_begin(c, kind, seed);
  random_geometry(c, p, depthwise);
  uint32_t taps = (uint32_t)p->filter_h * p->filter_w, depth = depthwise ? 1u : (uint32_t)p->in_c / p->groups;
  p->weights = case_weights(c, taps * depth * p->out_c, 1);
  p->q = case_requant(c, p->out_c, sorts[sort].type, sorts[sort].wide, taps * depth * (sort ? 60000 : 1));
  case_operand(c, &c->op.in[0], sorts[sort].type, (uint32_t)p->batches * p->in_h * p->in_w * p->in_c);
  case_operand(c, &c->op.out, sorts[sort].type, (uint32_t)p->batches * p->out_h * p->out_w * p->out_c);
  case_finish(c);
  return p;
}

static int64_t window_sum(const struct op_case *c, const struct nfr_plan_conv *p, uint32_t b, int y, int x, uint32_t out_c) {
  bool depthwise = c->type->kind == NFR_KIND_DEPTHWISE_CONV_2D;
  const int8_t *weights = case_constant_at(c, p->weights);
  uint32_t depth = depthwise ? 1u : (uint32_t)p->in_c / p->groups;
  uint32_t first = depthwise ? out_c / p->groups : out_c / ((uint32_t)p->out_c / p->groups) * depth;
  int64_t sum = 0;
  for (int ky = 0; ky < p->filter_h; ky++)
    for (int kx = 0; kx < p->filter_w; kx++)
      for (uint32_t k = 0; k < depth; k++) {
        int in_y = y * p->stride_h - p->pad_top + ky * p->dilation_h, in_x = x * p->stride_w - p->pad_left + kx * p->dilation_w;
        if (in_y < 0 || in_x < 0 || in_y >= p->in_h || in_x >= p->in_w) continue;
        uint32_t at = ((b * p->in_h + (uint32_t)in_y) * p->in_w + (uint32_t)in_x) * p->in_c + first + k;
        uint32_t tap = (uint32_t)(ky * p->filter_w + kx);
        int8_t w = depthwise ? weights[tap * p->out_c + out_c]
                             : weights[(out_c * p->filter_h * p->filter_w + tap) * depth + k];
        sum += (int64_t)w * (model_at(&c->op.in[0], at) + p->q.input_offset);
      }
  return sum;
}

static void compare_conv(uint8_t kind) {
  for (uint32_t seed = 0; seed < 240; seed++) {
    struct op_case c;
    const struct nfr_plan_conv *p = make_conv(&c, kind, seed, seed % 3);
    case_run(&c);
    uint32_t i = 0;
    for (uint32_t b = 0; b < p->batches; b++)
      for (int y = 0; y < p->out_h; y++)
        for (int x = 0; x < p->out_w; x++)
          for (uint32_t o = 0; o < p->out_c; o++, i++)
            assert_int_equal(model_at(&c.op.out, i), model_requant(&c, &p->q, window_sum(&c, p, b, y, x, o), o));
    case_free(&c);
  }
}

static void conv_is_a_loop_over_taps(void **state) {
  (void)state;
  compare_conv(NFR_KIND_CONV_2D);
}

static void depthwise_is_a_loop_over_taps(void **state) {
  (void)state;
  compare_conv(NFR_KIND_DEPTHWISE_CONV_2D);
}

/* 1 x 3 input 1 2 3 (zero point -1), filter 1 0 -1, padding 1: sums 0 - 3, 2 - 4, 3 - 0; times 1/2: -1.5, -1, 1.5. */
static void conv_by_hand(void **state) {
  (void)state;
  struct op_case c;
  struct nfr_plan_conv *p = case_begin(&c, NFR_KIND_CONV_2D, 1);
  const int32_t half = 1 << 30;
  *p = (struct nfr_plan_conv){.batches = 1, .in_h = 1, .in_w = 3, .in_c = 1, .out_h = 1, .out_w = 3, .out_c = 1,
                              .filter_h = 1, .filter_w = 3, .pad_left = 1, .groups = 1, .stride_h = 1, .stride_w = 1,
                              .dilation_h = 1, .dilation_w = 1};
  p->weights = case_constant(&c, (const int8_t[]){1, 0, -1}, 3, 1);
  p->q = (struct nfr_plan_requant){.bias = NFR_PLAN_NONE32, .multipliers = case_constant(&c, &half, 4, 4),
                                   .shifts = case_constant(&c, "", 1, 1), .input_offset = 1, .output_offset = 10,
                                   .act_min = -128, .act_max = 127};
  case_operand(&c, &c.op.in[0], NFR_TYPE_INT8, 3);
  case_operand(&c, &c.op.out, NFR_TYPE_INT8, 3);
  memcpy(c.op.in[0].data, (const int8_t[]){1, 2, 3}, 3);
  case_finish(&c);
  case_run(&c);
  /* -1.5 becomes -1 in the high multiply (its halves go up), 1.5 becomes 2. */
  assert_memory_equal(c.op.out.data, ((const int8_t[]){9, 9, 12}), 3);
  case_free(&c);
}

static void fully_connected_is_a_matrix_product(void **state) {
  (void)state;
  for (uint32_t seed = 0; seed < 120; seed++) {
    struct op_case c;
    unsigned sort = seed % 3;
    struct nfr_plan_fully_connected *p = case_begin(&c, NFR_KIND_FULLY_CONNECTED, seed);
    p->batches = (uint32_t)case_random(&c, 1, 3);
    p->depth = (uint32_t)case_random(&c, 1, 40);
    p->units = (uint32_t)case_random(&c, 1, 9);
    p->weights = case_weights(&c, p->units * p->depth, 1);
    p->q = case_requant(&c, p->units, sorts[sort].type, sorts[sort].wide, p->depth * (sort ? 60000 : 1));
    case_operand(&c, &c.op.in[0], sorts[sort].type, p->batches * p->depth);
    case_operand(&c, &c.op.out, sorts[sort].type, p->batches * p->units);
    case_finish(&c);
    case_run(&c);
    const int8_t *weights = case_constant_at(&c, p->weights);
    for (uint32_t i = 0; i < p->batches * p->units; i++) {
      int64_t sum = 0;
      for (uint32_t d = 0; d < p->depth; d++)
        sum += (int64_t)weights[i % p->units * p->depth + d] *
               (model_at(&c.op.in[0], i / p->units * p->depth + d) + p->q.input_offset);
      assert_int_equal(model_at(&c.op.out, i), model_requant(&c, &p->q, sum, i % p->units));
    }
    case_free(&c);
  }
}

/* A convolution's pairs of channels in NFR_LAYOUT_SMLAD: plain weights of high channels are made representable first. */
static void make_pairs(struct op_case *c, struct nfr_plan_conv *p, int8_t *plain, uint32_t depth) {
  static uint8_t pairs[1 << 14];
  struct nfr_requant r = {.bias = p->q.bias == NFR_PLAN_NONE32 ? NULL : c->constants + p->q.bias,
                          .multipliers = (const void *)(c->constants + p->q.multipliers),
                          .shifts = (const void *)(c->constants + p->q.shifts),
                          .step = p->q.flags & NFR_REQUANT_PER_CHANNEL};
  uint32_t bytes = nfr_pair_bytes(nfr_padded_depth(depth)), used = (p->out_c + 1u) / 2u * bytes;
  assert_true(used <= sizeof pairs);
  memset(pairs, 0, used);
  for (uint32_t o = 0; o < p->out_c + p->out_c % 2u; o++) {
    uint8_t *pair = pairs + o / 2u * bytes;
    uint32_t channel = o < p->out_c ? o : o - 1u; /* no partner: multipliers of its neighbour */
    uint32_t bias = r.bias ? ((const uint32_t *)r.bias)[channel] : 0;
    struct nfr_pair_tail *tail = (void *)(pair + bytes - sizeof *tail);
    for (uint32_t k = 0; k < depth; k++) {
      int8_t *w = &plain[channel * depth + k];
      uint8_t *half = pair + 4 + k / 4u * 8u + (const uint8_t[]){0, 4, 2, 6}[k % 4u];
      if (o % 2u == 1 && o < p->out_c && *w == INT8_MIN) *w = -127;
      if (o % 2u == 0) half[0] = (uint8_t)*w;
      if (o % 2u == 0 && *w < 0) half[1] = 255;
      if (o % 2u == 1 && o < p->out_c) half[1] = (uint8_t)(half[1] + *w);
      bias += (uint32_t)(p->q.input_offset * *w);
    }
    memcpy(o % 2u ? (void *)&tail->bias : pair, &bias, 4);
    tail->multipliers[o % 2u] = (uint32_t)r.multipliers[r.step * channel] << 1;
    tail->right[o % 2u] = (uint8_t)-r.shifts[r.step * channel];
  }
  p->weights = case_constant(c, pairs, used, 4);
  p->q.bias = p->q.multipliers = p->q.shifts = p->q.flags = 0;
}

static void requant_of_seed(struct op_case *c, struct nfr_plan_requant *q, uint32_t rows, uint32_t depth, uint32_t seed) {
  *q = case_requant(c, rows, NFR_TYPE_INT8, false, depth);
  if (seed % 2 == 0) {
    q->act_min = INT8_MIN;
    q->act_max = INT8_MAX;
  }
  uint32_t scales = q->flags & NFR_REQUANT_PER_CHANNEL ? rows : 1, rare = seed / 2 % 4;
  if (rare == 1) ((int32_t *)(void *)(c->constants + q->multipliers))[seed % scales] = (int32_t)(seed % 3) << 20;
  if (rare == 2) ((int8_t *)(c->constants + q->shifts))[seed % scales] = (int8_t)(seed % 5);
}

static void tiled_geometry(struct op_case *c, struct nfr_plan_conv *p, uint32_t seed) {
  random_geometry(c, p, false);
  p->groups = 1;
  p->in_c = (uint16_t)(seed % 2 ? case_random(c, 1, 9) : 4 * case_random(c, 1, 5));
  p->out_c = (uint16_t)case_random(c, 1, 7);
  if (seed % 3 == 0) { /* a column, its rows computed in tiles */
    p->out_h = (uint16_t)case_random(c, 1, 11);
    p->out_w = 1;
  }
}

/* Packed weights, gathered windows and tiles give what a loop over the taps of the plain ones gives. */
static void tiled_conv_is_a_loop_over_taps(void **state) {
  (void)state;
  for (uint32_t seed = 0; seed < 1200; seed++) {
    struct op_case c;
    struct nfr_plan_conv *p = case_begin(&c, NFR_KIND_CONV_2D, seed), plain;
    c.record.frame.layout = NFR_LAYOUT_SMLAD;
    tiled_geometry(&c, p, seed);
    p->flags = seed / 3 % 2 ? NFR_WINDOW_ROWS_DESCENDING : 0;
    uint32_t depth = (uint32_t)p->filter_h * p->filter_w * p->in_c;
    p->weights = case_weights(&c, depth * p->out_c, 1);
    requant_of_seed(&c, &p->q, p->out_c, depth, seed % 2u);
    plain = *p;
    make_pairs(&c, p, (int8_t *)c.constants + p->weights, depth);
    case_operand(&c, &c.op.in[0], NFR_TYPE_INT8, (uint32_t)p->batches * p->in_h * p->in_w * p->in_c);
    case_operand(&c, &c.op.out, NFR_TYPE_INT8, (uint32_t)p->batches * p->out_h * p->out_w * p->out_c);
    case_operand(&c, &c.op.scratch, NFR_TYPE_INT16, (uint32_t)nfr_tile_scratch(p));
    case_finish(&c);
    case_run(&c);
    uint32_t i = 0;
    for (uint32_t b = 0; b < p->batches; b++)
      for (int y = 0; y < p->out_h; y++)
        for (int x = 0; x < p->out_w; x++)
          for (uint32_t o = 0; o < p->out_c; o++, i++)
            assert_int_equal(model_at(&c.op.out, i), model_requant(&c, &plain.q, window_sum(&c, &plain, b, y, x, o), o));
    case_free(&c);
  }
}

/* Sums, shifts and offsets beyond 32 bits: wrong numbers, but the same ones in any slices, and nothing for a sanitizer. */
static void extreme_scales_wrap(void **state) {
  (void)state;
  for (uint32_t seed = 0; seed < 60; seed++) {
    struct op_case c;
    struct nfr_plan_conv *p = make_conv(&c, NFR_KIND_CONV_2D, seed, seed % 3);
    uint8_t *constants = c.constants;
    uint32_t scales = p->q.flags & NFR_REQUANT_PER_CHANNEL ? p->out_c : 1;
    for (uint32_t k = 0; k < scales; k++) {
      ((int32_t *)(void *)(constants + p->q.multipliers))[k] = INT32_MAX - case_random(&c, 0, 1);
      ((int8_t *)(constants + p->q.shifts))[k] = p->q.flags & NFR_REQUANT_ACC64 ? 7 : 30;
    }
    if (p->q.bias != NFR_PLAN_NONE32)
      memset(constants + p->q.bias, case_random(&c, 0, 1) ? 0x7f : 0x80, p->out_c * (p->q.flags & NFR_REQUANT_BIAS64 ? 8u : 4u));
    p->q.input_offset = p->q.output_offset = case_random(&c, 0, 1) ? INT16_MAX : INT16_MIN;
    case_run(&c);
    case_free(&c);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(conv_by_hand),
      cmocka_unit_test(conv_is_a_loop_over_taps),
      cmocka_unit_test(depthwise_is_a_loop_over_taps),
      cmocka_unit_test(fully_connected_is_a_matrix_product),
      cmocka_unit_test(tiled_conv_is_a_loop_over_taps),
      cmocka_unit_test(extreme_scales_wrap),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
