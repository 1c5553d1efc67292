/* The native facade: life of a capsule, the shared arena, state, processing, self-test, refusals (rules F01 to F08). */
#include "rules.h"

#include <math.h>

#include "builder.h"
#include "interop/nfr_native.h"
#include "native_model.h"

#define LABELS "yes\nno\nmaybe\nd\xc3\xa9j\xc3\xa0"
#define COUNT(text) ((uint32_t)(sizeof(text) - 1))

enum { ARENA = 64 + 15, POOL = 256 + 15, WINDOW = 8, HOP = 4 };

struct fixture {
  struct nfr_native *native;
  uint8_t *arena, *pool; /* each an allocation of its own: overruns are seen */
  uint8_t list[8192], manifest[4096], vectors[4096];
  uint32_t manifest_bytes, vectors_bytes;
  struct model model;
  struct sample sample;
};

static struct nfr_native *make_context(struct fixture *f, uint32_t arena, uint32_t pool, const uint8_t *root) {
  free(f->native);
  free(f->arena);
  free(f->pool);
  uint32_t bytes = (uint32_t)nfr_native_size();
  f->native = malloc(bytes);
  f->arena = malloc(arena);
  f->pool = malloc(pool);
  memset(f->arena, 0xaa, arena);
  memset(f->pool, 0xaa, pool);
  assert_int_equal(nfr_native_init_with(f->native, bytes, f->arena, arena, f->pool, pool, root, &toy_crypto), NFR_OK);
  return f->native;
}

static void write_list(struct fixture *f, uint32_t version) {
  struct test_key root = toy_key(1), publisher = toy_key(2);
  struct list_sample list = {.version = version};
  list_add(&list, &publisher, "house/");
  size_t count = list_write(&list, &root, f->list);
  assert_int_equal(nfr_native_set_key_list(f->native, f->list, (uint32_t)count, 0), NFR_OK);
}

static void write_manifest(struct fixture *f) {
  struct test_key publisher = toy_key(2);
  f->manifest_bytes = (uint32_t)sample_write(&f->sample, &publisher, f->manifest);
}

static void add_section(struct sample *sample, unsigned kind, const void *bytes, uint32_t count) {
  sample_append(sample, 0x8010, 40)->value[0] = (uint8_t)kind;
  sample_set_section(sample, kind, bytes, count);
}

/* A window of int16 samples, two results with labels, decided by two of three. */
static void write_sample(struct fixture *f) {
  sample_small(&f->sample);
  uint8_t *needs = sample_find(&f->sample, 0x8006, 0)->value;
  const uint32_t bytes[6] = {MODEL_STATE + 2 * WINDOW, MODEL_ARENA, 0, 512, 100, 0};
  for (unsigned i = 0; i < 6; i++) put32(needs + 4 * i, bytes[i]);
  uint8_t *operators = sample_find(&f->sample, 0x8007, 0)->value;
  memset(operators, 0, 16);
  operators[NFR_KIND_LUT / 8] |= (uint8_t)(1u << NFR_KIND_LUT % 8);
  operators[NFR_KIND_SVDF / 8] |= (uint8_t)(1u << NFR_KIND_SVDF % 8);
  sample_set_section(&f->sample, NFR_SECTION_MODEL, f->model.bytes, f->model.count);
  add_section(&f->sample, NFR_SECTION_VECTORS, f->vectors, f->vectors_bytes);
  add_section(&f->sample, NFR_SECTION_LABELS, LABELS, COUNT(LABELS));
  uint8_t *pre = sample_append(&f->sample, 0x8020, 28)->value;
  pre[1] = 2, pre[2] = 1;
  put32(pre + 4, WINDOW);
  put32(pre + 8, HOP);
  put32(pre + 12, 1);
  pre[16] = 8;
  uint8_t *post = sample_append(&f->sample, 0x8021, 20)->value;
  post[1] = 2, post[2] = 6, post[3] = 2, post[4] = 3;
  putf32(post + 12, 0.5f);
  put32(post + 16, 3);
  write_manifest(f);
}

static int set_up(void **state) {
  struct fixture *f = calloc(1, sizeof *f);
  struct test_key root = toy_key(1);
  model_write(&f->model, 7);
  f->vectors_bytes = (uint32_t)vectors_write(&f->model, 4, f->vectors);
  write_sample(f);
  make_context(f, ARENA, POOL, root.public_key);
  write_list(f, 1);
  *state = f;
  return 0;
}

static int tear_down(void **state) {
  struct fixture *f = *state;
  free(f->native);
  free(f->arena);
  free(f->pool);
  free(f);
  return 0;
}

static int open_it(struct fixture *f) {
  return nfr_native_open(f->native, f->manifest, f->manifest_bytes, f->model.bytes, f->model.count, (const uint8_t *)LABELS,
                         COUNT(LABELS), 7);
}

static int open_good(struct fixture *f) {
  int handle = open_it(f);
  assert_true(handle > 0);
  return handle;
}

static unsigned run(struct nfr_native *native, int handle, uint32_t budget) {
  int err;
  unsigned slices = 0;
  do {
    err = nfr_native_step(native, handle, budget);
    slices++;
  } while (err == NFR_NATIVE_MORE);
  assert_int_equal(err, NFR_OK);
  return slices;
}

/* ---- one capsule ---- */

static void test_what_is_open(void **state) {
  struct fixture *f = *state;
  int handle = open_good(f);
  struct nfr_native_info info;
  struct nfr_native_tensor tensor;
  char text[65];
  assert_int_equal(nfr_native_info(f->native, handle, &info), NFR_OK);
  assert_int_equal(info.input_count, 1);
  assert_int_equal(info.output_count, 1);
  assert_int_equal(info.op_count, 2);
  assert_int_equal(info.arena_bytes, MODEL_ARENA);
  assert_int_equal(info.state_bytes, MODEL_STATE + 16);
  assert_int_equal(info.label_count, 4);
  assert_true(info.has_post && info.is_signed);
  assert_int_equal(nfr_native_tensor(f->native, handle, 0, 0, &tensor), NFR_OK);
  assert_int_equal(tensor.type, NFR_TYPE_INT8);
  assert_int_equal(tensor.rank, 2);
  assert_int_equal(tensor.dims[1], 8);
  assert_int_equal(tensor.dims[5], 1);
  assert_int_equal(tensor.elements, 8);
  assert_int_equal(tensor.bytes, 8);
  assert_int_equal(tensor.feed_bytes, 2 * HOP);
  assert_true(tensor.scale == 0.125f && tensor.zero_point == -5);
  assert_int_equal(nfr_native_tensor(f->native, handle, 1, 0, &tensor), NFR_OK);
  assert_int_equal(tensor.bytes, 4);
  assert_int_equal(tensor.feed_bytes, 0);
  assert_int_equal(nfr_native_tensor(f->native, handle, 0, 1, &tensor), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_native_tensor(f->native, handle, 1, 1, &tensor), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_native_tensor(f->native, handle, 2, 0, &tensor), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_native_label(f->native, handle, 3, text, sizeof text), 6);
  assert_string_equal(text, "d\xc3\xa9j\xc3\xa0");
  assert_int_equal(nfr_native_label(f->native, handle, 2, text, 5), NFR_ERR_NO_MEMORY);
  assert_int_equal(nfr_native_label(f->native, handle, 2, text, 6), 5);
  assert_int_equal(nfr_native_label(f->native, handle, 4, text, sizeof text), NFR_ERR_ARGUMENT);
}

static int8_t arithmetic_shift_8(int16_t sample) {
  double q = floor((sample + 128.0) / 256.0);
  return (int8_t)(q > 127 ? 127 : q);
}

/* Samples in, decisions out; outputs are those of a plain engine whose state also goes on. */
static void test_a_stream_of_samples(void **state) {
  struct fixture *f = *state;
  int handle = open_good(f);
  struct peer peer;
  int16_t history[4 * 40];
  int32_t instants[40];
  unsigned inferences = 0;
  peer_open(&peer, &f->model);
  for (unsigned feed = 0; feed < 40; feed++) {
    int16_t *samples = history + HOP * feed;
    for (unsigned i = 0; i < HOP; i++) samples[i] = (int16_t)((feed * HOP + i) * 7919u * 31u);
    int due = nfr_native_feed(f->native, handle, 0, (const uint8_t *)samples, 2 * HOP);
    assert_int_equal(due, feed >= 1);
    if (!due) continue;
    int8_t input[8], expected[4], output[4];
    for (unsigned i = 0; i < 8; i++) input[i] = arithmetic_shift_8(samples[(int)i - HOP]);
    peer_run(&peer, input, expected, NULL);
    assert_int_equal(nfr_native_begin(f->native, handle), NFR_OK);
    run(f->native, handle, feed % 2 ? 1 : 0);
    assert_int_equal(nfr_native_read_output(f->native, handle, 0, output, 0, 4), NFR_OK);
    assert_memory_equal(output, expected, 4);
    struct nfr_result result;
    assert_int_equal(nfr_native_result(f->native, handle, &result), NFR_OK);
    unsigned best = 0;
    for (unsigned i = 1; i < 4; i++) best = expected[i] > expected[best] ? i : best;
    instants[inferences] = (int32_t)best;
    assert_int_equal(result.instant, best);
    assert_int_equal(result.count, 2);
    assert_int_equal(result.scores[0].q, expected[best]);
    assert_true(result.scores[0].score == (float)(expected[best] - 3) * 0.5f);
    int32_t decision = -1;
    unsigned n = inferences;
    if (n >= 1 && (instants[n] == instants[n - 1] || (n >= 2 && instants[n] == instants[n - 2]))) decision = instants[n];
    else if (n >= 2 && instants[n - 1] == instants[n - 2]) decision = instants[n - 1];
    assert_int_equal(result.decision, decision);
    inferences++;
  }
  assert_int_equal(inferences, 39);
}

/* After a reset the window is empty, the state is as loaded and no decision has been taken. */
static void test_reset_forgets(void **state) {
  struct fixture *f = *state;
  int handle = open_good(f);
  int16_t samples[HOP] = {256, -512, 768, 1024};
  const uint8_t *feed = (const uint8_t *)samples;
  int8_t outputs[2][4];
  struct nfr_result results[2];
  for (unsigned round = 0; round < 2; round++) {
    assert_int_equal(nfr_native_feed(f->native, handle, 0, feed, 2 * HOP), 0);
    for (unsigned i = 0; i < 3; i++) {
      assert_int_equal(nfr_native_feed(f->native, handle, 0, feed, 2 * HOP), 1);
      assert_int_equal(nfr_native_begin(f->native, handle), NFR_OK);
      run(f->native, handle, 0);
      if (i != 0) continue;
      assert_int_equal(nfr_native_read_output(f->native, handle, 0, outputs[round], 0, 4), NFR_OK);
      assert_int_equal(nfr_native_result(f->native, handle, &results[round]), NFR_OK);
      assert_int_equal(results[round].decision, NFR_DECISION_NONE); /* one of the two that are needed */
    }
    assert_int_equal(nfr_native_reset(f->native, handle), NFR_OK);
  }
  assert_memory_equal(outputs[0], outputs[1], 4);
  assert_int_equal(results[0].instant, results[1].instant);
}

static void test_slices(void **state) {
  struct fixture *f = *state;
  int handle = open_good(f);
  int8_t input[8] = {1, 2, 3, 4, 5, 6, 7, 8}, whole[4], sliced[4];
  assert_int_equal(nfr_native_write_input(f->native, handle, 0, input, 0, 8), NFR_OK);
  assert_int_equal(nfr_native_begin(f->native, handle), NFR_OK);
  assert_int_equal(run(f->native, handle, UINT32_MAX), 1);
  assert_int_equal(nfr_native_read_output(f->native, handle, 0, whole, 0, 4), NFR_OK);
  assert_int_equal(nfr_native_reset(f->native, handle), NFR_OK);
  assert_int_equal(nfr_native_begin(f->native, handle), NFR_OK);
  assert_true(run(f->native, handle, 1) > 3);
  assert_int_equal(nfr_native_read_output(f->native, handle, 0, sliced, 0, 4), NFR_OK);
  assert_memory_equal(sliced, whole, 4);
  assert_int_equal(nfr_native_step(f->native, handle, 0), NFR_ERR_ARGUMENT); /* it has ended */
}

/* With a bare model every input is written by hand; the table destroys it, so each inference needs it again. */
static int bare(struct fixture *f) {
  make_context(f, ARENA, POOL, NULL);
  int handle = nfr_native_open_model(f->native, f->model.bytes, f->model.count);
  assert_true(handle > 0);
  return handle;
}

static void test_inputs_must_be_there(void **state) {
  struct fixture *f = *state;
  int handle = bare(f), other = nfr_native_open_model(f->native, f->model.bytes, f->model.count);
  int8_t input[8] = {0}, output[4];
  assert_int_equal(nfr_native_begin(f->native, handle), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_native_write_input(f->native, handle, 0, input, 0, 8), NFR_OK);
  assert_int_equal(nfr_native_read_output(f->native, handle, 0, output, 0, 4), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_native_begin(f->native, handle), NFR_OK);
  assert_int_equal(nfr_native_begin(f->native, handle), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_native_write_input(f->native, handle, 0, input, 0, 8), NFR_ERR_ARGUMENT);
  run(f->native, handle, 0);
  assert_int_equal(nfr_native_begin(f->native, handle), NFR_ERR_ARGUMENT); /* destroyed */
  assert_int_equal(nfr_native_write_input(f->native, handle, 0, input, 0, 8), NFR_OK);
  assert_int_equal(nfr_native_read_output(f->native, handle, 0, output, 0, 4), NFR_ERR_ARGUMENT); /* maybe overwritten */
  assert_int_equal(nfr_native_write_input(f->native, other, 0, input, 0, 8), NFR_OK);
  assert_int_equal(nfr_native_begin(f->native, handle), NFR_ERR_ARGUMENT); /* lost to the other */
  assert_int_equal(nfr_native_begin(f->native, other), NFR_OK);
}

/* One of two is not enough, nor two of which one was lost when the arena changed hands. */
static void test_every_input_must_be_there(void **state) {
  struct fixture *f = *state;
  model_add_input(&f->model);
  int handle = bare(f), other = nfr_native_open_model(f->native, f->model.bytes, f->model.count);
  int8_t input[8] = {0};
  assert_int_equal(nfr_native_write_input(f->native, handle, 0, input, 0, 8), NFR_OK);
  assert_int_equal(nfr_native_write_input(f->native, handle, 1, input, 0, 0), NFR_OK); /* nothing */
  assert_int_equal(nfr_native_begin(f->native, handle), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_native_write_input_float(f->native, handle, 1, &(float){0}, 0, 1), NFR_OK);
  assert_int_equal(nfr_native_begin(f->native, handle), NFR_OK);
  run(f->native, handle, 0);
  assert_int_equal(nfr_native_write_input(f->native, handle, 1, input, 0, 8), NFR_OK);
  assert_int_equal(nfr_native_begin(f->native, handle), NFR_ERR_ARGUMENT); /* the first was destroyed */
  assert_int_equal(nfr_native_write_input(f->native, handle, 0, input, 0, 8), NFR_OK);
  assert_int_equal(nfr_native_write_input(f->native, other, 0, input, 0, 8), NFR_OK);
  assert_int_equal(nfr_native_write_input(f->native, handle, 0, input, 0, 8), NFR_OK);
  assert_int_equal(nfr_native_begin(f->native, handle), NFR_ERR_ARGUMENT); /* the second was lost to the other */
  assert_int_equal(nfr_native_write_input(f->native, handle, 1, input, 0, 8), NFR_OK);
  assert_int_equal(nfr_native_begin(f->native, handle), NFR_OK);
}

/* The same with declared samples: an inference is not due with what another capsule has overwritten. */
static void test_a_lost_sample_is_not_there(void **state) {
  struct fixture *f = *state;
  model_add_input(&f->model);
  sample_set_section(&f->sample, NFR_SECTION_MODEL, f->model.bytes, f->model.count);
  uint8_t *first = sample_find(&f->sample, 0x8020, 0)->value;
  put32(first + 4, 0);
  put32(first + 8, 0);
  unsigned at = 0;
  while (f->sample.tlvs[at].type != 0x8020) at++;
  uint8_t *second = sample_insert(&f->sample, at + 1, 0x8020, 28)->value;
  memcpy(second, first, 28);
  second[0] = 1;
  write_manifest(f);
  int a = open_good(f), b = open_good(f);
  const uint8_t samples[16] = {0};
  assert_int_equal(nfr_native_feed(f->native, a, 0, samples, 16), 0);
  assert_int_equal(nfr_native_feed(f->native, a, 1, samples, 16), 1);
  assert_int_equal(nfr_native_feed(f->native, b, 0, samples, 16), 0);
  assert_int_equal(nfr_native_feed(f->native, a, 1, samples, 16), 0);
  assert_int_equal(nfr_native_begin(f->native, a), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_native_feed(f->native, a, 0, samples, 16), 1);
  assert_int_equal(nfr_native_begin(f->native, a), NFR_OK);
}

static void test_ranges(void **state) {
  struct fixture *f = *state;
  int handle = bare(f);
  int8_t bytes[16] = {0};
  float floats[16] = {0};
  static const struct { uint32_t at, count; int error; } ranges[] = {
      {0, 8, NFR_OK}, {7, 1, NFR_OK}, {8, 0, NFR_OK}, {8, 1, NFR_ERR_ARGUMENT}, {9, 0, NFR_ERR_ARGUMENT},
      {1, 8, NFR_ERR_ARGUMENT}, {UINT32_MAX, 2, NFR_ERR_ARGUMENT}, {2, UINT32_MAX, NFR_ERR_ARGUMENT}};
  for (unsigned i = 0; i < 8; i++) {
    assert_int_equal(nfr_native_write_input(f->native, handle, 0, bytes, ranges[i].at, ranges[i].count), ranges[i].error);
    assert_int_equal(nfr_native_write_input_float(f->native, handle, 0, floats, ranges[i].at, ranges[i].count), ranges[i].error);
  }
  assert_int_equal(nfr_native_write_input(f->native, handle, 1, bytes, 0, 1), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_native_begin(f->native, handle), NFR_OK);
  run(f->native, handle, 0);
  assert_int_equal(nfr_native_read_output(f->native, handle, 0, bytes, 1, 3), NFR_OK);
  assert_int_equal(nfr_native_read_output(f->native, handle, 0, bytes, 1, 4), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_native_read_output(f->native, handle, 1, bytes, 0, 1), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_native_read_output_float(f->native, handle, 0, floats, 4, 1), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_native_feed(f->native, handle, 0, (uint8_t *)bytes, 8), NFR_ERR_ARGUMENT); /* nothing declared */
  assert_int_equal(nfr_native_result(f->native, handle, &(struct nfr_result){0}), NFR_ERR_ARGUMENT);
}

static void test_floats(void **state) {
  struct fixture *f = *state;
  int handle = bare(f);
  const float values[8] = {0.0f, 0.0625f, -0.0625f, NAN, INFINITY, -INFINITY, 3.3f, 1e-40f};
  const int8_t expected[8] = {-5, -4, -6, -5, 127, -128, 21, -5}; /* scale 1/8, zero point -5; half away from zero */
  int8_t output[4], direct[4];
  float real[4];
  assert_int_equal(nfr_native_write_input_float(f->native, handle, 0, values, 0, 8), NFR_OK);
  assert_memory_equal((uint8_t *)(((uintptr_t)f->arena + 15) & ~(uintptr_t)15) + 16, expected, 8);
  assert_int_equal(nfr_native_begin(f->native, handle), NFR_OK);
  run(f->native, handle, 0);
  assert_int_equal(nfr_native_read_output(f->native, handle, 0, output, 0, 4), NFR_OK);
  assert_int_equal(nfr_native_read_output_float(f->native, handle, 0, real, 0, 4), NFR_OK);
  for (unsigned i = 0; i < 4; i++) assert_true(real[i] == (float)(output[i] - 3) * 0.5f);
  struct peer peer;
  peer_open(&peer, &f->model);
  peer_run(&peer, expected, direct, NULL);
  assert_memory_equal(output, direct, 4);
}

/* ---- several capsules ---- */

static void test_the_arena_is_shared(void **state) {
  struct fixture *f = *state;
  int a = open_good(f), b = open_good(f);
  int16_t samples[HOP] = {300, -300, 500, 32767};
  const uint8_t *feed = (const uint8_t *)samples;
  int8_t output[4];
  for (unsigned i = 0; i < 2; i++) {
    assert_int_equal(nfr_native_feed(f->native, a, 0, feed, 2 * HOP), (int)i);
    assert_int_equal(nfr_native_feed(f->native, b, 0, feed, 2 * HOP), (int)i);
  }
  assert_int_equal(nfr_native_begin(f->native, a), NFR_OK);
  assert_int_equal(nfr_native_step(f->native, a, 1), NFR_NATIVE_MORE);
  assert_int_equal(nfr_native_begin(f->native, b), NFR_ERR_BUSY);
  assert_int_equal(nfr_native_write_input(f->native, b, 0, samples, 0, 8), NFR_ERR_BUSY);
  assert_int_equal(nfr_native_self_test_begin(f->native, b, f->vectors, f->vectors_bytes), NFR_ERR_BUSY);
  assert_int_equal(nfr_native_step(f->native, b, 1), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_native_reset(f->native, a), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_native_reset(f->native, b), NFR_OK);
  assert_int_equal(nfr_native_feed(f->native, b, 0, feed, 2 * HOP), 0); /* windows go on */
  assert_int_equal(nfr_native_feed(f->native, b, 0, feed, 2 * HOP), 1);
  run(f->native, a, 1);
  assert_int_equal(nfr_native_read_output(f->native, a, 0, output, 0, 4), NFR_OK);
  assert_int_equal(nfr_native_read_output(f->native, b, 0, output, 0, 4), NFR_ERR_ARGUMENT);
  const uint8_t *arena = (uint8_t *)(((uintptr_t)f->arena + 15) & ~(uintptr_t)15);
  assert_int_equal(nfr_native_begin(f->native, b), NFR_OK);
  for (unsigned i = 0; i < MODEL_ARENA; i++)
    if (i < 16 || i >= 24) assert_int_equal(arena[i], 0); /* nothing of a's is left, around b's input */
  assert_int_equal(nfr_native_read_output(f->native, a, 0, output, 0, 4), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_native_result(f->native, a, &(struct nfr_result){0}), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_native_abort(f->native, a), NFR_OK); /* not a's to abort */
  assert_int_equal(nfr_native_step(f->native, b, 1), NFR_NATIVE_MORE);
  assert_int_equal(nfr_native_abort(f->native, b), NFR_OK);
  assert_int_equal(nfr_native_step(f->native, b, 1), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_native_begin(f->native, a), NFR_OK);
  assert_int_equal(nfr_native_close(f->native, a), NFR_OK); /* amid its inference */
  assert_int_equal(nfr_native_begin(f->native, b), NFR_OK);
}

/* Two capsules take turns; each has a state of its own. */
static void test_states_are_apart(void **state) {
  struct fixture *f = *state;
  int handles[2];
  struct peer peers[2];
  handles[0] = bare(f);
  handles[1] = nfr_native_open_model(f->native, f->model.bytes, f->model.count);
  assert_true(handles[1] > 0);
  peer_open(&peers[0], &f->model);
  peer_open(&peers[1], &f->model);
  for (unsigned i = 0; i < 30; i++) {
    unsigned who = i % 3 == 0;
    int8_t input[8], output[4], expected[4];
    for (unsigned j = 0; j < 8; j++) input[j] = (int8_t)(i * 29 + j * 17 + who * 5);
    assert_int_equal(nfr_native_write_input(f->native, handles[who], 0, input, 0, 8), NFR_OK);
    assert_int_equal(nfr_native_begin(f->native, handles[who]), NFR_OK);
    run(f->native, handles[who], 300);
    assert_int_equal(nfr_native_read_output(f->native, handles[who], 0, output, 0, 4), NFR_OK);
    peer_run(&peers[who], input, expected, NULL);
    assert_memory_equal(output, expected, 4);
  }
}

/* The pool holds five states of 48; a hole is used again, memory does not leak, handles are never the same. */
static void test_pool_and_table(void **state) {
  struct fixture *f = *state;
  int handles[8], old[20];
  for (unsigned i = 0; i < 5; i++) handles[i] = open_good(f);
  assert_int_equal(open_it(f), NFR_ERR_NO_MEMORY);
  for (unsigned i = 0; i < 20; i++) {
    old[i] = handles[i % 5];
    assert_int_equal(nfr_native_close(f->native, handles[i % 5]), NFR_OK);
    handles[i % 5] = open_good(f);
    assert_int_equal(open_it(f), NFR_ERR_NO_MEMORY);
  }
  for (unsigned i = 0; i < 20; i++) {
    assert_int_equal(nfr_native_close(f->native, old[i]), NFR_ERR_ARGUMENT);
    assert_int_equal(nfr_native_begin(f->native, old[i]), NFR_ERR_ARGUMENT);
  }
  /* Two neighbours' holes are one. */
  struct nfr_native_summary summary;
  assert_int_equal(nfr_native_close(f->native, handles[1]), NFR_OK);
  assert_int_equal(nfr_native_close(f->native, handles[2]), NFR_OK);
  put32(sample_find(&f->sample, 0x8006, 0)->value, 97);
  write_manifest(f);
  assert_int_equal(nfr_native_verify(f->native, f->manifest, f->manifest_bytes, &summary), NFR_OK);
  assert_string_equal(summary.deficit, "state 97 needed, 96 free");

  struct test_key root = toy_key(1);
  make_context(f, ARENA, 4096, root.public_key);
  write_list(f, 1);
  for (unsigned i = 0; i < 8; i++) handles[i] = open_good(f);
  assert_int_equal(open_it(f), NFR_ERR_NO_MEMORY); /* the table is full */
}

/* ---- what is refused ---- */

static void test_verify_says_what_it_is(void **state) {
  struct fixture *f = *state;
  struct nfr_native_summary summary;
  assert_int_equal(nfr_native_verify(f->native, f->manifest, f->manifest_bytes, &summary), NFR_OK);
  assert_string_equal(summary.name, "house/kws");
  assert_string_equal(summary.version, "1.0");
  assert_string_equal(summary.target, "host");
  assert_string_equal(summary.processor, "");
  assert_string_equal(summary.deficit, "");
  assert_int_equal(summary.fits, NFR_OK);
  assert_int_equal(summary.security_counter, 7);
  assert_int_equal(summary.abi, 0x10000);
  assert_int_equal(summary.arena, MODEL_ARENA);
  assert_int_equal(summary.section_bytes[NFR_SECTION_LABELS], COUNT(LABELS));
  assert_int_equal(summary.section_bytes[NFR_SECTION_MANAGED], 0);
  assert_int_equal(summary.pre_count, 1);
  assert_int_equal(summary.has_post, 1);
  f->manifest[20] ^= 1;
  assert_int_equal(nfr_native_verify(f->native, f->manifest, f->manifest_bytes, &summary), NFR_ERR_SIGNATURE);
  assert_int_equal(summary.error, NFR_ERR_SIGNATURE);
  assert_string_equal(summary.name, "");
}

/* The longest texts of a manifest fit the summary with their terminators. */
static void test_longest_texts(void **state) {
  struct fixture *f = *state;
  struct nfr_native_summary summary;
  char name[65] = "house/", version[33] = "", target[33] = "", processor[97] = "";
  sample_full(&f->sample);
  memset(name + 6, 'n', 58);
  memset(version, '9', 32);
  memset(target, 't', 32);
  memset(processor, 'P', 96);
  sample_set_text(&f->sample, 0x8001, name);
  sample_set_text(&f->sample, 0x8002, version);
  sample_set_text(&f->sample, 0x8004, target);
  sample_set_text(&f->sample, 0x8009, processor);
  write_manifest(f);
  assert_int_equal(nfr_native_verify(f->native, f->manifest, f->manifest_bytes, &summary), NFR_OK);
  assert_string_equal(summary.name, name);
  assert_string_equal(summary.version, version);
  assert_string_equal(summary.target, target);
  assert_string_equal(summary.processor, processor);
  assert_string_equal(summary.deficit, "made for another target");
  assert_int_equal(summary.fits, NFR_ERR_UNSUPPORTED);
}

static void test_board(void **state) {
  struct fixture *f = *state;
  struct nfr_native_board board = {.target = "cortex-m4", .stack_bytes = 4096};
  assert_int_equal(nfr_native_set_board(f->native, &board), NFR_OK);
  assert_int_equal(open_it(f), NFR_ERR_UNSUPPORTED);
  memcpy(board.target, "host", 5);
  board.stack_bytes = 511;
  assert_int_equal(nfr_native_set_board(f->native, &board), NFR_OK);
  assert_int_equal(open_it(f), NFR_ERR_NO_MEMORY);
  board.stack_bytes = 512;
  board.max_slice = 10; /* less than one unit of any operator */
  assert_int_equal(nfr_native_set_board(f->native, &board), NFR_OK);
  assert_int_equal(open_it(f), NFR_ERR_BUDGET);
  board.max_slice = 0;
  assert_int_equal(nfr_native_set_board(f->native, &board), NFR_OK);
  open_good(f);
  memset(board.target, 'x', sizeof board.target);
  assert_int_equal(nfr_native_set_board(f->native, &board), NFR_ERR_ARGUMENT);
}

static void test_hostile_sections(void **state) {
  struct fixture *f = *state;
  struct nfr_native *n = f->native;
  const uint8_t *labels = (const uint8_t *)LABELS, *model = f->model.bytes;
  assert_int_equal(nfr_native_open(n, f->manifest, f->manifest_bytes, model, f->model.count - 16, labels, COUNT(LABELS), 0), NFR_ERR_CORRUPT);
  assert_int_equal(nfr_native_open(n, f->manifest, f->manifest_bytes, model, f->model.count, labels, COUNT(LABELS) - 1, 0), NFR_ERR_CORRUPT);
  assert_int_equal(nfr_native_open(n, f->manifest, f->manifest_bytes, model, f->model.count, NULL, 0, 0), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_native_open(n, f->manifest, f->manifest_bytes, NULL, f->model.count, labels, COUNT(LABELS), 0), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_native_open(n, f->manifest, f->manifest_bytes, model, f->model.count, labels, COUNT(LABELS), 8), NFR_ERR_ROLLBACK);
  f->model.bytes[f->model.count - 1] ^= 1;
  assert_int_equal(open_it(f), NFR_ERR_CORRUPT);
  f->model.bytes[f->model.count - 1] ^= 1;
  open_good(f);
  sample_set_section(&f->sample, NFR_SECTION_LABELS, "a\n\n", 3); /* signed, and still no labels */
  write_manifest(f);
  assert_int_equal(nfr_native_open(n, f->manifest, f->manifest_bytes, model, f->model.count, (const uint8_t *)"a\n\n", 3, 0), NFR_ERR_CORRUPT);
  memset(f->model.bytes + 64, 0xff, 16); /* signed, and still no plan */
  write_sample(f);
  assert_int_equal(open_it(f), NFR_ERR_CORRUPT);
}

static void test_trust(void **state) {
  struct fixture *f = *state;
  struct test_key root = toy_key(1);
  assert_int_equal(nfr_native_open_model(f->native, f->model.bytes, f->model.count), NFR_ERR_SIGNATURE);
  write_list(f, 5);
  assert_int_equal(nfr_native_set_key_list(f->native, f->list, 16, 0), NFR_ERR_CORRUPT);
  struct list_sample older = {.version = 4};
  uint8_t bytes[8192];
  uint32_t count = (uint32_t)list_write(&older, &root, bytes);
  assert_int_equal(nfr_native_set_key_list(f->native, bytes, count, 0), NFR_ERR_ROLLBACK);
  open_good(f); /* the list in use is still the good one */
  older.version = 6;
  count = (uint32_t)list_write(&older, &root, bytes);
  assert_int_equal(nfr_native_set_key_list(f->native, bytes, count, 7), NFR_ERR_ROLLBACK);
  assert_int_equal(nfr_native_set_key_list(f->native, bytes, count, 6), NFR_OK);
  assert_int_equal(open_it(f), NFR_ERR_SIGNATURE); /* it lists nobody */
  make_context(f, ARENA, POOL, root.public_key);
  assert_int_equal(open_it(f), NFR_ERR_SIGNATURE); /* no list yet */
  make_context(f, ARENA, POOL, NULL);
  assert_int_equal(nfr_native_set_key_list(f->native, f->list, count, 0), NFR_ERR_SIGNATURE);
  assert_int_equal(open_it(f), NFR_ERR_SIGNATURE);
}

static void test_check_section(void **state) {
  struct fixture *f = *state;
  struct nfr_native *n = f->native;
  assert_int_equal(nfr_native_check_section(n, f->manifest, f->manifest_bytes, NFR_SECTION_VECTORS, f->vectors, f->vectors_bytes), NFR_OK);
  f->vectors[30] ^= 1;
  assert_int_equal(nfr_native_check_section(n, f->manifest, f->manifest_bytes, NFR_SECTION_VECTORS, f->vectors, f->vectors_bytes), NFR_ERR_CORRUPT);
  assert_int_equal(nfr_native_check_section(n, f->manifest, f->manifest_bytes, NFR_SECTION_MANAGED, f->vectors, f->vectors_bytes), NFR_ERR_CORRUPT);
  assert_int_equal(nfr_native_check_section(n, f->manifest, f->manifest_bytes, 0, f->vectors, f->vectors_bytes), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_native_check_section(n, f->manifest, f->manifest_bytes, 6, f->vectors, f->vectors_bytes), NFR_ERR_ARGUMENT);
}

static int attempt_open(void *argument) {
  struct fixture *f = argument;
  int handle = open_it(f);
  if (handle > 0 && nfr_native_close(f->native, handle) != NFR_OK) return -100;
  return handle > 0 ? NFR_OK : handle;
}

static void lower_state(struct fixture *f) { put32(sample_find(&f->sample, 0x8006, 0)->value, MODEL_STATE + 2 * WINDOW - 1); }
static void lower_arena(struct fixture *f) { put32(sample_find(&f->sample, 0x8006, 0)->value + 4, MODEL_ARENA - 1); }
static void no_layouts(struct fixture *f) { put32(sample_find(&f->sample, 0x8005, 0)->value + 8, 0); }
static void pre_of_input_1(struct fixture *f) { sample_find(&f->sample, 0x8020, 0)->value[0] = 1; }
static void post_of_output_1(struct fixture *f) { sample_find(&f->sample, 0x8021, 0)->value[0] = 1; }
static void other_window(struct fixture *f) { put32(sample_find(&f->sample, 0x8020, 0)->value + 4, WINDOW - 1); }

static void test_model_and_manifest_agree(void **state) {
  struct fixture *f = *state;
  static const struct { struct rule_case rule; void (*break_it)(struct fixture *); } cases[] = {
      {{"F01", NFR_ERR_CORRUPT, true}, lower_state},     {{"F02", NFR_ERR_CORRUPT, true}, lower_arena},
      {{"F03", NFR_ERR_CORRUPT, true}, no_layouts},      {{"F04", NFR_ERR_CORRUPT, false}, pre_of_input_1},
      {{"F05", NFR_ERR_CORRUPT, false}, post_of_output_1}, {{"P02", NFR_ERR_CORRUPT, true}, other_window}};
  for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    write_sample(f);
    assert_int_equal(attempt_open(f), NFR_OK);
    cases[i].break_it(f);
    write_manifest(f);
    check_rule(&cases[i].rule, attempt_open, f);
  }
}

/* ---- self-test ---- */

static int self_test(struct fixture *f, int handle, uint32_t budget, struct nfr_native_report *report) {
  int err = nfr_native_self_test_begin(f->native, handle, f->vectors, f->vectors_bytes);
  if (err) return err;
  unsigned steps = 0;
  do {
    err = nfr_native_self_test_step(f->native, handle, budget, report);
    assert_true(++steps < 1000);
  } while (err == NFR_NATIVE_MORE);
  return err;
}

static void test_self_test_passes(void **state) {
  struct fixture *f = *state;
  int handle = open_good(f);
  struct nfr_native_report report;
  int8_t input[8] = {9, -9, 50, 3, 2, 1, 0, -100}, before[4], after[4];
  for (uint32_t budget = 0; budget < 1000; budget += 333) assert_int_equal(self_test(f, handle, budget, &report), NFR_OK);
  assert_int_equal(report.case_count, 4);
  assert_int_equal(nfr_native_self_test_step(f->native, handle, 0, &report), NFR_ERR_ARGUMENT);
  /* The capsule is left as after opening, and works. */
  struct peer peer;
  peer_open(&peer, &f->model);
  peer_run(&peer, input, before, NULL);
  assert_int_equal(nfr_native_write_input(f->native, handle, 0, input, 0, 8), NFR_OK);
  assert_int_equal(nfr_native_close(f->native, handle), NFR_OK);
  handle = bare(f);
  assert_int_equal(self_test(f, handle, 0, &report), NFR_OK);
  assert_int_equal(nfr_native_write_input(f->native, handle, 0, input, 0, 8), NFR_OK);
  assert_int_equal(nfr_native_begin(f->native, handle), NFR_OK);
  assert_int_equal(run(f->native, handle, UINT32_MAX), 1); /* no longer stops at each operator */
  assert_int_equal(nfr_native_read_output(f->native, handle, 0, after, 0, 4), NFR_OK);
  assert_memory_equal(after, before, 4);
}

/* Every byte of every checksum and output, flipped: the case and the operator are named. */
static void test_self_test_names_the_operator(void **state) {
  struct fixture *f = *state;
  int handle = bare(f);
  for (uint32_t at = 24; at < f->vectors_bytes; at++) {
    unsigned in_case = (at - 24) % 24;
    if (in_case < 12) continue; /* flags and input */
    struct nfr_native_report report;
    f->vectors[at] ^= 0x10;
    assert_int_equal(self_test(f, handle, at % 2 ? 0 : 1, &report), NFR_ERR_SELF_TEST);
    f->vectors[at] ^= 0x10;
    assert_int_equal(report.case_index, (at - 24) / 24);
    assert_int_equal(report.source_op, in_case < 16 ? -1 : in_case < 20 ? 10 : 20);
    assert_int_equal(report.op, in_case < 16 ? 2 : in_case < 20 ? 0 : 1);
  }
}

static void test_self_test_is_bound_to_the_manifest(void **state) {
  struct fixture *f = *state;
  int handle = open_good(f);
  struct nfr_native_report report;
  f->vectors_bytes = (uint32_t)vectors_write(&f->model, 3, f->vectors);
  assert_int_equal(self_test(f, handle, 0, &report), NFR_ERR_CORRUPT);
  f->vectors_bytes = (uint32_t)vectors_write(&f->model, 4, f->vectors);
  assert_int_equal(self_test(f, handle, 0, &report), NFR_OK);
}

static void test_self_test_is_aborted(void **state) {
  struct fixture *f = *state;
  int handle = open_good(f), other = open_good(f);
  struct nfr_native_report report;
  assert_int_equal(nfr_native_self_test_begin(f->native, handle, f->vectors, f->vectors_bytes), NFR_OK);
  assert_int_equal(nfr_native_self_test_step(f->native, handle, 1, &report), NFR_NATIVE_MORE);
  assert_int_equal(nfr_native_step(f->native, handle, 1), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_native_begin(f->native, handle), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_native_begin(f->native, other), NFR_ERR_BUSY);
  assert_int_equal(nfr_native_abort(f->native, handle), NFR_OK);
  assert_int_equal(nfr_native_self_test_step(f->native, handle, 1, &report), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_native_begin(f->native, other), NFR_OK);
  assert_int_equal(nfr_native_abort(f->native, other), NFR_OK);
  assert_int_equal(self_test(f, handle, 0, &report), NFR_OK);
}

/* Between two cases another capsule infers: nobody waits for more than one case. Meanwhile the tested one is nobody's to run. */
static void test_self_test_lets_others_in_between_cases(void **state) {
  struct fixture *f = *state;
  int handle = open_good(f), other = open_good(f);
  struct nfr_native_report report;
  int8_t input[8] = {1, 2, 3, 4, 5, 6, 7, 8}, output[4];
  unsigned turns = 0, waits = 0;
  assert_int_equal(nfr_native_self_test_begin(f->native, handle, f->vectors, f->vectors_bytes), NFR_OK);
  assert_int_equal(nfr_native_self_test_begin(f->native, other, f->vectors, f->vectors_bytes), NFR_ERR_BUSY);
  int err = nfr_native_self_test_step(f->native, handle, 1, &report);
  while (err == NFR_NATIVE_MORE) {
    int written = nfr_native_write_input(f->native, other, 0, input, 0, 8);
    assert_true(written == NFR_OK || written == NFR_ERR_BUSY);
    if (written == NFR_OK) {
      turns++;
      assert_int_equal(nfr_native_begin(f->native, other), NFR_OK);
      assert_int_equal(nfr_native_self_test_step(f->native, handle, 1, &report), NFR_ERR_BUSY);
      assert_int_equal(nfr_native_begin(f->native, handle), NFR_ERR_ARGUMENT);
      assert_int_equal(nfr_native_reset(f->native, handle), NFR_ERR_ARGUMENT);
      run(f->native, other, UINT32_MAX);
      assert_int_equal(nfr_native_read_output(f->native, other, 0, output, 0, 4), NFR_OK);
    } else {
      waits++;
    }
    err = nfr_native_self_test_step(f->native, handle, 1, &report);
  }
  assert_int_equal(err, NFR_OK);
  assert_int_equal(turns, 3); /* of 4 cases */
  assert_true(waits > turns);
}

static void test_self_test_is_aborted_between_cases(void **state) {
  struct fixture *f = *state;
  int handle = open_good(f), other = open_good(f);
  struct nfr_native_report report;
  for (unsigned closes = 0; closes < 2; closes++) {
    assert_int_equal(nfr_native_self_test_begin(f->native, handle, f->vectors, f->vectors_bytes), NFR_OK);
    do assert_int_equal(nfr_native_self_test_step(f->native, handle, 1, &report), NFR_NATIVE_MORE);
    while (nfr_native_write_input(f->native, other, 0, "12345678", 0, 8) == NFR_ERR_BUSY);
    assert_int_equal(closes ? nfr_native_close(f->native, handle) : nfr_native_abort(f->native, handle), NFR_OK);
    assert_int_equal(nfr_native_begin(f->native, other), NFR_OK); /* its input is still there */
    assert_int_equal(nfr_native_abort(f->native, other), NFR_OK);
    assert_int_equal(self_test(f, other, 0, &report), NFR_OK); /* no test is under way any more */
  }
}

struct vectors_try { struct fixture *f; int handle; };

static int attempt_vectors(void *argument) {
  struct vectors_try *attempt = argument;
  int err = nfr_native_self_test_begin(attempt->f->native, attempt->handle, attempt->f->vectors, attempt->f->vectors_bytes);
  return err ? err : nfr_native_abort(attempt->f->native, attempt->handle);
}

/* Well-formed vectors of another model: one case, as many bytes as its header says. */
static void test_vectors_and_model_agree(void **state) {
  struct fixture *f = *state;
  struct vectors_try attempt = {f, bare(f)};
  static const struct { struct rule_case rule; uint32_t in, out; unsigned ops; } cases[] = {
      {{"F06", NFR_ERR_CORRUPT, true}, 8, 4, 3},  {{"F06", NFR_ERR_CORRUPT, true}, 8, 4, 1},
      {{"F07", NFR_ERR_CORRUPT, true}, 12, 4, 2}, {{"F07", NFR_ERR_CORRUPT, true}, 7, 4, 2},
      {{"F08", NFR_ERR_CORRUPT, true}, 8, 8, 2},  {{"F08", NFR_ERR_CORRUPT, true}, 8, 3, 2}};
  for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    memset(f->vectors, 0, sizeof f->vectors);
    f->vectors_bytes = 24 + 4 + (cases[i].in + 3) / 4 * 4 + (cases[i].out + 3) / 4 * 4 + 4 * cases[i].ops;
    put32(f->vectors, 0x5652464e);
    put32(f->vectors + 4, 0x00010001);
    put32(f->vectors + 8, f->vectors_bytes);
    put32(f->vectors + 12, cases[i].in);
    put32(f->vectors + 16, cases[i].out);
    put32(f->vectors + 20, cases[i].ops);
    check_rule(&cases[i].rule, attempt_vectors, &attempt);
  }
}

/* ---- misuse ---- */

static void test_no_context_and_no_handle(void **state) {
  struct fixture *f = *state;
  struct nfr_native *blank = calloc(1, (size_t)nfr_native_size()), *contexts[] = {NULL, blank, f->native};
  union { struct nfr_native_summary summary; struct nfr_native_info info; struct nfr_native_tensor tensor;
          struct nfr_native_report report; struct nfr_result result; uint8_t bytes[8]; char text[8]; float floats[2]; } out;
  for (unsigned i = 0; i < 3; i++) {
    struct nfr_native *n = contexts[i];
    int handle = i == 2 ? 9 : 8;
    assert_int_equal(nfr_native_close(n, handle), NFR_ERR_ARGUMENT);
    assert_int_equal(nfr_native_info(n, handle, &out.info), NFR_ERR_ARGUMENT);
    assert_int_equal(nfr_native_tensor(n, handle, 0, 0, &out.tensor), NFR_ERR_ARGUMENT);
    assert_int_equal(nfr_native_label(n, handle, 0, out.text, 8), NFR_ERR_ARGUMENT);
    assert_int_equal(nfr_native_write_input(n, handle, 0, out.bytes, 0, 8), NFR_ERR_ARGUMENT);
    assert_int_equal(nfr_native_write_input_float(n, handle, 0, out.floats, 0, 2), NFR_ERR_ARGUMENT);
    assert_int_equal(nfr_native_feed(n, handle, 0, out.bytes, 8), NFR_ERR_ARGUMENT);
    assert_int_equal(nfr_native_begin(n, handle), NFR_ERR_ARGUMENT);
    assert_int_equal(nfr_native_step(n, handle, 0), NFR_ERR_ARGUMENT);
    assert_int_equal(nfr_native_abort(n, handle), NFR_ERR_ARGUMENT);
    assert_int_equal(nfr_native_read_output(n, handle, 0, out.bytes, 0, 4), NFR_ERR_ARGUMENT);
    assert_int_equal(nfr_native_read_output_float(n, handle, 0, out.floats, 0, 2), NFR_ERR_ARGUMENT);
    assert_int_equal(nfr_native_result(n, handle, &out.result), NFR_ERR_ARGUMENT);
    assert_int_equal(nfr_native_reset(n, handle), NFR_ERR_ARGUMENT);
    assert_int_equal(nfr_native_self_test_begin(n, handle, f->vectors, f->vectors_bytes), NFR_ERR_ARGUMENT);
    assert_int_equal(nfr_native_self_test_step(n, handle, 0, &out.report), NFR_ERR_ARGUMENT);
    assert_int_equal(nfr_native_close(n, 0), NFR_ERR_ARGUMENT);
    assert_int_equal(nfr_native_close(n, -1), NFR_ERR_ARGUMENT);
    if (i == 2) break;
    assert_int_equal(nfr_native_set_board(n, &(struct nfr_native_board){.target = "host"}), NFR_ERR_ARGUMENT);
    assert_int_equal(nfr_native_set_key_list(n, f->list, 80, 0), NFR_ERR_ARGUMENT);
    assert_int_equal(nfr_native_verify(n, f->manifest, f->manifest_bytes, &out.summary), NFR_ERR_ARGUMENT);
    assert_int_equal(nfr_native_open_model(n, f->model.bytes, f->model.count), NFR_ERR_ARGUMENT);
  }
  free(blank);
}

/* Memory at any address: an error where words are asked for, never a fault; bytes may lie anywhere. */
static void test_misaligned_memory(void **state) {
  struct fixture *f = *state;
  int handle = bare(f);
  struct nfr_native *n = f->native;
  _Alignas(16) uint8_t memory[640] = {0}, model[MODEL_ROOM + 16];
  const float floats[MODEL_ELEMENTS] = {1, 2, 3};
  for (unsigned off = 1; off < 16; off++) {
    memcpy(model + off, f->model.bytes, f->model.count);
    assert_int_equal(nfr_native_open_model(n, model + off, f->model.count), NFR_ERR_ARGUMENT);
  }
  for (unsigned off = 1; off < 4; off++) {
    void *at = memory + off;
    assert_int_equal(nfr_native_info(n, handle, at), NFR_ERR_ARGUMENT);
    assert_int_equal(nfr_native_tensor(n, handle, 0, 0, at), NFR_ERR_ARGUMENT);
    assert_int_equal(nfr_native_set_board(n, at), NFR_ERR_ARGUMENT);
    assert_int_equal(nfr_native_verify(n, f->manifest, f->manifest_bytes, at), NFR_ERR_ARGUMENT);
    assert_int_equal(nfr_native_result(n, handle, at), NFR_ERR_ARGUMENT);
    memcpy(at, floats, sizeof floats);
    assert_int_equal(nfr_native_write_input_float(n, handle, 0, at, 0, MODEL_ELEMENTS), NFR_ERR_ARGUMENT);
    assert_int_equal(nfr_native_write_input(n, handle, 0, at, 0, MODEL_ELEMENTS), NFR_OK);
    assert_int_equal(nfr_native_begin(n, handle), NFR_OK);
    run(n, handle, 0);
    assert_int_equal(nfr_native_read_output_float(n, handle, 0, at, 0, MODEL_CLASSES), NFR_ERR_ARGUMENT);
    assert_int_equal(nfr_native_read_output(n, handle, 0, at, 0, MODEL_CLASSES), NFR_OK);
    assert_int_equal(nfr_native_self_test_begin(n, handle, f->vectors, f->vectors_bytes), NFR_OK);
    assert_int_equal(nfr_native_self_test_step(n, handle, 0, at), NFR_ERR_ARGUMENT);
    assert_int_equal(nfr_native_abort(n, handle), NFR_OK);
  }
}

static void test_init(void **state) {
  struct fixture *f = *state;
  uint32_t bytes = (uint32_t)nfr_native_size();
  uint8_t *raw = malloc(bytes + 16), memory[64];
  struct nfr_native *context = (struct nfr_native *)(void *)raw;
  assert_int_equal(bytes % 16, 0);
  assert_int_equal(nfr_native_init_with(context, bytes - 16, memory, 64, memory, 64, NULL, &toy_crypto), NFR_ERR_NO_MEMORY);
  assert_int_equal(nfr_native_init_with((struct nfr_native *)(void *)(raw + 4), bytes, memory, 64, memory, 64, NULL, &toy_crypto), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_native_init_with(context, bytes, NULL, 64, memory, 64, NULL, &toy_crypto), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_native_init_with(context, bytes, memory, 64, NULL, 64, NULL, &toy_crypto), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_native_init_with(context, bytes, memory, 3, NULL, 0, NULL, &toy_crypto), NFR_OK); /* nothing is left of 3 */
  assert_int_equal(nfr_native_open_model(context, f->model.bytes, f->model.count), NFR_ERR_NO_MEMORY);
  free(raw);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(test_what_is_open), TEST(test_a_stream_of_samples), TEST(test_reset_forgets), TEST(test_slices),
      TEST(test_inputs_must_be_there), TEST(test_every_input_must_be_there), TEST(test_a_lost_sample_is_not_there),
      TEST(test_ranges), TEST(test_floats), TEST(test_the_arena_is_shared), TEST(test_states_are_apart),
      TEST(test_pool_and_table), TEST(test_verify_says_what_it_is), TEST(test_longest_texts), TEST(test_board),
      TEST(test_hostile_sections), TEST(test_trust), TEST(test_check_section), TEST(test_model_and_manifest_agree),
      TEST(test_self_test_passes), TEST(test_self_test_names_the_operator), TEST(test_self_test_is_bound_to_the_manifest),
      TEST(test_self_test_is_aborted), TEST(test_self_test_lets_others_in_between_cases), TEST(test_self_test_is_aborted_between_cases), TEST(test_vectors_and_model_agree), TEST(test_no_context_and_no_handle), TEST(test_misaligned_memory), TEST(test_init),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
