/* One block of the journal: its header and its records (SPEC §1, §2). */
#ifndef NFR_STORE_JOURNAL_BLOCK_H
#define NFR_STORE_JOURNAL_BLOCK_H

#include "journal.h"

#define NFR_JOURNAL_HEADER_BYTES 64u
#define NFR_JOURNAL_RECORD_BYTES 256u /* the largest, aligned */
#define NFR_JOURNAL_START 1u          /* flag */
#define NFR_JOURNAL_MAX_BLOCKS 32u
#define NFR_JOURNAL_END_BYTES 8u

/* The very bytes (SPEC §1). */
struct nfr_journal_header {
  uint32_t magic;
  uint8_t version, flags;
  uint16_t reserved;
  uint32_t sequence;
  uint16_t previous_block, previous_end; /* end: in units of A */
  uint32_t previous_sequence, reserved_too;
  struct nfr_journal_identity {
    uint32_t device[2];
    uint32_t journal_block_bytes;
    uint16_t journal_blocks;
    uint8_t log2_align, log2_grain;
    uint32_t blob_bytes, blob_block_bytes;
    uint32_t reserved[3];
  } identity; /* of the device and its flash */
  uint32_t crc;
};

/* A record's head, and where it ends. */
struct nfr_journal_item {
  uint16_t slot;
  uint8_t type, length;
  uint32_t crc;
  uint32_t end; /* byte in the block, aligned */
};

/* Bytes that a record with `length` content bytes takes. */
static inline uint32_t nfr_journal_size(const struct nfr_store *store, uint32_t length) {
  return (8 + length + store->align - 1u) & ~(store->align - 1u);
}

/* Behind END: room for its seals, and for those that a later boot may have to add (SPEC §3). */
static inline uint32_t nfr_journal_end_room(const struct nfr_store *store) {
  return nfr_journal_size(store, NFR_JOURNAL_END_BYTES) + 8u * store->align;
}

/* The header of a block. EMPTY: it has none, FOREIGN: of another device or geometry, VERSION: of a version that is not ours. */
NFR_CHECK_RESULT int nfr_journal_read_header(const struct nfr_store *store, uint32_t block, struct nfr_journal_header *header);

/* Fills in magic, identity and CRC. */
NFR_CHECK_RESULT int nfr_journal_write_header(const struct nfr_store *store, uint32_t block, struct nfr_journal_header *header);

/* The record at byte `position` of a block. CORRUPT: there is none. */
NFR_CHECK_RESULT int nfr_journal_read_item(const struct nfr_store *store, uint32_t block, uint32_t sequence, uint32_t position,
                                           struct nfr_journal_item *item, struct nfr_record *record);

/* Programs a record and reads it back. */
NFR_CHECK_RESULT int nfr_journal_write_item(const struct nfr_store *store, uint32_t block, uint32_t sequence, uint32_t position,
                                            struct nfr_journal_item *item, const void *content);

#endif
