/* tests/vectors/store: images of flash and what they hold, for the other readers of SPEC.md. Made and read back here;
 * NFR_WRITE_VECTORS=1 writes them anew. An image is the journal region (4 blocks of 2 KiB, unit 8) and the blob region
 * (8 blocks of 1 KiB, unit 8), as the file of a virtual device. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "journal.h"
#include "journal_block.h"
#include "nfr_mbedtls.h"
#include "port/host/nfr_flash_model.h"

#define SLOTS 64u
#define DEVICE UINT64_C(0x0123456789abcdef)
#define JOURNAL_BYTES 8192u
#define IMAGE_BYTES 16384u

struct world {
  struct nfr_flash_model *model;
  struct nfr_store_config config;
  struct nfr_store store;
  uint16_t index[SLOTS];
  uint64_t buffer[512 / 8];
};

static void open_world(struct world *w) {
  memset(w, 0, sizeof *w);
  static const struct nfr_flash_geometry journal = {2048, 8, 64, false, 660, 22000}, blobs = {1024, 8, 64, false, 660, 22000};
  struct nfr_flash_model_config config = {.journal = journal, .blobs = blobs, .journal_blocks = 4, .blob_blocks = 8, .seed = 1};
  assert_int_equal(nfr_flash_model_new(&config, &w->model), NFR_OK);
  w->config = (struct nfr_store_config){
      .journal = nfr_flash_model_flash(w->model, NFR_FLASH_JOURNAL), .blobs = nfr_flash_model_flash(w->model, NFR_FLASH_BLOBS),
      .crypto = nfr_mbedtls_crypto(), .device = DEVICE, .index = w->index, .slots = SLOTS,
      .buffer_bytes = sizeof w->buffer, .buffer = (uint8_t *)w->buffer};
}

static void formatted(struct world *w) {
  open_world(w);
  assert_int_equal(nfr_store_format(&w->store, &w->config), NFR_OK);
}

static void digest_of(const void *bytes, size_t count, uint8_t digest[32]) {
  const struct nfr_crypto *crypto = nfr_mbedtls_crypto();
  struct nfr_sha256 hash;
  assert_int_equal(crypto->sha256_begin(NULL, &hash), NFR_OK);
  assert_int_equal(crypto->sha256_update(NULL, &hash, bytes, count), NFR_OK);
  assert_int_equal(crypto->sha256_finish(NULL, &hash, digest), NFR_OK);
}

static void commit_blob(struct world *w, uint16_t slot, const struct nfr_blob *blob, const uint8_t *bits) {
  uint8_t content[NFR_RECORD_MAX_CONTENT];
  assert_int_equal(nfr_journal_commit(&w->store, slot, NFR_RECORD_BLOB, content, nfr_blob_encode(blob, bits, content)), NFR_OK);
}

/* A COMPLETE blob whose bytes are seed, seed + 1, … */
static void put_blob(struct world *w, uint16_t slot, uint32_t offset, uint32_t bytes, uint8_t seed) {
  uint8_t data[1024];
  struct nfr_blob blob = {.offset = offset, .bytes = bytes, .copy = UINT32_MAX, .state = NFR_BLOB_COMPLETE, .written = bytes};
  for (uint32_t i = 0; i < bytes; i++) data[i] = (uint8_t)(seed + i);
  digest_of(data, bytes, blob.digest);
  nfr_flash_model_put(w->model, NFR_FLASH_BLOBS, offset, data, bytes);
  blob.frontier = (offset + bytes + 31) & ~31u;
  commit_blob(w, slot, &blob, NULL);
}

static void put_settings(struct world *w, uint16_t key_list) {
  uint8_t content[NFR_RECORD_MAX_CONTENT];
  struct nfr_settings settings = {.key_list = key_list, .epoch = 2, .key_list_version = 7, .generation = 41, .known_time = 1795000000};
  memcpy(settings.firmware, "firmware-1.2.3\0", 16);
  assert_int_equal(nfr_journal_commit(&w->store, 0, NFR_RECORD_SETTINGS, content, nfr_settings_encode(&settings, content)), NFR_OK);
}

static void put_name(struct world *w, uint16_t slot, const char *text, uint8_t present) {
  static const struct nfr_version version = {.state = 5, .counter = 3, .epoch = 2,
                                             .blobs = {2, 3, NFR_STORE_NONE, 4, NFR_STORE_NONE, NFR_STORE_NONE}};
  uint8_t content[NFR_RECORD_MAX_CONTENT];
  struct nfr_name name = {.length = (uint8_t)strlen(text), .floor = 3};
  memcpy(name.text, text, name.length);
  for (unsigned place = 0; place < 3; place++) {
    if ((present & 1u << place) == 0) continue;
    name.versions[place] = version;
    name.versions[place].counter -= place;
  }
  if (present & 2) name.versions[1] = (struct nfr_version){.state = 4, .strikes = 1, .reason = 3, .attempts = 1, .counter = 4, .epoch = 2, .blobs = {5, 6, NFR_STORE_NONE, 4, NFR_STORE_NONE, NFR_STORE_NONE}};
  if (present & 4) name.versions[2].state = 7;
  if (present & 8) {
    name.failures = 1;
    memset(name.rejected.digest, 0xd1, 32);
    name.rejected.reason = 2;
    name.rejected.detail = 0x0305;
  }
  assert_int_equal(nfr_journal_commit(&w->store, slot, NFR_RECORD_NAME, content, nfr_name_encode(&name, content)), NFR_OK);
}

/* ---- the images ---- */

static void make_empty(struct world *w) {
  formatted(w);
}

static void make_capsule(struct world *w) {
  formatted(w);
  put_blob(w, 1, 0, 200, 1);
  put_settings(w, 1);
  put_blob(w, 2, 224, 300, 2);
  put_blob(w, 3, 544, 900, 3); /* over the edge of a block */
  put_blob(w, 4, 1472, 64, 4);
  put_name(w, 5, "acme/kws", 1);
}

/* A trial, a blob half-written, one being copied, a bad block, garbage, a freed slot. */
static void make_busy(struct world *w) {
  make_capsule(w);
  put_blob(w, 6, 2048, 500, 9);
  put_name(w, 5, "acme/kws", 1 | 2 | 4 | 8);
  uint8_t bits[NFR_STORE_MAX_CHUNKS / 8] = {5};
  struct nfr_blob writing = {.offset = 3072, .bytes = 1500, .copy = UINT32_MAX, .frontier = 4576, .state = NFR_BLOB_WRITING, .chunk_log2 = 9, .written = 1024};
  memset(writing.digest, 0xaa, 32);
  commit_blob(w, 7, &writing, bits);
  struct nfr_blob bad = {.offset = 6144, .bytes = 1024, .copy = UINT32_MAX, .frontier = 4576, .state = NFR_BLOB_BAD};
  commit_blob(w, 8, &bad, NULL);
  put_blob(w, 9, 5120, 100, 7);
  struct nfr_blob moved = {.offset = 5120, .bytes = 100, .copy = 7168, .frontier = 7296, .state = NFR_BLOB_COMPLETE, .written = 200};
  uint8_t data[100];
  for (uint32_t i = 0; i < 100; i++) data[i] = (uint8_t)(7 + i);
  digest_of(data, 100, moved.digest);
  commit_blob(w, 9, &moved, NULL);
  put_blob(w, 10, 4608, 100, 7);
  assert_int_equal(nfr_journal_commit(&w->store, 10, NFR_RECORD_FREE, "\x80\x1c\0", 4), NFR_OK);
}

/* Many commits: snapshots, a chain of several blocks, blocks of the past. */
static void make_worn(struct world *w) {
  make_busy(w);
  for (unsigned i = 0; i < 90; i++) put_name(w, (uint16_t)(11 + i % 5), i % 2 ? "other/name" : "a", (uint8_t)(1 + i % 8));
  assert_int_equal(nfr_store_mount(&w->store, &w->config), NFR_OK);
  put_settings(w, 1);
}

/* The last record's seal was never programmed. */
static void make_unsealed(struct world *w) {
  make_capsule(w);
  static const uint8_t blank[8] = {255, 255, 255, 255, 255, 255, 255, 255};
  put_name(w, 11, "late", 1);
  nfr_flash_model_put(w->model, NFR_FLASH_JOURNAL, w->store.block * 2048u + w->store.position - 8, blank, 8);
}

/* A snapshot whose END has no seal is void: the chain before it counts. */
static void make_void_snapshot(struct world *w) {
  make_capsule(w);
  struct nfr_journal_header header = {.version = 2, .flags = 1, .sequence = 9, .previous_block = w->store.link.block,
                                      .previous_end = (uint16_t)(w->store.link.end / 8), .previous_sequence = w->store.link.sequence};
  struct nfr_journal_item item = {.slot = 1, .type = NFR_RECORD_FREE, .length = 4};
  assert_int_equal(nfr_journal_write_header(&w->store, 1, &header), NFR_OK);
  assert_int_equal(nfr_journal_write_item(&w->store, 1, 9, 64, &item, "\xff\xff\xff\xff"), NFR_OK);
  item = (struct nfr_journal_item){.slot = 0xffff, .type = NFR_RECORD_END, .length = 8};
  assert_int_equal(nfr_journal_write_item(&w->store, 1, 9, 80, &item, "\1\0\0\0\xff\xff\xff\xff"), NFR_OK);
}

static void write_v1(struct world *w, uint32_t *position, uint16_t slot, uint8_t type, const void *content, uint8_t length) {
  struct nfr_journal_item item = {.slot = slot, .type = type, .length = length};
  assert_int_equal(nfr_journal_write_item(&w->store, 0, 1, *position, &item, content), NFR_OK);
  *position = item.end;
}

static void make_version_1(struct world *w) {
  open_world(w);
  assert_int_equal(nfr_store_mount(&w->store, &w->config), NFR_ERR_EMPTY);
  w->store.config = &w->config; /* for the functions that write a block */
  struct nfr_journal_header header = {.version = 1, .flags = 1, .sequence = 1, .previous_block = 0xffff};
  assert_int_equal(nfr_journal_write_header(&w->store, 0, &header), NFR_OK);
  uint32_t at = 64;
  uint8_t settings[40] = {0xff, 0xff, 1, 0, 2, 0, 0, 0, 12}, name[84] = {4, 0, 0, 0, 6};
  memcpy(settings + 16, "firmware-1.0.0\0", 16);
  name[8] = 5;
  name[12] = 6;
  memset(name + 16, 0xff, 12);
  name[56] = 7;
  name[60] = 6;
  memset(name + 64, 0xff, 12);
  memcpy(name + 80, "old1", 4);
  write_v1(w, &at, 0, NFR_RECORD_SETTINGS, settings, sizeof settings);
  write_v1(w, &at, 3, NFR_RECORD_NAME, name, sizeof name);
  write_v1(w, &at, 0xffff, NFR_RECORD_END, "\2\0\0\0\xff\xff\xff\xff", 8);
  write_v1(w, &at, 0xffff, NFR_RECORD_SEAL, NULL, 0);
  write_v1(w, &at, 0xffff, NFR_RECORD_SEAL, NULL, 0);
}

static const struct { const char *name; void (*make)(struct world *); } images[] = {
    {"empty", make_empty}, {"capsule", make_capsule}, {"busy", make_busy}, {"worn", make_worn},
    {"unsealed", make_unsealed}, {"void-snapshot", make_void_snapshot}, {"version-1", make_version_1},
};

/* ---- what they hold ---- */

static size_t describe(const struct nfr_store *store, char *text, size_t room) {
  static const char *const types[] = {"", "settings", "blob", "name"};
  size_t at = (size_t)snprintf(text, room, "version %u\nfrontier %08x\n", store->version, store->frontier);
  for (uint16_t slot = 0; slot < SLOTS; slot++) {
    struct nfr_record record;
    if (nfr_journal_read(store, slot, &record) != NFR_OK) continue;
    at += (size_t)snprintf(text + at, room - at, "%u %s ", slot, types[record.type]);
    for (unsigned i = 0; i < record.length; i++) at += (size_t)snprintf(text + at, room - at, "%02x", record.content[i]);
    at += (size_t)snprintf(text + at, room - at, "\n");
  }
  return at;
}

static size_t read_file(const char *path, uint8_t *bytes, size_t room) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) fail_msg("%s is missing", path);
  size_t count = fread(bytes, 1, room, file);
  fclose(file);
  return count;
}

static void write_file(const char *path, const void *bytes, size_t count) {
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(bytes, 1, count, file), count);
  assert_int_equal(fclose(file), 0);
}

static void image_and_text_are_the_committed_ones(const char *name, const uint8_t image[IMAGE_BYTES], const char *text, size_t length) {
  char path[2][96];
  snprintf(path[0], sizeof path[0], "tests/vectors/store/%s.bin", name);
  snprintf(path[1], sizeof path[1], "tests/vectors/store/%s.txt", name);
  if (getenv("NFR_WRITE_VECTORS") != NULL) {
    write_file(path[0], image, IMAGE_BYTES);
    write_file(path[1], text, length);
  }
  static uint8_t committed[65536];
  assert_int_equal(read_file(path[0], committed, sizeof committed), IMAGE_BYTES);
  assert_memory_equal(committed, image, IMAGE_BYTES);
  assert_int_equal(read_file(path[1], committed, sizeof committed), length);
  assert_memory_equal(committed, text, length);
}

static void vectors_are_what_this_store_writes_and_reads(void **state) {
  (void)state;
  static char text[32768];
  static uint8_t image[IMAGE_BYTES];
  for (size_t i = 0; i < sizeof images / sizeof *images; i++) {
    struct world made, read;
    images[i].make(&made);
    memcpy(image, nfr_flash_model_bytes(made.model, NFR_FLASH_JOURNAL), JOURNAL_BYTES);
    memcpy(image + JOURNAL_BYTES, nfr_flash_model_bytes(made.model, NFR_FLASH_BLOBS), IMAGE_BYTES - JOURNAL_BYTES);
    open_world(&read);
    nfr_flash_model_put(read.model, NFR_FLASH_JOURNAL, 0, image, JOURNAL_BYTES);
    nfr_flash_model_put(read.model, NFR_FLASH_BLOBS, 0, image + JOURNAL_BYTES, IMAGE_BYTES - JOURNAL_BYTES);
    assert_int_equal(nfr_store_mount(&read.store, &read.config), NFR_OK);
    image_and_text_are_the_committed_ones(images[i].name, image, text, describe(&read.store, text, sizeof text));
    nfr_flash_model_delete(made.model);
    nfr_flash_model_delete(read.model);
  }
}

/* Version 1 is read as it is, left alone by reading, and becomes version 2 with the first record; a firmware of version 1 refuses that. */
static void version_1_is_upgraded_by_the_first_write(void **state) {
  (void)state;
  struct world w;
  make_version_1(&w);
  uint8_t before[JOURNAL_BYTES];
  memcpy(before, nfr_flash_model_bytes(w.model, NFR_FLASH_JOURNAL), JOURNAL_BYTES);
  assert_int_equal(nfr_store_mount(&w.store, &w.config), NFR_OK);
  assert_int_equal(w.store.version, 1);
  assert_memory_equal(before, nfr_flash_model_bytes(w.model, NFR_FLASH_JOURNAL), JOURNAL_BYTES);
  put_name(&w, 4, "new", 1);
  for (unsigned again = 0; again < 2; again++) {
    struct nfr_record record;
    struct nfr_settings settings;
    struct nfr_name name;
    assert_int_equal(w.store.version, 2);
    assert_int_equal(nfr_journal_read(&w.store, 0, &record), NFR_OK);
    assert_int_equal(nfr_settings_decode(record.content, record.length, record.version, &settings), NFR_OK);
    assert_true(settings.generation == 12 && settings.key_list_version == 2);
    assert_int_equal(nfr_journal_read(&w.store, 3, &record), NFR_OK);
    assert_int_equal(nfr_name_decode(record.content, record.length, record.version, &name), NFR_OK);
    assert_true(name.floor == 6 && name.versions[2].state == 7 && memcmp(name.text, "old1", 4) == 0);
    assert_int_equal(nfr_store_mount(&w.store, &w.config), NFR_OK);
  }
  nfr_flash_model_delete(w.model);
}

static void a_later_version_is_left_alone(void **state) {
  (void)state;
  struct world w;
  open_world(&w);
  assert_int_equal(nfr_store_mount(&w.store, &w.config), NFR_ERR_EMPTY);
  w.store.config = &w.config;
  struct nfr_journal_header header = {.version = 3, .flags = 1, .sequence = 1, .previous_block = 0xffff};
  assert_int_equal(nfr_journal_write_header(&w.store, 2, &header), NFR_OK);
  uint64_t operations = nfr_flash_model_operations(w.model);
  assert_int_equal(nfr_store_mount(&w.store, &w.config), NFR_ERR_VERSION);
  assert_true(nfr_flash_model_operations(w.model) == operations);
  nfr_flash_model_delete(w.model);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(vectors_are_what_this_store_writes_and_reads),
      cmocka_unit_test(version_1_is_upgraded_by_the_first_write),
      cmocka_unit_test(a_later_version_is_left_alone),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
