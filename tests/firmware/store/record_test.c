/* Contents of records: what is encoded is decoded; every length and value that SPEC §4 does not allow is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "record.h"

static uint32_t random_state = 1;

static uint32_t draw(void) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 17;
  return random_state ^= random_state << 5;
}

static void fill(void *bytes, size_t count) {
  for (size_t i = 0; i < count; i++) ((uint8_t *)bytes)[i] = (uint8_t)draw();
}

static void settings_come_back(void **state) {
  (void)state;
  uint8_t content[NFR_RECORD_MAX_CONTENT];
  struct nfr_settings in = {.key_list = 0x1234, .epoch = 0x5678, .key_list_version = 0x9abcdef0, .generation = UINT64_C(0x1122334455667788),
                            .known_time = UINT64_C(0x99aabbccddeeff00), .restart_is_planned = true}, out;
  memcpy(in.firmware, "0123456789abcdef", 16);
  assert_int_equal(nfr_settings_encode(&in, content), 56);
  static const uint8_t head[24] = {0x34, 0x12, 0x78, 0x56, 0xf0, 0xde, 0xbc, 0x9a, 0x88, 0x77, 0x66, 0x55,
                                   0x44, 0x33, 0x22, 0x11, 0x00, 0xff, 0xee, 0xdd, 0xcc, 0xbb, 0xaa, 0x99};
  assert_memory_equal(content, head, sizeof head);
  assert_memory_equal(content + 24, "0123456789abcdef\1", 17);
  assert_int_equal(nfr_settings_decode(content, 56, 2, &out), NFR_OK);
  assert_int_equal(out.key_list, in.key_list);
  assert_int_equal(out.epoch, in.epoch);
  assert_int_equal(out.key_list_version, in.key_list_version);
  assert_true(out.generation == in.generation && out.known_time == in.known_time && out.restart_is_planned);
  assert_memory_equal(out.firmware, in.firmware, 16);
  for (unsigned length = 0; length < 200; length++) {
    if (length != 56) assert_int_equal(nfr_settings_decode(content, (uint8_t)length, 2, &out), NFR_ERR_CORRUPT);
  }
  for (unsigned at = 40; at < 56; at++) {
    content[at] ^= 2;
    assert_int_equal(nfr_settings_decode(content, 56, 2, &out), NFR_ERR_CORRUPT);
    content[at] ^= 2;
  }
}

/* SPEC §7: 40 bytes, firmware at 16, flags at 32. */
static void settings_of_version_1(void **state) {
  (void)state;
  uint8_t content[NFR_RECORD_MAX_CONTENT] = {7, 0, 3, 0, 9};
  memcpy(content + 16, "fedcba9876543210", 16);
  content[8] = 5;
  content[32] = 1;
  struct nfr_settings out;
  assert_int_equal(nfr_settings_decode(content, 56, 1, &out), NFR_ERR_CORRUPT);
  assert_int_equal(nfr_settings_decode(content, 40, 2, &out), NFR_ERR_CORRUPT);
  assert_int_equal(nfr_settings_decode(content, 40, 1, &out), NFR_OK);
  assert_true(out.key_list == 7 && out.epoch == 3 && out.key_list_version == 9 && out.generation == 5 && out.known_time == 0);
  assert_true(out.restart_is_planned);
  assert_memory_equal(out.firmware, "fedcba9876543210", 16);
  assert_int_equal(nfr_record_upgrade(NFR_RECORD_SETTINGS, 1, content, 40), 56);
  struct nfr_settings upgraded;
  assert_int_equal(nfr_settings_decode(content, 56, 2, &upgraded), NFR_OK);
  assert_memory_equal(&upgraded, &out, sizeof out);
}

static void blobs_come_back(void **state) {
  (void)state;
  uint8_t content[NFR_RECORD_MAX_CONTENT], bits[NFR_STORE_MAX_CHUNKS / 8], back[sizeof bits];
  for (unsigned i = 0; i < 2000; i++) {
    struct nfr_blob in, out;
    memset(&in, 0, sizeof in);
    fill(in.digest, 32);
    in.offset = draw();
    in.copy = draw();
    in.frontier = draw();
    in.written = draw();
    in.state = (uint8_t)(1 + draw() % 4);
    in.chunk_log2 = (uint8_t)(9 + draw() % 7);
    in.bytes = 1 + draw() % (in.state == NFR_BLOB_WRITING ? (uint32_t)NFR_STORE_MAX_CHUNKS << in.chunk_log2 : NFR_STORE_MAX_BLOB_BYTES);
    fill(bits, sizeof bits);
    uint32_t chunks = nfr_blob_chunks(in.bytes, in.chunk_log2), kept = (chunks + 31) / 32 * 4;
    uint8_t length = nfr_blob_encode(&in, bits, content);
    assert_int_equal(length, in.state == NFR_BLOB_WRITING ? 56 + kept : 56);
    assert_int_equal(nfr_blob_decode(content, length, &out, back), NFR_OK);
    assert_memory_equal(out.digest, in.digest, 32);
    assert_true(out.offset == in.offset && out.bytes == in.bytes && out.copy == in.copy && out.frontier == in.frontier);
    assert_true(out.written == in.written && out.state == in.state && out.chunk_log2 == in.chunk_log2);
    if (in.state == NFR_BLOB_WRITING) assert_memory_equal(back, bits, kept);
    assert_int_equal(nfr_blob_decode(content, (uint8_t)(length - 1), &out, NULL), NFR_ERR_CORRUPT);
    assert_int_equal(nfr_blob_decode(content, (uint8_t)(length + 1), &out, NULL), NFR_ERR_CORRUPT);
  }
}

static void blobs_out_of_range_are_refused(void **state) {
  (void)state;
  uint8_t content[NFR_RECORD_MAX_CONTENT], bits[NFR_STORE_MAX_CHUNKS / 8] = {0};
  struct nfr_blob good = {.bytes = 5000, .chunk_log2 = 9, .state = NFR_BLOB_WRITING}, out;
  uint8_t length = nfr_blob_encode(&good, bits, content);
  assert_int_equal(nfr_blob_decode(content, length, &out, NULL), NFR_OK);
  struct { unsigned at; uint8_t value; } breaks[] = {{48, 0}, {48, 5}, {49, 8}, {49, 16}, {50, 1}, {51, 1}, {39, 2}, {38, 5}};
  for (unsigned i = 0; i < sizeof breaks / sizeof *breaks; i++) {
    uint8_t kept = content[breaks[i].at];
    content[breaks[i].at] = breaks[i].value;
    assert_int_equal(nfr_blob_decode(content, length, &out, NULL), NFR_ERR_CORRUPT);
    content[breaks[i].at] = kept;
  }
  memset(content + 36, 0, 4); /* no bytes */
  assert_int_equal(nfr_blob_decode(content, length, &out, NULL), NFR_ERR_CORRUPT);
}

static struct nfr_name a_name(void) {
  struct nfr_name name;
  memset(&name, 0, sizeof name);
  name.length = (uint8_t)(1 + draw() % NFR_NAME_MAX_BYTES);
  fill(name.text, name.length);
  name.failures = (uint8_t)draw();
  name.floor = draw();
  for (unsigned i = 0; i < 3; i++) {
    if (draw() % 2) fill(&name.versions[i], sizeof name.versions[i]);
  }
  if (draw() % 2) fill(&name.rejected, sizeof name.rejected);
  return name;
}

/* SPEC §4, by hand. */
static void a_name_has_these_bytes(void **state) {
  (void)state;
  uint8_t content[NFR_RECORD_MAX_CONTENT], expected[124] = {6, 2, 0, 0, 0x78, 0x56, 0x34, 0x12};
  struct nfr_name name = {.length = 6, .failures = 2, .floor = 0x12345678, .text = "acme/x"};
  name.versions[1] = (struct nfr_version){.state = 4, .reason = 9, .strikes = 1, .attempts = 3, .counter = 0x0a0b0c0d, .epoch = 0x0506, .blobs = {1, 2, 0xffff, 4, 5, 0x1234}};
  name.rejected.reason = 7;
  name.rejected.detail = 0x0203;
  memset(name.rejected.digest, 0xee, 32);
  static const uint8_t version[24] = {4, 9, 1, 3, 0x0d, 0x0c, 0x0b, 0x0a, 1, 0, 2, 0, 255, 255, 4, 0, 5, 0, 0x34, 0x12, 6, 5};
  memcpy(expected + 32, version, sizeof version);
  memset(expected + 80, 0xee, 32);
  memcpy(expected + 112, "\7\0\3\2acme/x\0\0", 12);
  assert_int_equal(nfr_name_encode(&name, content), sizeof expected);
  assert_memory_equal(content, expected, sizeof expected);
}

static void names_come_back(void **state) {
  (void)state;
  uint8_t content[NFR_RECORD_MAX_CONTENT];
  for (unsigned i = 0; i < 2000; i++) {
    struct nfr_name in = a_name(), out;
    uint8_t length = nfr_name_encode(&in, content);
    assert_int_equal(nfr_name_decode(content, length, 2, &out), NFR_OK);
    assert_memory_equal(&in, &out, sizeof in);
    assert_int_equal(nfr_name_decode(content, (uint8_t)(length - 1), 2, &out), NFR_ERR_CORRUPT);
    assert_int_equal(nfr_name_decode(content, (uint8_t)(length + 4), 2, &out), NFR_ERR_CORRUPT);
    content[2] ^= 16;
    assert_int_equal(nfr_name_decode(content, length, 2, &out), NFR_ERR_CORRUPT);
    content[2] ^= 16;
    content[0] = i % 2 ? 0 : 65;
    assert_int_equal(nfr_name_decode(content, length, 2, &out), NFR_ERR_CORRUPT);
  }
}

/* SPEC §7: nothing of a rejection. */
static void names_of_version_1(void **state) {
  (void)state;
  uint8_t content[NFR_RECORD_MAX_CONTENT] = {3, 1, 0, 0, 9, 0, 0, 0};
  uint8_t *confirmed = content + 8, *previous = content + 56;
  confirmed[0] = 5;
  confirmed[4] = 7;
  for (unsigned i = 8; i < 20; i++) confirmed[i] = (uint8_t)i;
  previous[0] = 7;
  memcpy(content + 80, "abc", 3);
  struct nfr_name out, upgraded;
  assert_int_equal(nfr_name_decode(content, 84, 2, &out), NFR_ERR_CORRUPT);
  assert_int_equal(nfr_name_decode(content, 120, 1, &out), NFR_ERR_CORRUPT);
  assert_int_equal(nfr_name_decode(content, 84, 1, &out), NFR_OK);
  assert_true(out.floor == 9 && out.versions[0].state == 5 && out.versions[0].counter == 7 && out.versions[0].blobs[0] == 0x0908);
  assert_true(out.versions[1].state == 0 && out.versions[2].state == 7 && out.failures == 1 && out.rejected.reason == 0);
  assert_memory_equal(out.text, "abc\0", 4);
  int length = nfr_record_upgrade(NFR_RECORD_NAME, 1, content, 84);
  assert_int_equal(length, 120);
  assert_int_equal(nfr_name_decode(content, (uint8_t)length, 2, &upgraded), NFR_OK);
  assert_memory_equal(&out, &upgraded, sizeof out);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(settings_come_back), cmocka_unit_test(settings_of_version_1), cmocka_unit_test(blobs_come_back),
      cmocka_unit_test(blobs_out_of_range_are_refused), cmocka_unit_test(names_come_back), cmocka_unit_test(a_name_has_these_bytes), cmocka_unit_test(names_of_version_1),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
