/* Model check of the lifecycle: thousands of random histories with resets and power cuts between any two steps, against a
 * second description of what should happen (lifecycle_reference.c) and against invariants that know neither
 * (lifecycle_history.c). A failing history is shrunk and printed. And whether all that bites: cells of the table are
 * changed one by one, and each change must be noticed.
 *   NFR_SEED=n: other histories. NFR_HISTORIES=n: another number of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "lifecycle_history.h"
#include "lifecycle_words.h"

enum { NORMAL_HISTORIES = 6000, MUTANT_HISTORIES = 2000 };

static uint64_t number_of(const char *variable, uint64_t otherwise) {
  const char *text = getenv(variable);
  return text != NULL ? strtoull(text, NULL, 10) : otherwise;
}

/* A candidate's event in a candidate's state, or a resting version's in a resting one: cells that are looked up. */
static bool is_subject(unsigned state, unsigned event) {
  bool is_resting = state >= NFR_STATE_CONFIRMED;
  switch (event) {
  case NFR_EVENT_CHECK_PASSED:
  case NFR_EVENT_CHECK_FAILED: return state != NFR_STATE_FETCHING || !is_resting;
  case NFR_EVENT_ROLL_BACK: return state != NFR_STATE_SUPERSEDED;
  case NFR_EVENT_DAMAGE: return state != NFR_STATE_NONE && state != NFR_STATE_FETCHING;
  case NFR_EVENT_RESET_QUIET:
  case NFR_EVENT_RESET_ABNORMAL:
  case NFR_EVENT_RESET_OUT:
  case NFR_EVENT_FIRMWARE: return state == NFR_STATE_TESTING || state == NFR_STATE_TRIAL;
  case NFR_EVENT_STRIKE_OUT: return state >= NFR_STATE_STAGED && state <= NFR_STATE_TRIAL;
  case NFR_EVENT_ATTACH: return !is_resting;
  default: return !is_resting;
  }
}

/* Events that the histories cannot count by themselves: what boot and tend do; fetch and attach are steps of their own. */
static bool is_counted(unsigned event) {
  return event >= NFR_EVENT_FETCHED && event != NFR_EVENT_DAMAGE && (event < NFR_EVENT_RESET_QUIET || event > NFR_EVENT_FIRMWARE);
}

static void test_random_histories(void **state) {
  (void)state;
  static struct coverage coverage;
  uint64_t seed = number_of("NFR_SEED", 1), count = number_of("NFR_HISTORIES", NORMAL_HISTORIES);
  struct history history;
  for (uint64_t i = 0; i < count; i++) {
    if (history_make(seed + i, &history, &coverage) == NULL) continue;
    history_shrink(&history);
    print_message("history %llu (NFR_SEED=%llu NFR_HISTORIES=1): %s\n", (unsigned long long)i, (unsigned long long)(seed + i),
                  history_run(&history, NULL));
    history_print(&history);
    fail();
  }
  print_message("seed %llu: %llu histories, %lu steps, %lu resets, %lu cuts, %lu confirms, %lu third strikes, previous served %lu times\n",
                (unsigned long long)seed, (unsigned long long)count, coverage.steps, coverage.resets, coverage.cuts, coverage.confirms,
                coverage.strike_outs, coverage.fallbacks);
  if (count < NORMAL_HISTORIES) return;
  assert_true(coverage.cuts > count && coverage.confirms > count && coverage.strike_outs > count / 10 && coverage.fallbacks > count / 10);
  for (unsigned from = 0; from < NFR_STATE_COUNT; from++) {
    for (unsigned event = 0; event < NFR_EVENT_COUNT; event++) {
      if (!is_counted(event) || !is_subject(from, event) || coverage.cells[from][event] != 0) continue;
      fail_msg("%s in %s never happened", event_words[event], state_words[from]);
    }
  }
}

/* ---- does it bite ---- */

/* The table's memory; it is constant everywhere else. */
static struct nfr_cell *cell_of(unsigned state, unsigned event) {
  return (struct nfr_cell *)(uintptr_t)&nfr_lifecycle_table[state][event];
}

static void set_table_protection(int protection) {
  uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), from = (uintptr_t)nfr_lifecycle_table & ~(page - 1);
  size_t bytes = (uintptr_t)nfr_lifecycle_table + sizeof nfr_lifecycle_table - from;
  assert_int_equal(mprotect((void *)from, bytes, protection), 0);
}

static unsigned histories_to_notice(void) {
  struct history history;
  for (unsigned i = 0; i < MUTANT_HISTORIES; i++) {
    if (history_make(i + 1, &history, NULL) != NULL) return i + 1;
  }
  return 0;
}

/* Other cells that could stand there: refused, let through, another next state, another action. An empty place has no other
 * action worth the name: whatever was done to it is not written. */
static unsigned alternatives(unsigned state, struct nfr_cell cell, struct nfr_cell others[4]) {
  unsigned count = 0;
  if (cell.next == NFR_STATE_REFUSED) {
    others[count++] = (struct nfr_cell){state & 15u, NFR_ACTION_NONE};
    others[count++] = (struct nfr_cell){NFR_STATE_TRIAL, NFR_ACTION_PASS};
    return count;
  }
  bool empties = cell.action == NFR_ACTION_REJECT || cell.action == NFR_ACTION_DROP || cell.action == NFR_ACTION_REMOVE ||
                 cell.action == NFR_ACTION_LOSE || cell.action == NFR_ACTION_RESTORE || cell.action == NFR_ACTION_CONFIRM;
  others[count++] = (struct nfr_cell){NFR_STATE_REFUSED, NFR_ACTION_NONE};
  if (!empties) others[count++] = (struct nfr_cell){cell.next == NFR_STATE_TRIAL ? NFR_STATE_STAGED : NFR_STATE_TRIAL, cell.action};
  bool is_emptied = cell.next == NFR_STATE_NONE && (cell.action == NFR_ACTION_DROP || cell.action == NFR_ACTION_LOSE);
  if (is_emptied) return count;
  if (cell.action != NFR_ACTION_NONE && cell.action != NFR_ACTION_COMPLETE) others[count++] = (struct nfr_cell){cell.next, NFR_ACTION_NONE};
  if (cell.action == NFR_ACTION_REJECT) others[count++] = (struct nfr_cell){NFR_STATE_NONE, NFR_ACTION_DROP};
  else if (cell.action != NFR_ACTION_STRIKE) others[count++] = (struct nfr_cell){cell.next == NFR_STATE_RESTING ? NFR_STATE_CONFIRMED : cell.next, NFR_ACTION_STRIKE};
  return count;
}

static bool is_noticed(unsigned state, unsigned event, struct nfr_cell other) {
  struct nfr_cell *cell = cell_of(state, event), right = *cell;
  *cell = other;
  unsigned histories = histories_to_notice();
  *cell = right;
  if (histories != 0) return true;
  print_message("not noticed: %s in %s as (%u, %s)\n", event_words[event], state_words[state], other.next, action_words[other.action]);
  return false;
}

static void test_every_cell_counts(void **state) {
  (void)state;
  unsigned mutants = 0, noticed = 0, cells = 0;
  set_table_protection(PROT_READ | PROT_WRITE);
  for (unsigned from = 0; from < NFR_STATE_COUNT; from++) {
    for (unsigned event = 0; event < NFR_EVENT_COUNT; event++) {
      struct nfr_cell others[4];
      if (!is_subject(from, event)) continue;
      unsigned count = alternatives(from, *cell_of(from, event), others);
      cells++;
      for (unsigned i = 0; i < count; i++, mutants++) noticed += is_noticed(from, event, others[i]);
    }
  }
  set_table_protection(PROT_READ);
  print_message("%u of %u changes to %u cells were noticed\n", noticed, mutants, cells);
  assert_true(mutants > 200);
  assert_int_equal(noticed, mutants);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_random_histories), cmocka_unit_test(test_every_cell_counts)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
