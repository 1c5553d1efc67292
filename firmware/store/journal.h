/* The journal: the newest record of each slot (SPEC §1 to §3). Knows nothing of what records mean, but for the frontier. */
#ifndef NFR_STORE_JOURNAL_H
#define NFR_STORE_JOURNAL_H

#include "record.h"

/* A record as it was read. */
struct nfr_record {
  uint8_t type, length, version; /* version: of its block */
  uint8_t content[NFR_RECORD_MAX_CONTENT];
};

/* nfr_store_format and nfr_store_mount are in this room's journal_*.c; they set store->config and store->frontier too. */

/* The live record of a slot; NOT_FOUND when it is empty; CORRUPT when it cannot be read any more. */
NFR_CHECK_RESULT int nfr_journal_read(const struct nfr_store *store, uint16_t slot, struct nfr_record *record);

/* Type of a slot's record, 0 when it is empty or unreadable; the first `count` content bytes to `head` (fewer when it is
 * shorter: the rest is zero). Checks no CRC: for scans, which read the whole record where it matters. */
uint8_t nfr_journal_peek(const struct nfr_store *store, uint16_t slot, void *head, uint32_t count);

/* Writes the state of a slot. NFR_OK: it is there for good. NO_SPACE: the live records would not fit. PORT: no
 * block of the journal can be used; what was there before still is. May erase and take a snapshot (nfr_store_prepare).
 * type FREE empties the slot. BLOB and FREE content carry the frontier that is in force from now on (the caller sets it in
 * the content and in store->frontier). */
NFR_CHECK_RESULT int nfr_journal_commit(struct nfr_store *store, uint16_t slot, uint8_t type, const void *content, uint8_t length);

/* Empties a slot; the frontier stays as it is in the store. */
NFR_CHECK_RESULT static inline int nfr_journal_free(struct nfr_store *store, uint16_t slot) {
  const uint32_t frontier = store->frontier; /* a copy: a snapshot that fails reads the store's anew */
  return nfr_journal_commit(store, slot, NFR_RECORD_FREE, &frontier, sizeof frontier);
}

/* Bytes that live records may take. */
uint32_t nfr_journal_room(const struct nfr_store *store);

/* The journal is this boot's: what an earlier one may have half-programmed at its end is void for good (SPEC §3, claim). To be
 * called before a block of the blob region is erased; does nothing after the first time. */
NFR_CHECK_RESULT int nfr_journal_claim(struct nfr_store *store);

/* An empty slot from 1 on, NFR_STORE_NONE when there is none. */
uint16_t nfr_journal_free_slot(const struct nfr_store *store);

#endif
