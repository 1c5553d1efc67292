/* A store on the flash model, for tests of blobs. */
#ifndef NFR_TEST_BLOB_SUPPORT_H
#define NFR_TEST_BLOB_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "journal.h"
#include "nfr_flash_model.h"
#include "nfr_mbedtls.h"

enum { BED_SLOTS = 96, BED_BUFFER = 512, BED_MAX_BLOB = 256 << 10 };

struct bed {
  struct nfr_flash_model *model;
  struct nfr_store store;
  struct nfr_store_config config;
  uint16_t index[BED_SLOTS];
  uint64_t buffer[BED_BUFFER / 8];
  struct nfr_crypto crypto; /* mbedTLS', counting hashes that are open */
};

/* A blob is its seed: bytes and digest follow from it. */
struct content { uint32_t bytes; uint8_t digest[32]; uint8_t data[BED_MAX_BLOB]; };

extern int bed_open_hashes;
extern jmp_buf bed_power;

/* An empty store. */
void bed_new(struct bed *bed, const struct nfr_flash_model_config *config);
void bed_new_standard(struct bed *bed, const char *name);
/* Asserts that the port's contract was kept, and that no hash is open. */
void bed_delete(struct bed *bed);
/* Power off and on; mounts. */
void bed_reset(struct bed *bed, uint64_t seed);

void content_make(struct content *content, uint32_t seed, uint32_t bytes);
/* Steps until the job ends. */
int bed_run(struct bed *bed, int err);
int bed_begin(struct bed *bed, const struct content *content, uint8_t chunk_log2);
/* One chunk of it. */
int bed_write(struct bed *bed, const struct content *content, uint32_t chunk);
/* All of its missing chunks. */
int bed_write_all(struct bed *bed, const struct content *content);
/* Begins, writes, finishes. The slot, or an error. */
int bed_install(struct bed *bed, const struct content *content);
/* Installs and refers to it by a name record in a slot of its own. The blob's slot. */
int bed_keep(struct bed *bed, uint32_t seed, uint32_t bytes);
/* A name that refers to up to three blobs (0: none). The name's slot. */
uint16_t bed_name(struct bed *bed, const char *text, uint16_t a, uint16_t b, uint16_t c);
/* Asserts that the blob is COMPLETE and reads as it should. */
void bed_assert_content(struct bed *bed, const struct content *content);
/* Asserts what SPEC §5 says of extents: in the region, none overlaps another. */
void bed_assert_extents(struct bed *bed);

#endif
