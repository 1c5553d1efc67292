/* Reading the chain from its last block back (SPEC §3). */
#ifndef NFR_STORE_JOURNAL_WALK_H
#define NFR_STORE_JOURNAL_WALK_H

#include <string.h>

#include "journal_block.h"

/* Reads the chain that ends with `block` into the index; sets chain, live, chain_bytes, frontier, link, version. NFR_ERR_EMPTY:
 * it does not count. CORRUPT: it has more slots than the index. */
NFR_CHECK_RESULT int nfr_journal_walk(struct nfr_store *store, uint16_t block);

/* What the boot before may have left half-programmed at the end, to be made sure of before anybody acts. */
struct nfr_journal_pending {
  bool is_there; /* a last record without seal; it is not in the index */
  uint16_t block;
  uint32_t sequence, position;
  uint32_t proof; /* where two seals make the snapshot sure that ends the chain; 0: it is */
};

/* The same, telling of it. */
NFR_CHECK_RESULT int nfr_journal_walk_pending(struct nfr_store *store, uint16_t block, struct nfr_journal_pending *pending);

#endif
