/* The key list: rules K01 to K17 of SPEC.md §8. After nfr_key_list_verify the other functions trust its content. */
#include "key_list.h"

#include "bytes.h"
#include "rule.h"

#define KEY_LIST_MAGIC 0x4b52464eu /* "NFRK" */
#define KEY_LIST_MAJOR 1u
#define HEADER_BYTES 16u
#define SIGNATURE_BYTES 64u
#define MAX_KEYS 16u
#define MAX_REVOKED 32u
#define MAX_PREFIXES 8u
#define MAX_PREFIX_BYTES 64u
#define KEY_HEADER_BYTES 68u /* key, prefix count, reserved */

/* Where the entries stand; `at` moves. */
struct cursor { const uint8_t *at, *end; };

int nfr_digest(const struct nfr_crypto *crypto, const void *bytes, size_t count, uint8_t digest[32]) {
  struct nfr_sha256 hash;
  int err = crypto->sha256_begin(crypto->context, &hash);
  if (err) return err;
  int update = crypto->sha256_update(crypto->context, &hash, bytes, count);
  int finish = crypto->sha256_finish(crypto->context, &hash, digest);
  return update ? update : finish;
}

static size_t left(const struct cursor *cursor) {
  return (size_t)(cursor->end - cursor->at);
}

static bool is_prefix_text(const uint8_t *text, size_t length) {
  for (size_t i = 0; i < length; i++) {
    char c = (char)text[i];
    if (!nfr_is_lower_or_digit(c) && c != '.' && c != '_' && c != '-' && c != '/') return false;
  }
  return true;
}

/* One key with its prefixes and padding. */
static int check_key(struct cursor *cursor) {
  const uint8_t *start = cursor->at;
  if (!NFR_RULE(K08, left(cursor) >= KEY_HEADER_BYTES)) return NFR_ERR_CORRUPT;
  unsigned prefixes = start[64];
  if (!NFR_RULE(K09, prefixes >= 1 && prefixes <= MAX_PREFIXES)) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(K10, nfr_is_zero(start + 65, 3))) return NFR_ERR_CORRUPT;
  cursor->at += KEY_HEADER_BYTES;
  for (unsigned i = 0; i < prefixes; i++) {
    if (!NFR_RULE(K11, left(cursor) >= 1 && *cursor->at <= MAX_PREFIX_BYTES && left(cursor) >= 1u + *cursor->at))
      return NFR_ERR_CORRUPT;
    size_t length = *cursor->at;
    if (!NFR_RULE(K12, is_prefix_text(cursor->at + 1, length))) return NFR_ERR_CORRUPT;
    cursor->at += 1 + length;
  }
  /* The body's length is a multiple of 4, so the padding is inside when the last prefix is. */
  size_t used = (size_t)(cursor->at - start), padding = nfr_pad4(used) - used;
  if (!NFR_RULE(K13, nfr_is_zero(cursor->at, padding))) return NFR_ERR_CORRUPT;
  cursor->at += padding;
  return NFR_OK;
}

static bool ids_are_distinct(const uint8_t *ids, unsigned count) {
  for (unsigned i = 1; i < count; i++) {
    for (unsigned j = 0; j < i; j++) {
      if (memcmp(ids + NFR_KEY_ID_BYTES * i, ids + NFR_KEY_ID_BYTES * j, NFR_KEY_ID_BYTES) == 0) return false;
    }
  }
  return true;
}

static int check_body(const struct nfr_crypto *crypto, const uint8_t *bytes, size_t count) {
  unsigned keys = bytes[12], revoked = bytes[13];
  if (!NFR_RULE(K06, keys <= MAX_KEYS && revoked <= MAX_REVOKED)) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(K07, nfr_is_zero(bytes + 14, 2))) return NFR_ERR_CORRUPT;
  struct cursor cursor = {bytes + HEADER_BYTES, bytes + count - SIGNATURE_BYTES};
  uint8_t ids[MAX_KEYS * NFR_KEY_ID_BYTES];
  for (unsigned i = 0; i < keys; i++) {
    uint8_t digest[32];
    const uint8_t *key = cursor.at;
    int err = check_key(&cursor);
    if (!err) err = nfr_digest(crypto, key, 64, digest);
    if (err) return err;
    memcpy(ids + NFR_KEY_ID_BYTES * i, digest, NFR_KEY_ID_BYTES);
  }
  if (!NFR_RULE(K14, left(&cursor) == NFR_KEY_ID_BYTES * revoked)) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(K15, ids_are_distinct(ids, keys))) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(K16, ids_are_distinct(cursor.at, revoked))) return NFR_ERR_CORRUPT;
  return NFR_OK;
}

int nfr_key_list_verify(const struct nfr_crypto *crypto, const uint8_t root_key[64], const void *data, size_t count,
                        uint32_t version_floor, struct nfr_key_list *list) {
  if (crypto == NULL || root_key == NULL || data == NULL || list == NULL) return NFR_ERR_ARGUMENT;
  const uint8_t *bytes = data;
  if (!NFR_RULE(K01, count >= HEADER_BYTES + SIGNATURE_BYTES && count <= NFR_KEY_LIST_MAX_BYTES && count % 4 == 0))
    return NFR_ERR_CORRUPT;
  if (!NFR_RULE(K02, nfr_le32(bytes) == KEY_LIST_MAGIC)) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(K03, bytes[4] == KEY_LIST_MAJOR)) return NFR_ERR_VERSION;
  if (!NFR_RULE(K04, nfr_le16(bytes + 6) == count)) return NFR_ERR_CORRUPT;
  uint8_t digest[32];
  int err = nfr_digest(crypto, bytes, count - SIGNATURE_BYTES, digest);
  if (err) return err;
  err = crypto->p256_verify(crypto->context, root_key, digest, bytes + count - SIGNATURE_BYTES);
  if (!NFR_RULE(K05, err == NFR_OK)) return err;
  err = check_body(crypto, bytes, count);
  if (err) return err;
  uint32_t version = nfr_le32(bytes + 8);
  if (!NFR_RULE(K17, version >= version_floor)) return NFR_ERR_ROLLBACK;
  *list = (struct nfr_key_list){.bytes = bytes, .total = (uint16_t)count, .version = version};
  return NFR_OK;
}

/* From one entry to the next. */
static const uint8_t *entry_end(const uint8_t *entry) {
  const uint8_t *at = entry + KEY_HEADER_BYTES;
  for (unsigned i = 0; i < entry[64]; i++) at += 1u + *at;
  return entry + nfr_pad4((size_t)(at - entry));
}

int nfr_key_list_find(const struct nfr_crypto *crypto, const struct nfr_key_list *list, const uint8_t id[NFR_KEY_ID_BYTES],
                      const uint8_t **entry) {
  const uint8_t *at = list->bytes + HEADER_BYTES;
  for (unsigned i = 0; i < list->bytes[12]; i++) {
    uint8_t digest[32];
    int err = nfr_digest(crypto, at, 64, digest);
    if (err) return err;
    if (memcmp(digest, id, NFR_KEY_ID_BYTES) == 0) {
      *entry = at;
      return NFR_OK;
    }
    at = entry_end(at);
  }
  *entry = NULL;
  return NFR_OK;
}

bool nfr_key_list_is_revoked(const struct nfr_key_list *list, const uint8_t id[NFR_KEY_ID_BYTES]) {
  const uint8_t *end = list->bytes + list->total - SIGNATURE_BYTES;
  for (const uint8_t *at = end - NFR_KEY_ID_BYTES * list->bytes[13]; at < end; at += NFR_KEY_ID_BYTES) {
    if (memcmp(at, id, NFR_KEY_ID_BYTES) == 0) return true;
  }
  return false;
}

static bool prefix_covers(const uint8_t *prefix, size_t length, struct nfr_text name) {
  if (length == 0) return true;
  if (name.length < length || memcmp(name.bytes, prefix, length) != 0) return false;
  return name.length == length || prefix[length - 1] == '/' || name.bytes[length] == '/';
}

bool nfr_key_covers(const uint8_t *entry, struct nfr_text name) {
  const uint8_t *at = entry + KEY_HEADER_BYTES;
  for (unsigned i = 0; i < entry[64]; i++) {
    if (prefix_covers(at + 1, *at, name)) return true;
    at += 1u + *at;
  }
  return false;
}
