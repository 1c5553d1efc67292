/* What manifest_fuzz, its mutator and the maker of its seeds share. */
#ifndef NFR_MANIFEST_FUZZ_H
#define NFR_MANIFEST_FUZZ_H

#include <stddef.h>
#include <stdint.h>

struct model;

/* The first byte of an input, modulo FUZZ_KINDS. */
enum fuzz_kind { FUZZ_MANIFEST, FUZZ_KEY_LIST, FUZZ_VECTORS, FUZZ_TEXT, FUZZ_KINDS };

#define FUZZ_LABELS "yes\nno\nmaybe\nd\xc3\xa9j\xc3\xa0"

/* The key list that manifests are judged by: toy_key(2) signs "house/", toy_key(3) anything, toy_key(4) is revoked. */
size_t fuzz_write_keys(uint8_t *bytes);

/* The model that capsules are opened with. */
void fuzz_write_model(struct model *model);

#endif
