/* Labels: rules L01 to L05 of SPEC.md §8. */
#include "bytes.h"
#include "nfr_capsule.h"
#include "rule.h"

/* Bytes of the character at `at`, 0 when it is not well-formed UTF-8 (Unicode 15, table 3-7): no overlong form, no
 * surrogate, nothing above U+10FFFF, not cut. */
static unsigned character_bytes(const uint8_t *at, size_t left) {
  uint8_t lead = at[0], low = 0x80, high = 0xbf;
  unsigned length;
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) length = 2;
  else if (lead >= 0xe0 && lead <= 0xef) length = 3;
  else if (lead >= 0xf0 && lead <= 0xf4) length = 4;
  else return 0;
  if (lead == 0xe0) low = 0xa0;
  if (lead == 0xed) high = 0x9f;
  if (lead == 0xf0) low = 0x90;
  if (lead == 0xf4) high = 0x8f;
  if (left < length || at[1] < low || at[1] > high) return 0;
  for (unsigned i = 2; i < length; i++) {
    if ((at[i] & 0xc0) != 0x80) return 0;
  }
  return length;
}

static bool is_control(const uint8_t *at, unsigned length) {
  return (length == 1 && (at[0] < 0x20 || at[0] == 0x7f)) || (length == 2 && at[0] == 0xc2 && at[1] < 0xa0);
}

/* Bytes up to the next '\n' or the end. */
static size_t line_bytes(const uint8_t *at, size_t left) {
  size_t length = 0;
  while (length < left && at[length] != '\n') length++;
  return length;
}

static int check_label(const uint8_t *at, size_t length) {
  if (!NFR_RULE(L03, length >= 1 && length <= NFR_LABEL_MAX_BYTES)) return NFR_ERR_CORRUPT;
  for (size_t i = 0; i < length;) {
    unsigned bytes = character_bytes(at + i, length - i);
    if (!NFR_RULE(L04, bytes != 0)) return NFR_ERR_CORRUPT;
    if (!NFR_RULE(L05, !is_control(at + i, bytes))) return NFR_ERR_CORRUPT;
    i += bytes != 0 ? bytes : 1;
  }
  return NFR_OK;
}

int nfr_labels_check(const void *data, size_t count, unsigned *labels) {
  if (data == NULL || labels == NULL) return NFR_ERR_ARGUMENT;
  if (!NFR_RULE(L01, count >= 1 && count <= NFR_LABELS_MAX_BYTES)) return NFR_ERR_CORRUPT;
  const uint8_t *text = data;
  unsigned found = 0;
  /* A '\n' at the end leaves an empty last label, which L03 refuses: hence <= and not <. */
  for (size_t at = 0; at <= count; found++) {
    size_t length = line_bytes(text + at, count - at);
    if (!NFR_RULE(L02, found < NFR_LABELS_MAX_COUNT)) return NFR_ERR_CORRUPT;
    int err = check_label(text + at, length);
    if (err) return err;
    at += length + 1;
  }
  *labels = found;
  return NFR_OK;
}

int nfr_labels_get(const void *data, size_t count, unsigned index, struct nfr_text *label) {
  if (data == NULL || label == NULL) return NFR_ERR_ARGUMENT;
  const uint8_t *text = data;
  unsigned line = 0;
  for (size_t at = 0; at < count; line++) {
    size_t length = line_bytes(text + at, count - at);
    if (line == index) {
      *label = (struct nfr_text){(const char *)text + at, (uint16_t)length};
      return NFR_OK;
    }
    at += length + 1;
  }
  return NFR_ERR_ARGUMENT;
}
