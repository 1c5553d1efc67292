/* Flash that no store of ours has written: nothing crashes, what belongs to others is not touched, rot is noticed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "journal.h"
#include "journal_image.h"
#include "nfr_flash_model.h"
#include "nfr_mbedtls.h"

enum { SLOTS = 24 };

struct world {
  struct nfr_flash_model *model;
  struct nfr_store_config config;
  struct nfr_store store;
  uint16_t index[SLOTS];
  uint64_t buffer[1024 / 8];
  uint8_t *image;
};

static int open_world(void **state) {
  struct world *w = calloc(1, sizeof *w);
  struct nfr_flash_model_config chip = nfr_flash_model_standard(&nfr_flash_standards[0]);
  assert_non_null(w);
  assert_int_equal(nfr_flash_model_new(&chip, &w->model), NFR_OK);
  w->config = (struct nfr_store_config){.journal = nfr_flash_model_flash(w->model, NFR_FLASH_JOURNAL),
                                        .blobs = nfr_flash_model_flash(w->model, NFR_FLASH_BLOBS),
                                        .crypto = nfr_mbedtls_crypto(), .device = 7, .index = w->index, .slots = SLOTS,
                                        .buffer_bytes = sizeof w->buffer, .buffer = (uint8_t *)w->buffer};
  w->image = malloc(w->config.journal->bytes);
  assert_non_null(w->image);
  *state = w;
  return 0;
}

static int close_world(void **state) {
  struct world *w = *state;
  nfr_flash_model_delete(w->model);
  free(w->image);
  free(w);
  return 0;
}

static void put_image(struct world *w) {
  nfr_flash_model_put(w->model, NFR_FLASH_JOURNAL, 0, w->image, w->config.journal->bytes);
}

/* Mounting ends with `expected` and has written nothing. */
static void mounts_as(struct world *w, int expected) {
  assert_int_equal(nfr_store_mount(&w->store, &w->config), expected);
  assert_int_equal(nfr_flash_model_operations(w->model), 0);
}

static void no_store(void **state) {
  struct world *w = *state;
  mounts_as(w, NFR_ERR_EMPTY);
  memset(w->image, 0, w->config.journal->bytes);
  put_image(w);
  mounts_as(w, NFR_ERR_EMPTY);
  uint32_t random = 1;
  for (uint32_t i = 0; i < w->config.journal->bytes; i++) w->image[i] = (uint8_t)((random = random * 1664525u + 1013904223u) >> 24);
  put_image(w);
  mounts_as(w, NFR_ERR_EMPTY);
}

static struct journal_image begin_image(struct world *w, uint8_t version) {
  struct journal_image image;
  image_clear(&image, &w->config, w->image, version);
  image_block(&image, 0, true);
  return image;
}

static void another_version(void **state) {
  struct world *w = *state;
  struct journal_image image = begin_image(w, 3);
  image_end(&image, UINT32_MAX);
  put_image(w);
  mounts_as(w, NFR_ERR_VERSION);
}

static void another_device(void **state) {
  struct world *w = *state;
  struct nfr_store_config other = w->config;
  struct journal_image image;
  other.device = 8;
  image_clear(&image, &other, w->image, 2);
  image_block(&image, 0, true);
  image_end(&image, UINT32_MAX);
  put_image(w);
  mounts_as(w, NFR_ERR_FOREIGN);
}

static void another_geometry(void **state) {
  struct world *w = *state;
  struct nfr_flash blobs = *w->config.blobs;
  struct nfr_store_config other = w->config;
  struct journal_image image;
  blobs.bytes /= 2;
  other.blobs = &blobs;
  image_clear(&image, &other, w->image, 2);
  image_block(&image, 0, true);
  image_end(&image, UINT32_MAX);
  put_image(w);
  mounts_as(w, NFR_ERR_FOREIGN);
}

static void slots_out_of_range(void **state) {
  struct world *w = *state;
  struct journal_image image = begin_image(w, 2);
  static const uint8_t content[4];
  image_record(&image, SLOTS, NFR_RECORD_FREE, content, sizeof content);
  image_end(&image, UINT32_MAX);
  put_image(w);
  mounts_as(w, NFR_ERR_CORRUPT);
}

static void add_blob(struct journal_image *image, uint16_t slot, uint32_t offset) {
  struct nfr_blob blob = {.offset = offset, .bytes = 5000, .copy = UINT32_MAX, .frontier = UINT32_MAX, .state = NFR_BLOB_COMPLETE};
  uint8_t content[NFR_RECORD_MAX_CONTENT];
  memset(blob.digest, slot, sizeof blob.digest);
  image_record(image, slot, NFR_RECORD_BLOB, content, nfr_blob_encode(&blob, NULL, content));
}

/* Records that overlap, or lie outside: a new blob goes elsewhere, and reading stays inside the region. */
static void hostile_extents(void **state) {
  struct world *w = *state;
  struct journal_image image = begin_image(w, 2);
  add_blob(&image, 1, 0);
  add_blob(&image, 2, 4096);
  add_blob(&image, 3, 0xfffff000u);
  add_blob(&image, 4, w->config.blobs->bytes - 4096);
  image_end(&image, UINT32_MAX);
  put_image(w);
  mounts_as(w, NFR_OK);
  uint8_t digest[32] = {99}, byte[16];
  for (uint16_t slot = 1; slot <= 4; slot++) (void)!nfr_store_read(&w->store, slot, 4990, byte, 10);
  int err = nfr_store_begin(&w->store, digest, 3000, 9);
  for (unsigned i = 0; i < 100 && err == NFR_STORE_MORE && w->store.job.kind != NFR_JOB_NONE; i++) err = nfr_store_step(&w->store, 0);
  assert_int_equal(err, NFR_OK);
  assert_true(w->store.writer.offset >= 12288); /* behind both */
  assert_int_equal(nfr_flash_model_violations(w->model), 0);
}

/* A bit of one record has flipped: it is gone and said so, the others are there. */
static void rot_in_a_record(void **state) {
  struct world *w = *state;
  struct journal_image image = begin_image(w, 2);
  add_blob(&image, 1, 0);
  uint32_t second = image.position;
  add_blob(&image, 2, 8192);
  add_blob(&image, 3, 16384);
  image_end(&image, UINT32_MAX);
  put_image(w);
  nfr_flash_model_flip(w->model, NFR_FLASH_JOURNAL, second + 20, 3);
  mounts_as(w, NFR_OK);
  assert_true(w->store.was_damaged);
  struct nfr_blob blob;
  assert_int_equal(nfr_store_blob(&w->store, 1, &blob), NFR_OK);
  assert_int_equal(nfr_store_blob(&w->store, 2, &blob), NFR_ERR_NOT_FOUND);
  assert_int_equal(nfr_store_blob(&w->store, 3, &blob), NFR_OK);
}

/* A store that was written to in several boots, so that its chain has several blocks. */
static void write_store(struct world *w) {
  static const uint8_t content[60] = {1};
  assert_int_equal(nfr_store_format(&w->store, &w->config), NFR_OK);
  for (uint16_t i = 0; i < 12; i++) {
    assert_int_equal(nfr_journal_commit(&w->store, (uint16_t)(1 + i), NFR_RECORD_NAME, content, sizeof content), NFR_OK);
    if (i % 4 == 3) assert_int_equal(nfr_store_mount(&w->store, &w->config), NFR_OK);
  }
}

/* Whatever is left of the flash: it mounts or says why not, what it then holds can be read or is not there, and it can be made new. */
static void still_answers(struct world *w) {
  int err = nfr_store_mount(&w->store, &w->config);
  assert_true(err == NFR_OK || err == NFR_ERR_EMPTY || err == NFR_ERR_FOREIGN);
  for (uint16_t slot = 0; err == NFR_OK && slot < SLOTS; slot++) {
    struct nfr_record record;
    int found = nfr_journal_read(&w->store, slot, &record);
    assert_true(found == NFR_OK || found == NFR_ERR_NOT_FOUND || found == NFR_ERR_CORRUPT);
  }
  static const uint8_t content[20] = {7};
  assert_int_equal(nfr_store_format(&w->store, &w->config), NFR_OK);
  assert_int_equal(nfr_journal_commit(&w->store, 3, NFR_RECORD_NAME, content, sizeof content), NFR_OK);
  assert_int_equal(nfr_store_mount(&w->store, &w->config), NFR_OK);
}

static void half_erased(void **state) {
  struct world *w = *state;
  uint32_t block = w->config.journal->block_bytes, blocks = w->config.journal->bytes / block, empty = 0;
  for (uint32_t which = 0; which < 3 * blocks; which++) {
    write_store(w);
    memcpy(w->image, nfr_flash_model_bytes(w->model, NFR_FLASH_JOURNAL), w->config.journal->bytes);
    uint8_t *at = w->image + which / 3 * block;
    if (which % 3 == 0) memset(at, 0xff, block);              /* one block is gone */
    if (which % 3 == 1) memset(at, 0xff, block / 64);         /* its header */
    if (which % 3 == 2) memset(at + 100, 0xff, block - 100);  /* all behind the first records */
    put_image(w);
    empty += nfr_store_mount(&w->store, &w->config) != NFR_OK;
    still_answers(w);
  }
  assert_true(empty > 0); /* some of them did hurt */
}

static void rot_in_a_header(void **state) {
  struct world *w = *state;
  uint32_t block = w->config.journal->block_bytes, lost = 0;
  for (uint32_t bit = 0; bit < 64 * 8; bit += 7) {
    write_store(w);
    nfr_flash_model_flip(w->model, NFR_FLASH_JOURNAL, w->store.link.block * block + bit / 8, bit % 8);
    struct nfr_record record;
    int err = nfr_store_mount(&w->store, &w->config);
    lost += err != NFR_OK || nfr_journal_read(&w->store, 12, &record) != NFR_OK;
    still_answers(w);
  }
  assert_int_equal(lost, (64 * 8 + 6) / 7); /* no bit of a header can change and nobody notices */
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)
  const struct CMUnitTest tests[] = {TEST(no_store), TEST(another_version), TEST(another_device), TEST(another_geometry),
                                     TEST(slots_out_of_range), TEST(hostile_extents), TEST(rot_in_a_record), TEST(half_erased), TEST(rot_in_a_header)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
