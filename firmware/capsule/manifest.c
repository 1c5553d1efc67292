/* The manifest: rules M01 to M46 of SPEC.md §8. The signature comes before the first byte of content, so that a parser's
 * mistake is within reach of publishers only. */
#include "bytes.h"
#include "key_list.h"
#include "manifest.h"
#include "rule.h"

#define MANIFEST_MAGIC 0x4352464eu /* "NFRC" */
#define MANIFEST_MAJOR 1u
#define HEADER_BYTES 8u
#define TRAILER_BYTES 72u /* key id, signature */
#define TLV_HEADER_BYTES 4u
#define TLV_CRITICAL 0x8000u

/* What the parser knows while it walks. */
struct walk {
  struct nfr_manifest *manifest;
  uint32_t seen; /* bit i: tlv_types[i] was there */
};

struct tlv_type {
  uint16_t type, min_bytes, max_bytes;
  bool required, repeatable;
  int (*read)(struct nfr_manifest *manifest, const uint8_t *value, uint16_t length);
};

static struct nfr_text text_of(const uint8_t *value, uint16_t length) {
  return (struct nfr_text){(const char *)value, length};
}

/* Every character is a letter or digit as asked for, or one of `others`. */
static bool is_made_of(struct nfr_text text, bool upper, const char *others) {
  for (unsigned i = 0; i < text.length; i++) {
    char c = text.bytes[i];
    if (nfr_is_lower_or_digit(c) || (upper && c >= 'A' && c <= 'Z')) continue;
    const char *other = others;
    while (*other != 0 && *other != c) other++;
    if (*other == 0) return false;
  }
  return true;
}

/* Separators stand alone, and not at the ends. */
static bool is_name(struct nfr_text text) {
  if (!is_made_of(text, false, "._-/")) return false;
  bool separator = true;
  for (unsigned i = 0; i < text.length; i++) {
    bool letter = nfr_is_lower_or_digit(text.bytes[i]);
    if (!letter && separator) return false;
    separator = !letter;
  }
  return !separator;
}

static int read_name(struct nfr_manifest *manifest, const uint8_t *value, uint16_t length) {
  manifest->name = text_of(value, length);
  return NFR_RULE(M14, is_name(manifest->name)) ? NFR_OK : NFR_ERR_CORRUPT;
}

static int read_version(struct nfr_manifest *manifest, const uint8_t *value, uint16_t length) {
  manifest->version = text_of(value, length);
  return NFR_RULE(M15, is_made_of(manifest->version, true, ".+-")) ? NFR_OK : NFR_ERR_CORRUPT;
}

static int read_counter(struct nfr_manifest *manifest, const uint8_t *value, uint16_t length) {
  (void)length;
  manifest->security_counter = nfr_le32(value);
  return NFR_OK;
}

static int read_target(struct nfr_manifest *manifest, const uint8_t *value, uint16_t length) {
  manifest->target = text_of(value, length);
  return NFR_RULE(M16, is_made_of(manifest->target, false, "-")) ? NFR_OK : NFR_ERR_CORRUPT;
}

static int read_engine(struct nfr_manifest *manifest, const uint8_t *value, uint16_t length) {
  (void)length;
  manifest->abi_major = nfr_le16(value);
  manifest->abi_minor = nfr_le16(value + 2);
  manifest->plan_major = value[4];
  manifest->plan_minor = value[5];
  manifest->layouts = nfr_le32(value + 8);
  return NFR_RULE(M17, nfr_is_zero(value + 6, 2)) ? NFR_OK : NFR_ERR_CORRUPT;
}

static int read_needs(struct nfr_manifest *manifest, const uint8_t *value, uint16_t length) {
  (void)length;
  manifest->needs = (struct nfr_needs){
      .state = nfr_le32(value),
      .arena = nfr_le32(value + 4),
      .input_copies = nfr_le32(value + 8),
      .stack = nfr_le32(value + 12),
      .deadline_ms = nfr_le32(value + 16),
      .managed_heap = nfr_le32(value + 20),
  };
  return NFR_OK;
}

static int read_operators(struct nfr_manifest *manifest, const uint8_t *value, uint16_t length) {
  (void)length;
  manifest->operators = value;
  return NFR_OK;
}

static int read_capabilities(struct nfr_manifest *manifest, const uint8_t *value, uint16_t length) {
  (void)length;
  manifest->capabilities = nfr_le32(value);
  return NFR_RULE(M18, manifest->capabilities >> NFR_CAPABILITY_COUNT == 0) ? NFR_OK : NFR_ERR_UNSUPPORTED;
}

static int read_processor(struct nfr_manifest *manifest, const uint8_t *value, uint16_t length) {
  manifest->processor = text_of(value, length);
  return NFR_RULE(M19, is_made_of(manifest->processor, true, "_.+")) ? NFR_OK : NFR_ERR_CORRUPT;
}

static bool is_last_section(const struct nfr_manifest *manifest, unsigned kind) {
  for (unsigned i = kind; i <= NFR_SECTION_LABELS; i++) {
    if (manifest->sections[i].sha256 != NULL) return false;
  }
  return true;
}

static int read_section(struct nfr_manifest *manifest, const uint8_t *value, uint16_t length) {
  (void)length;
  unsigned kind = value[0];
  uint32_t size = nfr_le32(value + 4);
  if (!NFR_RULE(M20, kind >= NFR_SECTION_MODEL && kind <= NFR_SECTION_LABELS)) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(M21, is_last_section(manifest, kind))) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(M22, nfr_is_zero(value + 1, 3))) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(M23, size >= 1 && size <= NFR_SECTION_MAX_BYTES)) return NFR_ERR_CORRUPT;
  manifest->sections[kind] = (struct nfr_section){size, value + 8};
  return NFR_OK;
}

static int read_pre(struct nfr_manifest *manifest, const uint8_t *value, uint16_t length) {
  unsigned count = manifest->pre_count;
  if (!NFR_RULE(M27, count < NFR_MANIFEST_MAX_PRE)) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(M28, count == 0 || manifest->pre[count - 1][0] < value[0])) return NFR_ERR_CORRUPT;
  int err = nfr_pre_validate(value, length);
  if (err) return err;
  manifest->pre[count] = value;
  manifest->pre_count++;
  return NFR_OK;
}

static int read_post(struct nfr_manifest *manifest, const uint8_t *value, uint16_t length) {
  (void)length;
  manifest->post = value;
  return nfr_post_validate(value);
}

static const struct tlv_type tlv_types[] = {
    {0x8001, 1, 64, true, false, read_name},
    {0x8002, 1, 32, true, false, read_version},
    {0x8003, 4, 4, true, false, read_counter},
    {0x8004, 1, 32, true, false, read_target},
    {0x8005, 12, 12, true, false, read_engine},
    {0x8006, 24, 24, true, false, read_needs},
    {0x8007, 16, 16, true, false, read_operators},
    {0x8008, 4, 4, false, false, read_capabilities},
    {0x8009, 1, 96, false, false, read_processor},
    {0x8010, 40, 40, false, true, read_section},
    {0x8020, NFR_PRE_HEADER_BYTES + NFR_AFFINE_BYTES, NFR_PRE_HEADER_BYTES + 4 * NFR_AFFINE_BYTES, false, true, read_pre},
    {0x8021, NFR_POST_BYTES, NFR_POST_BYTES, false, false, read_post},
};
#define TLV_TYPES (sizeof tlv_types / sizeof tlv_types[0])

static int read_tlv(struct walk *walk, uint16_t type, const uint8_t *value, uint16_t length) {
  for (unsigned i = 0; i < TLV_TYPES; i++) {
    const struct tlv_type *known = &tlv_types[i];
    if (known->type != type) continue;
    if (!NFR_RULE(M11, known->repeatable || (walk->seen >> i & 1u) == 0)) return NFR_ERR_CORRUPT;
    if (!NFR_RULE(M12, length >= known->min_bytes && length <= known->max_bytes)) return NFR_ERR_CORRUPT;
    walk->seen |= 1u << i;
    return known->read(walk->manifest, value, length);
  }
  return NFR_RULE(M10, (type & TLV_CRITICAL) == 0) ? NFR_OK : NFR_ERR_UNSUPPORTED;
}

static bool has_required(const struct walk *walk) {
  for (unsigned i = 0; i < TLV_TYPES; i++) {
    if (tlv_types[i].required && (walk->seen >> i & 1u) == 0) return false;
  }
  return true;
}

static int read_body(struct nfr_manifest *manifest, const uint8_t *at, const uint8_t *end) {
  struct walk walk = {manifest, 0};
  uint16_t previous = 0;
  /* The body's length is a multiple of 4 and so is every step: a TLV's header never lies across the end. */
  while (at < end) {
    uint16_t type = nfr_le16(at), length = nfr_le16(at + 2);
    const uint8_t *value = at + TLV_HEADER_BYTES;
    if (!NFR_RULE(M07, nfr_pad4(length) <= (size_t)(end - value))) return NFR_ERR_CORRUPT;
    if (!NFR_RULE(M08, nfr_is_zero(value + length, nfr_pad4(length) - length))) return NFR_ERR_CORRUPT;
    if (!NFR_RULE(M09, type >= previous)) return NFR_ERR_CORRUPT;
    int err = read_tlv(&walk, type, value, length);
    if (err) return err;
    previous = type;
    at = value + nfr_pad4(length);
  }
  return NFR_RULE(M13, has_required(&walk)) ? NFR_OK : NFR_ERR_CORRUPT;
}

/* What two or more TLVs say together. */
static int check_whole(const struct nfr_manifest *manifest) {
  const struct nfr_section *sections = manifest->sections;
  if (!NFR_RULE(M24, sections[NFR_SECTION_MODEL].size != 0)) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(M25, (manifest->processor.length != 0) == (sections[NFR_SECTION_MANAGED].size != 0)))
    return NFR_ERR_CORRUPT;
  bool names_labels = manifest->post != NULL && (manifest->post[2] & NFR_POST_LABELS) != 0;
  if (!NFR_RULE(M26, !names_labels || sections[NFR_SECTION_LABELS].size != 0)) return NFR_ERR_CORRUPT;
  return NFR_OK;
}

/* The signature, by a key of the list; *entry is the key's. */
static int check_signature(const struct nfr_crypto *crypto, const struct nfr_key_list *keys, const uint8_t *bytes,
                           size_t count, const uint8_t **entry) {
  const uint8_t *key_id = bytes + count - TRAILER_BYTES, *signature = key_id + NFR_KEY_ID_BYTES;
  if (!NFR_RULE(M42, !nfr_key_list_is_revoked(keys, key_id))) return NFR_ERR_SIGNATURE;
  int err = nfr_key_list_find(crypto, keys, key_id, entry);
  if (err) return err;
  if (!NFR_RULE(M43, *entry != NULL)) return NFR_ERR_SIGNATURE;
  uint8_t digest[32];
  err = nfr_digest(crypto, bytes, (size_t)(signature - bytes), digest);
  if (err) return err;
  err = crypto->p256_verify(crypto->context, *entry, digest, signature);
  return NFR_RULE(M44, err == NFR_OK) ? NFR_OK : err;
}

int nfr_manifest_verify(const struct nfr_crypto *crypto, const struct nfr_key_list *keys, const void *data, size_t count,
                        struct nfr_manifest *manifest) {
  if (crypto == NULL || keys == NULL || data == NULL || manifest == NULL) return NFR_ERR_ARGUMENT;
  const uint8_t *bytes = data;
  if (!NFR_RULE(M01, count >= HEADER_BYTES + TRAILER_BYTES)) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(M02, count <= NFR_MANIFEST_MAX_BYTES)) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(M03, nfr_le32(bytes) == MANIFEST_MAGIC)) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(M04, bytes[4] == MANIFEST_MAJOR)) return NFR_ERR_VERSION;
  if (!NFR_RULE(M05, nfr_le16(bytes + 6) == count)) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(M06, count % 4 == 0)) return NFR_ERR_CORRUPT;
  const uint8_t *entry;
  int err = check_signature(crypto, keys, bytes, count, &entry);
  if (err) return err;
  *manifest = (struct nfr_manifest){.key_id = bytes + count - TRAILER_BYTES};
  err = read_body(manifest, bytes + HEADER_BYTES, manifest->key_id);
  if (!err) err = check_whole(manifest);
  if (err) return err;
  return NFR_RULE(M45, nfr_key_covers(entry, manifest->name)) ? NFR_OK : NFR_ERR_SIGNATURE;
}

int nfr_manifest_check_counter(const struct nfr_manifest *manifest, uint32_t floor) {
  if (manifest == NULL) return NFR_ERR_ARGUMENT;
  return NFR_RULE(M46, manifest->security_counter >= floor) ? NFR_OK : NFR_ERR_ROLLBACK;
}
