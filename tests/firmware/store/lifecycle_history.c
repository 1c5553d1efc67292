#include "lifecycle_history.h"

#include <stdio.h>
#include <string.h>

#include "lifecycle_words.h"

/* What the flash says of a name, read without the lifecycle. */
struct seen { bool exists; uint16_t slot; struct nfr_name name; };

struct world {
  struct ram_journal journal;
  struct reference reference;
  struct coverage *coverage;
  struct seen before[NAMES], after[NAMES];
  struct nfr_settings settings_before;
  bool has_passed[NAMES][VERSIONS]; /* a test or a check, since the firmware last changed */
  const char *wrong;
};

static char message[256];

static void complain(struct world *w, const char *what) {
  if (w->wrong == NULL) w->wrong = what;
}

/* ---- what is on flash ---- */

static void look(const struct world *w, struct seen seen[NAMES]) {
  memset(seen, 0, NAMES * sizeof *seen);
  for (uint16_t slot = 1; slot < RAM_SLOTS; slot++) {
    struct nfr_name name;
    if (w->journal.slots[slot].type != NFR_RECORD_NAME) continue;
    if (nfr_name_decode(w->journal.slots[slot].content, w->journal.slots[slot].length, NFR_STORE_VERSION, &name) != NFR_OK) continue;
    for (unsigned i = 0; i < NAMES; i++) {
      bool is_it = name.length == strlen(name_text[i]) && memcmp(name.text, name_text[i], name.length) == 0;
      if (is_it) seen[i] = (struct seen){.exists = true, .slot = slot, .name = name};
    }
  }
}

static int version_of(unsigned name, const struct nfr_version *version) {
  return version->state == NFR_STATE_NONE ? ABSENT : version->blobs[0] - manifest_slot(name, 0);
}

static bool blob_is_there(const struct world *w, uint16_t slot) {
  return slot == NFR_STORE_NONE || w->reference.blobs[slot] == NFR_BLOB_COMPLETE;
}

static bool version_is_whole(const struct world *w, const struct nfr_version *version) {
  bool is_whole = version->state != NFR_STATE_NONE;
  for (unsigned i = 0; i < 6; i++) is_whole &= blob_is_there(w, version->blobs[i]);
  return is_whole;
}

/* ---- invariants: of what is on flash, and of what led there; they know neither the table nor the reference ---- */

static void check_places(struct world *w, const struct nfr_name *name) {
  static const unsigned allowed[3] = {1u << NFR_STATE_NONE | 1u << NFR_STATE_CONFIRMED | 1u << NFR_STATE_REJECTED,
                                      0x1f /* none to trial */,
                                      1u << NFR_STATE_NONE | 1u << NFR_STATE_SUPERSEDED | 1u << NFR_STATE_REJECTED};
  for (unsigned place = 0; place < 3; place++) {
    if ((allowed[place] >> name->versions[place].state & 1u) == 0) complain(w, "a state in a place where it cannot stand");
  }
  if (name->versions[NFR_PLACE_CANDIDATE].strikes >= NFR_LIFECYCLE_STRIKES) complain(w, "a candidate lives on with three strikes");
}

static void check_serving(struct world *w, unsigned i) {
  const struct seen *seen = &w->after[i];
  int place = nfr_lifecycle_serving(&w->journal.store, seen->slot);
  if (place < 0) return;
  const struct nfr_version *version = &seen->name.versions[place];
  if (version->counter < seen->name.floor) complain(w, "what serves is below the floor");
  if (!version_is_whole(w, version)) complain(w, "what serves has lost a blob");
  if (!w->has_passed[i][version_of(i, version)]) complain(w, "what serves has not passed with this firmware");
  if (version->state != NFR_STATE_TRIAL && version->state != NFR_STATE_CONFIRMED && version->state != NFR_STATE_SUPERSEDED) complain(w, "what serves is in no state to");
  if (w->coverage != NULL && place == NFR_PLACE_PREVIOUS) w->coverage->fallbacks++;
}

static bool is_event(const struct op *op, unsigned name, enum nfr_event event) {
  return op->kind == OP_EVENT && op->name == name && op->event == event;
}

static void check_confirmed(struct world *w, unsigned i, const struct op *op) {
  const struct nfr_name *before = &w->before[i].name, *after = &w->after[i].name;
  int was = version_of(i, &before->versions[NFR_PLACE_CONFIRMED]), is = version_of(i, &after->versions[NFR_PLACE_CONFIRMED]);
  bool was_whole = version_is_whole(w, &before->versions[NFR_PLACE_CONFIRMED]);
  if (was == ABSENT || was == is || is_event(op, i, NFR_EVENT_REMOVE)) return;
  if (op->kind == OP_TEND && !was_whole) return;
  if (is_event(op, i, NFR_EVENT_ROLL_BACK) && is == version_of(i, &before->versions[NFR_PLACE_PREVIOUS]) && is != ABSENT) return;
  if (!is_event(op, i, NFR_EVENT_CONFIRM) || is != version_of(i, &before->versions[NFR_PLACE_CANDIDATE]) || is == ABSENT) {
    complain(w, "the confirmed version is lost");
    return;
  }
  bool was_good = before->versions[NFR_PLACE_CONFIRMED].state == NFR_STATE_CONFIRMED;
  bool is_kept = version_of(i, &after->versions[NFR_PLACE_PREVIOUS]) == was;
  if (was_good && !is_kept && before->versions[NFR_PLACE_CONFIRMED].counter >= after->floor) complain(w, "the confirmed version is not kept as previous");
}

static void check_candidate(struct world *w, unsigned i, const struct op *op) {
  const struct nfr_name *before = &w->before[i].name, *after = &w->after[i].name;
  const struct nfr_version *was = &before->versions[NFR_PLACE_CANDIDATE], *is = &after->versions[NFR_PLACE_CANDIDATE];
  if (is->state == NFR_STATE_TRIAL && was->state != NFR_STATE_TRIAL && !is_event(op, i, NFR_EVENT_TEST_PASSED)) complain(w, "on trial without a test");
  bool is_new = version_of(i, is) != ABSENT && version_of(i, is) != version_of(i, was);
  if (is_new && (op->kind != OP_FETCH || op->name != i)) complain(w, "a candidate from nowhere");
  if (is_new && before->failures >= NFR_LIFECYCLE_FAILURES) complain(w, "a fourth candidate after three failures");
  if (is_new && is->counter < before->floor) complain(w, "a candidate below the floor");
  bool is_gone = was->state != NFR_STATE_NONE && version_of(i, is) != version_of(i, was);
  bool is_let_go = is_event(op, i, NFR_EVENT_WITHDRAW) || is_event(op, i, NFR_EVENT_CONFIRM) || is_event(op, i, NFR_EVENT_REMOVE) || is_new;
  if (is_gone && !is_let_go && after->rejected.reason == NFR_REASON_NONE) complain(w, "a candidate was rejected without a reason");
  if (is_gone && is_event(op, i, NFR_EVENT_CONFIRM) && was->state != NFR_STATE_TRIAL) complain(w, "confirmed without a trial");
}

static void check_monotonic(struct world *w, const struct op *op) {
  struct nfr_settings now;
  nfr_lifecycle_settings(&w->journal.store, &now);
  const struct nfr_settings *was = &w->settings_before;
  if (now.key_list_version < was->key_list_version || now.generation < was->generation || now.known_time < was->known_time) complain(w, "a number that only grows has shrunk");
  for (unsigned i = 0; i < NAMES; i++) {
    bool is_removed = is_event(op, i, NFR_EVENT_REMOVE);
    if (!is_removed && w->after[i].name.floor < w->before[i].name.floor) complain(w, "the floor has sunk");
    bool is_confirm = is_event(op, i, NFR_EVENT_CONFIRM);
    if (!is_confirm && w->after[i].name.floor > w->before[i].name.floor) complain(w, "the floor has risen without a confirm");
  }
}

static void check_invariants(struct world *w, const struct op *op) {
  look(w, w->after);
  for (unsigned i = 0; i < NAMES; i++) {
    if (w->before[i].exists && !w->after[i].exists && !is_event(op, i, NFR_EVENT_REMOVE)) complain(w, "a name is lost");
    check_confirmed(w, i, op);
    check_candidate(w, i, op);
    if (!w->after[i].exists) continue;
    check_places(w, &w->after[i].name);
    check_serving(w, i);
  }
  check_monotonic(w, op);
}

/* ---- one step ---- */

static const uint8_t *firmware_id(int firmware) {
  static const uint8_t ids[FIRMWARES][16] = {{1}, {2}, {3}};
  return ids[firmware];
}

static void give_coverage(struct world *w, const struct op *op) {
  if (w->coverage == NULL) return;
  const struct nfr_name *name = &w->before[op->name].name;
  unsigned place = NFR_PLACE_CANDIDATE, event = op->event;
  if (op->kind != OP_EVENT || !w->before[op->name].exists) return;
  if (event == NFR_EVENT_CHECK_PASSED || event == NFR_EVENT_CHECK_FAILED) place = op->place;
  if (event == NFR_EVENT_ROLL_BACK && name->versions[place].state == NFR_STATE_NONE) place = NFR_PLACE_CONFIRMED;
  if (event == NFR_EVENT_STRIKE && name->versions[place].strikes + 1u >= NFR_LIFECYCLE_STRIKES) event = NFR_EVENT_STRIKE_OUT;
  w->coverage->cells[name->versions[place].state][event]++;
  w->coverage->strike_outs += event == NFR_EVENT_STRIKE_OUT && name->versions[place].state == NFR_STATE_TRIAL;
  w->coverage->confirms += event == NFR_EVENT_CONFIRM && name->versions[place].state == NFR_STATE_TRIAL;
}

/* What the lifecycle says to a step. */
static int call(struct world *w, const struct op *op) {
  struct nfr_store *store = &w->journal.store;
  const char *text = name_text[op->name];
  uint16_t slot = w->before[op->name].exists ? w->before[op->name].slot : 63;
  switch (op->kind) {
  case OP_FETCH: return nfr_lifecycle_fetch(store, text, strlen(text), version_counter[op->version], manifest_slot(op->name, op->version), &slot);
  case OP_ATTACH: {
    int candidate = version_of(op->name, &w->before[op->name].name.versions[NFR_PLACE_CANDIDATE]);
    uint16_t blob = op->section == 5 ? LABELS_SLOT : model_slot(op->name, candidate < 0 ? 0 : candidate);
    return nfr_lifecycle_attach(store, slot, op->section, blob);
  }
  case OP_EVENT: return nfr_lifecycle_event(store, slot, op->event, (struct nfr_why){.reason = op->reason, .place = op->place, .detail = op->detail});
  case OP_TEND: return nfr_lifecycle_tend(store);
  case OP_PLAN: return nfr_lifecycle_plan_restart(store);
  case OP_KEYS: return nfr_lifecycle_set_key_list(store, (uint16_t)(KEYS_SLOT + op->version % 2), op->value);
  case OP_GENERATION: return nfr_lifecycle_set_generation(store, op->value);
  case OP_TIME: return nfr_lifecycle_set_time(store, op->value);
  default: return NFR_OK;
  }
}

static void note_passes(struct world *w, const struct op *op) {
  const struct nfr_name *before = &w->before[op->name].name;
  unsigned place = op->event == NFR_EVENT_CHECK_PASSED ? op->place : NFR_PLACE_CANDIDATE;
  int version = version_of(op->name, &before->versions[place]);
  if (version == ABSENT) return;
  if (op->event == NFR_EVENT_TEST_PASSED || op->event == NFR_EVENT_CHECK_PASSED) w->has_passed[op->name][version] = true;
}

/* Runs `work` until it returns or the power goes: then INT32_MIN. */
static int powered(struct world *w, const struct op *op, unsigned cut, bool is_after, int (*work)(struct world *w, const struct op *op)) {
  static struct ram_journal *volatile journal;
  jmp_buf lost;
  ram_clear_commits(&w->journal);
  journal = &w->journal;
  w->journal.cut_at = cut;
  w->journal.cut_is_after = is_after;
  w->journal.power_lost = &lost;
  volatile int result = INT32_MIN;
  if (setjmp(lost) == 0) result = work(w, op);
  journal->power_lost = NULL;
  return result;
}

static int call_boot(struct world *w, const struct op *op) {
  return nfr_lifecycle_boot(&w->journal.store, op->cause, firmware_id(op->firmware));
}

static void boot(struct world *w, const struct op *op, unsigned cut, bool is_after) {
  bool may_write = op->firmware != w->reference.firmware || w->reference.is_planned;
  bool is_quiet = op->cause == NFR_RESET_DEEP_SLEEP || op->cause == NFR_RESET_POWER_ON || op->cause == NFR_RESET_PIN;
  for (unsigned i = 0; i < NAMES; i++) {
    unsigned state = w->before[i].name.versions[NFR_PLACE_CANDIDATE].state;
    bool is_current = w->before[i].name.versions[NFR_PLACE_CANDIDATE].epoch == w->settings_before.epoch;
    may_write |= state == NFR_STATE_TESTING || (state == NFR_STATE_TRIAL && (!is_quiet || !is_current));
  }
  int err = powered(w, op, cut, is_after, call_boot);
  bool is_cut = err == INT32_MIN;
  if (w->journal.attempts != 0 && !may_write) complain(w, "a boot wrote without need");
  if (!is_cut && err != NFR_OK) complain(w, "a boot failed");
  bool is_other = op->firmware != w->reference.firmware;
  if (is_other && w->journal.commits != 0) memset(w->has_passed, 0, sizeof w->has_passed); /* the settings come first */
  struct reference full = w->reference;
  unsigned all = reference_boot(&full, op->cause, op->firmware, UINT32_MAX);
  (void)reference_boot(&w->reference, op->cause, op->firmware, w->journal.commits);
  if (!is_cut && w->journal.commits != all) complain(w, "a boot wrote another number of records");
  if (w->coverage != NULL) w->coverage->resets++, w->coverage->cuts += is_cut;
}

static void put_blob(struct world *w, const struct op *op) {
  uint16_t slot = op->section == 5 ? LABELS_SLOT : op->section == 1 ? model_slot(op->name, op->version) : manifest_slot(op->name, op->version);
  if (op->state == 0) ram_free(&w->journal, slot);
  else ram_put_blob(&w->journal, slot, (uint8_t)slot, op->state);
  w->reference.blobs[slot] = op->state;
}

static void ordinary(struct world *w, const struct op *op) {
  struct reference after = w->reference;
  enum outcome outcome = reference_step(&after, op);
  int err = powered(w, op, op->cut, op->cut_is_after, call);
  bool is_cut = err == INT32_MIN;
  if (w->journal.attempts > 1) complain(w, "a step wrote more than one record");
  if (w->journal.attempts != (outcome == WRITES || outcome == WRITES_MORE)) complain(w, outcome == REFUSED ? "something was written that should be refused" : "a record too many or too few");
  int expected = outcome == WRITES_MORE ? NFR_STORE_MORE : NFR_OK;
  if (!is_cut && (outcome == REFUSED ? err >= 0 : err != expected)) {
    snprintf(message, sizeof message, "the step returned %d", err);
    complain(w, message);
  }
  if (w->journal.commits != 0) w->reference = after;
  if (w->coverage != NULL) w->coverage->cuts += is_cut;
  if (w->journal.commits != 0 && op->kind == OP_EVENT) note_passes(w, op);
}

static void settle(struct world *w, const struct op *op) {
  check_invariants(w, op);
  const char *difference = reference_compare(&w->reference, &w->journal);
  if (difference != NULL) complain(w, difference);
  memcpy(w->before, w->after, sizeof w->before);
  nfr_lifecycle_settings(&w->journal.store, &w->settings_before);
}

static bool step(struct world *w, const struct op *op) {
  ram_clear_commits(&w->journal);
  if (w->coverage != NULL) w->coverage->steps++;
  give_coverage(w, op);
  if (op->kind == OP_BLOB) put_blob(w, op);
  else if (op->kind == OP_RESET) boot(w, op, op->cut, op->cut_is_after);
  else ordinary(w, op);
  bool is_off = op->cut != 0 && w->journal.attempts >= op->cut;
  settle(w, op);
  if (is_off && w->wrong == NULL) { /* and the boot behind a cut may be cut too */
    struct op again = {.kind = OP_RESET, .cause = op->cause, .firmware = (uint8_t)w->reference.firmware};
    if (op->kind == OP_RESET) again.firmware = op->firmware, again.cause = NFR_RESET_POWER_ON;
    boot(w, &again, op->cut_again, op->cut_again_is_after);
    bool is_off_again = op->cut_again != 0 && w->journal.attempts >= op->cut_again;
    settle(w, &again);
    again.cause = NFR_RESET_POWER_ON;
    if (is_off_again) {
      boot(w, &again, 0, false);
      settle(w, &again);
    }
  }
  return w->wrong == NULL;
}

static void start(struct world *w, struct coverage *coverage) {
  static const struct op first = {.kind = OP_RESET, .cause = NFR_RESET_POWER_ON};
  memset(w, 0, sizeof *w);
  w->coverage = coverage;
  ram_format(&w->journal);
  reference_start(&w->reference);
  struct op blob = {.kind = OP_BLOB, .state = NFR_BLOB_COMPLETE};
  for (blob.name = 0; blob.name < NAMES; blob.name++) {
    for (blob.version = 0; blob.version < VERSIONS; blob.version++) {
      for (blob.section = 0; blob.section < 2; blob.section++) put_blob(w, &blob);
    }
  }
  blob.section = 5;
  put_blob(w, &blob);
  for (unsigned i = 0; i < 2; i++) {
    ram_put_blob(&w->journal, (uint16_t)(KEYS_SLOT + i), (uint8_t)(KEYS_SLOT + i), NFR_BLOB_COMPLETE);
    w->reference.blobs[KEYS_SLOT + i] = NFR_BLOB_COMPLETE;
  }
  nfr_lifecycle_settings(&w->journal.store, &w->settings_before);
  step(w, &first);
}

const char *history_run(const struct history *history, struct coverage *coverage) {
  static struct world world;
  start(&world, coverage);
  for (unsigned i = 0; i < history->count && world.wrong == NULL; i++) step(&world, &history->ops[i]);
  return world.wrong;
}

/* ---- making one up ---- */

static uint32_t draw(uint64_t *random, uint32_t below) {
  *random ^= *random << 13;
  *random ^= *random >> 7;
  *random ^= *random << 17;
  return (uint32_t)((*random >> 33) % below);
}

static const uint8_t public_events[] = {
    NFR_EVENT_FETCHED, NFR_EVENT_FETCH_FAILED, NFR_EVENT_TEST, NFR_EVENT_TEST_PASSED, NFR_EVENT_TEST_FAILED, NFR_EVENT_STRIKE,
    NFR_EVENT_CHECK_PASSED, NFR_EVENT_CHECK_FAILED, NFR_EVENT_CONFIRM, NFR_EVENT_ROLL_BACK, NFR_EVENT_WITHDRAW,
    NFR_EVENT_RELEASE, NFR_EVENT_REMOVE};

static struct op anything(const struct world *w, uint64_t *random) {
  static const uint8_t reasons[] = {NFR_REASON_SELF_TEST, NFR_REASON_NO_SPACE, NFR_REASON_DIGEST, NFR_REASON_DEADLINE, NFR_REASON_HEALTH, NFR_REASON_OPERATOR};
  struct op op = {.kind = (uint8_t)draw(random, OP_KINDS), .version = (uint8_t)draw(random, VERSIONS)};
  op.name = (uint8_t)(draw(random, 5) < 3 ? 0 : draw(random, NAMES)); /* one gets far */
  op.event = public_events[draw(random, sizeof public_events)];
  op.reason = reasons[draw(random, sizeof reasons)];
  op.place = (uint8_t)draw(random, 3);
  op.section = (uint8_t)(draw(random, 3) == 0 ? 5 : 1);
  op.cause = (uint8_t)draw(random, NFR_RESET_DEEP_SLEEP + 1);
  op.firmware = (uint8_t)(draw(random, 6) == 0 ? (int)draw(random, FIRMWARES) : w->reference.firmware);
  op.detail = (uint16_t)draw(random, 1u << 16);
  op.value = op.kind == OP_TIME ? draw(random, 12) * 34560 : draw(random, 10);
  if (op.kind == OP_BLOB) {
    static const uint8_t sections[] = {0, 1, 1, 5}, states[] = {0, NFR_BLOB_DAMAGED, NFR_BLOB_COMPLETE, NFR_BLOB_COMPLETE, NFR_BLOB_COMPLETE};
    op.section = sections[draw(random, sizeof sections)];
    op.state = states[draw(random, sizeof states)];
  }
  if (op.kind == OP_EVENT && op.event == NFR_EVENT_REMOVE && draw(random, 3) != 0) op.event = NFR_EVENT_RELEASE;
  return op;
}

/* Flash under a version that could serve breaks, or somebody notices. */
static struct op trouble(const struct world *w, uint64_t *random) {
  static const uint8_t states[] = {0, NFR_BLOB_DAMAGED, NFR_BLOB_COMPLETE};
  struct op op = anything(w, random);
  const struct ref_name *name = &w->reference.names[op.name];
  const struct held *held = draw(random, 2) ? &name->confirmed : &name->previous;
  op.kind = held->version == ABSENT || draw(random, 3) == 0 ? OP_TEND : OP_BLOB;
  if (held->version != ABSENT) op.version = (uint8_t)held->version;
  op.section = draw(random, 4) ? 1 : 0;
  op.state = states[draw(random, sizeof states)];
  return op;
}

/* The next step on a candidate's way, so that histories get far. */
static struct op sensible(const struct world *w, uint64_t *random) {
  struct op op = anything(w, random);
  const struct ref_name *name = &w->reference.names[op.name];
  op.kind = OP_EVENT;
  if (name->candidate.version == ABSENT) {
    static const uint8_t resting[] = {NFR_EVENT_CHECK_PASSED, NFR_EVENT_CHECK_FAILED, NFR_EVENT_ROLL_BACK};
    op.kind = name->slot != ABSENT && draw(random, 5) < 2 ? OP_EVENT : OP_FETCH;
    op.event = resting[draw(random, sizeof resting)];
    op.place = draw(random, 2) ? NFR_PLACE_CONFIRMED : NFR_PLACE_PREVIOUS;
    if (name->failures >= 3 && draw(random, 2)) op.kind = OP_EVENT, op.event = NFR_EVENT_RELEASE;
    return op;
  }
  switch (name->candidate.phase) {
  case PHASE_FETCHING:
    op.section = 1;
    if (!name->candidate.has_model) op.kind = OP_ATTACH;
    else op.event = NFR_EVENT_FETCHED;
    break;
  case PHASE_STAGED: op.event = NFR_EVENT_TEST; break;
  case PHASE_TESTING:
    op.event = draw(random, 4) ? NFR_EVENT_TEST_PASSED : draw(random, 2) ? NFR_EVENT_STRIKE : NFR_EVENT_TEST_FAILED;
    if (draw(random, 3) == 0) op.kind = OP_RESET, op.firmware = (uint8_t)w->reference.firmware;
    break;
  default:
    op.event = draw(random, 3) ? NFR_EVENT_CONFIRM : NFR_EVENT_STRIKE;
    if (draw(random, 4) == 0) op.kind = OP_RESET;
  }
  return op;
}

const char *history_make(uint64_t seed, struct history *history, struct coverage *coverage) {
  static struct world world;
  uint64_t random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
  start(&world, coverage);
  history->count = 0;
  while (history->count < HISTORY_STEPS && world.wrong == NULL) {
    struct op op = draw(&random, 10) == 0 ? trouble(&world, &random) : draw(&random, 3) ? sensible(&world, &random) : anything(&world, &random);
    if (draw(&random, 6) == 0) {
      op.cut = (uint8_t)(1 + draw(&random, 3));
      op.cut_is_after = (uint8_t)draw(&random, 2);
      op.cut_again = (uint8_t)draw(&random, 3);
      op.cut_again_is_after = (uint8_t)draw(&random, 2);
    }
    history->ops[history->count++] = op;
    step(&world, &op);
  }
  return world.wrong;
}

/* ---- shrinking and printing ---- */

static bool fails_without(const struct history *history, unsigned from, unsigned count, struct history *shorter) {
  *shorter = *history;
  memmove(shorter->ops + from, shorter->ops + from + count, (history->count - from - count) * sizeof *shorter->ops);
  shorter->count -= count;
  return history_run(shorter, NULL) != NULL;
}

void history_shrink(struct history *history) {
  struct history attempt;
  for (unsigned part = history->count / 2; part >= 1; part /= 2) {
    for (unsigned from = 0; from + part <= history->count;) {
      if (fails_without(history, from, part, &attempt)) *history = attempt;
      else from++;
    }
  }
  for (unsigned i = 0; i < history->count; i++) { /* without cuts, where they do not matter */
    attempt = *history;
    attempt.ops[i].cut_again = 0;
    if (history_run(&attempt, NULL) != NULL) *history = attempt;
    attempt.ops[i].cut = 0;
    if (history_run(&attempt, NULL) != NULL) *history = attempt;
  }
}

static void print_event(const struct op *op) {
  char word[24];
  snprintf(word, sizeof word, "%s", event_words[op->event]);
  for (char *c = word; *c != 0; c++) *c = *c == ' ' ? '_' : (char)(*c - 'a' + 'A');
  fprintf(stderr, "event(store, \"%s\", NFR_EVENT_%s, (struct nfr_why){.reason = %u, .place = %u, .detail = %u});", name_text[op->name], word,
          op->reason, op->place, op->detail);
}

static void print_cut(unsigned cut, bool is_after, const char *where) {
  if (cut != 0) fprintf(stderr, " // power lost %s record %u%s", is_after ? "after" : "before", cut, where);
}

void history_print(const struct history *history) {
  for (unsigned i = 0; i < history->count; i++) {
    const struct op *op = &history->ops[i];
    const char *name = name_text[op->name];
    fprintf(stderr, "  ");
    switch (op->kind) {
    case OP_FETCH: fprintf(stderr, "fetch(store, \"%s\", version %u, counter %u);", name, op->version, (unsigned)version_counter[op->version]); break;
    case OP_ATTACH: fprintf(stderr, "attach(store, \"%s\", %u);", name, op->section); break;
    case OP_EVENT: print_event(op); break;
    case OP_TEND: fprintf(stderr, "tend(store);"); break;
    case OP_PLAN: fprintf(stderr, "plan_restart(store);"); break;
    case OP_RESET: fprintf(stderr, "boot(store, cause %u, firmware %u);", op->cause, op->firmware); break;
    case OP_KEYS: fprintf(stderr, "set_key_list(store, %u, version %u);", KEYS_SLOT + op->version % 2, (unsigned)op->value); break;
    case OP_GENERATION: fprintf(stderr, "set_generation(store, %u);", (unsigned)op->value); break;
    case OP_TIME: fprintf(stderr, "set_time(store, %u);", (unsigned)op->value); break;
    default: fprintf(stderr, "blob(\"%s\", version %u, section %u, state %u);", name, op->version, op->section, op->state);
    }
    print_cut(op->cut, op->cut_is_after, "");
    if (op->cut != 0) print_cut(op->cut_again, op->cut_again_is_after, " of the boot behind it");
    if (op->cut != 0 && op->kind != OP_RESET) fprintf(stderr, "; then cause %u", op->cause);
    fprintf(stderr, "\n");
  }
}
