/* Pools, MEAN, PAD, TRANSPOSE, COPY: random records against loops over coordinates. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "model.h"

/* The value of one output element of a pool, before the clamp. */
static int64_t pooled(const struct op_case *c, const struct nfr_plan_pool *p, uint32_t b, int y, int x, uint32_t channel) {
  int64_t sum = 0, count = 0, maximum = INT64_MIN;
  for (int in_y = y * p->stride_h - p->pad_top, ky = 0; ky < p->filter_h; ky++, in_y++)
    for (int in_x = x * p->stride_w - p->pad_left, kx = 0; kx < p->filter_w; kx++, in_x++) {
      if (in_y < 0 || in_x < 0 || in_y >= p->in_h || in_x >= p->in_w) continue;
      int64_t value = model_at(&c->op.in[0], ((b * p->in_h + (uint32_t)in_y) * p->in_w + (uint32_t)in_x) * p->channels + channel);
      sum += value;
      count++;
      if (value > maximum) maximum = value;
    }
  return c->type->kind == NFR_KIND_MAX_POOL_2D ? maximum : model_divide(sum, count);
}

/* Filters, strides and padding of one dimension such that every window meets the input; returns the output's extent. */
static uint16_t random_windows(struct op_case *c, uint16_t in, uint16_t *filter, uint16_t *stride, uint16_t *pad) {
  *filter = (uint16_t)case_random(c, 1, 5);
  *stride = (uint16_t)case_random(c, 1, 3);
  *pad = (uint16_t)case_random(c, 0, *filter - 1);
  return (uint16_t)case_random(c, 1, (in + *pad - 1) / *stride + 1);
}

static void pools_are_loops_over_windows(void **state) {
  (void)state;
  for (uint32_t seed = 0; seed < 200; seed++) {
    struct op_case c;
    uint8_t type = seed & 2 ? NFR_TYPE_INT16 : NFR_TYPE_INT8;
    struct nfr_plan_pool *p = case_begin(&c, seed & 1 ? NFR_KIND_MAX_POOL_2D : NFR_KIND_AVERAGE_POOL_2D, seed);
    p->batches = (uint16_t)case_random(&c, 1, 2);
    p->in_h = (uint16_t)case_random(&c, 1, 8);
    p->in_w = (uint16_t)case_random(&c, 1, 8);
    p->channels = (uint16_t)case_random(&c, 1, 5);
    p->out_h = random_windows(&c, p->in_h, &p->filter_h, &p->stride_h, &p->pad_top);
    p->out_w = random_windows(&c, p->in_w, &p->filter_w, &p->stride_w, &p->pad_left);
    p->act_min = (int16_t)case_random(&c, -128, -60);
    p->act_max = (int16_t)case_random(&c, 60, 127);
    p->flags = case_random(&c, 0, 1) ? NFR_WINDOW_ROWS_DESCENDING : 0;
    case_operand(&c, &c.op.in[0], type, (uint32_t)p->batches * p->in_h * p->in_w * p->channels);
    case_operand(&c, &c.op.out, type, (uint32_t)p->batches * p->out_h * p->out_w * p->channels);
    case_finish(&c);
    case_run(&c);
    uint32_t i = 0;
    for (uint32_t b = 0; b < p->batches; b++)
      for (int y = 0; y < p->out_h; y++)
        for (int x = 0; x < p->out_w; x++)
          for (uint32_t k = 0; k < p->channels; k++, i++)
            assert_int_equal(model_at(&c.op.out, i), model_clamp(pooled(&c, p, b, y, x, k), p->act_min, p->act_max));
    case_free(&c);
  }
}

/* -5 / 2 and 5 / 2: away from zero. */
static void average_rounds_half_away_from_zero(void **state) {
  (void)state;
  struct op_case c;
  struct nfr_plan_pool *p = case_begin(&c, NFR_KIND_AVERAGE_POOL_2D, 1);
  *p = (struct nfr_plan_pool){.batches = 1, .in_h = 1, .in_w = 4, .channels = 1, .out_h = 1, .out_w = 2, .filter_h = 1,
                              .filter_w = 2, .stride_h = 1, .stride_w = 2, .act_min = -128, .act_max = 127};
  case_operand(&c, &c.op.in[0], NFR_TYPE_INT8, 4);
  case_operand(&c, &c.op.out, NFR_TYPE_INT8, 2);
  memcpy(c.op.in[0].data, (const int8_t[]){-2, -3, 2, 3}, 4);
  case_finish(&c);
  case_run(&c);
  assert_memory_equal(c.op.out.data, ((const int8_t[]){-3, 3}), 2);
  case_free(&c);
}

static void mean_is_a_rescaled_sum(void **state) {
  (void)state;
  for (uint32_t seed = 0; seed < 160; seed++) {
    struct op_case c;
    struct nfr_plan_mean *p = case_begin(&c, NFR_KIND_MEAN, seed);
    uint8_t type = seed & 16 ? NFR_TYPE_INT16 : NFR_TYPE_INT8;
    p->reduce = seed & 15;
    uint32_t in = 1, out = 1;
    for (unsigned d = 0; d < 4; d++) {
      p->dims[d] = (uint32_t)case_random(&c, 1, 4);
      in *= p->dims[d];
      if (!(p->reduce >> d & 1)) out *= p->dims[d];
    }
    p->multiplier = case_multiplier(&c);
    p->shift = case_random(&c, -3, 1);
    p->input_zero_point = (int16_t)case_random(&c, -100, 100);
    p->output_zero_point = (int16_t)case_random(&c, -100, 100);
    case_operand(&c, &c.op.in[0], type, in);
    case_operand(&c, &c.op.out, type, out);
    case_finish(&c);
    case_run(&c);

    int64_t sums[256] = {0};
    uint32_t i = 0, at[4];
    for (at[0] = 0; at[0] < p->dims[0]; at[0]++)
      for (at[1] = 0; at[1] < p->dims[1]; at[1]++)
        for (at[2] = 0; at[2] < p->dims[2]; at[2]++)
          for (at[3] = 0; at[3] < p->dims[3]; at[3]++, i++) {
            uint32_t o = 0;
            for (unsigned d = 0; d < 4; d++)
              if (!(p->reduce >> d & 1)) o = o * p->dims[d] + at[d];
            sums[o] += model_at(&c.op.in[0], i) - p->input_zero_point;
          }
    for (uint32_t o = 0; o < out; o++) {
      int64_t value = model_scale((int32_t)sums[o], p->multiplier, p->shift) + p->output_zero_point;
      int32_t limit = type == NFR_TYPE_INT8 ? INT8_MAX : INT16_MAX;
      assert_int_equal(model_at(&c.op.out, o), model_clamp(value, -limit - 1, limit));
    }
    case_free(&c);
  }
}

static const uint8_t moved[] = {NFR_TYPE_INT8, NFR_TYPE_INT16, NFR_TYPE_INT32, NFR_TYPE_FLOAT32};

static void pad_surrounds_with_filler(void **state) {
  (void)state;
  for (uint32_t seed = 0; seed < 120; seed++) {
    struct op_case c;
    uint8_t type = moved[seed % 3];
    struct nfr_plan_pad *p = case_begin(&c, NFR_KIND_PAD, seed);
    uint32_t in = 1, out = 1, dims[4], at[4], i = 0;
    for (unsigned d = 0; d < 4; d++) {
      p->dims[d] = (uint32_t)case_random(&c, 1, 3);
      p->before[d] = (uint32_t)case_random(&c, 0, 2);
      p->after[d] = (uint32_t)case_random(&c, 0, 2);
      dims[d] = p->before[d] + p->dims[d] + p->after[d];
      in *= p->dims[d];
      out *= dims[d];
    }
    p->fill = (int16_t)case_random(&c, -128, 127);
    case_operand(&c, &c.op.in[0], type, in);
    case_operand(&c, &c.op.out, type, out);
    case_finish(&c);
    case_run(&c);
    for (at[0] = 0; at[0] < dims[0]; at[0]++)
      for (at[1] = 0; at[1] < dims[1]; at[1]++)
        for (at[2] = 0; at[2] < dims[2]; at[2]++)
          for (at[3] = 0; at[3] < dims[3]; at[3]++, i++) {
            uint32_t source = 0;
            bool is_inside = true;
            for (unsigned d = 0; d < 4; d++) {
              is_inside = is_inside && at[d] >= p->before[d] && at[d] < p->before[d] + p->dims[d];
              source = source * p->dims[d] + (at[d] - p->before[d]);
            }
            assert_int_equal(model_at(&c.op.out, i), is_inside ? model_at(&c.op.in[0], source) : p->fill);
          }
    case_free(&c);
  }
}

static void transpose_permutes_coordinates(void **state) {
  (void)state;
  for (uint32_t seed = 0; seed < 160; seed++) {
    struct op_case c;
    uint8_t type = moved[seed % 4];
    struct nfr_plan_transpose *p = case_begin(&c, NFR_KIND_TRANSPOSE, seed);
    p->rank = (uint8_t)case_random(&c, 1, 6);
    uint32_t count = 1;
    for (uint8_t d = 0; d < 6; d++) {
      p->permutation[d] = d;
      p->dims[d] = d < p->rank ? (uint32_t)case_random(&c, 1, 3) : 1;
      count *= p->dims[d];
    }
    for (int d = p->rank - 1; d > 0; d--) { /* shuffle */
      int other = case_random(&c, 0, d);
      uint8_t swap = p->permutation[d];
      p->permutation[d] = p->permutation[other];
      p->permutation[other] = swap;
    }
    case_operand(&c, &c.op.in[0], type, count);
    case_operand(&c, &c.op.out, type, count);
    case_finish(&c);
    case_run(&c);
    for (uint32_t i = 0; i < count; i++) { /* coordinates of input element i, then its place in the output */
      uint32_t at[6], rest = i, o = 0;
      for (unsigned d = 6; d-- > 0; rest /= p->dims[d]) at[d] = rest % p->dims[d];
      for (unsigned d = 0; d < 6; d++) o = o * p->dims[p->permutation[d]] + at[p->permutation[d]];
      assert_int_equal(model_at(&c.op.out, o), model_at(&c.op.in[0], i));
    }
    case_free(&c);
  }
}

static void copy_copies(void **state) {
  (void)state;
  static const uint32_t sizes[] = {1, 255, 256, 257, 1000};
  for (uint32_t seed = 0; seed < 20; seed++) {
    struct op_case c;
    uint8_t type = moved[seed / 5];
    struct nfr_plan_copy *p = case_begin(&c, NFR_KIND_COPY, seed);
    p->bytes = sizes[seed % 5] * nfr_type_bytes(type);
    case_operand(&c, &c.op.in[0], type, sizes[seed % 5]);
    if (seed & 1)
      c.op.out = c.op.in[0];
    else
      case_operand(&c, &c.op.out, type, sizes[seed % 5]);
    case_finish(&c);
    case_run(&c);
    assert_memory_equal(c.op.out.data, c.op.in[0].data, p->bytes);
    case_free(&c);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(pools_are_loops_over_windows), cmocka_unit_test(average_rounds_half_away_from_zero),
      cmocka_unit_test(mean_is_a_rescaled_sum),       cmocka_unit_test(pad_surrounds_with_filler),
      cmocka_unit_test(transpose_permutes_coordinates), cmocka_unit_test(copy_copies),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
