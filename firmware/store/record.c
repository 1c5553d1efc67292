/* Contents of records: SPEC §4 and §7. */
#include "record.h"

#include <string.h>

#include "capsule/bytes.h"

#define SETTINGS_BYTES 56u
#define SETTINGS_BYTES_V1 40u
#define BLOB_BYTES 56u
#define NAME_BYTES 8u
#define VERSION_BYTES 24u
#define VERSION_BYTES_V1 20u
#define REJECTED_BYTES 36u
#define HAS_REJECTED 8u

static void put16(uint8_t *p, uint16_t value) {
  p[0] = (uint8_t)value;
  p[1] = (uint8_t)(value >> 8);
}

static void put32(uint8_t *p, uint32_t value) {
  put16(p, (uint16_t)value);
  put16(p + 2, (uint16_t)(value >> 16));
}

static void put64(uint8_t *p, uint64_t value) {
  put32(p, (uint32_t)value);
  put32(p + 4, (uint32_t)(value >> 32));
}

uint8_t nfr_settings_encode(const struct nfr_settings *settings, uint8_t content[NFR_RECORD_MAX_CONTENT]) {
  memset(content, 0, SETTINGS_BYTES);
  put16(content, settings->key_list);
  put16(content + 2, settings->epoch);
  put32(content + 4, settings->key_list_version);
  put64(content + 8, settings->generation);
  put64(content + 16, settings->known_time);
  memcpy(content + 24, settings->firmware, 16);
  content[40] = settings->restart_is_planned;
  return SETTINGS_BYTES;
}

int nfr_settings_decode(const uint8_t *content, uint8_t length, uint8_t version, struct nfr_settings *settings) {
  bool is_first = version == 1;
  if (length != (is_first ? SETTINGS_BYTES_V1 : SETTINGS_BYTES)) return NFR_ERR_CORRUPT;
  const uint8_t *rest = content + (is_first ? 16 : 24); /* firmware, flags, reserved */
  if (rest[16] > 1 || !nfr_is_zero(rest + 17, (size_t)(content + length - rest) - 17)) return NFR_ERR_CORRUPT;
  *settings = (struct nfr_settings){
      .key_list = nfr_le16(content),
      .epoch = nfr_le16(content + 2),
      .key_list_version = nfr_le32(content + 4),
      .generation = (uint64_t)nfr_le64s(content + 8),
      .known_time = is_first ? 0 : (uint64_t)nfr_le64s(content + 16),
      .restart_is_planned = rest[16] != 0,
  };
  memcpy(settings->firmware, rest, 16);
  return NFR_OK;
}

/* Bytes of a WRITING blob's bit set. */
static uint32_t bits_bytes(uint32_t bytes, uint8_t chunk_log2) {
  return ((nfr_blob_chunks(bytes, chunk_log2) + 31u) / 32u) * 4u;
}

uint8_t nfr_blob_encode(const struct nfr_blob *blob, const uint8_t *bits, uint8_t content[NFR_RECORD_MAX_CONTENT]) {
  memcpy(content, blob->digest, 32);
  put32(content + 32, blob->offset);
  put32(content + 36, blob->bytes);
  put32(content + 40, blob->copy);
  put32(content + 44, blob->frontier);
  content[48] = blob->state;
  content[49] = blob->chunk_log2;
  put16(content + 50, 0);
  put32(content + 52, blob->written);
  if (blob->state != NFR_BLOB_WRITING) return BLOB_BYTES;
  uint32_t count = bits_bytes(blob->bytes, blob->chunk_log2);
  memcpy(content + BLOB_BYTES, bits, count);
  return (uint8_t)(BLOB_BYTES + count);
}

int nfr_blob_decode(const uint8_t *content, uint8_t length, struct nfr_blob *blob, uint8_t *bits) {
  if (length < BLOB_BYTES) return NFR_ERR_CORRUPT;
  memcpy(blob->digest, content, 32);
  blob->offset = nfr_le32(content + 32);
  blob->bytes = nfr_le32(content + 36);
  blob->copy = nfr_le32(content + 40);
  blob->frontier = nfr_le32(content + 44);
  blob->state = content[48];
  blob->chunk_log2 = content[49];
  blob->written = nfr_le32(content + 52);
  if (blob->state < NFR_BLOB_WRITING || blob->state > NFR_BLOB_BAD || nfr_le16(content + 50) != 0) return NFR_ERR_CORRUPT;
  if (blob->bytes == 0 || blob->bytes > NFR_STORE_MAX_BLOB_BYTES) return NFR_ERR_CORRUPT;
  if (blob->state != NFR_BLOB_WRITING) return length == BLOB_BYTES ? NFR_OK : NFR_ERR_CORRUPT;
  if (blob->chunk_log2 < 9 || blob->chunk_log2 > 15) return NFR_ERR_CORRUPT;
  if (nfr_blob_chunks(blob->bytes, blob->chunk_log2) > NFR_STORE_MAX_CHUNKS) return NFR_ERR_CORRUPT;
  uint32_t count = bits_bytes(blob->bytes, blob->chunk_log2);
  if (length != BLOB_BYTES + count) return NFR_ERR_CORRUPT;
  if (bits != NULL) {
    memset(bits, 0, NFR_STORE_MAX_CHUNKS / 8);
    memcpy(bits, content + BLOB_BYTES, count);
  }
  return NFR_OK;
}

static uint8_t *encode_version(const struct nfr_version *version, uint8_t *at) {
  at[0] = version->state;
  at[1] = version->reason;
  at[2] = version->strikes;
  at[3] = version->attempts;
  put32(at + 4, version->counter);
  for (unsigned i = 0; i < 6; i++) put16(at + 8 + 2 * i, version->blobs[i]);
  put16(at + 20, version->epoch);
  put16(at + 22, 0);
  return at + VERSION_BYTES;
}

uint8_t nfr_name_encode(const struct nfr_name *name, uint8_t content[NFR_RECORD_MAX_CONTENT]) {
  uint8_t *at = content + NAME_BYTES;
  uint8_t present = name->has_rejected ? HAS_REJECTED : 0;
  for (unsigned place = 0; place < 3; place++) {
    if (name->versions[place].state == 0) continue;
    present |= (uint8_t)(1u << place);
    at = encode_version(&name->versions[place], at);
  }
  content[0] = name->length;
  content[1] = present;
  content[2] = name->failures;
  content[3] = 0;
  put32(content + 4, name->floor);
  if (name->has_rejected) {
    memcpy(at, name->rejected.digest, 32);
    at[32] = name->rejected.reason;
    at[33] = 0;
    put16(at + 34, name->rejected.detail);
    at += REJECTED_BYTES;
  }
  uint32_t padded = (uint32_t)nfr_pad4(name->length);
  memset(at, 0, padded);
  memcpy(at, name->text, name->length);
  return (uint8_t)((uint32_t)(at - content) + padded);
}

static void decode_version(const uint8_t *at, bool is_first, struct nfr_version *version) {
  *version = (struct nfr_version){.state = at[0], .reason = at[1], .strikes = at[2], .attempts = at[3]};
  version->counter = nfr_le32(at + 4);
  for (unsigned i = 0; i < 6; i++) version->blobs[i] = nfr_le16(at + 8 + 2 * i);
  version->epoch = is_first ? 0 : nfr_le16(at + 20);
}

int nfr_name_decode(const uint8_t *content, uint8_t length, uint8_t version, struct nfr_name *name) {
  bool is_first = version == 1;
  uint32_t each = is_first ? VERSION_BYTES_V1 : VERSION_BYTES, at = NAME_BYTES;
  if (length < NAME_BYTES) return NFR_ERR_CORRUPT;
  uint32_t present = content[1];
  if (content[0] < 1 || content[0] > NFR_NAME_MAX_BYTES || content[3] != 0) return NFR_ERR_CORRUPT;
  if ((present & ~(is_first ? 7u : 15u)) != 0 || (is_first && content[2] != 0)) return NFR_ERR_CORRUPT;
  uint32_t versions = (present & 1u) + (present >> 1 & 1u) + (present >> 2 & 1u);
  uint32_t rejected = present & HAS_REJECTED ? REJECTED_BYTES : 0;
  if (length != NAME_BYTES + versions * each + rejected + nfr_pad4(content[0])) return NFR_ERR_CORRUPT;
  memset(name, 0, sizeof *name);
  name->length = content[0];
  name->failures = content[2];
  name->floor = nfr_le32(content + 4);
  for (unsigned place = 0; place < 3; place++) {
    if ((present & 1u << place) == 0) continue;
    decode_version(content + at, is_first, &name->versions[place]);
    if (name->versions[place].state == 0) return NFR_ERR_CORRUPT;
    at += each;
  }
  if (rejected) {
    name->has_rejected = true;
    memcpy(name->rejected.digest, content + at, 32);
    name->rejected.reason = content[at + 32];
    name->rejected.detail = nfr_le16(content + at + 34);
    at += rejected;
  }
  memcpy(name->text, content + at, name->length);
  return NFR_OK;
}

int nfr_record_upgrade(uint8_t type, uint8_t version, uint8_t content[NFR_RECORD_MAX_CONTENT], uint8_t length) {
  union { struct nfr_settings settings; struct nfr_name name; } is;
  int err = NFR_OK;
  if (type == NFR_RECORD_SETTINGS) {
    err = nfr_settings_decode(content, length, version, &is.settings);
    return err ? err : nfr_settings_encode(&is.settings, content);
  }
  if (type != NFR_RECORD_NAME) return length;
  err = nfr_name_decode(content, length, version, &is.name);
  return err ? err : nfr_name_encode(&is.name, content);
}
