/* The manifest: what a good one says, and each rule M01 to M46 broken alone. */
#include "rules.h"

#include <stdio.h>

#include "builder.h"

struct fixture {
  struct sample sample;
  uint8_t bytes[4096], list_bytes[8192];
  size_t count;
  struct nfr_key_list list;
};

static void set_up_list(struct fixture *f, const char *prefix, bool revoked) {
  struct test_key root = toy_key(1), publisher = toy_key(2);
  struct list_sample list = {.version = 1};
  struct test_key other = toy_key(3);
  list_add(&list, &other, "elsewhere/");
  list_add(&list, &publisher, prefix);
  list.revoked_count = 2;
  memset(list.revoked, 0xee, sizeof list.revoked);
  if (revoked) key_id_of(&publisher, list.revoked[1]);
  else list.revoked[1][0] = 0;
  size_t count = list_write(&list, &root, f->list_bytes);
  assert_int_equal(nfr_key_list_verify(&toy_crypto, root.public_key, f->list_bytes, count, 0, &f->list), NFR_OK);
}

static void write(struct fixture *f) {
  struct test_key publisher = toy_key(2);
  f->count = sample_write(&f->sample, &publisher, f->bytes);
}

static void resign(struct fixture *f) {
  struct test_key publisher = toy_key(2);
  sign(&publisher, f->bytes, f->count);
}

static int verify(struct fixture *f, struct nfr_manifest *manifest) {
  /* A copy of its own, so that a read beyond the end is seen. */
  uint8_t *copy = malloc(f->count);
  memcpy(copy, f->bytes, f->count);
  int err = nfr_manifest_verify(&toy_crypto, &f->list, copy, f->count, manifest);
  free(copy);
  return err;
}

static int attempt(void *argument) {
  struct nfr_manifest manifest;
  return verify(argument, &manifest);
}

static struct fixture *full(void) {
  static struct fixture f;
  memset(&f, 0, sizeof f);
  set_up_list(&f, "house/", false);
  sample_full(&f.sample);
  write(&f);
  return &f;
}

static bool is_text(struct nfr_text text, const char *expected) {
  return text.length == strlen(expected) && memcmp(text.bytes, expected, text.length) == 0;
}

static void test_full_manifest_is_read(void **state) {
  (void)state;
  struct fixture *f = full();
  struct nfr_manifest m;
  assert_int_equal(nfr_manifest_verify(&toy_crypto, &f->list, f->bytes, f->count, &m), NFR_OK);
  assert_true(is_text(m.name, "house/kws"));
  assert_true(is_text(m.version, "1.0"));
  assert_true(is_text(m.target, "host"));
  assert_true(is_text(m.processor, "House.Kws+Processor_1"));
  assert_int_equal(m.security_counter, 7);
  assert_int_equal(m.abi_major, 1);
  assert_int_equal(m.abi_minor, 0);
  assert_int_equal(m.plan_major, 1);
  assert_int_equal(m.plan_minor, 0);
  assert_int_equal(m.layouts, 1);
  assert_int_equal(m.capabilities, 0x41);
  assert_int_equal(m.operators[0], 0x0a);
  assert_int_equal(m.needs.state, 1000);
  assert_int_equal(m.needs.arena, 1001);
  assert_int_equal(m.needs.input_copies, 1002);
  assert_int_equal(m.needs.stack, 1003);
  assert_int_equal(m.needs.deadline_ms, 1004);
  assert_int_equal(m.needs.managed_heap, 1005);
  for (unsigned kind = 1; kind <= 5; kind++) {
    assert_int_equal(m.sections[kind].size, 1000 * kind);
    assert_int_equal(m.sections[kind].sha256[31], 0x10 * kind);
  }
  assert_int_equal(m.pre_count, 2);
  assert_int_equal(m.pre[0][1], 2);
  assert_int_equal(m.pre[1][0], 1);
  assert_null(m.pre[2]);
  assert_int_equal(m.post[1], 3);
  uint8_t id[8];
  struct test_key publisher = toy_key(2);
  key_id_of(&publisher, id);
  assert_memory_equal(m.key_id, id, 8);
}

static void test_small_manifest_has_no_more(void **state) {
  (void)state;
  struct fixture *f = full();
  struct nfr_manifest m;
  sample_small(&f->sample);
  write(f);
  assert_int_equal(nfr_manifest_verify(&toy_crypto, &f->list, f->bytes, f->count, &m), NFR_OK);
  assert_int_equal(m.processor.length, 0);
  assert_int_equal(m.capabilities, 0);
  assert_int_equal(m.sections[NFR_SECTION_LABELS].size, 0);
  assert_int_equal(m.pre_count, 0);
  assert_null(m.post);
}

/* Types without the critical bit, wherever they stand, twice, of any length, at any minor version. */
static void test_unknown_types_are_ignored(void **state) {
  (void)state;
  struct fixture *f = full();
  sample_insert(&f->sample, 0, 0x0001, 0);
  sample_insert(&f->sample, 1, 0x7fff, 3);
  sample_insert(&f->sample, 2, 0x7fff, 5);
  write(f);
  f->bytes[5] = 9;
  resign(f);
  assert_int_equal(attempt(f), NFR_OK);
}

static void test_names(void **state) {
  (void)state;
  static const struct { const char *name; bool good; } names[] = {
      {"house/a", true},    {"house/a.b_c-d/e9", true}, {"house/", false},  {"/house/a", false}, {"house//a", false},
      {"house/a-.b", false}, {"house/A", false},        {"house/a b", false}, {"house/a-", false}, {"house/\xc3\xa9", false}};
  for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
    struct fixture *f = full();
    sample_set_text(&f->sample, 0x8001, names[i].name);
    write(f);
    assert_int_equal(attempt(f), names[i].good ? NFR_OK : NFR_ERR_CORRUPT);
  }
}

static void test_counter_floor(void **state) {
  (void)state;
  struct fixture *f = full();
  struct nfr_manifest m;
  assert_int_equal(verify(f, &m), NFR_OK);
  assert_int_equal(nfr_manifest_check_counter(&m, 0), NFR_OK);
  assert_int_equal(nfr_manifest_check_counter(&m, 7), NFR_OK);
  assert_int_equal(nfr_manifest_check_counter(&m, 8), NFR_ERR_ROLLBACK);
  assert_int_equal(nfr_manifest_check_counter(NULL, 0), NFR_ERR_ARGUMENT);
}

static void test_null_arguments(void **state) {
  (void)state;
  struct fixture *f = full();
  struct nfr_manifest m;
  assert_int_equal(nfr_manifest_verify(NULL, &f->list, f->bytes, f->count, &m), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_manifest_verify(&toy_crypto, NULL, f->bytes, f->count, &m), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_manifest_verify(&toy_crypto, &f->list, NULL, f->count, &m), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_manifest_verify(&toy_crypto, &f->list, f->bytes, f->count, NULL), NFR_ERR_ARGUMENT);
}

/* Whether the first TLVs of the sample end at `count` with the trailer. */
static bool ends_at_a_tlv(const struct sample *sample, size_t count) {
  size_t at = 8 + 72;
  for (unsigned i = 0; i < sample->count && at < count; i++) at += 4 + (sample->tlvs[i].length + 3u) / 4 * 4;
  return at == count;
}

/* Every length below the whole: as it is, and with the size field mended, the key id moved and signed again. Then only a
 * cut before an optional TLV leaves a manifest. */
static void test_truncation_is_refused(void **state) {
  (void)state;
  struct fixture *f = full();
  size_t whole = f->count;
  struct test_key publisher = toy_key(2);
  unsigned accepted = 0;
  for (size_t count = 0; count < whole; count++) {
    write(f);
    f->count = count;
    assert_int_equal(attempt(f), NFR_ERR_CORRUPT);
    if (count < 80) continue;
    put16(f->bytes + 6, (unsigned)count);
    key_id_of(&publisher, f->bytes + count - 72);
    resign(f);
    int err = attempt(f);
    if (err == NFR_OK) assert_true(ends_at_a_tlv(&f->sample, count));
    accepted += err == NFR_OK;
  }
  assert_int_equal(accepted, 6); /* behind sections 2 to 5 and behind each pre-processing */
}

/* ---- each rule alone: how the sample, or the bytes after writing, are broken ---- */

enum { NAME = 0x8001, VERSION, COUNTER, TARGET, ENGINE, NEEDS, OPERATORS, CAPABILITIES, PROCESSOR,
       SECTION = 0x8010, PRE = 0x8020, POST = 0x8021 };

static void swap(struct sample *s, unsigned a, unsigned b) {
  static struct tlv kept;
  kept = s->tlvs[a];
  s->tlvs[a] = s->tlvs[b];
  s->tlvs[b] = kept;
}

static void set(struct sample *s, unsigned type, unsigned nth, unsigned at, uint8_t value) {
  sample_find(s, type, nth)->value[at] = value;
}

static void m02(struct sample *s) { sample_insert(s, 0, 0x10, 700); }
static void m08(struct sample *s) { sample_find(s, NAME, 0)->value[9] = 1; }
static void m09(struct sample *s) { swap(s, 0, 1); }
static void m10(struct sample *s) { sample_append(s, 0x8022, 0); }
static void m11(struct sample *s) { memcpy(sample_insert(s, 1, NAME, 5)->value, "house", 5); s->tlvs[1] = s->tlvs[0]; }
static void m12(struct sample *s) { sample_find(s, COUNTER, 0)->length = 8; }
static void m12_long(struct sample *s) {
  struct tlv *name = sample_find(s, NAME, 0);
  memset(name->value + name->length, 'a', 65u - name->length);
  name->length = 65;
}
static void m13(struct sample *s) { sample_remove(s, NEEDS, 0); }
static void m14(struct sample *s) { sample_set_text(s, NAME, "house/k..ws"); }
static void m15(struct sample *s) { sample_set_text(s, VERSION, "1_0"); }
static void m16(struct sample *s) { sample_set_text(s, TARGET, "Cortex-m4"); }
static void m17(struct sample *s) { set(s, ENGINE, 0, 6, 1); }
static void m18(struct sample *s) { set(s, CAPABILITIES, 0, 0, 0x80); }
static void m18_high(struct sample *s) { set(s, CAPABILITIES, 0, 3, 0x80); }
static void m19(struct sample *s) { sample_set_text(s, PROCESSOR, "House.Kws, Version"); }
static void m20_low(struct sample *s) { set(s, SECTION, 0, 0, 0); }
static void m20_high(struct sample *s) { set(s, SECTION, 4, 0, 6); }
static void m21(struct sample *s) { set(s, SECTION, 4, 0, NFR_SECTION_BASELINE); }
static void m21_order(struct sample *s) {
  set(s, SECTION, 3, 0, NFR_SECTION_LABELS);
  set(s, SECTION, 4, 0, NFR_SECTION_BASELINE);
}
static void m22(struct sample *s) { set(s, SECTION, 1, 3, 1); }
static void m23(struct sample *s) { memset(sample_find(s, SECTION, 3)->value + 4, 0, 4); }
static void m23_large(struct sample *s) { put32(sample_find(s, SECTION, 3)->value + 4, (16u << 20) + 1); }
static void m24(struct sample *s) { sample_remove(s, SECTION, 0); }
static void m25(struct sample *s) { sample_remove(s, PROCESSOR, 0); }
static void m25_no_section(struct sample *s) { sample_remove(s, SECTION, 1); }
static void m26(struct sample *s) { sample_remove(s, SECTION, 4); }
static void m27(struct sample *s) {
  sample_remove(s, PRE, 0);
  sample_remove(s, SECTION, 3);
  for (unsigned i = 2; i < 6; i++) {
    s->tlvs[s->count] = *sample_find(s, PRE, 0);
    s->tlvs[s->count].value[0] = (uint8_t)i;
    s->count++;
    swap(s, s->count - 2, s->count - 1);
  }
}
static void m28(struct sample *s) { set(s, PRE, 0, 0, 2); }
static void m28_twice(struct sample *s) { set(s, PRE, 1, 0, 0); }
static void m29(struct sample *s) { set(s, PRE, 0, 1, 4); }
static void m30(struct sample *s) { set(s, PRE, 0, 2, 1); }
static void m30_more(struct sample *s) { set(s, PRE, 0, 2, 3); }
static void m31(struct sample *s) { set(s, PRE, 0, 3, 1); }
static void m32(struct sample *s) { put32(sample_find(s, PRE, 0)->value + 8, 65); }
static void m32_zero(struct sample *s) { put32(sample_find(s, PRE, 0)->value + 8, 0); }
static void m32_without(struct sample *s) { put32(sample_find(s, PRE, 1)->value + 8, 1); }
static void m33(struct sample *s) { set(s, PRE, 0, 12 + 16 + 4, 41); }
static void m33_reserved(struct sample *s) { set(s, PRE, 0, 12 + 7, 1); }
static void m34(struct sample *s) { put64(sample_find(s, PRE, 0)->value + 12 + 16 + 8, INT64_C(1) << 55); }
static void m34_negative(struct sample *s) { put64(sample_find(s, PRE, 0)->value + 12 + 8, -(INT64_C(1) << 55)); }
static void m35(struct sample *s) { put32(sample_find(s, PRE, 1)->value + 12, 0x7f800000); }
static void m35_nan(struct sample *s) { put32(sample_find(s, PRE, 1)->value + 16, 0xffc00000); }
static void m35_reserved(struct sample *s) { set(s, PRE, 1, 12 + 8, 1); }
static void m36(struct sample *s) { set(s, POST, 0, 1, 0); }
static void m36_large(struct sample *s) { set(s, POST, 0, 1, 9); }
static void m37(struct sample *s) { set(s, POST, 0, 2, 15); }
static void m38(struct sample *s) { set(s, POST, 0, 3, 5); }
static void m38_zero(struct sample *s) { set(s, POST, 0, 3, 0); }
static void m38_wide(struct sample *s) { set(s, POST, 0, 4, 17); }
static void m38_without(struct sample *s) { set(s, POST, 0, 2, 5); }
static void m39(struct sample *s) { set(s, POST, 0, 7, 1); }
static void m40(struct sample *s) { set(s, POST, 0, 2, 6); }
static void m41(struct sample *s) { putf32(sample_find(s, POST, 0)->value + 12, 0.0f); }
static void m41_negative(struct sample *s) { putf32(sample_find(s, POST, 0)->value + 12, -1.0f); }
static void m41_infinite(struct sample *s) { put32(sample_find(s, POST, 0)->value + 12, 0x7f800000); }

static void test_sample_rules(void **state) {
  (void)state;
  static const struct { struct rule_case rule; void (*break_it)(struct sample *); } cases[] = {
      {{"M02", NFR_ERR_CORRUPT, true}, m02},
      {{"M08", NFR_ERR_CORRUPT, true}, m08},
      {{"M09", NFR_ERR_CORRUPT, true}, m09},
      {{"M10", NFR_ERR_UNSUPPORTED, true}, m10},
      {{"M11", NFR_ERR_CORRUPT, true}, m11},
      {{"M12", NFR_ERR_CORRUPT, true}, m12},
      {{"M12", NFR_ERR_CORRUPT, true}, m12_long},
      {{"M13", NFR_ERR_CORRUPT, true}, m13},
      {{"M14", NFR_ERR_CORRUPT, true}, m14},
      {{"M15", NFR_ERR_CORRUPT, true}, m15},
      {{"M16", NFR_ERR_CORRUPT, true}, m16},
      {{"M17", NFR_ERR_CORRUPT, true}, m17},
      {{"M18", NFR_ERR_UNSUPPORTED, true}, m18},
      {{"M18", NFR_ERR_UNSUPPORTED, true}, m18_high},
      {{"M19", NFR_ERR_CORRUPT, true}, m19},
      {{"M20", NFR_ERR_CORRUPT, false}, m20_low},
      {{"M20", NFR_ERR_CORRUPT, false}, m20_high},
      {{"M21", NFR_ERR_CORRUPT, false}, m21},
      {{"M21", NFR_ERR_CORRUPT, true}, m21_order},
      {{"M22", NFR_ERR_CORRUPT, true}, m22},
      {{"M23", NFR_ERR_CORRUPT, true}, m23},
      {{"M23", NFR_ERR_CORRUPT, true}, m23_large},
      {{"M24", NFR_ERR_CORRUPT, true}, m24},
      {{"M25", NFR_ERR_CORRUPT, true}, m25},
      {{"M25", NFR_ERR_CORRUPT, true}, m25_no_section},
      {{"M26", NFR_ERR_CORRUPT, true}, m26},
      {{"M27", NFR_ERR_CORRUPT, false}, m27},
      {{"M28", NFR_ERR_CORRUPT, true}, m28},
      {{"M28", NFR_ERR_CORRUPT, true}, m28_twice},
      {{"M29", NFR_ERR_CORRUPT, true}, m29},
      {{"M30", NFR_ERR_CORRUPT, true}, m30},
      {{"M30", NFR_ERR_CORRUPT, false}, m30_more},
      {{"M31", NFR_ERR_CORRUPT, true}, m31},
      {{"M32", NFR_ERR_CORRUPT, true}, m32},
      {{"M32", NFR_ERR_CORRUPT, true}, m32_zero},
      {{"M32", NFR_ERR_CORRUPT, true}, m32_without},
      {{"M33", NFR_ERR_CORRUPT, true}, m33},
      {{"M33", NFR_ERR_CORRUPT, true}, m33_reserved},
      {{"M34", NFR_ERR_CORRUPT, true}, m34},
      {{"M34", NFR_ERR_CORRUPT, true}, m34_negative},
      {{"M35", NFR_ERR_CORRUPT, true}, m35},
      {{"M35", NFR_ERR_CORRUPT, true}, m35_nan},
      {{"M35", NFR_ERR_CORRUPT, true}, m35_reserved},
      {{"M36", NFR_ERR_CORRUPT, true}, m36},
      {{"M36", NFR_ERR_CORRUPT, true}, m36_large},
      {{"M37", NFR_ERR_CORRUPT, true}, m37},
      {{"M38", NFR_ERR_CORRUPT, true}, m38},
      {{"M38", NFR_ERR_CORRUPT, true}, m38_zero},
      {{"M38", NFR_ERR_CORRUPT, true}, m38_wide},
      {{"M38", NFR_ERR_CORRUPT, true}, m38_without},
      {{"M39", NFR_ERR_CORRUPT, true}, m39},
      {{"M40", NFR_ERR_CORRUPT, true}, m40},
      {{"M41", NFR_ERR_CORRUPT, true}, m41},
      {{"M41", NFR_ERR_CORRUPT, true}, m41_negative},
      {{"M41", NFR_ERR_CORRUPT, true}, m41_infinite},
  };
  for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct fixture *f = full();
    assert_int_equal(attempt(f), NFR_OK);
    cases[i].break_it(&f->sample);
    write(f);
    check_rule(&cases[i].rule, attempt, f);
  }
}

/* Rules of the frame: bytes are broken after writing, and signed again. */
static void test_frame_rules(void **state) {
  (void)state;
  struct fixture *f = full();
  f->count = 76;
  put16(f->bytes + 6, 76);
  check_rule(&(struct rule_case){"M01", NFR_ERR_CORRUPT, false}, attempt, f);

  static const struct { struct rule_case rule; unsigned at; uint8_t flip; } flips[] = {
      {{"M03", NFR_ERR_CORRUPT, true}, 3, 1}, {{"M04", NFR_ERR_VERSION, true}, 4, 2}, {{"M05", NFR_ERR_CORRUPT, true}, 6, 4}};
  for (unsigned i = 0; i < 3; i++) {
    f = full();
    f->bytes[flips[i].at] ^= flips[i].flip;
    resign(f);
    check_rule(&flips[i].rule, attempt, f);
  }

  f = full();
  memmove(f->bytes + f->count - 70, f->bytes + f->count - 72, 8);
  memset(f->bytes + f->count - 72, 0, 2);
  f->count += 2;
  put16(f->bytes + 6, (unsigned)f->count);
  resign(f);
  check_rule(&(struct rule_case){"M06", NFR_ERR_CORRUPT, false}, attempt, f);

  f = full();
  sample_insert(&f->sample, 0, 0x10, 0);
  write(f);
  put16(f->bytes + 10, 0x400);
  resign(f);
  check_rule(&(struct rule_case){"M07", NFR_ERR_CORRUPT, false}, attempt, f);
}

static int attempt_floor(void *argument) {
  struct nfr_manifest manifest;
  int err = verify(argument, &manifest);
  return err ? err : nfr_manifest_check_counter(&manifest, 8);
}

static void test_trust_rules(void **state) {
  (void)state;
  struct fixture *f = full();
  set_up_list(f, "house/", true);
  check_rule(&(struct rule_case){"M42", NFR_ERR_SIGNATURE, true}, attempt, f);
  f = full();
  struct test_key stranger = toy_key(9);
  f->count = sample_write(&f->sample, &stranger, f->bytes);
  check_rule(&(struct rule_case){"M43", NFR_ERR_SIGNATURE, false}, attempt, f);
  f = full();
  f->bytes[f->count - 1] ^= 0x80;
  check_rule(&(struct rule_case){"M44", NFR_ERR_SIGNATURE, true}, attempt, f);
  f = full();
  set_up_list(f, "hous", false);
  check_rule(&(struct rule_case){"M45", NFR_ERR_SIGNATURE, true}, attempt, f);
  f = full();
  check_rule(&(struct rule_case){"M46", NFR_ERR_ROLLBACK, true}, attempt_floor, f);
}

/* A signature by another listed key does not count, even when the key id says the right one. */
static void test_other_listed_key_is_refused(void **state) {
  (void)state;
  struct fixture *f = full();
  struct test_key other = toy_key(3);
  sign(&other, f->bytes, f->count);
  assert_int_equal(attempt(f), NFR_ERR_SIGNATURE);
  f->count = sample_write(&f->sample, &other, f->bytes); /* honest id: the name is outside its prefix */
  assert_int_equal(attempt(f), NFR_ERR_SIGNATURE);
}

static void test_prefixes(void **state) {
  (void)state;
  static const struct { const char *prefix; bool covers; } prefixes[] = {
      {"", true},           {"house/kws", true}, {"house/", true},    {"house", true},      {"house/k", false},
      {"house/kws/", false}, {"hous", false},    {"house/kws2", false}, {"other/", false}, {"/", false}};
  for (unsigned i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
    struct fixture *f = full();
    set_up_list(f, prefixes[i].prefix, false);
    assert_int_equal(attempt(f), prefixes[i].covers ? NFR_OK : NFR_ERR_SIGNATURE);
  }
}

/* A failing port refuses; it is neither accepted nor mistaken for a wrong signature. */
static int fails_after;
static int failing_begin(void *context, struct nfr_sha256 *hash) {
  return fails_after-- == 0 ? NFR_ERR_PORT : toy_crypto.sha256_begin(context, hash);
}
static int failing_update(void *context, struct nfr_sha256 *hash, const void *data, size_t bytes) {
  return fails_after-- == 0 ? NFR_ERR_PORT : toy_crypto.sha256_update(context, hash, data, bytes);
}
static int failing_finish(void *context, struct nfr_sha256 *hash, uint8_t digest[32]) {
  int err = toy_crypto.sha256_finish(context, hash, digest);
  return fails_after-- == 0 ? NFR_ERR_PORT : err;
}
static int failing_verify(void *context, const uint8_t key[64], const uint8_t digest[32], const uint8_t signature[64]) {
  return fails_after-- == 0 ? NFR_ERR_PORT : toy_crypto.p256_verify(context, key, digest, signature);
}

static void test_port_failures(void **state) {
  (void)state;
  const struct nfr_crypto failing = {NULL, failing_begin, failing_update, failing_finish, failing_verify};
  struct fixture *f = full();
  struct nfr_manifest m;
  unsigned failures = 0;
  for (int i = 0;; i++) {
    fails_after = i;
    int err = nfr_manifest_verify(&failing, &f->list, f->bytes, f->count, &m);
    if (err == NFR_OK) break;
    assert_int_equal(err, NFR_ERR_PORT);
    failures++;
  }
  assert_int_equal(failures, 10); /* two keys tried and the manifest: three calls each, and the verification */
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_full_manifest_is_read), cmocka_unit_test(test_small_manifest_has_no_more),
      cmocka_unit_test(test_unknown_types_are_ignored), cmocka_unit_test(test_names),
      cmocka_unit_test(test_counter_floor), cmocka_unit_test(test_null_arguments),
      cmocka_unit_test(test_truncation_is_refused), cmocka_unit_test(test_sample_rules),
      cmocka_unit_test(test_frame_rules), cmocka_unit_test(test_trust_rules),
      cmocka_unit_test(test_other_listed_key_is_refused), cmocka_unit_test(test_prefixes),
      cmocka_unit_test(test_port_failures),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
