/* One operator record with its operands and constants, each allocation exactly as long as it says, so that a sanitizer
 * sees one byte too many. Filled with pseudo-random data from a seed. */
#ifndef NFR_OP_CASE_H
#define NFR_OP_CASE_H

#include "ops/op.h"
#include "plan.h"

enum { CASE_MAX_CONSTANTS = 1 << 16, CASE_MAX_PARAMS = 256 };

struct op_case {
  struct nfr_op op;
  const struct nfr_op_type *type;
  struct {
    struct nfr_plan_op frame;
    _Alignas(8) uint8_t params[CASE_MAX_PARAMS];
  } record;
  uint8_t *constants; /* grows while the case is made; case_finish moves it to its exact length */
  uint32_t constant_bytes;
  uint32_t seed;
};

/* Uniform in low … high. */
int32_t case_random(struct op_case *c, int32_t low, int32_t high);

/* Starts a case of `kind`; returns its parameters, all 0, to be filled in. */
void *case_begin(struct op_case *c, uint8_t kind, uint32_t seed);

/* Gives an operand `count` random elements (float32: small numbers). */
void case_operand(struct op_case *c, struct nfr_operand *operand, uint8_t type, uint32_t count);

/* Appends constants and returns their offset. */
uint32_t case_constant(struct op_case *c, const void *data, uint32_t bytes, uint32_t align);
uint32_t case_weights(struct op_case *c, uint32_t count, uint32_t size);

/* Requantization for `channels` outputs and sums of about `terms` products. wide: 64-bit accumulator. */
struct nfr_plan_requant case_requant(struct op_case *c, uint32_t channels, uint8_t type, bool wide, uint32_t terms);

/* Any multiplier of at least 1/2 and a shift from least to most. */
int32_t case_multiplier(struct op_case *c);

/* The constants get their exact length. */
void case_finish(struct op_case *c);
void case_free(struct op_case *c);

/* check() accepts; computes the output in one slice, then in single units and in random slices from the same inputs and
 * states, and asserts that all bytes (output and states) agree. Leaves output and states computed once. */
void case_run(struct op_case *c);

static inline const void *case_constant_at(const struct op_case *c, uint32_t offset) {
  return offset == NFR_PLAN_NONE32 ? NULL : c->op.constants + offset;
}

#endif
