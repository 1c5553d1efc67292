/* Declarative processing against slow models of SPEC §2 and §3 that share no arithmetic with it: 128-bit integers with
 * division, libm's roundf, whole histories instead of rings, a full sort instead of an insertion. */
#include "rules.h"

#include <math.h>

#include "builder.h"
#include "nfr_process.h"

static uint32_t random_state = 1;

static uint32_t random32(void) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 17;
  random_state ^= random_state << 5;
  return random_state;
}

static uint32_t below(uint32_t limit) {
  return random32() % limit;
}

struct pre { uint8_t bytes[12 + 4 * 16]; };

static struct pre make_pre(unsigned source, unsigned channels, uint32_t window, uint32_t hop) {
  struct pre pre = {{0}};
  pre.bytes[1] = (uint8_t)source;
  pre.bytes[2] = (uint8_t)channels;
  put32(pre.bytes + 4, window);
  put32(pre.bytes + 8, hop);
  return pre;
}

static void set_integer(struct pre *pre, unsigned channel, int32_t multiplier, unsigned shift, int64_t offset) {
  uint8_t *affine = pre->bytes + 12 + 16 * channel;
  put32(affine, (uint32_t)multiplier);
  affine[4] = (uint8_t)shift;
  put64(affine + 8, offset);
}

static void set_float(struct pre *pre, unsigned channel, float scale, float bias) {
  uint8_t *affine = pre->bytes + 12 + 16 * channel;
  putf32(affine, scale);
  putf32(affine + 4, bias);
}

/* ---- models ---- */

__extension__ typedef __int128 wide;

static int32_t limit(wide value, unsigned width) {
  int32_t max = width == 1 ? 127 : 32767;
  return value > max ? max : value < -max - 1 ? -max - 1 : (int32_t)value;
}

static int32_t model_integer(int32_t x, int32_t multiplier, unsigned shift, int64_t offset, unsigned width) {
  wide divisor = (wide)1 << shift, sum = (wide)x * multiplier + offset + (shift ? divisor / 2 : 0);
  wide quotient = sum / divisor;
  if (sum % divisor < 0) quotient--; /* towards minus infinity */
  return limit(quotient, width);
}

static int32_t model_float(float x, float scale, float bias, int32_t zero_point, unsigned width) {
  volatile float product = x * scale, sum = product + bias;
  if (isnan(sum)) return zero_point;
  float rounded = roundf(sum);
  float max = width == 1 ? 127.0f : 32767.0f;
  return (int32_t)(rounded > max ? max : rounded < -max - 1.0f ? -max - 1.0f : rounded);
}

static const unsigned source_bytes[] = {1, 1, 2, 4};

static int32_t model_sample(const struct pre *pre, unsigned element, const uint8_t *sample, int32_t zero_point, unsigned width) {
  const uint8_t *affine = pre->bytes + 12 + 16 * (element % pre->bytes[2]);
  uint32_t word;
  memcpy(&word, affine, 4);
  int64_t offset;
  memcpy(&offset, affine + 8, 8);
  float scale, bias, real;
  memcpy(&scale, affine, 4);
  memcpy(&bias, affine + 4, 4);
  int16_t half;
  switch (pre->bytes[1]) {
    case 0: return model_integer(sample[0], (int32_t)word, affine[4], offset, width);
    case 1: return model_integer((int8_t)sample[0], (int32_t)word, affine[4], offset, width);
    case 2: memcpy(&half, sample, 2); return model_integer(half, (int32_t)word, affine[4], offset, width);
    default: memcpy(&real, sample, 4); return model_float(real, scale, bias, zero_point, width);
  }
}

static int32_t element_of(const struct nfr_process_tensor *tensor, uint32_t index) {
  return tensor->width == 1 ? ((int8_t *)tensor->data)[index] : ((int16_t *)tensor->data)[index];
}

/* ---- whole tensors ---- */

static const int32_t multipliers[] = {0, 1, -1, 2, 77, -4711, 1 << 20, INT32_MAX, INT32_MIN};
static const unsigned shifts[] = {0, 1, 2, 7, 23, 31, 39, 40};
static const int64_t offsets[] = {0, 1, -1, 12345, -(INT64_C(1) << 40), (INT64_C(1) << 55) - 1, -(INT64_C(1) << 55) + 1};

/* Every uint8 and int8, and int16 in steps that meet the ends, under every combination of extreme parameters. */
static void test_integer_sources(void **state) {
  (void)state;
  unsigned compared = 0;
  for (unsigned source = 0; source < 3; source++) {
    uint8_t samples[514];
    for (unsigned i = 0; i < 257; i++) {
      int16_t value = (int16_t)(i == 256 ? INT16_MAX : -32768 + (int)i * 256);
      if (source == 2) memcpy(samples + 2 * i, &value, 2);
      else samples[i] = (uint8_t)i;
    }
    for (unsigned m = 0; m < 9; m++)
      for (unsigned s = 0; s < 8; s++)
        for (unsigned o = 0; o < 7; o++) {
          int16_t data[257];
          struct nfr_process_tensor tensor = {data, 257, (uint8_t)(1 + (m + s + o) % 2), 3};
          struct pre pre = make_pre(source, 2, 0, 0);
          struct nfr_pre_state window;
          set_integer(&pre, 0, multipliers[m], shifts[s], offsets[o]);
          set_integer(&pre, 1, multipliers[(m + 1) % 9], shifts[(s + 1) % 8], offsets[(o + 1) % 7]);
          assert_int_equal(nfr_pre_bind(pre.bytes, &tensor, NULL, &window), NFR_OK);
          assert_int_equal(nfr_pre_feed(pre.bytes, &window, &tensor, samples, 257 * source_bytes[source]), 1);
          for (unsigned i = 0; i < 257; i++, compared++) {
            int32_t expected = model_sample(&pre, i, samples + i * source_bytes[source], 3, tensor.width);
            if (element_of(&tensor, i) != expected)
              fail_msg("source %u m %u s %u o %u i %u: %d, not %d", source, m, s, o, i, element_of(&tensor, i), expected);
          }
        }
  }
  print_message("%u samples\n", compared);
}

static void test_float_source(void **state) {
  (void)state;
  float extremes[] = {0.0f, -0.0f, 0.5f, -0.5f, 0.49999997f, -0.49999997f, 1.5f, -1.5f, 127.5f, -128.5f, 32767.5f, -32768.5f,
                      8388607.5f, 16777216.0f, 3e38f, -3e38f, 1e-45f, INFINITY, -INFINITY, NAN, 1048575.5f, -1048576.5f};
  enum { EXTREMES = sizeof extremes / sizeof extremes[0], COUNT = 4000 };
  static float samples[COUNT];
  for (unsigned i = 0; i < COUNT; i++) {
    uint32_t bits = random32();
    if (i < EXTREMES) samples[i] = extremes[i];
    else if (i % 2) memcpy(&samples[i], &bits, 4);
    else samples[i] = (float)((int32_t)below(200001) - 100000) / 256.0f;
  }
  const float parameters[][2] = {{1.0f, 0.0f}, {0.5f, 0.25f}, {-1.0f, 0.5f}, {0.0f, 3.5f}, {3e38f, -3e38f}, {1e-40f, -0.5f}, {255.0f, -128.0f}, {2.0f, 1.0f}};
  for (unsigned p = 0; p < 8; p++)
    for (uint8_t width = 1; width <= 2; width++) {
      static int16_t data[COUNT];
      struct nfr_process_tensor tensor = {data, COUNT, width, -7};
      struct pre pre = make_pre(3, 1, 0, 0);
      struct nfr_pre_state window;
      set_float(&pre, 0, parameters[p][0], parameters[p][1]);
      assert_int_equal(nfr_pre_bind(pre.bytes, &tensor, NULL, &window), NFR_OK);
      assert_int_equal(nfr_pre_feed(pre.bytes, &window, &tensor, samples, sizeof samples), 1);
      for (unsigned i = 0; i < COUNT; i++) {
        int32_t expected = model_sample(&pre, i, (uint8_t *)&samples[i], -7, width);
        if (element_of(&tensor, i) != expected)
          fail_msg("p %u %a: %d, not %d", p, (double)samples[i], element_of(&tensor, i), expected);
      }
    }
}

/* ---- windows ---- */

/* Random windows and hops; the tensor after each feed is the end of the whole history. */
static void test_windows(void **state) {
  (void)state;
  unsigned dues = 0;
  for (unsigned round = 0; round < 300; round++) {
    unsigned source = below(4), channels = 1 + below(4), size = source_bytes[source];
    uint32_t window = 1 + below(40), hop = 1 + below(window);
    struct pre pre = make_pre(source, channels, window, hop);
    for (unsigned c = 0; c < channels; c++) {
      if (source == 3) set_float(&pre, c, (float)(c + 1) / 16.0f, (float)c);
      else set_integer(&pre, c, (int32_t)(c + 1), c, (int64_t)c * 5 - 7);
    }
    int16_t data[40];
    uint8_t *ring = malloc(nfr_pre_window_bytes(pre.bytes)); /* of its own: overruns are seen */
    struct nfr_process_tensor tensor = {data, window, (uint8_t)(1 + below(2)), 11};
    struct nfr_pre_state window_state;
    assert_int_equal(nfr_pre_window_bytes(pre.bytes), window * size);
    assert_int_equal(nfr_pre_feed_bytes(pre.bytes, window), hop * size);
    assert_int_equal(nfr_pre_bind(pre.bytes, &tensor, ring, &window_state), NFR_OK);
    static uint8_t history[40 * 40 * 4 * 4];
    uint32_t fed = 0;
    for (unsigned feed = 0; feed < 2 + 3 * window / hop; feed++) {
      if (feed == 1 + 2 * window / hop) {
        nfr_pre_reset(&window_state);
        fed = 0;
      }
      uint8_t *samples = history + fed * size;
      for (unsigned i = 0; i < hop * size; i++) samples[i] = (uint8_t)random32();
      int due = nfr_pre_feed(pre.bytes, &window_state, &tensor, samples, hop * size);
      fed += hop;
      assert_int_equal(due, fed >= window);
      dues += due == 1;
      nfr_pre_fill(pre.bytes, &window_state, &tensor);
      uint32_t held = fed < window ? fed : window;
      for (uint32_t i = 0; i < window; i++) {
        const uint8_t *sample = history + (fed - held + (i - (window - held))) * size;
        int32_t expected = i < window - held ? 11 : model_sample(&pre, i, sample, 11, tensor.width);
        assert_int_equal(element_of(&tensor, i), expected);
      }
    }
    free(ring);
  }
  assert_true(dues > 500);
}

static void test_a_feed_has_one_size(void **state) {
  (void)state;
  int8_t data[8];
  uint8_t ring[16], samples[16] = {0};
  struct nfr_process_tensor tensor = {data, 8, 1, 0};
  struct nfr_pre_state window;
  struct pre whole = make_pre(2, 1, 0, 0), sliding = make_pre(2, 1, 8, 3);
  assert_int_equal(nfr_pre_bind(whole.bytes, &tensor, NULL, &window), NFR_OK);
  assert_int_equal(nfr_pre_feed(whole.bytes, &window, &tensor, samples, 15), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_pre_feed(whole.bytes, &window, &tensor, NULL, 16), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_pre_bind(sliding.bytes, &tensor, ring, &window), NFR_OK);
  assert_int_equal(nfr_pre_feed(sliding.bytes, &window, &tensor, samples, 16), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_pre_feed(sliding.bytes, &window, &tensor, samples, 6), 0);
  assert_int_equal(nfr_pre_bind(sliding.bytes, &tensor, NULL, &window), NFR_ERR_ARGUMENT);
}

/* ---- results ---- */

struct post { uint8_t bytes[20]; };

static struct post make_post(unsigned top, unsigned flags, unsigned needed, unsigned window, int32_t threshold) {
  struct post post = {{0}};
  post.bytes[1] = (uint8_t)top;
  post.bytes[2] = (uint8_t)flags;
  post.bytes[3] = (uint8_t)needed;
  post.bytes[4] = (uint8_t)window;
  put32(post.bytes + 8, (uint32_t)threshold);
  putf32(post.bytes + 12, 0.5f);
  put32(post.bytes + 16, (uint32_t)-10);
  return post;
}

static int by_value_then_index(const void *a, const void *b) {
  const int32_t *x = a, *y = b;
  if (x[1] != y[1]) return x[1] < y[1] ? 1 : -1;
  return x[0] < y[0] ? -1 : 1;
}

static void test_top_k(void **state) {
  (void)state;
  for (unsigned round = 0; round < 2000; round++) {
    uint32_t elements = 1 + below(60), top = 1 + below(8), spread = 1 + below(300);
    int16_t data[60];
    int8_t *narrow = (int8_t *)data;
    int32_t pairs[60][2];
    struct nfr_process_tensor tensor = {data, elements, (uint8_t)(1 + below(2)), 0};
    for (uint32_t i = 0; i < elements; i++) {
      int32_t q = (int32_t)below(spread) - (int32_t)(spread / 2); /* narrow spreads: many ties */
      if (below(20) == 0) q = below(2) ? INT16_MIN : INT16_MAX;
      if (tensor.width == 1) narrow[i] = (int8_t)q;
      else data[i] = (int16_t)q;
      pairs[i][0] = (int32_t)i;
      pairs[i][1] = tensor.width == 1 ? (int8_t)q : (int16_t)q;
    }
    qsort(pairs, elements, sizeof pairs[0], by_value_then_index);
    int32_t threshold = (int32_t)below(300) - 150;
    bool has_threshold = below(2) == 0;
    struct post post = make_post(top, has_threshold, 0, 0, has_threshold ? threshold : 0);
    struct nfr_post_state post_state;
    struct nfr_result result;
    assert_int_equal(nfr_post_bind(post.bytes, &tensor, &post_state), NFR_OK);
    nfr_post_run(post.bytes, &post_state, &tensor, &result);
    assert_int_equal(result.count, top < elements ? top : elements);
    for (unsigned i = 0; i < result.count; i++) {
      assert_int_equal(result.scores[i].index, pairs[i][0]);
      assert_int_equal(result.scores[i].q, pairs[i][1]);
      assert_true(result.scores[i].score == (float)(pairs[i][1] + 10) * 0.5f);
    }
    int32_t decision = !has_threshold || pairs[0][1] >= threshold ? pairs[0][0] : -1;
    assert_int_equal(result.decision, decision);
    assert_int_equal(result.instant, decision);
  }
}

/* Histories of decisions (a class 0 … 2 or none), judged by looking back over all of them. */
static void test_debounce(void **state) {
  (void)state;
  unsigned decided = 0, differed = 0;
  for (unsigned round = 0; round < 400; round++) {
    unsigned window = 1 + below(16), needed = 1 + below(window);
    struct post post = make_post(1, 3, needed, window, 50);
    int8_t data[3];
    struct nfr_process_tensor tensor = {data, 3, 1, 0};
    struct nfr_post_state post_state;
    int32_t instants[60];
    assert_int_equal(nfr_post_bind(post.bytes, &tensor, &post_state), NFR_OK);
    for (unsigned n = 0; n < 60; n++) {
      memset(data, 0, sizeof data);
      unsigned class = below(4);
      if (class < 3) data[class] = 100;
      instants[n] = class < 3 ? (int32_t)class : -1;
      int32_t expected = -1;
      unsigned first = n + 1 < window ? 0 : n + 1 - window;
      for (unsigned back = n + 1; back-- > first && expected < 0;) {
        unsigned times = 0;
        for (unsigned i = first; i <= n; i++) times += instants[i] == instants[back];
        if (instants[back] >= 0 && times >= needed) expected = instants[back];
      }
      struct nfr_result result;
      nfr_post_run(post.bytes, &post_state, &tensor, &result);
      assert_int_equal(result.instant, instants[n]);
      assert_int_equal(result.decision, expected);
      decided += expected >= 0;
      differed += expected != instants[n];
    }
  }
  assert_true(decided > 3000 && differed > 3000);
}

static void test_score_of_extreme_zero_point(void **state) {
  (void)state;
  int16_t data[1] = {INT16_MIN};
  struct nfr_process_tensor tensor = {data, 1, 2, 0};
  struct post post = make_post(1, 0, 0, 0, 0);
  struct nfr_post_state post_state;
  struct nfr_result result;
  put32(post.bytes + 16, (uint32_t)INT32_MAX); /* the difference does not fit 32 bits */
  assert_int_equal(nfr_post_bind(post.bytes, &tensor, &post_state), NFR_OK);
  nfr_post_run(post.bytes, &post_state, &tensor, &result);
  assert_true(result.scores[0].score == (float)(INT64_C(-32768) - INT32_MAX) * 0.5f);
}

/* ---- rules ---- */

struct binding { struct pre pre; struct post post; struct nfr_process_tensor tensor; };

static int attempt_pre(void *argument) {
  struct binding *b = argument;
  uint8_t ring[64];
  struct nfr_pre_state window;
  return nfr_pre_bind(b->pre.bytes, &b->tensor, ring, &window);
}

static int attempt_post(void *argument) {
  struct binding *b = argument;
  struct nfr_post_state post_state;
  return nfr_post_bind(b->post.bytes, &b->tensor, &post_state);
}

static void test_rules(void **state) {
  (void)state;
  int8_t data[8];
  struct binding good = {make_pre(0, 1, 8, 2), make_post(1, 0, 0, 0, 0), {data, 8, 1, 0}};
  assert_int_equal(attempt_pre(&good), NFR_OK);
  assert_int_equal(attempt_post(&good), NFR_OK);
  struct binding float_tensor = good, short_tensor = good, large = good;
  float_tensor.tensor.width = 4;
  check_rule(&(struct rule_case){"P01", NFR_ERR_CORRUPT, true}, attempt_pre, &float_tensor);
  check_rule(&(struct rule_case){"P03", NFR_ERR_CORRUPT, true}, attempt_post, &float_tensor);
  short_tensor.tensor.elements = 7;
  check_rule(&(struct rule_case){"P02", NFR_ERR_CORRUPT, true}, attempt_pre, &short_tensor);
  large.tensor.elements = UINT32_C(1) << 31;
  check_rule(&(struct rule_case){"P04", NFR_ERR_CORRUPT, true}, attempt_post, &large);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_integer_sources), cmocka_unit_test(test_float_source),
      cmocka_unit_test(test_windows),         cmocka_unit_test(test_a_feed_has_one_size),
      cmocka_unit_test(test_top_k),           cmocka_unit_test(test_debounce),
      cmocka_unit_test(test_score_of_extreme_zero_point), cmocka_unit_test(test_rules),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
