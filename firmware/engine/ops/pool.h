/* What AVERAGE_POOL_2D and MAX_POOL_2D share: their geometry. */
#ifndef NFR_POOL_H
#define NFR_POOL_H

#include "op.h"

NFR_CHECK_RESULT int nfr_pool_check(const struct nfr_op *op);

/* per_position: instructions for one position of the window. */
void nfr_pool_units(const struct nfr_op *op, uint32_t per_position, struct nfr_units *units);

#endif
