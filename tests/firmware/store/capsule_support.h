/* A capsule to be, for tests that install it: model, golden vectors, labels, and a manifest signed by toy_key(2). */
#ifndef NFR_TEST_CAPSULE_SUPPORT_H
#define NFR_TEST_CAPSULE_SUPPORT_H

#include "builder.h"
#include "native_model.h"

#define CAPSULE_NAME "house/kws"
#define CAPSULE_LABELS "yes\nno\nmaybe\nfour"

enum { CAPSULE_CASES = 4, CAPSULE_COUNTER = 7 };

/* A test may spoil it before it is staged. */
struct capsule {
  struct model model;
  uint8_t vectors[4096], manifest[4096];
  size_t vectors_bytes, manifest_bytes;
  struct sample sample;
};

/* Seeds give other models. The capsule is one static place: the next call overwrites it. */
struct capsule *capsule_make(uint8_t seed);

/* Writes and signs the manifest anew. */
void capsule_sign(struct capsule *capsule);

/* Names one more section in the manifest. */
void capsule_add_section(struct capsule *capsule, unsigned kind, const void *bytes, size_t count);

#endif
