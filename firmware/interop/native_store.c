/* Joins store and engine: versions in place. */
#include "nfr_native_store.h"

#include <string.h>

#include "native.h"

#define HASH_COST 32u   /* instructions a byte, in software */
#define HASH_LEAST 256u /* bytes, however small the budget */

enum { MANIFEST, MODEL, LABELS, VECTORS };
static const uint8_t kinds[NFR_NATIVE_HELD] = {0, NFR_SECTION_MODEL, NFR_SECTION_LABELS, NFR_SECTION_VECTORS};

enum phase { PHASE_CLOSED, PHASE_VERIFYING, PHASE_OPENING, PHASE_STARTING, PHASE_TESTING, PHASE_OPEN };

/* ---- pins ---- */

static void let_go(struct nfr_native_version *version, unsigned i) {
  if (version->mapped[i] == NULL) return;
  int err = nfr_store_unpin(version->store, version->slots[i]);
  (void)err; /* it is pinned, so it can be unpinned */
  version->mapped[i] = NULL;
}

static bool is_our_job(const struct nfr_native_version *version) {
  const struct nfr_store *store = version->store;
  return version->phase == PHASE_VERIFYING && store->job.kind == NFR_JOB_VERIFY && store->job.slot == version->slots[version->next];
}

void nfr_native_version_close(struct nfr_native_version *version) {
  if (version->phase == PHASE_CLOSED) return;
  if (is_our_job(version)) nfr_store_cancel(version->store);
  if (version->handle > 0) {
    int err = nfr_native_close(version->native, version->handle);
    (void)err; /* the handle may be closed already */
  }
  version->handle = 0;
  version->phase = PHASE_CLOSED;
  for (unsigned i = 0; i < NFR_NATIVE_HELD; i++) let_go(version, i);
}

bool nfr_native_version_is_used(const struct nfr_native_version *version) {
  return version->phase != PHASE_CLOSED;
}

int nfr_native_version_handle(const struct nfr_native_version *version) {
  return version->phase == PHASE_OPEN ? version->handle : 0;
}

static int hold(struct nfr_native_version *version, unsigned i) {
  struct nfr_blob blob;
  if (version->slots[i] == NFR_STORE_NONE) return i == MANIFEST || i == MODEL ? NFR_ERR_NOT_FOUND : NFR_OK;
  int err = nfr_store_blob(version->store, version->slots[i], &blob);
  if (!err) err = blob.state == NFR_BLOB_COMPLETE ? NFR_OK : NFR_ERR_NOT_FOUND;
  if (!err) err = nfr_store_pin(version->store, version->slots[i], &version->mapped[i]);
  if (!err && version->mapped[i] == NULL) { /* pinned, but nowhere to be read */
    err = nfr_store_unpin(version->store, version->slots[i]);
    return err ? err : NFR_ERR_UNSUPPORTED;
  }
  version->bytes[i] = blob.bytes;
  return err;
}

static int begin(struct nfr_native_version *version, struct nfr_native *native, struct nfr_store *store, uint16_t name,
                 enum nfr_place place, bool is_test) {
  struct nfr_name record;
  if (version == NULL || !nfr_native_is_ready(native) || store == NULL || place > NFR_PLACE_PREVIOUS) return NFR_ERR_ARGUMENT;
  int err = nfr_lifecycle_name(store, name, &record);
  if (err) return err;
  if (record.versions[place].state == NFR_STATE_NONE) return NFR_ERR_STATE;
  *version = (struct nfr_native_version){
      .native = native, .store = store, .name = name, .place = (uint8_t)place, .is_test = is_test, .phase = PHASE_VERIFYING};
  for (unsigned i = 0; i < NFR_NATIVE_HELD; i++) {
    version->slots[i] = i == VECTORS && !is_test ? NFR_STORE_NONE : record.versions[place].blobs[kinds[i]];
  }
  for (unsigned i = 0; i < NFR_NATIVE_HELD && !err; i++) err = hold(version, i);
  if (!err && is_test && place == NFR_PLACE_CANDIDATE) err = nfr_lifecycle_event(store, name, NFR_EVENT_TEST, (struct nfr_why){0});
  if (err) nfr_native_version_close(version);
  return err ? err : NFR_NATIVE_MORE;
}

int nfr_native_version_open(struct nfr_native_version *version, struct nfr_native *native, struct nfr_store *store, uint16_t name,
                            enum nfr_place place) {
  int serving = store == NULL ? NFR_ERR_ARGUMENT : nfr_lifecycle_serving(store, name);
  if (serving < 0) return serving;
  return serving == (int)place ? begin(version, native, store, name, place, false) : NFR_ERR_STATE;
}

int nfr_native_version_test(struct nfr_native_version *version, struct nfr_native *native, struct nfr_store *store, uint16_t name,
                            enum nfr_place place) {
  return begin(version, native, store, name, place, true);
}

/* ---- slices ---- */

/* The job must be ours: without one, or with another's, a step of the store says nothing of this blob. */
static int verify(struct nfr_native_version *version, uint32_t budget) {
  struct nfr_store *store = version->store;
  uint16_t slot = version->slots[version->next];
  uint32_t bytes = budget / HASH_COST < HASH_LEAST ? HASH_LEAST : budget / HASH_COST;
  int err = NFR_OK;
  if (slot != NFR_STORE_NONE) err = is_our_job(version) ? nfr_store_step(store, bytes) : nfr_store_verify(store, slot);
  if (err) return err;
  if (++version->next == NFR_NATIVE_HELD) version->phase = PHASE_OPENING;
  return NFR_NATIVE_MORE;
}

/* The record is of this capsule: its name, its counter, and as blobs the sections that the manifest names, those too that
 * are not read here. */
static int check_record(const struct nfr_native_version *version, const struct nfr_name *record, const struct nfr_manifest *manifest) {
  const struct nfr_version *claimed = &record->versions[version->place];
  bool is_named = manifest->name.length == record->length && memcmp(manifest->name.bytes, record->text, record->length) == 0;
  if (!is_named || manifest->security_counter != claimed->counter) return NFR_ERR_CORRUPT;
  for (unsigned kind = NFR_SECTION_MODEL; kind <= NFR_SECTION_LABELS; kind++) {
    const struct nfr_section *section = &manifest->sections[kind];
    struct nfr_blob blob;
    if ((section->size != 0) != (claimed->blobs[kind] != NFR_STORE_NONE)) return NFR_ERR_CORRUPT;
    if (section->size == 0) continue;
    int err = nfr_store_blob(version->store, claimed->blobs[kind], &blob);
    if (err) return err;
    if (blob.bytes != section->size || memcmp(blob.digest, section->sha256, 32) != 0) return NFR_ERR_CORRUPT;
  }
  return NFR_OK;
}

/* What was verified is what is opened: nobody has given the places other blobs since. */
static bool is_unchanged(const struct nfr_native_version *version) {
  struct nfr_name record;
  if (nfr_lifecycle_name(version->store, version->name, &record) != NFR_OK) return false;
  const struct nfr_version *now = &record.versions[version->place];
  for (unsigned i = 0; i < NFR_NATIVE_HELD; i++) {
    bool is_held = i != VECTORS || version->is_test;
    if (is_held && now->blobs[kinds[i]] != version->slots[i]) return false;
  }
  bool is_candidate = version->place == NFR_PLACE_CANDIDATE;
  return now->state != NFR_STATE_NONE && (!version->is_test || !is_candidate || now->state == NFR_STATE_TESTING);
}

static int open_it(struct nfr_native_version *version) {
  struct nfr_native *native = version->native;
  struct nfr_name record;
  struct nfr_manifest manifest;
  int err = nfr_lifecycle_name(version->store, version->name, &record);
  if (!err) err = nfr_native_admit(native, version->mapped[MANIFEST], version->bytes[MANIFEST], record.floor, &manifest);
  if (!err) err = check_record(version, &record, &manifest);
  if (err) return err;
  int handle = nfr_native_open_admitted(native, &manifest, version->mapped[MODEL], version->bytes[MODEL], version->mapped[LABELS],
                                        version->bytes[LABELS]);
  if (handle < 0) return handle;
  version->handle = handle;
  version->phase = version->is_test ? PHASE_STARTING : PHASE_OPEN;
  return version->is_test ? NFR_NATIVE_MORE : NFR_OK;
}

static int start_test(struct nfr_native_version *version) {
  int err = nfr_native_self_test_begin(version->native, version->handle, version->mapped[VECTORS], version->bytes[VECTORS]);
  if (err) return err;
  version->phase = PHASE_TESTING;
  return NFR_NATIVE_MORE;
}

static int run(struct nfr_native_version *version, uint32_t budget, struct nfr_native_report *report) {
  switch (version->phase) {
  case PHASE_VERIFYING: return verify(version, budget);
  case PHASE_OPENING: return open_it(version);
  case PHASE_STARTING: return start_test(version);
  case PHASE_TESTING: return nfr_native_self_test_step(version->native, version->handle, budget, report);
  case PHASE_OPEN: return NFR_OK;
  default: return NFR_ERR_ARGUMENT;
  }
}

/* ---- verdicts ---- */

static int report_pass(struct nfr_native_version *version) {
  enum nfr_event event = version->place == NFR_PLACE_CANDIDATE ? NFR_EVENT_TEST_PASSED : NFR_EVENT_CHECK_PASSED;
  let_go(version, VECTORS);
  version->phase = PHASE_OPEN;
  int err = nfr_lifecycle_event(version->store, version->name, event, (struct nfr_why){.place = version->place});
  if (err) nfr_native_version_close(version);
  return err;
}

/* The version is closed before a record is written. */
static int report_failure(struct nfr_native_version *version, int error, const struct nfr_native_report *report) {
  bool is_broken = version->phase == PHASE_VERIFYING && error == NFR_ERR_CORRUPT;
  bool has_no_vectors = version->phase == PHASE_STARTING && version->slots[VECTORS] == NFR_STORE_NONE;
  nfr_native_version_close(version);
  int err = NFR_OK;
  if (is_broken) {
    do err = nfr_lifecycle_tend(version->store);
    while (err == NFR_STORE_MORE);
    return err ? err : error;
  }
  bool is_silent = error == NFR_ERR_NO_MEMORY || error == NFR_ERR_PORT || error == NFR_ERR_STATE || error == NFR_ERR_NOT_FOUND;
  struct nfr_why why = {.reason = (uint8_t)nfr_reason_of_error(error), .place = version->place};
  if (has_no_vectors) why.reason = NFR_REASON_NO_VECTORS;
  else if (is_silent || why.reason == NFR_REASON_NONE) return error;
  if (error == NFR_ERR_SELF_TEST) why.detail = nfr_detail_of_test(report->case_index, report->source_op);
  enum nfr_event event = version->place == NFR_PLACE_CANDIDATE ? NFR_EVENT_TEST_FAILED : NFR_EVENT_CHECK_FAILED;
  err = nfr_lifecycle_event(version->store, version->name, event, why);
  return err ? err : error;
}

int nfr_native_version_step(struct nfr_native_version *version, uint32_t budget, struct nfr_native_report *report) {
  if (version == NULL || !nfr_native_is_words(report)) return NFR_ERR_ARGUMENT;
  *report = (struct nfr_native_report){.source_op = -1};
  if (version->phase == PHASE_CLOSED) return NFR_ERR_ARGUMENT;
  if (version->phase == PHASE_OPEN) return NFR_OK;
  bool is_ours = is_unchanged(version);
  int err = is_ours ? run(version, budget == 0 ? NFR_ENGINE_DEFAULT_BUDGET : budget, report) : NFR_ERR_STATE;
  if (err == NFR_NATIVE_MORE || err == NFR_ERR_BUSY) return err;
  if (!err) return version->is_test ? report_pass(version) : NFR_OK;
  if (version->is_test && is_ours) return report_failure(version, err, report);
  nfr_native_version_close(version);
  return err;
}
