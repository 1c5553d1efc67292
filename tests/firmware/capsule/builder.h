/* Test manifests and key lists, written the slow and obvious way, with every byte at a test's disposal. */
#ifndef NFR_TEST_BUILDER_H
#define NFR_TEST_BUILDER_H

#include "nfr_capsule.h"

/* A publisher or the root. With has_private the signature is ECDSA (RFC 6979), else the toy's (below). */
struct test_key { uint8_t public_key[64], private_key[32]; bool has_private; };

/* SHA-256 is real; a signature is right when it is the digest followed by the key's first half: fast, and still bound to
 * key and content. The context is unused. */
extern const struct nfr_crypto toy_crypto;

struct test_key toy_key(uint8_t seed);
struct test_key real_key(uint8_t seed);

void key_id_of(const struct test_key *key, uint8_t id[8]);

/* Writes the signature of bytes [0, count - 64) to the last 64. */
void sign(const struct test_key *key, uint8_t *bytes, size_t count);

void put16(uint8_t *at, unsigned value);
void put32(uint8_t *at, uint32_t value);
void put64(uint8_t *at, int64_t value);
void putf32(uint8_t *at, float value);

#define SAMPLE_MAX_TLVS 40
#define SAMPLE_MAX_VALUE 1024

struct tlv { uint16_t type, length; uint8_t value[SAMPLE_MAX_VALUE]; }; /* value: with the padding */

struct sample { struct tlv tlvs[SAMPLE_MAX_TLVS]; unsigned count; };

/* The required TLVs only: name "house/kws", version "1.0", counter 7, target "host", a model of `model` bytes. */
void sample_small(struct sample *sample);
/* All that there is: five sections, two inputs, an output, a processor. */
void sample_full(struct sample *sample);
struct tlv *sample_find(struct sample *sample, unsigned type, unsigned nth);
struct tlv *sample_insert(struct sample *sample, unsigned at, unsigned type, unsigned length); /* value all 0 */
struct tlv *sample_append(struct sample *sample, unsigned type, unsigned length);
void sample_remove(struct sample *sample, unsigned type, unsigned nth);
void sample_set_text(struct sample *sample, unsigned type, const char *text);
/* Section of a full sample gets the size and hash of these bytes. */
void sample_set_section(struct sample *sample, enum nfr_section_kind kind, const void *bytes, size_t count);
/* The manifest in bytes; returns its length. capacity: 4096. */
size_t sample_write(const struct sample *sample, const struct test_key *key, uint8_t *bytes);

struct list_key { uint8_t public_key[64]; unsigned prefix_count; const char *prefixes[9]; };

struct list_sample {
  uint32_t version;
  unsigned key_count, revoked_count;
  struct list_key keys[17];
  uint8_t revoked[33][8];
};

void list_add(struct list_sample *list, const struct test_key *key, const char *prefix);
/* capacity: 8192 */
size_t list_write(const struct list_sample *list, const struct test_key *root, uint8_t *bytes);

#endif
