/* What nfr_store_mount takes for granted, nfr_store_is_config refuses (nfr_store_check.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "nfr_store_check.h"
#include "port/host/nfr_flash_model.h"

enum { SLOTS = 16, BUFFER = 4096 };

struct board {
  struct nfr_flash journal, blobs;
  struct nfr_store_config config;
};

static struct board a_board(void) {
  struct board board = {.journal = {.bytes = 8 * 4096, .block_bytes = 4096, .unit_bytes = 8}, .blobs = {.bytes = 64 * 4096, .block_bytes = 4096, .unit_bytes = 8}};
  board.config = (struct nfr_store_config){.slots = SLOTS, .buffer_bytes = BUFFER};
  return board;
}

static bool is_config(struct board *board) {
  board->config.journal = &board->journal;
  board->config.blobs = &board->blobs;
  return nfr_store_is_config(&board->config);
}

static void every_standard_chip_is_right(void **state) {
  (void)state;
  for (unsigned i = 0; i < NFR_FLASH_STANDARDS; i++) {
    struct nfr_flash_model_config chip = nfr_flash_model_standard(&nfr_flash_standards[i]);
    struct nfr_flash_model *model;
    assert_int_equal(nfr_flash_model_new(&chip, &model), NFR_OK);
    const struct nfr_store_config config = {.journal = nfr_flash_model_flash(model, NFR_FLASH_JOURNAL),
                                            .blobs = nfr_flash_model_flash(model, NFR_FLASH_BLOBS), .slots = SLOTS, .buffer_bytes = BUFFER};
    assert_true(nfr_store_is_config(&config));
    nfr_flash_model_delete(model);
  }
}

/* Each is wrong in one thing. */
#define BREAKS(X)                                                                                                  \
  X(b.journal.bytes = 33 * 4096) X(b.journal.bytes = 4096) X(b.journal.block_bytes = 4095) X(b.journal.unit_bytes = 0) \
  X(b.journal.unit_bytes = 3) X(b.journal.unit_bytes = 64) X(b.journal.block_bytes = 512)                          \
  X(b.journal.block_bytes = 1024; b.journal.unit_bytes = 32) X(b.journal.block_bytes = 1u << 19; b.journal.bytes = 1u << 20) \
  X(b.journal.block_bytes = 1u << 18; b.journal.bytes = 1u << 20)                                                  \
  X(b.blobs.bytes = 4096) X(b.blobs.unit_bytes = 12) X(b.blobs.block_bytes = 3000) X(b.blobs.block_bytes = 1024; b.blobs.bytes = 1u << 27) \
  X(b.config.slots = 7) X(b.config.slots = 4097) X(b.config.buffer_bytes = 256) X(b.config.buffer_bytes = 4000)    \
  X(b.blobs.bytes = 32768 * 4096u)

static void each_mistake_is_refused(void **state) {
  (void)state;
  struct board right = a_board();
  assert_true(is_config(&right));
  assert_false(nfr_store_is_config(NULL));
#define REFUSED(...) { struct board b = a_board(); __VA_ARGS__; if (is_config(&b)) fail_msg("%s", #__VA_ARGS__); }
  BREAKS(REFUSED)
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_standard_chip_is_right), cmocka_unit_test(each_mistake_is_refused)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
