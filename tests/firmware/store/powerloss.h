/* The power is cut at every flash operation of a scenario, and again at the operations of the recovery, on the flash model.
 *
 * A *machine* is a chip and the RAM of a device. Machine 0 runs the scenario. When it is about to program or erase, its chip is
 * copied to machine 1 and cut there, in each mode; machine 1 starts, is checked against the *shadow*, and goes on with the
 * scenario, its own operations being cut in the same way on machine 2, and so on. So nothing is ever run twice to reach a cut.
 *
 * The shadow is what the device has been told (calls that returned) and what the call in flight would have made of it:
 * after a cut each part of the state is one of the two. What is in flight is found by running the call on a copy first.
 */
#ifndef POWERLOSS_H
#define POWERLOSS_H

#include "journal.h"
#include "nfr_flash_model.h"
#include "nfr_store.h"

enum {
  MACHINES = 5,     /* three cuts one after the other, and one for looking */
  SLOTS = 40,
  BUFFER_BYTES = 1024,
  MAX_PARTS = 64,
  MAX_IN_FLIGHT = 24,
  TORN_SEEDS = 2,
  MAX_BLOBS = 40,
};

/* ---- the state of a device, as far as anybody may rely on it ---- */

struct part { uint32_t key, value; }; /* value 0: absent */
struct state { uint32_t count; struct part parts[MAX_PARTS]; };

/* Calls that were cut, the latest last: what one of them left may read as nothing now and as a record later, until a later boot has
 * written to the journal (SPEC §3, claim). */
struct shadow {
  struct state acknowledged, in_flight[MAX_IN_FLIGHT];
  uint32_t count;
  bool is_quiet; /* a call was cut that changes nothing here, but may have written a record */
  uint64_t saved[MAX_BLOBS]; /* chunks of half-written blobs that were said to survive */
};

struct machine;
struct job;

struct face { struct machine *machine; const struct nfr_flash *inner; enum nfr_flash_region region; };

struct machine {
  struct job *job;
  unsigned depth;
  struct nfr_flash_model *model;
  struct face faces[2];
  struct nfr_flash flash[2];
  struct nfr_store_config config;
  struct nfr_store store;
  uint16_t index[SLOTS];
  uint8_t buffer[BUFFER_BYTES] __attribute__((aligned(8)));
  struct shadow shadow;
  uint32_t script[8];   /* what the scenario's agent remembers while the power is on */
  bool is_watched;      /* its operations are cut */
  bool is_mounting;
  bool is_storm;        /* its power fails by itself: failures are no findings */
  bool is_looking;      /* runs a call ahead, to see what it makes of the state */
  uint32_t operations;  /* since it started */
  const char *doing;
};

/* ---- scenarios ---- */

struct scenario {
  const char *name;
  uint16_t journal_blocks; /* 0: as the geometry has it */
  uint8_t mutations;       /* it belongs to the short run that has to catch mutations */
  int (*setup)(struct machine *machine); /* from an erased chip; nothing is cut */
  /* What the device does at its next moment, as its state says: NFR_STORE_MORE, NFR_OK (the scenario has ended), or an error. */
  int (*step)(struct machine *machine);
  int (*boot)(struct machine *machine);  /* after mounting; null: nothing */
  void (*observe)(struct machine *machine, struct state *state);
  /* What must hold at any time beyond the shadow; false: `broken` was called. */
  bool (*check)(struct machine *machine);
  int (*after)(struct machine *machine); /* the store still works: once more what it is for */
  bool (*is_dull)(const struct machine *machine); /* operations of no interest now, on large blocks; null: never */
};
extern const struct scenario powerloss_journal_scenarios[], powerloss_store_scenarios[];
extern const unsigned powerloss_journal_scenario_count, powerloss_store_scenario_count;

/* ---- a job: one scenario on one geometry ---- */

struct cut { uint32_t operation; uint8_t mode; /* 0 before, 1 after, 2 … torn */ };

struct outcome {
  uint64_t cuts, failures, torn, levels[MACHINES];
  uint32_t operations;      /* of the scenario */
  uint32_t most_operations; /* of a mount */
  uint64_t most_bytes;      /* read by a mount */
  uint32_t refused;         /* programs of units that were half-programmed before (SPEC §3: a seal's place may be) */
  bool is_done, is_left_out;
  uint64_t cuts_to_failure;
  struct cut path[MACHINES];
  uint8_t path_length;
  char message[240];
};

struct job {
  const struct scenario *scenario;
  const struct nfr_flash_standard *geometry;
  struct nfr_flash_model_config chip;
  uint64_t seed;
  struct machine machines[MACHINES];
  struct outcome *outcome;
  uint32_t strides[MACHINES];
  uint32_t torn_seeds;
  bool is_quick, is_verbose, stops_at_failure;
  const struct cut *only; /* replay: this path */
  uint8_t only_length;
  uint32_t only_storm;     /* replay: this storm */
};

/* powerloss_cut.c */
void powerloss_run(struct job *job);
/* A finding: where, and what. */
void broken(struct machine *machine, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Runs a call that changes the state: the shadow knows what is in flight. */
int told(struct machine *machine, const char *doing, int (*call)(struct machine *machine, const void *argument), const void *argument);
/* The same for what changes nothing that anybody relies on. */
int quiet(struct machine *machine, const char *doing, int (*call)(struct machine *machine, const void *argument), const void *argument);
void forget_ram(struct machine *machine);
/* A start: false when it was broken, or the power failed. */
bool mount_checked(struct machine *machine);
uint64_t mix64(uint64_t x);

/* powerloss_shadow.c */
void add_part(struct state *state, uint32_t key, uint32_t value);
uint32_t part_of(const struct state *state, uint32_t key);
/* A call is about to make `state` of it. */
void expect(struct shadow *shadow, const struct state *state);
/* Compares what is observed with the shadow, and takes it over. */
bool agree(struct machine *machine, const struct state *observed);
/* No two extents overlap, all lie in the region. */
bool extents_are_apart(struct machine *machine);

#endif
