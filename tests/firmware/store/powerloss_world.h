/* What the devices of the power-cut scenarios hold: blobs with known bytes, versions made of them. */
#ifndef POWERLOSS_WORLD_H
#define POWERLOSS_WORLD_H

#include "nfr_lifecycle.h"
#include "powerloss.h"

/* Blobs by kind; their sizes fit the geometry. */
enum blob_id {
  MANIFEST_0 = 0, /* … 7 */
  MODEL_0 = 8,    /* … 15: longer than two small blocks */
  SMALL_0 = 16,   /* … 23 */
  LARGE_0 = 24,   /* … 33: an eleventh of the region each */
  KEY_LIST = 34,
  BLOB_IDS = 36,  /* 34 and 35 are key lists */
};

enum { NAME_KWS, NAME_VAD, NAME_BIG, NAME_NEW, NAMES };

/* A version of a capsule: its manifest, and its sections by kind (1 … 3). */
struct capsule { uint8_t name, manifest, sections[3]; uint32_t counter; };
extern const struct capsule capsules[];
enum { KWS_1, KWS_2, KWS_3, VAD_1, VAD_2, BIG_1, NEW_1 };

const char *name_of_capsule(unsigned name);

/* Makes the blobs' bytes for a geometry. */
void world_make(const struct job *job);
uint32_t world_bytes(unsigned id);
const uint8_t *world_content(unsigned id);
const uint8_t *world_digest(unsigned id);
/* BLOB_IDS: none of ours. */
unsigned world_find(const uint8_t digest[32]);

/* What is there: the parts of the state, and what holds at any time. */
void world_observe(struct machine *machine, struct state *state);
bool world_check(struct machine *machine);

#endif
