/* Names, and who may become a candidate. */
#include "lifecycle.h"

#include <string.h>

/* A state that cannot stand in its place is nothing: the record is not ours to trust. */
static void drop_impossible(struct nfr_name *name) {
  static const uint8_t possible[3] = {
      1u << NFR_STATE_CONFIRMED | 1u << NFR_STATE_REJECTED,
      1u << NFR_STATE_FETCHING | 1u << NFR_STATE_STAGED | 1u << NFR_STATE_TESTING | 1u << NFR_STATE_TRIAL,
      1u << NFR_STATE_SUPERSEDED | 1u << NFR_STATE_REJECTED,
  };
  for (unsigned place = 0; place < 3; place++) {
    struct nfr_version *version = &name->versions[place];
    bool is_possible = version->state < NFR_STATE_COUNT && (possible[place] >> version->state & 1u) != 0;
    if (!is_possible) memset(version, 0, sizeof *version);
  }
}

int nfr_lifecycle_name(const struct nfr_store *store, uint16_t slot, struct nfr_name *name) {
  struct nfr_record record;
  if (store->config == NULL) return NFR_ERR_ARGUMENT;
  int err = nfr_journal_read(store, slot, &record);
  if (err) return err;
  if (record.type != NFR_RECORD_NAME) return NFR_ERR_NOT_FOUND;
  err = nfr_name_decode(record.content, record.length, record.version, name);
  if (!err) drop_impossible(name);
  return err;
}

/* The next readable name behind *slot; length 0: of any length. */
static int next(const struct nfr_store *store, uint16_t *slot, struct nfr_name *name, size_t length) {
  if (store->config == NULL) return NFR_ERR_ARGUMENT;
  while (++*slot < store->config->slots) {
    uint8_t bytes;
    if (nfr_journal_peek(store, *slot, &bytes, 1) != NFR_RECORD_NAME) continue;
    if ((length == 0 || bytes == length) && nfr_lifecycle_name(store, *slot, name) == NFR_OK) return NFR_OK;
  }
  return NFR_ERR_NOT_FOUND;
}

int nfr_lifecycle_next(const struct nfr_store *store, uint16_t *slot, struct nfr_name *name) {
  return next(store, slot, name, 0);
}

/* *slot: NFR_STORE_NONE when it is not found. */
static int find(const struct nfr_store *store, const char *text, size_t length, uint16_t *slot, struct nfr_name *name) {
  int err;
  if (length < 1 || length > NFR_NAME_MAX_BYTES) return NFR_ERR_ARGUMENT;
  *slot = 0;
  do err = next(store, slot, name, length);
  while (err == NFR_OK && memcmp(name->text, text, length) != 0);
  if (err) *slot = NFR_STORE_NONE;
  return err;
}

int nfr_lifecycle_find(const struct nfr_store *store, const char *text, size_t length, uint16_t *slot) {
  struct nfr_name name;
  return find(store, text, length, slot, &name);
}

static enum nfr_reason refusal(const struct nfr_store *store, const struct nfr_name *name, const uint8_t manifest[32], uint32_t counter) {
  const struct nfr_version *confirmed = &name->versions[NFR_PLACE_CONFIRMED];
  uint8_t digest[32];
  if (counter < name->floor) return NFR_REASON_ROLLBACK;
  if (name->failures >= NFR_LIFECYCLE_FAILURES) return NFR_REASON_TOO_MANY_FAILURES;
  bool is_barred = name->rejected.reason != NFR_REASON_NONE && !nfr_lifecycle_is_chance(name->rejected.reason);
  if (is_barred && memcmp(name->rejected.digest, manifest, 32) == 0) return NFR_REASON_ALREADY_REJECTED;
  if (confirmed->state == NFR_STATE_NONE || nfr_lifecycle_fault(store, confirmed) != NFR_REASON_NONE) return NFR_REASON_NONE;
  nfr_lifecycle_blob(store, confirmed->blobs[0], digest);
  return memcmp(digest, manifest, 32) == 0 ? NFR_REASON_ALREADY_HERE : NFR_REASON_NONE;
}

static int error_of(enum nfr_reason reason) {
  return reason == NFR_REASON_NONE ? NFR_OK : reason == NFR_REASON_ROLLBACK ? NFR_ERR_ROLLBACK : NFR_ERR_STATE;
}

int nfr_lifecycle_may_fetch(const struct nfr_store *store, const char *text, size_t length, const uint8_t manifest[32],
                            uint32_t counter, enum nfr_reason *reason) {
  struct nfr_name name;
  uint16_t slot;
  *reason = NFR_REASON_NONE;
  int err = find(store, text, length, &slot, &name);
  if (err) return err == NFR_ERR_NOT_FOUND ? NFR_OK : err;
  *reason = refusal(store, &name, manifest, counter);
  return error_of(*reason);
}

int nfr_lifecycle_fetch(struct nfr_store *store, const char *text, size_t length, uint32_t counter, uint16_t manifest,
                        uint16_t *slot) {
  struct nfr_name name;
  uint8_t digest[32];
  int err = find(store, text, length, slot, &name);
  if (err != NFR_OK && err != NFR_ERR_NOT_FOUND) return err;
  bool is_new = err == NFR_ERR_NOT_FOUND;
  if (nfr_lifecycle_blob(store, manifest, digest) != NFR_BLOB_COMPLETE) return NFR_ERR_NOT_FOUND;
  if (is_new) {
    memset(&name, 0, sizeof name);
    name.length = (uint8_t)length;
    memcpy(name.text, text, length);
    *slot = nfr_journal_free_slot(store);
    if (*slot == NFR_STORE_NONE) return NFR_ERR_NO_SPACE;
  }
  const struct nfr_version *candidate = &name.versions[NFR_PLACE_CANDIDATE];
  if (candidate->state != NFR_STATE_NONE && candidate->blobs[0] == manifest) return NFR_OK;
  err = error_of(refusal(store, &name, digest, counter));
  if (err) return err;
  const struct nfr_change change = {.event = NFR_EVENT_FETCH, .blob = manifest, .counter = counter};
  err = nfr_lifecycle_apply(store, &name, &change);
  return err == NFR_STORE_MORE ? nfr_lifecycle_commit(store, *slot, &name) : err;
}
