/* Inside the lifecycle: one transition of a name. */
#ifndef NFR_STORE_LIFECYCLE_H
#define NFR_STORE_LIFECYCLE_H

#include "journal.h"
#include "nfr_lifecycle.h"

/* An event with all that it can bring. */
struct nfr_change {
  uint8_t event;    /* enum nfr_event */
  uint8_t kind;     /* ATTACH: of the section */
  uint16_t blob;    /* FETCH: the manifest's slot; ATTACH: the section's */
  uint32_t counter; /* FETCH */
  struct nfr_why why;
};

/* Looks the event up in the table, does what it says to the name in the slot, and commits its record. STATE: not allowed. */
NFR_CHECK_RESULT int nfr_lifecycle_change(struct nfr_store *store, uint16_t slot, const struct nfr_change *change);

/* The same to a name in RAM, without the commit. NFR_STORE_MORE: something has changed; a removed name has length 0. */
NFR_CHECK_RESULT int nfr_lifecycle_apply(const struct nfr_store *store, struct nfr_name *name, const struct nfr_change *change);

/* Writes the record of a name. */
NFR_CHECK_RESULT int nfr_lifecycle_commit(struct nfr_store *store, uint16_t slot, const struct nfr_name *name);

/* Writes the settings. */
NFR_CHECK_RESULT int nfr_lifecycle_commit_settings(struct nfr_store *store, const struct nfr_settings *settings);

/* Whether a reason says nothing of a version: wrong bytes came, flash failed, no room. It bars no digest and is no failure. */
bool nfr_lifecycle_is_chance(uint8_t reason);

/* NONE when all blobs of a version are COMPLETE, else MISSING or DAMAGED. */
enum nfr_reason nfr_lifecycle_fault(const struct nfr_store *store, const struct nfr_version *version);

/* State (enum nfr_blob_state) of the blob in a slot, 0 when it holds none. digest: 32 bytes, or null. */
uint8_t nfr_lifecycle_blob(const struct nfr_store *store, uint16_t slot, uint8_t *digest);

#endif
