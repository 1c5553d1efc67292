/* Contents of the journal's records (SPEC §4, §7): bytes to structures and back. Pure; untrusted bytes in. */
#ifndef NFR_STORE_RECORD_H
#define NFR_STORE_RECORD_H

#include "nfr_store.h"

#define NFR_RECORD_MAX_CONTENT 247u
#define NFR_NAME_MAX_BYTES 64u

enum nfr_record_type {
  NFR_RECORD_SETTINGS = 1,
  NFR_RECORD_BLOB = 2,
  NFR_RECORD_NAME = 3,
  NFR_RECORD_FREE = 4,
  NFR_RECORD_SEAL = 5,
  NFR_RECORD_END = 6,
};

/* The very bytes of a SETTINGS record. */
struct nfr_settings {
  uint16_t key_list;  /* slot, NFR_STORE_NONE: none */
  uint16_t epoch;     /* another one after each change of the firmware; 0: none yet */
  uint32_t key_list_version;
  uint64_t generation, known_time;
  uint8_t firmware[16];
  uint8_t restart_is_planned; /* 0 or 1 */
  uint8_t reserved[15];       /* 0 */
};

enum nfr_place { NFR_PLACE_CONFIRMED = 0, NFR_PLACE_CANDIDATE = 1, NFR_PLACE_PREVIOUS = 2 };

/* The very bytes of a version in a NAME record. */
struct nfr_version {
  uint8_t state;  /* enum nfr_state; 0: nothing in this place */
  uint8_t reason; /* enum nfr_reason */
  uint8_t strikes, attempts;
  uint32_t counter;  /* security counter */
  uint16_t blobs[6]; /* slots: manifest, then sections by enum nfr_section_kind; NFR_STORE_NONE: none */
  uint16_t epoch;    /* of the firmware that validated it */
  uint16_t reserved; /* 0 */
};

/* The very bytes of a NAME record, but for its text, which ends with the name. */
struct nfr_name {
  uint8_t length;    /* of the text */
  uint8_t failures;  /* candidates rejected one after the other */
  uint16_t reserved; /* 0 */
  uint32_t floor;    /* lowest security counter */
  struct nfr_version versions[3]; /* by enum nfr_place; state 0: nothing there */
  struct { uint8_t digest[32]; uint8_t reason, reserved; uint16_t detail; } rejected; /* reason 0: none */
  char text[NFR_NAME_MAX_BYTES]; /* not terminated */
};

/* Encoders return the content's length, at most NFR_RECORD_MAX_CONTENT. bits: NFR_STORE_MAX_CHUNKS / 8 bytes, for WRITING, else null. */
uint8_t nfr_settings_encode(const struct nfr_settings *settings, uint8_t content[NFR_RECORD_MAX_CONTENT]);
uint8_t nfr_blob_encode(const struct nfr_blob *blob, const uint8_t *bits, uint8_t content[NFR_RECORD_MAX_CONTENT]);
uint8_t nfr_name_encode(const struct nfr_name *name, uint8_t content[NFR_RECORD_MAX_CONTENT]);

/* Decoders check form and ranges (CORRUPT), not references. version: of the block that holds the record (1 or 2). bits: as above, or null. */
NFR_CHECK_RESULT int nfr_settings_decode(const uint8_t *content, uint8_t length, uint8_t version, struct nfr_settings *settings);
NFR_CHECK_RESULT int nfr_blob_decode(const uint8_t *content, uint8_t length, struct nfr_blob *blob, uint8_t *bits);
NFR_CHECK_RESULT int nfr_name_decode(const uint8_t *content, uint8_t length, uint8_t version, struct nfr_name *name);

/* Content of a version to that of this one, in place; returns the new length. CORRUPT. */
NFR_CHECK_RESULT int nfr_record_upgrade(uint8_t type, uint8_t version, uint8_t content[NFR_RECORD_MAX_CONTENT], uint8_t length);

/* Number of chunks of a blob that is being written; bytes: not 0. */
static inline uint32_t nfr_blob_chunks(uint32_t bytes, uint8_t chunk_log2) {
  return ((bytes - 1) >> chunk_log2) + 1;
}

#endif
