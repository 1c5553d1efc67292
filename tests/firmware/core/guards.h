/* Places in the PSRAM of MPS2 AN386 beside which an access faults: the Cortex-M4's MPU (Armv7-M ARM, B3.5) forbids 32 bytes
 * right behind or right before each. A read of one byte too many ends the program (startup.c). */
#ifndef NFR_TEST_GUARDS_H
#define NFR_TEST_GUARDS_H

#include <stdbool.h>
#include <stdint.h>

enum { GUARDS = 8, GUARD_ROOM = 1 << 20 };

/* Starts with nothing forbidden. False when the core has less than eight regions. */
bool guards_start(void);

/* `bytes` (at most GUARD_ROOM - 64) of place `index`. They end where the forbidden bytes begin, but for what rounding the
 * start down to `alignment` (a power of two, at most 32) leaves; or, from_start, they begin where those end. */
uint8_t *guards_place(unsigned index, uint32_t bytes, uint32_t alignment, bool from_start);

void guards_off(void);

#endif
