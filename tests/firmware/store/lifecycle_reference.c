#include "lifecycle_reference.h"

#include <stdio.h>
#include <string.h>

uint16_t manifest_slot(unsigned name, int version) {
  return (uint16_t)(MANIFEST_SLOT + (int)name * VERSIONS + version);
}

uint16_t model_slot(unsigned name, int version) {
  return (uint16_t)(MODEL_SLOT + (int)name * VERSIONS + version);
}

static const struct held nothing = {.version = ABSENT};

static struct ref_name no_name(void) {
  return (struct ref_name){.slot = ABSENT, .confirmed = nothing, .candidate = nothing, .previous = nothing};
}

void reference_start(struct reference *reference) {
  memset(reference, 0, sizeof *reference);
  reference->firmware = ABSENT;
  reference->key_list = NFR_STORE_NONE;
  for (unsigned name = 0; name < NAMES; name++) reference->names[name] = no_name();
}

static bool is_there(const struct reference *r, unsigned slot) {
  return r->blobs[slot] == NFR_BLOB_COMPLETE;
}

static bool is_whole(const struct reference *r, unsigned name, const struct held *held) {
  return held->version != ABSENT && is_there(r, manifest_slot(name, held->version)) &&
         (!held->has_model || is_there(r, model_slot(name, held->version))) && (!held->has_labels || is_there(r, LABELS_SLOT));
}

static bool is_spoiled(const struct reference *r, unsigned name, const struct held *held) {
  return r->blobs[manifest_slot(name, held->version)] == NFR_BLOB_DAMAGED ||
         (held->has_model && r->blobs[model_slot(name, held->version)] == NFR_BLOB_DAMAGED) ||
         (held->has_labels && r->blobs[LABELS_SLOT] == NFR_BLOB_DAMAGED);
}

static bool serves(const struct reference *r, unsigned name, const struct held *held) {
  return is_whole(r, name, held) && held->is_checked && !held->is_banned &&
         version_counter[held->version] >= r->names[name].floor;
}

int reference_serving(const struct reference *r, unsigned name) {
  const struct ref_name *n = &r->names[name];
  if (n->slot == ABSENT) return ABSENT;
  if (n->candidate.version != ABSENT && n->candidate.phase == PHASE_TRIAL && serves(r, name, &n->candidate)) return NFR_PLACE_CANDIDATE;
  if (serves(r, name, &n->confirmed)) return NFR_PLACE_CONFIRMED;
  return serves(r, name, &n->previous) ? NFR_PLACE_PREVIOUS : ABSENT;
}

static bool is_chance(unsigned reason) {
  switch (reason) {
  case NFR_REASON_DIGEST:
  case NFR_REASON_DAMAGED:
  case NFR_REASON_MISSING:
  case NFR_REASON_NO_SPACE: return true;
  default: return false;
  }
}

static void throw_out(struct reference *r, unsigned name, struct held *held, unsigned reason, unsigned detail) {
  struct ref_name *n = &r->names[name];
  uint16_t manifest = manifest_slot(name, held->version);
  int digest = r->blobs[manifest] == 0 ? 0 : manifest;
  if (is_chance(reason)) {
    detail = is_chance(n->rejected_reason) && n->rejected_digest == digest ? n->rejected_detail + 1 : 1;
  }
  n->rejected_reason = reason;
  n->rejected_detail = detail;
  n->rejected_digest = digest;
  *held = nothing;
}

static void fail_candidate(struct reference *r, unsigned name, unsigned reason, unsigned detail) {
  if (reason != NFR_REASON_OPERATOR && !is_chance(reason)) r->names[name].failures++;
  throw_out(r, name, &r->names[name].candidate, reason, detail);
}

static int lowest_slot(const struct reference *r) {
  for (int slot = 1;; slot++) {
    bool is_taken = false;
    for (unsigned name = 0; name < NAMES; name++) is_taken |= r->names[name].slot == slot;
    if (!is_taken) return slot;
  }
}

static bool is_barred(const struct ref_name *n, unsigned manifest) {
  return n->rejected_reason != NFR_REASON_NONE && !is_chance(n->rejected_reason) && n->rejected_digest == (int)manifest;
}

static enum outcome fetch(struct reference *r, unsigned name, int version) {
  struct ref_name *n = &r->names[name];
  uint16_t manifest = manifest_slot(name, version);
  if (!is_there(r, manifest)) return REFUSED;
  if (n->candidate.version == version) return NOTHING;
  if (version_counter[version] < n->floor || n->failures >= 3 || is_barred(n, manifest)) return REFUSED;
  if (n->confirmed.version == version && is_whole(r, name, &n->confirmed)) return REFUSED;
  if (n->slot == ABSENT) n->slot = lowest_slot(r);
  n->candidate = (struct held){.version = version, .phase = PHASE_FETCHING};
  return WRITES;
}

static enum outcome attach(struct reference *r, unsigned name, unsigned section) {
  struct held *candidate = &r->names[name].candidate;
  if (candidate->version == ABSENT || candidate->phase != PHASE_FETCHING) return REFUSED;
  bool *has = section == 5 ? &candidate->has_labels : &candidate->has_model;
  if (*has) return NOTHING;
  *has = true;
  return WRITES;
}

static enum outcome confirm(struct reference *r, unsigned name) {
  struct ref_name *n = &r->names[name];
  struct held *candidate = &n->candidate;
  if (!is_whole(r, name, candidate) || !candidate->is_checked || version_counter[candidate->version] < n->floor) return REFUSED;
  bool is_worth_keeping = n->confirmed.version != ABSENT && !n->confirmed.is_banned;
  if (is_worth_keeping || n->previous.version == ABSENT) n->previous = n->confirmed;
  n->confirmed = *candidate;
  n->candidate = nothing;
  if (version_counter[n->confirmed.version] > n->floor) n->floor = version_counter[n->confirmed.version];
  if (n->previous.version != ABSENT && version_counter[n->previous.version] < n->floor) n->previous = nothing;
  n->failures = 0;
  if (is_chance(n->rejected_reason)) n->rejected_reason = n->rejected_detail = 0, n->rejected_digest = 0;
  return WRITES;
}

static enum outcome roll_back(struct reference *r, unsigned name, unsigned reason, unsigned detail) {
  struct ref_name *n = &r->names[name];
  if (reason == NFR_REASON_NONE) reason = NFR_REASON_OPERATOR;
  if (n->candidate.version != ABSENT) {
    fail_candidate(r, name, reason, detail);
    return WRITES;
  }
  if (n->confirmed.version == ABSENT || !serves(r, name, &n->previous)) return REFUSED;
  if (reason != NFR_REASON_OPERATOR && !is_chance(reason)) n->failures++;
  throw_out(r, name, &n->confirmed, reason, detail);
  n->confirmed = n->previous;
  n->previous = nothing;
  return WRITES;
}

static enum outcome strike(struct reference *r, unsigned name, unsigned reason, unsigned detail) {
  struct held *candidate = &r->names[name].candidate;
  if (candidate->strikes == 2) {
    fail_candidate(r, name, reason, detail);
    return WRITES;
  }
  candidate->strikes++;
  candidate->reason = reason;
  return WRITES;
}

static enum outcome check(struct reference *r, unsigned name, unsigned place, bool passed) {
  struct ref_name *n = &r->names[name];
  struct held *held = place == NFR_PLACE_CONFIRMED ? &n->confirmed : place == NFR_PLACE_PREVIOUS ? &n->previous : NULL;
  if (held == NULL || held->version == ABSENT) return REFUSED;
  held->is_checked = true;
  held->is_banned = !passed;
  return WRITES;
}

static enum outcome test_event(struct reference *r, unsigned name, const struct op *op) {
  struct held *candidate = &r->names[name].candidate;
  enum phase phase = candidate->phase;
  switch (op->event) {
  case NFR_EVENT_FETCHED:
    if (phase != PHASE_FETCHING || !is_whole(r, name, candidate)) return REFUSED;
    candidate->phase = PHASE_STAGED;
    return WRITES;
  case NFR_EVENT_FETCH_FAILED:
    if (phase != PHASE_FETCHING) return REFUSED;
    fail_candidate(r, name, op->reason, op->detail);
    return WRITES;
  case NFR_EVENT_TEST:
    if ((phase != PHASE_STAGED && phase != PHASE_TESTING) || !is_whole(r, name, candidate)) return REFUSED;
    candidate->phase = PHASE_TESTING;
    candidate->attempts++;
    candidate->is_checked = true; /* by this firmware, from its first slice on */
    return WRITES;
  case NFR_EVENT_TEST_PASSED:
    if (phase != PHASE_TESTING) return REFUSED;
    candidate->phase = PHASE_TRIAL;
    candidate->reason = 0;
    return WRITES;
  case NFR_EVENT_TEST_FAILED:
    if (phase != PHASE_TESTING) return REFUSED;
    fail_candidate(r, name, op->reason, op->detail);
    return WRITES;
  default: return phase == PHASE_TRIAL ? strike(r, name, op->reason, op->detail) : REFUSED;
  }
}

static enum outcome event(struct reference *r, unsigned name, const struct op *op) {
  struct ref_name *n = &r->names[name];
  if (n->slot == ABSENT) return REFUSED;
  switch (op->event) {
  case NFR_EVENT_CHECK_PASSED: return check(r, name, op->place, true);
  case NFR_EVENT_CHECK_FAILED: return check(r, name, op->place, false);
  case NFR_EVENT_CONFIRM:
    return n->candidate.version != ABSENT && n->candidate.phase == PHASE_TRIAL ? confirm(r, name) : REFUSED;
  case NFR_EVENT_ROLL_BACK: return roll_back(r, name, op->reason, op->detail);
  case NFR_EVENT_WITHDRAW:
    if (n->candidate.version == ABSENT) return NOTHING;
    n->candidate = nothing;
    return WRITES;
  case NFR_EVENT_RELEASE:
    n->failures = n->rejected_reason = n->rejected_detail = 0;
    n->rejected_digest = 0;
    return WRITES;
  case NFR_EVENT_REMOVE: *n = no_name(); return WRITES;
  default: return n->candidate.version == ABSENT ? REFUSED : test_event(r, name, op);
  }
}

/* Names in the order of their slots; ABSENT behind the last. */
static int name_in_order(const struct reference *r, int behind) {
  int best = ABSENT;
  for (int name = 0; name < NAMES; name++) {
    int slot = r->names[name].slot;
    if (slot > behind && (best == ABSENT || slot < r->names[best].slot)) best = name;
  }
  return best;
}

static bool tend_name(struct reference *r, unsigned name) {
  struct ref_name *n = &r->names[name];
  struct held *places[3] = {&n->confirmed, &n->candidate, &n->previous};
  for (unsigned place = 0; place < 3; place++) {
    struct held *held = places[place];
    bool is_on_its_way = place == NFR_PLACE_CANDIDATE && held->phase == PHASE_FETCHING;
    if (held->version == ABSENT || is_on_its_way || is_whole(r, name, held)) continue;
    unsigned reason = is_spoiled(r, name, held) ? NFR_REASON_DAMAGED : NFR_REASON_MISSING;
    if (place == NFR_PLACE_CANDIDATE) fail_candidate(r, name, reason, 0);
    else if (place == NFR_PLACE_PREVIOUS) *held = nothing;
    else {
      throw_out(r, name, held, reason, 0);
      if (is_whole(r, name, &n->previous) && version_counter[n->previous.version] >= n->floor) {
        n->confirmed = n->previous;
        n->previous = nothing;
      }
    }
    return true;
  }
  return false;
}

static enum outcome tend(struct reference *r) {
  for (int name = name_in_order(r, 0); name != ABSENT; name = name_in_order(r, r->names[name].slot)) {
    if (tend_name(r, (unsigned)name)) return WRITES_MORE;
  }
  return NOTHING;
}

static bool is_tried(const struct held *candidate) {
  return candidate->version != ABSENT && (candidate->phase == PHASE_TESTING || candidate->phase == PHASE_TRIAL);
}

static enum outcome plan(struct reference *r) {
  bool somebody = false;
  for (unsigned name = 0; name < NAMES; name++) somebody |= is_tried(&r->names[name].candidate);
  if (!somebody || r->is_planned) return NOTHING;
  r->is_planned = true;
  return WRITES;
}

static enum outcome set_keys(struct reference *r, uint16_t slot, uint32_t version) {
  if (version < r->key_list_version || !is_there(r, slot)) return REFUSED;
  if (version == r->key_list_version && slot == r->key_list) return NOTHING;
  r->key_list = slot;
  r->key_list_version = version;
  return WRITES;
}

static enum outcome set_generation(struct reference *r, uint64_t generation) {
  if (generation <= r->generation) return generation == r->generation ? NOTHING : REFUSED;
  r->generation = generation;
  return WRITES;
}

static enum outcome set_time(struct reference *r, uint64_t time) {
  bool is_due = r->time == 0 ? time != 0 : time >= r->time + 86400;
  if (is_due) r->time = time;
  return is_due ? WRITES : NOTHING;
}

enum outcome reference_step(struct reference *r, const struct op *op) {
  switch (op->kind) {
  case OP_FETCH: return fetch(r, op->name, op->version);
  case OP_ATTACH: return r->names[op->name].slot == ABSENT ? REFUSED : attach(r, op->name, op->section);
  case OP_EVENT: return event(r, op->name, op);
  case OP_TEND: return tend(r);
  case OP_PLAN: return plan(r);
  case OP_KEYS: return set_keys(r, (uint16_t)(KEYS_SLOT + op->version % 2), op->value);
  case OP_GENERATION: return set_generation(r, op->value);
  case OP_TIME: return set_time(r, op->value);
  default: return NOTHING;
  }
}

/* ---- boot ---- */

static unsigned reason_of(unsigned cause, bool is_planned) {
  static const uint8_t crashes[] = {[NFR_RESET_WATCHDOG] = NFR_REASON_WATCHDOG, [NFR_RESET_PANIC] = NFR_REASON_PANIC,
                                    [NFR_RESET_BROWN_OUT] = NFR_REASON_BROWN_OUT, [NFR_RESET_DEEP_SLEEP] = 0};
  bool is_unclear = cause == NFR_RESET_UNKNOWN || cause == NFR_RESET_SOFTWARE;
  if (is_unclear) return is_planned ? 0 : NFR_REASON_RESET;
  return crashes[cause];
}

static bool boot_name(struct reference *r, unsigned name, unsigned reason) {
  struct held *candidate = &r->names[name].candidate;
  bool is_testing = candidate->phase == PHASE_TESTING;
  if (!is_tried(candidate)) return false;
  if (!candidate->is_checked) { /* by this firmware */
    candidate->phase = PHASE_STAGED;
    candidate->strikes = candidate->attempts = candidate->reason = 0;
    return true;
  }
  if (is_testing) candidate->phase = PHASE_STAGED;
  if (reason != 0) return strike(r, name, reason, 0) == WRITES;
  return is_testing;
}

static void forget_checks(struct reference *r) {
  for (unsigned name = 0; name < NAMES; name++) {
    struct ref_name *n = &r->names[name];
    n->confirmed.is_checked = n->candidate.is_checked = n->previous.is_checked = false;
  }
}

unsigned reference_boot(struct reference *r, unsigned cause, int firmware, unsigned commits) {
  unsigned reason = reason_of(cause, r->is_planned), written = 0;
  if (firmware != r->firmware || r->is_planned) {
    if (written++ == commits) return written;
    if (firmware != r->firmware) forget_checks(r);
    r->firmware = firmware;
    r->is_planned = false;
  }
  for (int name = name_in_order(r, 0); name != ABSENT;) {
    struct ref_name before = r->names[name];
    if (boot_name(r, (unsigned)name, reason) && written++ == commits) {
      r->names[name] = before;
      return written;
    }
    name = name_in_order(r, before.slot);
  }
  return written;
}

/* ---- comparison ---- */

static char message[200];

#define EXPECT(what, is, should) do { \
    if ((long long)(is) != (long long)(should)) { \
      snprintf(message, sizeof message, "%s: %s is %lld, should be %lld", where, what, (long long)(is), (long long)(should)); \
      return message; \
    } \
  } while (0)

static const char *compare_held(const char *where, unsigned name, const struct held *held, unsigned state, const struct nfr_version *version,
                                uint16_t epoch) {
  EXPECT("state", version->state, held->version == ABSENT ? NFR_STATE_NONE : state);
  if (held->version == ABSENT) return NULL;
  EXPECT("manifest", version->blobs[0], manifest_slot(name, held->version));
  EXPECT("model", version->blobs[1], held->has_model ? model_slot(name, held->version) : NFR_STORE_NONE);
  EXPECT("labels", version->blobs[5], held->has_labels ? LABELS_SLOT : NFR_STORE_NONE);
  EXPECT("counter", version->counter, version_counter[held->version]);
  if (state >= NFR_STATE_CONFIRMED) EXPECT("strikes at rest", version->strikes, 0);
  if (state == NFR_STATE_CONFIRMED) EXPECT("reason at rest", version->reason, NFR_REASON_NONE);
  bool epoch_counts = state != NFR_STATE_FETCHING && state != NFR_STATE_STAGED;
  if (epoch_counts) EXPECT("checked by this firmware", version->epoch == epoch, held->is_checked);
  return NULL;
}

static const char *compare_name(const struct reference *r, unsigned name, const struct nfr_name *actual, uint16_t epoch) {
  static const uint8_t states[] = {NFR_STATE_FETCHING, NFR_STATE_STAGED, NFR_STATE_TESTING, NFR_STATE_TRIAL};
  const struct ref_name *n = &r->names[name];
  const char *where = name_text[name];
  unsigned confirmed = n->confirmed.is_banned ? NFR_STATE_REJECTED : NFR_STATE_CONFIRMED;
  unsigned previous = n->previous.is_banned ? NFR_STATE_REJECTED : NFR_STATE_SUPERSEDED;
  const char *difference = compare_held("confirmed", name, &n->confirmed, confirmed, &actual->versions[NFR_PLACE_CONFIRMED], epoch);
  if (!difference) difference = compare_held("previous", name, &n->previous, previous, &actual->versions[NFR_PLACE_PREVIOUS], epoch);
  const struct nfr_version *candidate = &actual->versions[NFR_PLACE_CANDIDATE];
  if (!difference) difference = compare_held("candidate", name, &n->candidate, states[n->candidate.phase], candidate, epoch);
  if (difference) return difference;
  EXPECT("strikes", candidate->strikes, n->candidate.strikes);
  EXPECT("attempts", candidate->attempts, n->candidate.attempts);
  EXPECT("reason of the candidate", candidate->reason, n->candidate.reason);
  EXPECT("floor", actual->floor, n->floor);
  EXPECT("failures", actual->failures, n->failures);
  EXPECT("reason of the rejection", actual->rejected.reason, n->rejected_reason);
  EXPECT("detail of the rejection", actual->rejected.detail, n->rejected_detail);
  for (unsigned i = 0; i < 32; i++) EXPECT("digest of the rejection", actual->rejected.digest[i], n->rejected_digest);
  return NULL;
}

static const char *compare_settings(const struct reference *r, const struct nfr_settings *settings) {
  const char *where = "settings";
  EXPECT("key list", settings->key_list, r->key_list);
  EXPECT("key list version", settings->key_list_version, r->key_list_version);
  EXPECT("generation", settings->generation, r->generation);
  EXPECT("time", settings->known_time, r->time);
  EXPECT("planned", settings->restart_is_planned, r->is_planned);
  EXPECT("firmware", settings->firmware[0], r->firmware + 1);
  return NULL;
}

const char *reference_compare(const struct reference *r, const struct ram_journal *journal) {
  struct nfr_settings settings;
  nfr_lifecycle_settings(&journal->store, &settings);
  const char *difference = compare_settings(r, &settings);
  for (unsigned name = 0; name < NAMES && !difference; name++) {
    const char *where = name_text[name];
    uint16_t slot;
    struct nfr_name actual;
    int err = nfr_lifecycle_find(&journal->store, where, strlen(where), &slot);
    EXPECT("slot", err ? ABSENT : slot, r->names[name].slot);
    if (err) continue;
    err = nfr_lifecycle_name(&journal->store, slot, &actual);
    EXPECT("reading", err, NFR_OK);
    difference = compare_name(r, name, &actual, settings.epoch);
    if (difference) return difference;
    int place = nfr_lifecycle_serving(&journal->store, slot);
    EXPECT("serving place", place < 0 ? ABSENT : place, reference_serving(r, name));
  }
  return difference;
}
