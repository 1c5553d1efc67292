/* Which blocks of the blob region are free, and where an extent goes (SPEC §5). Policy is here and nowhere else. */
#ifndef NFR_STORE_SPACE_H
#define NFR_STORE_SPACE_H

#include "blob.h"

#define NFR_SPACE_NO_WINDOW UINT32_MAX

/* Two bit sets over blocks, in config->buffer: gone with whatever else uses the buffer. */
struct nfr_space {
  uint8_t *used;     /* a live extent touches the block, or it is bad */
  uint8_t *held;     /* what the caller wants to keep out of a window */
  uint32_t blocks;
  uint32_t spare;    /* free blocks that no extent may take: one, so that compaction always has where to begin */
  struct nfr_references references;
  uint32_t frontier; /* 0 … region; in a used block: its tail from here on is clean; otherwise only where a search begins */
};

/* Which blobs hold their blocks. */
typedef bool nfr_space_rule(const struct nfr_store *store, struct nfr_space *space, const struct nfr_scan *scan);

/* One pass over the blobs, that in slot `without` (or none) left out. */
void nfr_space_load(const struct nfr_store *store, struct nfr_space *space, uint16_t without, nfr_space_rule *holds);

/* Blocks of [offset, offset + bytes) into one of the sets. */
void nfr_space_mark(const struct nfr_store *store, uint8_t *set, uint32_t offset, uint32_t bytes);

/* Rules. Garbage may be freed: it is not referred to, not pinned, not the writer's. */
bool nfr_space_is_bad(const struct nfr_store *store, struct nfr_space *space, const struct nfr_scan *scan);
bool nfr_space_is_needed(const struct nfr_store *store, struct nfr_space *space, const struct nfr_scan *scan); /* no garbage */

/* Slots that hold nothing; without slot 0. */
uint32_t nfr_space_slots(const struct nfr_store *store);

/* Where an extent of `bytes` (rounded) goes; the longest extent that there is room for when it is shorter: the result is < bytes then. */
uint32_t nfr_space_find(const struct nfr_store *store, const struct nfr_space *space, uint32_t bytes, uint32_t *offset);

/* The clean tail at the frontier, bytes. */
uint32_t nfr_space_tail(const struct nfr_store *store, const struct nfr_space *space);

/* The job's extent is [offset, offset + bytes): what has to be erased for it. */
void nfr_space_take(struct nfr_store *store, uint32_t offset, uint32_t bytes);

/* Finds and takes an extent for the job, as if the blob in slot `without` (or none) were not there. A frontier that names no tail then
 * becomes one that never will. NO_SPACE. */
NFR_CHECK_RESULT int nfr_space_place(struct nfr_store *store, uint16_t without, uint32_t bytes);

/* Whether a blob touches the window of `count` blocks. */
bool nfr_space_overlaps(const struct nfr_store *store, const struct nfr_scan *scan, uint32_t first, uint32_t count);

/* Of the windows of `count` blocks with no held block the one with the fewest used blocks, then the first; as used << 16 | first block.
 * Only those that are at least `least`. NFR_SPACE_NO_WINDOW: none. */
uint32_t nfr_space_window(const struct nfr_space *space, uint32_t count, uint32_t least);

#endif
