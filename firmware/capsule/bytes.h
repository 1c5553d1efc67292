/* Inside the capsule: little-endian numbers at any address. */
#ifndef NFR_BYTES_H
#define NFR_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint16_t nfr_le16(const uint8_t *p) {
  return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t nfr_le32(const uint8_t *p) {
  return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline int64_t nfr_le64s(const uint8_t *p) {
  return (int64_t)((uint64_t)nfr_le32(p) | (uint64_t)nfr_le32(p + 4) << 32);
}

static inline float nfr_lef32(const uint8_t *p) {
  uint32_t bits = nfr_le32(p);
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static inline bool nfr_is_zero(const uint8_t *p, size_t count) {
  uint8_t any = 0;
  for (size_t i = 0; i < count; i++) any |= p[i];
  return any == 0;
}

/* By its bits: neither infinite nor not-a-number. */
static inline bool nfr_is_finite_bits(uint32_t bits) {
  return (bits & 0x7f800000u) != 0x7f800000u;
}

static inline size_t nfr_pad4(size_t count) {
  return (count + 3u) & ~(size_t)3u;
}

static inline bool nfr_is_lower_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

#endif
