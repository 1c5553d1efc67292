/* Streamed chains (SPEC.md section 7): how far a member is, and the operator of a few rows that its kernel is given. */
#ifndef NFR_CHAIN_H
#define NFR_CHAIN_H

#include "../bind.h"
#include "cost.h"

/* What a member's parameters say of rows; element by element: a window of one row. */
struct nfr_member_rows {
  uint32_t in_h, out_h, stride;
  int32_t pad, reach; /* above; from a window's first row through its last */
};

/* A copy of a member's parameters, of which a kernel sees a few rows. */
union nfr_member_params {
  struct nfr_plan_conv conv;
  struct nfr_plan_pool pool;
  struct nfr_plan_add add;
  struct nfr_plan_mul mul;
  struct nfr_plan_logistic16 logistic16;
  struct nfr_plan_requantize requantize;
  uint32_t words[sizeof(struct nfr_plan_conv) / 4];
};

static inline const struct nfr_plan_chain *nfr_chain_params(const struct nfr_plan_op *chain) {
  return (const struct nfr_plan_chain *)(const void *)(chain + 1);
}

static inline const struct nfr_plan_member *nfr_chain_members(const struct nfr_plan_op *chain) {
  return (const struct nfr_plan_member *)(const void *)(nfr_chain_params(chain) + 1);
}

/* The record behind this one. */
static inline const struct nfr_plan_op *nfr_chain_next(const struct nfr_plan_op *record) {
  return (const struct nfr_plan_op *)(const void *)((const uint8_t *)record + record->bytes);
}

static inline int32_t nfr_chain_clamp(int32_t row, int32_t rows) {
  return row < 0 ? 0 : row < rows ? row : rows;
}

/* Rows of `rows` that a member has computed before stripe k. step x stripes is below 2^31: V110. */
static inline int32_t nfr_chain_done(const struct nfr_plan_member *member, uint32_t k, uint32_t rows) {
  return nfr_chain_clamp((int32_t)(member->step * k) + member->end, (int32_t)rows);
}

/* The first row that a member's buffer holds in stripe k. */
static inline int32_t nfr_chain_held(const struct nfr_plan_member *member, uint32_t k, uint32_t rows) {
  return nfr_chain_clamp((int32_t)(member->step * k) + member->start, nfr_chain_done(member, k, rows));
}

/* rows: of an element-wise member. */
static inline struct nfr_member_rows nfr_member_rows_of(const struct nfr_op_type *type, const void *params, uint32_t rows) {
  if (type->rows == NFR_ROWS_CONV) {
    const struct nfr_plan_conv *p = params;
    return (struct nfr_member_rows){p->in_h, p->out_h, p->stride_h, p->pad_top, (p->filter_h - 1) * p->dilation_h + 1};
  }
  if (type->rows == NFR_ROWS_POOL) {
    const struct nfr_plan_pool *p = params;
    return (struct nfr_member_rows){p->in_h, p->out_h, p->stride_h, p->pad_top, p->filter_h};
  }
  return (struct nfr_member_rows){rows, rows, 1, 0, 1};
}

/* Rows of an element-wise member: those of an operand that is streamed; 0 when none is. */
uint32_t nfr_member_height(const struct nfr_engine *engine, const struct nfr_plan_op *record, const struct nfr_op_type *type);

/* Points op at a copy of its parameters with so many rows; elements: of an element-wise member. */
void nfr_member_set_rows(struct nfr_op *op, const struct nfr_op_type *type, union nfr_member_params *copy,
                         const struct nfr_member_rows *rows, uint32_t elements);

/* Estimated instructions of moving so many bytes; place: offset and length of the rows, or-ed. */
static inline uint32_t nfr_move_cost(uint32_t bytes, uint32_t place) {
  return (place & 3u) == 0 ? bytes / 2u : nfr_cost((uint64_t)bytes * 5u);
}

/* struct nfr_control: check and run. */
NFR_CHECK_RESULT int nfr_chain_check(const struct nfr_engine *engine, struct nfr_governed *governed,
                                     const struct nfr_plan_op *record, const struct nfr_op_type *type, uint32_t left);

/* The chain that is next: units of the member whose turn it is. As step.c's run_units. */
uint32_t nfr_chain_run(struct nfr_engine *engine, uint32_t budget, bool at_least_one);

#endif
