/* The key list in force, and what manifests say. */
#include <string.h>

#include "device.h"

#define KEY_LIST_CHUNK_LOG2 12u /* the largest list is one chunk */

static_assert(1u << KEY_LIST_CHUNK_LOG2 >= NFR_KEY_LIST_MAX_BYTES, "one chunk");

/* ---- the list in force ---- */

void nfr_device_drop_keys(struct nfr_device *device) {
  struct nfr_native *native = device->native;
  if (native->has_keys && native->keys.bytes == device->key_list) native->has_keys = 0;
  device->sections.is_known = 0;
}

static int take_keys(struct nfr_device *device, uint32_t count, uint32_t floor) {
  return nfr_native_set_key_list(device->native, device->key_list, count, floor);
}

int nfr_device_load_keys(struct nfr_device *device) {
  struct nfr_settings settings;
  struct nfr_blob blob;
  nfr_device_drop_keys(device);
  nfr_lifecycle_settings(&device->store, &settings);
  if (settings.key_list == NFR_STORE_NONE) return NFR_OK;
  int err = nfr_store_blob(&device->store, settings.key_list, &blob);
  if (!err && blob.bytes > sizeof device->key_list) err = NFR_ERR_CORRUPT;
  if (!err) err = nfr_store_read(&device->store, settings.key_list, 0, device->key_list, blob.bytes);
  return err ? err : take_keys(device, blob.bytes, settings.key_list_version);
}

int nfr_device_key_list_version(struct nfr_device *device) {
  int err = nfr_device_check(device);
  if (err) return err;
  if (!device->native->has_keys) return 0;
  uint32_t version = device->native->keys.version;
  return version > INT32_MAX ? INT32_MAX : (int)version;
}

/* ---- another list ---- */

static int run(struct nfr_store *store, int err) {
  while (err == NFR_STORE_MORE) err = nfr_store_step(store, 0);
  return err;
}

/* The list becomes a COMPLETE blob. */
static int keep(struct nfr_store *store, const uint8_t *bytes, uint32_t count, const uint8_t digest[32]) {
  int err = nfr_store_begin(store, digest, count, KEY_LIST_CHUNK_LOG2);
  if (err == NFR_OK) return NFR_OK;
  err = run(store, err);
  if (!err && nfr_store_missing(store, 0) == 0) err = nfr_store_write(store, 0, bytes, count);
  return err ? err : run(store, nfr_store_finish(store));
}

/* The blob that another is writing stays so: its extent is its own by its record, and what is on flash of it was saved. */
static int keep_beside_writer(struct nfr_store *store, const uint8_t *bytes, uint32_t count, const uint8_t digest[32]) {
  int err = nfr_store_sync(store);
  if (err) return err;
  struct nfr_store_writer writer = store->writer;
  uint16_t slot;
  if (writer.slot != NFR_STORE_NONE && nfr_store_find(store, digest, &slot) == NFR_OK && slot == writer.slot) return NFR_ERR_BUSY;
  err = keep(store, bytes, count, digest);
  store->writer = writer;
  return err;
}

static bool is_in_force(const struct nfr_device *device, const uint8_t digest[32], uint32_t version) {
  struct nfr_settings settings;
  struct nfr_blob blob;
  nfr_lifecycle_settings(&device->store, &settings);
  if (!device->native->has_keys || settings.key_list == NFR_STORE_NONE || settings.key_list_version != version) return false;
  int err = nfr_store_blob(&device->store, settings.key_list, &blob);
  return err == NFR_OK && blob.state == NFR_BLOB_COMPLETE && memcmp(blob.digest, digest, sizeof blob.digest) == 0;
}

static int put_in_force(struct nfr_device *device, const uint8_t *bytes, uint32_t count, const uint8_t digest[32], uint32_t version) {
  uint16_t slot;
  int err = keep_beside_writer(&device->store, bytes, count, digest);
  if (!err) err = nfr_store_find(&device->store, digest, &slot);
  if (!err) err = nfr_lifecycle_set_key_list(&device->store, slot, version);
  if (err) return err;
  nfr_device_drop_keys(device);
  memcpy(device->key_list, bytes, count);
  return take_keys(device, count, version);
}

int nfr_device_use_key_list(struct nfr_device *device, const uint8_t *bytes, uint32_t count) {
  struct nfr_settings settings;
  struct nfr_key_list list;
  uint8_t digest[32];
  int err = nfr_device_check(device);
  if (err) return err;
  if (bytes == NULL || count > sizeof device->key_list) return bytes == NULL ? NFR_ERR_ARGUMENT : NFR_ERR_CORRUPT;
  struct nfr_native *native = device->native;
  if (!native->has_root_key) return NFR_ERR_SIGNATURE;
  nfr_lifecycle_settings(&device->store, &settings);
  uint32_t floor = settings.key_list_version;
  if (native->has_keys && native->keys.version > floor) floor = native->keys.version;
  err = nfr_key_list_verify(native->crypto, native->root_key, bytes, count, floor, &list);
  if (!err) err = nfr_device_hash(device, bytes, 0, count, digest);
  if (err || is_in_force(device, digest, list.version)) return err;
  return put_in_force(device, bytes, count, digest, list.version);
}

/* ---- manifests ---- */

static void remember(struct nfr_device *device, const uint8_t digest[32], const struct nfr_manifest *manifest) {
  struct nfr_device_sections *sections = &device->sections;
  memcpy(sections->manifest, digest, sizeof sections->manifest);
  for (unsigned kind = 0; kind < 6; kind++) {
    sections->bytes[kind] = manifest->sections[kind].size;
    if (sections->bytes[kind] != 0) memcpy(sections->digests[kind], manifest->sections[kind].sha256, 32);
  }
  sections->is_known = 1;
}

int nfr_device_verify(struct nfr_device *device, const uint8_t *manifest, uint32_t count, struct nfr_native_summary *summary) {
  struct nfr_manifest parsed;
  uint8_t digest[32];
  if (!nfr_native_is_words(summary)) return NFR_ERR_ARGUMENT;
  memset(summary, 0, sizeof *summary);
  int err = nfr_device_check(device);
  if (!err) err = nfr_native_describe(device->native, manifest, count, true, summary, &parsed);
  if (!err) err = nfr_device_hash(device, manifest, 0, count, digest);
  if (!err) remember(device, digest, &parsed);
  summary->error = err;
  return err;
}

int nfr_device_section(struct nfr_device *device, const uint8_t *manifest, uint32_t count, uint32_t kind, uint8_t digest[32]) {
  struct nfr_device_sections *sections = &device->sections;
  int err = nfr_device_check(device);
  if (err) return err;
  if (kind < NFR_SECTION_MODEL || kind > NFR_SECTION_LABELS || count > NFR_MANIFEST_MAX_BYTES) return NFR_ERR_ARGUMENT;
  uint8_t own[32];
  err = nfr_device_hash(device, manifest, 0, count, own);
  if (err || digest == NULL) return err ? err : NFR_ERR_ARGUMENT;
  if (!sections->is_known || memcmp(sections->manifest, own, sizeof own) != 0) {
    struct nfr_manifest parsed;
    err = nfr_native_read_manifest(device->native, manifest, count, &parsed);
    if (err) return err;
    remember(device, own, &parsed);
  }
  if (sections->bytes[kind] == 0) return NFR_ERR_NOT_FOUND;
  memcpy(digest, sections->digests[kind], 32);
  return (int)sections->bytes[kind];
}
