/* Passes over the scales of all output channels, which a load makes for each operator: few instructions a channel. */
#ifndef NFR_SCAN_H
#define NFR_SCAN_H

#include <stdbool.h>
#include <stdint.h>

/* None of the values is negative. */
bool nfr_scan_multipliers(const int32_t *values, uint32_t count);

/* Bit 30 of each is set: a mantissa of at least 1/2, where none is negative. */
bool nfr_scan_halves(const int32_t *values, uint32_t count);

/* Each value is from `least` to `most`; −127 <= least <= 0, most <= 127, and most − least <= 127. */
bool nfr_scan_shifts(const int8_t *values, uint32_t count, int32_t least, int32_t most);

#endif
