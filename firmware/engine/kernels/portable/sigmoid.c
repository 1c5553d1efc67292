#include "../sigmoid.h"

/* |x|, also of INT32_MIN. */
static uint32_t magnitude(int32_t x) {
  return x < 0 ? 0u - (uint32_t)x : (uint32_t)x;
}

/* Between entries `at >> bits` and the next, in units of 2^-(16 + bits); top where the table ends. Unsigned: the table
 * comes from the plan and need not rise. */
static uint32_t interpolate(const uint16_t table[256], uint32_t at, uint32_t bits, uint32_t top) {
  uint32_t i = at >> bits;
  if (i >= 255) return top;
  uint32_t low = table[i], high = table[i + 1], fraction = at & ((1u << bits) - 1u);
  return (low << bits) + fraction * (high - low);
}

int16_t nfr_sigmoid(const uint16_t table[256], int32_t x) {
  uint32_t y = interpolate(table, magnitude(x), 9, 0x7fffu << 10);
  y = x >= 0 ? y + (1u << 9) : (1u << 25) - y + (1u << 9) - 1u;
  return (int16_t)(y >> 10);
}

int16_t nfr_tanh(const uint16_t table[256], int32_t x) {
  uint32_t y = interpolate(table, magnitude(x), 8, 0xffffu << 8);
  y = x >= 0 ? y - (1u << 23) + (1u << 7) : (1u << 23) - y + (1u << 7) - 1u;
  return (int16_t)((int32_t)y >> 8);
}
