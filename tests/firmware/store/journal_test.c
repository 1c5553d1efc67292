/* The journal on every standard chip: what was committed is there after any number of resets and cuts; nothing else is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "journal.h"
#include "journal_block.h"
#include "port/host/nfr_flash_model.h"

#define SLOTS 24u

static int hash_nothing(void *context, struct nfr_sha256 *hash) { (void)context; (void)hash; return NFR_OK; }
static const struct nfr_crypto no_crypto = {.sha256_begin = hash_nothing};

struct world {
  struct nfr_flash_model *model;
  struct nfr_store_config config;
  struct nfr_store store;
  uint16_t index[SLOTS];
  uint64_t buffer[4096 / 8];
  jmp_buf cut;
  uint32_t random;
  /* What was acknowledged: content of each slot, length 0 empty; and what is in flight. */
  uint8_t content[SLOTS][NFR_RECORD_MAX_CONTENT], length[SLOTS];
  uint8_t flight[NFR_RECORD_MAX_CONTENT], flight_length;
  uint16_t flight_slot;
  bool is_in_flight;
};

static uint32_t draw(struct world *w) {
  w->random ^= w->random << 13;
  w->random ^= w->random >> 17;
  return w->random ^= w->random << 5;
}

static void power_lost(void *context) {
  struct world *w = context;
  longjmp(w->cut, 1);
}

static void open_world(struct world *w, const struct nfr_flash_standard *standard, uint32_t seed) {
  memset(w, 0, sizeof *w);
  struct nfr_flash_model_config config = nfr_flash_model_standard(standard);
  config.seed = seed;
  config.noise = seed % 3 == 0;
  assert_int_equal(nfr_flash_model_new(&config, &w->model), NFR_OK);
  w->random = seed * 2654435761u + 1;
  w->config = (struct nfr_store_config){
      .journal = nfr_flash_model_flash(w->model, NFR_FLASH_JOURNAL),
      .blobs = nfr_flash_model_flash(w->model, NFR_FLASH_BLOBS),
      .crypto = &no_crypto, .device = 77, .index = w->index, .slots = SLOTS, .buffer_bytes = 4096, .buffer = (uint8_t *)w->buffer};
  nfr_flash_model_on_power_lost(w->model, power_lost, w);
  assert_int_equal(nfr_store_format(&w->store, &w->config), NFR_OK);
}

static void commit(struct world *w, uint16_t slot) {
  bool is_free = slot != 0 && draw(w) % 4 == 0;
  uint8_t type = is_free ? NFR_RECORD_FREE : slot == 0 ? NFR_RECORD_SETTINGS : NFR_RECORD_NAME;
  uint32_t length = is_free ? 4 : 4 + draw(w) % 60;
  for (uint32_t i = 0; i < length; i++) w->flight[i] = (uint8_t)draw(w);
  w->flight_slot = slot;
  w->flight_length = is_free ? 0 : (uint8_t)length;
  w->is_in_flight = true;
  int err = nfr_journal_commit(&w->store, slot, type, w->flight, (uint8_t)length);
  if (err == NFR_ERR_NO_SPACE) {
    w->is_in_flight = false;
    return;
  }
  assert_int_equal(err, NFR_OK);
  memcpy(w->content[slot], w->flight, NFR_RECORD_MAX_CONTENT);
  w->length[slot] = w->flight_length;
  w->is_in_flight = false;
}

static bool slot_is(const struct world *w, uint16_t slot, const uint8_t *content, uint8_t length) {
  struct nfr_record record;
  int err = nfr_journal_read(&w->store, slot, &record);
  if (length == 0) return err == NFR_ERR_NOT_FOUND;
  return err == NFR_OK && record.length == length && memcmp(record.content, content, length) == 0;
}

/* The acknowledged state; in the slot that was in flight, that or the new one, which then is the acknowledged one. */
static void check(struct world *w) {
  for (uint16_t slot = 0; slot < SLOTS; slot++) {
    if (w->is_in_flight && slot == w->flight_slot && slot_is(w, slot, w->flight, w->flight_length)) {
      memcpy(w->content[slot], w->flight, NFR_RECORD_MAX_CONTENT);
      w->length[slot] = w->flight_length;
    }
    if (!slot_is(w, slot, w->content[slot], w->length[slot])) fail_msg("slot %u is not what was acknowledged", slot);
  }
  w->is_in_flight = false;
}

static void mount(struct world *w) {
  int err = nfr_store_mount(&w->store, &w->config);
  if (err) fail_msg("mount: %d", err);
  assert_false(w->store.was_damaged);
}

static void assert_contract(struct world *w) {
  if (nfr_flash_model_violations(w->model) != 0) fail_msg("%s", nfr_flash_model_violation(w->model));
}

static void each_standard(void (*run)(const struct nfr_flash_standard *, uint32_t), uint32_t seeds) {
  for (unsigned i = 0; i < NFR_FLASH_STANDARDS; i++) {
    for (uint32_t seed = 1; seed <= seeds; seed++) run(&nfr_flash_standards[i], seed);
  }
}

static void commits_on(const struct nfr_flash_standard *standard, uint32_t seed) {
  struct world *w = malloc(sizeof *w);
  open_world(w, standard, seed);
  for (unsigned i = 0; i < 1500; i++) {
    commit(w, (uint16_t)(draw(w) % SLOTS));
    if (draw(w) % 16 == 0) assert_true(nfr_store_prepare(&w->store, 1 + draw(w) % 3) >= 0);
    if (draw(w) % 32 != 0) continue;
    mount(w);
    uint64_t before = nfr_flash_model_operations(w->model);
    check(w);
    mount(w);
    assert_true(nfr_flash_model_operations(w->model) == before); /* a clean boot writes nothing */
  }
  check(w);
  assert_contract(w);
  nfr_flash_model_delete(w->model);
  free(w);
}

static void commits_survive_clean_resets(void **state) {
  (void)state;
  each_standard(commits_on, 2);
}

/* Random cuts, also while mounting, for as long as luck has it. */
static void cuts_on(const struct nfr_flash_standard *standard, uint32_t seed) {
  struct world *w = malloc(sizeof *w);
  open_world(w, standard, seed);
  for (unsigned i = 0; i < 120; i++) {
    static const enum nfr_flash_cut kinds[] = {NFR_CUT_TORN, NFR_CUT_TORN, NFR_CUT_BEFORE, NFR_CUT_AFTER};
    nfr_flash_model_cut(w->model, 1 + draw(w) % 30, kinds[draw(w) % 4]);
    if (setjmp(w->cut) == 0) {
      for (unsigned n = 0; n < 30; n++) commit(w, (uint16_t)(draw(w) % SLOTS));
      nfr_flash_model_cut(w->model, 0, NFR_CUT_NEVER);
    }
    volatile bool is_up = false;
    for (volatile unsigned boots = 0; !is_up; boots++) {
      nfr_flash_model_power_on(w->model, draw(w));
      if (boots < 6 && draw(w) % 2) nfr_flash_model_cut(w->model, 1 + draw(w) % 4, kinds[draw(w) % 4]);
      if (setjmp(w->cut) != 0) continue;
      mount(w);
      assert_int_equal(nfr_journal_claim(&w->store), NFR_OK);
      check(w); /* from now on the decision stands, whatever the half-programmed record reads like */
      is_up = true;
    }
    nfr_flash_model_cut(w->model, 0, NFR_CUT_NEVER);
  }
  assert_contract(w);
  nfr_flash_model_delete(w->model);
  free(w);
}

static void commits_survive_cuts(void **state) {
  (void)state;
  each_standard(cuts_on, 12);
}

/* Live records grow until the journal is full: NO_SPACE and nothing else, at every step of the way; what is emptied makes room. */
static void fill_on(const struct nfr_flash_standard *standard, uint32_t seed) {
  static uint16_t index[4096];
  struct world *w = malloc(sizeof *w);
  open_world(w, standard, seed);
  w->config.index = index;
  w->config.slots = 4096;
  assert_int_equal(nfr_store_format(&w->store, &w->config), NFR_OK);
  uint8_t content[NFR_RECORD_MAX_CONTENT] = {0};
  for (unsigned round = 0; round < 3; round++) {
    uint16_t slot = 1;
    int err = NFR_OK;
    for (; err == NFR_OK && slot < 4096; slot++) {
      if (round == 1 && slot % 64 == 0) assert_int_equal(nfr_store_mount(&w->store, &w->config), NFR_OK);
      err = nfr_journal_commit(&w->store, slot, NFR_RECORD_NAME, content, (uint8_t)(100 + draw(w) % 140));
    }
    if (err != NFR_ERR_NO_SPACE && slot < 4096) fail_msg("%s: %d at slot %u in round %u", standard->name, err, slot, round);
    for (uint16_t at = 1; at < slot; at++) assert_int_equal(nfr_journal_commit(&w->store, at, NFR_RECORD_FREE, content, 4), NFR_OK);
  }
  nfr_flash_model_delete(w->model);
  free(w);
}

/* Rewrites that make the chain long, then growth, in journals of any number of blocks: a snapshot always finds its blocks. */
static void a_snapshot_finds_its_blocks(void **state) {
  (void)state;
  static uint16_t index[4096];
  static uint8_t content[NFR_RECORD_MAX_CONTENT];
  for (uint16_t blocks = 2; blocks <= 16; blocks++) {
    struct nfr_flash_standard standard = nfr_flash_standards[0];
    standard.journal_blocks = blocks;
    struct world *w = malloc(sizeof *w);
    open_world(w, &standard, blocks);
    w->config.index = index;
    w->config.slots = 4096;
    for (unsigned round = 0; round < 60; round++) {
      assert_int_equal(nfr_store_format(&w->store, &w->config), NFR_OK);
      uint32_t first = 1 + draw(w) % (10u * blocks), rewrites = draw(w) % (60u * blocks), slot = 0;
      for (uint32_t i = 0; i < first + rewrites; i++) {
        int err = nfr_journal_commit(&w->store, (uint16_t)(1 + i % first), NFR_RECORD_NAME, content, 200);
        if (err != NFR_OK && err != NFR_ERR_NO_SPACE) fail_msg("%u blocks, round %u: %d at rewrite %u", blocks, round, err, i);
      }
      int err = NFR_OK;
      for (slot = first + 1; err == NFR_OK; slot++) err = nfr_journal_commit(&w->store, (uint16_t)slot, NFR_RECORD_NAME, content, 200);
      if (err != NFR_ERR_NO_SPACE) fail_msg("%u blocks, round %u: %d at slot %u", blocks, round, err, slot);
      /* Full, and yet what is there can be rewritten and emptied for as long as one likes. */
      for (uint32_t i = 0; i < 80; i++) assert_int_equal(nfr_journal_commit(&w->store, 1, NFR_RECORD_NAME, content, 200), NFR_OK);
    }
    nfr_flash_model_delete(w->model);
    free(w);
  }
}

static void a_journal_fills_up(void **state) {
  (void)state;
  each_standard(fill_on, 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(commits_survive_clean_resets),
      cmocka_unit_test(commits_survive_cuts),
      cmocka_unit_test(a_journal_fills_up),
      cmocka_unit_test(a_snapshot_finds_its_blocks),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
