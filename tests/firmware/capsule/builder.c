#include "builder.h"

#include <assert.h>
#include <mbedtls/ecdsa.h>
#include <stdlib.h>
#include <string.h>

#include "nfr_mbedtls.h"

static void sha256(const void *bytes, size_t count, uint8_t digest[32]) {
  const struct nfr_crypto *crypto = nfr_mbedtls_crypto();
  struct nfr_sha256 hash;
  int err = crypto->sha256_begin(NULL, &hash);
  if (!err) err = crypto->sha256_update(NULL, &hash, bytes, count);
  if (!err) err = crypto->sha256_finish(NULL, &hash, digest);
  assert(err == NFR_OK);
  (void)err;
}

static int toy_begin(void *context, struct nfr_sha256 *hash) {
  return nfr_mbedtls_crypto()->sha256_begin(context, hash);
}

static int toy_update(void *context, struct nfr_sha256 *hash, const void *data, size_t bytes) {
  return nfr_mbedtls_crypto()->sha256_update(context, hash, data, bytes);
}

static int toy_finish(void *context, struct nfr_sha256 *hash, uint8_t digest[32]) {
  return nfr_mbedtls_crypto()->sha256_finish(context, hash, digest);
}

static int toy_verify(void *context, const uint8_t key[64], const uint8_t digest[32], const uint8_t signature[64]) {
  (void)context;
  return memcmp(signature, digest, 32) == 0 && memcmp(signature + 32, key, 32) == 0 ? NFR_OK : NFR_ERR_SIGNATURE;
}

const struct nfr_crypto toy_crypto = {
    .sha256_begin = toy_begin, .sha256_update = toy_update, .sha256_finish = toy_finish, .p256_verify = toy_verify};

struct test_key toy_key(uint8_t seed) {
  struct test_key key = {.has_private = false};
  for (unsigned i = 0; i < 64; i++) key.public_key[i] = (uint8_t)(seed * 37u + i);
  return key;
}

/* Blinding of a computation with test keys needs no secret. */
static int counter_random(void *state, unsigned char *bytes, size_t count) {
  unsigned *next = state;
  for (size_t i = 0; i < count; i++) bytes[i] = (unsigned char)(*next = *next * 1103515245u + 12345u) ^ 0x5a;
  return 0;
}

struct test_key real_key(uint8_t seed) {
  struct test_key key = {.has_private = true};
  memset(key.private_key, seed, sizeof key.private_key);
  mbedtls_ecp_group group;
  mbedtls_ecp_point point;
  mbedtls_mpi d;
  unsigned state = 1;
  uint8_t encoded[65];
  size_t length = 0;
  mbedtls_ecp_group_init(&group);
  mbedtls_ecp_point_init(&point);
  mbedtls_mpi_init(&d);
  int err = mbedtls_ecp_group_load(&group, MBEDTLS_ECP_DP_SECP256R1);
  if (!err) err = mbedtls_mpi_read_binary(&d, key.private_key, 32);
  if (!err) err = mbedtls_ecp_mul(&group, &point, &d, &group.G, counter_random, &state);
  if (!err) err = mbedtls_ecp_point_write_binary(&group, &point, MBEDTLS_ECP_PF_UNCOMPRESSED, &length, encoded, 65);
  assert(err == 0 && length == 65);
  (void)err;
  memcpy(key.public_key, encoded + 1, 64);
  mbedtls_mpi_free(&d);
  mbedtls_ecp_point_free(&point);
  mbedtls_ecp_group_free(&group);
  return key;
}

void key_id_of(const struct test_key *key, uint8_t id[8]) {
  uint8_t digest[32];
  sha256(key->public_key, 64, digest);
  memcpy(id, digest, 8);
}

static void sign_ecdsa(const struct test_key *key, const uint8_t digest[32], uint8_t signature[64]) {
  mbedtls_ecp_group group;
  mbedtls_mpi d, r, s;
  unsigned state = 1;
  mbedtls_ecp_group_init(&group);
  mbedtls_mpi_init(&d);
  mbedtls_mpi_init(&r);
  mbedtls_mpi_init(&s);
  int err = mbedtls_ecp_group_load(&group, MBEDTLS_ECP_DP_SECP256R1);
  if (!err) err = mbedtls_mpi_read_binary(&d, key->private_key, 32);
  if (!err) err = mbedtls_ecdsa_sign_det_ext(&group, &r, &s, &d, digest, 32, MBEDTLS_MD_SHA256, counter_random, &state);
  if (!err) err = mbedtls_mpi_write_binary(&r, signature, 32);
  if (!err) err = mbedtls_mpi_write_binary(&s, signature + 32, 32);
  assert(err == 0);
  (void)err;
  mbedtls_mpi_free(&s);
  mbedtls_mpi_free(&r);
  mbedtls_mpi_free(&d);
  mbedtls_ecp_group_free(&group);
}

void sign(const struct test_key *key, uint8_t *bytes, size_t count) {
  uint8_t digest[32], *signature = bytes + count - 64;
  sha256(bytes, count - 64, digest);
  if (key->has_private) {
    sign_ecdsa(key, digest, signature);
  } else {
    memcpy(signature, digest, 32);
    memcpy(signature + 32, key->public_key, 32);
  }
}

void put16(uint8_t *at, unsigned value) {
  at[0] = (uint8_t)value;
  at[1] = (uint8_t)(value >> 8);
}

void put32(uint8_t *at, uint32_t value) {
  put16(at, value & 0xffffu);
  put16(at + 2, value >> 16);
}

void put64(uint8_t *at, int64_t value) {
  put32(at, (uint32_t)value);
  put32(at + 4, (uint32_t)((uint64_t)value >> 32));
}

void putf32(uint8_t *at, float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  put32(at, bits);
}

struct tlv *sample_insert(struct sample *sample, unsigned at, unsigned type, unsigned length) {
  assert(sample->count < SAMPLE_MAX_TLVS && length <= SAMPLE_MAX_VALUE);
  memmove(&sample->tlvs[at + 1], &sample->tlvs[at], (sample->count - at) * sizeof sample->tlvs[0]);
  sample->count++;
  memset(&sample->tlvs[at], 0, sizeof sample->tlvs[at]);
  sample->tlvs[at].type = (uint16_t)type;
  sample->tlvs[at].length = (uint16_t)length;
  return &sample->tlvs[at];
}

struct tlv *sample_append(struct sample *sample, unsigned type, unsigned length) {
  return sample_insert(sample, sample->count, type, length);
}

struct tlv *sample_find(struct sample *sample, unsigned type, unsigned nth) {
  for (unsigned i = 0; i < sample->count; i++) {
    if (sample->tlvs[i].type == type && nth-- == 0) return &sample->tlvs[i];
  }
  abort(); /* no such TLV */
}

void sample_remove(struct sample *sample, unsigned type, unsigned nth) {
  struct tlv *tlv = sample_find(sample, type, nth);
  unsigned at = (unsigned)(tlv - sample->tlvs);
  memmove(tlv, tlv + 1, (sample->count - at - 1) * sizeof *tlv);
  sample->count--;
}

static void append_text(struct sample *sample, unsigned type, const char *text) {
  memcpy(sample_append(sample, type, (unsigned)strlen(text))->value, text, strlen(text));
}

void sample_set_text(struct sample *sample, unsigned type, const char *text) {
  struct tlv *tlv = sample_find(sample, type, 0);
  memset(tlv->value, 0, sizeof tlv->value);
  memcpy(tlv->value, text, strlen(text));
  tlv->length = (uint16_t)strlen(text);
}

static void append_section(struct sample *sample, unsigned kind, uint32_t size) {
  uint8_t *value = sample_append(sample, 0x8010, 40)->value;
  value[0] = (uint8_t)kind;
  put32(value + 4, size);
  memset(value + 8, (int)(0x10 * kind), 32);
}

static void append_head(struct sample *sample) {
  append_text(sample, 0x8001, "house/kws");
  append_text(sample, 0x8002, "1.0");
  put32(sample_append(sample, 0x8003, 4)->value, 7);
  append_text(sample, 0x8004, "host");
  uint8_t *engine = sample_append(sample, 0x8005, 12)->value;
  put16(engine, 1);
  put16(engine + 2, 0);
  engine[4] = 1;
  put32(engine + 8, 1);
  uint8_t *needs = sample_append(sample, 0x8006, 24)->value;
  for (unsigned i = 0; i < 6; i++) put32(needs + 4 * i, 1000 + i);
  sample_append(sample, 0x8007, 16)->value[0] = 0x0a;
}

void sample_small(struct sample *sample) {
  memset(sample, 0, sizeof *sample);
  append_head(sample);
  append_section(sample, NFR_SECTION_MODEL, 4096);
}

void sample_full(struct sample *sample) {
  memset(sample, 0, sizeof *sample);
  append_head(sample);
  put32(sample_append(sample, 0x8008, 4)->value, 0x41);
  append_text(sample, 0x8009, "House.Kws+Processor_1");
  for (unsigned kind = 1; kind <= 5; kind++) append_section(sample, kind, 1000 * kind);
  uint8_t *integer = sample_append(sample, 0x8020, 12 + 2 * 16)->value;
  integer[0] = 0, integer[1] = 2, integer[2] = 2;
  put32(integer + 4, 64);
  put32(integer + 8, 16);
  for (unsigned i = 0; i < 2; i++) {
    put32(integer + 12 + 16 * i, (uint32_t)(-5 + 7 * (int)i));
    integer[12 + 16 * i + 4] = 3;
    put64(integer + 12 + 16 * i + 8, -100);
  }
  uint8_t *real = sample_append(sample, 0x8020, 12 + 16)->value;
  real[0] = 1, real[1] = 3, real[2] = 1;
  putf32(real + 12, 0.5f);
  putf32(real + 16, -3.0f);
  uint8_t *post = sample_append(sample, 0x8021, 20)->value;
  post[1] = 3, post[2] = 7, post[3] = 2, post[4] = 4;
  put32(post + 8, 20);
  putf32(post + 12, 0.25f);
  put32(post + 16, (uint32_t)-8);
}

void sample_set_section(struct sample *sample, enum nfr_section_kind kind, const void *bytes, size_t count) {
  for (unsigned i = 0;; i++) {
    struct tlv *tlv = sample_find(sample, 0x8010, i);
    if (tlv->value[0] != kind) continue;
    put32(tlv->value + 4, (uint32_t)count);
    sha256(bytes, count, tlv->value + 8);
    return;
  }
}

size_t sample_write(const struct sample *sample, const struct test_key *key, uint8_t *bytes) {
  size_t at = 8;
  memset(bytes, 0, 4096);
  put32(bytes, 0x4352464e);
  bytes[4] = 1;
  for (unsigned i = 0; i < sample->count; i++) {
    const struct tlv *tlv = &sample->tlvs[i];
    put16(bytes + at, tlv->type);
    put16(bytes + at + 2, tlv->length);
    size_t padded = (tlv->length + 3u) / 4 * 4;
    memcpy(bytes + at + 4, tlv->value, padded);
    at += 4 + padded;
  }
  key_id_of(key, bytes + at);
  at += 72;
  put16(bytes + 6, (unsigned)at);
  sign(key, bytes, at);
  return at;
}

void list_add(struct list_sample *list, const struct test_key *key, const char *prefix) {
  struct list_key *entry = &list->keys[list->key_count++];
  memcpy(entry->public_key, key->public_key, 64);
  entry->prefix_count = 1;
  entry->prefixes[0] = prefix;
}

size_t list_write(const struct list_sample *list, const struct test_key *root, uint8_t *bytes) {
  size_t at = 16;
  memset(bytes, 0, 8192);
  put32(bytes, 0x4b52464e);
  bytes[4] = 1;
  put32(bytes + 8, list->version);
  bytes[12] = (uint8_t)list->key_count;
  bytes[13] = (uint8_t)list->revoked_count;
  for (unsigned i = 0; i < list->key_count; i++) {
    const struct list_key *key = &list->keys[i];
    memcpy(bytes + at, key->public_key, 64);
    bytes[at + 64] = (uint8_t)key->prefix_count;
    at += 68;
    for (unsigned j = 0; j < key->prefix_count; j++) {
      bytes[at] = (uint8_t)strlen(key->prefixes[j]);
      memcpy(bytes + at + 1, key->prefixes[j], strlen(key->prefixes[j]));
      at += 1 + strlen(key->prefixes[j]);
    }
    at = (at + 3) / 4 * 4;
  }
  for (unsigned i = 0; i < list->revoked_count; i++, at += 8) memcpy(bytes + at, list->revoked[i], 8);
  at += 64;
  put16(bytes + 6, (unsigned)at);
  sign(root, bytes, at);
  return at;
}
