/* Capsule manifests on a device: verify, parse, fits-check, declarative processing. Bytes: SPEC.md beside this file.
 *
 * Untrusted: every byte of manifest, key list, vectors and labels. Trusted: the root key, the caller's buffers and limits.
 * No heap, no globals. Parsed structures point into the caller's bytes, which must outlive them.
 */
#ifndef NFR_CAPSULE_H
#define NFR_CAPSULE_H

#include <stddef.h>
#include <stdint.h>

#include "nfr.h"
#include "port/port.h"

#define NFR_MANIFEST_MAX_BYTES 1024u
#define NFR_KEY_LIST_MAX_BYTES 4096u
#define NFR_MANIFEST_MAX_PRE 4u

enum nfr_section_kind {
  NFR_SECTION_MODEL = 1,
  NFR_SECTION_MANAGED = 2,
  NFR_SECTION_VECTORS = 3,
  NFR_SECTION_BASELINE = 4,
  NFR_SECTION_LABELS = 5,
};

struct nfr_text { const char *bytes; uint16_t length; }; /* ASCII or UTF-8, not terminated */

struct nfr_section { uint32_t size; const uint8_t *sha256; /* [32] */ }; /* size 0: absent */

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
};

/* A key list that nfr_key_list_verify accepted. Points into the caller's bytes. */
struct nfr_key_list { const uint8_t *bytes; uint16_t total; uint32_t version; };

/* What a board offers. */
struct nfr_board {
  struct nfr_text target;
  uint32_t state_free, arena_free, stack_free, managed_heap_free;
  uint32_t layouts, capabilities;
  uint16_t abi_major, abi_minor;
  uint8_t operators[16];
};

/* The first need that is not met, for a sentence such as "arena 38,912 needed, 31,744 free". */
enum nfr_need { NFR_NEED_NONE, NFR_NEED_TARGET, NFR_NEED_ABI, NFR_NEED_LAYOUT, NFR_NEED_OPERATOR, NFR_NEED_CAPABILITY,
                NFR_NEED_STATE, NFR_NEED_ARENA, NFR_NEED_STACK, NFR_NEED_MANAGED_HEAP };
struct nfr_deficit { enum nfr_need need; uint32_t needed, available; };

#endif
