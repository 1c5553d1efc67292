/* The lifecycle on a journal in RAM: installs, strikes, resets, firmware changes, damage, refusals, hostile records. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lifecycle_words.h"
#include "ram_journal.h"

#define OK(call) assert_int_equal((call), NFR_OK)
#define FAILS(error, call) assert_int_equal((call), error)

static const uint8_t firmware_a[16] = "firmware a", firmware_b[16] = "firmware b";

enum { KWS = 3, NONE = -1 };

struct fixture { struct ram_journal journal; struct nfr_store *store; uint16_t slot; };

static int set_up(void **state) {
  struct fixture *f = calloc(1, sizeof *f);
  ram_format(&f->journal);
  f->store = &f->journal.store;
  OK(nfr_lifecycle_boot(f->store, NFR_RESET_POWER_ON, firmware_a));
  ram_clear_commits(&f->journal);
  *state = f;
  return 0;
}

static int tear_down(void **state) {
  free(*state);
  return 0;
}

static struct nfr_why why(enum nfr_reason reason, unsigned detail) {
  return (struct nfr_why){.reason = (uint8_t)reason, .detail = (uint16_t)detail};
}

static int event(struct fixture *f, enum nfr_event what) {
  return nfr_lifecycle_event(f->store, f->slot, what, why(NFR_REASON_NONE, 0));
}

/* Version n has its manifest in slot 10 + n and its model in 20 + n. */
static int fetch(struct fixture *f, unsigned n, uint32_t counter) {
  uint16_t manifest = (uint16_t)(10 + n), model = (uint16_t)(20 + n);
  ram_put_blob(&f->journal, manifest, (uint8_t)manifest, NFR_BLOB_COMPLETE);
  int err = nfr_lifecycle_fetch(f->store, "kws", KWS, counter, manifest, &f->slot);
  if (err) return err;
  ram_put_blob(&f->journal, model, (uint8_t)model, NFR_BLOB_COMPLETE);
  return nfr_lifecycle_attach(f->store, f->slot, 1, model);
}

static void to_testing(struct fixture *f, unsigned n, uint32_t counter) {
  OK(fetch(f, n, counter));
  OK(event(f, NFR_EVENT_FETCHED));
  OK(event(f, NFR_EVENT_TEST));
}

static void to_trial(struct fixture *f, unsigned n, uint32_t counter) {
  to_testing(f, n, counter);
  OK(event(f, NFR_EVENT_TEST_PASSED));
}

static void install(struct fixture *f, unsigned n, uint32_t counter) {
  to_trial(f, n, counter);
  OK(event(f, NFR_EVENT_CONFIRM));
}

static struct nfr_name name_of(struct fixture *f) {
  struct nfr_name name;
  OK(nfr_lifecycle_name(f->store, f->slot, &name));
  return name;
}

/* Which version stands in a place: n of fetch, NONE. */
static int in(struct fixture *f, enum nfr_place place) {
  struct nfr_name name = name_of(f);
  return name.versions[place].state == NFR_STATE_NONE ? NONE : name.versions[place].blobs[0] - 10;
}

static int serving(struct fixture *f) {
  int place = nfr_lifecycle_serving(f->store, f->slot);
  return place < 0 ? NONE : in(f, (enum nfr_place)place);
}

#define STANDS(f, c, d, p) do { \
    assert_int_equal(in(f, NFR_PLACE_CONFIRMED), c); \
    assert_int_equal(in(f, NFR_PLACE_CANDIDATE), d); \
    assert_int_equal(in(f, NFR_PLACE_PREVIOUS), p); \
  } while (0)

static void boot(struct fixture *f, enum nfr_reset cause, const uint8_t *firmware, unsigned commits) {
  ram_clear_commits(&f->journal);
  OK(nfr_lifecycle_boot(f->store, cause, firmware));
  assert_int_equal(f->journal.commits, commits);
}

/* ---- the way of a version ---- */

static void test_install_and_replace(void **state) {
  struct fixture *f = *state;
  uint16_t slot;
  assert_int_equal(nfr_lifecycle_find(f->store, "kws", KWS, &slot), NFR_ERR_NOT_FOUND);
  OK(fetch(f, 0, 1));
  STANDS(f, NONE, 0, NONE);
  assert_int_equal(serving(f), NONE);
  OK(event(f, NFR_EVENT_FETCHED));
  OK(event(f, NFR_EVENT_TEST));
  OK(event(f, NFR_EVENT_TEST_PASSED));
  assert_int_equal(serving(f), 0);
  assert_int_equal(name_of(f).floor, 0);
  OK(event(f, NFR_EVENT_CONFIRM));
  STANDS(f, 0, NONE, NONE);
  assert_int_equal(name_of(f).floor, 1);
  to_trial(f, 1, 1);
  assert_int_equal(serving(f), 1);
  OK(event(f, NFR_EVENT_CONFIRM));
  STANDS(f, 1, NONE, 0);
  install(f, 2, 1);
  STANDS(f, 2, NONE, 1);
  assert_int_equal(name_of(f).versions[NFR_PLACE_PREVIOUS].state, NFR_STATE_SUPERSEDED);
  OK(nfr_lifecycle_find(f->store, "kws", KWS, &slot));
  assert_int_equal(slot, f->slot);
}

static void test_every_change_is_one_record(void **state) {
  struct fixture *f = *state;
  OK(fetch(f, 0, 1));
  const enum nfr_event events[] = {NFR_EVENT_FETCHED, NFR_EVENT_TEST, NFR_EVENT_TEST_PASSED, NFR_EVENT_CONFIRM, NFR_EVENT_REMOVE};
  for (unsigned i = 0; i < sizeof events / sizeof *events; i++) {
    ram_clear_commits(&f->journal);
    OK(event(f, events[i]));
    assert_int_equal(f->journal.attempts, 1);
  }
}

static void test_what_is_there_is_not_written_again(void **state) {
  struct fixture *f = *state;
  uint16_t slot;
  OK(fetch(f, 0, 1));
  ram_clear_commits(&f->journal);
  OK(fetch(f, 0, 1));
  OK(nfr_lifecycle_set_generation(f->store, 0));
  OK(nfr_lifecycle_set_time(f->store, 0));
  assert_int_equal(f->journal.attempts, 0);
  OK(event(f, NFR_EVENT_WITHDRAW));
  ram_clear_commits(&f->journal);
  OK(event(f, NFR_EVENT_WITHDRAW));
  assert_int_equal(f->journal.attempts, 0);
  FAILS(NFR_ERR_NOT_FOUND, nfr_lifecycle_fetch(f->store, "kws", KWS, 1, 50, &slot));
}

static void test_roll_back(void **state) {
  struct fixture *f = *state;
  install(f, 0, 1);
  FAILS(NFR_ERR_STATE, event(f, NFR_EVENT_ROLL_BACK));
  install(f, 1, 1);
  to_trial(f, 2, 1);
  OK(event(f, NFR_EVENT_ROLL_BACK));
  STANDS(f, 1, NONE, 0);
  assert_int_equal(name_of(f).rejected.reason, NFR_REASON_OPERATOR);
  assert_int_equal(name_of(f).rejected.digest[31], 12);
  assert_int_equal(name_of(f).failures, 0);
  OK(event(f, NFR_EVENT_ROLL_BACK));
  STANDS(f, 0, NONE, NONE);
  assert_int_equal(serving(f), 0);
  assert_int_equal(name_of(f).rejected.digest[31], 11);
  FAILS(NFR_ERR_STATE, event(f, NFR_EVENT_ROLL_BACK));
  FAILS(NFR_ERR_STATE, fetch(f, 1, 1));
}

static void test_the_floor_releases_previous(void **state) {
  struct fixture *f = *state;
  uint32_t floor = 0;
  bool keeps = false;
  install(f, 0, 1);
  to_trial(f, 1, 2);
  OK(nfr_lifecycle_confirm_preview(f->store, f->slot, &floor, &keeps));
  assert_int_equal(floor, 2);
  assert_false(keeps);
  STANDS(f, 0, 1, NONE);
  OK(event(f, NFR_EVENT_CONFIRM));
  STANDS(f, 1, NONE, NONE);
  FAILS(NFR_ERR_ROLLBACK, fetch(f, 2, 1));
  to_trial(f, 2, 2);
  OK(nfr_lifecycle_confirm_preview(f->store, f->slot, &floor, &keeps));
  assert_true(keeps);
  FAILS(NFR_ERR_STATE, nfr_lifecycle_event(f->store, f->slot, NFR_EVENT_TEST_FAILED, why(NFR_REASON_SELF_TEST, 0)));
  OK(event(f, NFR_EVENT_CONFIRM));
  FAILS(NFR_ERR_STATE, nfr_lifecycle_confirm_preview(f->store, f->slot, &floor, &keeps));
}

static void test_remove(void **state) {
  struct fixture *f = *state;
  install(f, 0, 1);
  to_trial(f, 1, 2);
  uint16_t slot = f->slot;
  OK(event(f, NFR_EVENT_REMOVE));
  assert_int_equal(f->journal.slots[slot].type, 0);
  assert_int_equal(f->journal.slots[slot].length, 4);
  assert_memory_equal(f->journal.slots[slot].content, "\x34\x12\0\0", 4); /* the frontier in force */
  FAILS(NFR_ERR_NOT_FOUND, event(f, NFR_EVENT_CONFIRM));
  FAILS(NFR_ERR_NOT_FOUND, nfr_lifecycle_serving(f->store, slot));
}

static void test_missing_blobs(void **state) {
  struct fixture *f = *state;
  OK(fetch(f, 0, 1));
  ram_put_blob(&f->journal, 20, 20, NFR_BLOB_WRITING);
  FAILS(NFR_ERR_NOT_FOUND, event(f, NFR_EVENT_FETCHED));
  ram_put_blob(&f->journal, 20, 20, NFR_BLOB_COMPLETE);
  OK(event(f, NFR_EVENT_FETCHED));
  ram_free(&f->journal, 10);
  FAILS(NFR_ERR_NOT_FOUND, event(f, NFR_EVENT_TEST));
  ram_put_blob(&f->journal, 10, 10, NFR_BLOB_COMPLETE);
  OK(event(f, NFR_EVENT_TEST));
  OK(event(f, NFR_EVENT_TEST_PASSED));
  ram_put_blob(&f->journal, 20, 20, NFR_BLOB_DAMAGED);
  FAILS(NFR_ERR_NOT_FOUND, event(f, NFR_EVENT_CONFIRM));
  assert_int_equal(serving(f), NONE);
}

/* ---- strikes and resets ---- */

static void test_three_strikes(void **state) {
  struct fixture *f = *state;
  install(f, 0, 1);
  to_trial(f, 1, 1);
  OK(nfr_lifecycle_event(f->store, f->slot, NFR_EVENT_STRIKE, why(NFR_REASON_DEADLINE, 0)));
  boot(f, NFR_RESET_WATCHDOG, firmware_a, 1);
  assert_int_equal(name_of(f).versions[NFR_PLACE_CANDIDATE].strikes, 2);
  assert_int_equal(name_of(f).versions[NFR_PLACE_CANDIDATE].reason, NFR_REASON_WATCHDOG);
  assert_int_equal(serving(f), 1);
  OK(nfr_lifecycle_event(f->store, f->slot, NFR_EVENT_STRIKE, why(NFR_REASON_HEALTH, 4)));
  STANDS(f, 0, NONE, NONE);
  assert_int_equal(serving(f), 0);
  struct nfr_name name = name_of(f);
  assert_int_equal(name.rejected.reason, NFR_REASON_HEALTH);
  assert_int_equal(name.rejected.detail, 4);
  assert_int_equal(name.rejected.digest[0], 11);
  assert_int_equal(name.failures, 1);
  FAILS(NFR_ERR_STATE, nfr_lifecycle_event(f->store, f->slot, NFR_EVENT_STRIKE, why(NFR_REASON_HEALTH, 4)));
}

/* Strikes of each cause in TRIAL: 1 or none; and what is written. */
static void test_causes(void **state) {
  static const struct { enum nfr_reset cause; bool is_planned; unsigned strikes, commits; uint8_t reason; } cases[] = {
      {NFR_RESET_UNKNOWN, false, 1, 1, NFR_REASON_RESET}, {NFR_RESET_SOFTWARE, false, 1, 1, NFR_REASON_RESET},
      {NFR_RESET_WATCHDOG, false, 1, 1, NFR_REASON_WATCHDOG}, {NFR_RESET_PANIC, false, 1, 1, NFR_REASON_PANIC},
      {NFR_RESET_BROWN_OUT, false, 1, 1, NFR_REASON_BROWN_OUT}, {NFR_RESET_POWER_ON, false, 0, 0, 0},
      {NFR_RESET_PIN, false, 0, 0, 0}, {NFR_RESET_DEEP_SLEEP, false, 0, 0, 0},
      {NFR_RESET_SOFTWARE, true, 0, 1, 0}, {NFR_RESET_UNKNOWN, true, 0, 1, 0}, {NFR_RESET_POWER_ON, true, 0, 1, 0},
      {NFR_RESET_WATCHDOG, true, 1, 2, NFR_REASON_WATCHDOG}, {NFR_RESET_PANIC, true, 1, 2, NFR_REASON_PANIC},
      {(enum nfr_reset)99, false, 1, 1, NFR_REASON_RESET}};
  struct fixture *f = *state;
  struct nfr_settings settings;
  for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
    ram_format(&f->journal);
    OK(nfr_lifecycle_boot(f->store, NFR_RESET_POWER_ON, firmware_a));
    to_trial(f, 0, 1);
    if (cases[i].is_planned) OK(nfr_lifecycle_plan_restart(f->store));
    boot(f, cases[i].cause, firmware_a, cases[i].commits);
    assert_int_equal(name_of(f).versions[NFR_PLACE_CANDIDATE].state, NFR_STATE_TRIAL);
    assert_int_equal(name_of(f).versions[NFR_PLACE_CANDIDATE].strikes, cases[i].strikes);
    assert_int_equal(name_of(f).versions[NFR_PLACE_CANDIDATE].reason, cases[i].reason);
    nfr_lifecycle_settings(f->store, &settings);
    assert_false(settings.restart_is_planned);
    boot(f, NFR_RESET_SOFTWARE, firmware_a, 1); /* a plan excuses one reset */
    assert_int_equal(name_of(f).versions[NFR_PLACE_CANDIDATE].strikes, cases[i].strikes + 1);
  }
}

static void test_interrupted_tests(void **state) {
  struct fixture *f = *state;
  to_testing(f, 0, 1);
  for (unsigned i = 0; i < 5; i++) {
    boot(f, NFR_RESET_POWER_ON, firmware_a, 1);
    assert_int_equal(name_of(f).versions[NFR_PLACE_CANDIDATE].state, NFR_STATE_STAGED);
    OK(event(f, NFR_EVENT_TEST));
  }
  assert_int_equal(name_of(f).versions[NFR_PLACE_CANDIDATE].attempts, 6);
  boot(f, NFR_RESET_PANIC, firmware_a, 1);
  OK(event(f, NFR_EVENT_TEST));
  boot(f, NFR_RESET_PANIC, firmware_a, 1);
  assert_int_equal(name_of(f).versions[NFR_PLACE_CANDIDATE].state, NFR_STATE_STAGED);
  boot(f, NFR_RESET_PANIC, firmware_a, 0); /* staged: it was somebody else */
  OK(event(f, NFR_EVENT_TEST));
  boot(f, NFR_RESET_PANIC, firmware_a, 1);
  STANDS(f, NONE, NONE, NONE);
  assert_int_equal(name_of(f).rejected.reason, NFR_REASON_PANIC);
}

static void test_nothing_is_written_without_need(void **state) {
  struct fixture *f = *state;
  install(f, 0, 1);
  ram_clear_commits(&f->journal);
  OK(nfr_lifecycle_plan_restart(f->store));
  assert_int_equal(f->journal.attempts, 0);
  for (unsigned cause = 0; cause <= NFR_RESET_DEEP_SLEEP; cause++) boot(f, (enum nfr_reset)cause, firmware_a, 0);
  to_trial(f, 1, 1);
  ram_clear_commits(&f->journal);
  OK(nfr_lifecycle_plan_restart(f->store));
  OK(nfr_lifecycle_plan_restart(f->store));
  assert_int_equal(f->journal.attempts, 1);
}

/* ---- loops ---- */

static void test_a_loop_of_failures_ends(void **state) {
  struct fixture *f = *state;
  enum nfr_reason reason;
  uint8_t digest[32];
  memset(digest, 15, sizeof digest);
  install(f, 0, 1);
  for (unsigned n = 1; n <= 3; n++) {
    OK(nfr_lifecycle_may_fetch(f->store, "kws", KWS, digest, 1, &reason));
    to_testing(f, n, 1);
    OK(nfr_lifecycle_event(f->store, f->slot, NFR_EVENT_TEST_FAILED, why(NFR_REASON_SELF_TEST, nfr_detail_of_test(3, 5))));
  }
  FAILS(NFR_ERR_STATE, fetch(f, 5, 1));
  FAILS(NFR_ERR_STATE, nfr_lifecycle_may_fetch(f->store, "kws", KWS, digest, 1, &reason));
  assert_int_equal(reason, NFR_REASON_TOO_MANY_FAILURES);
  assert_int_equal(serving(f), 0);
  OK(event(f, NFR_EVENT_RELEASE));
  install(f, 3, 1);
  assert_int_equal(name_of(f).failures, 0);
}

/* Chance says nothing of a version: it closes no name, bars no digest, and is counted as long as the same version meets it. */
static void test_chance_closes_no_name(void **state) {
  static const uint8_t chances[] = {NFR_REASON_NO_SPACE, NFR_REASON_DIGEST, NFR_REASON_DAMAGED, NFR_REASON_MISSING, NFR_REASON_DIGEST};
  struct fixture *f = *state;
  install(f, 0, 1);
  for (unsigned n = 0; n < sizeof chances; n++) {
    OK(fetch(f, 1, 1));
    OK(nfr_lifecycle_event(f->store, f->slot, NFR_EVENT_FETCH_FAILED, why(chances[n], 77)));
    assert_int_equal(name_of(f).failures, 0);
    assert_int_equal(name_of(f).rejected.reason, chances[n]);
    assert_int_equal(name_of(f).rejected.detail, n + 1);
  }
  OK(fetch(f, 2, 1));
  OK(nfr_lifecycle_event(f->store, f->slot, NFR_EVENT_FETCH_FAILED, why(NFR_REASON_DIGEST, 0)));
  assert_int_equal(name_of(f).rejected.detail, 1); /* another version */
  install(f, 1, 1);
  assert_int_equal(name_of(f).rejected.reason, NFR_REASON_NONE); /* it could be had after all */
}

static void test_counted_chances_do_not_overflow(void **state) {
  struct fixture *f = *state;
  install(f, 0, 1);
  for (unsigned n = 0; n < 65540; n++) {
    OK(fetch(f, 1, 1));
    OK(nfr_lifecycle_event(f->store, f->slot, NFR_EVENT_FETCH_FAILED, why(NFR_REASON_DIGEST, 0)));
  }
  assert_int_equal(name_of(f).rejected.detail, UINT16_MAX);
}

static void test_a_reason_that_is_not_known_is_no_chance(void **state) {
  struct fixture *f = *state;
  install(f, 0, 1);
  OK(fetch(f, 1, 1));
  OK(nfr_lifecycle_event(f->store, f->slot, NFR_EVENT_FETCH_FAILED, why(128 + NFR_REASON_DIGEST, 5)));
  assert_int_equal(name_of(f).failures, 1);
  assert_int_equal(name_of(f).rejected.detail, 5);
  FAILS(NFR_ERR_STATE, fetch(f, 1, 1));
}

static void test_who_may_be_fetched(void **state) {
  struct fixture *f = *state;
  enum nfr_reason reason;
  uint8_t digest[32];
  memset(digest, 10, sizeof digest);
  OK(nfr_lifecycle_may_fetch(f->store, "new", 3, digest, 0, &reason));
  install(f, 0, 4);
  FAILS(NFR_ERR_STATE, nfr_lifecycle_may_fetch(f->store, "kws", KWS, digest, 4, &reason));
  assert_int_equal(reason, NFR_REASON_ALREADY_HERE);
  digest[31]++;
  OK(nfr_lifecycle_may_fetch(f->store, "kws", KWS, digest, 4, &reason));
  FAILS(NFR_ERR_ROLLBACK, nfr_lifecycle_may_fetch(f->store, "kws", KWS, digest, 3, &reason));
  assert_int_equal(reason, NFR_REASON_ROLLBACK);
  OK(fetch(f, 1, 4));
  OK(nfr_lifecycle_event(f->store, f->slot, NFR_EVENT_FETCH_FAILED, why(NFR_REASON_GATE, 0)));
  memset(digest, 11, sizeof digest);
  FAILS(NFR_ERR_STATE, nfr_lifecycle_may_fetch(f->store, "kws", KWS, digest, 4, &reason));
  assert_int_equal(reason, NFR_REASON_ALREADY_REJECTED);
  digest[31]++; /* alike to its last byte */
  OK(nfr_lifecycle_may_fetch(f->store, "kws", KWS, digest, 4, &reason));
  OK(event(f, NFR_EVENT_RELEASE));
  OK(fetch(f, 1, 4));
  OK(nfr_lifecycle_event(f->store, f->slot, NFR_EVENT_FETCH_FAILED, why(NFR_REASON_NO_SPACE, 0)));
  OK(nfr_lifecycle_may_fetch(f->store, "kws", KWS, digest, 4, &reason));
  OK(fetch(f, 1, 4));
  OK(nfr_lifecycle_event(f->store, f->slot, NFR_EVENT_FETCH_FAILED, why(NFR_REASON_DIGEST, 0)));
  OK(fetch(f, 1, 4)); /* wrong bytes came once: the next source may have the right ones */
}

static void test_names_are_compared_as_wholes(void **state) {
  struct fixture *f = *state;
  uint16_t a, b, slot = 0;
  char longest[65];
  memset(longest, 'x', sizeof longest);
  ram_put_blob(&f->journal, 10, 10, NFR_BLOB_COMPLETE);
  OK(nfr_lifecycle_fetch(f->store, "house/kws", 9, 1, 10, &a));
  OK(nfr_lifecycle_fetch(f->store, "house/kwt", 9, 1, 10, &b));
  assert_int_not_equal(a, b);
  OK(nfr_lifecycle_find(f->store, "house/kwt", 9, &slot));
  assert_int_equal(slot, b);
  FAILS(NFR_ERR_NOT_FOUND, nfr_lifecycle_find(f->store, "house/kw", 8, &slot));
  FAILS(NFR_ERR_ARGUMENT, nfr_lifecycle_find(f->store, "", 0, &slot));
  FAILS(NFR_ERR_ARGUMENT, nfr_lifecycle_fetch(f->store, longest, 65, 1, 10, &slot));
  OK(nfr_lifecycle_fetch(f->store, longest, 64, 1, 10, &slot));
  struct nfr_name name;
  unsigned count = 0;
  slot = 0;
  while (nfr_lifecycle_next(f->store, &slot, &name) == NFR_OK) count++;
  assert_int_equal(count, 3);
}

/* ---- firmware and damage ---- */

static void test_a_new_firmware_checks_everything(void **state) {
  struct fixture *f = *state;
  uint16_t slot;
  enum nfr_place place;
  install(f, 0, 1);
  install(f, 1, 1);
  to_trial(f, 2, 1);
  FAILS(NFR_ERR_NOT_FOUND, nfr_lifecycle_unchecked(f->store, &slot, &place));
  boot(f, NFR_RESET_SOFTWARE, firmware_b, 2);
  assert_int_equal(serving(f), NONE);
  assert_int_equal(name_of(f).versions[NFR_PLACE_CANDIDATE].state, NFR_STATE_STAGED);
  assert_int_equal(name_of(f).versions[NFR_PLACE_CANDIDATE].strikes, 0);
  FAILS(NFR_ERR_STATE, nfr_lifecycle_event(f->store, f->slot, NFR_EVENT_CHECK_PASSED, (struct nfr_why){.place = NFR_PLACE_CANDIDATE}));
  OK(nfr_lifecycle_unchecked(f->store, &slot, &place));
  assert_int_equal(place, NFR_PLACE_CONFIRMED);
  OK(nfr_lifecycle_event(f->store, slot, NFR_EVENT_CHECK_FAILED, (struct nfr_why){.place = NFR_PLACE_CONFIRMED}));
  assert_int_equal(name_of(f).versions[NFR_PLACE_CONFIRMED].reason, NFR_REASON_ABI);
  assert_int_equal(serving(f), NONE);
  OK(nfr_lifecycle_unchecked(f->store, &slot, &place));
  assert_int_equal(place, NFR_PLACE_PREVIOUS);
  OK(nfr_lifecycle_event(f->store, slot, NFR_EVENT_CHECK_PASSED, (struct nfr_why){.place = NFR_PLACE_PREVIOUS}));
  assert_int_equal(serving(f), 0);
  FAILS(NFR_ERR_NOT_FOUND, nfr_lifecycle_unchecked(f->store, &slot, &place));
  /* back to the old firmware: what it could run is revived */
  boot(f, NFR_RESET_SOFTWARE, firmware_a, 1);
  OK(nfr_lifecycle_unchecked(f->store, &slot, &place));
  OK(nfr_lifecycle_event(f->store, slot, NFR_EVENT_CHECK_PASSED, (struct nfr_why){.place = (uint8_t)place}));
  assert_int_equal(name_of(f).versions[NFR_PLACE_CONFIRMED].state, NFR_STATE_CONFIRMED);
  assert_int_equal(serving(f), 1);
}

static void test_what_cannot_run_does_not_displace_what_can(void **state) {
  struct fixture *f = *state;
  install(f, 0, 1);
  install(f, 1, 1);
  boot(f, NFR_RESET_SOFTWARE, firmware_b, 1);
  OK(nfr_lifecycle_event(f->store, f->slot, NFR_EVENT_CHECK_FAILED, (struct nfr_why){.place = NFR_PLACE_CONFIRMED}));
  OK(nfr_lifecycle_event(f->store, f->slot, NFR_EVENT_CHECK_PASSED, (struct nfr_why){.place = NFR_PLACE_PREVIOUS}));
  install(f, 2, 1);
  STANDS(f, 2, NONE, 0);
  OK(event(f, NFR_EVENT_ROLL_BACK));
  assert_int_equal(serving(f), 0);
}

static void test_a_cut_in_a_change_of_firmware(void **state) {
  struct fixture *f = *state;
  jmp_buf power_lost;
  to_trial(f, 0, 1);
  ram_clear_commits(&f->journal);
  f->journal.cut_at = 1;
  f->journal.cut_is_after = true;
  f->journal.power_lost = &power_lost;
  if (setjmp(power_lost) == 0) {
    FAILS(NFR_OK, nfr_lifecycle_boot(f->store, NFR_RESET_SOFTWARE, firmware_b));
    fail();
  }
  assert_int_equal(name_of(f).versions[NFR_PLACE_CANDIDATE].state, NFR_STATE_TRIAL);
  assert_int_equal(serving(f), NONE);
  FAILS(NFR_ERR_STATE, event(f, NFR_EVENT_CONFIRM));
  boot(f, NFR_RESET_PANIC, firmware_b, 1);
  assert_int_equal(name_of(f).versions[NFR_PLACE_CANDIDATE].state, NFR_STATE_STAGED);
  assert_int_equal(name_of(f).versions[NFR_PLACE_CANDIDATE].strikes, 0);
}

static void test_lost_settings(void **state) {
  struct fixture *f = *state;
  install(f, 0, 1);
  boot(f, NFR_RESET_SOFTWARE, firmware_b, 1);
  ram_free(&f->journal, 0);
  assert_int_equal(serving(f), NONE);
  boot(f, NFR_RESET_SOFTWARE, firmware_b, 1);
  assert_int_equal(serving(f), NONE); /* an epoch that nobody has had */
}

static void test_damage(void **state) {
  struct fixture *f = *state;
  install(f, 0, 1);
  install(f, 1, 1);
  to_trial(f, 2, 1);
  OK(nfr_lifecycle_tend(f->store));
  ram_put_blob(&f->journal, 21, 21, NFR_BLOB_DAMAGED);
  ram_put_blob(&f->journal, 22, 22, NFR_BLOB_DAMAGED);
  assert_int_equal(serving(f), 0);
  FAILS(NFR_STORE_MORE, nfr_lifecycle_tend(f->store));
  STANDS(f, 0, 2, NONE);
  FAILS(NFR_STORE_MORE, nfr_lifecycle_tend(f->store));
  STANDS(f, 0, NONE, NONE);
  OK(nfr_lifecycle_tend(f->store));
  assert_int_equal(name_of(f).rejected.reason, NFR_REASON_DAMAGED);
  assert_int_equal(name_of(f).failures, 0);
  assert_int_equal(name_of(f).rejected.detail, 1);
  OK(fetch(f, 2, 1)); /* the bytes may well work elsewhere on flash */
  ram_free(&f->journal, 10);
  FAILS(NFR_STORE_MORE, nfr_lifecycle_tend(f->store));
  STANDS(f, NONE, 2, NONE);
  assert_int_equal(name_of(f).rejected.reason, NFR_REASON_MISSING);
  assert_int_equal(name_of(f).floor, 1);
}

static void test_previous_is_damaged(void **state) {
  struct fixture *f = *state;
  install(f, 0, 1);
  install(f, 1, 1);
  ram_put_blob(&f->journal, 20, 20, NFR_BLOB_DAMAGED);
  FAILS(NFR_ERR_STATE, event(f, NFR_EVENT_ROLL_BACK));
  FAILS(NFR_STORE_MORE, nfr_lifecycle_tend(f->store));
  STANDS(f, 1, NONE, NONE);
  assert_int_equal(name_of(f).rejected.reason, NFR_REASON_NONE);
}

/* ---- settings ---- */

static void test_settings(void **state) {
  struct fixture *f = *state;
  struct nfr_settings settings;
  const uint64_t now = UINT64_C(1900000000);
  ram_put_blob(&f->journal, 5, 5, NFR_BLOB_COMPLETE);
  OK(nfr_lifecycle_set_key_list(f->store, 5, 3));
  FAILS(NFR_ERR_ROLLBACK, nfr_lifecycle_set_key_list(f->store, 5, 2));
  FAILS(NFR_ERR_NOT_FOUND, nfr_lifecycle_set_key_list(f->store, 6, 4));
  OK(nfr_lifecycle_set_generation(f->store, UINT64_C(1) << 40));
  FAILS(NFR_ERR_ROLLBACK, nfr_lifecycle_set_generation(f->store, 7));
  OK(nfr_lifecycle_set_time(f->store, now));
  ram_clear_commits(&f->journal);
  OK(nfr_lifecycle_set_time(f->store, now + NFR_LIFECYCLE_DAY - 1));
  OK(nfr_lifecycle_set_time(f->store, now - 1));
  OK(nfr_lifecycle_set_key_list(f->store, 5, 3));
  OK(nfr_lifecycle_set_generation(f->store, UINT64_C(1) << 40));
  assert_int_equal(f->journal.attempts, 0);
  OK(nfr_lifecycle_set_time(f->store, now + NFR_LIFECYCLE_DAY));
  nfr_lifecycle_settings(f->store, &settings);
  assert_int_equal(settings.key_list, 5);
  assert_int_equal(settings.key_list_version, 3);
  assert_true(settings.generation == UINT64_C(1) << 40 && settings.known_time == now + NFR_LIFECYCLE_DAY);
  assert_memory_equal(settings.firmware, firmware_a, 16);
}

/* ---- hostile records and callers ---- */

/* Any bytes that the decoder lets through: no function may do more than refuse. */
static void test_hostile_names(void **state) {
  struct fixture *f = *state;
  uint32_t random = 1;
  for (unsigned round = 0; round < 20000; round++) {
    struct nfr_name name = {.length = 3};
    uint8_t *bytes = (uint8_t *)name.versions;
    for (unsigned i = 0; i < sizeof name.versions; i++) bytes[i] = (uint8_t)((random = random * 1664525u + 1013904223u) >> 24);
    for (unsigned place = 0; place < 3; place++) {
      if (round & 1) name.versions[place].state %= 9;
      if (round & 2) name.versions[place].epoch = 1;
      if (round & 4) memset(name.versions[place].blobs, 0, 12);
    }
    memcpy(name.text, "kws", 3);
    ram_put_name(&f->journal, 30, &name);
    f->slot = 30;
    assert_true(nfr_lifecycle_serving(f->store, 30) < 0);
    int what = (int)(random >> 8) % NFR_EVENT_COUNT;
    int err = nfr_lifecycle_event(f->store, 30, (enum nfr_event)what, (struct nfr_why){.reason = 1, .place = (uint8_t)(random % 3)});
    assert_true(err <= 0);
    for (unsigned i = 0; (err = nfr_lifecycle_tend(f->store)) == NFR_STORE_MORE; i++) assert_true(i < 3);
    OK(err);
    OK(nfr_lifecycle_boot(f->store, NFR_RESET_PANIC, firmware_a));
  }
}

/* A record that no transition makes. */
static void test_below_the_floor_nothing_serves(void **state) {
  struct fixture *f = *state;
  install(f, 0, 1);
  install(f, 1, 1);
  struct nfr_name name = name_of(f);
  name.floor = 2;
  ram_put_name(&f->journal, f->slot, &name);
  assert_int_equal(serving(f), NONE);
  FAILS(NFR_ERR_STATE, event(f, NFR_EVENT_ROLL_BACK));
  name.versions[NFR_PLACE_CONFIRMED].counter = 2;
  ram_put_name(&f->journal, f->slot, &name);
  assert_int_equal(serving(f), 1);
}

static void test_wrong_calls(void **state) {
  struct fixture *f = *state;
  struct nfr_store unmounted;
  struct nfr_name name;
  struct nfr_settings settings;
  uint16_t slot = 0;
  enum nfr_place place;
  memset(&unmounted, 0, sizeof unmounted);
  install(f, 0, 1);
  for (enum nfr_event what = 0; what < NFR_EVENT_COUNT; what++) {
    static const char internal[NFR_EVENT_COUNT + 1] = "110000001111100000100";
    if (internal[what] == '1') FAILS(NFR_ERR_ARGUMENT, nfr_lifecycle_event(f->store, f->slot, what, why(NFR_REASON_OPERATOR, 0)));
  }
  FAILS(NFR_ERR_ARGUMENT, nfr_lifecycle_event(f->store, f->slot, NFR_EVENT_COUNT, why(NFR_REASON_NONE, 0)));
  FAILS(NFR_ERR_ARGUMENT, nfr_lifecycle_event(f->store, f->slot, NFR_EVENT_CHECK_PASSED, (struct nfr_why){.place = 3}));
  FAILS(NFR_ERR_ARGUMENT, event(f, NFR_EVENT_STRIKE)); /* without a reason */
  FAILS(NFR_ERR_ARGUMENT, nfr_lifecycle_attach(f->store, f->slot, 0, 20));
  FAILS(NFR_ERR_ARGUMENT, nfr_lifecycle_attach(f->store, f->slot, 6, 20));
  FAILS(NFR_ERR_NOT_FOUND, nfr_lifecycle_name(f->store, 20, &name)); /* a blob */
  FAILS(NFR_ERR_NOT_FOUND, nfr_lifecycle_name(f->store, NFR_STORE_NONE, &name));
  FAILS(NFR_ERR_ARGUMENT, nfr_lifecycle_boot(&unmounted, NFR_RESET_PANIC, firmware_a));
  FAILS(NFR_ERR_ARGUMENT, nfr_lifecycle_find(&unmounted, "kws", KWS, &slot));
  FAILS(NFR_ERR_ARGUMENT, nfr_lifecycle_fetch(&unmounted, "kws", KWS, 1, 10, &slot));
  FAILS(NFR_ERR_ARGUMENT, nfr_lifecycle_serving(&unmounted, 1));
  FAILS(NFR_ERR_ARGUMENT, nfr_lifecycle_unchecked(&unmounted, &slot, &place));
  FAILS(NFR_ERR_ARGUMENT, nfr_lifecycle_tend(&unmounted));
  FAILS(NFR_ERR_ARGUMENT, nfr_lifecycle_plan_restart(&unmounted));
  FAILS(NFR_ERR_ARGUMENT, nfr_lifecycle_set_generation(&unmounted, 1));
  nfr_lifecycle_settings(&unmounted, &settings);
  assert_int_equal(settings.key_list, NFR_STORE_NONE);
}

static void test_a_full_journal(void **state) {
  struct fixture *f = *state;
  uint16_t slot;
  to_trial(f, 0, 1);
  uint8_t before = f->journal.slots[f->slot].length;
  for (unsigned i = 0; i < 3; i++) OK(nfr_lifecycle_event(f->store, f->slot, NFR_EVENT_STRIKE, why(NFR_REASON_FAULT, 0)));
  assert_int_equal(f->journal.slots[f->slot].length, before); /* a rejection needs no room */
  f->journal.fails_with = NFR_ERR_NO_SPACE;
  FAILS(NFR_ERR_NO_SPACE, nfr_lifecycle_fetch(f->store, "new", 3, 1, 10, &slot));
  f->journal.fails_with = 0;
  for (uint16_t i = 1; i < RAM_SLOTS; i++) {
    if (f->journal.slots[i].type == 0) ram_put_blob(&f->journal, i, 9, NFR_BLOB_COMPLETE);
  }
  FAILS(NFR_ERR_NO_SPACE, nfr_lifecycle_fetch(f->store, "new", 3, 1, 10, &slot));
}

/* ---- reasons ---- */

static void test_reasons_in_words(void **state) {
  (void)state;
  char text[96], others[96];
  size_t longest = 0;
  for (unsigned reason = 0; reason <= NFR_REASON_COUNT; reason++) {
    size_t length = nfr_reason_text((enum nfr_reason)reason, UINT16_MAX, text, sizeof text);
    assert_int_equal(length, strlen(text));
    assert_true(length > 20 && length < sizeof text - 1);
    if (length > longest) longest = length;
    for (unsigned other = 0; other < reason; other++) {
      nfr_reason_text((enum nfr_reason)other, UINT16_MAX, others, sizeof others);
      assert_string_not_equal(text, others);
    }
  }
  nfr_reason_text(NFR_REASON_SELF_TEST, nfr_detail_of_test(3, 5), text, sizeof text);
  assert_string_equal(text, "its answers differ from the golden vectors (case 3, operator 5)");
  nfr_reason_text(NFR_REASON_SELF_TEST, nfr_detail_of_test(0, -1), text, sizeof text);
  assert_string_equal(text, "its answers differ from the golden vectors (case 0, the output itself)");
  nfr_reason_text(NFR_REASON_HEALTH, 12, text, sizeof text);
  assert_string_equal(text, "it broke health rule 12");
  assert_int_equal(nfr_detail_of_test(100, 5000), 63u << 10 | 1022u);
  assert_int_equal(nfr_reason_text(NFR_REASON_ABI, 0, text, 8), 7);
  assert_string_equal(text, "the fir");
  assert_int_equal(nfr_reason_text(NFR_REASON_ABI, 0, text, 0), 0);
}

static void test_reasons_of_errors(void **state) {
  (void)state;
  assert_int_equal(nfr_reason_of_error(NFR_OK), NFR_REASON_NONE);
  assert_int_equal(nfr_reason_of_error(NFR_ERR_BUSY), NFR_REASON_NONE);
  assert_int_equal(nfr_reason_of_error(NFR_ERR_SIGNATURE), NFR_REASON_SIGNATURE);
  assert_int_equal(nfr_reason_of_error(NFR_ERR_UNSUPPORTED), NFR_REASON_ABI);
  assert_int_equal(nfr_reason_of_error(NFR_ERR_NO_MEMORY), NFR_REASON_DOES_NOT_FIT);
  assert_int_equal(nfr_reason_of_error(NFR_ERR_PORT), NFR_REASON_DAMAGED);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(test_install_and_replace), TEST(test_every_change_is_one_record), TEST(test_what_is_there_is_not_written_again),
      TEST(test_roll_back), TEST(test_the_floor_releases_previous), TEST(test_remove), TEST(test_missing_blobs),
      TEST(test_three_strikes), TEST(test_causes), TEST(test_interrupted_tests), TEST(test_nothing_is_written_without_need),
      TEST(test_a_loop_of_failures_ends), TEST(test_chance_closes_no_name), TEST(test_counted_chances_do_not_overflow),
      TEST(test_a_reason_that_is_not_known_is_no_chance), TEST(test_who_may_be_fetched), TEST(test_names_are_compared_as_wholes),
      TEST(test_a_new_firmware_checks_everything), TEST(test_what_cannot_run_does_not_displace_what_can),
      TEST(test_a_cut_in_a_change_of_firmware), TEST(test_lost_settings), TEST(test_damage), TEST(test_previous_is_damaged),
      TEST(test_settings), TEST(test_hostile_names), TEST(test_below_the_floor_nothing_serves), TEST(test_wrong_calls), TEST(test_a_full_journal),
      TEST(test_reasons_in_words), TEST(test_reasons_of_errors),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
