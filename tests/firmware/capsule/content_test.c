/* Sections, golden vectors and labels: what good ones give, and each rule S, G and L broken alone. */
#include "rules.h"

#include "builder.h"

/* ---- sections ---- */

static const char payload[] = "The quick brown fox jumps over the lazy dog";
static uint8_t payload_hash[32]; /* of the 43 bytes; filled by set_up */

static int set_up(void **state) {
  (void)state;
  struct nfr_sha256 hash;
  int err = toy_crypto.sha256_begin(NULL, &hash);
  if (!err) err = toy_crypto.sha256_update(NULL, &hash, payload, 43);
  if (!err) err = toy_crypto.sha256_finish(NULL, &hash, payload_hash);
  return err;
}

struct section_try { struct nfr_section section; const char *bytes; size_t count; };

static int attempt_section(void *argument) {
  const struct section_try *attempt = argument;
  return nfr_section_verify(&toy_crypto, &attempt->section, attempt->bytes, attempt->count);
}

static void test_section_rules(void **state) {
  (void)state;
  struct section_try good = {{43, payload_hash}, payload, 43};
  assert_int_equal(attempt_section(&good), NFR_OK);
  struct section_try other_size = {{44, payload_hash}, payload, 43};
  check_rule(&(struct rule_case){"S01", NFR_ERR_CORRUPT, false}, attempt_section, &other_size);
  struct section_try absent = {{0, NULL}, payload, 0};
  check_rule(&(struct rule_case){"S01", NFR_ERR_CORRUPT, false}, attempt_section, &absent);
  char changed[44];
  memcpy(changed, payload, 44);
  changed[42] ^= 1;
  struct section_try other_bytes = {{43, payload_hash}, changed, 43};
  check_rule(&(struct rule_case){"S02", NFR_ERR_CORRUPT, true}, attempt_section, &other_bytes);
}

static void test_section_in_pieces(void **state) {
  (void)state;
  struct nfr_section section = {43, payload_hash};
  for (size_t piece = 1; piece <= 43; piece += 6) {
    struct nfr_section_check check;
    assert_int_equal(nfr_section_begin(&check, &toy_crypto, &section, 43), NFR_OK);
    for (size_t at = 0; at < 43; at += piece)
      assert_int_equal(nfr_section_update(&check, &toy_crypto, payload + at, piece < 43 - at ? piece : 43 - at), NFR_OK);
    assert_int_equal(check.missing, 0);
    assert_int_equal(nfr_section_update(&check, &toy_crypto, payload, 1), NFR_ERR_CORRUPT); /* one too many */
    assert_int_equal(nfr_section_finish(&check, &toy_crypto), NFR_OK);
  }
  struct nfr_section_check check;
  assert_int_equal(nfr_section_begin(&check, &toy_crypto, &section, 43), NFR_OK);
  assert_int_equal(nfr_section_update(&check, &toy_crypto, payload, 42), NFR_OK);
  assert_int_equal(nfr_section_finish(&check, &toy_crypto), NFR_ERR_CORRUPT); /* one too few */
  assert_int_equal(nfr_section_begin(&check, &toy_crypto, &section, UINT64_C(1) << 32 | 43), NFR_ERR_CORRUPT);
}

/* ---- vectors ---- */

struct vectors_file { uint8_t bytes[512]; size_t count; };

/* Two cases of 5 bytes in and 2 out, 3 operators: 24 + 2 x (4 + 8 + 4 + 12) = 80. */
static struct vectors_file good_vectors(void) {
  struct vectors_file file = {.count = 80};
  uint8_t *at = file.bytes;
  put32(at, 0x5652464e);
  at[4] = 1;
  at[5] = 3; /* a later minor version */
  put16(at + 6, 2);
  put32(at + 8, 80);
  put32(at + 12, 5);
  put32(at + 16, 2);
  put16(at + 20, 3);
  for (unsigned i = 0; i < 2; i++) {
    uint8_t *start = at + 24 + 28 * i;
    put32(start, i == 0);
    memset(start + 4, (int)(0x30 + i), 5);
    memset(start + 12, (int)(0x40 + i), 2);
    for (unsigned op = 0; op < 3; op++) put32(start + 16 + 4 * op, 0xc0ffee00u + 16 * i + op);
  }
  return file;
}

static int attempt_vectors(void *argument) {
  const struct vectors_file *file = argument;
  struct nfr_vectors vectors;
  uint8_t *copy = malloc(file->count + (file->count == 0));
  memcpy(copy, file->bytes, file->count);
  int err = nfr_vectors_parse(copy, file->count, &vectors);
  free(copy);
  return err;
}

static void test_vectors_are_read(void **state) {
  (void)state;
  struct vectors_file file = good_vectors();
  struct nfr_vectors vectors;
  assert_int_equal(nfr_vectors_parse(file.bytes, file.count, &vectors), NFR_OK);
  assert_int_equal(vectors.case_count, 2);
  assert_int_equal(vectors.op_count, 3);
  assert_int_equal(vectors.input_bytes, 5);
  assert_int_equal(vectors.output_bytes, 2);
  for (unsigned i = 0; i < 2; i++) {
    struct nfr_vector_case vector = nfr_vectors_case(&vectors, i);
    assert_int_equal(vector.reset, i == 0);
    assert_int_equal(vector.input[4], 0x30 + i);
    assert_int_equal(vector.output[1], 0x40 + i);
    assert_true(nfr_vector_crc(&vector, 2) == 0xc0ffee00u + 16 * i + 2);
  }
}

static void test_vector_rules(void **state) {
  (void)state;
  static const struct { struct rule_case rule; unsigned at; uint32_t value; } cases[] = {
      {{"G02", NFR_ERR_CORRUPT, true}, 0, 0x5652464f},  {{"G03", NFR_ERR_VERSION, true}, 4, 0x00020002},
      {{"G04", NFR_ERR_CORRUPT, true}, 8, 84},          {{"G04", NFR_ERR_CORRUPT, true}, 20, 0x00010003},
      {{"G05", NFR_ERR_CORRUPT, false}, 4, 0x00000001}, {{"G05", NFR_ERR_CORRUPT, false}, 4, 0x00410001},
      {{"G06", NFR_ERR_CORRUPT, false}, 12, 0},         {{"G06", NFR_ERR_CORRUPT, false}, 16, 0},
      {{"G06", NFR_ERR_CORRUPT, false}, 12, UINT32_MAX}, {{"G06", NFR_ERR_CORRUPT, false}, 16, 0xfffffffd},
      {{"G07", NFR_ERR_CORRUPT, false}, 12, 9},         {{"G07", NFR_ERR_CORRUPT, false}, 20, 2},
      {{"G07", NFR_ERR_CORRUPT, true}, 4, 0x00010001},  {{"G08", NFR_ERR_CORRUPT, true}, 24 + 28, 2},
      {{"G08", NFR_ERR_CORRUPT, true}, 32, 0x01000030}, {{"G08", NFR_ERR_CORRUPT, true}, 64, 0x00014141}};
  for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct vectors_file file = good_vectors();
    assert_int_equal(attempt_vectors(&file), NFR_OK);
    put32(file.bytes + cases[i].at, cases[i].value);
    check_rule(&cases[i].rule, attempt_vectors, &file);
  }
  struct vectors_file file = good_vectors();
  file.count = 20;
  check_rule(&(struct rule_case){"G01", NFR_ERR_CORRUPT, false}, attempt_vectors, &file);
  for (file.count = 0; file.count < 80; file.count++) {
    put32(file.bytes + 8, (uint32_t)file.count);
    assert_int_equal(attempt_vectors(&file), NFR_ERR_CORRUPT);
  }
}

/* A section beyond 16 MiB is refused before anything of it is read. */
static void test_vectors_too_large(void **state) {
  (void)state;
  struct vectors_file file = good_vectors();
  struct nfr_vectors vectors;
  assert_int_equal(nfr_vectors_parse(file.bytes, (16u << 20) + 4, &vectors), NFR_ERR_CORRUPT);
  assert_int_equal(nfr_vectors_parse(NULL, 80, &vectors), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_vectors_parse(file.bytes, 80, NULL), NFR_ERR_ARGUMENT);
}

/* ---- labels ---- */

struct label_file { const char *bytes; size_t count; };

static int attempt_labels(void *argument) {
  const struct label_file *file = argument;
  unsigned labels;
  char *copy = malloc(file->count + (file->count == 0));
  memcpy(copy, file->bytes, file->count);
  int err = nfr_labels_check(copy, file->count, &labels);
  free(copy);
  return err;
}

static void test_labels_are_found(void **state) {
  (void)state;
  const char text[] = "cat\nd\xc3\xb6g\n\xf0\x9f\x90\x9f fish";
  size_t count = sizeof text - 1;
  unsigned labels = 0;
  struct nfr_text label;
  assert_int_equal(nfr_labels_check(text, count, &labels), NFR_OK);
  assert_int_equal(labels, 3);
  static const struct { const char *text; uint16_t length; } expected[] = {{"cat", 3}, {"d\xc3\xb6g", 4}, {"\xf0\x9f\x90\x9f fish", 9}};
  for (unsigned i = 0; i < 3; i++) {
    assert_int_equal(nfr_labels_get(text, count, i, &label), NFR_OK);
    assert_int_equal(label.length, expected[i].length);
    assert_memory_equal(label.bytes, expected[i].text, label.length);
  }
  assert_int_equal(nfr_labels_get(text, count, 3, &label), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_labels_get(text, count, UINT32_MAX, &label), NFR_ERR_ARGUMENT);
}

#define TEXT(literal) {literal, sizeof literal - 1}

static void test_label_rules(void **state) {
  (void)state;
  static struct { struct rule_case rule; struct label_file file; } cases[] = {
      {{"L01", NFR_ERR_CORRUPT, false}, TEXT("")},
      {{"L03", NFR_ERR_CORRUPT, true}, TEXT("a\n\nb")},
      {{"L03", NFR_ERR_CORRUPT, true}, TEXT("a\n")},
      {{"L03", NFR_ERR_CORRUPT, true}, TEXT("\na")},
      {{"L03", NFR_ERR_CORRUPT, true}, TEXT("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")},
      {{"L04", NFR_ERR_CORRUPT, true}, TEXT("\x80")},             /* continuation alone */
      {{"L04", NFR_ERR_CORRUPT, true}, TEXT("a\xc3")},            /* cut */
      {{"L04", NFR_ERR_CORRUPT, true}, TEXT("a\xc3\nb")},         /* split by the line */
      {{"L04", NFR_ERR_CORRUPT, true}, TEXT("\xc1\x81")},         /* overlong A */
      {{"L04", NFR_ERR_CORRUPT, true}, TEXT("\xe0\x9f\xbf")},     /* overlong of 3 */
      {{"L04", NFR_ERR_CORRUPT, true}, TEXT("\xf0\x8f\xbf\xbf")}, /* overlong of 4 */
      {{"L04", NFR_ERR_CORRUPT, true}, TEXT("\xed\xa0\x80")},     /* surrogate */
      {{"L04", NFR_ERR_CORRUPT, true}, TEXT("\xf4\x90\x80\x80")}, /* above U+10FFFF */
      {{"L04", NFR_ERR_CORRUPT, true}, TEXT("\xe2\x82 ")},
      {{"L04", NFR_ERR_CORRUPT, true}, TEXT("\xff")},
      {{"L05", NFR_ERR_CORRUPT, true}, TEXT("a\tb")},
      {{"L05", NFR_ERR_CORRUPT, true}, TEXT("a\0b")},
      {{"L05", NFR_ERR_CORRUPT, true}, TEXT("\x7f")},
      {{"L05", NFR_ERR_CORRUPT, true}, TEXT("a\r\nb")},
      {{"L05", NFR_ERR_CORRUPT, true}, TEXT("\xc2\x9f")}};
  for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++)
    check_rule(&cases[i].rule, attempt_labels, &cases[i].file);
  static char many[2 * 1025];
  for (unsigned i = 0; i < 1025; i++) memcpy(many + 2 * i, "x\n", 2);
  struct label_file most = {many, 2 * 1024 - 1}, too_many = {many, 2 * 1025 - 1};
  assert_int_equal(attempt_labels(&most), NFR_OK);
  check_rule(&(struct rule_case){"L02", NFR_ERR_CORRUPT, true}, attempt_labels, &too_many);
}

/* Every sequence of one, two or three bytes is judged as a decoder by the letter of Unicode 15, D92, judges it. */
static bool is_well_formed(const uint8_t *bytes, unsigned count) {
  for (unsigned i = 0; i < count;) {
    uint32_t value = bytes[i];
    unsigned more = value < 0x80 ? 0 : value >> 5 == 6 ? 1 : value >> 4 == 14 ? 2 : value >> 3 == 30 ? 3 : 9;
    if (more == 9 || i + more >= count) return false;
    if (more > 0) value &= 0x3fu >> more;
    for (unsigned j = 1; j <= more; j++) {
      if (bytes[i + j] >> 6 != 2) return false;
      value = value << 6 | (bytes[i + j] & 0x3fu);
    }
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    if (value < least[more] || (value >= 0xd800 && value < 0xe000) || value > 0x10ffff) return false;
    if (value < 0x20 || (value >= 0x7f && value < 0xa0)) return false; /* controls */
    i += more + 1;
  }
  return true;
}

static void test_utf8_against_a_slow_decoder(void **state) {
  (void)state;
  unsigned good = 0;
  for (uint32_t sequence = 0; sequence < 1u << 24; sequence += sequence < 1u << 16 ? 1 : 7) {
    uint8_t bytes[3] = {(uint8_t)sequence, (uint8_t)(sequence >> 8), (uint8_t)(sequence >> 16)};
    unsigned count = sequence < 1u << 8 ? 1 : sequence < 1u << 16 ? 2 : 3, labels;
    if (memchr(bytes, '\n', count) != NULL) continue;
    bool expected = is_well_formed(bytes, count);
    if ((nfr_labels_check(bytes, count, &labels) == NFR_OK) != expected) fail_msg("%06x", sequence);
    good += expected;
  }
  assert_true(good > 100000);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_section_rules),      cmocka_unit_test(test_section_in_pieces),
      cmocka_unit_test(test_vectors_are_read),   cmocka_unit_test(test_vector_rules),
      cmocka_unit_test(test_vectors_too_large),  cmocka_unit_test(test_labels_are_found),
      cmocka_unit_test(test_label_rules),        cmocka_unit_test(test_utf8_against_a_slow_decoder),
  };
  return cmocka_run_group_tests(tests, set_up, NULL);
}
