/* Contents of records: SPEC §4 and §7. What has a fixed shape is a structure with the very bytes: every core that this runs on
 * is little-endian, and copying costs less code than taking numbers apart. */
#include "record.h"

#include <assert.h>
#include <string.h>

#include "capsule/bytes.h"

#define SETTINGS_BYTES 56u
#define SETTINGS_BYTES_V1 40u
#define BLOB_BYTES 56u
#define NAME_BYTES 116u
#define NAME_BYTES_V1 80u

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "records are copied");
static_assert(sizeof(struct nfr_settings) == SETTINGS_BYTES && offsetof(struct nfr_settings, restart_is_planned) == 40, "SETTINGS");
static_assert(sizeof(struct nfr_blob) == BLOB_BYTES && offsetof(struct nfr_blob, written) == 52, "BLOB");
static_assert(offsetof(struct nfr_name, versions) == 8 && offsetof(struct nfr_name, rejected) == NAME_BYTES_V1 &&
              offsetof(struct nfr_name, text) == NAME_BYTES, "NAME");

uint8_t nfr_settings_encode(const struct nfr_settings *settings, uint8_t content[NFR_RECORD_MAX_CONTENT]) {
  memcpy(content, settings, SETTINGS_BYTES);
  return SETTINGS_BYTES;
}

int nfr_settings_decode(const uint8_t *content, uint8_t length, uint8_t version, struct nfr_settings *settings) {
  if (length != (version == 1 ? SETTINGS_BYTES_V1 : SETTINGS_BYTES)) return NFR_ERR_CORRUPT;
  memset(settings, 0, sizeof *settings);
  memcpy(settings, content, length);
  if (version == 1) { /* no known time */
    memset(&settings->known_time, 0, sizeof *settings - offsetof(struct nfr_settings, known_time));
    memcpy(settings->firmware, content + 16, SETTINGS_BYTES_V1 - 16);
  }
  bool is_right = settings->restart_is_planned <= 1 && nfr_is_zero(settings->reserved, sizeof settings->reserved);
  return is_right ? NFR_OK : NFR_ERR_CORRUPT;
}

/* Bytes of a WRITING blob's bit set; 0 of others. */
static uint32_t bits_bytes(const struct nfr_blob *blob) {
  return blob->state == NFR_BLOB_WRITING ? (nfr_blob_chunks(blob->bytes, blob->chunk_log2) + 31u) / 32u * 4u : 0;
}

uint8_t nfr_blob_encode(const struct nfr_blob *blob, const uint8_t *bits, uint8_t content[NFR_RECORD_MAX_CONTENT]) {
  uint32_t count = bits_bytes(blob);
  memcpy(content, blob, BLOB_BYTES);
  if (count != 0) memcpy(content + BLOB_BYTES, bits, count);
  return (uint8_t)(BLOB_BYTES + count);
}

static bool is_blob(const struct nfr_blob *blob) {
  if (blob->state < NFR_BLOB_WRITING || blob->state > NFR_BLOB_BAD || blob->reserved != 0) return false;
  if (blob->bytes == 0 || blob->bytes > NFR_STORE_MAX_BLOB_BYTES) return false;
  if (blob->state != NFR_BLOB_WRITING) return true;
  if (blob->chunk_log2 < 9 || blob->chunk_log2 > 15) return false;
  return nfr_blob_chunks(blob->bytes, blob->chunk_log2) <= NFR_STORE_MAX_CHUNKS;
}

int nfr_blob_decode(const uint8_t *content, uint8_t length, struct nfr_blob *blob, uint8_t *bits) {
  if (length < BLOB_BYTES) return NFR_ERR_CORRUPT;
  memcpy(blob, content, BLOB_BYTES);
  if (!is_blob(blob) || length != BLOB_BYTES + bits_bytes(blob)) return NFR_ERR_CORRUPT;
  if (bits != NULL) {
    memset(bits, 0, NFR_STORE_MAX_CHUNKS / 8);
    memcpy(bits, content + BLOB_BYTES, length - BLOB_BYTES);
  }
  return NFR_OK;
}

uint8_t nfr_name_encode(const struct nfr_name *name, uint8_t content[NFR_RECORD_MAX_CONTENT]) {
  uint32_t padded = (uint32_t)nfr_pad4(name->length);
  memcpy(content, name, NAME_BYTES);
  memset(content + NAME_BYTES, 0, padded);
  memcpy(content + NAME_BYTES, name->text, name->length);
  return (uint8_t)(NAME_BYTES + padded);
}

int nfr_name_decode(const uint8_t *content, uint8_t length, uint8_t version, struct nfr_name *name) {
  uint32_t fixed = version == 1 ? NAME_BYTES_V1 : NAME_BYTES;
  uint8_t text = content[0];
  if (text < 1 || text > NFR_NAME_MAX_BYTES || length != fixed + nfr_pad4(text)) return NFR_ERR_CORRUPT;
  memset(name, 0, sizeof *name);
  memcpy(name, content, fixed);
  memcpy(name->text, content + fixed, text);
  return name->reserved == 0 ? NFR_OK : NFR_ERR_CORRUPT;
}

int nfr_record_upgrade(uint8_t type, uint8_t version, uint8_t content[NFR_RECORD_MAX_CONTENT], uint8_t length) {
  union { struct nfr_settings settings; struct nfr_name name; } is;
  if (version == NFR_STORE_VERSION) return length;
  int err = NFR_OK;
  if (type == NFR_RECORD_SETTINGS) {
    err = nfr_settings_decode(content, length, version, &is.settings);
    return err ? err : nfr_settings_encode(&is.settings, content);
  }
  if (type != NFR_RECORD_NAME) return length;
  err = nfr_name_decode(content, length, version, &is.name);
  return err ? err : nfr_name_encode(&is.name, content);
}
