/* Sections: size before hash. Rules S01 and S02 of SPEC.md §8. */
#include <string.h>

#include "nfr_capsule.h"
#include "rule.h"

int nfr_section_begin(struct nfr_section_check *check, const struct nfr_crypto *crypto, const struct nfr_section *section,
                      uint64_t size) {
  if (check == NULL || crypto == NULL || section == NULL) return NFR_ERR_ARGUMENT;
  if (!NFR_RULE(S01, section->size != 0 && size == section->size)) return NFR_ERR_CORRUPT;
  check->section = *section;
  check->missing = section->size;
  return crypto->sha256_begin(crypto->context, &check->hash);
}

int nfr_section_update(struct nfr_section_check *check, const struct nfr_crypto *crypto, const void *bytes, size_t count) {
  if (count > check->missing) return NFR_ERR_CORRUPT;
  check->missing -= (uint32_t)count;
  return crypto->sha256_update(crypto->context, &check->hash, bytes, count);
}

int nfr_section_finish(struct nfr_section_check *check, const struct nfr_crypto *crypto) {
  uint8_t digest[32];
  int err = crypto->sha256_finish(crypto->context, &check->hash, digest);
  if (err) return err;
  if (check->missing != 0) return NFR_ERR_CORRUPT;
  return NFR_RULE(S02, memcmp(digest, check->section.sha256, 32) == 0) ? NFR_OK : NFR_ERR_CORRUPT;
}

int nfr_section_verify(const struct nfr_crypto *crypto, const struct nfr_section *section, const void *bytes, size_t count) {
  struct nfr_section_check check;
  if (bytes == NULL) return NFR_ERR_ARGUMENT;
  int err = nfr_section_begin(&check, crypto, section, count);
  if (err) return err;
  int update = nfr_section_update(&check, crypto, bytes, count);
  int finish = nfr_section_finish(&check, crypto);
  return update ? update : finish;
}
