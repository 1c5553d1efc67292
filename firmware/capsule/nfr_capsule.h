/* Capsule manifests on a device: verify, parse, fits-check, declarative processing. Bytes and rules: SPEC.md beside this file.
 *
 * Untrusted: every byte of manifest, key list, sections, vectors and labels. Trusted: the root key, the caller's buffers
 * and limits, and that bytes do not change while a structure points into them.
 * No heap, no globals. Parsed structures point into the caller's bytes, which must outlive them. Every function that can
 * fail returns NFR_OK or a negative enum nfr_error; outputs are undefined then.
 */
#ifndef NFR_CAPSULE_H
#define NFR_CAPSULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nfr.h"
#include "port/port.h"

#define NFR_MANIFEST_MAX_BYTES 1024u
#define NFR_KEY_LIST_MAX_BYTES 4096u
#define NFR_MANIFEST_MAX_PRE 4u
#define NFR_SECTION_MAX_BYTES (16u << 20)
#define NFR_LABELS_MAX_BYTES 65536u
#define NFR_LABELS_MAX_COUNT 1024u
#define NFR_LABEL_MAX_BYTES 64u

enum nfr_section_kind {
  NFR_SECTION_MODEL = 1,
  NFR_SECTION_MANAGED = 2,
  NFR_SECTION_VECTORS = 3,
  NFR_SECTION_BASELINE = 4,
  NFR_SECTION_LABELS = 5,
};

/* Bits of the manifest's capability set. */
enum nfr_capability {
  NFR_CAPABILITY_MATH = 0,
  NFR_CAPABILITY_GPIO = 1,
  NFR_CAPABILITY_ADC = 2,
  NFR_CAPABILITY_I2C = 3,
  NFR_CAPABILITY_SPI = 4,
  NFR_CAPABILITY_NETWORKING = 5,
  NFR_CAPABILITY_STORAGE = 6,
  NFR_CAPABILITY_COUNT = 7,
};

struct nfr_text { const char *bytes; uint16_t length; }; /* ASCII or UTF-8, not terminated */

struct nfr_section { uint32_t size; const uint8_t *sha256; /* [32] */ }; /* size 0: absent */

/* Bytes, except deadline_ms (0: none). */
struct nfr_needs { uint32_t state, arena, input_copies, stack, deadline_ms, managed_heap; };

struct nfr_manifest {
  struct nfr_text name, version, target, processor; /* processor.length 0: none */
  uint32_t security_counter;
  uint16_t abi_major, abi_minor;
  uint8_t plan_major, plan_minor;
  uint32_t layouts, capabilities;
  const uint8_t *operators; /* [16] */
  struct nfr_needs needs;
  struct nfr_section sections[6]; /* by enum nfr_section_kind */
  const uint8_t *pre[NFR_MANIFEST_MAX_PRE]; /* SPEC §2, validated; null beyond pre_count */
  uint8_t pre_count;
  const uint8_t *post; /* SPEC §3, validated; null: none */
  const uint8_t *key_id; /* [8], of the publisher who signed */
};

/* A key list that nfr_key_list_verify accepted. Points into the caller's bytes. */
struct nfr_key_list { const uint8_t *bytes; uint16_t total; uint32_t version; };

/* Reads a key list: size, the root key's signature, content (rules K01 to K16), then version >= version_floor (K17).
 * Errors: CORRUPT, VERSION, SIGNATURE, ROLLBACK, PORT. */
NFR_CHECK_RESULT int nfr_key_list_verify(const struct nfr_crypto *crypto, const uint8_t root_key[64], const void *bytes,
                                         size_t count, uint32_t version_floor, struct nfr_key_list *list);

/* Reads a manifest: size, signature by a key of the list that is not revoked, content, and that the key may sign the
 * name (rules M01 to M45). Errors: CORRUPT, VERSION, UNSUPPORTED, SIGNATURE, PORT. */
NFR_CHECK_RESULT int nfr_manifest_verify(const struct nfr_crypto *crypto, const struct nfr_key_list *keys,
                                         const void *bytes, size_t count, struct nfr_manifest *manifest);

/* Anti-rollback: the counter is not below the floor that is kept for the manifest's name (M46); else ROLLBACK. */
NFR_CHECK_RESULT int nfr_manifest_check_counter(const struct nfr_manifest *manifest, uint32_t floor);

/* What a board offers. Memory is what is free for one more capsule, in bytes. */
struct nfr_board {
  struct nfr_text target;
  uint32_t state_free, arena_free, stack_free, managed_heap_free;
  uint32_t layouts, capabilities;
  uint16_t abi_major, abi_minor; /* of the engine */
  uint8_t plan_major;
  uint8_t operators[16];
};

/* The first need that is not met, for a sentence such as "arena 38,912 needed, 31,744 free". What the numbers are:
 * TARGET, none; ABI, major << 16 | minor; PLAN, major; LAYOUT, OPERATOR, CAPABILITY, the id or bit that is missing and 0;
 * memory, bytes (state is the sum of state and input copies, at most 2^32 - 1). */
enum nfr_need {
  NFR_NEED_NONE = 0,
  NFR_NEED_TARGET = 1,
  NFR_NEED_ABI = 2,
  NFR_NEED_LAYOUT = 3,
  NFR_NEED_OPERATOR = 4,
  NFR_NEED_CAPABILITY = 5,
  NFR_NEED_STATE = 6,
  NFR_NEED_ARENA = 7,
  NFR_NEED_STACK = 8,
  NFR_NEED_MANAGED_HEAP = 9,
  NFR_NEED_PLAN = 10,
};
struct nfr_deficit { enum nfr_need need; uint32_t needed, available; };

/* NFR_OK (need NONE), UNSUPPORTED (TARGET … CAPABILITY, PLAN) or NO_MEMORY. `deficit` is always written. */
NFR_CHECK_RESULT int nfr_fits(const struct nfr_manifest *manifest, const struct nfr_board *board, struct nfr_deficit *deficit);

/* The deficit as a sentence, terminated; cut when longer than capacity - 1. Returns its length without the terminator.
 * 64 bytes hold the longest. */
size_t nfr_deficit_text(const struct nfr_deficit *deficit, char *text, size_t capacity);

/* A section that arrives in pieces: its size first, then its hash (rules S01, S02). */
struct nfr_section_check {
  struct nfr_sha256 hash;
  struct nfr_section section;
  uint32_t missing; /* bytes yet to come */
};
NFR_CHECK_RESULT int nfr_section_begin(struct nfr_section_check *check, const struct nfr_crypto *crypto,
                                       const struct nfr_section *section, uint64_t size);
NFR_CHECK_RESULT int nfr_section_update(struct nfr_section_check *check, const struct nfr_crypto *crypto, const void *bytes,
                                        size_t count);
/* Ends the hash even on error; not to be called when begin failed. CORRUPT when bytes are missing or the hash differs. */
NFR_CHECK_RESULT int nfr_section_finish(struct nfr_section_check *check, const struct nfr_crypto *crypto);
/* The three in one, for a section that lies in memory. */
NFR_CHECK_RESULT int nfr_section_verify(const struct nfr_crypto *crypto, const struct nfr_section *section,
                                        const void *bytes, size_t count);

/* Golden vectors, parsed (rules G01 to G08). */
struct nfr_vectors {
  const uint8_t *cases;
  uint32_t case_bytes, input_bytes, output_bytes;
  uint16_t case_count, op_count;
};
struct nfr_vector_case {
  bool reset; /* the state, before the case */
  const uint8_t *input, *output;
  const uint8_t *crcs; /* u32, little-endian, one an operator; read with nfr_vector_crc */
};
NFR_CHECK_RESULT int nfr_vectors_parse(const void *bytes, size_t count, struct nfr_vectors *vectors);
/* index < case_count. */
struct nfr_vector_case nfr_vectors_case(const struct nfr_vectors *vectors, unsigned index);
uint32_t nfr_vector_crc(const struct nfr_vector_case *vector, unsigned op);

/* Checks labels (rules L01 to L05) and counts them. */
NFR_CHECK_RESULT int nfr_labels_check(const void *bytes, size_t count, unsigned *labels);
/* Label `index` of checked labels; ARGUMENT when there are fewer. Walks the text: O(bytes). */
NFR_CHECK_RESULT int nfr_labels_get(const void *bytes, size_t count, unsigned index, struct nfr_text *label);

#endif
