/* The engine: load a plan, prove it safe, execute it in slices.
 *
 * Trusted: the caller's pointers and sizes, and that the plan's bytes do not change while loaded.
 * Untrusted: every byte of the plan and of the input tensors. A plan that loads may compute wrong numbers; it never
 * causes undefined behaviour nor an access outside plan, arena and state (SPEC.md, rules V01…).
 *
 * No heap, no globals: all state is in struct nfr_engine and the caller's arena and state. One thread at a time.
 */
#ifndef NFR_ENGINE_H
#define NFR_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nfr.h"
#include "nfr_plan.h"

#define NFR_ENGINE_ABI_MAJOR 1u
#define NFR_ENGINE_ABI_MINOR 0u
#define NFR_ENGINE_MORE 1 /* nfr_engine_step: call again */
#define NFR_ENGINE_DEFAULT_BUDGET 200000u

/* What the plan asks for; read with nfr_plan_needs before memory is found for it. */
struct nfr_plan_needs {
  uint32_t state_bytes, arena_bytes; /* multiples of 16 */
  uint32_t layouts;                  /* bit set of layout ids */
  uint16_t op_count, tensor_count;
  uint8_t input_count, output_count;
};

/* One loaded plan. Fields are private; the size is what counts (budget: 256 bytes, goal 128). */
struct nfr_engine {
  uint8_t *regions[3];  /* start of the arena, the state and the constants, by enum nfr_region; constants are only read */
  const uint8_t *plan;
  const struct nfr_plan_tensor *tensors;
  uint32_t max_slice;   /* instructions, from load */
  uint32_t op_offset;   /* cursor: record of the current operator, from the plan's start */
  uint32_t unit;        /* cursor: next unit of the current operator */
  uint16_t op_index;    /* cursor: index of the current operator, of a chain's first record; op_count when none runs */
  uint16_t stripe;      /* cursor: of a chain */
  uint16_t op_count;
  uint8_t member;       /* cursor: of a chain, whose unit it is */
  uint8_t loaded : 1, stop_at_op : 1;
};

struct nfr_tensor_view {
  void *data;           /* inside the arena; valid until the plan is unloaded */
  uint32_t bytes;
  const struct nfr_plan_io *io;
  uint8_t type;         /* enum nfr_type */
};

/* Reads and checks the header alone. plan: 16-byte aligned. Errors: ARGUMENT, CORRUPT, VERSION, UNSUPPORTED. */
NFR_CHECK_RESULT int nfr_plan_needs(const void *plan, size_t plan_bytes, struct nfr_plan_needs *needs);

/* Validates the whole plan (once; rules V01… of SPEC.md) and binds it to its memory.
 * plan, arena, state: 16-byte aligned (state may be null when the plan has none); borrowed until unloaded.
 * max_slice: largest number of instructions (the engine's estimate) a step may take, 0 = no limit; a plan with a unit
 * beyond it is refused with BUDGET. State is reset. On error the engine stays unloaded. */
NFR_CHECK_RESULT int nfr_engine_load(struct nfr_engine *engine, const void *plan, size_t plan_bytes, void *arena,
                                     size_t arena_bytes, void *state, size_t state_bytes, uint32_t max_slice);

/* Sets every state tensor to its fill value (TFLite: variable tensors to their zero point). */
NFR_CHECK_RESULT int nfr_engine_reset(struct nfr_engine *engine);

/* Starts an inference: the inputs are to be written before the first step. In-place plans destroy their inputs. */
NFR_CHECK_RESULT int nfr_engine_begin(struct nfr_engine *engine);

/* Runs a slice of about `budget` instructions (at least one unit). NFR_ENGINE_MORE, NFR_OK when the inference is
 * complete, or ARGUMENT when none was begun. A budget beyond load's max_slice counts as max_slice.
 * With stop_at_op it also returns NFR_ENGINE_MORE after each operator's last unit, of a chain after the last member's. */
NFR_CHECK_RESULT int nfr_engine_step(struct nfr_engine *engine, uint32_t budget);

/* Makes step return at the end of each operator, for self-tests and layer checks. Off after load. */
NFR_CHECK_RESULT int nfr_engine_stop_at_op(struct nfr_engine *engine, bool stop);

/* begin, then steps until done. */
NFR_CHECK_RESULT int nfr_engine_invoke(struct nfr_engine *engine);

NFR_CHECK_RESULT int nfr_engine_input(const struct nfr_engine *engine, unsigned index, struct nfr_tensor_view *view);
NFR_CHECK_RESULT int nfr_engine_output(const struct nfr_engine *engine, unsigned index, struct nfr_tensor_view *view);

/* Output tensor of operator `op` (execution order) and its index in the source model. Its bytes are meaningful right
 * after the operator has run: step with stop_at_op, which stops behind a chain as a whole. 0 bytes (and data that is not null)
 * when nothing is left of it: a CHAIN and its members but the last. */
NFR_CHECK_RESULT int nfr_engine_op_output(const struct nfr_engine *engine, unsigned op, const void **data,
                                          uint32_t *bytes, uint16_t *source_op);

#endif
