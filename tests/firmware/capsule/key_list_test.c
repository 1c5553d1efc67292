/* The key list: each rule K01 to K17 broken alone, hostile lengths, versions. */
#include "rules.h"

#include "builder.h"

struct fixture {
  struct list_sample sample;
  uint8_t bytes[8192];
  size_t count;
  uint32_t floor;
};

static void write(struct fixture *f) {
  struct test_key root = toy_key(1);
  f->count = list_write(&f->sample, &root, f->bytes);
}

static void resign(struct fixture *f) {
  struct test_key root = toy_key(1);
  sign(&root, f->bytes, f->count);
}

static int attempt(void *argument) {
  struct fixture *f = argument;
  struct test_key root = toy_key(1);
  struct nfr_key_list list;
  uint8_t *copy = malloc(f->count + (f->count == 0));
  memcpy(copy, f->bytes, f->count);
  int err = nfr_key_list_verify(&toy_crypto, root.public_key, copy, f->count, f->floor, &list);
  if (err == NFR_OK) {
    assert_int_equal(list.version, f->sample.version);
    assert_int_equal(list.total, f->count);
  }
  free(copy);
  return err;
}

/* Three keys, the first with three prefixes (the last one padded), and two revoked ids. */
static struct fixture *good(void) {
  static struct fixture f;
  memset(&f, 0, sizeof f);
  f.sample.version = 9;
  f.floor = 9;
  for (uint8_t i = 0; i < 3; i++) {
    struct test_key key = toy_key((uint8_t)(20 + i));
    list_add(&f.sample, &key, "house/");
  }
  f.sample.keys[0].prefix_count = 3;
  f.sample.keys[0].prefixes[1] = "";
  f.sample.keys[0].prefixes[2] = "factory/line-3";
  f.sample.revoked_count = 2;
  memset(f.sample.revoked[0], 1, 8);
  memset(f.sample.revoked[1], 2, 8);
  write(&f);
  return &f;
}

static void test_good_lists(void **state) {
  (void)state;
  assert_int_equal(attempt(good()), NFR_OK);
  struct fixture *f = good();
  memset(&f->sample, 0, sizeof f->sample); /* no keys: nobody may sign anything */
  f->floor = 0;
  write(f);
  assert_int_equal(f->count, 80);
  assert_int_equal(attempt(f), NFR_OK);
  f->sample.key_count = 16;
  f->sample.revoked_count = 32;
  for (unsigned i = 0; i < 16; i++) {
    memset(f->sample.keys[i].public_key, (int)i, 64);
    f->sample.keys[i].prefix_count = 8;
    for (unsigned j = 0; j < 8; j++) f->sample.keys[i].prefixes[j] = "a/very/ordinary/name/";
  }
  for (unsigned i = 0; i < 32; i++) f->sample.revoked[i][7] = (uint8_t)i;
  write(f);
  assert_int_equal(attempt(f), NFR_ERR_CORRUPT); /* 16 x 244 bytes are more than 4,096 */
  for (unsigned i = 0; i < 16; i++) f->sample.keys[i].prefix_count = 3;
  write(f);
  assert_int_equal(attempt(f), NFR_OK);
}

static void test_null_arguments(void **state) {
  (void)state;
  struct fixture *f = good();
  struct test_key root = toy_key(1);
  struct nfr_key_list list;
  assert_int_equal(nfr_key_list_verify(NULL, root.public_key, f->bytes, f->count, 0, &list), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_key_list_verify(&toy_crypto, NULL, f->bytes, f->count, 0, &list), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_key_list_verify(&toy_crypto, root.public_key, NULL, f->count, 0, &list), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_key_list_verify(&toy_crypto, root.public_key, f->bytes, f->count, 0, NULL), NFR_ERR_ARGUMENT);
}

static void test_truncation_is_refused(void **state) {
  (void)state;
  struct fixture *f = good();
  size_t whole = f->count;
  for (size_t count = 0; count < whole; count++) {
    write(f);
    f->count = count;
    assert_int_equal(attempt(f), NFR_ERR_CORRUPT);
    if (count < 80) continue;
    put16(f->bytes + 6, (unsigned)count);
    resign(f);
    assert_int_equal(attempt(f), NFR_ERR_CORRUPT);
  }
}

/* Offsets in the good list: key 0 at 16, its prefixes at 84 (1+6, 1+0, 1+14 = 23, 1 of padding), key 1 at 108. */
enum { KEY0 = 16, PREFIXES0 = 84, PADDING0 = 107, KEY1 = 108 };

static void k03(struct fixture *f) { f->bytes[4] = 2; }
static void k02(struct fixture *f) { f->bytes[1] ^= 0x20; }
static void k04(struct fixture *f) { f->bytes[6] ^= 4; }
static void k07(struct fixture *f) { f->bytes[15] = 1; }
static void k09(struct fixture *f) { f->bytes[KEY0 + 64] = 0; }
static void k09_nine(struct fixture *f) { f->bytes[KEY0 + 64] = 9; }
static void k10(struct fixture *f) { f->bytes[KEY0 + 67] = 1; }
static void k11(struct fixture *f) { f->bytes[PREFIXES0] = 65; }
static void k12(struct fixture *f) { f->bytes[PREFIXES0 + 1] = 'H'; }
static void k12_nul(struct fixture *f) { f->bytes[PREFIXES0 + 2] = 0; }
static void k13(struct fixture *f) { f->bytes[PADDING0] = 1; }
static void k14(struct fixture *f) { f->bytes[13] = 1; }
static void k14_more(struct fixture *f) { f->bytes[13] = 3; }
static void k15(struct fixture *f) { memcpy(f->bytes + KEY1, f->bytes + KEY0, 64); }
static void k16(struct fixture *f) { memcpy(f->bytes + f->count - 72, f->bytes + f->count - 80, 8); }
static void k08(struct fixture *f) { f->bytes[12] = 4; }
static void k17(struct fixture *f) { f->floor = 10; }

static void test_rules(void **state) {
  (void)state;
  static const struct { struct rule_case rule; void (*break_it)(struct fixture *); } cases[] = {
      {{"K02", NFR_ERR_CORRUPT, true}, k02},       {{"K03", NFR_ERR_VERSION, true}, k03},
      {{"K04", NFR_ERR_CORRUPT, true}, k04},       {{"K07", NFR_ERR_CORRUPT, true}, k07},
      {{"K08", NFR_ERR_CORRUPT, false}, k08},      {{"K09", NFR_ERR_CORRUPT, false}, k09},
      {{"K09", NFR_ERR_CORRUPT, false}, k09_nine}, {{"K10", NFR_ERR_CORRUPT, true}, k10},
      {{"K11", NFR_ERR_CORRUPT, false}, k11},      {{"K12", NFR_ERR_CORRUPT, true}, k12},
      {{"K12", NFR_ERR_CORRUPT, true}, k12_nul},   {{"K13", NFR_ERR_CORRUPT, true}, k13},
      {{"K14", NFR_ERR_CORRUPT, true}, k14},       {{"K14", NFR_ERR_CORRUPT, false}, k14_more},
      {{"K15", NFR_ERR_CORRUPT, true}, k15},       {{"K16", NFR_ERR_CORRUPT, true}, k16},
      {{"K17", NFR_ERR_ROLLBACK, true}, k17},
  };
  for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct fixture *f = good();
    assert_int_equal(attempt(f), NFR_OK);
    cases[i].break_it(f);
    resign(f);
    check_rule(&cases[i].rule, attempt, f);
  }
}

static void test_size_signature_and_count_rules(void **state) {
  (void)state;
  struct fixture *f = good();
  f->count = 76;
  put16(f->bytes + 6, 76);
  check_rule(&(struct rule_case){"K01", NFR_ERR_CORRUPT, false}, attempt, f);
  f = good();
  f->sample.key_count = 17;
  for (unsigned i = 3; i < 17; i++) {
    memset(f->sample.keys[i].public_key, (int)i, 64);
    f->sample.keys[i].prefix_count = 8;
    for (unsigned j = 0; j < 8; j++)
      f->sample.keys[i].prefixes[j] = "0123456789012345678901234567890123456789012345678901234567890123";
  }
  f->sample.key_count = 11;
  write(f);
  assert_true(f->count > 4096);
  check_rule(&(struct rule_case){"K01", NFR_ERR_CORRUPT, true}, attempt, f);
  f = good();
  memmove(f->bytes + f->count - 62, f->bytes + f->count - 64, 64);
  f->count += 2;
  put16(f->bytes + 6, (unsigned)f->count);
  resign(f);
  check_rule(&(struct rule_case){"K01", NFR_ERR_CORRUPT, false}, attempt, f);
  f = good();
  f->bytes[f->count - 1] ^= 1;
  check_rule(&(struct rule_case){"K05", NFR_ERR_SIGNATURE, false}, attempt, f);
  f = good();
  struct test_key publisher = toy_key(20);
  sign(&publisher, f->bytes, f->count);
  check_rule(&(struct rule_case){"K05", NFR_ERR_SIGNATURE, false}, attempt, f);
  f = good();
  f->sample.revoked_count = 33;
  for (unsigned i = 0; i < 33; i++) f->sample.revoked[i][3] = (uint8_t)(100 + i);
  write(f);
  check_rule(&(struct rule_case){"K06", NFR_ERR_CORRUPT, true}, attempt, f);
  f = good();
  f->sample.key_count = 17;
  for (unsigned i = 3; i < 17; i++) {
    memset(f->sample.keys[i].public_key, (int)i, 64);
    f->sample.keys[i].prefix_count = 1;
    f->sample.keys[i].prefixes[0] = "a";
  }
  write(f);
  check_rule(&(struct rule_case){"K06", NFR_ERR_CORRUPT, false}, attempt, f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_good_lists),
      cmocka_unit_test(test_null_arguments),
      cmocka_unit_test(test_truncation_is_refused),
      cmocka_unit_test(test_rules),
      cmocka_unit_test(test_size_signature_and_count_rules),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
