/* The capsules that native_fuzz opens: plans of random operators, signed ones and bare ones, with golden vectors. */
#ifndef NFR_NATIVE_WORLD_H
#define NFR_NATIVE_WORLD_H

#include <stddef.h>

#include "engine/nfr_engine.h"
#include "interop/nfr_native.h"
#include "plan.h"

struct world_model {
  const uint8_t *plan, *manifest, *vectors;
  uint32_t plan_bytes, manifest_bytes, vectors_bytes;
  struct nfr_plan_needs needs;
};

void world_make(void);

/* Memory of exactly `bytes`, 16-byte aligned; freed by the caller. */
void *world_allocate(size_t bytes);

/* One of them; any number. */
const struct world_model *world_model(uint32_t number);

/* A context, freed by the caller; with a root key and a key list when signed. */
struct nfr_native *world_context(bool is_signed, void *arena, uint32_t arena_bytes, void *pool, uint32_t pool_bytes);

/* Opens a model whose plan's bytes are at `plan`; what the facade returned. */
int world_open(struct nfr_native *native, const struct world_model *model, const uint8_t *plan);

/* Real values to elements of an input, as nfr_native_write_input_float promises; in double. */
void world_quantize(const struct nfr_tensor_view *view, uint32_t first, const float *values, uint32_t count);

/* Ends the program. */
_Noreturn void world_fail(const char *what, int actual, int expected);

#endif
