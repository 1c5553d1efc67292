/* DEPTHWISE_CONV_2D in the shapes that a backend may have a path of its own for, against a loop over every tap; and the
 * requantization of the ARMv7E-M backend against the portable one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "kernels/armv7em/intrinsics.h"
#include "kernels/planes.h"
#include "model.h"

/* What the kernels know: whole windows of 3 x 3 and 5 x 5, filters too large to widen, one channel to many, rests. */
static void make_geometry(struct op_case *c, struct nfr_plan_conv *p) {
  static const uint16_t filters[][2] = {{3, 3}, {3, 3}, {5, 5}, {4, 3}, {2, 2}, {4, 4}, {6, 4}, {7, 7}, {1, 9}, {10, 8}};
  static const uint16_t channels[][2] = {{4, 1}, {9, 1}, {15, 1}, {16, 1}, {1, 8}, {2, 4}, {3, 12}, {3, 2}};
  unsigned filter = (unsigned)case_random(c, 0, 9), channel = (unsigned)case_random(c, 0, 7);
  p->batches = (uint16_t)case_random(c, 1, 2);
  p->filter_h = filters[filter][0];
  p->filter_w = filters[filter][1];
  p->in_c = channels[channel][0];
  p->groups = channels[channel][1];
  p->out_c = (uint16_t)(p->in_c * p->groups);
  p->in_h = (uint16_t)case_random(c, 1, 12);
  p->in_w = (uint16_t)case_random(c, 1, 12);
  p->out_h = (uint16_t)case_random(c, 1, 7);
  p->out_w = (uint16_t)case_random(c, 1, 7);
  p->pad_top = (uint16_t)case_random(c, 0, p->filter_h);
  p->pad_left = (uint16_t)case_random(c, 0, p->filter_w);
  p->stride_h = (uint8_t)case_random(c, 1, 2);
  p->stride_w = (uint8_t)case_random(c, 1, 2);
  p->dilation_h = (uint8_t)(case_random(c, 0, 3) == 0 ? 2 : 1);
  p->dilation_w = (uint8_t)(case_random(c, 0, 3) == 0 ? 2 : 1);
  p->flags = case_random(c, 0, 1) ? NFR_WINDOW_ROWS_DESCENDING : 0;
}

static int64_t window_sum(const struct op_case *c, const struct nfr_plan_conv *p, uint32_t b, int y, int x, uint32_t out_c) {
  const int8_t *weights = case_constant_at(c, p->weights);
  int64_t sum = 0;
  for (int ky = 0; ky < p->filter_h; ky++)
    for (int kx = 0; kx < p->filter_w; kx++) {
      int in_y = y * p->stride_h - p->pad_top + ky * p->dilation_h, in_x = x * p->stride_w - p->pad_left + kx * p->dilation_w;
      if (in_y < 0 || in_x < 0 || in_y >= p->in_h || in_x >= p->in_w) continue;
      uint32_t at = ((b * p->in_h + (uint32_t)in_y) * p->in_w + (uint32_t)in_x) * p->in_c + out_c / p->groups;
      uint32_t tap = (uint32_t)(ky * p->filter_w + kx);
      sum += (int64_t)weights[tap * p->out_c + out_c] * (model_at(&c->op.in[0], at) + p->q.input_offset);
    }
  return sum;
}

/* Planes for a random number of rows, with which no other requantization goes. */
static void make_planes(struct op_case *c, struct nfr_plan_conv *p) {
  c->record.frame.layout = NFR_LAYOUT_PLANES;
  p->dilation_h = p->dilation_w = 1;
  struct nfr_plan_conv strip = *p;
  strip.out_h = (uint16_t)case_random(c, 1, p->out_h);
  struct nfr_planes planes = nfr_planes_of(&strip, INT32_MAX);
  case_operand(c, &c->op.scratch, NFR_TYPE_INT16, nfr_planes_elements(&planes));
}

/* One in four keeps its tight clamp; one in eight gets scales that the fast requantization does not know. */
static void vary_requant(struct op_case *c, struct nfr_plan_conv *p) {
  if (case_random(c, 0, 3) != 0) {
    p->q.act_min = INT8_MIN;
    p->q.act_max = INT8_MAX;
  }
  uint32_t scales = p->q.flags & NFR_REQUANT_PER_CHANNEL ? p->out_c : 1;
  if (c->record.frame.layout == NFR_LAYOUT_PLANES || case_random(c, 0, 7) != 0) return;
  for (uint32_t k = 0; k < scales; k++) {
    if (case_random(c, 0, 3) == 0) ((int8_t *)(c->constants + p->q.shifts))[k] = (int8_t)case_random(c, -1, 3);
    if (case_random(c, 0, 3) == 0) ((int32_t *)(void *)(c->constants + p->q.multipliers))[k] = case_random(c, 0, 1 << 30);
  }
}

static void compare(uint32_t seeds, bool has_planes) {
  for (uint32_t seed = 0; seed < seeds; seed++) {
    struct op_case c;
    struct nfr_plan_conv *p = case_begin(&c, NFR_KIND_DEPTHWISE_CONV_2D, seed);
    make_geometry(&c, p);
    if (has_planes) make_planes(&c, p);
    uint32_t taps = (uint32_t)p->filter_h * p->filter_w;
    p->weights = case_weights(&c, taps * p->out_c, 1);
    p->q = case_requant(&c, p->out_c, NFR_TYPE_INT8, false, taps);
    vary_requant(&c, p);
    case_operand(&c, &c.op.in[0], NFR_TYPE_INT8, (uint32_t)p->batches * p->in_h * p->in_w * p->in_c);
    case_operand(&c, &c.op.out, NFR_TYPE_INT8, (uint32_t)p->batches * p->out_h * p->out_w * p->out_c);
    case_finish(&c);
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

static void channels_are_a_loop_over_taps(void **state) {
  (void)state;
  compare(800, false);
}

static void planes_are_a_loop_over_taps(void **state) {
  (void)state;
  compare(3000, true);
}

static uint32_t next(uint64_t *random) {
  *random = *random * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)(*random >> 32);
}

/* Over all sums, mantissas of at least 1/2 and shifts to the right, with the ends of each. */
static void usual_requantization_is_exact(void **state) {
  (void)state;
  static const uint32_t ends[] = {0, 1, UINT32_MAX, 0x7fffffff, 0x80000000, 0x80000001, 0x40000000, 0xc0000000};
  uint64_t random = 1;
  for (uint32_t n = 0; n < 4000000; n++) {
    int32_t multiplier = (int32_t)(n % 5 == 0 ? (n % 2 ? INT32_MAX : 1 << 30) : next(&random) % (1u << 30) + (1u << 30));
    int8_t shift = (int8_t)(-1 - (int32_t)(next(&random) % 31));
    uint32_t sum = n % 3 == 0 ? ends[next(&random) % 8] : next(&random) >> next(&random) % 24;
    if (n % 2) sum = 0u - sum;
    const struct nfr_requant r = {.multipliers = &multiplier, .shifts = &shift, .output_offset = (int32_t)(n % 256) - 128,
                                  .act_min = INT8_MIN, .act_max = INT8_MAX};
    assert_int_equal(nfr_requant_usual(sum, (uint32_t)multiplier << 1, (uint32_t)-shift, r.output_offset), nfr_requant(&r, sum, 0));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(channels_are_a_loop_over_taps),
                                     cmocka_unit_test(planes_are_a_loop_over_taps),
                                     cmocka_unit_test(usual_requantization_is_exact)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
