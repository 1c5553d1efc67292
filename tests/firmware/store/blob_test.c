/* Blobs: begin, write, finish, read, find, free, pins, verify, scrub, usage. */
#include "blob_support.h"

static struct bed bed;
static struct content one, two, three;

/* On every standard chip: three sizes, of which none is a multiple of anything, come back as they were, after a reset too. */
static void test_install_everywhere(void **state) {
  (void)state;
  for (unsigned i = 0; i < NFR_FLASH_STANDARDS; i++) {
    for (unsigned noise = 0; noise < 2; noise++) {
      struct nfr_flash_model_config config = nfr_flash_model_standard(&nfr_flash_standards[i]);
      config.noise = noise != 0 && !config.blobs.rewrites;
      bed_new(&bed, &config);
      content_make(&one, 1, 1);
      content_make(&two, 2, 700);
      content_make(&three, 3, 20001);
      assert_int_equal(bed_install(&bed, &one), 1);
      assert_int_equal(bed_install(&bed, &two), 2);
      assert_int_equal(bed_install(&bed, &three), 3);
      assert_int_equal(bed_install(&bed, &two), 2); /* it is there already: no second slot */
      for (unsigned round = 0; round < 2; round++) {
        bed_assert_content(&bed, &one);
        bed_assert_content(&bed, &two);
        bed_assert_content(&bed, &three);
        bed_assert_extents(&bed);
        bed_reset(&bed, i);
      }
      bed_delete(&bed);
    }
  }
}

static void test_begin_says_ok_only_to_what_is_complete(void **state) {
  (void)state;
  bed_new_standard(&bed, "nor-4k");
  content_make(&one, 1, 5000);
  assert_int_equal(nfr_store_begin(&bed.store, one.digest, one.bytes, 10), NFR_STORE_MORE);
  assert_int_equal(nfr_store_begin(&bed.store, one.digest, one.bytes, 10), NFR_ERR_BUSY);
  assert_int_equal(nfr_store_write(&bed.store, 0, one.data, 1024), NFR_ERR_ARGUMENT); /* not yet the writer's */
  assert_int_equal(bed_run(&bed, NFR_STORE_MORE), NFR_OK);
  assert_int_equal(nfr_store_finish(&bed.store), NFR_ERR_ARGUMENT); /* chunks are missing */
  assert_int_equal(bed_write_all(&bed, &one), NFR_OK);
  assert_int_equal(nfr_store_begin(&bed.store, one.digest, one.bytes, 10), NFR_STORE_MORE); /* written is not complete */
  assert_int_equal(bed_run(&bed, NFR_STORE_MORE), NFR_OK);
  assert_int_equal(nfr_store_missing(&bed.store, 0), 5); /* and nothing is forgotten */
  assert_int_equal(bed_run(&bed, nfr_store_finish(&bed.store)), NFR_OK);
  assert_int_equal(nfr_store_begin(&bed.store, one.digest, one.bytes, 10), NFR_OK);
  assert_int_equal(nfr_store_missing(&bed.store, 0), 0); /* nobody's */
  bed_delete(&bed);
}

static void test_arguments(void **state) {
  (void)state;
  bed_new_standard(&bed, "nor-4k");
  content_make(&one, 1, 3000);
  uint8_t byte;
  uint16_t slot;
  assert_int_equal(nfr_store_begin(&bed.store, one.digest, 0, 10), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_store_begin(&bed.store, one.digest, NFR_STORE_MAX_BLOB_BYTES + 1, 15), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_store_begin(&bed.store, one.digest, 3000, 8), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_store_begin(&bed.store, one.digest, 3000, 16), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_store_begin(&bed.store, one.digest, 512 * 512 + 1, 9), NFR_ERR_ARGUMENT); /* 513 chunks */
  assert_int_equal(nfr_store_begin(&bed.store, one.digest, bed.config.blobs->bytes + 1, 15), NFR_ERR_NO_SPACE);
  assert_int_equal(bed.store.job.kind, NFR_JOB_NONE); /* an error leaves no job */
  assert_int_equal(bed_begin(&bed, &one, 10), NFR_OK);
  assert_int_equal(nfr_store_write(&bed.store, 3, one.data, 1024), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_store_write(&bed.store, 2, one.data, 1024), NFR_ERR_ARGUMENT); /* it has 952 */
  assert_int_equal(nfr_store_write(&bed.store, 0, one.data, 1000), NFR_ERR_ARGUMENT);
  slot = bed.store.writer.slot;
  assert_int_equal(nfr_store_read(&bed.store, slot, 0, &byte, 1), NFR_ERR_ARGUMENT); /* not COMPLETE */
  assert_int_equal(nfr_store_pin(&bed.store, slot, NULL), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_store_verify(&bed.store, slot), NFR_ERR_ARGUMENT);
  assert_int_equal(bed_install(&bed, &one), slot);
  assert_int_equal(nfr_store_read(&bed.store, slot, 2999, &byte, 1), NFR_OK);
  assert_int_equal(byte, one.data[2999]);
  assert_int_equal(nfr_store_read(&bed.store, slot, 2999, &byte, 2), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_store_read(&bed.store, slot, 3001, &byte, 0), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_store_read(&bed.store, slot, UINT32_MAX, &byte, 2), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_store_read(&bed.store, (uint16_t)(slot + 1), 0, &byte, 1), NFR_ERR_NOT_FOUND);
  assert_int_equal(nfr_store_read(&bed.store, NFR_STORE_NONE, 0, &byte, 1), NFR_ERR_NOT_FOUND);
  bed_delete(&bed);
}

static void test_chunks_in_any_order_and_again(void **state) {
  (void)state;
  bed_new_standard(&bed, "encrypted-4k-16");
  content_make(&one, 1, 30 * 1024 + 17);
  assert_int_equal(bed_begin(&bed, &one, 10), NFR_OK);
  for (uint32_t i = 0; i < 31; i++) {
    uint32_t chunk = i * 12 % 31;
    assert_int_equal(bed_write(&bed, &one, chunk), NFR_OK);
    uint64_t before = nfr_flash_model_operations(bed.model);
    assert_int_equal(bed_write(&bed, &one, chunk), NFR_OK);
    assert_int_equal(nfr_flash_model_operations(bed.model), before);
  }
  assert_int_equal(bed_run(&bed, nfr_store_finish(&bed.store)), NFR_OK);
  bed_assert_content(&bed, &one);
  bed_delete(&bed);
}

static void test_wrong_bytes_of_the_right_size(void **state) {
  (void)state;
  bed_new_standard(&bed, "nor-4k");
  content_make(&one, 1, 9000);
  uint16_t slot;
  one.data[8999] ^= 1;
  assert_int_equal(bed_install(&bed, &one), NFR_ERR_CORRUPT);
  assert_int_equal(nfr_store_find(&bed.store, one.digest, &slot), NFR_ERR_NOT_FOUND);
  one.data[8999] ^= 1;
  assert_true(bed_install(&bed, &one) > 0);
  bed_assert_content(&bed, &one);
  bed_delete(&bed);
}

static void test_digests_that_share_a_prefix(void **state) {
  (void)state;
  bed_new_standard(&bed, "nor-4k");
  content_make(&one, 1, 900);
  content_make(&two, 2, 900);
  uint16_t slot, other;
  memcpy(two.digest, one.digest, 31);
  two.digest[31] = (uint8_t)(one.digest[31] ^ 1);
  assert_true(bed_install(&bed, &one) > 0);
  assert_int_equal(nfr_store_find(&bed.store, one.digest, &slot), NFR_OK);
  assert_int_equal(nfr_store_find(&bed.store, two.digest, &other), NFR_ERR_NOT_FOUND);
  assert_int_equal(bed_install(&bed, &two), NFR_ERR_CORRUPT); /* no such blob, but it was not taken for the other */
  bed_assert_content(&bed, &one);
  bed_delete(&bed);
}

static void test_free_only_what_nothing_needs(void **state) {
  (void)state;
  bed_new_standard(&bed, "nor-4k");
  uint16_t slots[5];
  for (uint32_t i = 0; i < 5; i++) {
    content_make(&one, i, 900);
    slots[i] = (uint16_t)bed_install(&bed, &one);
  }
  bed_name(&bed, "a", slots[0], slots[1], slots[2]);
  uint16_t name = bed_name(&bed, "b", slots[0], 0, 0); /* shares its layer with a */
  struct nfr_settings settings = {.key_list = slots[3]};
  uint8_t content[NFR_RECORD_MAX_CONTENT];
  assert_int_equal(nfr_journal_commit(&bed.store, 0, NFR_RECORD_SETTINGS, content, nfr_settings_encode(&settings, content)), NFR_OK);
  for (unsigned i = 0; i < 4; i++) assert_int_equal(nfr_store_free(&bed.store, slots[i]), NFR_ERR_BUSY);
  assert_int_equal(nfr_store_pin(&bed.store, slots[4], NULL), NFR_OK);
  assert_int_equal(nfr_store_pin(&bed.store, slots[4], NULL), NFR_OK);
  assert_int_equal(nfr_store_free(&bed.store, slots[4]), NFR_ERR_BUSY);
  assert_int_equal(nfr_store_unpin(&bed.store, slots[4]), NFR_OK);
  assert_int_equal(nfr_store_free(&bed.store, slots[4]), NFR_ERR_BUSY); /* pinned twice */
  assert_int_equal(nfr_store_unpin(&bed.store, slots[4]), NFR_OK);
  assert_int_equal(nfr_store_unpin(&bed.store, slots[4]), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_store_free(&bed.store, slots[4]), NFR_OK);
  assert_int_equal(nfr_store_free(&bed.store, slots[4]), NFR_ERR_NOT_FOUND);
  assert_int_equal(nfr_store_free(&bed.store, name), NFR_ERR_NOT_FOUND); /* no blob */
  const uint8_t none[4] = {0};
  assert_int_equal(nfr_journal_commit(&bed.store, (uint16_t)(name - 1), NFR_RECORD_FREE, none, 4), NFR_OK); /* a */
  assert_int_equal(nfr_store_free(&bed.store, slots[0]), NFR_ERR_BUSY); /* b still needs it */
  assert_int_equal(nfr_store_free(&bed.store, slots[1]), NFR_OK);
  assert_int_equal(nfr_store_free(&bed.store, slots[2]), NFR_OK);
  bed_delete(&bed);
}

static void test_pins(void **state) {
  (void)state;
  struct nfr_flash_model_config config = nfr_flash_model_standard(&nfr_flash_standards[0]);
  config.mapped = true;
  bed_new(&bed, &config);
  content_make(&one, 1, 900);
  uint16_t slot = (uint16_t)bed_install(&bed, &one);
  const uint8_t *mapped = NULL;
  for (unsigned i = 0; i < NFR_STORE_MAX_PINS; i++) assert_int_equal(nfr_store_pin(&bed.store, slot, &mapped), NFR_OK);
  assert_int_equal(nfr_store_pin(&bed.store, slot, &mapped), NFR_ERR_NO_MEMORY);
  assert_memory_equal(mapped, one.data, one.bytes);
  bed_delete(&bed);
  bed_new_standard(&bed, "nor-4k");
  slot = (uint16_t)bed_install(&bed, &one);
  assert_int_equal(nfr_store_pin(&bed.store, slot, &mapped), NFR_OK);
  assert_null(mapped);
  bed_delete(&bed);
}

static void rot(uint16_t slot, uint32_t at) {
  struct nfr_blob blob;
  assert_int_equal(nfr_store_blob(&bed.store, slot, &blob), NFR_OK);
  nfr_flash_model_flip(bed.model, NFR_FLASH_BLOBS, blob.offset + at, 3);
}

static void test_verify_and_heal(void **state) {
  (void)state;
  bed_new_standard(&bed, "nor-4k");
  content_make(&one, 1, 9000);
  uint16_t slot = (uint16_t)bed_install(&bed, &one);
  uint8_t byte;
  bed_name(&bed, "n", slot, 0, 0);
  assert_int_equal(bed_run(&bed, nfr_store_verify(&bed.store, slot)), NFR_OK);
  rot(slot, 8999);
  assert_int_equal(bed_run(&bed, nfr_store_verify(&bed.store, slot)), NFR_ERR_CORRUPT);
  bed_reset(&bed, 1);
  assert_int_equal(nfr_store_verify(&bed.store, slot), NFR_ERR_CORRUPT); /* for good */
  assert_int_equal(nfr_store_read(&bed.store, slot, 0, &byte, 1), NFR_ERR_CORRUPT);
  assert_int_equal(bed_install(&bed, &one), slot); /* written anew for whoever refers to it */
  bed_assert_content(&bed, &one);
  bed_delete(&bed);
}

/* A blob that somebody refers to does not lose its slot to another one when writing it anew fails. */
static void test_slot_that_is_referred_to_stays(void **state) {
  (void)state;
  bed_new_standard(&bed, "nor-4k");
  content_make(&one, 1, 9000);
  uint16_t slot = (uint16_t)bed_install(&bed, &one);
  bed_name(&bed, "n", slot, 0, 0);
  rot(slot, 0);
  assert_int_equal(bed_run(&bed, nfr_store_verify(&bed.store, slot)), NFR_ERR_CORRUPT);
  one.data[5] ^= 1;
  assert_int_equal(bed_install(&bed, &one), NFR_ERR_CORRUPT);
  content_make(&two, 2, 900);
  assert_int_not_equal(bed_install(&bed, &two), slot);
  one.data[5] ^= 1;
  assert_int_equal(bed_install(&bed, &one), slot);
  bed_delete(&bed);
}

static void test_scrub_finds_rot_and_goes_round(void **state) {
  (void)state;
  bed_new_standard(&bed, "nor-4k");
  uint16_t slots[3], found = 0;
  assert_int_equal(nfr_store_scrub(&bed.store, 0, &found), NFR_OK); /* nothing there */
  for (uint32_t i = 0; i < 3; i++) {
    content_make(&one, i, 9000);
    slots[i] = (uint16_t)bed_install(&bed, &one);
  }
  for (unsigned i = 0; i < 20; i++) assert_int_equal(nfr_store_scrub(&bed.store, 4096, &found), NFR_OK);
  rot(slots[1], 4500);
  unsigned calls = 0;
  int err = NFR_OK;
  for (; err == NFR_OK && calls < 20; calls++) err = nfr_store_scrub(&bed.store, 4096, &found);
  assert_int_equal(err, NFR_ERR_CORRUPT);
  assert_int_equal(found, slots[1]);
  assert_true(calls <= 9);
  for (unsigned i = 0; i < 20; i++) {
    assert_int_equal(nfr_store_scrub(&bed.store, 4096, &found), NFR_OK);
    assert_int_not_equal(found, slots[1]);
  }
  /* Half-way through a blob: any job may start, the blob may go; and the other way round scrubbing waits. */
  while (bed.store.job.kind != NFR_JOB_SCRUB) assert_int_equal(nfr_store_scrub(&bed.store, 100, &found), NFR_OK);
  assert_int_equal(nfr_store_step(&bed.store, 0), NFR_OK);
  assert_int_equal(nfr_store_verify(&bed.store, found), NFR_STORE_MORE);
  assert_int_equal(nfr_store_scrub(&bed.store, 100, &found), NFR_ERR_BUSY);
  assert_int_equal(bed_run(&bed, NFR_STORE_MORE), NFR_OK);
  assert_int_equal(nfr_store_scrub(&bed.store, 100, &found), NFR_OK);
  assert_int_equal(nfr_store_free(&bed.store, found), NFR_OK);
  assert_int_equal(nfr_store_scrub(&bed.store, 100, &found), NFR_OK);
  bed_delete(&bed);
}

static void test_cancel_loses_nothing(void **state) {
  (void)state;
  bed_new_standard(&bed, "nor-4k");
  content_make(&one, 1, 9000);
  for (unsigned steps = 0; steps < 3; steps++) {
    int err = nfr_store_begin(&bed.store, one.digest, one.bytes, 10);
    for (unsigned i = 0; i < steps; i++) err = nfr_store_step(&bed.store, 0);
    assert_int_equal(err, NFR_STORE_MORE);
    nfr_store_cancel(&bed.store);
    assert_int_equal(nfr_store_step(&bed.store, 0), NFR_OK);
  }
  assert_int_equal(bed_begin(&bed, &one, 10), NFR_OK);
  assert_int_equal(bed_write_all(&bed, &one), NFR_OK);
  assert_int_equal(nfr_store_finish(&bed.store), NFR_STORE_MORE);
  nfr_store_cancel(&bed.store);
  assert_int_equal(bed_run(&bed, nfr_store_finish(&bed.store)), NFR_OK);
  bed_assert_content(&bed, &one);
  bed_delete(&bed);
}

static void assert_adds_up(const struct nfr_store_usage *usage) {
  assert_true(usage->used + usage->garbage + usage->free + usage->bad <= usage->bytes);
  assert_true(usage->largest <= usage->free);
}

static void test_usage(void **state) {
  (void)state;
  struct nfr_store_usage usage;
  bed_new_standard(&bed, "nor-4k");
  assert_int_equal(nfr_store_usage(&bed.store, &usage), NFR_OK);
  assert_int_equal(usage.bytes, 32 * 4096);
  assert_int_equal(usage.free, 32 * 4096);
  assert_int_equal(usage.largest, 31 * 4096); /* one block stays free */
  assert_int_equal(usage.used + usage.garbage + usage.bad, 0);
  assert_int_equal(usage.slots_used, 1); /* the settings' */
  assert_true(bed_keep(&bed, 1, 5000) > 0); /* 5,024 of two blocks */
  content_make(&two, 2, 3000);
  uint16_t garbage = (uint16_t)bed_install(&bed, &two); /* 3,008: the rest of the second block is its beginning */
  content_make(&three, 3, 10000);
  assert_int_equal(bed_begin(&bed, &three, 10), NFR_OK); /* being written */
  assert_int_equal(nfr_store_usage(&bed.store, &usage), NFR_OK);
  assert_int_equal(usage.used, 5024 + 10016);
  assert_int_equal(usage.garbage, 3008);
  assert_int_equal(usage.free, 32 * 4096 - 5024 - 3008 - 10016);
  assert_int_equal(usage.largest, usage.free - 4096);
  assert_int_equal(usage.slots_used, 5);
  assert_int_equal(usage.slots, BED_SLOTS);
  assert_true(usage.journal_live > 0 && usage.journal_live < usage.journal_room);
  assert_adds_up(&usage);
  uint32_t largest = usage.largest;
  assert_int_equal(nfr_store_free(&bed.store, garbage), NFR_OK);
  assert_int_equal(nfr_store_usage(&bed.store, &usage), NFR_OK);
  assert_int_equal(usage.garbage, 0);
  assert_int_equal(usage.largest, largest); /* both of its blocks hold something else */
  assert_adds_up(&usage);
  content_make(&one, 4, largest + 1);
  assert_int_equal(nfr_store_begin(&bed.store, one.digest, one.bytes, 10), NFR_ERR_NO_SPACE);
  content_make(&one, 4, largest);
  assert_true(bed_install(&bed, &one) > 0);
  bed_delete(&bed);
}

static void test_bad_blocks(void **state) {
  (void)state;
  static const char *const chips[] = {"nor-4k", "encrypted-4k-32"};
  for (unsigned chip = 0; chip < 2; chip++) {
    bed_new_standard(&bed, chips[chip]);
    nfr_flash_model_set_bad(bed.model, NFR_FLASH_BLOBS, 1, 0, UINT32_MAX); /* cannot be erased */
    nfr_flash_model_set_bad(bed.model, NFR_FLASH_BLOBS, 5, UINT32_MAX, 3); /* fails while it is programmed */
    content_make(&one, 1, 20000);
    assert_int_equal(bed_install(&bed, &one), NFR_ERR_PORT);
    uint16_t slot;
    assert_int_equal(nfr_store_find(&bed.store, one.digest, &slot), NFR_ERR_NOT_FOUND); /* given up */
    assert_true(bed_install(&bed, &one) > 0);
    bed_assert_content(&bed, &one);
    bed_reset(&bed, 3);
    struct nfr_store_usage usage;
    assert_int_equal(nfr_store_usage(&bed.store, &usage), NFR_OK);
    assert_int_equal(usage.bad, 2 * 4096);
    assert_adds_up(&usage);
    /* Whatever is written from now on lies elsewhere. */
    for (uint32_t i = 0; i < 40; i++) {
      content_make(&two, 2 + i, 9000);
      uint16_t other = (uint16_t)bed_install(&bed, &two);
      struct nfr_blob blob;
      assert_int_equal(nfr_store_blob(&bed.store, other, &blob), NFR_OK);
      assert_true(blob.offset + 9024 <= 4096 || blob.offset >= 2 * 4096);
      assert_true(blob.offset + 9024 <= 5 * 4096 || blob.offset >= 6 * 4096);
      assert_int_equal(nfr_store_free(&bed.store, other), NFR_OK);
    }
    bed_delete(&bed);
  }
}

static void test_two_blobs_by_turns(void **state) {
  (void)state;
  bed_new_standard(&bed, "ecc-2k-8");
  content_make(&one, 1, 9000);
  content_make(&two, 2, 9000);
  assert_int_equal(bed_begin(&bed, &one, 9), NFR_OK);
  for (uint32_t i = 0; i < 5; i++) assert_int_equal(bed_write(&bed, &one, i), NFR_OK);
  assert_int_equal(bed_begin(&bed, &two, 9), NFR_OK);
  for (uint32_t i = 3; i < 9; i++) assert_int_equal(bed_write(&bed, &two, i), NFR_OK);
  assert_int_equal(bed_begin(&bed, &one, 10), NFR_OK); /* keeps its chunks and their size */
  assert_int_equal(bed.store.writer.chunk_log2, 9);
  assert_int_equal(nfr_store_missing(&bed.store, 0), 5);
  assert_true(bed_install(&bed, &one) > 0);
  assert_int_equal(bed_begin(&bed, &two, 9), NFR_OK);
  assert_int_equal(nfr_store_missing(&bed.store, 3), 9);
  assert_true(bed_install(&bed, &two) > 0);
  bed_assert_content(&bed, &one);
  bed_assert_content(&bed, &two);
  bed_delete(&bed);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_install_everywhere),
      cmocka_unit_test(test_begin_says_ok_only_to_what_is_complete),
      cmocka_unit_test(test_arguments),
      cmocka_unit_test(test_chunks_in_any_order_and_again),
      cmocka_unit_test(test_wrong_bytes_of_the_right_size),
      cmocka_unit_test(test_digests_that_share_a_prefix),
      cmocka_unit_test(test_free_only_what_nothing_needs),
      cmocka_unit_test(test_pins),
      cmocka_unit_test(test_verify_and_heal),
      cmocka_unit_test(test_slot_that_is_referred_to_stays),
      cmocka_unit_test(test_scrub_finds_rot_and_goes_round),
      cmocka_unit_test(test_cancel_loses_nothing),
      cmocka_unit_test(test_usage),
      cmocka_unit_test(test_bad_blocks),
      cmocka_unit_test(test_two_blobs_by_turns),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
