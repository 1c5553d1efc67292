/* Blobs under power cuts: a history is cut at each of its operations, before, after and in the midst; then mounted and taken up
 * again. The flash model sees whether a unit is programmed that is not clean. */
#include "blob_support.h"

static struct bed bed;
static struct nfr_flash_model *start;
static struct content kept[4], fresh;
static uint32_t cuts, twice, copies;

enum { KEPT = 4 };

/* What is referred to is there, whole. */
static void assert_whole(void) {
  bed_assert_extents(&bed);
  for (unsigned i = 0; i < KEPT; i++) bed_assert_content(&bed, &kept[i]);
}

/* A device that is nearly full, fragmented, with garbage and a frontier in the middle of a block. */
static void build(const struct nfr_flash_standard *chip, bool noise) {
  struct nfr_flash_model_config config = nfr_flash_model_standard(chip);
  config.noise = noise && !config.blobs.rewrites;
  bed_new(&bed, &config);
  uint32_t region = bed.config.blobs->bytes, part = region / 16 < 20000 ? region / 16 : 20000;
  static struct content junk;
  for (uint32_t i = 0; i < KEPT; i++) {
    content_make(&kept[i], i + 1, i % 2 ? part + 5 : 601);
    int slot = bed_install(&bed, &kept[i]);
    assert_true(slot > 0);
    bed_name(&bed, "keep", (uint16_t)slot, 0, 0);
    content_make(&junk, 50 + i, 2 * part);
    assert_true(bed_install(&bed, &junk) > 0);
  }
  content_make(&fresh, 99, part * 2 + 333);
  assert_int_equal(nfr_flash_model_new(&config, &start), NFR_OK);
  assert_int_equal(nfr_flash_model_copy(start, bed.model), NFR_OK);
}

static void tear_down(void) {
  nfr_flash_model_delete(start);
  bed_delete(&bed);
}

/* The history: room, begin, write, finish, verify; whatever is there already costs little. */
static void play(void) {
  uint32_t region = bed.config.blobs->bytes, size = bed.config.blobs->block_bytes;
  int err = bed_run(&bed, nfr_store_room(&bed.store, region > 10 * size ? region - 6 * size : region / 2, 2));
  assert_true(err == NFR_OK || err == NFR_ERR_NO_SPACE);
  err = bed_begin(&bed, &fresh, 9);
  assert_int_equal(err, NFR_OK);
  assert_int_equal(bed_write_all(&bed, &fresh), NFR_OK);
  if (bed.store.writer.slot != NFR_STORE_NONE) assert_int_equal(bed_run(&bed, nfr_store_finish(&bed.store)), NFR_OK);
  bed_assert_content(&bed, &fresh);
  assert_whole();
}

/* false: it was cut. */
static bool ended(void (*history)(void)) {
  if (setjmp(bed_power) != 0) return false;
  history();
  return true;
}

/* Restores the start, plays, is cut at operation n. false: the history ended before. */
static bool play_cut(uint64_t n, enum nfr_flash_cut cut) {
  assert_int_equal(nfr_flash_model_copy(bed.model, start), NFR_OK);
  bed_reset(&bed, n);
  nfr_flash_model_cut(bed.model, n, cut);
  return !ended(play);
}

static void mount_and_play(void) {
  assert_int_equal(nfr_store_mount(&bed.store, &bed.config), NFR_OK);
  play();
}

static void observe(void) {
  struct nfr_blob blob;
  for (uint16_t slot = 0; nfr_store_next_blob(&bed.store, &slot, &blob) == NFR_OK;) {
    if (blob.copy != UINT32_MAX) copies++;
  }
}

/* Mounts and plays (cut at operation `second_cut`, if not 0), then mounts, checks and plays. */
static void recover(uint64_t n, uint64_t second_cut) {
  if (second_cut != 0) {
    nfr_flash_model_power_on(bed.model, n);
    bed_open_hashes = 0;
    nfr_flash_model_cut(bed.model, second_cut, NFR_CUT_TORN);
    twice += !ended(mount_and_play);
  }
  bed_reset(&bed, n + 1);
  observe();
  assert_whole();
  play();
}

static void cut_everywhere(const char *name, uint64_t stride, bool again) {
  static const enum nfr_flash_cut kinds[] = {NFR_CUT_BEFORE, NFR_CUT_AFTER, NFR_CUT_TORN};
  for (unsigned i = 0; i < NFR_FLASH_STANDARDS; i++) {
    if (name != NULL && strcmp(nfr_flash_standards[i].name, name) != 0) continue;
    build(&nfr_flash_standards[i], i % 2 != 0);
    for (unsigned kind = 0; kind < 3; kind++) {
      for (uint64_t n = 1 + i % stride; play_cut(n, kinds[kind]); n += stride) {
        recover(n, again ? 1 + n * 7 % 90 : 0);
        cuts++;
      }
      assert_true(cuts > 0);
    }
    tear_down();
  }
}

static void test_each_operation(void **state) {
  (void)state;
  cuts = copies = 0;
  cut_everywhere("nor-4k", 1, false);
  cut_everywhere("encrypted-4k-32", 1, false);
  cut_everywhere("ecc-2k-8", 1, false);
  print_message("%u cuts, %u copies under way\n", (unsigned)cuts, (unsigned)copies);
  assert_true(copies > 0);
}

static void test_every_chip_and_again(void **state) {
  (void)state;
  cuts = twice = 0;
  cut_everywhere(NULL, 17, true);
  print_message("%u cuts, %u of them cut again\n", (unsigned)cuts, (unsigned)twice);
  assert_true(twice > cuts / 2);
}

static void write_chunk_31(void) {
  assert_int_equal(bed_write(&bed, &fresh, 31), NFR_OK);
}

/* What was saved is not written again, on either kind of flash. */
static void test_resume_keeps_chunks(void **state) {
  (void)state;
  static const char *const chips[] = {"nor-4k", "encrypted-4k-16", "words-32k-4", "ecc-64k-8"};
  uint32_t kept_chunks = 0;
  for (unsigned i = 0; i < 4; i++) {
    bed_new_standard(&bed, chips[i]);
    content_make(&fresh, 5, 40 * 512 + 100);
    assert_int_equal(bed_begin(&bed, &fresh, 9), NFR_OK);
    for (uint32_t chunk = 0; chunk < 30; chunk += 2) assert_int_equal(bed_write(&bed, &fresh, chunk), NFR_OK);
    assert_int_equal(nfr_store_sync(&bed.store), NFR_OK);
    nfr_flash_model_cut(bed.model, 1, NFR_CUT_TORN);
    assert_false(ended(write_chunk_31));
    bed_reset(&bed, i);
    assert_int_equal(bed_begin(&bed, &fresh, 12), NFR_OK);
    assert_int_equal(bed.store.writer.chunk_log2, 9);
    for (uint32_t chunk = 0; chunk < 41; chunk++) {
      bool is_there = nfr_store_missing(&bed.store, chunk) != chunk;
      assert_int_equal(is_there, chunk < 30 && chunk % 2 == 0);
      kept_chunks += is_there;
    }
    assert_int_equal(bed_write_all(&bed, &fresh), NFR_OK);
    assert_int_equal(bed_run(&bed, nfr_store_finish(&bed.store)), NFR_OK);
    bed_assert_content(&bed, &fresh);
    bed_delete(&bed);
  }
  assert_int_equal(kept_chunks, 4 * 15);
}

/* Units are written once, and there is no room for a copy: it begins anew in its place. */
static void test_resume_without_room(void **state) {
  (void)state;
  bed_new_standard(&bed, "encrypted-4k-16");
  content_make(&fresh, 5, 20 * 4096);
  assert_int_equal(bed_begin(&bed, &fresh, 10), NFR_OK);
  for (uint32_t chunk = 0; chunk < 20; chunk++) assert_int_equal(bed_write(&bed, &fresh, chunk), NFR_OK);
  assert_int_equal(nfr_store_sync(&bed.store), NFR_OK);
  bed_reset(&bed, 1);
  assert_int_equal(bed_begin(&bed, &fresh, 10), NFR_OK);
  assert_int_equal(nfr_store_missing(&bed.store, 0), 0);
  assert_int_equal(bed_write_all(&bed, &fresh), NFR_OK);
  assert_int_equal(bed_run(&bed, nfr_store_finish(&bed.store)), NFR_OK);
  bed_assert_content(&bed, &fresh);
  bed_delete(&bed);
}

static void install(void) {
  assert_true(bed_install(&bed, &fresh) > 0);
}

/* A record of an extent that was cut: its tail was never programmed, and the next extent there is clean. Small blobs, so that most
 * lie in a clean tail; cut at each operation of each of them. */
static void test_frontier(void **state) {
  (void)state;
  static const char *const chips[] = {"ecc-64k-8", "encrypted-4k-32", "nor-4k-journal-of-16"};
  for (unsigned i = 0; i < 3; i++) {
    bed_new_standard(&bed, chips[i]);
    for (uint32_t seed = 1; seed < 70; seed++) {
      content_make(&fresh, seed, 40 + seed * 37 % 500);
      for (uint64_t n = 1;; n++) {
        nfr_flash_model_cut(bed.model, n, NFR_CUT_TORN);
        if (ended(install)) break;
        bed_reset(&bed, seed * 100 + n);
        bed_assert_extents(&bed);
      }
      nfr_flash_model_cut(bed.model, 0, NFR_CUT_NEVER);
      bed_assert_content(&bed, &fresh);
    }
    bed_delete(&bed);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_each_operation),
      cmocka_unit_test(test_every_chip_and_again),
      cmocka_unit_test(test_resume_keeps_chunks),
      cmocka_unit_test(test_resume_without_room),
      cmocka_unit_test(test_frontier),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
