/* Writes journals byte by byte, with right CRCs, from the SPEC alone: stores of version 1, and hostile ones. */
#ifndef JOURNAL_IMAGE_H
#define JOURNAL_IMAGE_H

#include "journal.h"

/* The journal region of a configuration, in memory that the caller owns: flash->bytes of it. */
struct journal_image {
  uint8_t *bytes;
  const struct nfr_store_config *config;
  uint8_t version;
  uint32_t sequence; /* of the block that is written */
  uint32_t block, position;
  uint32_t records; /* of the snapshot */
};

/* All blank (0xff). */
void image_clear(struct journal_image *image, const struct nfr_store_config *config, uint8_t *bytes, uint8_t version);

/* Begins a block behind the one that was written, or (is_start) the first one of a snapshot. */
void image_block(struct journal_image *image, uint32_t block, bool is_start);

/* A record; SEAL and END too. */
void image_record(struct journal_image *image, uint16_t slot, uint8_t type, const void *content, uint8_t length);

/* END and two seals. */
void image_end(struct journal_image *image, uint32_t frontier);

/* Contents of version 1 (SPEC §7): length. */
uint8_t image_settings_1(const struct nfr_settings *settings, uint8_t content[NFR_RECORD_MAX_CONTENT]);
uint8_t image_name_1(const struct nfr_name *name, uint8_t content[NFR_RECORD_MAX_CONTENT]);

/* The store's live records as a journal of one snapshot; as_version: 1 or 2. */
void image_of_store(struct journal_image *image, const struct nfr_store *store, uint8_t *bytes, uint8_t as_version);

#endif
