/* A chain that follows from a seed: its plan, that of the same operators one after the other, and where its parts lie. */
#ifndef NFR_CHAIN_CASE_H
#define NFR_CHAIN_CASE_H

#include "chain_gen.h"
#include "ops/chain.h"

enum { CASE_PLAN = GEN_CONSTANTS + 16384, CASE_BELOW = 2048 };

struct chain_case {
  struct plan_gen gen;
  struct chain_gen chain;
  _Alignas(16) uint8_t plan[CASE_PLAN], whole[CASE_PLAN];
  size_t plan_bytes, whole_bytes;
  uint32_t rows, height; /* of the last member; of a stripe */

  /* In plan. */
  struct nfr_plan_header *header;
  struct nfr_plan_tensor *tensors;
  struct nfr_plan_op *record; /* CHAIN */
  struct nfr_plan_chain *params;
  struct nfr_plan_member *table;
  struct nfr_plan_op *members[NFR_PLAN_MAX_MEMBERS];
  unsigned count;
};

/* False: this seed makes none. CASE_BELOW bytes of the arena are unused, below all else. has_more: an operator follows that
 * reads none of it. height 0: any. */
bool chain_case_make(struct chain_case *c, uint64_t seed, uint32_t height, bool has_more);

static inline struct nfr_plan_tensor *case_tensor(struct chain_case *c, uint16_t index) {
  return &c->tensors[index];
}
static inline struct nfr_plan_tensor *case_out(struct chain_case *c, unsigned member) {
  return &c->tensors[c->members[member]->out];
}

struct nfr_member_rows case_rows(const struct chain_case *c, unsigned member);

/* What SPEC.md section 7 says of the last member's output over what is read whole, looking at every stripe. */
bool case_output_is_harmless(const struct chain_case *c);

/* Loads a plan into memory of exactly its size; the error. */
int case_load(struct nfr_engine *engine, const uint8_t *plan, size_t bytes, uint32_t max_slice);
void case_unload(struct nfr_engine *engine);

/* One inference of inputs that follow from the seed, with slices of a budget; the bytes of output 0, which the caller frees. */
uint8_t *case_infer(struct nfr_engine *engine, uint32_t seed, uint32_t budget, uint32_t *bytes);

#endif
