/* A model of raw flash for the host: what struct nfr_flash (port.h) allows to happen, happens here, at random and by number.
 * Power cuts between and in the midst of operations, units and blocks that read differently each time, bad blocks, bit rot,
 * encrypted flash, time, wear, and mapped flash that cannot be executed while it is programmed. Reasons: README.md.
 *
 * A *chip* has a journal region and, if asked for, a blob region. An *operation* is one page program or one block erase; a
 * program call is cut up at page boundaries. All randomness comes from the seeds: a case is replayed by its numbers.
 * One thread at a time; several models are independent. Heap is taken in nfr_flash_model_new only. */
#ifndef NFR_FLASH_MODEL_H
#define NFR_FLASH_MODEL_H

#include "port/port.h"

enum nfr_flash_region { NFR_FLASH_JOURNAL = 0, NFR_FLASH_BLOBS = 1 };

/* Of one region. */
struct nfr_flash_geometry {
  uint32_t block_bytes;      /* power of two, 1 KiB … 256 KiB */
  uint16_t unit_bytes;       /* 1, 2, 4, 8, 16 or 32 */
  uint16_t page_bytes;       /* most that one operation programs; a power of two >= unit_bytes, <= block_bytes, <= 1,024 */
  bool rewrites;             /* as in struct nfr_flash */
  uint32_t program_page_us;  /* virtual clock: one page program, however short */
  uint32_t erase_block_us;   /* one block erase */
};

/* Chips that tests iterate over. Sizes are the smallest that make sense for tests: take others in the configuration. */
struct nfr_flash_standard {
  const char *name;
  struct nfr_flash_geometry journal, blobs;
  uint16_t journal_blocks;
  uint32_t blob_blocks;
  bool two_chips;  /* the regions are on two chips: programming one leaves the other readable */
};
#define NFR_FLASH_STANDARDS 14u
extern const struct nfr_flash_standard nfr_flash_standards[NFR_FLASH_STANDARDS];

struct nfr_flash_model_config {
  struct nfr_flash_geometry journal, blobs;
  uint32_t journal_blocks;  /* >= 1 */
  uint32_t blob_blocks;     /* 0: no such region */
  uint64_t seed;
  bool noise;      /* erased flash reads as noise that differs with address and erase, as encrypted flash does; else 0xFF. Not with a file */
  bool mapped;     /* struct nfr_flash.mapped points at the bytes (torn units show one of their faces there) */
  bool fenced;     /* … and cannot be read or executed there while an operation runs: PROT_NONE */
  bool two_chips;  /* fenced: an operation fences its own region only. Then the journal is a multiple of the host's page */
  const char *file; /* null: memory. Else the regions' bytes, journal first, and nothing else; created (erased) when missing. ARGUMENT
                       when its size is another. Bytes only: after opening, units of 0xFF are erased and all others programmed */
};

/* The configuration of a standard chip, in memory, seed 1. */
struct nfr_flash_model_config nfr_flash_model_standard(const struct nfr_flash_standard *standard);

struct nfr_flash_model;

/* A new chip, erased in all its blocks (or as the file is), powered on. ARGUMENT, NO_MEMORY; of the file BUSY (another chip, of this or
 * another process, is on it), NO_SPACE (its disk is full), PORT. */
NFR_CHECK_RESULT int nfr_flash_model_new(const struct nfr_flash_model_config *config, struct nfr_flash_model **model);
void nfr_flash_model_delete(struct nfr_flash_model *model);

/* Makes `to` what `from` is: bytes, states, faults, counts, random numbers, power; not the cut that is set nor the callbacks. Same
 * geometry, else ARGUMENT. Costs little when `to` was copied from the same unchanged `from` before: only the blocks that changed are copied. */
NFR_CHECK_RESULT int nfr_flash_model_copy(struct nfr_flash_model *to, const struct nfr_flash_model *from);

/* The port's face of a region; lives as long as the model. */
const struct nfr_flash *nfr_flash_model_flash(const struct nfr_flash_model *model, enum nfr_flash_region region);

/* ---- power ---- */

enum nfr_flash_cut {
  NFR_CUT_NEVER,
  NFR_CUT_BEFORE, /* the operation does not start */
  NFR_CUT_AFTER,  /* it is complete, and its caller never hears of it */
  NFR_CUT_TORN,   /* in the midst */
};

/* The n-th operation from now on (1 is the next one) is cut. */
void nfr_flash_model_cut(struct nfr_flash_model *model, uint64_t n, enum nfr_flash_cut cut);

/* Called at the cut, after the flash has become what it is to be: usually longjmp. When it is null or returns, the operation fails
 * with NFR_ERR_PORT, and so does every call until nfr_flash_model_power_on. */
void nfr_flash_model_on_power_lost(struct nfr_flash_model *model, void (*power_lost)(void *context), void *context);

/* Power is back (or the device was reset). The seed decides what torn units read from now on; no cut is set. */
void nfr_flash_model_power_on(struct nfr_flash_model *model, uint64_t seed);
bool nfr_flash_model_is_on(const struct nfr_flash_model *model);

/* Called in the midst of each operation, while mapped flash is fenced; null: nobody. */
void nfr_flash_model_on_operation(struct nfr_flash_model *model,
                                  void (*hook)(void *context, enum nfr_flash_region region, bool is_erase), void *context);

/* ---- faults ---- */

/* After `erases` more erases of the block erasing it fails, after `programs` more page programs programming in it fails, for good;
 * UINT32_MAX: never. What failed is left as a torn operation leaves it. */
void nfr_flash_model_set_bad(struct nfr_flash_model *model, enum nfr_flash_region region, uint32_t block, uint32_t erases,
                             uint32_t programs);

/* Flips one bit (0 … 7) of a byte, as retention loss does. */
void nfr_flash_model_flip(struct nfr_flash_model *model, enum nfr_flash_region region, uint32_t offset, unsigned bit);

/* Puts bytes there, as another programmer did before: units of 0xFF are erased then, all others programmed. */
void nfr_flash_model_put(struct nfr_flash_model *model, enum nfr_flash_region region, uint32_t offset, const void *data, uint32_t bytes);

/* The bytes of a region (torn units: one of their faces). */
const uint8_t *nfr_flash_model_bytes(const struct nfr_flash_model *model, enum nfr_flash_region region);

/* ---- what was observed ---- */

struct nfr_flash_counts {
  uint64_t operations, programs, erases;     /* page programs, block erases; operations is their sum, the cut one included */
  uint64_t bytes_programmed, bytes_read, reads;
  uint64_t busy_us;                          /* programming and erasing, on the virtual clock */
  uint64_t refused;    /* write-once: programs of units that were not erased: NFR_ERR_PORT, the unit is poisoned */
  uint64_t violations; /* of the port's contract, see nfr_flash_model_violation */
};
/* Of one region, since construction. */
struct nfr_flash_counts nfr_flash_model_counts(const struct nfr_flash_model *model, enum nfr_flash_region region);

/* Operations of both regions. */
uint64_t nfr_flash_model_operations(const struct nfr_flash_model *model);

/* Erases of a block, failed ones included. */
uint32_t nfr_flash_model_wear(const struct nfr_flash_model *model, enum nfr_flash_region region, uint32_t block);

/* Violations of both regions: unaligned or out-of-range calls; rewrites: other bytes onto a unit that is not erased, or any onto a unit
 * of a block whose erase was cut or failed (the bytes are ANDed). Tests assert 0. */
uint64_t nfr_flash_model_violations(const struct nfr_flash_model *model);

/* The first violation in words; "" without one. */
const char *nfr_flash_model_violation(const struct nfr_flash_model *model);

#endif
