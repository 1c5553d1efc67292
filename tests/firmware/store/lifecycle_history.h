/* Histories of the lifecycle: made at random, run against the reference and the invariants, shrunk, printed. */
#ifndef NFR_TEST_LIFECYCLE_HISTORY_H
#define NFR_TEST_LIFECYCLE_HISTORY_H

#include "lifecycle_reference.h"

enum { HISTORY_STEPS = 80 };

struct history { unsigned count; struct op ops[HISTORY_STEPS]; };

struct coverage {
  unsigned cells[NFR_STATE_COUNT][NFR_EVENT_COUNT]; /* how often a cell was looked up */
  unsigned long steps, cuts, resets, strike_outs, confirms, fallbacks; /* fallbacks: previous served in the place of confirmed */
};

/* Makes up a history as it runs. Null, or what is wrong; history->count is then its length. coverage may be null. */
const char *history_make(uint64_t seed, struct history *history, struct coverage *coverage);

/* Runs one again. */
const char *history_run(const struct history *history, struct coverage *coverage);

/* To a history that fails too and of which no step can be left out. */
void history_shrink(struct history *history);

/* As lines of C, on standard error. */
void history_print(const struct history *history);

#endif
