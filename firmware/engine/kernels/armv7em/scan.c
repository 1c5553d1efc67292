#include "../scan.h"

#include "intrinsics.h"

#if defined(__ARM_FEATURE_DSP) && __ARM_FEATURE_DSP

/* Bits of the eight values that *values points to, and on to the next: two LDM, which C has no way to ask for. */
#define NEXT_4(instruction)                                                                             \
  "ldmia %0!, {r2-r5}\n\t" instruction " %1, r2\n\t" instruction " %1, r3\n\t" instruction " %1, r4\n\t" \
  instruction " %1, r5\n\t"
#define BITS_OF_NEXT_8(name, instruction, operator)                             \
  static inline uint32_t name(const int32_t **values, uint32_t bits) {          \
    __asm__(NEXT_4(instruction) NEXT_4(instruction)                             \
            : "+r"(*values), "+r"(bits)                                         \
            : "m"(*(const int32_t(*)[8])*values)                                \
            : "r2", "r3", "r4", "r5");                                          \
    return bits;                                                                \
  }

#else

#define BITS_OF_NEXT_8(name, instruction, operator)                             \
  static inline uint32_t name(const int32_t **values, uint32_t bits) {          \
    for (unsigned i = 0; i < 8; i++) bits operator (uint32_t)*(*values)++;      \
    return bits;                                                                \
  }

#endif

BITS_OF_NEXT_8(bits_of_next_8, "orr", |=)
BITS_OF_NEXT_8(bits_of_all_next_8, "and", &=)

bool nfr_scan_multipliers(const int32_t *values, uint32_t count) {
  uint32_t bits = 0;
  for (; count % 8u != 0; count--) bits |= (uint32_t)*values++;
  for (; count > 0; count -= 8) bits = bits_of_next_8(&values, bits);
  return bits <= INT32_MAX;
}

bool nfr_scan_halves(const int32_t *values, uint32_t count) {
  uint32_t bits = 1u << 30;
  for (; count % 8u != 0; count--) bits &= (uint32_t)*values++;
  for (; count > 0; count -= 8) bits = bits_of_all_next_8(&values, bits);
  return bits != 0;
}

/* What of each byte is above the range. */
static inline uint32_t excess(const int8_t *values, uint32_t lift, uint32_t range) {
  return nfr_uqsub8(nfr_uadd8(nfr_load_word(values), lift), range);
}

bool nfr_scan_shifts(const int8_t *values, uint32_t count, int32_t least, int32_t most) {
  uint32_t lift = (uint32_t)-least, range = (uint32_t)(most - least), wrong = 0;
  for (; count % 4u != 0; count--)
    if ((uint32_t)*values++ + lift > range) return false;
  lift *= 0x01010101u;
  range *= 0x01010101u;
  for (; count % 16u != 0; count -= 4, values += 4) wrong |= excess(values, lift, range);
  for (; count > 0; count -= 16, values += 16)
    wrong |= excess(values, lift, range) | excess(values + 4, lift, range) | excess(values + 8, lift, range) |
             excess(values + 12, lift, range);
  return wrong == 0;
}
