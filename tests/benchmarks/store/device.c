#include "device.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void must(int result, const char *what, int line) {
  if (result == NFR_OK) return;
  (void)fprintf(stderr, "nfr-store-bench: line %d: %s: %d\n", line, what, result);
  exit(1);
}

/* ---- a digest that is quick and no cryptography: the flash does not care ---- */

struct digest { uint64_t lane[4], count; };

static int digest_begin(void *context, struct nfr_sha256 *hash) {
  (void)context;
  struct digest fresh = {.lane = {1, 2, 3, 4}};
  memcpy(hash->opaque, &fresh, sizeof fresh);
  return NFR_OK;
}

static int digest_update(void *context, struct nfr_sha256 *hash, const void *data, size_t bytes) {
  (void)context;
  struct digest *digest = (struct digest *)(void *)hash->opaque;
  const uint8_t *from = data;
  for (size_t i = 0; i < bytes; i++) {
    uint64_t *lane = &digest->lane[digest->count++ & 3u];
    *lane = (*lane ^ from[i]) * UINT64_C(0x100000001b3);
  }
  return NFR_OK;
}

static int digest_finish(void *context, struct nfr_sha256 *hash, uint8_t to[32]) {
  (void)context;
  memcpy(to, ((struct digest *)(void *)hash->opaque)->lane, 32);
  return NFR_OK;
}

static int verify_nothing(void *context, const uint8_t key[64], const uint8_t digest[32], const uint8_t signature[64]) {
  (void)context, (void)key, (void)digest, (void)signature;
  return NFR_ERR_PORT; /* nothing here is signed */
}

/* ---- the device ---- */

void device_open(struct device *device, const struct nfr_flash_model_config *chip, uint16_t slots) {
  memset(device, 0, sizeof *device);
  device->random = 0x2545f491u;
  MUST(nfr_flash_model_new(chip, &device->model));
  device->crypto = (struct nfr_crypto){
    .sha256_begin = digest_begin, .sha256_update = digest_update, .sha256_finish = digest_finish, .p256_verify = verify_nothing};
  device->config = (struct nfr_store_config){
    .journal = nfr_flash_model_flash(device->model, NFR_FLASH_JOURNAL),
    .blobs = nfr_flash_model_flash(device->model, NFR_FLASH_BLOBS),
    .crypto = &device->crypto,
    .device = DEVICE_ID,
    .index = device->index,
    .slots = slots,
    .buffer_bytes = DEVICE_BUFFER,
    .buffer = (uint8_t *)device->buffer,
  };
  MUST(nfr_store_format(&device->store, &device->config));
  static const uint8_t firmware[16] = "benchmark";
  MUST(nfr_lifecycle_boot(&device->store, NFR_RESET_POWER_ON, firmware));
}

void device_close(struct device *device) {
  if (nfr_flash_model_violations(device->model) > 0) {
    (void)fprintf(stderr, "nfr-store-bench: %s\n", nfr_flash_model_violation(device->model));
    exit(1);
  }
  nfr_flash_model_delete(device->model);
}

uint32_t device_draw(struct device *device, uint32_t from, uint32_t to) {
  uint32_t x = device->random;
  x ^= x << 13;
  x ^= x >> 17;
  x ^= x << 5;
  device->random = x;
  return from + (uint32_t)((uint64_t)x * ((uint64_t)to - from + 1) >> 32);
}

uint64_t device_programmed(const struct device *device) {
  return nfr_flash_model_counts(device->model, NFR_FLASH_JOURNAL).bytes_programmed +
         nfr_flash_model_counts(device->model, NFR_FLASH_BLOBS).bytes_programmed;
}

uint64_t device_busy_us(const struct device *device) {
  return nfr_flash_model_counts(device->model, NFR_FLASH_JOURNAL).busy_us +
         nfr_flash_model_counts(device->model, NFR_FLASH_BLOBS).busy_us;
}

/* ---- the agent ---- */

static int run_job(struct device *device, int result) {
  while (result == NFR_STORE_MORE) result = nfr_store_step(&device->store, 0);
  return result;
}

/* Bytes `at` … of blob `serial`: its number, again and again. */
static void fill(uint8_t *to, uint32_t serial, uint32_t at, uint32_t bytes) {
  for (uint32_t i = 0; i < bytes; i++) to[i] = (uint8_t)(serial >> ((at + i) % 4 * 8) ^ (at + i) / 4);
}

static void digest_of(uint32_t serial, uint32_t bytes, uint8_t digest[32]) {
  uint8_t piece[4096];
  struct nfr_sha256 hash;
  MUST(digest_begin(NULL, &hash));
  for (uint32_t at = 0; at < bytes; at += sizeof piece) {
    uint32_t count = bytes - at < sizeof piece ? bytes - at : (uint32_t)sizeof piece;
    fill(piece, serial, at, count);
    MUST(digest_update(NULL, &hash, piece, count));
  }
  MUST(digest_finish(NULL, &hash, digest));
}

/* Chunks of 1 to 4 KB, in order, as they come over the network. The blob's slot; NFR_STORE_NONE without room. */
static uint16_t write_blob(struct device *device, uint32_t bytes) {
  uint8_t digest[32], chunk[4096];
  uint8_t chunk_log2 = (uint8_t)device_draw(device, 10, 12);
  uint32_t serial = device->serial++;
  digest_of(serial, bytes, digest);
  int err = run_job(device, nfr_store_begin(&device->store, digest, bytes, chunk_log2));
  if (err == NFR_ERR_NO_SPACE) {
    device->rooms++;
    err = run_job(device, nfr_store_room(&device->store, bytes, 1));
    if (err == NFR_ERR_NO_SPACE) return NFR_STORE_NONE;
    must(err, "nfr_store_room", __LINE__);
    err = run_job(device, nfr_store_begin(&device->store, digest, bytes, chunk_log2));
  }
  must(err, "nfr_store_begin", __LINE__);
  uint32_t size = 1u << chunk_log2, chunks = (bytes + size - 1) / size;
  for (uint32_t i = 0; i < chunks; i++) {
    uint32_t at = i * size, count = bytes - at < size ? bytes - at : size;
    fill(chunk, serial, at, count);
    MUST(nfr_store_write(&device->store, i, chunk, count));
  }
  MUST(run_job(device, nfr_store_finish(&device->store)));
  device->payload += bytes;
  uint16_t slot;
  MUST(nfr_store_find(&device->store, digest, &slot));
  return slot;
}

void device_event(struct device *device, uint16_t slot, enum nfr_event event) {
  MUST(nfr_lifecycle_event(&device->store, slot, event, (struct nfr_why){0}));
}

static void free_blobs(struct device *device, const uint16_t blobs[6]) {
  for (unsigned i = 0; i < 6; i++)
    if (blobs[i] != 0 && blobs[i] != NFR_STORE_NONE) MUST(nfr_store_free(&device->store, blobs[i]));
}

/* Manifest, model, vectors; what was written of them is freed when one finds no room. */
static bool write_sections(struct device *device, const char *name, const struct version_bytes *bytes, uint16_t *slot) {
  static const uint8_t kinds[3] = {0, NFR_SECTION_MODEL, NFR_SECTION_VECTORS};
  const uint32_t sizes[3] = {bytes->manifest, bytes->model, bytes->vectors};
  uint16_t blobs[6] = {0};
  for (unsigned i = 0; i < 3; i++) {
    blobs[i] = write_blob(device, sizes[i]);
    if (blobs[i] == NFR_STORE_NONE) {
      if (i > 0) device_event(device, *slot, NFR_EVENT_WITHDRAW);
      free_blobs(device, blobs);
      return false;
    }
    if (i == 0) MUST(nfr_lifecycle_fetch(&device->store, name, strlen(name), 1, blobs[0], slot));
    else MUST(nfr_lifecycle_attach(&device->store, *slot, kinds[i], blobs[i]));
  }
  return true;
}

static void name_of(uint32_t number, char name[16]) { (void)snprintf(name, 16, "capsule-%u", (unsigned)number); }

uint16_t device_fetch(struct device *device, uint32_t number, const struct version_bytes *bytes, enum nfr_state state) {
  static const struct { enum nfr_event event; enum nfr_state state; } steps[] = {
    {NFR_EVENT_FETCHED, NFR_STATE_STAGED},
    {NFR_EVENT_TEST, NFR_STATE_TESTING},
    {NFR_EVENT_TEST_PASSED, NFR_STATE_TRIAL},
    {NFR_EVENT_CONFIRM, NFR_STATE_CONFIRMED},
  };
  char name[16];
  uint16_t slot = NFR_STORE_NONE;
  name_of(number, name);
  if (!write_sections(device, name, bytes, &slot)) return NFR_STORE_NONE;
  for (unsigned i = 0; i < sizeof steps / sizeof *steps; i++) {
    device_event(device, slot, steps[i].event);
    if (steps[i].state == state) break;
  }
  return slot;
}

bool device_install(struct device *device, uint32_t number, const struct version_bytes *bytes) {
  char name[16];
  uint16_t slot, old[6] = {0};
  struct nfr_name before;
  name_of(number, name);
  if (nfr_lifecycle_find(&device->store, name, strlen(name), &slot) == NFR_OK) {
    MUST(nfr_lifecycle_name(&device->store, slot, &before));
    const struct nfr_version *previous = &before.versions[NFR_PLACE_PREVIOUS];
    if (previous->state != NFR_STATE_NONE) memcpy(old, previous->blobs, sizeof old);
  }
  if (device_fetch(device, number, bytes, NFR_STATE_CONFIRMED) == NFR_STORE_NONE) return false;
  free_blobs(device, old);
  return true;
}
