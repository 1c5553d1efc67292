/* Calls a kernel and sees whether it kept what the procedure call standard (AAPCS) says a function keeps. */
#ifndef NFR_TEST_CHECKED_CALL_H
#define NFR_TEST_CHECKED_CALL_H

#include "ops/op.h"

/* run(op, first, count). 0 when r4 to r11 and s16 to s31 are as they were: else bit n - 4 of each r<n>, bit 8 for any s. */
uint32_t checked_call(void (*run)(const struct nfr_op *, uint32_t, uint32_t), const struct nfr_op *op, uint32_t first,
                      uint32_t count);

#endif
