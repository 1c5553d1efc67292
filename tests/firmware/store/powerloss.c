/* powerloss [--quick] [--mutations] [--scenario NAME] [--geometry NAME] [--seed N] [--case PATH] [--jobs N]
 * Runs the scenarios of powerloss.h, each on each geometry in a process of its own, and prints the table. --case replays one
 * failing case verbosely ("137t2-3b": cut 137 torn with seed 2, then operation 3 of the recovery before; "s7": the storm of 7
 * cuts). --mutations: the short run that tells whether a mutated store is caught; ends at the first failure.
 * Exit code: 0 when nothing failed. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "powerloss.h"

enum { MAX_SCENARIOS = 40, JOB_SECONDS = 200, GEOMETRIES = (int)NFR_FLASH_STANDARDS };

static struct {
  const char *scenario, *geometry, *path;
  uint64_t seed;
  unsigned jobs;
  bool is_quick, mutations;
} option = {.seed = 1, .jobs = 2};

static const struct scenario *scenario_at(unsigned i) {
  unsigned first = powerloss_journal_scenario_count;
  return i < first ? &powerloss_journal_scenarios[i] : &powerloss_store_scenarios[i - first];
}

static unsigned scenario_count(void) { return powerloss_journal_scenario_count + powerloss_store_scenario_count; }

/* Geometries of --quick and of mutations: NOR, ECC, large units, and one with large blocks. */
static bool is_short(unsigned geometry) {
  const char *name = nfr_flash_standards[geometry].name;
  return strcmp(name, "nor-4k-journal-of-4") == 0 || strcmp(name, "ecc-2k-8") == 0 || strcmp(name, "encrypted-4k-32") == 0;
}

static bool is_wanted(unsigned scenario, unsigned geometry) {
  if (option.scenario && strcmp(option.scenario, scenario_at(scenario)->name) != 0) return false;
  if (option.geometry) return strcmp(option.geometry, nfr_flash_standards[geometry].name) == 0;
  if (option.mutations && !scenario_at(scenario)->mutations) return false;
  return !(option.is_quick || option.mutations) || is_short(geometry);
}

/* "137t2-3b" */
static bool read_path(const char *text, struct cut path[MACHINES], uint8_t *length) {
  for (*length = 0; *text && *length < MACHINES; ++*length) {
    char *end;
    path[*length].operation = (uint32_t)strtoul(text, &end, 10);
    const char *mode = *end ? strchr("bat", *end) : NULL;
    if (end == text || mode == NULL) return false;
    path[*length].mode = (uint8_t)(mode - strchr("bat", 'b'));
    text = end + 1;
    if (*mode == 't') path[*length].mode = (uint8_t)(path[*length].mode + strtoul(text, &end, 10)), text = end;
    if (*text == '-') text++;
  }
  return *text == 0;
}

/* In a process of its own. */
static void run_job(unsigned scenario, unsigned geometry, struct outcome *outcome) {
  static struct job job;
  static struct cut path[MACHINES];
  const struct nfr_flash_standard *standard = &nfr_flash_standards[geometry];
  job = (struct job){.scenario = scenario_at(scenario), .geometry = standard, .seed = option.seed, .outcome = outcome,
                     .torn_seeds = option.is_quick || option.mutations ? 1 : TORN_SEEDS, .is_quick = option.is_quick || option.mutations,
                     .stops_at_failure = option.mutations};
  job.chip = nfr_flash_model_standard(standard);
  job.chip.noise = strncmp(standard->name, "encrypted", 9) == 0;
  if (scenario < powerloss_journal_scenario_count) { /* nothing stands there, and it would be copied all the time */
    job.chip.blobs.block_bytes = 1024;
    job.chip.blob_blocks = 2;
  }
  if (job.scenario->journal_blocks) job.chip.journal_blocks = job.scenario->journal_blocks;
  uint32_t unit = job.chip.journal.unit_bytes < 8 ? 8 : job.chip.journal.unit_bytes;
  if (job.chip.journal.block_bytes < 2048 || (uint64_t)job.chip.journal_blocks * job.chip.journal.block_bytes / unit > 65536) {
    outcome->is_left_out = outcome->is_done = true;
    return;
  }
  if (option.path && option.path[0] == 's') {
    job.only_storm = (uint32_t)strtoul(option.path + 1, NULL, 10);
    job.is_verbose = true;
  } else if (option.path) {
    if (!read_path(option.path, path, &job.only_length)) _Exit(2);
    job.only = path;
    job.is_verbose = true;
    job.torn_seeds = TORN_SEEDS;
  }
  if (job.is_verbose) (void)setvbuf(stdout, NULL, _IOLBF, 0);
  struct rlimit limit = {option.mutations ? JOB_SECONDS / 5 : JOB_SECONDS, RLIM_INFINITY};
  if (setrlimit(RLIMIT_CPU, &limit)) _Exit(2);
  powerloss_run(&job);
}

static double now(void) {
  struct timespec t;
  (void)clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void print_row(const char *name, const struct outcome *row[GEOMETRIES]) {
  printf("%-20s", name);
  for (unsigned g = 0; g < GEOMETRIES; g++) {
    if (row[g] == NULL) continue;
    if (row[g]->is_left_out) printf(" %9s", "-");
    else if (row[g]->failures) printf(" %5llu!%3llu", (unsigned long long)row[g]->cuts, (unsigned long long)row[g]->failures);
    else printf(" %9llu", (unsigned long long)row[g]->cuts);
  }
  printf("\n");
}

static void print_heads(void) {
  printf("%-20s", "cuts (cuts!failures)");
  unsigned number = 0;
  for (unsigned g = 0; g < GEOMETRIES; g++) {
    bool is_there = false;
    for (unsigned s = 0; s < scenario_count(); s++) is_there |= is_wanted(s, g);
    if (is_there) printf(" %8s%c", "", 'A' + (char)number++);
  }
  printf("\n");
}

static int print_table(const struct outcome *outcomes, double seconds) {
  struct outcome sum = {0};
  unsigned passed = 0, failed = 0, number = 0;
  for (unsigned g = 0; g < GEOMETRIES; g++) {
    bool is_there = false;
    for (unsigned s = 0; s < scenario_count(); s++) is_there |= is_wanted(s, g);
    if (!is_there) continue;
    printf("%c %s%s", 'A' + (char)number, nfr_flash_standards[g].name, number % 4 == 3 ? "\n" : "  ");
    number++;
  }
  printf("\n");
  print_heads();
  for (unsigned s = 0; s < scenario_count(); s++) {
    const struct outcome *row[GEOMETRIES] = {0};
    bool is_there = false;
    for (unsigned g = 0; g < GEOMETRIES; g++) {
      if (!is_wanted(s, g)) continue;
      const struct outcome *o = row[g] = &outcomes[s * GEOMETRIES + g];
      is_there = true;
      if (o->is_left_out) continue;
      sum.cuts += o->cuts;
      sum.torn += o->torn;
      sum.failures += o->failures;
      for (unsigned i = 0; i < 4; i++) sum.levels[i] += o->levels[i];
      if (o->most_operations > sum.most_operations) sum.most_operations = o->most_operations;
      if (o->most_bytes > sum.most_bytes) sum.most_bytes = o->most_bytes;
      if (o->refused > sum.refused) sum.refused = o->refused;
      if (o->failures == 0) passed++;
      else failed++;
    }
    if (is_there) print_row(scenario_at(s)->name, row);
  }
  printf("%llu of them torn; first cuts %llu, second %llu, third %llu, on every boot for a while %llu; %.0f s\n", (unsigned long long)sum.torn,
         (unsigned long long)sum.levels[0], (unsigned long long)sum.levels[1], (unsigned long long)sum.levels[2],
         (unsigned long long)sum.levels[3], seconds);
  printf("longest mount: %u operations, %llu bytes read; programs refused by a unit that was half-programmed: at most %u in a history\n",
         sum.most_operations, (unsigned long long)sum.most_bytes, sum.refused);
  printf("%llu cuts, %llu failures\n%u passed, %u failed\n", (unsigned long long)sum.cuts, (unsigned long long)sum.failures, passed, failed);
  return passed > 0 && failed == 0 ? 0 : 1;
}

static bool has_died(const struct outcome *o) { return o->is_done == false && o->failures == 0; }

/* A process that died in the midst is a failure: where it was stands in shared memory. */
static void note_death(unsigned scenario, unsigned geometry, struct outcome *o, int status) {
  if (!has_died(o)) return;
  o->failures++;
  o->cuts_to_failure = o->cuts;
  const char *how = !WIFSIGNALED(status) ? "stopped" : WTERMSIG(status) == SIGXCPU ? "hung" : "crashed";
  (void)snprintf(o->message, sizeof o->message, "%s (status %#x)", how, (unsigned)status);
  fprintf(stderr, "FAILED %s on %s: %s at case ", scenario_at(scenario)->name, nfr_flash_standards[geometry].name, o->message);
  for (unsigned i = 0; i < o->path_length && i < MACHINES; i++)
    fprintf(stderr, o->path[i].mode < 2 ? "%s%u%c" : "%s%u%c%u", i ? "-" : "", o->path[i].operation, "bat"[o->path[i].mode > 2 ? 2 : o->path[i].mode], o->path[i].mode - 2);
  fprintf(stderr, "\n");
}

static int run_all(struct outcome *outcomes) {
  struct { pid_t pid; unsigned scenario, geometry; } running[16] = {0};
  unsigned active = 0, total = scenario_count() * GEOMETRIES;
  bool stop = false;
  double started = now();
  /* Large blocks take longest: they go first. */
  for (unsigned i = 0; i < total || active > 0;) {
    unsigned scenario = (total - 1 - i) % scenario_count(), geometry = (total - 1 - i) / scenario_count();
    if (i < total && (stop || !is_wanted(scenario, geometry))) {
      i++;
      continue;
    }
    if (i < total && active < option.jobs) {
      unsigned k = 0;
      while (running[k].pid) k++;
      fflush(stdout);
      pid_t pid = fork();
      if (pid == 0) {
        run_job(scenario, geometry, &outcomes[scenario * GEOMETRIES + geometry]);
        fflush(stdout);
        _Exit(0);
      }
      if (pid < 0) return 1;
      running[k].pid = pid, running[k].scenario = scenario, running[k].geometry = geometry;
      active++, i++;
      continue;
    }
    int status;
    pid_t pid = wait(&status);
    for (unsigned k = 0; k < 16; k++) {
      if (running[k].pid != pid) continue;
      struct outcome *o = &outcomes[running[k].scenario * GEOMETRIES + running[k].geometry];
      note_death(running[k].scenario, running[k].geometry, o, status);
      if (option.mutations && o->failures && !stop) {
        printf("caught by %s on %s after %llu cuts: %s\n", scenario_at(running[k].scenario)->name, nfr_flash_standards[running[k].geometry].name,
               (unsigned long long)o->cuts_to_failure, o->message);
        stop = true;
      }
      running[k].pid = 0;
      active--;
    }
  }
  return option.mutations && stop ? 1 : print_table(outcomes, now() - started);
}

static int usage(void) {
  fprintf(stderr, "usage: powerloss [--quick] [--mutations] [--scenario NAME] [--geometry NAME] [--seed N] [--case PATH] [--jobs N]\n");
  return 2;
}

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    const char *name = argv[i], *value = i + 1 < argc ? argv[i + 1] : NULL;
    if (strcmp(name, "--quick") == 0) option.is_quick = true;
    else if (strcmp(name, "--mutations") == 0) option.mutations = true;
    else if (value == NULL) return usage();
    else if (strcmp(name, "--scenario") == 0) option.scenario = argv[++i];
    else if (strcmp(name, "--geometry") == 0) option.geometry = argv[++i];
    else if (strcmp(name, "--seed") == 0) option.seed = strtoull(argv[++i], NULL, 10);
    else if (strcmp(name, "--case") == 0) option.path = argv[++i];
    else if (strcmp(name, "--jobs") == 0) option.jobs = (unsigned)strtoul(argv[++i], NULL, 10);
    else return usage();
  }
  if (option.jobs < 1 || option.jobs > 16) option.jobs = 2;
  if (option.path && (!option.scenario || !option.geometry)) return usage();
  struct outcome *outcomes = mmap(NULL, scenario_count() * GEOMETRIES * sizeof *outcomes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return outcomes == MAP_FAILED ? 1 : run_all(outcomes);
}
