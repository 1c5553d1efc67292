/* Hostile manifests, key lists, vectors and labels: what is accepted must hold what its structure promises, and run.
 *
 * An input is a byte that says which of the four it is, then the bytes. The crypto port is the tests' toy: real SHA-256,
 * and a signature that manifest_mutator.c can make, so that fuzzing reaches the parser; it leaves some unsigned.
 * A manifest that is accepted is judged by independent checks, then opened by the facade with a model that it may or may
 * not describe, fed and run.
 */
#include "manifest_fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "builder.h"
#include "interop/nfr_native.h"
#include "native_model.h"

#define REQUIRE(condition) ((condition) ? (void)0 : fail(#condition, __LINE__))

enum { ARENA = 4096, POOL = 8192, STEPS = 10000 };

static struct {
  unsigned long inputs[FUZZ_KINDS], accepted[FUZZ_KINDS], opened;
} count;

static struct {
  struct nfr_native *native;
  struct nfr_key_list keys;
  uint8_t list[8192];
  struct model model;
} world;

static void fail(const char *condition, int line) {
  fprintf(stderr, "line %d: %s does not hold\n", line, condition);
  abort();
}

static void report(void) {
  static const char *const names[FUZZ_KINDS] = {"manifests", "key lists", "vectors", "labels"};
  printf("manifests and their like:");
  for (unsigned i = 0; i < FUZZ_KINDS; i++) printf(" %s %lu, accepted %lu;", names[i], count.inputs[i], count.accepted[i]);
  printf(" capsules opened %lu\n", count.opened);
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv) {
  (void)argc;
  (void)argv;
  struct test_key root = toy_key(1);
  size_t bytes = fuzz_write_keys(world.list);
  world.native = malloc((size_t)nfr_native_size());
  fuzz_write_model(&world.model);
  REQUIRE(nfr_key_list_verify(&toy_crypto, root.public_key, world.list, bytes, 0, &world.keys) == NFR_OK);
  REQUIRE(nfr_native_init_with(world.native, (uint32_t)nfr_native_size(), malloc(ARENA), ARENA, malloc(POOL), POOL,
                               root.public_key, &toy_crypto) == NFR_OK);
  REQUIRE(nfr_native_set_key_list(world.native, world.list, (uint32_t)bytes, 0) == NFR_OK);
  return atexit(report);
}

/* ---- what an accepted manifest promises ---- */

struct span { const uint8_t *begin, *end; };

static void require_inside(struct span blob, const void *bytes, size_t length) {
  const uint8_t *at = bytes;
  REQUIRE(at >= blob.begin && at <= blob.end && length <= (size_t)(blob.end - at));
}

static void require_text(struct span blob, struct nfr_text text, size_t least, size_t most) {
  REQUIRE(text.length >= least && text.length <= most);
  if (text.length == 0) return;
  require_inside(blob, text.bytes, text.length);
  for (unsigned i = 0; i < text.length; i++) REQUIRE(text.bytes[i] > ' ' && text.bytes[i] < 127);
}

static uint32_t number(const uint8_t *at) {
  return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static void check_pre(struct span blob, const struct nfr_manifest *m, unsigned i) {
  const uint8_t *pre = m->pre[i];
  require_inside(blob, pre, 12 + 16);
  REQUIRE(i == 0 || m->pre[i - 1][0] < pre[0]);
  REQUIRE(pre[1] <= 3 && pre[2] >= 1 && pre[2] <= 4);
  require_inside(blob, pre, 12 + 16u * pre[2]);
  REQUIRE(pre[-2] == 12 + 16 * pre[2] && pre[-1] == 0); /* the TLV's length */
  REQUIRE(number(pre + 8) <= number(pre + 4) && (number(pre + 4) == 0) == (number(pre + 8) == 0));
}

/* TLV after TLV, ascending, the last one ends where the key id begins. */
static void check_walk(struct span blob) {
  const uint8_t *at = blob.begin;
  unsigned previous = 0;
  while (at != blob.end) {
    unsigned type = at[0] | (unsigned)at[1] << 8, length = at[2] | (unsigned)at[3] << 8;
    REQUIRE(type >= previous);
    require_inside(blob, at, 4 + (length + 3) / 4 * 4);
    at += 4 + (length + 3) / 4 * 4;
    previous = type;
  }
}

static void check_manifest(struct span blob, const struct nfr_manifest *m) {
  check_walk(blob);
  require_text(blob, m->name, 1, 64);
  require_text(blob, m->version, 1, 32);
  require_text(blob, m->target, 1, 32);
  require_text(blob, m->processor, 0, 96);
  require_inside(blob, m->operators, 16);
  REQUIRE(m->name.bytes[0] != '/' && m->name.bytes[m->name.length - 1] != '/');
  REQUIRE(m->capabilities < 128);
  REQUIRE(m->sections[NFR_SECTION_MODEL].size > 0);
  REQUIRE((m->processor.length > 0) == (m->sections[NFR_SECTION_MANAGED].size > 0));
  for (unsigned kind = 1; kind <= 5; kind++) {
    REQUIRE(m->sections[kind].size <= 16u << 20);
    if (m->sections[kind].size != 0) require_inside(blob, m->sections[kind].sha256, 32);
  }
  REQUIRE(m->pre_count <= 4);
  for (unsigned i = 0; i < m->pre_count; i++) check_pre(blob, m, i);
  if (m->post == NULL) return;
  require_inside(blob, m->post, 20);
  REQUIRE(m->post[1] >= 1 && m->post[1] <= 8 && m->post[3] <= m->post[4] && m->post[4] <= 16);
  REQUIRE(!nfr_post_has_labels(m->post) || m->sections[NFR_SECTION_LABELS].size > 0);
}

/* ---- processing, on tensors that suit it ---- */

static void run_pre(const uint8_t *pre, uint8_t width) {
  uint64_t window = nfr_pre_window_bytes(pre);
  if (window > 4096) return;
  uint32_t elements = window != 0 ? number(pre + 4) : 13;
  struct nfr_process_tensor tensor = {malloc((size_t)elements * width), elements, width, -3};
  struct nfr_pre_state state;
  size_t feed = (size_t)nfr_pre_feed_bytes(pre, elements);
  uint8_t *ring = malloc(window != 0 ? (size_t)window : 1), *samples = malloc(feed);
  REQUIRE(nfr_pre_bind(pre, &tensor, ring, &state) == NFR_OK);
  for (unsigned i = 0; i < 5; i++) {
    for (size_t at = 0; at < feed; at++) samples[at] = (uint8_t)(at * 37 + i * 101 + pre[12]);
    REQUIRE(nfr_pre_feed(pre, &state, &tensor, samples, feed) >= 0);
    nfr_pre_fill(pre, &state, &tensor);
  }
  free(samples);
  free(ring);
  free(tensor.data);
}

static void run_post(const uint8_t *post, uint8_t width) {
  int16_t data[9] = {1, -2, 3, 3, -32768, 32767, 0, 5, 5};
  struct nfr_process_tensor tensor = {data, 9, width, 0};
  struct nfr_post_state state;
  REQUIRE(nfr_post_bind(post, &tensor, &state) == NFR_OK);
  for (unsigned i = 0; i < 40; i++) {
    struct nfr_result result;
    data[i % 9] = (int16_t)(data[i % 9] * 31 + (int)i);
    nfr_post_run(post, &state, &tensor, &result);
    REQUIRE(result.count == post[1] && result.decision >= -1 && result.decision < 9 && result.instant < 9);
    for (unsigned j = 1; j < result.count; j++)
      REQUIRE(result.scores[j - 1].q > result.scores[j].q ||
              (result.scores[j - 1].q == result.scores[j].q && result.scores[j - 1].index < result.scores[j].index));
  }
}

/* ---- the facade ---- */

static void feed_all(int handle) {
  for (uint32_t input = 0; input < 2; input++) {
    struct nfr_native_tensor tensor;
    if (nfr_native_tensor(world.native, handle, 0, input, &tensor) != NFR_OK) continue;
    for (unsigned i = 0; i < 12 && tensor.feed_bytes != 0; i++) {
      uint8_t *samples = calloc(1, tensor.feed_bytes);
      samples[0] = (uint8_t)(i * 50);
      REQUIRE(nfr_native_feed(world.native, handle, input, samples, tensor.feed_bytes) >= 0);
      free(samples);
    }
    if (tensor.feed_bytes == 0) REQUIRE(nfr_native_write_input(world.native, handle, input, "\1\2\3", 0, 3) == NFR_OK);
  }
}

static void open_capsule(const uint8_t *bytes, size_t size, const struct nfr_manifest *m) {
  const uint8_t *labels = m->sections[NFR_SECTION_LABELS].size != 0 ? (const uint8_t *)FUZZ_LABELS : NULL;
  int handle = nfr_native_open(world.native, bytes, (uint32_t)size, world.model.bytes, world.model.count, labels,
                               labels != NULL ? sizeof FUZZ_LABELS - 1 : 0, 0);
  REQUIRE(handle != 0);
  if (handle < 0) return;
  count.opened++;
  struct nfr_native_info info;
  REQUIRE(nfr_native_info(world.native, handle, &info) == NFR_OK);
  REQUIRE(info.arena_bytes <= m->needs.arena && info.state_bytes < (uint64_t)m->needs.state + 16);
  feed_all(handle);
  REQUIRE(nfr_native_begin(world.native, handle) == NFR_OK);
  int err = NFR_NATIVE_MORE;
  for (unsigned i = 0; i < STEPS && err == NFR_NATIVE_MORE; i++) err = nfr_native_step(world.native, handle, 500);
  REQUIRE(err == NFR_OK);
  struct nfr_result result;
  REQUIRE((nfr_native_result(world.native, handle, &result) == NFR_OK) == (m->post != NULL));
  REQUIRE(nfr_native_close(world.native, handle) == NFR_OK);
}

/* ---- the four ---- */

static bool try_manifest(const uint8_t *bytes, size_t size) {
  struct nfr_manifest manifest, again;
  struct nfr_native_summary summary;
  int err = nfr_manifest_verify(&toy_crypto, &world.keys, bytes, size, &manifest);
  REQUIRE(nfr_native_verify(world.native, bytes, (uint32_t)size, &summary) == err);
  if (err) return false;
  REQUIRE(manifest.key_id == bytes + size - 72);
  check_manifest((struct span){bytes + 8, manifest.key_id}, &manifest);
  REQUIRE(nfr_manifest_verify(&toy_crypto, &world.keys, bytes, size, &again) == NFR_OK);
  REQUIRE(again.needs.arena == manifest.needs.arena && again.name.bytes == manifest.name.bytes);
  REQUIRE(strlen(summary.name) == manifest.name.length);
  REQUIRE((summary.fits == NFR_OK) == (summary.deficit[0] == 0));
  for (unsigned i = 0; i < manifest.pre_count; i++) run_pre(manifest.pre[i], (uint8_t)(1 + i % 2));
  if (manifest.post != NULL) run_post(manifest.post, (uint8_t)(1 + manifest.post[1] % 2));
  open_capsule(bytes, size, &manifest);
  return true;
}

static bool try_key_list(const uint8_t *bytes, size_t size) {
  struct test_key root = toy_key(1);
  struct nfr_key_list list;
  struct nfr_manifest manifest;
  uint8_t blob[4096];
  static struct sample sample;
  if (nfr_key_list_verify(&toy_crypto, root.public_key, bytes, size, 3, &list) != NFR_OK) return false;
  REQUIRE(list.bytes == bytes && list.total == size && list.version >= 3);
  /* Whoever the list names, a stranger's manifest is not accepted; its own publishers' are judged without a fault. */
  struct test_key stranger = toy_key(77), publisher = toy_key(2);
  sample_small(&sample);
  size_t length = sample_write(&sample, &stranger, blob);
  REQUIRE(nfr_manifest_verify(&toy_crypto, &list, blob, length, &manifest) == NFR_ERR_SIGNATURE);
  length = sample_write(&sample, &publisher, blob);
  int err = nfr_manifest_verify(&toy_crypto, &list, blob, length, &manifest);
  REQUIRE(err == NFR_OK || err == NFR_ERR_SIGNATURE);
  return true;
}

static bool try_vectors(const uint8_t *bytes, size_t size) {
  struct nfr_vectors vectors;
  struct span blob = {bytes, bytes + size};
  if (nfr_vectors_parse(bytes, size, &vectors) != NFR_OK) return false;
  REQUIRE(vectors.case_count >= 1 && vectors.case_count <= 64);
  for (unsigned i = 0; i < vectors.case_count; i++) {
    struct nfr_vector_case vector = nfr_vectors_case(&vectors, i);
    require_inside(blob, vector.input, vectors.input_bytes);
    require_inside(blob, vector.output, vectors.output_bytes);
    require_inside(blob, vector.crcs, 4u * vectors.op_count);
    REQUIRE(vector.output >= vector.input + vectors.input_bytes && vector.crcs >= vector.output + vectors.output_bytes);
  }
  return true;
}

static bool try_labels(const uint8_t *bytes, size_t size) {
  unsigned labels;
  size_t total = 0;
  struct nfr_text text;
  if (nfr_labels_check(bytes, size, &labels) != NFR_OK) return false;
  REQUIRE(labels >= 1 && labels <= 1024);
  for (unsigned i = 0; i < labels; i++, total += text.length + 1u) {
    REQUIRE(nfr_labels_get(bytes, size, i, &text) == NFR_OK);
    REQUIRE(text.length >= 1 && text.length <= 64);
    require_inside((struct span){bytes, bytes + size}, text.bytes, text.length);
  }
  REQUIRE(total == size + 1);
  REQUIRE(nfr_labels_get(bytes, size, labels, &text) == NFR_ERR_ARGUMENT);
  return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static bool (*const tries[FUZZ_KINDS])(const uint8_t *, size_t) = {try_manifest, try_key_list, try_vectors, try_labels};
  if (size < 1) return 0;
  unsigned kind = data[0] % FUZZ_KINDS;
  uint8_t *blob = malloc(size - 1 + (size == 1)); /* of exactly its size: a read beyond it is seen */
  memcpy(blob, data + 1, size - 1);
  count.inputs[kind]++;
  count.accepted[kind] += tries[kind](blob, size - 1);
  free(blob);
  return 0;
}
