/* Room: garbage goes first, then blobs move; what is referred to stays, what is pinned stays where it is. */
#include "blob_support.h"

static struct bed bed;
static struct content one, big;

static uint32_t offset_of(uint16_t slot) {
  struct nfr_blob blob;
  assert_int_equal(nfr_store_blob(&bed.store, slot, &blob), NFR_OK);
  return blob.offset;
}

static uint32_t moved; /* blobs, so far */

static int room(uint32_t bytes, uint16_t slots) {
  uint32_t before[BED_SLOTS] = {0};
  struct nfr_blob blob;
  for (uint16_t slot = 0; nfr_store_next_blob(&bed.store, &slot, &blob) == NFR_OK;) before[slot] = blob.offset;
  int err = bed_run(&bed, nfr_store_room(&bed.store, bytes, slots));
  for (uint16_t slot = 0; nfr_store_next_blob(&bed.store, &slot, &blob) == NFR_OK;) moved += before[slot] != blob.offset;
  bed_assert_extents(&bed);
  return err;
}

/* 32 blocks of 4 KB for blobs, and the one that stays free. */
static void new_bed(void) {
  for (unsigned i = 0; i < NFR_FLASH_STANDARDS; i++) {
    if (strcmp(nfr_flash_standards[i].name, "nor-4k") != 0) continue;
    struct nfr_flash_model_config config = nfr_flash_model_standard(&nfr_flash_standards[i]);
    config.blob_blocks = 33;
    bed_new(&bed, &config);
  }
}

static unsigned blobs_there(void) {
  unsigned count = 0;
  struct nfr_blob blob;
  for (uint16_t slot = 0; nfr_store_next_blob(&bed.store, &slot, &blob) == NFR_OK;) count += blob.state != NFR_BLOB_BAD;
  return count;
}

static void test_enough_room_costs_nothing(void **state) {
  (void)state;
  new_bed();
  content_make(&one, 1, 9000);
  assert_true(bed_install(&bed, &one) > 0);
  uint64_t before = nfr_flash_model_operations(bed.model);
  assert_int_equal(room(20 * 4096, 8), NFR_OK);
  assert_int_equal(nfr_flash_model_operations(bed.model), before);
  assert_int_equal(blobs_there(), 1);
  assert_int_equal(moved, 0);
  bed_delete(&bed);
}

/* Eight blobs of four blocks each; every other one is garbage: as little of it is freed as makes a run, none that is kept moves. */
static void test_garbage_goes_before_anything_moves(void **state) {
  (void)state;
  new_bed();
  uint16_t slots[8];
  for (uint32_t i = 0; i < 8; i++) {
    content_make(&one, i, 4 * 4096);
    slots[i] = (uint16_t)bed_install(&bed, &one);
    if (i == 2 || i == 5) bed_name(&bed, "keep", 0, slots[i], 0);
  }
  assert_int_equal(room(4 * 4096, 1), NFR_OK);
  assert_int_equal(blobs_there(), 7);
  assert_int_equal(room(8 * 4096, 1), NFR_OK);
  assert_int_equal(blobs_there(), 6);
  assert_int_equal(offset_of(slots[2]), 2 * 4 * 4096);
  assert_int_equal(offset_of(slots[5]), 5 * 4 * 4096);
  content_make(&big, 99, 8 * 4096);
  assert_true(bed_install(&bed, &big) > 0);
  bed_delete(&bed);
}

/* A full flash with a hole of one block between any two blobs that are kept. */
static void fragment(uint16_t kept[16]) {
  uint16_t holes[16];
  for (uint32_t i = 0; i < 16; i++) {
    kept[i] = (uint16_t)bed_keep(&bed, i, 4096);
    content_make(&one, 100 + i, 4096);
    holes[i] = (uint16_t)bed_install(&bed, &one);
  }
  struct nfr_store_usage usage;
  assert_int_equal(nfr_store_usage(&bed.store, &usage), NFR_OK);
  assert_int_equal(usage.free, 4096);
  assert_int_equal(usage.largest, 0);
  for (uint32_t i = 0; i < 16; i++) assert_int_equal(nfr_store_free(&bed.store, holes[i]), NFR_OK);
}

static void assert_kept(uint32_t count, uint32_t bytes) {
  for (uint32_t i = 0; i < count; i++) {
    content_make(&one, i, bytes);
    bed_assert_content(&bed, &one);
  }
}

static void test_compaction(void **state) {
  (void)state;
  uint16_t kept[16];
  new_bed();
  fragment(kept);
  content_make(&big, 99, 16 * 4096);
  assert_int_equal(nfr_store_begin(&bed.store, big.digest, big.bytes, 10), NFR_ERR_NO_SPACE);
  assert_int_equal(room(16 * 4096 + 1, 1), NFR_ERR_NO_SPACE);
  assert_int_equal(room(16 * 4096, 1), NFR_OK);
  assert_kept(16, 4096);
  assert_true(bed_install(&bed, &big) > 0);
  assert_kept(16, 4096);
  bed_reset(&bed, 1);
  assert_kept(16, 4096);
  bed_delete(&bed);
}

static void test_pinned_blobs_never_move(void **state) {
  (void)state;
  uint16_t kept[16];
  new_bed();
  fragment(kept);
  assert_int_equal(nfr_store_pin(&bed.store, kept[3], NULL), NFR_OK);  /* block 6 */
  assert_int_equal(nfr_store_pin(&bed.store, kept[12], NULL), NFR_OK); /* block 24 */
  assert_int_equal(room(18 * 4096, 1), NFR_ERR_NO_SPACE); /* 17 blocks lie between, 6 and 7 outside; and only 16 are free */
  assert_int_equal(room(16 * 4096, 1), NFR_OK);
  assert_int_equal(offset_of(kept[3]), 6 * 4096);
  assert_int_equal(offset_of(kept[12]), 24 * 4096);
  assert_kept(16, 4096);
  bed_delete(&bed);
}

/* A blob that is pinned while its copy is under way stays where it is; room is made elsewhere. */
static void test_pinned_while_it_moves(void **state) {
  (void)state;
  for (unsigned after = 1; after < 12; after++) {
    uint16_t kept[16];
    new_bed();
    fragment(kept);
    int err = nfr_store_room(&bed.store, 4 * 4096, 1);
    for (unsigned i = 0; i < after; i++) err = nfr_store_step(&bed.store, 1000);
    assert_int_equal(err, NFR_STORE_MORE);
    uint16_t slot = bed.store.job.slot;
    if (slot != NFR_STORE_NONE) {
      uint32_t offset = offset_of(slot);
      assert_int_equal(nfr_store_pin(&bed.store, slot, NULL), NFR_OK);
      assert_int_equal(nfr_store_free(&bed.store, slot), NFR_ERR_BUSY);
      assert_int_equal(bed_run(&bed, NFR_STORE_MORE), NFR_OK);
      assert_int_equal(offset_of(slot), offset);
    }
    assert_kept(16, 4096);
    bed_assert_extents(&bed);
    bed_delete(&bed);
  }
}

static void test_an_abandoned_copy_is_dropped(void **state) {
  (void)state;
  uint16_t kept[16];
  unsigned dropped = 0;
  new_bed();
  fragment(kept);
  for (unsigned steps = 1; steps < 40; steps++) { /* looking for a window takes some */
    int err = nfr_store_room(&bed.store, 16 * 4096, 1);
    for (unsigned i = 0; i < steps && err == NFR_STORE_MORE; i++) err = nfr_store_step(&bed.store, 1000);
    bed_reset(&bed, steps);
    bed_assert_extents(&bed);
    struct nfr_blob blob;
    for (uint16_t slot = 0; nfr_store_next_blob(&bed.store, &slot, &blob) == NFR_OK;) dropped += blob.copy != UINT32_MAX;
  }
  assert_true(dropped > 0);
  assert_int_equal(room(16 * 4096, 1), NFR_OK);
  struct nfr_blob blob;
  for (uint16_t slot = 0; nfr_store_next_blob(&bed.store, &slot, &blob) == NFR_OK;) assert_int_equal(blob.copy, UINT32_MAX);
  assert_kept(16, 4096);
  bed_delete(&bed);
}

/* What is being written does not move, and goes on while room is made; what nobody writes any more is garbage. */
static void test_the_writer_stays(void **state) {
  (void)state;
  new_bed();
  content_make(&one, 1, 12 * 4096);
  assert_int_equal(bed_begin(&bed, &one, 10), NFR_OK);
  assert_int_equal(bed_write(&bed, &one, 0), NFR_OK);
  assert_int_equal(nfr_store_sync(&bed.store), NFR_OK);
  content_make(&big, 2, 12 * 4096);
  assert_int_equal(bed_begin(&bed, &big, 10), NFR_OK);
  uint32_t offset = bed.store.writer.offset;
  assert_int_equal(nfr_store_room(&bed.store, 18 * 4096, 1), NFR_STORE_MORE);
  assert_int_equal(bed_write(&bed, &big, 0), NFR_OK);
  assert_int_equal(nfr_store_step(&bed.store, 0), NFR_STORE_MORE);
  assert_int_equal(bed_write(&bed, &big, 1), NFR_OK);
  assert_int_equal(bed_run(&bed, NFR_STORE_MORE), NFR_ERR_NO_SPACE);
  assert_int_equal(bed.store.writer.offset, offset);
  assert_int_equal(blobs_there(), 1);
  assert_int_equal(bed_write_all(&bed, &big), NFR_OK);
  assert_int_equal(bed_run(&bed, nfr_store_finish(&bed.store)), NFR_OK);
  bed_assert_content(&bed, &big);
  bed_delete(&bed);
}

static void test_slots(void **state) {
  (void)state;
  new_bed();
  bed.config.slots = 16;
  assert_int_equal(nfr_store_format(&bed.store, &bed.config), NFR_OK);
  for (uint32_t i = 0; i < 15; i++) {
    content_make(&one, i, 100);
    uint16_t slot = (uint16_t)bed_install(&bed, &one);
    assert_true(slot > 0 && slot < 16);
  }
  content_make(&one, 15, 100);
  assert_int_equal(nfr_store_begin(&bed.store, one.digest, one.bytes, 10), NFR_ERR_NO_SPACE);
  assert_int_equal(room(100, 3), NFR_OK);
  assert_int_equal(blobs_there(), 12);
  assert_true(bed_install(&bed, &one) > 0);
  assert_int_equal(room(0, 16), NFR_ERR_NO_SPACE);
  bed_delete(&bed);
}

/* Two names share a blob: it is kept as long as one of them is there. */
static void test_shared_layers(void **state) {
  (void)state;
  new_bed();
  content_make(&one, 1, 20 * 4096);
  uint16_t slot = (uint16_t)bed_install(&bed, &one);
  const uint8_t none[4] = {0xff, 0xff, 0xff, 0xff};
  uint16_t names[2] = {bed_name(&bed, "a", slot, 0, 0), bed_name(&bed, "b", 0, 0, slot)};
  assert_int_equal(room(20 * 4096, 1), NFR_ERR_NO_SPACE);
  assert_int_equal(nfr_journal_commit(&bed.store, names[0], NFR_RECORD_FREE, none, 4), NFR_OK);
  assert_int_equal(room(20 * 4096, 1), NFR_ERR_NO_SPACE);
  bed_assert_content(&bed, &one);
  assert_int_equal(nfr_journal_commit(&bed.store, names[1], NFR_RECORD_FREE, none, 4), NFR_OK);
  assert_int_equal(room(20 * 4096, 1), NFR_OK);
  assert_int_equal(blobs_there(), 0);
  bed_delete(&bed);
}

/* Names may refer to slots that hold nothing, or no blob. */
static void test_references_to_what_is_not_there(void **state) {
  (void)state;
  new_bed();
  uint16_t name = bed_name(&bed, "a", 90, 60000, 5);
  bed_name(&bed, "b", name, 1, 2);
  struct nfr_store_usage usage;
  assert_int_equal(nfr_store_usage(&bed.store, &usage), NFR_OK);
  assert_int_equal(usage.used, 0);
  assert_int_equal(room(32 * 4096, 8), NFR_OK);
  assert_int_equal(nfr_store_free(&bed.store, 90), NFR_ERR_NOT_FOUND);
  bed_delete(&bed);
}

static void test_blocks_that_fail_while_blobs_move(void **state) {
  (void)state;
  for (uint32_t block = 0; block < 32; block++) {
    for (unsigned at_program = 0; at_program < 2; at_program++) {
      uint16_t kept[16];
      new_bed();
      fragment(kept);
      nfr_flash_model_set_bad(bed.model, NFR_FLASH_BLOBS, block, at_program ? UINT32_MAX : 0, at_program ? 2 : UINT32_MAX);
      assert_int_equal(room(10 * 4096, 1), NFR_OK);
      assert_kept(16, 4096);
      bed_reset(&bed, block);
      assert_kept(16, 4096);
      bed_delete(&bed);
    }
  }
}

static void test_a_blob_that_cannot_be_moved_whole(void **state) {
  (void)state;
  uint16_t kept[16];
  new_bed();
  fragment(kept);
  for (unsigned i = 0; i < 16; i++) nfr_flash_model_flip(bed.model, NFR_FLASH_BLOBS, offset_of(kept[i]) + 77, 0);
  assert_int_equal(room(16 * 4096, 1), NFR_ERR_NO_SPACE); /* they are referred to: damaged, they stay */
  struct nfr_blob blob;
  unsigned damaged = 0;
  for (unsigned i = 0; i < 16; i++) {
    assert_int_equal(nfr_store_blob(&bed.store, kept[i], &blob), NFR_OK);
    damaged += blob.state == NFR_BLOB_DAMAGED;
    assert_int_equal(blob.copy, UINT32_MAX);
  }
  assert_true(damaged > 0);
  bed_delete(&bed);
}

/* Random sizes on every chip: after each room() a blob of that size is written, and all that is kept can be read. */
static void test_random_histories(void **state) {
  (void)state;
  uint32_t refusals = 0;
  moved = 0;
  for (unsigned chip = 0; chip < NFR_FLASH_STANDARDS; chip++) {
    struct nfr_flash_model_config config = nfr_flash_model_standard(&nfr_flash_standards[chip]);
    bed_new(&bed, &config);
    uint32_t kept[6] = {0}, bytes[6] = {0}, random = chip + 1, region = bed.config.blobs->bytes;
    uint16_t names[6] = {0};
    for (uint32_t round = 1; round < 60; round++) {
      random = random * 1664525u + 1013904223u;
      uint32_t place = random >> 8 & 3u, size = 1 + (random >> 10) % (region / 4 < BED_MAX_BLOB ? region / 4 : BED_MAX_BLOB);
      if (round % 3 == 0) {
        size = 1 + size % 600;
        place = 4 + (random >> 30 & 1u);
      }
      const uint8_t none[4] = {(uint8_t)bed.store.frontier, (uint8_t)(bed.store.frontier >> 8),
                               (uint8_t)(bed.store.frontier >> 16), (uint8_t)(bed.store.frontier >> 24)};
      if (names[place] != 0) assert_int_equal(nfr_journal_commit(&bed.store, names[place], NFR_RECORD_FREE, none, 4), NFR_OK);
      names[place] = 0;
      kept[place] = 0;
      int err = room(size, 2);
      if (err == NFR_ERR_NO_SPACE) refusals++;
      if (err == NFR_ERR_NO_SPACE) continue;
      assert_int_equal(err, NFR_OK);
      content_make(&big, chip * 1000 + round, size);
      int slot = bed_install(&bed, &big);
      assert_true(slot > 0);
      names[place] = bed_name(&bed, "n", (uint16_t)slot, 0, 0);
      kept[place] = chip * 1000 + round;
      bytes[place] = size;
      if (round % 10 == 0) bed_reset(&bed, round);
      for (unsigned i = 0; i < 6; i++) {
        if (kept[i] == 0) continue;
        content_make(&one, kept[i], bytes[i]);
        bed_assert_content(&bed, &one);
      }
    }
    bed_delete(&bed);
  }
  assert_true(moved > 0 && refusals > 0);
  print_message("%u refusals, %u blobs moved\n", (unsigned)refusals, (unsigned)moved);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_enough_room_costs_nothing),
      cmocka_unit_test(test_garbage_goes_before_anything_moves),
      cmocka_unit_test(test_compaction),
      cmocka_unit_test(test_pinned_blobs_never_move),
      cmocka_unit_test(test_pinned_while_it_moves),
      cmocka_unit_test(test_an_abandoned_copy_is_dropped),
      cmocka_unit_test(test_the_writer_stays),
      cmocka_unit_test(test_slots),
      cmocka_unit_test(test_shared_layers),
      cmocka_unit_test(test_references_to_what_is_not_there),
      cmocka_unit_test(test_blocks_that_fail_while_blobs_move),
      cmocka_unit_test(test_a_blob_that_cannot_be_moved_whole),
      cmocka_unit_test(test_random_histories),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
