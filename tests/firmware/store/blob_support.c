#include "blob_support.h"

int bed_open_hashes;
jmp_buf bed_power;

static int count_begin(void *context, struct nfr_sha256 *hash) {
  bed_open_hashes++;
  return nfr_mbedtls_crypto()->sha256_begin(context, hash);
}

static int count_finish(void *context, struct nfr_sha256 *hash, uint8_t digest[32]) {
  bed_open_hashes--;
  return nfr_mbedtls_crypto()->sha256_finish(context, hash, digest);
}

static void power_lost(void *context) {
  (void)context;
  longjmp(bed_power, 1);
}

void bed_new(struct bed *bed, const struct nfr_flash_model_config *config) {
  memset(bed, 0, sizeof *bed);
  assert_int_equal(nfr_flash_model_new(config, &bed->model), NFR_OK);
  nfr_flash_model_on_power_lost(bed->model, power_lost, NULL);
  bed->crypto = *nfr_mbedtls_crypto();
  bed->crypto.sha256_begin = count_begin;
  bed->crypto.sha256_finish = count_finish;
  bed_open_hashes = 0;
  bed->config = (struct nfr_store_config){
      .journal = nfr_flash_model_flash(bed->model, NFR_FLASH_JOURNAL),
      .blobs = nfr_flash_model_flash(bed->model, NFR_FLASH_BLOBS),
      .crypto = &bed->crypto,
      .device = 7,
      .index = bed->index,
      .slots = BED_SLOTS,
      .buffer_bytes = BED_BUFFER,
      .buffer = (uint8_t *)bed->buffer,
  };
  assert_int_equal(nfr_store_format(&bed->store, &bed->config), NFR_OK);
}

void bed_new_standard(struct bed *bed, const char *name) {
  for (unsigned i = 0; i < NFR_FLASH_STANDARDS; i++) {
    if (strcmp(nfr_flash_standards[i].name, name) != 0) continue;
    struct nfr_flash_model_config config = nfr_flash_model_standard(&nfr_flash_standards[i]);
    bed_new(bed, &config);
    return;
  }
  fail_msg("no standard chip %s", name);
}

void bed_delete(struct bed *bed) {
  nfr_store_cancel(&bed->store);
  assert_int_equal(bed_open_hashes, 0);
  assert_string_equal(nfr_flash_model_violation(bed->model), "");
  assert_int_equal(nfr_flash_model_violations(bed->model), 0);
  assert_int_equal(nfr_flash_model_counts(bed->model, NFR_FLASH_BLOBS).refused, 0);
  nfr_flash_model_delete(bed->model);
}

void bed_reset(struct bed *bed, uint64_t seed) {
  nfr_flash_model_power_on(bed->model, seed);
  bed_open_hashes = 0;
  assert_int_equal(nfr_store_mount(&bed->store, &bed->config), NFR_OK);
}

void content_make(struct content *content, uint32_t seed, uint32_t bytes) {
  assert_true(bytes <= BED_MAX_BLOB);
  uint32_t x = seed * 2654435761u + 1;
  content->bytes = bytes;
  for (uint32_t i = 0; i < bytes; i++) {
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    content->data[i] = (uint8_t)x;
  }
  struct nfr_sha256 hash;
  const struct nfr_crypto *crypto = nfr_mbedtls_crypto();
  assert_int_equal(crypto->sha256_begin(NULL, &hash), NFR_OK);
  assert_int_equal(crypto->sha256_update(NULL, &hash, content->data, bytes), NFR_OK);
  assert_int_equal(crypto->sha256_finish(NULL, &hash, content->digest), NFR_OK);
}

int bed_run(struct bed *bed, int err) {
  for (unsigned steps = 0; err == NFR_STORE_MORE; steps++) {
    assert_true(steps < 100000);
    err = nfr_store_step(&bed->store, 1000);
  }
  return err;
}

int bed_begin(struct bed *bed, const struct content *content, uint8_t chunk_log2) {
  return bed_run(bed, nfr_store_begin(&bed->store, content->digest, content->bytes, chunk_log2));
}

int bed_write(struct bed *bed, const struct content *content, uint32_t chunk) {
  uint32_t size = 1u << bed->store.writer.chunk_log2, at = chunk * size;
  return nfr_store_write(&bed->store, chunk, content->data + at, size < content->bytes - at ? size : content->bytes - at);
}

int bed_write_all(struct bed *bed, const struct content *content) {
  if (bed->store.writer.slot == NFR_STORE_NONE) return NFR_OK; /* COMPLETE already */
  uint32_t chunks = nfr_blob_chunks(content->bytes, bed->store.writer.chunk_log2);
  for (uint32_t chunk = 0; (chunk = nfr_store_missing(&bed->store, chunk)) < chunks;) {
    int err = bed_write(bed, content, chunk);
    if (err) return err;
  }
  return NFR_OK;
}

int bed_install(struct bed *bed, const struct content *content) {
  uint16_t slot;
  int err = bed_begin(bed, content, 10);
  if (err) return err;
  if (bed->store.writer.slot != NFR_STORE_NONE) {
    err = bed_write_all(bed, content);
    if (err == NFR_OK) err = bed_run(bed, nfr_store_finish(&bed->store));
    if (err) return err;
  }
  err = nfr_store_find(&bed->store, content->digest, &slot);
  return err ? err : slot;
}

uint16_t bed_name(struct bed *bed, const char *text, uint16_t a, uint16_t b, uint16_t c) {
  struct nfr_name name = {.length = (uint8_t)strlen(text)};
  const uint16_t slots[3] = {a, b, c};
  uint8_t content[NFR_RECORD_MAX_CONTENT];
  memcpy(name.text, text, name.length);
  /* The places in turn, to see that references are found in each of them. */
  for (unsigned i = 0; i < 3; i++) {
    if (slots[i] == 0) continue;
    name.versions[i].state = 5;
    memset(name.versions[i].blobs, 0xff, sizeof name.versions[i].blobs);
    name.versions[i].blobs[2 * i] = slots[i];
  }
  uint16_t slot = nfr_journal_free_slot(&bed->store);
  assert_int_not_equal(slot, NFR_STORE_NONE);
  assert_int_equal(nfr_journal_commit(&bed->store, slot, NFR_RECORD_NAME, content, nfr_name_encode(&name, content)), NFR_OK);
  return slot;
}

int bed_keep(struct bed *bed, uint32_t seed, uint32_t bytes) {
  static struct content content;
  content_make(&content, seed, bytes);
  int slot = bed_install(bed, &content);
  if (slot > 0) bed_name(bed, "keep", (uint16_t)slot, 0, 0);
  return slot;
}

void bed_assert_content(struct bed *bed, const struct content *content) {
  uint16_t slot;
  struct nfr_blob blob;
  static uint8_t data[BED_MAX_BLOB];
  assert_int_equal(nfr_store_find(&bed->store, content->digest, &slot), NFR_OK);
  assert_int_equal(nfr_store_blob(&bed->store, slot, &blob), NFR_OK);
  assert_int_equal(blob.state, NFR_BLOB_COMPLETE);
  assert_int_equal(blob.bytes, content->bytes);
  assert_int_equal(nfr_store_read(&bed->store, slot, 0, data, content->bytes), NFR_OK);
  assert_memory_equal(data, content->data, content->bytes);
}

void bed_assert_extents(struct bed *bed) {
  struct { uint32_t from, to; } extents[2 * BED_SLOTS];
  uint32_t count = 0, grain = bed->config.blobs->unit_bytes < 32 ? 32 : bed->config.blobs->unit_bytes;
  struct nfr_blob blob;
  for (uint16_t slot = 0; nfr_store_next_blob(&bed->store, &slot, &blob) == NFR_OK;) {
    if (blob.state == NFR_BLOB_BAD) continue;
    uint32_t bytes = (blob.bytes + grain - 1) / grain * grain, places[2] = {blob.offset, blob.copy};
    for (unsigned i = 0; i < 2; i++) {
      if (places[i] == UINT32_MAX) continue;
      assert_int_equal(places[i] % grain, 0);
      assert_true(places[i] + bytes <= bed->config.blobs->bytes);
      for (uint32_t k = 0; k < count; k++) assert_true(places[i] + bytes <= extents[k].from || places[i] >= extents[k].to);
      extents[count].from = places[i];
      extents[count++].to = places[i] + bytes;
    }
  }
}
