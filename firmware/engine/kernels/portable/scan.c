#include "../scan.h"

#include <string.h>

bool nfr_scan_multipliers(const int32_t *values, uint32_t count) {
  uint32_t bits = 0;
  for (; count >= 4; count -= 4, values += 4) bits |= (uint32_t)(values[0] | values[1] | values[2] | values[3]);
  while (count > 0) bits |= (uint32_t)values[--count];
  return bits <= INT32_MAX;
}

bool nfr_scan_halves(const int32_t *values, uint32_t count) {
  uint32_t bits = 1u << 30;
  while (count > 0) bits &= (uint32_t)values[--count];
  return bits != 0;
}

/* Four bytes at a time, without carries between them: y = x - least (below 128 when x >= least is not far off), then
 * bit 7 of y + (127 - range) is set exactly when a y of 7 bits is beyond the range. */
static bool words_are_within(const int8_t *values, uint32_t count, uint32_t lift, uint32_t range) {
  const uint32_t each = 0x01010101u, low = each * 0x7f, top = each * 0x80;
  const uint32_t add = each * lift, beyond = each * (127u - range);
  uint32_t wrong = 0, x;
  for (; count > 0; count -= 4, values += 4) {
    memcpy(&x, values, 4);
    uint32_t y = ((x & low) + add) ^ (x & top);
    wrong |= y | ((y & low) + beyond);
  }
  return (wrong & top) == 0;
}

bool nfr_scan_shifts(const int8_t *values, uint32_t count, int32_t least, int32_t most) {
  uint32_t range = (uint32_t)(most - least);
  for (; count % 4u != 0; count--, values++)
    if ((uint32_t)(*values - least) > range) return false;
  return words_are_within(values, count, (uint32_t)-least, range);
}
