/* Scenarios of the journal alone: a fixed list of commits, as far as the records say that it has come. */
#include <string.h>

#include "crc32.h"
#include "powerloss.h"

enum { USED_SLOTS = 9, SCRIPT_PLAN = 0, SCRIPT_END = 1, SCRIPT_LAST = 2 };

/* What a list is like. */
enum plan { PLAN_MIXED, PLAN_SETTINGS, PLAN_LARGE };

struct record_of_step { uint16_t slot; uint8_t type, length, content[NFR_RECORD_MAX_CONTENT]; };

static struct nfr_settings settings_of(uint32_t step) {
  struct nfr_settings settings = {.key_list = NFR_STORE_NONE, .epoch = (uint16_t)(step / 3), .key_list_version = step / 7,
                                  .generation = step, .known_time = 1000u * step};
  for (unsigned i = 0; i < sizeof settings.firmware; i++) settings.firmware[i] = (uint8_t)(step / 5 + i);
  return settings;
}

static struct nfr_name name_of(uint16_t slot, uint32_t step, bool is_large) {
  struct nfr_name name = {.length = (uint8_t)(1 + mix64(step) % (is_large ? NFR_NAME_MAX_BYTES : 20)), .failures = (uint8_t)(step % 3), .floor = step};
  memset(name.text, 'a' + slot % 26, sizeof name.text);
  for (unsigned place = 0; place < 3; place++) {
    if (!is_large && mix64(step * 3 + place) % 2 == 0) continue;
    name.versions[place] = (struct nfr_version){.state = (uint8_t)(1 + step % 7), .counter = step, .epoch = (uint16_t)step};
    for (unsigned i = 0; i < 6; i++) name.versions[place].blobs[i] = NFR_STORE_NONE;
  }
  if (is_large || step % 5 == 0) memset(name.rejected.digest, (int)(step & 0xff), 32);
  return name;
}

static struct nfr_blob blob_of(uint16_t slot, uint32_t step) {
  bool is_writing = mix64(step + 77) % 2 == 0;
  struct nfr_blob blob = {.offset = slot * 512u, .bytes = 512, .copy = UINT32_MAX, .frontier = step * 32, .written = step,
                          .state = is_writing ? NFR_BLOB_WRITING : NFR_BLOB_COMPLETE, .chunk_log2 = 9};
  memset(blob.digest, slot, sizeof blob.digest);
  return blob;
}

static uint16_t slot_of(enum plan plan, uint32_t step) {
  uint32_t slots = plan == PLAN_SETTINGS ? 1 : plan == PLAN_LARGE ? 5 : USED_SLOTS;
  return (uint16_t)(mix64(step * 31u + (uint32_t)plan) % slots);
}

/* The record of step `step` (1 …). FREE never takes the record that shows how far the list has come. */
static void record_of(enum plan plan, uint32_t step, struct record_of_step *record) {
  static const uint8_t no_bits[NFR_STORE_MAX_CHUNKS / 8];
  uint64_t random = mix64(step * 31u + (uint32_t)plan);
  memset(record, 0, sizeof *record);
  record->slot = slot_of(plan, step);
  if (record->slot == 0) {
    struct nfr_settings settings = settings_of(step);
    record->type = NFR_RECORD_SETTINGS;
    record->length = nfr_settings_encode(&settings, record->content);
  } else if (plan != PLAN_LARGE && step % 3 == 0 && (random >> 20) % 2 == 0 && slot_of(plan, step - 1) != record->slot) {
    record->type = NFR_RECORD_FREE;
    record->length = 4;
    uint32_t frontier = step * 32;
    memcpy(record->content, &frontier, 4);
  } else if (plan == PLAN_LARGE || record->slot % 2 == 0) {
    struct nfr_name name = name_of(record->slot, step, plan == PLAN_LARGE);
    record->type = NFR_RECORD_NAME;
    record->length = nfr_name_encode(&name, record->content);
  } else {
    struct nfr_blob blob = blob_of(record->slot, step);
    record->type = NFR_RECORD_BLOB;
    record->length = nfr_blob_encode(&blob, no_bits, record->content);
  }
}

static void observe(struct machine *m, struct state *state) {
  struct nfr_record record;
  state->count = 0;
  for (uint16_t slot = 0; slot < SLOTS; slot++) {
    int err = nfr_journal_read(&m->store, slot, &record);
    if (err == NFR_ERR_NOT_FOUND) continue;
    if (err != NFR_OK && nfr_flash_model_is_on(m->model)) broken(m, "the record of slot %u cannot be read: %d", slot, err);
    add_part(state, slot, nfr_crc32(nfr_crc32(record.type, &record.length, 1), record.content, record.length) | 1u);
  }
  add_part(state, 0xffff, m->store.frontier | 1u);
}

/* The last step that the records show; FREE records show nothing. */
static uint32_t last_step(const struct nfr_store *store) {
  uint32_t last = 0;
  struct nfr_record record;
  for (uint16_t slot = 0; slot < SLOTS; slot++) {
    if (nfr_journal_read(store, slot, &record) != NFR_OK) continue;
    uint32_t at = record.type == NFR_RECORD_SETTINGS ? 8 : record.type == NFR_RECORD_BLOB ? 52 : 4, step;
    memcpy(&step, record.content + at, 4);
    if (step > last) last = step;
  }
  return last;
}

static int commit(struct machine *m, const void *argument) {
  const struct record_of_step *record = argument;
  return nfr_journal_commit(&m->store, record->slot, record->type, record->content, record->length);
}

static bool stands_there(const struct machine *m, const struct record_of_step *record) {
  struct nfr_record live;
  int err = nfr_journal_read(&m->store, record->slot, &live);
  if (record->type == NFR_RECORD_FREE) return err == NFR_ERR_NOT_FOUND;
  return err == NFR_OK && live.type == record->type && live.length == record->length && memcmp(live.content, record->content, record->length) == 0;
}

static int commit_step(struct machine *m, enum plan plan, uint32_t step) {
  struct record_of_step record;
  record_of(plan, step, &record);
  int err = told(m, "commit", commit, &record);
  if (err == NFR_OK && !stands_there(m, &record)) return NFR_ERR_CORRUPT;
  return err;
}

static enum plan plan_of(const struct machine *m) {
  const char *name = m->job->scenario->name;
  return strncmp(name, "settings", 8) == 0 ? PLAN_SETTINGS : strncmp(name, "journal-large", 13) == 0 ? PLAN_LARGE : PLAN_MIXED;
}

static uint32_t block_bytes(const struct machine *m) { return m->config.journal->block_bytes; }

/* So many commits go through three blocks, or (large blocks) into the next block but one. */
static uint32_t steps_of(const struct machine *m) {
  uint32_t blocks = m->config.journal->bytes / block_bytes(m);
  if (block_bytes(m) <= 8192) return (m->job->is_quick ? 1 : blocks < 3 ? blocks : 3) * block_bytes(m) / 120 + 20;
  return 40;
}

/* Setup: into the middle of things; with large blocks up to the end of one. */
static int setup(struct machine *m) {
  int err = nfr_store_format(&m->store, &m->config);
  uint32_t step = 0, ahead = (uint32_t)(m->job->seed * 7 % 30) + 3;
  bool is_large = block_bytes(m) > 8192;
  while (err == NFR_OK && (is_large ? m->store.position + 1500 < block_bytes(m) : step < ahead)) err = commit_step(m, plan_of(m), ++step);
  m->job->machines[0].script[SCRIPT_END] = step + steps_of(m);
  return err;
}

/* Up to the end of a block: few operations follow, and nearly every one of two or three cuts in them is tried. */
static int setup_edge(struct machine *m) {
  int err = nfr_store_format(&m->store, &m->config);
  uint32_t step = 0, least = m->job->seed % 2 == 0 ? 500 : 300;
  while (err == NFR_OK && m->store.position + least < block_bytes(m)) err = commit_step(m, PLAN_MIXED, ++step);
  m->job->machines[0].script[SCRIPT_END] = step + 6;
  return err;
}

/* One more commit: the list ends where setup said (machine 0 keeps it). */
static int step(struct machine *m) {
  enum plan plan = plan_of(m);
  uint32_t end = m->job->machines[0].script[SCRIPT_END], next = last_step(&m->store) + 1;
  struct record_of_step record;
  for (record_of(plan, next, &record); record.type == NFR_RECORD_FREE && stands_there(m, &record); record_of(plan, ++next, &record)) {}
  if (next > end) return NFR_OK;
  int err = commit_step(m, plan, next);
  return err ? err : NFR_STORE_MORE;
}

/* Blocks are erased ahead of need. */
static int prepare(struct machine *m, const void *argument) {
  (void)argument;
  return nfr_store_prepare(&m->store, 3);
}

static int step_prepared(struct machine *m) {
  int err = NFR_STORE_MORE;
  for (unsigned i = 0; i < 70 && err == NFR_STORE_MORE; i++) err = told(m, "prepare", prepare, NULL);
  if (err != NFR_OK) return err == NFR_STORE_MORE ? NFR_ERR_BUDGET : err;
  uint64_t erases = nfr_flash_model_counts(m->model, NFR_FLASH_JOURNAL).erases;
  for (unsigned i = 0; i < 3 && err == NFR_OK; i++) {
    err = step(m);
    if (err == NFR_STORE_MORE) err = NFR_OK;
    else return err;
  }
  if (nfr_flash_model_counts(m->model, NFR_FLASH_JOURNAL).erases != erases) {
    broken(m, "an erase, though prepare had promised none");
    return NFR_ERR_STATE;
  }
  return NFR_STORE_MORE;
}

/* Three more blocks' worth of commits. */
static int after(struct machine *m) {
  enum plan plan = plan_of(m);
  uint32_t first = last_step(&m->store) + 1, count = block_bytes(m) > 8192 ? 4 : 30;
  int err = NFR_OK;
  for (uint32_t i = 0; i < count && err == NFR_OK; i++) err = commit_step(m, plan, first + i);
  return err;
}

/* Large blocks: what happens far from their ends happens in small ones too. */
static bool is_dull(const struct machine *m) {
  return block_bytes(m) > 8192 && m->store.position + 2500 < block_bytes(m) && m->store.position > 1500;
}

#define JOURNAL(scenario_name, blocks, is_mutation, with) JOURNAL_FROM(scenario_name, blocks, is_mutation, with, setup)
#define JOURNAL_FROM(scenario_name, blocks, is_mutation, with, from) \
  {.name = scenario_name, .journal_blocks = blocks, .mutations = is_mutation, .setup = from, .step = with, .observe = observe, .after = after, .is_dull = is_dull}

const struct scenario powerloss_journal_scenarios[] = {
    JOURNAL("journal", 0, 1, step),
    JOURNAL("journal-of-2", 2, 1, step),
    JOURNAL_FROM("journal-edge", 2, 1, step, setup_edge),
    JOURNAL("journal-of-3", 3, 0, step),
    JOURNAL("journal-of-4", 4, 0, step),
    JOURNAL("journal-of-16", 16, 0, step),
    JOURNAL("journal-large", 0, 1, step),
    JOURNAL("journal-prepared", 0, 0, step_prepared),
    JOURNAL("settings", 0, 0, step),
};
const unsigned powerloss_journal_scenario_count = sizeof powerloss_journal_scenarios / sizeof powerloss_journal_scenarios[0];
