/* Makes chains: first ordinary operators that read one another, then the same operators streamed (SPEC.md section 7). So
 * that a test has both plans, of the same parameters and constants.
 */
#ifndef NFR_CHAIN_GEN_H
#define NFR_CHAIN_GEN_H

#include "plan_gen.h"

/* What a chain can be made of: the records of `members` operators from one on. */
struct chain_gen {
  uint32_t offset;   /* of the first record in gen->ops */
  uint16_t first_op; /* its index */
  uint8_t members;
};

/* Adds about `members` operators (2 … 10) of which each is read by a later one. False: they do not make a chain, or do not
 * fit; the generator is to be started anew. */
bool chain_gen_members(struct plan_gen *gen, struct chain_gen *chain, unsigned members);

/* Streams the operators: stripes of `height` rows of the last one, buffers now and then larger than they have to be. False:
 * their paces differ, or it does not fit. */
bool chain_gen_stream(struct plan_gen *gen, const struct chain_gen *chain, uint32_t height);

/* Moves the last one's output over something that the streamed chain reads, now and then, as a compiler may; V117 may refuse it. */
void chain_gen_overlap(struct plan_gen *gen, const struct chain_gen *chain);

/* Rows of the last one. */
uint32_t chain_gen_rows(const struct plan_gen *gen, const struct chain_gen *chain);

#endif
