/* Fits-check: the first deficit of a board, and its sentence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "nfr_capsule.h"

static const uint8_t operators[16] = {0x0a, 0, 0x80};

static struct nfr_manifest needs_all(void) {
  return (struct nfr_manifest){
      .target = {"cortex-m4", 9},
      .abi_major = 1,
      .abi_minor = 2,
      .plan_major = 1,
      .layouts = 5,
      .capabilities = 0x41,
      .operators = operators,
      .needs = {.state = 1000, .arena = 38912, .input_copies = 24, .stack = 512, .managed_heap = 20000},
  };
}

/* Exactly what is needed, to the byte. */
static struct nfr_board has_all(void) {
  struct nfr_board board = {
      .target = {"cortex-m4", 9},
      .state_free = 1024,
      .arena_free = 38912,
      .stack_free = 512,
      .managed_heap_free = 20000,
      .layouts = 7,
      .capabilities = 0x7f,
      .abi_major = 1,
      .abi_minor = 2,
      .plan_major = 1,
  };
  memcpy(board.operators, operators, 16);
  return board;
}

static void check(const struct nfr_manifest *manifest, const struct nfr_board *board, int error, enum nfr_need need,
                  const char *sentence) {
  struct nfr_deficit deficit;
  char text[64];
  assert_int_equal(nfr_fits(manifest, board, &deficit), error);
  assert_int_equal(deficit.need, need);
  assert_int_equal(nfr_deficit_text(&deficit, text, sizeof text), strlen(sentence));
  assert_string_equal(text, sentence);
}

static void test_exact_fit(void **state) {
  (void)state;
  struct nfr_manifest manifest = needs_all();
  struct nfr_board board = has_all();
  check(&manifest, &board, NFR_OK, NFR_NEED_NONE, "everything fits");
  struct nfr_deficit deficit;
  assert_int_equal(nfr_fits(NULL, &board, &deficit), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_fits(&manifest, NULL, &deficit), NFR_ERR_ARGUMENT);
  assert_int_equal(nfr_fits(&manifest, &board, NULL), NFR_ERR_ARGUMENT);
}

static void test_each_deficit(void **state) {
  (void)state;
  struct nfr_manifest manifest = needs_all();
  struct nfr_board board = has_all();
  board.target = (struct nfr_text){"cortex-m7", 9};
  check(&manifest, &board, NFR_ERR_UNSUPPORTED, NFR_NEED_TARGET, "made for another target");
  board.target = (struct nfr_text){"cortex-m", 8};
  check(&manifest, &board, NFR_ERR_UNSUPPORTED, NFR_NEED_TARGET, "made for another target");
  board = has_all();
  board.abi_minor = 1;
  check(&manifest, &board, NFR_ERR_UNSUPPORTED, NFR_NEED_ABI, "engine ABI 1.2 needed, 1.1 here");
  board.abi_major = 2;
  board.abi_minor = 9;
  check(&manifest, &board, NFR_ERR_UNSUPPORTED, NFR_NEED_ABI, "engine ABI 1.2 needed, 2.9 here");
  board = has_all();
  board.plan_major = 2;
  check(&manifest, &board, NFR_ERR_UNSUPPORTED, NFR_NEED_PLAN, "plan version 1 needed, 2 here");
  board = has_all();
  board.layouts = 1;
  check(&manifest, &board, NFR_ERR_UNSUPPORTED, NFR_NEED_LAYOUT, "layout 2 needed, not available");
  board = has_all();
  board.operators[2] = 0;
  check(&manifest, &board, NFR_ERR_UNSUPPORTED, NFR_NEED_OPERATOR, "operator 23 needed, not available");
  board = has_all();
  board.capabilities = 0x3f;
  check(&manifest, &board, NFR_ERR_UNSUPPORTED, NFR_NEED_CAPABILITY, "capability 6 needed, not available");
  board = has_all();
  board.state_free = 1023;
  check(&manifest, &board, NFR_ERR_NO_MEMORY, NFR_NEED_STATE, "state 1,024 needed, 1,023 free");
  board = has_all();
  board.arena_free = 31744;
  check(&manifest, &board, NFR_ERR_NO_MEMORY, NFR_NEED_ARENA, "arena 38,912 needed, 31,744 free");
  board = has_all();
  board.stack_free = 0;
  check(&manifest, &board, NFR_ERR_NO_MEMORY, NFR_NEED_STACK, "stack 512 needed, 0 free");
  board = has_all();
  board.managed_heap_free = 19999;
  check(&manifest, &board, NFR_ERR_NO_MEMORY, NFR_NEED_MANAGED_HEAP, "managed heap 20,000 needed, 19,999 free");
}

/* State and input copies of 4 GiB each do not wrap round to something small. */
static void test_needs_do_not_wrap(void **state) {
  (void)state;
  struct nfr_manifest manifest = needs_all();
  struct nfr_board board = has_all();
  manifest.needs.state = UINT32_MAX;
  manifest.needs.input_copies = 2;
  check(&manifest, &board, NFR_ERR_NO_MEMORY, NFR_NEED_STATE, "state 4,294,967,295 needed, 1,024 free");
}

static void test_sentence_is_cut(void **state) {
  (void)state;
  const struct nfr_deficit deficit = {NFR_NEED_ARENA, 1000000, 999};
  char text[12];
  memset(text, 'x', sizeof text);
  assert_int_equal(nfr_deficit_text(&deficit, text, 0), 0);
  assert_int_equal(text[0], 'x');
  assert_int_equal(nfr_deficit_text(&deficit, text, 11), 10);
  assert_string_equal(text, "arena 1,00");
  assert_int_equal(text[11], 'x');
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_exact_fit),
      cmocka_unit_test(test_each_deficit),
      cmocka_unit_test(test_needs_do_not_wrap),
      cmocka_unit_test(test_sentence_is_cut),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
