/* Inside the blob part of the store: records of blobs, who refers to them, and jobs (SPEC §4 to §6). */
#ifndef NFR_STORE_BLOB_H
#define NFR_STORE_BLOB_H

#include "journal.h"

#define NFR_BLOB_NO_COPY UINT32_MAX
#define NFR_EXTENT_GRAIN 32u /* G: program units are at most as large (port.h) */
#define NFR_BLOB_BITS_BYTES (NFR_STORE_MAX_CHUNKS / 8)

/* ---- records: blob.c ---- */

/* The whole record, checked: its extents lie in the region. NOT_FOUND when the slot holds no blob; CORRUPT. bits: [NFR_BLOB_BITS_BYTES] or null;
 * all zero unless WRITING. */
NFR_CHECK_RESULT int nfr_blob_load(const struct nfr_store *store, uint16_t slot, struct nfr_blob *blob, uint8_t *bits);

/* The same of a COMPLETE blob; CORRUPT when it is DAMAGED, ARGUMENT when it is neither, or nothing is mounted. */
NFR_CHECK_RESULT int nfr_blob_load_complete(const struct nfr_store *store, uint16_t slot, struct nfr_blob *blob);

/* Writes the record with the frontier that is in force, and `copy`. bits: for WRITING, else ignored. */
NFR_CHECK_RESULT int nfr_blob_commit_copy(struct nfr_store *store, uint16_t slot, struct nfr_blob *blob, const uint8_t *bits, uint32_t copy);

/* The same without a copy: one that there was is space like any other again. */
NFR_CHECK_RESULT int nfr_blob_commit(struct nfr_store *store, uint16_t slot, struct nfr_blob *blob, const uint8_t *bits);

/* The same, and the blob is DAMAGED. */
NFR_CHECK_RESULT int nfr_blob_damage(struct nfr_store *store, uint16_t slot, struct nfr_blob *blob);

/* A blob that came to nothing: FREE, or DAMAGED when something refers to its slot (no other blob may get the slot then). */
NFR_CHECK_RESULT int nfr_blob_give_up(struct nfr_store *store, uint16_t slot);

/* Records that a block cannot be used any more. */
NFR_CHECK_RESULT int nfr_blob_bad_block(struct nfr_store *store, uint32_t block);

/* Programs through the buffer, the last unit padded with 0xFF. PORT: a block failed, and is recorded as bad. data may be the buffer. */
NFR_CHECK_RESULT int nfr_blob_program(struct nfr_store *store, uint32_t offset, const uint8_t *data, uint32_t bytes);

/* Reads through the port. */
NFR_CHECK_RESULT int nfr_blob_read(const struct nfr_store *store, uint32_t offset, void *data, uint32_t bytes);

bool nfr_blob_is_pinned(const struct nfr_store *store, uint16_t slot);

/* Whether an extent for `bytes` lies in the region, where extents may begin. */
bool nfr_extent_is_valid(const struct nfr_store *store, uint32_t offset, uint32_t bytes);

/* Bytes of an extent. */
static inline uint32_t nfr_extent_bytes(uint32_t bytes) {
  return (bytes + NFR_EXTENT_GRAIN - 1) & ~(NFR_EXTENT_GRAIN - 1);
}

static inline bool nfr_bit(const uint8_t *bits, uint32_t n) {
  return (bits[n / 8] >> (n % 8) & 1) != 0;
}

static inline void nfr_bit_set(uint8_t *bits, uint32_t n) {
  bits[n / 8] = (uint8_t)(bits[n / 8] | 1u << (n % 8));
}

/* ---- scans: scan.c ---- */

/* One BLOB record after the other, without a look at its CRC; those that do not lie in the region are left out. */
struct nfr_scan {
  uint16_t slot; /* 0 at first */
  uint8_t state;
  uint8_t digest[32];
  uint32_t offset, bytes, copy; /* bytes: of the extent */
};
bool nfr_scan_next(const struct nfr_store *store, struct nfr_scan *scan);

/* Which slots NAME and SETTINGS records refer to, a window of slots at a time. A record that cannot be read may refer to any. */
struct nfr_references {
  uint32_t first; /* slot of bit 0; UINT32_MAX: nothing has been read */
  uint8_t bits[32];
};
bool nfr_references_has(const struct nfr_store *store, struct nfr_references *references, uint16_t slot);

/* ---- jobs ---- */

enum nfr_phase {
  NFR_PHASE_PLAN,   /* decides what comes next, from the records alone */
  NFR_PHASE_NEW,    /* erases for a new blob, then commits it */
  NFR_PHASE_MOVE,   /* erases for a copy, then commits `copy` */
  NFR_PHASE_COPY,
  NFR_PHASE_HASH,   /* the hash is open */
  NFR_PHASE_SWITCH, /* the copy becomes the blob */
  NFR_PHASE_DONE,
};

/* BUSY while another job runs; ends a scrub. */
NFR_CHECK_RESULT int nfr_job_start(struct nfr_store *store, enum nfr_store_job kind);

int nfr_begin_plan(struct nfr_store *store);   /* begin.c */
int nfr_begin_commit(struct nfr_store *store); /* the blob is the writer's */
void nfr_writer_set(struct nfr_store *store, uint16_t slot, const struct nfr_blob *blob, const uint8_t *bits);
int nfr_room_plan(struct nfr_store *store); /* room.c */

int nfr_move_erase(struct nfr_store *store); /* move.c */
int nfr_move_copy(struct nfr_store *store, uint32_t bytes);
int nfr_move_switch(struct nfr_store *store);
int nfr_move_hashed(struct nfr_store *store, struct nfr_blob *blob, int result);

int nfr_hash_start(struct nfr_store *store, uint32_t offset); /* hash.c: of the job's blob, which lies at `offset` */
int nfr_hash_step(struct nfr_store *store, uint32_t bytes);
int nfr_write_hashed(struct nfr_store *store, struct nfr_blob *blob, int result); /* write.c */

#endif
