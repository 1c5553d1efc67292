/* Scenarios of blobs and the lifecycle: lists of goals that an agent pursues. How far it has come is the desired generation, on
 * flash; within a goal it looks at what is there, as a device does, and does the next thing that is missing. */
#include <stdlib.h>
#include <string.h>

#include "journal_image.h"
#include "powerloss_world.h"

enum goal_kind {
  GOAL_END,
  GOAL_INSTALL,     /* a: capsule, up to confirmed */
  GOAL_TRIAL,       /* a: capsule, up to the trial */
  GOAL_ROLL_BACK,   /* a: capsule that is confirmed then */
  GOAL_REMOVE,      /* a: name */
  GOAL_KEY_LIST,    /* a: blob, b: version */
  GOAL_FETCH,       /* a: blob, whole; nothing refers to it */
  GOAL_EITHER,      /* a and b: blobs, in the one order or the other at each start */
  GOAL_HALF,        /* a: blob, b: chunks of it, saved */
  GOAL_FREE,        /* a: blob */
  GOAL_ROOM,        /* for b eleventh parts of the region */
  GOAL_ROOM_PINNED, /* the same, with blob a loaded */
  GOAL_PREPARE,     /* the journal is ready for a few records */
  GOAL_SCRUB,       /* once over everything */
  GOAL_CRASH,       /* b resets by the watchdog in the trial of capsule a */
  GOAL_RESTART,     /* a planned restart */
  GOAL_TIME,        /* a day passes */
  GOAL_FIRMWARE,    /* another firmware is started: all is checked again */
};

struct goal { uint8_t kind, a, b; };

/* Where the agent is: RAM. */
enum { RAM_FIRMWARE = 0, RAM_PINNED = 1 };

#define CHUNK_LOG2 10u
#define DONE 2 /* of an act: the goal is reached */

static const uint8_t firmwares[2][16] = {{1}, {2}};

/* ---- calls, one at a time ---- */

static int finish_job(struct machine *m, int err) {
  for (unsigned i = 0; err == NFR_STORE_MORE && i < 100000; i++) err = nfr_store_step(&m->store, 512);
  return err;
}

static int call_begin(struct machine *m, const void *argument) {
  unsigned id = *(const uint8_t *)argument;
  return finish_job(m, nfr_store_begin(&m->store, world_digest(id), world_bytes(id), CHUNK_LOG2));
}

static int call_finish(struct machine *m, const void *argument) {
  (void)argument;
  return finish_job(m, nfr_store_finish(&m->store));
}

static int call_write(struct machine *m, const void *argument) {
  unsigned id = *(const uint8_t *)argument;
  uint32_t chunk = nfr_store_missing(&m->store, 0), at = chunk << CHUNK_LOG2, left = world_bytes(id) - at;
  return nfr_store_write(&m->store, chunk, world_content(id) + at, left < 1u << CHUNK_LOG2 ? left : 1u << CHUNK_LOG2);
}

static int call_sync(struct machine *m, const void *argument) {
  (void)argument;
  return nfr_store_sync(&m->store);
}

static int call_room(struct machine *m, const void *argument) {
  const uint32_t *bytes = argument;
  return finish_job(m, nfr_store_room(&m->store, *bytes, 4));
}

static int call_free(struct machine *m, const void *argument) { return nfr_store_free(&m->store, *(const uint16_t *)argument); }

struct event { uint16_t slot; enum nfr_event event; struct nfr_why why; };

static int call_event(struct machine *m, const void *argument) {
  const struct event *event = argument;
  return nfr_lifecycle_event(&m->store, event->slot, event->event, event->why);
}

struct fetch { const char *name; uint32_t counter; uint16_t manifest; };

static int call_fetch(struct machine *m, const void *argument) {
  const struct fetch *fetch = argument;
  uint16_t slot;
  return nfr_lifecycle_fetch(&m->store, fetch->name, strlen(fetch->name), fetch->counter, fetch->manifest, &slot);
}

struct attach { uint16_t slot, blob; uint8_t kind; };

static int call_attach(struct machine *m, const void *argument) {
  const struct attach *attach = argument;
  return nfr_lifecycle_attach(&m->store, attach->slot, attach->kind, attach->blob);
}

static int call_generation(struct machine *m, const void *argument) { return nfr_lifecycle_set_generation(&m->store, *(const uint64_t *)argument); }
static int call_time(struct machine *m, const void *argument) { return nfr_lifecycle_set_time(&m->store, *(const uint64_t *)argument); }

struct keys { uint16_t slot; uint32_t version; };

static int call_keys(struct machine *m, const void *argument) {
  const struct keys *keys = argument;
  return nfr_lifecycle_set_key_list(&m->store, keys->slot, keys->version);
}

static int call_prepare(struct machine *m, const void *argument) {
  (void)argument;
  return nfr_store_prepare(&m->store, 2);
}

static int call_scrub(struct machine *m, const void *argument) {
  uint16_t slot;
  (void)argument;
  return nfr_store_scrub(&m->store, 4096, &slot);
}

struct start { enum nfr_reset cause; uint8_t firmware; };

static int call_boot(struct machine *m, const void *argument) {
  const struct start *start = argument;
  int err = nfr_lifecycle_boot(&m->store, start->cause, firmwares[start->firmware]);
  for (unsigned i = 0; err == NFR_OK && i < 20; i++)
    if ((err = nfr_lifecycle_tend(&m->store)) != NFR_STORE_MORE) break;
    else err = NFR_OK;
  return err;
}

static int call_plan(struct machine *m, const void *argument) {
  (void)argument;
  return nfr_lifecycle_plan_restart(&m->store);
}

static int event(struct machine *m, const char *doing, uint16_t slot, enum nfr_event what, struct nfr_why why) {
  struct event argument = {slot, what, why};
  return told(m, doing, call_event, &argument);
}

/* ---- blobs ---- */

static int begin(struct machine *m, uint8_t id) {
  int err = told(m, "begin", call_begin, &id);
  if (err != NFR_ERR_NO_SPACE) return err;
  uint32_t bytes = world_bytes(id);
  err = told(m, "room", call_room, &bytes);
  return err ? err : told(m, "begin", call_begin, &id);
}

/* One more thing is done for a blob. DONE: it is COMPLETE. */
static int pursue_blob(struct machine *m, uint8_t id) {
  uint16_t slot;
  struct nfr_blob blob;
  int err = nfr_store_find(&m->store, world_digest(id), &slot);
  if (err == NFR_OK) err = nfr_store_blob(&m->store, slot, &blob);
  if (err == NFR_OK && blob.state == NFR_BLOB_COMPLETE) return DONE;
  if (err != NFR_OK && err != NFR_ERR_NOT_FOUND) return err;
  if (err != NFR_OK || m->store.writer.slot != slot) return begin(m, id);
  uint32_t chunks = nfr_blob_chunks(world_bytes(id), CHUNK_LOG2);
  if (nfr_store_missing(&m->store, 0) != chunks) return quiet(m, "write", call_write, &id);
  return told(m, "finish", call_finish, NULL);
}

/* Which one is begun first changes from start to start. */
static int pursue_either(struct machine *m, const struct goal *goal) {
  bool swaps = m->depth % 2 == 1;
  int err = pursue_blob(m, swaps ? goal->b : goal->a);
  return err == DONE ? pursue_blob(m, swaps ? goal->a : goal->b) : err;
}

/* What is said to survive. */
static void note_saved(struct machine *m, uint8_t id) {
  for (unsigned i = 0; i < 8; i++) m->shadow.saved[id] |= (uint64_t)m->store.writer.bits[i] << 8 * i;
}

static int pursue_half(struct machine *m, const struct goal *goal) {
  uint16_t slot;
  uint8_t id = goal->a;
  if (nfr_store_find(&m->store, world_digest(id), &slot) != NFR_OK || m->store.writer.slot != slot) return begin(m, id);
  if (nfr_store_missing(&m->store, 0) < goal->b) return quiet(m, "write", call_write, &id);
  int err = told(m, "sync", call_sync, NULL);
  if (err != NFR_OK) return err;
  note_saved(m, id);
  return DONE;
}

/* ---- capsules ---- */

static bool is_version(const struct machine *m, const struct nfr_version *version, const struct capsule *capsule) {
  struct nfr_blob blob;
  return version->state != NFR_STATE_NONE && nfr_store_blob(&m->store, version->blobs[0], &blob) == NFR_OK &&
         memcmp(blob.digest, world_digest(capsule->manifest), 32) == 0;
}

static int start_fetch(struct machine *m, const struct capsule *capsule) {
  int err = pursue_blob(m, capsule->manifest);
  if (err != DONE) return err;
  struct fetch fetch = {.name = name_of_capsule(capsule->name), .counter = capsule->counter};
  err = nfr_store_find(&m->store, world_digest(capsule->manifest), &fetch.manifest);
  return err ? err : told(m, "fetch", call_fetch, &fetch);
}

static int fetch_sections(struct machine *m, uint16_t slot, const struct nfr_version *candidate, const struct capsule *capsule) {
  for (uint8_t kind = 1; kind <= 3; kind++) {
    struct attach attach = {.slot = slot, .kind = kind};
    uint8_t id = capsule->sections[kind - 1];
    int err = nfr_store_find(&m->store, world_digest(id), &attach.blob);
    if (err == NFR_OK && candidate->blobs[kind] != attach.blob) return told(m, "attach", call_attach, &attach);
    err = pursue_blob(m, id);
    if (err != DONE) return err;
  }
  return event(m, "fetched", slot, NFR_EVENT_FETCHED, (struct nfr_why){0});
}

static int verify_all(struct machine *m, const struct nfr_version *version) {
  int err = NFR_OK;
  for (unsigned i = 0; i < 6 && err == NFR_OK; i++)
    if (version->blobs[i] != NFR_STORE_NONE) err = finish_job(m, nfr_store_verify(&m->store, version->blobs[i]));
  return err;
}

/* Up to the trial, or (is_whole) to its end. */
static int pursue_capsule(struct machine *m, const struct capsule *capsule, bool is_whole) {
  const char *text = name_of_capsule(capsule->name);
  struct nfr_name name;
  uint16_t slot;
  int err = nfr_lifecycle_find(&m->store, text, strlen(text), &slot);
  if (err == NFR_OK) err = nfr_lifecycle_name(&m->store, slot, &name);
  if (err == NFR_ERR_NOT_FOUND) return start_fetch(m, capsule);
  if (err != NFR_OK) return err;
  const struct nfr_version *candidate = &name.versions[NFR_PLACE_CANDIDATE];
  if (is_version(m, &name.versions[NFR_PLACE_CONFIRMED], capsule)) return DONE;
  if (!is_version(m, candidate, capsule)) return start_fetch(m, capsule);
  switch (candidate->state) {
    case NFR_STATE_FETCHING: return fetch_sections(m, slot, candidate, capsule);
    case NFR_STATE_STAGED: return event(m, "test", slot, NFR_EVENT_TEST, (struct nfr_why){0});
    case NFR_STATE_TESTING:
      err = verify_all(m, candidate);
      return err ? err : event(m, "test passed", slot, NFR_EVENT_TEST_PASSED, (struct nfr_why){0});
    case NFR_STATE_TRIAL: return is_whole ? event(m, "confirm", slot, NFR_EVENT_CONFIRM, (struct nfr_why){0}) : DONE;
    default: return NFR_ERR_STATE;
  }
}

static int pursue_roll_back(struct machine *m, const struct capsule *capsule) {
  const char *text = name_of_capsule(capsule->name);
  struct nfr_name name;
  uint16_t slot;
  int err = nfr_lifecycle_find(&m->store, text, strlen(text), &slot);
  if (err == NFR_OK) err = nfr_lifecycle_name(&m->store, slot, &name);
  if (err != NFR_OK) return err;
  if (is_version(m, &name.versions[NFR_PLACE_CONFIRMED], capsule)) return DONE;
  return event(m, "roll back", slot, NFR_EVENT_ROLL_BACK, (struct nfr_why){.reason = NFR_REASON_OPERATOR});
}

static int pursue_remove(struct machine *m, const struct goal *goal) {
  const char *text = name_of_capsule(goal->a);
  uint16_t slot;
  int err = nfr_lifecycle_find(&m->store, text, strlen(text), &slot);
  if (err == NFR_ERR_NOT_FOUND) return DONE;
  return err ? err : event(m, "remove", slot, NFR_EVENT_REMOVE, (struct nfr_why){0});
}

/* ---- the rest ---- */

static int pursue_keys(struct machine *m, const struct goal *goal) {
  struct nfr_settings settings;
  nfr_lifecycle_settings(&m->store, &settings);
  if (settings.key_list_version == goal->b) return DONE;
  int err = pursue_blob(m, goal->a);
  if (err != DONE) return err;
  struct keys keys = {.version = goal->b};
  err = nfr_store_find(&m->store, world_digest(goal->a), &keys.slot);
  return err ? err : told(m, "key list", call_keys, &keys);
}

static int pursue_free(struct machine *m, const struct goal *goal) {
  uint16_t slot;
  int err = nfr_store_find(&m->store, world_digest(goal->a), &slot);
  if (err == NFR_ERR_NOT_FOUND) return DONE;
  return err ? err : told(m, "free", call_free, &slot);
}

/* With few large blocks there may be no room to move anything. */
static int pursue_room(struct machine *m, const struct goal *goal) {
  uint32_t bytes = m->config.blobs->bytes / 11 * goal->b;
  int err = told(m, "room", call_room, &bytes);
  bool is_large = m->config.blobs->block_bytes > 8192;
  if (err != NFR_OK) return err == NFR_ERR_NO_SPACE && is_large ? DONE : err;
  struct nfr_store_usage usage;
  err = nfr_store_usage(&m->store, &usage);
  if (err == NFR_OK && usage.largest >= bytes) return DONE;
  broken(m, "room said that there are %u bytes, and there are %u", bytes, usage.largest);
  return NFR_ERR_STATE;
}

static int pursue_room_pinned(struct machine *m, const struct goal *goal) {
  uint16_t slot;
  struct nfr_blob before, after;
  const uint8_t *mapped;
  int err = nfr_store_find(&m->store, world_digest(goal->a), &slot);
  if (err == NFR_OK) err = nfr_store_blob(&m->store, slot, &before);
  if (err == NFR_OK) err = nfr_store_pin(&m->store, slot, &mapped);
  if (err != NFR_OK) return err;
  int result = pursue_room(m, goal);
  if (!nfr_flash_model_is_on(m->model)) return NFR_ERR_PORT;
  err = nfr_store_blob(&m->store, slot, &after);
  if (err == NFR_OK && after.offset != before.offset) {
    broken(m, "a pinned blob was moved from %#x to %#x", before.offset, after.offset);
    return NFR_ERR_STATE;
  }
  if (err == NFR_OK) err = nfr_store_unpin(&m->store, slot);
  return err ? err : result;
}

/* Nothing is in flight: what is there now is what the next start has to find. */
static int restart(struct machine *m, enum nfr_reset cause, uint8_t firmware) {
  struct start start = {cause, firmware};
  world_observe(m, &m->shadow.acknowledged);
  if (!mount_checked(m)) return NFR_ERR_STATE;
  m->script[RAM_FIRMWARE] = firmware;
  return told(m, "boot", call_boot, &start);
}

static int pursue_crash(struct machine *m, const struct goal *goal) {
  const struct capsule *capsule = &capsules[goal->a];
  const char *text = name_of_capsule(capsule->name);
  struct nfr_name name;
  uint16_t slot;
  int err = nfr_lifecycle_find(&m->store, text, strlen(text), &slot);
  if (err == NFR_OK) err = nfr_lifecycle_name(&m->store, slot, &name);
  if (err != NFR_OK) return err;
  const struct nfr_version *candidate = &name.versions[NFR_PLACE_CANDIDATE];
  if (candidate->state != NFR_STATE_TRIAL || candidate->strikes >= goal->b) return DONE;
  return restart(m, NFR_RESET_WATCHDOG, (uint8_t)m->script[RAM_FIRMWARE]);
}

static int pursue_restart(struct machine *m) {
  int err = told(m, "plan restart", call_plan, NULL);
  if (err == NFR_OK) err = restart(m, NFR_RESET_SOFTWARE, (uint8_t)m->script[RAM_FIRMWARE]);
  return err ? err : DONE;
}

/* Everything that can be read is hashed; nothing is written. */
static int pursue_scrub(struct machine *m) {
  uint64_t operations = nfr_flash_model_operations(m->model);
  int err = NFR_OK;
  for (unsigned i = 0; i < 40 && err == NFR_OK; i++) err = quiet(m, "scrub", call_scrub, NULL);
  nfr_store_cancel(&m->store);
  if (err == NFR_OK && nfr_flash_model_operations(m->model) != operations) {
    broken(m, "scrubbing wrote to flash");
    return NFR_ERR_STATE;
  }
  return err ? err : DONE;
}

static int pursue_prepare(struct machine *m) {
  int err = told(m, "prepare", call_prepare, NULL);
  return err == NFR_OK ? DONE : err == NFR_STORE_MORE ? NFR_OK : err;
}

static int pursue_time(struct machine *m, const struct goal *goal) {
  uint64_t seconds = 1700000000u + 100000u * goal->a;
  int err = told(m, "time", call_time, &seconds);
  return err ? err : DONE;
}

/* The other firmware has started; what it has not checked yet is loaded, tested and reported. */
static int pursue_firmware(struct machine *m) {
  uint16_t slot;
  enum nfr_place place;
  if (m->script[RAM_FIRMWARE] == 0) return restart(m, NFR_RESET_SOFTWARE, 1);
  int err = nfr_lifecycle_unchecked(&m->store, &slot, &place);
  if (err == NFR_ERR_NOT_FOUND) return DONE;
  return err ? err : event(m, "check passed", slot, NFR_EVENT_CHECK_PASSED, (struct nfr_why){.place = (uint8_t)place});
}

static int act(struct machine *m, const struct goal *goal) {
  switch ((enum goal_kind)goal->kind) {
    case GOAL_INSTALL: return pursue_capsule(m, &capsules[goal->a], true);
    case GOAL_TRIAL: return pursue_capsule(m, &capsules[goal->a], false);
    case GOAL_ROLL_BACK: return pursue_roll_back(m, &capsules[goal->a]);
    case GOAL_REMOVE: return pursue_remove(m, goal);
    case GOAL_KEY_LIST: return pursue_keys(m, goal);
    case GOAL_FETCH: return pursue_blob(m, goal->a);
    case GOAL_EITHER: return pursue_either(m, goal);
    case GOAL_HALF: return pursue_half(m, goal);
    case GOAL_FREE: return pursue_free(m, goal);
    case GOAL_ROOM: return pursue_room(m, goal);
    case GOAL_ROOM_PINNED: return pursue_room_pinned(m, goal);
    case GOAL_PREPARE: return pursue_prepare(m);
    case GOAL_SCRUB: return pursue_scrub(m);
    case GOAL_CRASH: return pursue_crash(m, goal);
    case GOAL_RESTART: return pursue_restart(m);
    case GOAL_TIME: return pursue_time(m, goal);
    case GOAL_FIRMWARE: return pursue_firmware(m);
    case GOAL_END: break;
  }
  return NFR_ERR_ARGUMENT;
}

/* ---- scenarios ---- */

enum { MAX_GOALS = 14 };

/* The goals before `watched` are setup. */
struct list { const char *name; uint8_t watched; struct goal goals[MAX_GOALS]; };

static const struct list lists[] = {
    {"fetch", 4, {{GOAL_INSTALL, KWS_1, 0}, {GOAL_FETCH, SMALL_0 + 5, 0}, {GOAL_FREE, SMALL_0 + 5, 0}, {GOAL_FETCH, SMALL_0 + 4, 0},
                  {GOAL_FREE, SMALL_0 + 4, 0}, {GOAL_EITHER, SMALL_0 + 5, SMALL_0 + 6}, {0}}},
    {"install", 0, {{GOAL_INSTALL, KWS_1, 0}, {0}}},
    {"swap", 1, {{GOAL_INSTALL, KWS_1, 0}, {GOAL_INSTALL, KWS_2, 0}, {0}}},
    {"roll-back", 2, {{GOAL_INSTALL, KWS_1, 0}, {GOAL_INSTALL, KWS_2, 0}, {GOAL_ROLL_BACK, KWS_1, 0}, {0}}},
    {"delete", 2, {{GOAL_INSTALL, KWS_1, 0}, {GOAL_INSTALL, VAD_1, 0}, {GOAL_REMOVE, NAME_KWS, 0}, {GOAL_FREE, MODEL_0, 0}, {GOAL_INSTALL, KWS_2, 0}, {0}}},
    {"reclaim", 9, {{GOAL_INSTALL, VAD_1, 0}, {GOAL_FETCH, LARGE_0 + 1, 0}, {GOAL_INSTALL, KWS_1, 0}, {GOAL_FETCH, LARGE_0 + 3, 0},
                    {GOAL_FETCH, LARGE_0 + 5, 0}, {GOAL_FETCH, LARGE_0 + 6, 0}, {GOAL_FETCH, LARGE_0 + 7, 0}, {GOAL_FETCH, SMALL_0 + 4, 0},
                    {GOAL_FETCH, LARGE_0 + 8, 0}, {GOAL_ROOM, 0, 5}, {GOAL_INSTALL, KWS_2, 0}, {0}}},
    {"compact", 5, {{GOAL_FETCH, LARGE_0 + 1, 0}, {GOAL_INSTALL, KWS_1, 0}, {GOAL_FETCH, LARGE_0 + 3, 0}, {GOAL_INSTALL, BIG_1, 0},
                    {GOAL_FETCH, LARGE_0 + 5, 0}, {GOAL_ROOM_PINNED, MODEL_0, 4}, {GOAL_INSTALL, VAD_1, 0}, {0}}},
    {"key-list", 2, {{GOAL_KEY_LIST, KEY_LIST, 1}, {GOAL_INSTALL, KWS_1, 0}, {GOAL_KEY_LIST, KEY_LIST + 1, 2}, {0}}},
    {"resume", 2, {{GOAL_INSTALL, KWS_1, 0}, {GOAL_HALF, MODEL_0 + 1, 3}, {GOAL_HALF, MODEL_0 + 1, 5}, {GOAL_RESTART, 0, 0}, {GOAL_INSTALL, KWS_2, 0}, {0}}},
    {"strikes", 2, {{GOAL_INSTALL, KWS_1, 0}, {GOAL_TRIAL, KWS_2, 0}, {GOAL_CRASH, KWS_2, 2}, {GOAL_RESTART, 0, 0}, {GOAL_CRASH, KWS_2, 3}, {GOAL_INSTALL, KWS_3, 0}, {0}}},
    {"settings-by-day", 1, {{GOAL_INSTALL, VAD_1, 0}, {GOAL_TIME, 1, 0}, {GOAL_TIME, 2, 0}, {GOAL_TIME, 3, 0}, {GOAL_KEY_LIST, KEY_LIST, 7}, {GOAL_TIME, 4, 0}, {0}}},
    {"prepared", 1, {{GOAL_INSTALL, KWS_1, 0}, {GOAL_PREPARE, 0, 0}, {GOAL_SCRUB, 0, 0}, {GOAL_TRIAL, KWS_2, 0}, {GOAL_PREPARE, 0, 0}, {GOAL_INSTALL, KWS_2, 0}, {GOAL_SCRUB, 0, 0}, {0}}},
    {"upgrade", 2, {{GOAL_INSTALL, KWS_1, 0}, {GOAL_INSTALL, VAD_1, 0}, {GOAL_TIME, 1, 0}, {GOAL_INSTALL, VAD_2, 0}, {0}}},
    {"firmware", 2, {{GOAL_INSTALL, KWS_1, 0}, {GOAL_INSTALL, VAD_1, 0}, {GOAL_FIRMWARE, 0, 0}, {GOAL_INSTALL, VAD_2, 0}, {0}}},
};

static const struct list *list_of(const struct machine *m) {
  for (unsigned i = 0; i < sizeof lists / sizeof lists[0]; i++)
    if (strcmp(lists[i].name, m->job->scenario->name) == 0) return &lists[i];
  return NULL;
}

static uint64_t generation(const struct machine *m) {
  struct nfr_settings settings;
  nfr_lifecycle_settings(&m->store, &settings);
  return settings.generation;
}

static int step(struct machine *m) {
  const struct list *list = list_of(m);
  if (m->store.config == NULL) return NFR_ERR_PORT; /* the power failed, and the store knows */
  uint64_t at = generation(m);
  if (at >= MAX_GOALS || list->goals[at].kind == GOAL_END) return NFR_OK;
  int err = act(m, &list->goals[at]);
  if (err == DONE) {
    at++;
    err = told(m, "generation", call_generation, &at);
  }
  return err ? err : NFR_STORE_MORE;
}

static int setup(struct machine *m) {
  world_make(m->job);
  struct start start = {NFR_RESET_POWER_ON, 0};
  int err = nfr_store_format(&m->store, &m->config);
  if (err == NFR_OK) err = call_boot(m, &start);
  for (unsigned i = 0; i < 20000 && err == NFR_OK && generation(m) < list_of(m)->watched; i++) {
    err = step(m);
    if (err == NFR_STORE_MORE) err = NFR_OK;
  }
  return err;
}

/* The same store, written by the version before. */
static int setup_upgrade(struct machine *m) {
  int err = setup(m);
  struct journal_image image;
  uint8_t *bytes = err == NFR_OK ? malloc(m->config.journal->bytes) : NULL;
  if (bytes == NULL) return err ? err : NFR_ERR_NO_MEMORY;
  image_of_store(&image, &m->store, bytes, 1);
  nfr_flash_model_put(m->model, NFR_FLASH_JOURNAL, 0, bytes, m->config.journal->bytes);
  free(bytes);
  forget_ram(m);
  uint64_t operations = nfr_flash_model_operations(m->model);
  err = nfr_store_mount(&m->store, &m->config);
  if (err == NFR_OK && (m->store.version != 1 || nfr_flash_model_operations(m->model) != operations)) return NFR_ERR_VERSION;
  return err;
}

/* Which firmware runs: the one that the settings name, once it has started. */
static int boot(struct machine *m) {
  struct nfr_settings settings;
  nfr_lifecycle_settings(&m->store, &settings);
  struct start start = {NFR_RESET_POWER_ON, memcmp(settings.firmware, firmwares[1], 16) == 0};
  m->script[RAM_FIRMWARE] = start.firmware;
  return told(m, "boot", call_boot, &start);
}

static int after(struct machine *m) {
  int err = NFR_OK;
  for (unsigned i = 0; i < 5000 && err == NFR_OK; i++) err = pursue_capsule(m, &capsules[NEW_1], true);
  return err == DONE ? NFR_OK : err ? err : NFR_ERR_BUDGET;
}

#define STORE(scenario_name, is_mutation) STORE_FROM(scenario_name, is_mutation, setup)
#define STORE_FROM(scenario_name, is_mutation, from) \
  {.name = scenario_name, .mutations = is_mutation, .setup = from, .step = step, .boot = boot, .observe = world_observe, .check = world_check, .after = after}

const struct scenario powerloss_store_scenarios[] = {
    STORE("fetch", 1), STORE("install", 1), STORE("swap", 1),   STORE("roll-back", 0), STORE("delete", 1),          STORE("reclaim", 1),  STORE("compact", 1),
    STORE("key-list", 0), STORE("resume", 1), STORE("strikes", 0),  STORE("settings-by-day", 0), STORE("prepared", 0), STORE("firmware", 0), STORE_FROM("upgrade", 1, setup_upgrade),
};
const unsigned powerloss_store_scenario_count = sizeof powerloss_store_scenarios / sizeof powerloss_store_scenarios[0];
