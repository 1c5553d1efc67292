/* Inside the facade: the context. */
#ifndef NFR_NATIVE_INTERNAL_H
#define NFR_NATIVE_INTERNAL_H

#include <assert.h>

#include "capsule/nfr_capsule.h"
#include "engine/nfr_engine.h"
#include "nfr_native.h"

/* An open capsule. Idle and without state it costs this and no more (budget: 256 bytes on a 32-bit device). */
struct nfr_native_capsule {
  struct nfr_engine engine;
  uint32_t handle;                    /* 0: free */
  uint32_t state_offset, state_bytes; /* in the pool, multiples of 16: the plan's state, then the windows */
  const uint8_t *pre[NFR_MANIFEST_MAX_PRE];
  struct nfr_pre_state windows[NFR_MANIFEST_MAX_PRE];
  uint8_t pre_count, pre_due; /* due: bit set of windows that are, by index in pre */
  uint8_t written;            /* bit set of inputs, by their index: in the arena while this owns it and is FILLING */
  uint8_t is_signed;
  const uint8_t *post;
  struct nfr_post_state post_state;
  struct nfr_section vectors; /* size 0: none, or a bare model */
  const uint8_t *labels;
  uint32_t labels_bytes;
};

static_assert(sizeof(void *) > 4 || sizeof(struct nfr_native_capsule) <= 256, "an idle capsule's budget");

enum nfr_native_phase {
  NFR_PHASE_FREE,    /* the arena is nobody's */
  NFR_PHASE_FILLING, /* the owner has written inputs */
  NFR_PHASE_RUNNING,
  NFR_PHASE_DONE,    /* the owner's outputs are there */
  NFR_PHASE_TESTING, /* self-test */
};

struct nfr_native_test {
  struct nfr_native_capsule *capsule; /* null: no test is under way */
  struct nfr_vectors vectors;
  uint32_t case_index, op; /* op: whose output comes next */
  uint32_t crc, crc_at;    /* of that output, so far */
  uint8_t has_begun;       /* the case's inference */
  uint8_t op_is_done;      /* its output is there, being read */
  uint8_t inference_is_done;
};

#define NFR_NATIVE_MAGIC UINT64_C(0x31657669746e464e)

struct nfr_native {
  uint64_t magic; /* the above once initialized */
  const struct nfr_crypto *crypto;
  uint8_t *arena, *pool; /* 16-byte aligned */
  uint32_t arena_bytes, pool_bytes;
  uint8_t root_key[64];
  uint8_t has_root_key, has_keys;
  struct nfr_key_list keys;
  struct nfr_native_board board;
  struct nfr_native_capsule capsules[NFR_NATIVE_MAX_CAPSULES];
  uint32_t opened;                  /* how often: makes handles unique */
  struct nfr_native_capsule *owner; /* of the arena; null when FREE */
  enum nfr_native_phase phase;
  struct nfr_result result; /* of the inference that is DONE */
  struct nfr_native_test test;
};

static inline bool nfr_native_is_ready(const struct nfr_native *context) {
  return context != NULL && context->magic == NFR_NATIVE_MAGIC;
}

/* A caller's memory for words of 32 bits: there, and aligned. Cores of ours load floats and pairs of words at their
 * alignment only, so that a pointer which is not would be a fault instead of an error. */
static inline bool nfr_native_is_words(const void *memory) {
  return memory != NULL && ((uintptr_t)memory & 3u) == 0;
}

/* The open capsule of a handle, or null (also for a context that was not initialized). */
struct nfr_native_capsule *nfr_native_find(struct nfr_native *context, int handle);

/* Verifies a manifest with the context's keys. */
NFR_CHECK_RESULT int nfr_native_read_manifest(const struct nfr_native *context, const uint8_t *bytes, uint32_t count,
                                              struct nfr_manifest *manifest);

/* nfr_native_verify, and what it parsed, which points into the manifest. is_alone: whether it fits when what is open gives way. */
NFR_CHECK_RESULT int nfr_native_describe(struct nfr_native *context, const uint8_t *manifest, uint32_t count, bool is_alone,
                                         struct nfr_native_summary *summary, struct nfr_manifest *parsed);

/* Verifies a manifest, its counter, and that it fits: all that nfr_native_open does before it hashes. */
NFR_CHECK_RESULT int nfr_native_admit(const struct nfr_native *context, const uint8_t *manifest, uint32_t manifest_bytes,
                                      uint32_t counter_floor, struct nfr_manifest *parsed);

/* Opens an admitted capsule whose model and labels the caller has hashed: they are what `parsed` says. Returns a handle.
 * All bytes are borrowed until closed, those that `parsed` points into as well. */
NFR_CHECK_RESULT int nfr_native_open_admitted(struct nfr_native *context, const struct nfr_manifest *parsed, const uint8_t *model,
                                              uint32_t model_bytes, const uint8_t *labels, uint32_t labels_bytes);

/* What is free for one more capsule. */
void nfr_native_free_board(const struct nfr_native *context, struct nfr_board *board);

/* First fit for `bytes` (a multiple of 16) in the pool; NO_MEMORY. */
NFR_CHECK_RESULT int nfr_native_find_state(const struct nfr_native *context, uint32_t bytes, uint32_t *offset);

/* Gives the arena to the capsule, cleared when it was another's. BUSY, or ARGUMENT while the capsule itself runs. */
NFR_CHECK_RESULT int nfr_native_take(struct nfr_native *context, struct nfr_native_capsule *capsule);

/* The same for an inference: ARGUMENT also while the capsule is tested. */
NFR_CHECK_RESULT int nfr_native_claim(struct nfr_native *context, struct nfr_native_capsule *capsule);

/* State, windows and debouncing as after opening. */
NFR_CHECK_RESULT int nfr_native_forget(struct nfr_native_capsule *capsule);

/* A tensor as the processing sees it; width 0 when it is not int8 or int16. */
struct nfr_process_tensor nfr_native_process_tensor(const struct nfr_tensor_view *view);

#endif
