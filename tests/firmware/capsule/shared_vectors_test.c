/* tests/vectors/capsule: the bytes that the host's tools (C#) wrote, judged as they say. */
#include "rules.h"

#include <stdio.h>

#include "nfr_capsule.h"
#include "manifest.h"
#include "nfr_mbedtls.h"
#include "nfr_process.h"

#define FOLDER "tests/vectors/capsule/"
#define MAX_FILE 80000

struct file { uint8_t *bytes; size_t count; };

static struct file read_file(const char *name) {
  char path[200];
  struct file file = {malloc(MAX_FILE), 0};
  snprintf(path, sizeof path, FOLDER "%s", name);
  FILE *stream = fopen(path, "rb");
  if (stream == NULL) fail_msg("cannot read %s", path);
  file.count = fread(file.bytes, 1, MAX_FILE, stream);
  assert_true(file.count < MAX_FILE);
  fclose(stream);
  file.bytes = realloc(file.bytes, file.count + (file.count == 0)); /* so that a read beyond the end is seen */
  return file;
}

static uint8_t root[64];
static struct file keys_file;
static struct nfr_key_list keys;

static int load_keys(void **state) {
  (void)state;
  struct file file = read_file("root.bin");
  assert_int_equal(file.count, 64);
  memcpy(root, file.bytes, 64);
  free(file.bytes);
  keys_file = read_file("keys.bin");
  return nfr_key_list_verify(nfr_mbedtls_crypto(), root, keys_file.bytes, keys_file.count, 0, &keys);
}

static int free_keys(void **state) {
  (void)state;
  free(keys_file.bytes);
  return 0;
}

static int judge(const char *kind, const struct file *file, uint32_t floor) {
  const struct nfr_crypto *crypto = nfr_mbedtls_crypto();
  if (strcmp(kind, "manifest") == 0) {
    struct nfr_manifest manifest;
    int err = nfr_manifest_verify(crypto, &keys, file->bytes, file->count, &manifest);
    return err ? err : nfr_manifest_check_counter(&manifest, floor);
  }
  if (strcmp(kind, "keylist") == 0) {
    struct nfr_key_list list;
    return nfr_key_list_verify(crypto, root, file->bytes, file->count, floor, &list);
  }
  if (strcmp(kind, "vectors") == 0) {
    struct nfr_vectors vectors;
    return nfr_vectors_parse(file->bytes, file->count, &vectors);
  }
  if (strcmp(kind, "labels") == 0) {
    unsigned labels;
    return nfr_labels_check(file->bytes, file->count, &labels);
  }
  fail_msg("unknown kind %s", kind);
  return 0;
}

static void test_every_vector_is_judged_as_it_says(void **state) {
  (void)state;
  FILE *stream = fopen(FOLDER "vectors.txt", "r");
  assert_non_null(stream);
  char line[300];
  unsigned judged = 0, refused = 0;
  while (fgets(line, sizeof line, stream) != NULL) {
    char kind[16], name[120];
    unsigned floor;
    int expected;
    if (line[0] == '#') continue;
    assert_int_equal(sscanf(line, "%15s %119s %u %d", kind, name, &floor, &expected), 4);
    struct file file = read_file(name);
    int err = judge(kind, &file, floor);
    free(file.bytes);
    if (err != expected) fail_msg("%s: %d instead of %d", name, err, expected);
    judged++;
    refused += expected != 0;
  }
  fclose(stream);
  print_message("%u vectors, %u of them refused\n", judged, refused);
  assert_true(judged >= 150 && refused >= 140);
}

static void text_of(char *out, struct nfr_text text) {
  if (text.length == 0) strcpy(out, "-");
  else snprintf(out, 200, "%.*s", text.length, text.bytes);
}

static void hex_of(char *out, const uint8_t *bytes, size_t count) {
  out[0] = 0;
  for (size_t i = 0; i < count; i++) snprintf(out + 2 * i, 3, "%02x", bytes[i]);
}

static void field_of(const struct nfr_manifest *m, const char *field, char *out) {
  static const char *const needs[] = {"state", "arena", "input_copies", "stack", "deadline_ms", "managed_heap"};
  const uint32_t need[] = {m->needs.state, m->needs.arena, m->needs.input_copies, m->needs.stack, m->needs.deadline_ms,
                           m->needs.managed_heap};
  const struct { const char *name; uint32_t value; } numbers[] = {
      {"security_counter", m->security_counter}, {"abi_major", m->abi_major}, {"abi_minor", m->abi_minor},
      {"plan_major", m->plan_major}, {"plan_minor", m->plan_minor}, {"layouts", m->layouts},
      {"capabilities", m->capabilities}, {"pre_count", m->pre_count}, {"post", m->post != NULL}};
  unsigned kind;
  strcpy(out, "?");
  for (unsigned i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
    if (strcmp(field, numbers[i].name) == 0) snprintf(out, 200, "%u", numbers[i].value);
  for (unsigned i = 0; i < 6; i++)
    if (strncmp(field, "needs.", 6) == 0 && strcmp(field + 6, needs[i]) == 0) snprintf(out, 200, "%u", need[i]);
  if (strcmp(field, "name") == 0) text_of(out, m->name);
  if (strcmp(field, "version") == 0) text_of(out, m->version);
  if (strcmp(field, "target") == 0) text_of(out, m->target);
  if (strcmp(field, "processor") == 0) text_of(out, m->processor);
  if (strcmp(field, "operators") == 0) hex_of(out, m->operators, 16);
  if (sscanf(field, "section.%u.", &kind) == 1 && kind <= 5) {
    if (strcmp(field + 10, "size") == 0) snprintf(out, 200, "%u", m->sections[kind].size);
    else hex_of(out, m->sections[kind].sha256, 32);
  }
}

static void test_good_manifests_say_what_the_host_says(void **state) {
  (void)state;
  FILE *stream = fopen(FOLDER "fields.txt", "r");
  assert_non_null(stream);
  char line[400], open[120] = "";
  struct file file = {NULL, 0};
  struct nfr_manifest manifest;
  unsigned compared = 0;
  while (fgets(line, sizeof line, stream) != NULL) {
    char name[120], field[60], expected[200], value[200];
    if (line[0] == '#') continue;
    assert_int_equal(sscanf(line, "%119s %59s %199s", name, field, expected), 3);
    if (strcmp(open, name) != 0) {
      free(file.bytes);
      file = read_file(name);
      strcpy(open, name);
      assert_int_equal(nfr_manifest_verify(nfr_mbedtls_crypto(), &keys, file.bytes, file.count, &manifest), NFR_OK);
    }
    field_of(&manifest, field, value);
    if (strcmp(value, expected) != 0) fail_msg("%s %s: %s instead of %s", name, field, value, expected);
    compared++;
  }
  free(file.bytes);
  fclose(stream);
  print_message("%u fields\n", compared);
  assert_true(compared >= 180);
}

static size_t bytes_of(const char *hex, uint8_t *out, size_t max) {
  size_t count = strlen(hex) / 2;
  assert_true(count <= max);
  for (size_t i = 0; i < count; i++) {
    unsigned byte;
    assert_int_equal(sscanf(hex + 2 * i, "%2x", &byte), 1);
    out[i] = (uint8_t)byte;
  }
  return count;
}

static void test_a_feed_becomes_the_tensor_that_the_host_computes(void **state) {
  (void)state;
  FILE *stream = fopen(FOLDER "pre.txt", "r");
  assert_non_null(stream);
  char line[700];
  unsigned compared = 0;
  while (fgets(line, sizeof line, stream) != NULL) {
    char pre_hex[200], feed_hex[200], tensor_hex[120];
    unsigned width;
    int zero_point;
    if (line[0] == '#') continue;
    assert_int_equal(sscanf(line, "%199s %u %d %199s %119s", pre_hex, &width, &zero_point, feed_hex, tensor_hex), 5);
    uint8_t pre[NFR_PRE_HEADER_BYTES + 4 * NFR_AFFINE_BYTES], feed[96], expected[48];
    int16_t tensor[24];
    size_t pre_bytes = bytes_of(pre_hex, pre, sizeof pre);
    size_t feed_bytes = bytes_of(feed_hex, feed, sizeof feed);
    assert_int_equal(bytes_of(tensor_hex, expected, sizeof expected), 24 * width);
    struct nfr_process_tensor view = {.data = tensor, .elements = 24, .width = (uint8_t)width, .zero_point = zero_point};
    struct nfr_pre_state pre_state;
    assert_int_equal(nfr_pre_validate(pre, pre_bytes), NFR_OK);
    assert_int_equal(nfr_pre_bind(pre, &view, NULL, &pre_state), NFR_OK);
    assert_int_equal(nfr_pre_feed(pre, &pre_state, &view, feed, feed_bytes), 1);
    assert_memory_equal(tensor, expected, 24 * width);
    compared++;
  }
  fclose(stream);
  print_message("%u feeds\n", compared);
  assert_true(compared >= 60);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_every_vector_is_judged_as_it_says),
      cmocka_unit_test(test_good_manifests_say_what_the_host_says),
      cmocka_unit_test(test_a_feed_becomes_the_tensor_that_the_host_computes),
  };
  return cmocka_run_group_tests(tests, load_keys, free_keys);
}
