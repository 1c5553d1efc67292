/* The lifecycle of capsules on the store: per name a confirmed version, at most one candidate, and a previous one.
 * The table (state × event → next state, action) is lifecycle_table.c and, cell by cell the same, DESIGN.md.
 *
 * Each function that changes something writes one record (nfr_lifecycle_boot and nfr_lifecycle_tend: one a name), so that
 * a power cut leaves before or after. No heap, no network. `slot` is the name's slot, as nfr_lifecycle_find gives it.
 * Untrusted: every record (a version whose blobs are not there is unusable, and nothing else breaks). Names are
 * compared as bytes; the capsule room has validated them.
 *
 * Errors that any function can return: NOT_FOUND (no such name), CORRUPT (its record cannot be read), NO_SPACE (the journal
 * is full: only a name's first record, or its first candidate, can meet it), PORT.
 */
#ifndef NFR_LIFECYCLE_H
#define NFR_LIFECYCLE_H

#include "nfr_store.h"
#include "record.h"

#define NFR_LIFECYCLE_STRIKES 3u  /* the third one rejects the candidate */
#define NFR_LIFECYCLE_FAILURES 3u /* candidates rejected one after the other; then none is fetched until released */
#define NFR_LIFECYCLE_DAY 86400u  /* seconds: the known time is written when it moved by as much */

/* States of a version. Numbers are permanent (SPEC §4). */
enum nfr_state {
  NFR_STATE_NONE = 0,       /* nothing stands in the place */
  NFR_STATE_FETCHING = 1,   /* manifest verified, sections on their way */
  NFR_STATE_STAGED = 2,     /* all of it on flash, and verified */
  NFR_STATE_TESTING = 3,    /* golden vectors run */
  NFR_STATE_TRIAL = 4,      /* serves (or shadows), not yet confirmed */
  NFR_STATE_CONFIRMED = 5,
  NFR_STATE_REJECTED = 6,   /* in a place: by a firmware that cannot run it; candidates leave theirs (nfr_name.rejected) */
  NFR_STATE_SUPERSEDED = 7, /* what stands in previous */
  NFR_STATE_COUNT = 8,
};

/* What happens to a version. The subject is the candidate, unless said. */
enum nfr_event {
  NFR_EVENT_FETCH,          /* a new version is wanted: nfr_lifecycle_fetch */
  NFR_EVENT_ATTACH,         /* a section's blob has a slot: nfr_lifecycle_attach */
  NFR_EVENT_FETCHED,        /* all blobs are COMPLETE (checked), so verified */
  NFR_EVENT_FETCH_FAILED,   /* reason */
  NFR_EVENT_TEST,           /* the self-test starts */
  NFR_EVENT_TEST_PASSED,
  NFR_EVENT_TEST_FAILED,    /* reason; detail: nfr_detail_of_test */
  NFR_EVENT_STRIKE,         /* reason: DEADLINE, HEALTH, FAULT … */
  NFR_EVENT_STRIKE_OUT,     /* internal: the third strike */
  NFR_EVENT_RESET_QUIET,    /* internal: planned, woken, power or pin */
  NFR_EVENT_RESET_ABNORMAL, /* internal: a strike */
  NFR_EVENT_RESET_OUT,      /* internal: the third strike */
  NFR_EVENT_FIRMWARE,       /* internal: another firmware runs than the one that tested it */
  NFR_EVENT_CHECK_PASSED,   /* of the version in `place`: loaded and self-tested by this firmware */
  NFR_EVENT_CHECK_FAILED,   /* of the version in `place`; reason, detail */
  NFR_EVENT_CONFIRM,
  NFR_EVENT_ROLL_BACK,      /* of the candidate; without one, of the confirmed version to the previous one */
  NFR_EVENT_WITHDRAW,       /* nobody wants the candidate any more: no failure */
  NFR_EVENT_DAMAGE,         /* internal: blobs of the version in `place` are gone or broken (nfr_lifecycle_tend) */
  NFR_EVENT_RELEASE,        /* the operator lets rejected and failing candidates try again */
  NFR_EVENT_REMOVE,         /* of the whole name: its record becomes FREE */
  NFR_EVENT_COUNT,
};

/* What a transition does besides entering the next state. */
enum nfr_action {
  NFR_ACTION_NONE,     /* next state equal: nothing is written */
  NFR_ACTION_BEGIN,    /* what was in the place is dropped; counter, manifest; strikes and attempts 0 */
  NFR_ACTION_ATTACH,   /* the section's slot */
  NFR_ACTION_COMPLETE, /* refused unless all its blobs are COMPLETE */
  NFR_ACTION_TEST,     /* attempts + 1, epoch := this firmware's; refused unless usable */
  NFR_ACTION_PASS,     /* epoch := this firmware's; reason none */
  NFR_ACTION_STRIKE,   /* strikes + 1, reason */
  NFR_ACTION_RETEST,   /* strikes and attempts 0 */
  NFR_ACTION_REJECT,   /* the place is emptied; digest, reason, detail to `rejected`; failures + 1 (unless by operator or by chance) */
  NFR_ACTION_BAN,      /* stays in its place with reason ABI, epoch := this firmware's */
  NFR_ACTION_CONFIRM,  /* to confirmed; confirmed to previous; floor raised; what is below it released; failures 0; a rejection by chance forgotten */
  NFR_ACTION_RESTORE,  /* previous to confirmed; the confirmed one to `rejected` */
  NFR_ACTION_LOSE,     /* the place is emptied; previous takes the place of confirmed, when it can; to `rejected` */
  NFR_ACTION_DROP,     /* the place is emptied */
  NFR_ACTION_RELEASE,  /* failures 0, `rejected` forgotten */
  NFR_ACTION_REMOVE,
  NFR_ACTION_COUNT,
};

#define NFR_STATE_RESTING 8u /* next state: CONFIRMED in the place confirmed, SUPERSEDED in previous */
#define NFR_STATE_REFUSED 9u /* next state: the event is not allowed (STATE) */

struct nfr_cell { uint8_t next : 4, action : 4; };
extern const struct nfr_cell nfr_lifecycle_table[NFR_STATE_COUNT][NFR_EVENT_COUNT];

/* Why. Numbers are permanent: they appear in records and telemetry. */
enum nfr_reason {
  NFR_REASON_NONE = 0,
  NFR_REASON_SIGNATURE = 1,
  NFR_REASON_CORRUPT = 2,
  NFR_REASON_DIGEST = 3,
  NFR_REASON_DOES_NOT_FIT = 4,
  NFR_REASON_UNSUPPORTED = 5,
  NFR_REASON_ROLLBACK = 6,
  NFR_REASON_NO_SPACE = 7,
  NFR_REASON_ABI = 8,
  NFR_REASON_SELF_TEST = 9, /* detail: nfr_detail_of_test */
  NFR_REASON_DEADLINE = 10,
  NFR_REASON_HEALTH = 11,   /* detail: number of the rule */
  NFR_REASON_FAULT = 12,    /* an inference failed: of the engine, by a sample that it cannot take, behind a fence by it */
  NFR_REASON_WATCHDOG = 13,
  NFR_REASON_PANIC = 14,
  NFR_REASON_BROWN_OUT = 15,
  NFR_REASON_RESET = 16,    /* for an unknown reason, or by software and not planned */
  NFR_REASON_OPERATOR = 17,
  NFR_REASON_DAMAGED = 18,
  NFR_REASON_MISSING = 19,
  NFR_REASON_TOO_MANY_FAILURES = 20,
  NFR_REASON_ALREADY_REJECTED = 21,
  NFR_REASON_ALREADY_HERE = 22,
  NFR_REASON_GATE = 23,
  NFR_REASON_NO_VECTORS = 24,
  NFR_REASON_COUNT = 25,
};

/* The reason of a failure that came as an enum nfr_error, such as nfr_native_open's: SIGNATURE, CORRUPT, ABI (VERSION,
 * UNSUPPORTED), DOES_NOT_FIT (NO_MEMORY, BUDGET), ROLLBACK, SELF_TEST, NO_SPACE, MISSING (NOT_FOUND), DAMAGED (PORT).
 * NONE for NFR_OK and what says nothing of the capsule (ARGUMENT, BUSY, STATE …). */
enum nfr_reason nfr_reason_of_error(int error);

#define NFR_DETAIL_MAX_CASE 63u
#define NFR_DETAIL_MAX_OP 1022u
#define NFR_DETAIL_OUTPUT 1023u /* the output itself, no operator */

/* Case and operator (as the model's author counts; -1: the output itself) of a self-test in 16 bits: case << 10 | operator.
 * Larger ones become the largest. */
uint16_t nfr_detail_of_test(uint32_t case_index, int32_t source_op);

/* A reason as a clause about a version, for "capsule why": "its answers differ from the golden vectors (case 3, operator 5)".
 * Terminated; cut when longer than capacity - 1. Returns its length without the terminator; 96 bytes hold the longest. */
size_t nfr_reason_text(enum nfr_reason reason, uint16_t detail, char *text, size_t capacity);

/* ---- names ---- */

/* The slot of a name; NOT_FOUND. The whole name is compared. */
NFR_CHECK_RESULT int nfr_lifecycle_find(const struct nfr_store *store, const char *text, size_t length, uint16_t *slot);

/* The record of a name. */
NFR_CHECK_RESULT int nfr_lifecycle_name(const struct nfr_store *store, uint16_t slot, struct nfr_name *name);

/* The next slot behind *slot that holds a readable name: *slot is 0 at first. NOT_FOUND at the end. */
NFR_CHECK_RESULT int nfr_lifecycle_next(const struct nfr_store *store, uint16_t *slot, struct nfr_name *name);

/* The place (enum nfr_place) of the version that serves: the candidate in TRIAL, else confirmed, else previous; each only when it
 * was checked by this firmware, is not below the floor and all its blobs are COMPLETE. NOT_FOUND: none. Writes nothing. */
NFR_CHECK_RESULT int nfr_lifecycle_serving(const struct nfr_store *store, uint16_t slot);

/* ---- events ---- */

/* reason and detail where the event has them; place: of CHECK_PASSED and CHECK_FAILED (confirmed or previous). */
struct nfr_why { uint8_t reason, place; uint16_t detail; };

/* One event of those not marked internal, but for FETCH and ATTACH. STATE: the table does not allow it, or (nothing
 * is written either)
 * FETCHED, TEST, CONFIRM: a blob of the candidate is not COMPLETE (NOT_FOUND);
 * CONFIRM: it was tested by another firmware;
 * ROLL_BACK: there is no previous version that could serve. */
NFR_CHECK_RESULT int nfr_lifecycle_event(struct nfr_store *store, uint16_t slot, enum nfr_event event, struct nfr_why why);

/* Whether a version may be fetched: before a byte of it is. NFR_OK, ROLLBACK (below the floor) or STATE; *reason says which:
 * ROLLBACK, TOO_MANY_FAILURES, ALREADY_REJECTED (this digest; a rejection by chance, for DIGEST, DAMAGED, MISSING or NO_SPACE, does not bar it: the caller waits as
 * long as it thinks right, by nfr_name.rejected.detail, which counts them in a row), ALREADY_HERE (it is the confirmed one). manifest: its SHA-256. A name that is not there yet is NFR_OK. */
NFR_CHECK_RESULT int nfr_lifecycle_may_fetch(const struct nfr_store *store, const char *text, size_t length,
                                             const uint8_t manifest[32], uint32_t counter, enum nfr_reason *reason);

/* Starts a candidate: `manifest` is the slot of its manifest, a COMPLETE blob (NOT_FOUND). A name that is not there gets a slot (NO_SPACE). A
 * candidate that was there is withdrawn; the same one (same manifest) just goes on, and nothing is written. Errors
 * of nfr_lifecycle_may_fetch. text: 1 … 64 bytes. */
NFR_CHECK_RESULT int nfr_lifecycle_fetch(struct nfr_store *store, const char *text, size_t length, uint32_t counter,
                                         uint16_t manifest, uint16_t *slot);

/* Says in which blob a section (enum nfr_section_kind: 1 … 5) of the FETCHING candidate lies or is being written, so
 * that it is no garbage. The same once more is NFR_OK and not written. */
NFR_CHECK_RESULT int nfr_lifecycle_attach(struct nfr_store *store, uint16_t slot, unsigned kind, uint16_t blob);

/* What CONFIRM would do: *floor of the name after it; *keeps_previous: there will be a version to roll back to. Errors of CONFIRM. */
NFR_CHECK_RESULT int nfr_lifecycle_confirm_preview(const struct nfr_store *store, uint16_t slot, uint32_t *floor, bool *keeps_previous);

/* Looks for a version with blobs that are gone, broken or no blobs at all (scrub or a load found one; after a boot), and
 * lets DAMAGE happen to it. MORE: to one version, call again; NFR_OK: there is none (any more). Candidates that are
 * FETCHING are left alone. Do not remove blobs under names: nfr_store_free refuses to. */
NFR_CHECK_RESULT int nfr_lifecycle_tend(struct nfr_store *store);

/* ---- boot ---- */

/* Once after mounting, before anything else of this header. cause: of this start; a restart that was planned is reported as SOFTWARE
 * whatever did it. firmware: identity of what runs. Gives strikes, sends TESTING back to STAGED, and after a change of the firmware counts
 * another epoch: then no version serves before CHECK_PASSED, and TRIAL goes back to STAGED.
 * Writes nothing when no candidate is in TESTING or TRIAL, no restart was planned and the firmware is the same; nor when one is in TRIAL and
 * the reset was quiet. Goes on over names whose record cannot be written; the first error is returned. */
NFR_CHECK_RESULT int nfr_lifecycle_boot(struct nfr_store *store, enum nfr_reset cause, const uint8_t firmware[16]);

/* Says that the next reset is meant. Writes only when a candidate is in TESTING or TRIAL. */
NFR_CHECK_RESULT int nfr_lifecycle_plan_restart(struct nfr_store *store);

/* The first version, from slot 1 on, that this firmware has not yet checked: confirmed ones before previous ones of the
 * same name; to be loaded, self-tested and reported with CHECK_PASSED or CHECK_FAILED. NOT_FOUND: all are. Unusable ones are not named
 * (nfr_lifecycle_tend). */
NFR_CHECK_RESULT int nfr_lifecycle_unchecked(const struct nfr_store *store, uint16_t *slot, enum nfr_place *place);

/* ---- settings ---- */

/* What they say; defaults when there are none or they cannot be read (the store says so: usage.was_damaged). */
void nfr_lifecycle_settings(const struct nfr_store *store, struct nfr_settings *settings);

/* The key list that counts: slot of its blob, COMPLETE (NOT_FOUND). ROLLBACK below the version in force. */
NFR_CHECK_RESULT int nfr_lifecycle_set_key_list(struct nfr_store *store, uint16_t slot, uint32_t version);

/* Of the desired document. ROLLBACK below the one that is known; the same again writes nothing. */
NFR_CHECK_RESULT int nfr_lifecycle_set_generation(struct nfr_store *store, uint64_t generation);

/* A lower bound of the time, seconds of Unix time. Writes when it is the first one, or a day more than what was written. */
NFR_CHECK_RESULT int nfr_lifecycle_set_time(struct nfr_store *store, uint64_t seconds);

#endif
