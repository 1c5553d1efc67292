/* Inside of the flash model. A region has an image (`bytes`), one state a unit, and for torn units a second face (`pending`). */
#ifndef NFR_FLASH_MODEL_INSIDE_H
#define NFR_FLASH_MODEL_INSIDE_H

#include "nfr_flash_model.h"

enum unit_state {
  UNIT_ERASED = 0,
  UNIT_STABLE,       /* programmed */
  /* A program was cut in it: `pending` is what it was to become. */
  UNIT_TORN_STILL,   /* reads `bytes` (old or mixed), always the same */
  UNIT_TORN_FLAPS,   /* reads bytes, pending or a mixture, drawn anew each time */
  UNIT_TORN_FAILS,   /* … or fails */
  UNIT_POISONED,     /* programmed twice without rewrites: reads fail or are garbage */
  /* An erase was cut in its block, or failed. */
  UNIT_OLD_DIRTY,    /* reads what it was */
  UNIT_BLANK_DIRTY,  /* looks erased most of the time; `pending` is what it was */
  UNIT_GARBAGE,      /* reads differently each time */
};

struct block {
  uint32_t erases, erases_left, programs_left; /* left: UINT32_MAX: never bad */
  bool is_special; /* may hold units that are neither ERASED nor STABLE */
  bool is_changed; /* since the model was copied from its base */
};

/* Stands for one model as the source of copies; counted, so that no other model's has its address while a copy remembers it. */
struct identity { uint32_t references; };

struct region {
  struct nfr_flash flash; /* context: the region */
  struct nfr_flash_model *model;
  enum nfr_flash_region which;
  struct nfr_flash_geometry geometry;
  uint32_t block_count, unit_shift, block_shift;
  uint8_t *bytes, *pending, *states;
  struct block *blocks;
  struct nfr_flash_counts counts;
};

struct nfr_flash_model {
  struct region regions[2];
  bool noise, fenced, two_chips, is_on;
  uint64_t random, noise_key;
  uint64_t version; /* counts changes */
  struct identity *self, *base; /* base: the model that this one was copied from, when that was `base_version` */
  uint64_t base_version;
  enum nfr_flash_cut cut;
  uint64_t until_cut;
  void (*power_lost)(void *context);
  void *power_lost_context;
  void (*hook)(void *context, enum nfr_flash_region region, bool is_erase);
  void *hook_context;
  char violation[160];
  /* memory */
  uint8_t *image, *view; /* of both regions, for the model and for the CPU; the same unless fenced */
  size_t image_bytes;
  int view_protection; /* of the unfenced view */
  int file;            /* of the image, locked; -1: none */
  uint8_t *other;
  size_t other_bytes;
};

/* xorshift64*; 0 is no state. */
static inline uint64_t flash_random(struct nfr_flash_model *model) {
  uint64_t x = model->random;
  x ^= x >> 12;
  x ^= x << 25;
  x ^= x >> 27;
  model->random = x;
  return x * 0x2545f4914f6cdd1du;
}

/* 0 … n - 1, n <= 2^32. */
static inline uint32_t flash_below(struct nfr_flash_model *model, uint64_t n) {
  return (uint32_t)((flash_random(model) >> 32) * n >> 32);
}

static inline uint64_t flash_seed(uint64_t seed) {
  uint64_t x = seed + 0x9e3779b97f4a7c15u;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
  x = (x ^ x >> 27) * 0x94d049bb133111ebu;
  x ^= x >> 31;
  return x ? x : 1;
}

static inline uint32_t flash_units_of_block(const struct region *region) {
  return region->geometry.block_bytes >> region->unit_shift;
}

static inline void flash_changed(struct region *region, uint32_t block) {
  region->blocks[block].is_changed = true;
  region->model->version++;
}

/* operations.c: the callbacks. */
int flash_read(void *context, uint32_t offset, void *data, uint32_t bytes);
int flash_program(void *context, uint32_t offset, const void *data, uint32_t bytes);
int flash_erase(void *context, uint32_t block);
void flash_violate(struct region *region, const char *what, uint32_t offset);
void flash_fence(struct region *region, bool is_up);
/* One unit, completely. NFR_ERR_PORT when it is refused. */
int flash_program_unit(struct region *region, uint32_t unit, const uint8_t *data);
void flash_fill_erased(struct region *region, uint32_t block);

/* torn.c: what is left of an operation that was cut or failed, and what it reads like. `bytes` lie in one page, or the block is one. */
void flash_tear_program(struct region *region, uint32_t offset, const uint8_t *data, uint32_t bytes);
void flash_tear_erase(struct region *region, uint32_t block);
int flash_read_special(struct region *region, uint32_t offset, uint8_t *data, uint32_t bytes);

#endif
