/* What AVERAGE_POOL_2D and MAX_POOL_2D share: their geometry. */
#ifndef NFR_POOL_H
#define NFR_POOL_H

#include "op.h"

NFR_CHECK_RESULT int nfr_pool_check(const struct nfr_op *op);

void nfr_pool_units(const struct nfr_op *op, bool is_average, struct nfr_units *units);

#endif
