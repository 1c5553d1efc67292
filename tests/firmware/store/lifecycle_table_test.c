/* The table in C and the table in DESIGN.md are one, cell by cell. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lifecycle_words.h"

#define DESIGN "firmware/store/DESIGN.md"

enum { MAX_TEXT = 64 };

static void cell_text(unsigned state, unsigned event, char *text) {
  struct nfr_cell cell = nfr_lifecycle_table[state][event];
  if (cell.next == NFR_STATE_REFUSED) strcpy(text, "–");
  else if (cell.action == NFR_ACTION_NONE) strcpy(text, cell.next == state ? "=" : state_words[cell.next]);
  else snprintf(text, MAX_TEXT, "%s, %s", state_words[cell.next], action_words[cell.action]);
}

/* Cuts the next cell off a row: "| a | b |". False at its end. */
static bool next_cell(char **row, char *cell) {
  char *end = strchr(*row + 1, '|');
  if (end == NULL) return false;
  snprintf(cell, MAX_TEXT, "%.*s", (int)(end - *row - 3), *row + 2);
  *row = end;
  return true;
}

static unsigned compare_row(char *row, const char *const words[NFR_STATE_COUNT], unsigned event) {
  char cell[MAX_TEXT], expected[MAX_TEXT];
  unsigned differences = 0;
  assert_true(next_cell(&row, cell));
  assert_string_equal(cell, words != NULL ? "event" : event_words[event]);
  for (unsigned state = 0; state < NFR_STATE_COUNT; state++) {
    assert_true(next_cell(&row, cell));
    if (words != NULL) strcpy(expected, words[state]);
    else cell_text(state, event, expected);
    if (strcmp(cell, expected) == 0) continue;
    print_message("%s in %s: DESIGN.md says '%s', the table '%s'\n", words ? "head" : event_words[event], state_words[state], cell, expected);
    differences++;
  }
  assert_false(next_cell(&row, cell));
  return differences;
}

static void test_document_and_table_agree(void **state) {
  (void)state;
  FILE *file = fopen(DESIGN, "r");
  assert_non_null(file);
  char line[1024];
  unsigned row = 0, differences = 0;
  bool is_inside = false;
  while (fgets(line, sizeof line, file) != NULL) {
    if (strcmp(line, "<!-- lifecycle table: begin -->\n") == 0) is_inside = true;
    else if (strcmp(line, "<!-- lifecycle table: end -->\n") == 0) is_inside = false;
    else if (is_inside) {
      assert_true(row < NFR_EVENT_COUNT + 2);
      if (row != 1) differences += compare_row(line, row == 0 ? state_words : NULL, row - 2);
      row++;
    }
  }
  fclose(file);
  assert_int_equal(row, NFR_EVENT_COUNT + 2);
  assert_int_equal(differences, 0);
}

/* What the code relies on. */
static void test_shape(void **state) {
  (void)state;
  assert_int_equal(NFR_EVENT_STRIKE_OUT, NFR_EVENT_STRIKE + 1);
  assert_int_equal(NFR_EVENT_RESET_OUT, NFR_EVENT_RESET_ABNORMAL + 1);
  for (unsigned from = 0; from < NFR_STATE_COUNT; from++) {
    for (unsigned event = 0; event < NFR_EVENT_COUNT; event++) {
      struct nfr_cell cell = nfr_lifecycle_table[from][event];
      assert_true(cell.next <= NFR_STATE_REFUSED && cell.action < NFR_ACTION_COUNT);
      if (cell.next == NFR_STATE_TRIAL && from != NFR_STATE_TRIAL) assert_int_equal(event, NFR_EVENT_TEST_PASSED);
      if (cell.action == NFR_ACTION_REJECT) assert_int_equal(cell.next, NFR_STATE_REJECTED);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_document_and_table_agree), cmocka_unit_test(test_shape)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
