/* The store: blobs by digest and small records on raw flash that survives a power cut anywhere. Bytes: SPEC.md; reasons: DESIGN.md.
 *
 * Trusted: the port (struct nfr_flash says what it promises), the crypto, the caller's memory. Untrusted: every byte of
 * flash, digests and sizes that are asked for. No heap, no globals, no recursion. One thread at a time.
 *
 * Work that takes longer than one flash operation is a *job*: the function that starts it returns NFR_STORE_MORE, and then
 * nfr_store_step is called until it returns something else. One job at a time: another one is BUSY (nfr_store_cancel
 * ends it; nothing is lost but time). Between two steps anything may run, and the power may fail.
 * When a function returns NFR_OK, what it did is on flash for good.
 *
 * Errors that any function can return: ARGUMENT (not mounted, out of range, out of order), PORT (flash or crypto failed).
 */
#ifndef NFR_STORE_H
#define NFR_STORE_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nfr.h"
#include "port/port.h"

#define NFR_STORE_VERSION 2u
#define NFR_STORE_MORE 1            /* call nfr_store_step again */
#define NFR_STORE_NONE 0xffffu      /* no slot */
#define NFR_STORE_MAX_CHUNKS 512u   /* of a blob */
#define NFR_STORE_MAX_PINS 24u
#define NFR_STORE_MAX_BLOB_BYTES (16u << 20)
#define NFR_STORE_MIN_BUFFER 512u

/* Where the store lives. The structure and what it points to stay as they are while the store is mounted. Trusted:
 * nfr_store_check.h checks it where boards are made. */
struct nfr_store_config {
  const struct nfr_flash *journal, *blobs; /* two regions: of one chip or of two */
  const struct nfr_crypto *crypto;
  uint64_t device;       /* identity of the device: a journal of another one is refused as FOREIGN */
  uint16_t *index;       /* [slots], RAM: 2 bytes for each blob and each name, and one for the settings */
  uint16_t slots;        /* 8 … 4,096 */
  uint32_t buffer_bytes; /* a power of two, >= NFR_STORE_MIN_BUFFER and >= one bit for every block of the blob region, twice */
  uint8_t *buffer;       /* program buffer, RAM, 8-byte aligned: holds nothing between two calls */
};

enum nfr_blob_state { NFR_BLOB_WRITING = 1, NFR_BLOB_COMPLETE = 2, NFR_BLOB_DAMAGED = 3, NFR_BLOB_BAD = 4 };

/* A BLOB record (SPEC §4), without its bit set: the very bytes. */
struct nfr_blob {
  uint8_t digest[32];
  uint32_t offset, bytes, copy, frontier;
  uint8_t state, chunk_log2;
  uint16_t reserved; /* 0 */
  uint32_t written;
};

enum nfr_store_job { NFR_JOB_NONE, NFR_JOB_BEGIN, NFR_JOB_FINISH, NFR_JOB_VERIFY, NFR_JOB_ROOM, NFR_JOB_SCRUB };

/* The blob that is being written. */
struct nfr_store_writer {
  uint16_t slot;    /* NFR_STORE_NONE: none */
  uint16_t unsaved; /* chunks written since their bits were saved */
  uint32_t offset, bytes;
  uint8_t chunk_log2;
  uint8_t bits[NFR_STORE_MAX_CHUNKS / 8]; /* chunks written */
};

struct nfr_journal_link {
  uint32_t sequence; /* of the block's header */
  uint32_t end;      /* byte in the block */
  uint16_t block;    /* NFR_STORE_NONE: no chain yet */
};

/* Private, in the order that makes the smallest code; only the size counts: with 256 slots (64 capsules) store and index fit into 1 KB on a 32-bit device. */
struct nfr_store {
  const struct nfr_store_config *config; /* null: not mounted */
  uint16_t block;             /* last block of the chain, or the one opened behind it */
  uint8_t version;            /* of the chain */
  bool is_open;               /* `block` was erased in this boot: records may be added */
  bool is_claimed;            /* something was written in this boot */
  bool was_damaged;           /* parts of the chain were unreadable */
  /* blobs */
  uint32_t frontier;
  struct {
    uint8_t kind, phase;
    bool is_chosen; /* room: `window` is being emptied */
    uint8_t level;  /* room: windows that need more moved than level + 1 quarters of their size have to wait */
    uint16_t slot, other;
    uint32_t at, offset, bytes, end, window;
  } job;
  /* journal */
  uint32_t block_bytes;       /* of the journal; kept here, as the next two are, since it saves code */
  uint16_t blocks, align;     /* of the journal; A of SPEC §1 */
  uint32_t blob_block_bytes;  /* of the blob region */
  uint32_t chain, bad, fresh; /* bit sets of the journal's blocks: in the chain; failed in this boot; erased in this boot and unused */
  struct nfr_journal_link link; /* the last place that counts: where the next block continues */
  uint32_t sequence;          /* highest seen */
  uint32_t block_sequence;    /* of `block` */
  uint32_t position;          /* where the next record goes, in `block` */
  uint32_t live;              /* bytes of live records */
  uint32_t chain_bytes;       /* of headers and records in the chain */
  struct nfr_store_writer writer;
  uint16_t pins[NFR_STORE_MAX_PINS]; /* slots + 1; 0: free */
  uint16_t scrub_slot;
  struct nfr_sha256 hash;
};

static_assert(sizeof(void *) > 4 || sizeof(struct nfr_store) + 2 * 257 <= 1024, "RAM for 64 capsules");

/* ---- mount ---- */

/* Makes an empty store; whatever was there is forgotten (one block is erased and written). The store is mounted then. */
NFR_CHECK_RESULT int nfr_store_format(struct nfr_store *store, const struct nfr_store_config *config);

/* Opens the store. Reads the headers of the journal's blocks and the chain, nothing of the blob region. Writes nothing, unless
 * the last record of the boot before has to be made sure of. EMPTY: there is none. FOREIGN, VERSION: there is one that is
 * not touched. CORRUPT: it does not fit the index (more slots). On error nothing is mounted. */
NFR_CHECK_RESULT int nfr_store_mount(struct nfr_store *store, const struct nfr_store_config *config);

/* ---- blobs ---- */

/* NOT_FOUND when no slot holds the blob. The whole digest is compared. */
NFR_CHECK_RESULT int nfr_store_find(const struct nfr_store *store, const uint8_t digest[32], uint16_t *slot);

/* NOT_FOUND when the slot holds none; CORRUPT when its record cannot be read. */
NFR_CHECK_RESULT int nfr_store_blob(const struct nfr_store *store, uint16_t slot, struct nfr_blob *blob);

/* The next slot behind *slot that holds a blob (state BAD included): *slot is 0 at first. NOT_FOUND at the end. */
NFR_CHECK_RESULT int nfr_store_next_blob(const struct nfr_store *store, uint16_t *slot, struct nfr_blob *blob);

/* Starts or goes on with a blob. chunk_log2: 9 … 15, a chunk is a multiple of the program unit; at most 512 chunks. NFR_OK: it is COMPLETE
 * already, nothing is to be written. MORE: after the job the blob is the writer's, and its missing chunks can be written
 * (chunks of an earlier boot are kept; a blob that was begun with another chunk size keeps that one). The job erases.
 * NO_SPACE: no free run is long enough and leaves one block free (nfr_store_room), or no slot is free. */
NFR_CHECK_RESULT int nfr_store_begin(struct nfr_store *store, const uint8_t digest[32], uint32_t bytes, uint8_t chunk_log2);

/* First missing chunk of the writer's blob, from `chunk` on; the number of chunks when none is missing. */
uint32_t nfr_store_missing(const struct nfr_store *store, uint32_t chunk);

/* Programs one chunk of the writer's blob, in any order: data: all of its bytes (the last chunk has what is left). A
 * chunk that is there already is NFR_OK and not programmed. Every 16th of the blob its bits are saved. PORT: a
 * bad block was found; the blob is given up, begin it again. */
NFR_CHECK_RESULT int nfr_store_write(struct nfr_store *store, uint32_t chunk, const void *data, uint32_t bytes);

/* Saves the bits of the chunks that were written: they survive a reset. Before a planned restart, say. */
NFR_CHECK_RESULT int nfr_store_sync(struct nfr_store *store);

/* Ends writing. MORE: the job reads the blob from flash and hashes it; then NFR_OK, and the blob is COMPLETE, or CORRUPT, and it is
 * freed. ARGUMENT while chunks are missing. */
NFR_CHECK_RESULT int nfr_store_finish(struct nfr_store *store);

/* Frees a blob (of any state but BAD) that nothing refers to. BUSY when it is pinned or referred to. */
NFR_CHECK_RESULT int nfr_store_free(struct nfr_store *store, uint16_t slot);

/* Makes room until `bytes` can be begun, for `slots` more slots: frees what is garbage, the cheapest first, then compacts. NFR_OK: there is room. NO_SPACE: even
 * after that there would not be. */
NFR_CHECK_RESULT int nfr_store_room(struct nfr_store *store, uint32_t bytes, uint16_t slots);

/* Hashes a COMPLETE blob through the port. CORRUPT: it is DAMAGED from now on. */
NFR_CHECK_RESULT int nfr_store_verify(struct nfr_store *store, uint16_t slot);

/* Reads through the port. */
NFR_CHECK_RESULT int nfr_store_read(const struct nfr_store *store, uint16_t slot, uint32_t offset, void *data, uint32_t bytes);

/* Keeps a COMPLETE blob where it is, and tells where (null when the region is not mapped). It is the caller's to have verified it in
 * this boot before it reads there (nfr_store_verify). Once a use; NO_MEMORY: 24 are pinned. */
NFR_CHECK_RESULT int nfr_store_pin(struct nfr_store *store, uint16_t slot, const uint8_t **mapped);
NFR_CHECK_RESULT int nfr_store_unpin(struct nfr_store *store, uint16_t slot);

/* ---- jobs ---- */

/* One piece of the job: one erase, or about `bytes` (0 = 4,096) read, hashed or copied, or a record. MORE, or the job's result;
 * NFR_OK without a job. */
NFR_CHECK_RESULT int nfr_store_step(struct nfr_store *store, uint32_t bytes);

/* Ends the job without its result. */
void nfr_store_cancel(struct nfr_store *store);

/* Work ahead of need, to be called between inferences: at most one erase. MORE: not ready yet; NFR_OK: the next `records` records
 * (1 … 4, 1 … 3 in blocks of 1 KiB) can be written without an erase and without a snapshot. */
NFR_CHECK_RESULT int nfr_store_prepare(struct nfr_store *store, unsigned records);

/* Scrubbing, about once a second: re-hashes `bytes` (0 = 4,096) of the COMPLETE blobs, one blob after the other. NFR_OK, or CORRUPT: *slot is
 * DAMAGED from now on. BUSY while there is a job. */
NFR_CHECK_RESULT int nfr_store_scrub(struct nfr_store *store, uint32_t bytes, uint16_t *slot);

/* ---- what there is ---- */

struct nfr_store_usage {
  uint32_t bytes;          /* blob region */
  uint32_t used;           /* extents of blobs that are referred to or being written */
  uint32_t garbage;        /* extents that may be freed */
  uint32_t free;           /* free blocks, and the clean tail */
  uint32_t largest;        /* longest run that nfr_store_begin can take now */
  uint32_t bad;            /* blocks that cannot be used, in bytes */
  uint32_t journal_live, journal_room; /* live records and what they may take, bytes */
  uint16_t slots_used, slots; /* slot 0 counts as used: slots - slots_used are free */
  bool was_damaged;        /* the journal had unreadable parts when it was mounted */
};
NFR_CHECK_RESULT int nfr_store_usage(const struct nfr_store *store, struct nfr_store_usage *usage);

#endif
