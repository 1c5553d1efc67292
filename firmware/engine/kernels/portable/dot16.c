#include "../dot.h"

uint64_t nfr_dot16(const int16_t *x, const int8_t *w, uint32_t count, int32_t offset) {
  uint64_t sum = 0;
  for (const int16_t *end = x + count; x != end; x++, w++) sum += (uint64_t)((int64_t)(*x + offset) * *w);
  return sum;
}
