/* A model for tests of the facade: input int8[8] -> table (source operator 10) -> SVDF with state (source operator 20) ->
 * output int8[4]; and what a plain engine computes with it. */
#ifndef NFR_TEST_NATIVE_MODEL_H
#define NFR_TEST_NATIVE_MODEL_H

#include "engine/nfr_engine.h"

enum { MODEL_ROOM = 2048, MODEL_ELEMENTS = 8, MODEL_CLASSES = 4, MODEL_ARENA = 64, MODEL_STATE = 32, MODEL_OPS = 2 };

/* 16-byte aligned. The table writes its output over the input: an inference destroys it. */
struct model { _Alignas(16) uint8_t bytes[MODEL_ROOM]; uint32_t count; };

void model_write(struct model *model, uint8_t seed);
/* A second input like the first, which no operator reads. */
void model_add_input(struct model *model);
struct nfr_plan_header *model_header(struct model *model);

/* The same plan in an engine of its own. */
struct peer {
  struct nfr_engine engine;
  _Alignas(16) uint8_t arena[MODEL_ARENA], state[MODEL_STATE];
};

void peer_open(struct peer *peer, const struct model *model);
/* One inference; crcs (may be null): of each operator's output. */
void peer_run(struct peer *peer, const int8_t input[MODEL_ELEMENTS], int8_t output[MODEL_CLASSES], uint32_t crcs[MODEL_OPS]);

/* Golden vectors: `cases` random samples with the peer's answers. Returns their bytes. */
size_t vectors_write(const struct model *model, unsigned cases, uint8_t *bytes);

#endif
