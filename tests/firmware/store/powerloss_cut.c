/* Cutting the power: see powerloss.h. */
#include "powerloss.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nfr_mbedtls.h"

enum { BEFORE = 0, AFTER = 1, TORN = 2, MOST_STEPS = 20000, MOST_MOUNT_OPERATIONS = 40 };

static const char *const regions[2] = {"journal", "blobs"};

uint64_t mix64(uint64_t x) {
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
  x = (x ^ x >> 27) * 0x94d049bb133111ebu;
  return x ^ x >> 31;
}

static void recover(struct machine *m);

/* ---- findings ---- */

static void print_path(const struct outcome *outcome, char *text, size_t bytes) {
  int at = 0;
  text[0] = 0;
  for (unsigned i = 0; i < outcome->path_length && (size_t)at < bytes; i++) {
    const struct cut *cut = &outcome->path[i];
    at += snprintf(text + at, bytes - (size_t)at, "%s%u%c", i ? "-" : "", cut->operation, "bat"[cut->mode > TORN ? TORN : cut->mode]);
    if (cut->mode >= TORN && (size_t)at < bytes) at += snprintf(text + at, bytes - (size_t)at, "%u", cut->mode - TORN);
  }
}

void broken(struct machine *m, const char *format, ...) {
  struct outcome *outcome = m->job->outcome;
  char text[180], path[80];
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  print_path(outcome, path, sizeof path);
  if (outcome->failures++ == 0) {
    outcome->cuts_to_failure = outcome->cuts;
    (void)snprintf(outcome->message, sizeof outcome->message, "%s (while: %.40s)", text, m->doing);
  }
  if (outcome->failures <= 3 || m->job->is_verbose)
    fprintf(stderr, "FAILED %s on %s: %s (while: %s, machine %u)\n  tests/powerloss --scenario %s --geometry %s --seed %llu --case %s\n",
            m->job->scenario->name, m->job->geometry->name, text, m->doing, m->depth, m->job->scenario->name, m->job->geometry->name,
            (unsigned long long)m->job->seed, path[0] ? path : "0");
  if (m->job->stops_at_failure) _Exit(3);
}

static void tell(const struct machine *m, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void tell(const struct machine *m, const char *format, ...) {
  va_list arguments;
  if (!m->job->is_verbose || m->is_looking) return;
  printf("%*s%u: ", (int)m->depth * 2, "", m->depth);
  va_start(arguments, format);
  (void)vprintf(format, arguments);
  va_end(arguments);
  printf("\n");
}

/* ---- machines ---- */

void forget_ram(struct machine *m) {
  memset(&m->store, 0xa5, sizeof m->store);
  memset(m->index, 0xa5, sizeof m->index);
  memset(m->buffer, 0xa5, sizeof m->buffer);
  memset(m->script, 0, sizeof m->script);
}

static void copy_chip(struct machine *to, const struct machine *from) {
  if (nfr_flash_model_copy(to->model, from->model) != NFR_OK) abort();
}

/* The whole device, as it runs. */
static void copy_machine(struct machine *to, const struct machine *from) {
  copy_chip(to, from);
  to->store = from->store;
  if (to->store.config != NULL) to->store.config = &to->config;
  memcpy(to->index, from->index, sizeof to->index);
  memcpy(to->buffer, from->buffer, sizeof to->buffer);
  memcpy(to->script, from->script, sizeof to->script);
  to->shadow = from->shadow;
  to->is_watched = false;
  to->is_mounting = false;
  to->doing = from->doing;
}

static uint64_t random_of(const struct job *job, uint64_t salt) {
  uint64_t x = job->seed;
  for (unsigned i = 0; i < job->outcome->path_length; i++)
    x = mix64(x + 0x9e3779b97f4a7c15u * (job->outcome->path[i].operation * 16u + job->outcome->path[i].mode + 1u));
  return mix64(x + salt);
}

/* Whether this operation is cut in this mode. The first cut: all; those of recoveries: while mounting all, later a sample. */
static bool is_chosen(const struct machine *m, uint32_t operation, unsigned mode) {
  const struct job *job = m->job;
  if (job->only != NULL)
    return m->depth < job->only_length && job->only[m->depth].operation == operation && job->only[m->depth].mode == mode;
  if (m->depth == 0) return mode < TORN + job->torn_seeds;
  if (mode > TORN || mode == BEFORE) return false; /* before it: after the one before */
  if (m->depth == 1 && m->is_mounting && (job->outcome->path[0].mode <= TORN || random_of(job, operation * 8u + mode) % 4 == 0)) return true;
  uint32_t stride = job->strides[m->depth];
  return stride != 0 && random_of(job, operation * 8u + mode) % stride == 0;
}

static int repeat(struct face *face, bool is_erase, uint32_t offset, const void *data, uint32_t bytes) {
  const struct nfr_flash *inner = face->inner;
  return is_erase ? inner->erase(inner->context, offset) : inner->program(inner->context, offset, data, bytes);
}

/* Cuts page `page` of a call that machine m is about to make. */
static void cut_here(struct machine *m, const struct face *face, bool is_erase, uint32_t offset, const void *data, uint32_t bytes,
                     uint32_t page, unsigned mode) {
  static const enum nfr_flash_cut cuts[3] = {NFR_CUT_BEFORE, NFR_CUT_AFTER, NFR_CUT_TORN};
  struct job *job = m->job;
  struct machine *next = m + 1;
  struct outcome *outcome = job->outcome;
  outcome->path[outcome->path_length++] = (struct cut){m->operations, (uint8_t)mode};
  copy_chip(next, m);
  nfr_flash_model_power_on(next->model, random_of(job, 1));
  nfr_flash_model_cut(next->model, page + 1, cuts[mode > TORN ? TORN : mode]);
  (void)repeat(&next->faces[face->region], is_erase, offset, data, bytes);
  if (nfr_flash_model_is_on(next->model)) broken(next, "programming ended before its page %u: units there are not erased", page);
  nfr_flash_model_power_on(next->model, random_of(job, 2));
  next->shadow = m->shadow;
  outcome->cuts++;
  outcome->torn += mode >= TORN;
  outcome->levels[m->depth]++;
  recover(next);
  outcome->path_length--;
}

static void watch(struct face *face, bool is_erase, uint32_t offset, const void *data, uint32_t bytes) {
  struct machine *m = face->machine;
  const struct nfr_flash_geometry *geometry = face->region == NFR_FLASH_JOURNAL ? &m->job->chip.journal : &m->job->chip.blobs;
  uint32_t page_bytes = geometry->page_bytes;
  uint32_t pages = is_erase || bytes == 0 ? 1 : (offset + bytes - 1) / page_bytes - offset / page_bytes + 1;
  bool is_dull = m->depth == 0 && m->job->scenario->is_dull != NULL && m->job->scenario->is_dull(m);
  /* Of thousands of pages that are copied one after the other (large blocks, small pages) some five hundred are cut. */
  uint32_t scenario_operations = m->job->outcome->operations;
  bool is_one_of_many = m->depth == 0 && !is_erase && face->region == NFR_FLASH_BLOBS && scenario_operations > 1500 && m->job->only == NULL;
  for (uint32_t page = 0; page < pages; page++) {
    m->operations++;
    if (is_one_of_many && random_of(m->job, m->operations) % (scenario_operations / 500) != 0) continue;
    if (page == 0) tell(m, "%u: %s %s %#x + %u (%s)", m->operations, is_erase ? "erase" : "program", regions[face->region], offset, bytes, m->doing);
    if (!m->is_watched || is_dull || m->depth + 1 >= MACHINES - 1) continue;
    for (unsigned mode = 0; mode < TORN + TORN_SEEDS; mode++)
      if (is_chosen(m, m->operations, mode)) cut_here(m, face, is_erase, offset, data, bytes, page, mode);
  }
}

static int face_read(void *context, uint32_t offset, void *data, uint32_t bytes) {
  const struct face *face = context;
  return face->inner->read(face->inner->context, offset, data, bytes);
}

static int face_program(void *context, uint32_t offset, const void *data, uint32_t bytes) {
  struct face *face = context;
  watch(face, false, offset, data, bytes);
  return repeat(face, false, offset, data, bytes);
}

static int face_erase(void *context, uint32_t block) {
  struct face *face = context;
  watch(face, true, block, NULL, 0);
  return repeat(face, true, block, NULL, 0);
}

/* ---- calls ---- */

int told(struct machine *m, const char *doing, int (*call)(struct machine *, const void *), const void *argument) {
  m->doing = doing;
  struct machine *copy = m + 1;
  if (!nfr_flash_model_is_on(m->model)) return NFR_ERR_PORT;
  bool looks_ahead = (m->is_watched || m->is_storm) && m->depth + 1 < MACHINES;
  if (looks_ahead) {
    copy_machine(copy, m);
    copy->is_storm = false;
    copy->is_looking = true;
    nfr_flash_model_cut(copy->model, 0, NFR_CUT_NEVER);
    (void)!call(copy, argument); /* whatever it returns, it may have written */
    copy->is_looking = false;
    struct state ahead = {0};
    m->job->scenario->observe(copy, &ahead);
    expect(&m->shadow, &ahead);
  }
  int err = call(m, argument);
  if (looks_ahead && nfr_flash_model_is_on(m->model)) {
    struct state now = {0};
    m->job->scenario->observe(m, &now);
    (void)agree(m, &now);
  }
  return err;
}

int quiet(struct machine *m, const char *doing, int (*call)(struct machine *, const void *), const void *argument) {
  m->doing = doing;
  m->shadow.is_quiet = true;
  int err = call(m, argument);
  if (nfr_flash_model_is_on(m->model)) m->shadow.is_quiet = false;
  return err;
}

/* ---- starting ---- */

static uint64_t bytes_read(const struct machine *m) {
  return nfr_flash_model_counts(m->model, NFR_FLASH_JOURNAL).bytes_read + nfr_flash_model_counts(m->model, NFR_FLASH_BLOBS).bytes_read;
}

static bool is_clean(struct machine *m) {
  uint64_t refused = nfr_flash_model_counts(m->model, NFR_FLASH_BLOBS).refused;
  if (nfr_flash_model_violations(m->model) != 0) broken(m, "the flash was misused: %s", nfr_flash_model_violation(m->model));
  else if (refused != 0) broken(m, "%llu units of the blob region were programmed twice", (unsigned long long)refused);
  else return true;
  return false;
}

static void note_refused(struct machine *m) {
  uint64_t refused = nfr_flash_model_counts(m->model, NFR_FLASH_JOURNAL).refused;
  if (refused > m->job->outcome->refused) m->job->outcome->refused = (uint32_t)refused;
}

/* Mounts, and measures it: bounded, whatever happened. */
bool mount_checked(struct machine *m) {
  struct outcome *outcome = m->job->outcome;
  uint64_t operations = nfr_flash_model_operations(m->model), bytes = bytes_read(m);
  forget_ram(m);
  m->doing = "mount";
  m->is_mounting = true;
  int err = nfr_store_mount(&m->store, &m->config);
  m->is_mounting = false;
  if (m->is_storm && !nfr_flash_model_is_on(m->model)) return false;
  operations = nfr_flash_model_operations(m->model) - operations;
  bytes = bytes_read(m) - bytes;
  tell(m, "mount: %d, %llu operations, %llu bytes read", err, (unsigned long long)operations, (unsigned long long)bytes);
  if (operations > outcome->most_operations) outcome->most_operations = (uint32_t)operations;
  if (bytes > outcome->most_bytes) outcome->most_bytes = bytes;
  if (err != NFR_OK) {
    broken(m, "the store does not mount: %d", err);
    return false;
  }
  /* Headers twice and each block once, with what a search behind an unreadable place costs; and a snapshot, written and read back. */
  uint64_t bound = 4u * m->config.journal->bytes + 65536u;
  uint32_t most = MOST_MOUNT_OPERATIONS + m->config.journal->bytes / m->config.journal->block_bytes + 2 * m->store.live / m->job->chip.journal.page_bytes;
  if (operations > most || bytes > bound) broken(m, "mounting took %llu operations and read %llu bytes: more than %u and %llu",
                                                 (unsigned long long)operations, (unsigned long long)bytes, most, (unsigned long long)bound);
  struct state observed = {0};
  m->job->scenario->observe(m, &observed);
  return agree(m, &observed) && is_clean(m) && (m->job->scenario->check == NULL || m->job->scenario->check(m));
}

/* A second mount right after, with other faces of what flaps, sees the same and writes nothing; but when a call was cut and the first
 * one wrote nothing: then a record may be found now, or its seal missed, and it is made sure of. */
static bool mounts_again(struct machine *m, bool was_cut) {
  if (m->depth + 1 >= MACHINES) return true;
  bool may_find = was_cut && !m->store.is_claimed;
  struct machine *again = m + 1;
  copy_chip(again, m);
  nfr_flash_model_power_on(again->model, random_of(m->job, 3));
  again->shadow = m->shadow;
  again->is_watched = again->is_storm = false;
  uint64_t before = nfr_flash_model_operations(again->model);
  if (!mount_checked(again)) return false;
  if (may_find || nfr_flash_model_operations(again->model) == before) return true;
  broken(m, "a second mount wrote to flash");
  return false;
}

/* As far as the scenario goes, or `limit` steps. NFR_OK: it has ended. */
static int go_on(struct machine *m, uint32_t limit) {
  int err = NFR_STORE_MORE;
  for (uint32_t i = 0; i < limit && err == NFR_STORE_MORE; i++) {
    uint64_t failures = m->job->outcome->failures;
    err = m->job->scenario->step(m);
    if (m->job->outcome->failures != failures && !m->is_watched) return NFR_ERR_STATE;
  }
  if (err == NFR_STORE_MORE && limit >= MOST_STEPS) err = NFR_ERR_BUDGET;
  return err;
}

static int boot(struct machine *m) {
  if (!mount_checked(m)) return NFR_ERR_STATE;
  m->doing = "boot";
  return m->job->scenario->boot == NULL ? NFR_OK : m->job->scenario->boot(m);
}

/* The power is back after a cut. */
static void recover(struct machine *m) {
  struct job *job = m->job;
  m->operations = 0;
  m->is_storm = false;
  m->is_watched = m->depth + 1 < MACHINES - 1 && (job->only == NULL || job->outcome->path_length < job->only_length);
  tell(m, "power on");
  bool was_cut = m->shadow.count > 0 || m->shadow.is_quiet;
  int err = boot(m);
  if (err == NFR_OK && !m->is_watched) m->job->scenario->observe(m, &m->shadow.acknowledged); /* what booting wrote */
  if (err != NFR_OK || !mounts_again(m, was_cut)) {
    if (err != NFR_OK && err != NFR_ERR_STATE) broken(m, "boot: %d", err);
    return;
  }
  bool is_large = job->chip.blobs.block_bytes > 8192 || job->chip.journal.block_bytes > 8192;
  uint64_t rarity = m->depth > 1 ? 8 : job->outcome->operations < 60 ? 1 : is_large ? 16 : 4;
  bool is_whole = job->only != NULL || random_of(job, 4) % rarity == 0;
  err = go_on(m, is_whole ? MOST_STEPS : is_large ? 4 : 8);
  m->is_watched = false;
  if (err != NFR_OK && err != NFR_STORE_MORE) {
    broken(m, "the scenario cannot be completed: %d", err);
    return;
  }
  if (err == NFR_OK && job->scenario->after != NULL && (err = job->scenario->after(m)) != NFR_OK)
    broken(m, "nothing new can be done: %d", err);
  if (!is_clean(m)) return;
  m->doing = "after all";
  struct state now = {0};
  m->job->scenario->observe(m, &now);
  m->shadow.acknowledged = now;
  if (job->scenario->check != NULL) (void)job->scenario->check(m);
  note_refused(m);
}

/* The power fails at a random operation of k boots one after the other, then it stays. */
static void storm(struct job *job, uint32_t boots) {
  struct machine *m = &job->machines[1];
  struct outcome *outcome = job->outcome;
  uint64_t random = mix64(job->seed + boots * 0x9e3779b97f4a7c15u);
  outcome->path_length = 0;
  copy_chip(m, &job->machines[0]);
  m->shadow = job->machines[0].shadow;
  for (uint32_t i = 0; i < boots; i++) {
    random = mix64(random + i + 1);
    nfr_flash_model_power_on(m->model, random);
    nfr_flash_model_cut(m->model, 1 + (random >> 8) % (i == 0 ? outcome->operations + 1u : 9u), (enum nfr_flash_cut)(1 + (random >> 40) % 3));
    m->is_storm = true;
    m->is_watched = false;
    m->operations = 0;
    uint64_t failures = outcome->failures;
    if (boot(m) == NFR_OK)
      while (nfr_flash_model_is_on(m->model) && job->scenario->step(m) == NFR_STORE_MORE) {}
    if (outcome->failures != failures) {
      fprintf(stderr, "  --case s%u, at boot %u\n", boots, i);
      return;
    }
    if (nfr_flash_model_is_on(m->model)) continue; /* it had ended before */
    outcome->cuts++;
    outcome->levels[3]++;
  }
  uint64_t failures = outcome->failures;
  nfr_flash_model_power_on(m->model, random);
  recover(m);
  if (outcome->failures != failures) fprintf(stderr, "  --case s%u, afterwards\n", boots);
}

/* ---- a job ---- */

static void build(struct job *job) {
  for (unsigned i = 0; i < MACHINES; i++) {
    struct machine *m = &job->machines[i];
    m->job = job;
    m->depth = i;
    if (nfr_flash_model_new(&job->chip, &m->model) != NFR_OK) abort();
    for (unsigned k = 0; k < 2; k++) {
      m->faces[k] = (struct face){m, nfr_flash_model_flash(m->model, (enum nfr_flash_region)k), (enum nfr_flash_region)k};
      m->flash[k] = *m->faces[k].inner;
      m->flash[k].context = &m->faces[k];
      m->flash[k].read = face_read;
      m->flash[k].program = face_program;
      m->flash[k].erase = face_erase;
    }
    m->config = (struct nfr_store_config){.journal = &m->flash[0], .blobs = &m->flash[1], .crypto = nfr_mbedtls_crypto(), .device = 0x1122334455667788u,
                                          .index = m->index, .slots = SLOTS, .buffer_bytes = BUFFER_BYTES, .buffer = m->buffer};
    forget_ram(m);
    m->doing = "setup";
  }
}

/* Cuts of recoveries are a sample so large that there are about `second` and `third` of them. */
static void choose_strides(struct job *job) {
  uint64_t n = job->outcome->operations, steps = n < 200 ? n : 40, first = n * (2 + job->torn_seeds);
  bool is_large = job->chip.journal.block_bytes > 8192;
  uint64_t second = job->is_quick ? 150 : is_large ? 200 : 500, third = job->is_quick ? 150 : is_large ? 50 : 200;
  if (n < 60 && !is_large) second = third = 2500; /* a few operations: nearly all of them */
  uint64_t of_second = 2 * first * steps, of_third = (2 * first + 2 * second) * steps;
  job->strides[1] = (uint32_t)(of_second / second + 1);
  job->strides[2] = (uint32_t)(of_third / third + 1);
}

void powerloss_run(struct job *job) {
  struct outcome *outcome = job->outcome;
  struct machine *m = &job->machines[0], *dry = &job->machines[1];
  build(job);
  int err = job->scenario->setup(m);
  if (err == NFR_STORE_MORE) {
    outcome->is_left_out = outcome->is_done = true;
    return;
  }
  if (err == NFR_OK) {
    job->scenario->observe(m, &m->shadow.acknowledged);
    /* Without cuts first: how many operations are there? */
    copy_machine(dry, m);
    dry->operations = 0;
    err = go_on(dry, MOST_STEPS);
    outcome->operations = dry->operations;
    if (err == NFR_OK && job->scenario->after != NULL) err = job->scenario->after(dry);
    if (err == NFR_OK && job->scenario->check != NULL && !job->scenario->check(dry)) err = NFR_ERR_STATE;
  }
  if (err != NFR_OK) broken(dry, "without any cut the scenario ends with %d", err);
  if (err != NFR_OK || !is_clean(dry) || outcome->operations == 0) return;
  choose_strides(job);
  for (uint32_t boots = 1; boots <= 20 && job->only == NULL; boots += job->is_quick ? 6 : 1)
    if (job->only_storm == 0 || job->only_storm == boots) storm(job, boots);
  if (job->only_storm != 0) return;
  m->operations = 0;
  m->is_watched = true;
  m->is_storm = false;
  outcome->path_length = 0;
  err = go_on(m, MOST_STEPS);
  if (err != NFR_OK) broken(m, "the scenario ends with %d", err);
  outcome->is_done = true;
}
