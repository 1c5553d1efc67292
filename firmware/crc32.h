/* CRC-32 of zlib and IEEE 802.3 (polynomial 0xedb88320 reflected): start with 0, feed pieces one after the other. */
#ifndef NFR_CRC32_H
#define NFR_CRC32_H

#include <stddef.h>
#include <stdint.h>

static inline uint32_t nfr_crc32(uint32_t crc, const void *data, size_t bytes) {
  static const uint32_t nibble[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
                                      0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
                                      0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
  const uint8_t *p = data;
  crc = ~crc;
  while (bytes--) {
    crc ^= *p++;
    crc = crc >> 4 ^ nibble[crc & 15u];
    crc = crc >> 4 ^ nibble[crc & 15u];
  }
  return ~crc;
}

#endif
