/* The lifecycle's enumerations in words: as DESIGN.md writes them, and as C does. */
#ifndef NFR_TEST_LIFECYCLE_WORDS_H
#define NFR_TEST_LIFECYCLE_WORDS_H

#include "store/nfr_lifecycle.h"

static const char *const state_words[] = {"none",      "Fetching", "Staged",     "Testing", "Trial",
                                          "Confirmed", "Rejected", "Superseded", "resting"};
static const char *const action_words[NFR_ACTION_COUNT] = {
    [NFR_ACTION_NONE] = "",          [NFR_ACTION_BEGIN] = "begin",     [NFR_ACTION_ATTACH] = "attach",
    [NFR_ACTION_COMPLETE] = "complete", [NFR_ACTION_TEST] = "test",    [NFR_ACTION_PASS] = "pass",
    [NFR_ACTION_STRIKE] = "strike",  [NFR_ACTION_RETEST] = "retest",   [NFR_ACTION_REJECT] = "reject",
    [NFR_ACTION_BAN] = "ban",        [NFR_ACTION_CONFIRM] = "confirm", [NFR_ACTION_RESTORE] = "restore",
    [NFR_ACTION_LOSE] = "lose",      [NFR_ACTION_DROP] = "drop",       [NFR_ACTION_RELEASE] = "release",
    [NFR_ACTION_REMOVE] = "remove"};
static const char *const event_words[NFR_EVENT_COUNT] = {
    [NFR_EVENT_FETCH] = "fetch",
    [NFR_EVENT_ATTACH] = "attach",
    [NFR_EVENT_FETCHED] = "fetched",
    [NFR_EVENT_FETCH_FAILED] = "fetch failed",
    [NFR_EVENT_TEST] = "test",
    [NFR_EVENT_TEST_PASSED] = "test passed",
    [NFR_EVENT_TEST_FAILED] = "test failed",
    [NFR_EVENT_STRIKE] = "strike",
    [NFR_EVENT_STRIKE_OUT] = "strike out",
    [NFR_EVENT_RESET_QUIET] = "reset quiet",
    [NFR_EVENT_RESET_ABNORMAL] = "reset abnormal",
    [NFR_EVENT_RESET_OUT] = "reset out",
    [NFR_EVENT_FIRMWARE] = "firmware",
    [NFR_EVENT_CHECK_PASSED] = "check passed",
    [NFR_EVENT_CHECK_FAILED] = "check failed",
    [NFR_EVENT_CONFIRM] = "confirm",
    [NFR_EVENT_ROLL_BACK] = "roll back",
    [NFR_EVENT_WITHDRAW] = "withdraw",
    [NFR_EVENT_DAMAGE] = "damage",
    [NFR_EVENT_RELEASE] = "release",
    [NFR_EVENT_REMOVE] = "remove",
};

#endif
