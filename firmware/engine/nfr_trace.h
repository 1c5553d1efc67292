/* A hook around the units of each operator, for a board's cycle counter or a tracing emulator. Off unless the firmware is
 * built with NFR_TRACE (CMake: -DNFR_TRACE=ON), and then not a byte of code or data is there
 * (tests/end-to-end/budgets.sh compares the objects). */
#ifndef NFR_TRACE_H
#define NFR_TRACE_H

#include <stdint.h>

#ifdef NFR_TRACE
/* Defined by the firmware that turns the hook on. Called in each step before and after the kernel computes the units
 * [first, first + count) of operator `op` (execution order); the pair brackets the kernel and nothing else. Neither may
 * call the engine. */
void nfr_trace_begin(uint32_t op, uint32_t first, uint32_t count);
void nfr_trace_end(uint32_t op, uint32_t first, uint32_t count);
#define NFR_TRACE_BEGIN(op, first, count) nfr_trace_begin(op, first, count)
#define NFR_TRACE_END(op, first, count) nfr_trace_end(op, first, count)
#else
#define NFR_TRACE_BEGIN(op, first, count) ((void)0)
#define NFR_TRACE_END(op, first, count) ((void)0)
#endif

#endif
