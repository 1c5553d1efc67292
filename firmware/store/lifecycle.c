/* Transitions of a name: the table is looked up here and nowhere else. */
#include "lifecycle.h"

#include <string.h>

#define DIGEST_BYTES 32u
#define STATE_OFFSET 48u /* in a BLOB record */

uint8_t nfr_lifecycle_blob(const struct nfr_store *store, uint16_t slot, uint8_t *digest) {
  uint8_t head[STATE_OFFSET + 1];
  if (nfr_journal_peek(store, slot, head, sizeof head) != NFR_RECORD_BLOB) memset(head, 0, sizeof head);
  if (digest != NULL) memcpy(digest, head, DIGEST_BYTES);
  return head[STATE_OFFSET];
}

enum nfr_reason nfr_lifecycle_fault(const struct nfr_store *store, const struct nfr_version *version) {
  enum nfr_reason reason = NFR_REASON_NONE;
  for (unsigned i = 0; i < 6; i++) {
    if (i != 0 && version->blobs[i] == NFR_STORE_NONE) continue;
    uint8_t state = nfr_lifecycle_blob(store, version->blobs[i], NULL);
    if (state == NFR_BLOB_DAMAGED) return NFR_REASON_DAMAGED;
    if (state != NFR_BLOB_COMPLETE) reason = NFR_REASON_MISSING;
  }
  return reason;
}

bool nfr_lifecycle_is_chance(uint8_t reason) {
  const uint32_t chances = 1u << NFR_REASON_DIGEST | 1u << NFR_REASON_NO_SPACE | 1u << NFR_REASON_DAMAGED | 1u << NFR_REASON_MISSING;
  return reason < 32 && (chances >> reason & 1u) != 0;
}

static bool is_whole(const struct nfr_store *store, const struct nfr_version *version) {
  return nfr_lifecycle_fault(store, version) == NFR_REASON_NONE;
}

/* Which version may serve when the table lets it: this firmware's, not below the floor, all there. */
static bool can_serve(const struct nfr_store *store, const struct nfr_name *name, enum nfr_place place, uint16_t epoch) {
  static const uint8_t serving[3] = {NFR_STATE_CONFIRMED, NFR_STATE_TRIAL, NFR_STATE_SUPERSEDED};
  const struct nfr_version *version = &name->versions[place];
  return version->state == serving[place] && version->epoch == epoch && version->counter >= name->floor && is_whole(store, version);
}

int nfr_lifecycle_serving(const struct nfr_store *store, uint16_t slot) {
  static const uint8_t order[3] = {NFR_PLACE_CANDIDATE, NFR_PLACE_CONFIRMED, NFR_PLACE_PREVIOUS};
  struct nfr_name name;
  struct nfr_settings settings;
  int err = nfr_lifecycle_name(store, slot, &name);
  if (err) return err;
  nfr_lifecycle_settings(store, &settings);
  for (unsigned i = 0; i < 3; i++) {
    if (can_serve(store, &name, order[i], settings.epoch)) return order[i];
  }
  return NFR_ERR_NOT_FOUND;
}

/* ---- actions ---- */

static void empty(struct nfr_version *version) {
  memset(version, 0, sizeof *version);
}

static void begin(struct nfr_version *version, const struct nfr_change *change, uint16_t epoch) {
  *version = (struct nfr_version){.state = version->state, .counter = change->counter, .epoch = epoch};
  memset(version->blobs, 0xff, sizeof version->blobs);
  version->blobs[0] = change->blob;
}

/* A firmware that runs another version's successor but not that version: what could serve is worth more as previous than
 * what could not. */
static void confirm(struct nfr_name *name) {
  struct nfr_version *versions = name->versions;
  struct nfr_version *confirmed = &versions[NFR_PLACE_CONFIRMED], *previous = &versions[NFR_PLACE_PREVIOUS];
  if (confirmed->state == NFR_STATE_CONFIRMED || previous->state == NFR_STATE_NONE) *previous = *confirmed;
  if (previous->state == NFR_STATE_CONFIRMED) previous->state = NFR_STATE_SUPERSEDED;
  *confirmed = versions[NFR_PLACE_CANDIDATE];
  confirmed->strikes = confirmed->reason = 0;
  empty(&versions[NFR_PLACE_CANDIDATE]);
  if (name->floor < confirmed->counter) name->floor = confirmed->counter;
  if (previous->counter < name->floor) empty(previous);
  name->failures = 0;
  if (nfr_lifecycle_is_chance(name->rejected.reason)) memset(&name->rejected, 0, sizeof name->rejected);
}

/* The name remembers why: a failure is counted, and of a chance how often in a row the same version met one, so that waiting survives
 * resets. */
static void remember(const struct nfr_store *store, struct nfr_name *name, const struct nfr_version *version, struct nfr_why why) {
  uint8_t digest[DIGEST_BYTES];
  nfr_lifecycle_blob(store, version->blobs[0], digest);
  if (nfr_lifecycle_is_chance(why.reason)) {
    bool is_again = nfr_lifecycle_is_chance(name->rejected.reason) && memcmp(name->rejected.digest, digest, sizeof digest) == 0;
    why.detail = is_again ? name->rejected.detail : 0;
    if (why.detail != UINT16_MAX) why.detail++;
  } else if (why.reason != NFR_REASON_OPERATOR && name->failures != UINT8_MAX) {
    name->failures++;
  }
  name->rejected.reason = why.reason;
  name->rejected.detail = why.detail;
  memcpy(name->rejected.digest, digest, sizeof digest);
}

/* REJECT, RESTORE, LOSE: a version leaves its place, and the name remembers why; without its digest when the manifest's
 * record is gone. Confirmed gets what stands in previous, if that is worth it (RESTORE has made sure). */
static void throw_out(const struct nfr_store *store, struct nfr_name *name, struct nfr_version *version, struct nfr_why why) {
  struct nfr_version *previous = &name->versions[NFR_PLACE_PREVIOUS];
  if (version != previous) remember(store, name, version, why); /* nobody waits for that one */
  empty(version);
  bool moves_up = version == &name->versions[NFR_PLACE_CONFIRMED] && previous->counter >= name->floor && is_whole(store, previous);
  if (!moves_up) return;
  *version = *previous;
  if (version->state == NFR_STATE_SUPERSEDED) version->state = NFR_STATE_CONFIRMED;
  empty(previous);
}

/* ---- the transition ---- */

static enum nfr_place subject(const struct nfr_name *name, const struct nfr_change *change) {
  switch (change->event) {
  case NFR_EVENT_CHECK_PASSED:
  case NFR_EVENT_CHECK_FAILED:
  case NFR_EVENT_DAMAGE: return change->why.place;
  case NFR_EVENT_ROLL_BACK: return name->versions[NFR_PLACE_CANDIDATE].state != 0 ? NFR_PLACE_CANDIDATE : NFR_PLACE_CONFIRMED;
  default: return NFR_PLACE_CANDIDATE;
  }
}

/* What an action asks for beyond the table. */
static int permit(const struct nfr_store *store, const struct nfr_name *name, const struct nfr_version *version, unsigned action,
                  uint16_t epoch) {
  bool needs_blobs = action == NFR_ACTION_COMPLETE || action == NFR_ACTION_TEST || action == NFR_ACTION_CONFIRM;
  if (needs_blobs && !is_whole(store, version)) return NFR_ERR_NOT_FOUND;
  if (action == NFR_ACTION_CONFIRM && (version->epoch != epoch || version->counter < name->floor)) return NFR_ERR_STATE;
  if (action == NFR_ACTION_RESTORE && !can_serve(store, name, NFR_PLACE_PREVIOUS, epoch)) return NFR_ERR_STATE;
  return NFR_OK;
}

static void act(const struct nfr_store *store, struct nfr_name *name, struct nfr_version *version, unsigned action,
                const struct nfr_change *change, uint16_t epoch) {
  struct nfr_why why = change->why;
  switch (action) {
  case NFR_ACTION_BEGIN: begin(version, change, epoch); break;
  case NFR_ACTION_ATTACH: version->blobs[change->kind] = change->blob; break;
  case NFR_ACTION_TEST:
    if (version->attempts != UINT8_MAX) version->attempts++;
    version->epoch = epoch;
    break;
  case NFR_ACTION_STRIKE:
    version->strikes++;
    version->reason = why.reason;
    break;
  case NFR_ACTION_RETEST: version->strikes = version->attempts = version->reason = 0; break;
  case NFR_ACTION_PASS:
  case NFR_ACTION_BAN:
    version->epoch = epoch;
    version->reason = action == NFR_ACTION_BAN ? NFR_REASON_ABI : NFR_REASON_NONE;
    break;
  case NFR_ACTION_REJECT:
  case NFR_ACTION_RESTORE:
  case NFR_ACTION_LOSE: throw_out(store, name, version, why); break;
  case NFR_ACTION_CONFIRM: confirm(name); break;
  case NFR_ACTION_DROP: empty(version); break;
  case NFR_ACTION_RELEASE:
    name->failures = 0;
    memset(&name->rejected, 0, sizeof name->rejected);
    break;
  case NFR_ACTION_REMOVE: name->length = 0; break;
  default: break; /* NONE, COMPLETE */
  }
}

int nfr_lifecycle_apply(const struct nfr_store *store, struct nfr_name *name, const struct nfr_change *change) {
  struct nfr_settings settings;
  enum nfr_place place = subject(name, change);
  struct nfr_version *version = &name->versions[place];
  unsigned event = change->event;
  bool is_strike = event == NFR_EVENT_STRIKE || event == NFR_EVENT_RESET_ABNORMAL;
  if (is_strike && version->strikes + 1u >= NFR_LIFECYCLE_STRIKES) event++; /* STRIKE_OUT, RESET_OUT */
  struct nfr_cell cell = nfr_lifecycle_table[version->state][event];
  if (cell.next == NFR_STATE_REFUSED) return NFR_ERR_STATE;
  if (cell.next == version->state && cell.action == NFR_ACTION_NONE) return NFR_OK;
  nfr_lifecycle_settings(store, &settings);
  int err = permit(store, name, version, cell.action, settings.epoch);
  if (err) return err;
  if (cell.next == NFR_STATE_RESTING) cell.next = place == NFR_PLACE_CONFIRMED ? NFR_STATE_CONFIRMED : NFR_STATE_SUPERSEDED;
  version->state = cell.next; /* an action that empties the place does so after */
  act(store, name, version, cell.action, change, settings.epoch);
  return NFR_STORE_MORE;
}

int nfr_lifecycle_commit(struct nfr_store *store, uint16_t slot, const struct nfr_name *name) {
  uint8_t content[NFR_RECORD_MAX_CONTENT];
  if (name->length == 0) return nfr_journal_free(store, slot);
  return nfr_journal_commit(store, slot, NFR_RECORD_NAME, content, nfr_name_encode(name, content));
}

int nfr_lifecycle_change(struct nfr_store *store, uint16_t slot, const struct nfr_change *change) {
  struct nfr_name name;
  int err = nfr_lifecycle_name(store, slot, &name);
  if (err) return err;
  err = nfr_lifecycle_apply(store, &name, change);
  return err == NFR_STORE_MORE ? nfr_lifecycle_commit(store, slot, &name) : err;
}

/* ---- events from outside ---- */

int nfr_lifecycle_event(struct nfr_store *store, uint16_t slot, enum nfr_event event, struct nfr_why why) {
  const uint32_t internal = 1u << NFR_EVENT_FETCH | 1u << NFR_EVENT_ATTACH | 1u << NFR_EVENT_STRIKE_OUT |
                            1u << NFR_EVENT_RESET_QUIET | 1u << NFR_EVENT_RESET_ABNORMAL | 1u << NFR_EVENT_RESET_OUT |
                            1u << NFR_EVENT_FIRMWARE | 1u << NFR_EVENT_DAMAGE;
  if ((unsigned)event >= NFR_EVENT_COUNT || (internal >> event & 1u) != 0 || why.place > NFR_PLACE_PREVIOUS) return NFR_ERR_ARGUMENT;
  if (event == NFR_EVENT_ROLL_BACK && why.reason == NFR_REASON_NONE) why.reason = NFR_REASON_OPERATOR;
  bool needs_reason = event == NFR_EVENT_FETCH_FAILED || event == NFR_EVENT_TEST_FAILED || event == NFR_EVENT_STRIKE;
  if (needs_reason && why.reason == NFR_REASON_NONE) return NFR_ERR_ARGUMENT;
  struct nfr_change change = {.event = (uint8_t)event, .why = why};
  return nfr_lifecycle_change(store, slot, &change);
}

int nfr_lifecycle_attach(struct nfr_store *store, uint16_t slot, unsigned kind, uint16_t blob) {
  struct nfr_name name;
  if (kind < 1 || kind > 5 || blob == NFR_STORE_NONE) return NFR_ERR_ARGUMENT;
  int err = nfr_lifecycle_name(store, slot, &name);
  if (err) return err;
  const struct nfr_version *candidate = &name.versions[NFR_PLACE_CANDIDATE];
  if (candidate->state == NFR_STATE_FETCHING && candidate->blobs[kind] == blob) return NFR_OK;
  const struct nfr_change change = {.event = NFR_EVENT_ATTACH, .kind = (uint8_t)kind, .blob = blob};
  return nfr_lifecycle_change(store, slot, &change);
}

int nfr_lifecycle_confirm_preview(const struct nfr_store *store, uint16_t slot, uint32_t *floor, bool *keeps_previous) {
  struct nfr_name name;
  int err = nfr_lifecycle_name(store, slot, &name);
  if (err) return err;
  const struct nfr_change change = {.event = NFR_EVENT_CONFIRM};
  err = nfr_lifecycle_apply(store, &name, &change);
  if (err < 0) return err;
  *floor = name.floor;
  *keeps_previous = name.versions[NFR_PLACE_PREVIOUS].state == NFR_STATE_SUPERSEDED;
  return NFR_OK;
}
