/* Memory and start of a device; its blobs by digest. */
#include "device.h"

#include <string.h>

#include "crc32.h"

static_assert(sizeof(struct nfr_device) % 8 == 0, "the program buffer is aligned");

/* ---- memory ---- */

int nfr_device_size(uint32_t slots, uint32_t buffer_bytes) {
  if (slots < 8 || slots > 4096 || buffer_bytes < NFR_STORE_MIN_BUFFER || buffer_bytes > 1u << 20) return NFR_ERR_ARGUMENT;
  return (int)((sizeof(struct nfr_device) + buffer_bytes + 2u * slots + 7u) & ~(size_t)7u);
}

int nfr_device_init(struct nfr_device *device, uint32_t device_bytes, struct nfr_native *native, const struct nfr_device_config *config) {
  if (device == NULL || ((uintptr_t)device & 7u) != 0 || !nfr_native_is_ready(native) || config == NULL) return NFR_ERR_ARGUMENT;
  if (config->journal == NULL || config->blobs == NULL) return NFR_ERR_ARGUMENT;
  int bytes = nfr_device_size(config->slots, config->buffer_bytes);
  if (bytes < 0) return bytes;
  if (device_bytes < (uint32_t)bytes) return NFR_ERR_NO_MEMORY;
  memset(device, 0, sizeof *device);
  uint8_t *buffer = (uint8_t *)(device + 1);
  device->native = native;
  device->config = (struct nfr_store_config){
      .journal = config->journal,
      .blobs = config->blobs,
      .crypto = native->crypto,
      .device = config->identity,
      .index = (uint16_t *)(void *)(buffer + config->buffer_bytes),
      .slots = (uint16_t)config->slots,
      .buffer_bytes = config->buffer_bytes,
      .buffer = buffer,
  };
  device->magic = NFR_DEVICE_MAGIC;
  return NFR_OK;
}

static bool is_device(const struct nfr_device *device) {
  return device != NULL && device->magic == NFR_DEVICE_MAGIC;
}

/* Back to what init left. */
static void let_go(struct nfr_device *device) {
  nfr_device_close_versions(device);
  nfr_store_cancel(&device->store);
  nfr_device_drop_keys(device);
  device->is_mounted = 0;
}

void nfr_device_end(struct nfr_device *device) {
  if (!is_device(device)) return;
  let_go(device);
  device->magic = 0;
}

/* ---- start ---- */

static int start(struct nfr_device *device, int (*mount)(struct nfr_store *, const struct nfr_store_config *)) {
  if (!is_device(device)) return NFR_ERR_ARGUMENT;
  let_go(device);
  int err = mount(&device->store, &device->config);
  device->is_mounted = err == NFR_OK;
  return err;
}

int nfr_device_mount(struct nfr_device *device) {
  return start(device, nfr_store_mount);
}

int nfr_device_format(struct nfr_device *device) {
  return start(device, nfr_store_format);
}

int nfr_device_boot(struct nfr_device *device, int cause, const uint8_t firmware[16]) {
  int err = nfr_device_check(device);
  if (err) return err;
  if (firmware == NULL || cause < NFR_RESET_UNKNOWN || cause > NFR_RESET_DEEP_SLEEP) return NFR_ERR_ARGUMENT;
  err = nfr_lifecycle_boot(&device->store, (enum nfr_reset)cause, firmware);
  int keys = nfr_device_load_keys(device);
  return err ? err : keys;
}

/* ---- jobs ---- */

int nfr_device_step(struct nfr_device *device, uint32_t bytes) {
  int err = nfr_device_check(device);
  return err ? err : nfr_store_step(&device->store, bytes);
}

int nfr_device_cancel(struct nfr_device *device) {
  int err = nfr_device_check(device);
  if (!err) nfr_store_cancel(&device->store);
  return err;
}

/* ---- blobs ---- */

int nfr_device_find(const struct nfr_device *device, const uint8_t *digest, uint16_t *slot) {
  int err = nfr_device_check(device);
  if (err) return err;
  return digest == NULL ? NFR_ERR_ARGUMENT : nfr_store_find(&device->store, digest, slot);
}

int nfr_device_blob_state(struct nfr_device *device, const uint8_t digest[32]) {
  uint16_t slot;
  struct nfr_blob blob;
  int err = nfr_device_find(device, digest, &slot);
  if (!err) err = nfr_store_blob(&device->store, slot, &blob);
  return err ? err : blob.state;
}

int nfr_device_begin(struct nfr_device *device, const uint8_t digest[32], uint32_t bytes, uint32_t chunk_log2) {
  int err = nfr_device_check(device);
  if (err) return err;
  if (digest == NULL || chunk_log2 > UINT8_MAX) return NFR_ERR_ARGUMENT;
  return nfr_store_begin(&device->store, digest, bytes, (uint8_t)chunk_log2);
}

static bool has_writer(const struct nfr_device *device) {
  return device->store.writer.slot != NFR_STORE_NONE;
}

int nfr_device_chunk_log2(struct nfr_device *device) {
  int err = nfr_device_check(device);
  if (err) return err;
  return has_writer(device) ? device->store.writer.chunk_log2 : 0;
}

int nfr_device_chunk_count(struct nfr_device *device) {
  int err = nfr_device_check(device);
  if (err) return err;
  return has_writer(device) ? (int)nfr_blob_chunks(device->store.writer.bytes, device->store.writer.chunk_log2) : 0;
}

int nfr_device_missing(struct nfr_device *device, uint32_t chunk) {
  int err = nfr_device_check(device);
  return err ? err : (int)nfr_store_missing(&device->store, chunk);
}

int nfr_device_write(struct nfr_device *device, uint32_t chunk, const uint8_t *data, uint32_t offset, uint32_t count) {
  int err = nfr_device_check(device);
  if (err) return err;
  return data == NULL ? NFR_ERR_ARGUMENT : nfr_store_write(&device->store, chunk, data + offset, count);
}

int nfr_device_sync(struct nfr_device *device) {
  int err = nfr_device_check(device);
  return err ? err : nfr_store_sync(&device->store);
}

int nfr_device_finish(struct nfr_device *device) {
  int err = nfr_device_check(device);
  return err ? err : nfr_store_finish(&device->store);
}

int nfr_device_read(struct nfr_device *device, const uint8_t digest[32], uint32_t offset, uint8_t *data, uint32_t at, uint32_t count) {
  uint16_t slot;
  int err = nfr_device_find(device, digest, &slot);
  if (err) return err;
  return data == NULL ? NFR_ERR_ARGUMENT : nfr_store_read(&device->store, slot, offset, data + at, count);
}

int nfr_device_room(struct nfr_device *device, uint32_t bytes, uint32_t slots) {
  int err = nfr_device_check(device);
  if (err) return err;
  return slots > UINT16_MAX ? NFR_ERR_ARGUMENT : nfr_store_room(&device->store, bytes, (uint16_t)slots);
}

int nfr_device_prepare(struct nfr_device *device, uint32_t records) {
  int err = nfr_device_check(device);
  return err ? err : nfr_store_prepare(&device->store, records);
}

int nfr_device_scrub(struct nfr_device *device, uint32_t bytes) {
  uint16_t slot;
  int err = nfr_device_check(device);
  return err ? err : nfr_store_scrub(&device->store, bytes, &slot);
}

int nfr_device_usage(struct nfr_device *device, struct nfr_device_usage *usage) {
  struct nfr_store_usage all;
  int err = nfr_device_check(device);
  if (err) return err;
  if (!nfr_native_is_words(usage)) return NFR_ERR_ARGUMENT;
  err = nfr_store_usage(&device->store, &all);
  if (err) return err;
  *usage = (struct nfr_device_usage){all.bytes, all.used, all.garbage, all.free, all.largest, all.slots_used, all.slots, all.was_damaged};
  return NFR_OK;
}

/* ---- bytes in memory ---- */

int nfr_device_hash(struct nfr_device *device, const uint8_t *data, uint32_t offset, uint32_t count, uint8_t digest[32]) {
  if (!is_device(device) || data == NULL || digest == NULL) return NFR_ERR_ARGUMENT;
  const struct nfr_crypto *crypto = device->config.crypto;
  struct nfr_sha256 hash;
  int err = crypto->sha256_begin(crypto->context, &hash);
  if (err) return err;
  err = crypto->sha256_update(crypto->context, &hash, data + offset, count);
  int end = crypto->sha256_finish(crypto->context, &hash, digest);
  return err ? err : end;
}

uint32_t nfr_device_crc32(uint32_t start, const uint8_t *data, uint32_t offset, uint32_t count) {
  return data == NULL ? start : nfr_crc32(start, data + offset, count);
}
