/* Structure-aware mutation: bytes are changed by libFuzzer or by moves of our own, then sizes, padding, key id and
 * signature are mended, each of them most of the time. */
#include <string.h>

#include "builder.h"
#include "manifest_fuzz.h"

enum { MAX_MANIFEST = 1024, MAX_LIST = 4096, TRAILER = 72 };

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

static uint32_t draw(uint32_t *random, uint32_t limit) {
  *random = *random * 1664525u + 1013904223u;
  return (*random >> 8) % limit;
}

static size_t padded(size_t bytes) {
  return (bytes + 3) & ~(size_t)3;
}

static unsigned get16(const uint8_t *at) {
  return at[0] | (unsigned)at[1] << 8;
}

/* TLVs that end where the trailer begins, whatever the bytes said; true when `size` holds such. */
static void mend_tlvs(uint8_t *bytes, size_t size, uint32_t *random) {
  size_t end = size - TRAILER;
  for (size_t at = 8; at < end;) {
    size_t room = end - at - 4, length = get16(bytes + at + 2);
    if (padded(length) > room) length = room;
    put16(bytes + at + 2, (unsigned)length);
    if (draw(random, 16) != 0) memset(bytes + at + 4 + length, 0, padded(length) - length);
    at += 4 + padded(length);
  }
}

static size_t mend_manifest(uint8_t *bytes, size_t size, size_t max_size, uint32_t *random) {
  static const uint8_t publishers[] = {2, 2, 2, 3, 3, 4, 9};
  struct test_key key = toy_key(publishers[draw(random, 7)]);
  size_t least = 8 + TRAILER;
  if (max_size < least) return size;
  if (size < least) memset(bytes + size, 0, least - size), size = least;
  size &= ~(size_t)3;
  if (size > MAX_MANIFEST && draw(random, 16) != 0) size = MAX_MANIFEST;
  if (draw(random, 16) != 0) memcpy(bytes, "NFRC\1", 5);
  if (draw(random, 16) != 0) put16(bytes + 6, (unsigned)size);
  if (draw(random, 4) != 0) mend_tlvs(bytes, size, random);
  if (draw(random, 16) != 0) key_id_of(&key, bytes + size - TRAILER);
  if (draw(random, 16) != 0) sign(&key, bytes, size);
  return size;
}

static size_t mend_list(uint8_t *bytes, size_t size, size_t max_size, uint32_t *random) {
  struct test_key root = toy_key(1);
  if (max_size < 80) return size;
  if (size < 80) memset(bytes + size, 0, 80 - size), size = 80;
  size &= ~(size_t)3;
  if (size > MAX_LIST && draw(random, 16) != 0) size = MAX_LIST;
  if (draw(random, 16) != 0) memcpy(bytes, "NFRK\1", 5);
  if (draw(random, 16) != 0) put16(bytes + 6, (unsigned)size);
  if (draw(random, 4) != 0) bytes[12] %= 5, bytes[13] %= 5;
  if (draw(random, 16) != 0) sign(&root, bytes, size);
  return size;
}

static size_t mend_vectors(uint8_t *bytes, size_t size, uint32_t *random) {
  if (size < 24) return size;
  if (draw(random, 16) != 0) memcpy(bytes, "NFRV\1", 5);
  if (draw(random, 16) != 0) put32(bytes + 8, (uint32_t)size);
  if (draw(random, 4) != 0) memset(bytes + 14, 0, 2), memset(bytes + 18, 0, 2), memset(bytes + 22, 0, 2);
  return size;
}

/* Where TLV number n begins, and its bytes with header and padding; 0 when there are fewer. */
static size_t find_tlv(const uint8_t *bytes, size_t size, uint32_t n, size_t *whole) {
  for (size_t at = 8; at + 4 + TRAILER <= size; at += *whole) {
    *whole = 4 + padded(get16(bytes + at + 2));
    if (*whole > size - TRAILER - at) return 0;
    if (n-- == 0) return at;
  }
  return 0;
}

/* One TLV away, twice, or with another type or length. */
static size_t change_tlvs(uint8_t *bytes, size_t size, size_t max_size, uint32_t *random) {
  static const uint16_t types[] = {0x8001, 0x8002, 0x8003, 0x8004, 0x8005, 0x8006, 0x8007, 0x8008, 0x8009, 0x8010,
                                   0x8020, 0x8021, 0x8022, 0x0007, 0x7fff, 0xffff};
  size_t whole, at;
  if (size < 8 + TRAILER) return size;
  at = find_tlv(bytes, size, draw(random, 14), &whole);
  if (at == 0) return size;
  switch (draw(random, 4)) {
    case 0: memmove(bytes + at, bytes + at + whole, size - at - whole); return size - whole;
    case 1:
      if (size + whole > max_size) return size;
      memmove(bytes + at + whole, bytes + at, size - at);
      return size + whole;
    case 2: put16(bytes + at, types[draw(random, sizeof types / sizeof types[0])]); return size;
    default: put16(bytes + at + 2, draw(random, 100)); return size;
  }
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed) {
  uint32_t random = seed;
  if (size < 2 || max_size < 2) return LLVMFuzzerMutate(data, size, max_size);
  if (draw(&random, 64) == 0) data[0] = (uint8_t)draw(&random, FUZZ_KINDS);
  uint8_t *bytes = data + 1;
  size_t count = size - 1, room = max_size - 1;
  unsigned kind = data[0] % FUZZ_KINDS;
  if (kind == FUZZ_MANIFEST && draw(&random, 3) == 0) count = change_tlvs(bytes, count, room, &random);
  else if (kind == FUZZ_MANIFEST && count > 8 + TRAILER) {
    /* Content changes more than the trailer, which is mended anyway. */
    size_t from = 8 + draw(&random, (uint32_t)(count - 8 - TRAILER)), part = 1 + draw(&random, 24);
    if (part > count - TRAILER - from) part = count - TRAILER - from;
    LLVMFuzzerMutate(bytes + from, part, part);
  } else {
    count = LLVMFuzzerMutate(bytes, count, room);
  }
  if (kind == FUZZ_MANIFEST) count = mend_manifest(bytes, count, room, &random);
  if (kind == FUZZ_KEY_LIST) count = mend_list(bytes, count, room, &random);
  if (kind == FUZZ_VECTORS) count = mend_vectors(bytes, count, &random);
  return 1 + count;
}
