/* Makes valid plans of any operators: for the fuzzer, which then breaks some of them, and for tests of operators' rules.
 *
 * plan_gen_start, plan_gen_add for each operator, plan_gen_finish. The parameters that are asked for are mended where they
 * break a rule (dimensions are made small, constants and tensors are found for them), so that any bytes make an operator.
 * Everything follows from the seed.
 */
#ifndef NFR_PLAN_GEN_H
#define NFR_PLAN_GEN_H

#include "ops/op.h"
#include "plan.h"

enum { GEN_TENSORS = 64, GEN_OPS = 12, GEN_OP_BYTES = 4096, GEN_CONSTANTS = 65536, GEN_PARAMS = 144, GEN_ANY_TYPE = 255 };

struct plan_gen {
  uint64_t random;
  uint8_t type; /* of activations, where a kind has the choice; GEN_ANY_TYPE: drawn for each operator */
  bool plain;   /* nothing but the ordinary: no operand in place, shared, constant or in reused memory */
  bool full;    /* something did not fit: the plan cannot be finished */
  uint32_t extent;     /* rows and columns that a window operator may have; 0: few */
  uint16_t feed[2];    /* tensors that the next operator reads, in this order */
  uint8_t feeds;
  uint32_t features;   /* of the header */

  struct nfr_plan_tensor tensors[GEN_TENSORS];
  uint16_t tensor_count;
  uint16_t inputs[NFR_PLAN_MAX_IO]; /* tensors that nothing writes first */
  uint8_t input_count;
  uint32_t arena_bytes, state_bytes;

  _Alignas(16) uint8_t ops[GEN_OP_BYTES];
  uint32_t ops_bytes;
  uint16_t op_count, outputs[GEN_OPS]; /* tensors; NONE16: nothing is left of it */

  _Alignas(16) uint8_t constants[GEN_CONSTANTS];
  uint32_t constant_bytes;
};

void plan_gen_start(struct plan_gen *gen, uint64_t seed);

/* params: those asked for, GEN_PARAMS bytes; null: random ones. */
void plan_gen_add(struct plan_gen *gen, uint8_t kind, const void *params, uint16_t source_op);

/* Writes the plan; its bytes, or 0 when it does not fit or has no operator. */
size_t plan_gen_finish(struct plan_gen *gen, uint8_t *plan, size_t room);

/* All kinds, and how many. */
extern const uint8_t plan_gen_kinds[];
extern const unsigned plan_gen_kind_count;

/* --- for plan_gen_kinds.c */

/* A number from 0 to limit - 1. */
uint32_t gen_below(struct plan_gen *gen, uint32_t limit);
/* True once in `n` times. */
bool gen_once_in(struct plan_gen *gen, uint32_t n);

/* An input of `count` elements; the tensor's index. */
uint16_t gen_input(struct plan_gen *gen, uint8_t type, uint32_t count);
/* A new tensor of the arena, disjoint from the operands so far. */
uint16_t gen_output(struct plan_gen *gen, const struct nfr_plan_op *op, uint8_t type, uint32_t count);
/* A new tensor exactly where tensor `at` lies, or one as gen_output makes it. */
uint16_t gen_output_at(struct plan_gen *gen, const struct nfr_plan_op *op, uint16_t at, uint8_t type, uint32_t count);
/* A new tensor that overlaps in[0] as rule V75 lets it, or one as gen_output makes it. */
uint16_t gen_output_over(struct plan_gen *gen, const struct nfr_plan_op *op, uint8_t type, uint32_t count,
                         const struct nfr_rows *rows);
uint16_t gen_scratch(struct plan_gen *gen, uint8_t type, uint32_t count);
uint16_t gen_state(struct plan_gen *gen, uint8_t type, uint32_t count);
/* A new tensor of the arena's end. */
uint16_t gen_tensor(struct plan_gen *gen, uint32_t bytes, uint8_t type, uint32_t alignment);
/* Random constants; their offset. NONE32 when there is no more room. */
uint32_t gen_constants(struct plan_gen *gen, uint32_t count, uint32_t size);

/* Mends params of `kind`, and names the operands in op. */
void gen_fix(struct plan_gen *gen, uint8_t kind, void *params, struct nfr_plan_op *op);

#endif
