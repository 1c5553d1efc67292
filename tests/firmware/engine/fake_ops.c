/* Operators of 16 elements, one a unit. They check nothing: what refuses a plan in these tests is the frame. */
#include "test_plan.h"

static int check_nothing(const struct nfr_op *op) {
  (void)op;
  return NFR_OK;
}

static void units(const struct nfr_op *op, struct nfr_units *units) {
  (void)op;
  units->count = FAKE_UNITS;
  units->cost = FAKE_COST;
}

static void run_flip(const struct nfr_op *op, uint32_t first, uint32_t count) {
  for (uint32_t i = first; i < first + count; i++) op->out.data[i] = (uint8_t)~op->in[0].data[i];
}

static void run_join(const struct nfr_op *op, uint32_t first, uint32_t count) {
  for (uint32_t i = first; i < first + count; i++) {
    op->scratch.data[i] = op->in[1].data[i];
    op->out.data[i] = (uint8_t)(op->in[0].data[i] + op->scratch.data[i]);
  }
}

/* Adds what went through to both states, and adds the states to the output. */
static void run_count(const struct nfr_op *op, uint32_t first, uint32_t count) {
  for (uint32_t i = first; i < first + count; i++) {
    uint16_t *wide = (uint16_t *)(void *)op->in[2].data;
    wide[i / 2] = (uint16_t)(wide[i / 2] + op->in[0].data[i]);
    op->in[1].data[i] = (uint8_t)(op->in[1].data[i] + 1);
    op->out.data[i] = (uint8_t)(op->in[0].data[i] + wide[i / 2] + op->in[1].data[i]);
  }
}

#define FAKE(number, uses, inplace, written, function)                                                              \
  {                                                                                                                 \
    .kind = (number), .params_bytes = 4, .operands = (uses), .in_place = (inplace), .state = (written),            \
    .layouts = 1u << NFR_LAYOUT_PLAIN, .check = check_nothing, .units = units, .run = (function)                     \
  }

static const struct nfr_op_type types[] = {
    FAKE(FAKE_FLIP, NFR_USES_IN0, NFR_USES_IN0, 0, run_flip),
    FAKE(FAKE_JOIN, NFR_USES_IN0 | NFR_USES_IN1 | NFR_USES_SCRATCH, 0, 0, run_join),
    FAKE(FAKE_COUNT, NFR_USES_IN0 | NFR_USES_IN1 | NFR_USES_IN2, 0, NFR_USES_IN1 | NFR_USES_IN2, run_count),
};

const struct nfr_op_type *nfr_op_type_of(uint8_t kind) {
  for (unsigned i = 0; i < sizeof types / sizeof types[0]; i++)
    if (types[i].kind == kind) return &types[i];
  return NULL;
}
