/* What a chain may touch, and what it has to compute: from its plan's members as ordinary operators. */
#ifndef NFR_CHAIN_ORACLE_H
#define NFR_CHAIN_ORACLE_H

#include "bind.h"

/* Whether the record at the cursor is a chain, and at its very start. */
bool chain_is_next(const struct nfr_engine *engine);
bool chain_starts(const struct nfr_engine *engine);

/* Instructions of all its members, as they would run whole; UINT64_MAX when their tensors would have more than `most` bytes. */
uint64_t chain_cost(const struct nfr_engine *engine, uint32_t most);

/* The last member's output, computed member after member with whole tensors of their own. The caller frees it. */
uint8_t *chain_expected(const struct nfr_engine *engine);

/* Where the last member's output lies. */
struct nfr_operand chain_output(const struct nfr_engine *engine);

/* Calls `use` for the operands of all members, or, with only_next, for the rows that the next unit may touch. */
void chain_operands(const struct nfr_engine *engine, bool only_next, void (*use)(const struct nfr_operand *operand));

/* Copies the members' scratch. */
void chain_copy_scratch(const struct nfr_engine *engine, uint8_t *arena);

#endif
