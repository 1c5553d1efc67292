/* Start of the device, and what has to be looked at afterwards; settings. */
#include "lifecycle.h"

#include <string.h>

void nfr_lifecycle_settings(const struct nfr_store *store, struct nfr_settings *settings) {
  struct nfr_record record;
  int err = store->config == NULL ? NFR_ERR_ARGUMENT : nfr_journal_read(store, 0, &record);
  if (!err) err = nfr_settings_decode(record.content, record.length, record.version, settings);
  if (err) *settings = (struct nfr_settings){.key_list = NFR_STORE_NONE};
}

int nfr_lifecycle_commit_settings(struct nfr_store *store, const struct nfr_settings *settings) {
  uint8_t content[NFR_RECORD_MAX_CONTENT];
  uint8_t length = nfr_settings_encode(settings, content);
  return nfr_journal_commit(store, 0, NFR_RECORD_SETTINGS, content, length);
}

/* Serving depends on it: in TRIAL, or about to be. */
static bool is_tried(const struct nfr_version *version) {
  return version->state == NFR_STATE_TESTING || version->state == NFR_STATE_TRIAL;
}

/* Why a reset counts as a strike; NONE when it does not. */
static uint8_t strike_of(enum nfr_reset cause, bool is_planned) {
  switch (cause) {
  case NFR_RESET_POWER_ON:
  case NFR_RESET_PIN:
  case NFR_RESET_DEEP_SLEEP: return NFR_REASON_NONE;
  case NFR_RESET_WATCHDOG: return NFR_REASON_WATCHDOG;
  case NFR_RESET_PANIC: return NFR_REASON_PANIC;
  case NFR_RESET_BROWN_OUT: return NFR_REASON_BROWN_OUT;
  default: return is_planned ? NFR_REASON_NONE : NFR_REASON_RESET; /* a fault handler may end in a reset by software */
  }
}

/* Another one than those in use, even when the settings were lost: each boot that writes has a journal block of a higher sequence.
 * 0 is nobody's. */
static uint16_t next_epoch(const struct nfr_store *store, uint16_t epoch) {
  uint16_t next = (uint16_t)store->sequence;
  if (next == epoch || next == 0) next = (uint16_t)(epoch + 1);
  return next == 0 ? 1 : next;
}

/* The settings come first: a cut behind them leaves candidates of an older epoch, which any boot sends back. */
int nfr_lifecycle_boot(struct nfr_store *store, enum nfr_reset cause, const uint8_t firmware[16]) {
  struct nfr_settings settings;
  struct nfr_name name;
  if (store->config == NULL) return NFR_ERR_ARGUMENT;
  nfr_lifecycle_settings(store, &settings);
  struct nfr_change reset = {.event = NFR_EVENT_RESET_QUIET, .why = {.reason = strike_of(cause, settings.restart_is_planned)}};
  if (reset.why.reason != NFR_REASON_NONE) reset.event = NFR_EVENT_RESET_ABNORMAL;
  bool is_other = memcmp(settings.firmware, firmware, 16) != 0 || settings.epoch == 0;
  int result = NFR_OK;
  if (is_other) {
    settings.epoch = next_epoch(store, settings.epoch);
    memcpy(settings.firmware, firmware, 16);
  }
  if (is_other || settings.restart_is_planned) {
    settings.restart_is_planned = false;
    result = nfr_lifecycle_commit_settings(store, &settings);
  }
  for (uint16_t slot = 0; nfr_lifecycle_next(store, &slot, &name) == NFR_OK;) {
    const struct nfr_version *candidate = &name.versions[NFR_PLACE_CANDIDATE];
    if (!is_tried(candidate)) continue;
    const struct nfr_change firmware_change = {.event = NFR_EVENT_FIRMWARE};
    int err = nfr_lifecycle_change(store, slot, candidate->epoch != settings.epoch ? &firmware_change : &reset);
    if (result == NFR_OK) result = err;
  }
  return result;
}

int nfr_lifecycle_plan_restart(struct nfr_store *store) {
  struct nfr_settings settings;
  struct nfr_name name;
  int err;
  uint16_t slot = 0;
  do err = nfr_lifecycle_next(store, &slot, &name);
  while (err == NFR_OK && !is_tried(&name.versions[NFR_PLACE_CANDIDATE]));
  if (err) return err == NFR_ERR_NOT_FOUND ? NFR_OK : err;
  nfr_lifecycle_settings(store, &settings);
  if (settings.restart_is_planned) return NFR_OK;
  settings.restart_is_planned = true;
  return nfr_lifecycle_commit_settings(store, &settings);
}

int nfr_lifecycle_unchecked(const struct nfr_store *store, uint16_t *slot, enum nfr_place *place) {
  struct nfr_settings settings;
  struct nfr_name name;
  nfr_lifecycle_settings(store, &settings);
  *slot = 0;
  for (;;) {
    int err = nfr_lifecycle_next(store, slot, &name);
    if (err) return err;
    for (*place = NFR_PLACE_CONFIRMED; *place <= NFR_PLACE_PREVIOUS; *place += NFR_PLACE_PREVIOUS) {
      const struct nfr_version *version = &name.versions[*place];
      bool is_due = version->state != NFR_STATE_NONE && version->epoch != settings.epoch;
      if (is_due && nfr_lifecycle_fault(store, version) == NFR_REASON_NONE) return NFR_OK;
    }
  }
}

int nfr_lifecycle_tend(struct nfr_store *store) {
  struct nfr_name name;
  uint16_t slot = 0;
  for (;;) {
    int err = nfr_lifecycle_next(store, &slot, &name);
    if (err) return err == NFR_ERR_NOT_FOUND ? NFR_OK : err;
    for (unsigned place = 0; place < 3; place++) {
      const struct nfr_version *version = &name.versions[place];
      if (version->state == NFR_STATE_NONE || version->state == NFR_STATE_FETCHING) continue;
      enum nfr_reason reason = nfr_lifecycle_fault(store, version);
      if (reason == NFR_REASON_NONE) continue;
      const struct nfr_change change = {.event = NFR_EVENT_DAMAGE, .why = {.reason = (uint8_t)reason, .place = (uint8_t)place}};
      err = nfr_lifecycle_change(store, slot, &change);
      return err ? err : NFR_STORE_MORE;
    }
  }
}

/* ---- settings ---- */

int nfr_lifecycle_set_key_list(struct nfr_store *store, uint16_t slot, uint32_t version) {
  struct nfr_settings settings;
  nfr_lifecycle_settings(store, &settings);
  if (version < settings.key_list_version) return NFR_ERR_ROLLBACK;
  if (nfr_lifecycle_blob(store, slot, NULL) != NFR_BLOB_COMPLETE) return NFR_ERR_NOT_FOUND;
  if (version == settings.key_list_version && slot == settings.key_list) return NFR_OK;
  settings.key_list = slot;
  settings.key_list_version = version;
  return nfr_lifecycle_commit_settings(store, &settings);
}

int nfr_lifecycle_set_generation(struct nfr_store *store, uint64_t generation) {
  struct nfr_settings settings;
  nfr_lifecycle_settings(store, &settings);
  if (generation < settings.generation) return NFR_ERR_ROLLBACK;
  if (generation == settings.generation) return NFR_OK;
  settings.generation = generation;
  return nfr_lifecycle_commit_settings(store, &settings);
}

int nfr_lifecycle_set_time(struct nfr_store *store, uint64_t seconds) {
  struct nfr_settings settings;
  nfr_lifecycle_settings(store, &settings);
  if (seconds <= settings.known_time) return NFR_OK;
  if (settings.known_time != 0 && seconds - settings.known_time < NFR_LIFECYCLE_DAY) return NFR_OK;
  settings.known_time = seconds;
  return nfr_lifecycle_commit_settings(store, &settings);
}
