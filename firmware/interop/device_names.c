/* The lifecycle by digest: names, events, settings. */
#include "device.h"

#include <string.h>

static_assert(sizeof(struct nfr_device_version) == 56, "NameRecord");
static_assert(sizeof(struct nfr_device_name) == 20 + 32 + 3 * 56 + 64, "NameRecord");
static_assert(sizeof(struct nfr_device_usage) == 4 * 8, "StoreUsage");

static int check_slot(const struct nfr_device *device, uint32_t slot) {
  int err = nfr_device_check(device);
  if (err) return err;
  return slot < device->config.slots ? NFR_OK : NFR_ERR_NOT_FOUND;
}

static int check_name(const struct nfr_device *device, const uint8_t *text) {
  int err = nfr_device_check(device);
  if (err) return err;
  return text == NULL ? NFR_ERR_ARGUMENT : NFR_OK;
}

/* ---- records ---- */

static bool is_complete(const struct nfr_store *store, uint16_t slot, uint8_t *digest) {
  struct nfr_blob blob;
  if (nfr_store_blob(store, slot, &blob) != NFR_OK) return false;
  if (digest != NULL) memcpy(digest, blob.digest, sizeof blob.digest);
  return blob.state == NFR_BLOB_COMPLETE;
}

static void copy_version(const struct nfr_store *store, const struct nfr_version *from, struct nfr_device_version *to) {
  if (from->state == NFR_STATE_NONE) return;
  *to = (struct nfr_device_version){
      .state = from->state, .reason = from->reason, .strikes = from->strikes, .attempts = from->attempts, .counter = from->counter};
  bool is_whole = is_complete(store, from->blobs[0], to->manifest);
  for (unsigned kind = 1; kind < 6; kind++) {
    if (from->blobs[kind] != NFR_STORE_NONE && !is_complete(store, from->blobs[kind], NULL)) is_whole = false;
  }
  to->is_complete = is_whole;
}

static void copy_name(const struct nfr_store *store, const struct nfr_name *from, struct nfr_device_name *to) {
  memset(to, 0, sizeof *to);
  to->length = from->length;
  to->failures = from->failures;
  to->floor = from->floor;
  to->rejected_reason = from->rejected.reason;
  to->rejected_detail = from->rejected.detail;
  memcpy(to->rejected, from->rejected.digest, sizeof to->rejected);
  for (unsigned place = 0; place < 3; place++) copy_version(store, &from->versions[place], &to->versions[place]);
  memcpy(to->text, from->text, from->length);
}

int nfr_device_next_name(struct nfr_device *device, uint32_t slot, struct nfr_device_name *name) {
  struct nfr_name record;
  int err = check_slot(device, slot);
  if (err) return err;
  if (!nfr_native_is_words(name)) return NFR_ERR_ARGUMENT;
  uint16_t next = (uint16_t)slot;
  err = nfr_lifecycle_next(&device->store, &next, &record);
  if (err) return err;
  copy_name(&device->store, &record, name);
  return next;
}

int nfr_device_find_name(struct nfr_device *device, const uint8_t *text, uint32_t length, struct nfr_device_name *name) {
  uint16_t slot;
  struct nfr_name record;
  int err = check_name(device, text);
  if (err) return err;
  if (!nfr_native_is_words(name)) return NFR_ERR_ARGUMENT;
  err = nfr_lifecycle_find(&device->store, (const char *)text, length, &slot);
  if (!err) err = nfr_lifecycle_name(&device->store, slot, &record);
  if (err) return err;
  copy_name(&device->store, &record, name);
  return slot;
}

/* ---- events ---- */

int nfr_device_may_fetch(struct nfr_device *device, const uint8_t *text, uint32_t length, const uint8_t manifest[32], uint32_t counter) {
  enum nfr_reason reason;
  int err = check_name(device, text);
  if (err) return err;
  if (manifest == NULL) return NFR_ERR_ARGUMENT;
  err = nfr_lifecycle_may_fetch(&device->store, (const char *)text, length, manifest, counter, &reason);
  return reason != NFR_REASON_NONE ? (int)reason : err;
}

int nfr_device_fetch(struct nfr_device *device, const uint8_t *text, uint32_t length, uint32_t counter, const uint8_t manifest[32]) {
  uint16_t blob, slot;
  int err = check_name(device, text);
  if (!err) err = nfr_device_find(device, manifest, &blob);
  if (!err) err = nfr_lifecycle_fetch(&device->store, (const char *)text, length, counter, blob, &slot);
  return err ? err : slot;
}

int nfr_device_attach(struct nfr_device *device, uint32_t slot, uint32_t kind, const uint8_t digest[32]) {
  uint16_t blob;
  int err = check_slot(device, slot);
  if (!err) err = nfr_device_find(device, digest, &blob);
  return err ? err : nfr_lifecycle_attach(&device->store, (uint16_t)slot, kind, blob);
}

/* Whether managed code may say that it happened. */
static bool is_open_event(uint32_t event) {
  switch (event) {
  case NFR_EVENT_FETCH:
  case NFR_EVENT_ATTACH: /* have functions of their own */
  case NFR_EVENT_STRIKE_OUT:
  case NFR_EVENT_RESET_QUIET:
  case NFR_EVENT_RESET_ABNORMAL:
  case NFR_EVENT_RESET_OUT:
  case NFR_EVENT_FIRMWARE:
  case NFR_EVENT_DAMAGE: return false; /* internal */
  default: return event < NFR_EVENT_COUNT;
  }
}

int nfr_device_apply(struct nfr_device *device, uint32_t slot, uint32_t event, uint32_t reason, uint32_t detail, uint32_t place) {
  int err = check_slot(device, slot);
  if (err) return err;
  if (!is_open_event(event) || reason > UINT8_MAX || detail > UINT16_MAX || place > NFR_PLACE_PREVIOUS) return NFR_ERR_ARGUMENT;
  struct nfr_why why = {.reason = (uint8_t)reason, .place = (uint8_t)place, .detail = (uint16_t)detail};
  return nfr_lifecycle_event(&device->store, (uint16_t)slot, (enum nfr_event)event, why);
}

int nfr_device_serving(struct nfr_device *device, uint32_t slot) {
  int err = check_slot(device, slot);
  return err ? err : nfr_lifecycle_serving(&device->store, (uint16_t)slot);
}

int nfr_device_unchecked(struct nfr_device *device) {
  uint16_t slot;
  enum nfr_place place;
  int err = nfr_device_check(device);
  if (!err) err = nfr_lifecycle_unchecked(&device->store, &slot, &place);
  return err ? err : slot * 4 + (int)place;
}

int nfr_device_tend(struct nfr_device *device) {
  int err = nfr_device_check(device);
  return err ? err : nfr_lifecycle_tend(&device->store);
}

int nfr_device_plan_restart(struct nfr_device *device) {
  int err = nfr_device_check(device);
  return err ? err : nfr_lifecycle_plan_restart(&device->store);
}

/* ---- settings ---- */

static uint64_t join(uint32_t low, uint32_t high) {
  return (uint64_t)high << 32 | low;
}

int nfr_device_settings(struct nfr_device *device, struct nfr_device_settings *settings) {
  struct nfr_settings all;
  int err = nfr_device_check(device);
  if (err) return err;
  if (!nfr_native_is_words(settings)) return NFR_ERR_ARGUMENT;
  nfr_lifecycle_settings(&device->store, &all);
  *settings = (struct nfr_device_settings){(uint32_t)all.generation, (uint32_t)(all.generation >> 32), (uint32_t)all.known_time,
                                           (uint32_t)(all.known_time >> 32)};
  return NFR_OK;
}

int nfr_device_set_generation(struct nfr_device *device, uint32_t low, uint32_t high) {
  int err = nfr_device_check(device);
  return err ? err : nfr_lifecycle_set_generation(&device->store, join(low, high));
}

int nfr_device_set_time(struct nfr_device *device, uint32_t low, uint32_t high) {
  int err = nfr_device_check(device);
  return err ? err : nfr_lifecycle_set_time(&device->store, join(low, high));
}
