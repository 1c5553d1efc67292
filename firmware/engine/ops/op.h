/* Inside the engine: what an operator gives to the loader and to step.
 *
 * ops/<operator>.c holds the checks (every rule that makes run() safe), the unit arithmetic and the dispatch to a kernel;
 * kernels/<backend>/<operator>.c holds the arithmetic. check() runs once at load; run() trusts it and checks nothing.
 */
#ifndef NFR_OP_H
#define NFR_OP_H

#include <stdbool.h>
#include <stdint.h>

#include "../nfr_engine.h"

/* A resolved operand. data is null where the operand is absent. */
struct nfr_operand {
  uint8_t *data; /* inside arena, state or (read only) the constants */
  uint32_t bytes;
  uint8_t type, region;
  uint16_t more; /* not used */
};

/* An operator bound to memory; built on the stack by the loader and by step, gone after the call. */
struct nfr_op {
  const struct nfr_plan_op *record;
  const void *params;       /* right behind the record; of the kind's structure */
  const uint8_t *constants; /* the blob's constants */
  uint32_t constant_bytes;  /* for check() only */
  struct nfr_operand in[3], out, scratch;
};

/* How an operator is cut. Unit u of `count` writes its own part of the output; any order of slices in ascending units
 * gives the same bytes. cost: estimated instructions of a unit whose window or row is whole, as one of many in a slice,
 * within about 25 % on the slowest backend that is built; never 0. A unit alone, or a slice's last ones, may take twice as
 * many (a convolution computes four channels together). count never 0. */
struct nfr_units {
  uint32_t count;
  uint32_t cost;
};

/* How a kind's parameters say rows, so that a chain can give its kernel a few of them (ops/chain.h). */
enum nfr_rows_in {
  NFR_ROWS_NONE = 0, /* the kind is no member of chains */
  NFR_ROWS_CONV,     /* nfr_plan_conv */
  NFR_ROWS_POOL,     /* nfr_plan_pool */
  NFR_ROWS_DIMS,     /* dims[4] and broadcast bits: ADD, MUL */
  NFR_ROWS_ELEMENTS, /* a number of elements comes first */
};

struct nfr_op_type;

/* Of a load: the record that governs those that come next. */
struct nfr_governed {
  const struct nfr_control *control; /* null: none does */
  const struct nfr_plan_op *by;      /* the newest that has */
  uint32_t left;                     /* records that are still to come */
};

/* What there is to a kind that governs the records behind it: CHAIN. Its own check, units and run are absent. */
struct nfr_control {
  /* How many records it governs. */
  uint32_t (*members)(const struct nfr_plan_op *record);
  /* Rows of a streamed tensor (V21); whether an operand is one. */
  bool (*stream_is_valid)(const struct nfr_plan_tensor *tensor);
  bool (*has_streams)(const struct nfr_engine *engine, const struct nfr_plan_op *record);
  /* The record that governs or, one after the other, those that it does; their frames have been checked (V27 to V31). left: of
   * the plan's records, with this one. */
  NFR_CHECK_RESULT int (*check)(const struct nfr_engine *engine, struct nfr_governed *governed, const struct nfr_plan_op *record,
                                const struct nfr_op_type *type, uint32_t left);
  /* Runs a part of the record at the engine's cursor, and moves the cursor; at least something, if so asked. Returns what is
   * left of the budget. */
  uint32_t (*run)(struct nfr_engine *engine, uint32_t budget, bool at_least_one);
};

struct nfr_op_type {
  uint8_t kind;         /* enum nfr_kind */
  uint8_t rows;         /* enum nfr_rows_in. With them fewer rows never take more scratch, nor a costlier unit */
  uint16_t params_bytes;
  uint8_t operands;     /* NFR_USES_… : exactly these are present */
  uint8_t in_place;     /* NFR_USES_IN0, _IN1: operands that may lie exactly where out lies; all else is disjoint from out and scratch. Equal offset only, and out's elements no wider (frame: V35); broadcast is for check() to refuse */
  uint8_t overlap;      /* NFR_USES_IN0: check() decides whether out may overlap it row by row (V75), and not the frame */
  uint8_t state;        /* NFR_USES_IN1, _IN2: operands that run() writes; they lie in the state region, disjoint from all else (frame: V34 to V37) */
  uint32_t layouts;     /* bit set of the layout ids that run() knows */
  uint32_t scratch_layouts; /* those of them with which a kind without NFR_USES_SCRATCH uses scratch all the same */
  const struct nfr_control *control; /* null for an operator */
  NFR_CHECK_RESULT int (*check)(const struct nfr_op *op);
  void (*units)(const struct nfr_op *op, struct nfr_units *units);
  void (*run)(const struct nfr_op *op, uint32_t first, uint32_t count);
};
#define NFR_USES_IN0 1u
#define NFR_USES_IN1 2u
#define NFR_USES_IN2 4u
#define NFR_USES_SCRATCH 8u
#define NFR_USES_INPUTS (NFR_USES_IN0 | NFR_USES_IN1 | NFR_USES_IN2)

/* An absent operand, null and without bytes, is disjoint from any other. */
static inline bool nfr_is_disjoint(const struct nfr_operand *a, const struct nfr_operand *b) {
  uintptr_t first = (uintptr_t)a->data, second = (uintptr_t)b->data;
  return first + a->bytes <= second || second + b->bytes <= first;
}

static inline bool nfr_op_uses_scratch(const struct nfr_op_type *type, uint8_t layout) {
  return (type->operands & NFR_USES_SCRATCH) != 0 || (type->scratch_layouts >> layout & 1u) != 0;
}

/* The kinds this firmware was built with (CMake's NFR_OPERATORS); ops/registry.c. Null when the kind is unknown. */
const struct nfr_op_type *nfr_op_type_of(uint8_t kind);

/* Checks shared by operators: check.h, check.c. */

/* Requantization block for `channels` outputs of `type`: flags, constants inside, multipliers, shifts, clamp. */
NFR_CHECK_RESULT int nfr_check_requant(const struct nfr_op *op, const struct nfr_plan_requant *q, uint32_t channels,
                                       uint8_t type);

/* Rows of a window operator whose other rules hold. */
struct nfr_rows {
  uint32_t batches, in_h, out_h;
  uint32_t stride;
  int32_t pad, reach; /* above; from a window's first row through its last */
  uint32_t tile;      /* rows of the output that a kernel may compute together */
  bool descending;
  bool in_place;      /* out may lie exactly on in[0]: what is overwritten has been read for the last time */
};

/* Rows that a kernel may compute together when one is out_w elements wide. */
static inline uint32_t nfr_tile_of(uint32_t out_w) {
  return out_w == 1 ? NFR_WINDOW_TILE : 1;
}

/* in[0] and out are disjoint, or no row of out lies on a row of in[0] that is still to be read; ops/overlap.c. */
NFR_CHECK_RESULT int nfr_check_overlap(const struct nfr_op *op, const struct nfr_rows *rows);

/* CONV_2D and DEPTHWISE_CONV_2D: steps, operands, and `weights` (extents of 16 bits) int8 in the constants; not overlap. */
NFR_CHECK_RESULT int nfr_check_conv_shape(const struct nfr_op *op, const struct nfr_plan_conv *p, const uint32_t weights[4]);

/* The same, and requantization. */
NFR_CHECK_RESULT int nfr_check_conv(const struct nfr_op *op, const struct nfr_plan_conv *p, const uint32_t weights[4]);

/* The same rows for nfr_check_overlap: `tile` of them are computed together. */
NFR_CHECK_RESULT int nfr_check_conv_overlap(const struct nfr_op *op, const struct nfr_plan_conv *p, uint32_t tile, bool in_place);

/* ADD and MUL: broadcast bits, operands of the sizes that they say, none broadcast in place. */
NFR_CHECK_RESULT int nfr_check_broadcast(const struct nfr_op *op, const uint32_t dims[4], uint8_t broadcast0,
                                         uint8_t broadcast1);

#endif
