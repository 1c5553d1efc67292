/* The native facade: what managed code calls, by P/Invoke on a host and from the nanoCLR glue on a device.
 *
 * One context holds up to 8 open capsules. Each has state memory of its own, carved from the caller's pool; they share one
 * transient arena, so one inference is in flight. The arena belongs to the capsule that last wrote an input or began; it is
 * cleared when it changes hands, and nothing of it can be read by another.
 *
 * Every function returns an int: NFR_OK or more, or a negative enum nfr_error; ARGUMENT also for a null pointer, for one
 * to a structure or to floats that is not 4-byte aligned, for a closed handle and for a call out of order. Arguments are
 * blittable; structures have the same layout on 32 and 64 bits (but for their pointers there are none). One thread at a time. A function takes microseconds and the time to go once through the bytes
 * that it handles (a feed, an input's window, labels, an arena that changes hands) unless it is said to be slow; step and the
 * self-test's step take about their budget, and at an inference's end the time to go through its outputs.
 *
 * Untrusted: all bytes of key list, manifests, sections, vectors and samples. Trusted: pointers, sizes, memory that is
 * borrowed staying in place and unchanged, the root key.
 */
#ifndef NFR_NATIVE_H
#define NFR_NATIVE_H

#include <stdint.h>

#include "capsule/nfr_process.h"
#include "nfr.h"
#include "port/port.h"

#define NFR_NATIVE_MAX_CAPSULES 8u
#define NFR_NATIVE_MORE 1 /* step: call again */

struct nfr_native; /* in the caller's memory */

/* What the facade cannot know of a board. */
struct nfr_native_board {
  char target[36];        /* terminated, such as "cortex-m4"; "host" after init */
  uint32_t stack_bytes;   /* free for an inference; no limit (2^32 - 1) after init */
  uint32_t managed_heap_bytes; /* free for a processor; no limit after init */
  uint32_t capabilities;  /* bit set of enum nfr_capability; all after init */
  uint32_t max_slice;     /* largest slice in instructions, 0 = no limit (after init) */
};

/* What this firmware runs, for a capability document. */
struct nfr_native_facts {
  uint32_t abi, plan; /* major << 16 | minor */
  uint32_t layouts;   /* bit set of enum nfr_layout */
  uint32_t capabilities;
  uint8_t operators[16];
};

/* A manifest for printing. Texts are terminated; empty when unknown. */
struct nfr_native_summary {
  char name[68], version[36], target[36], processor[100];
  char deficit[64];          /* what does not fit, as a sentence; empty when it fits */
  uint8_t key_id[8], operators[16];
  uint32_t security_counter;
  uint32_t abi, plan;        /* major << 16 | minor */
  uint32_t layouts, capabilities;
  uint32_t state, arena, input_copies, stack, deadline_ms, managed_heap;
  uint32_t section_bytes[6]; /* by enum nfr_section_kind; 0: absent */
  uint32_t pre_count, has_post;
  int32_t error;             /* of verification: what nfr_native_verify returned */
  int32_t fits;              /* NFR_OK, UNSUPPORTED or NO_MEMORY: of this context's board, arena and pool as they are now */
};

struct nfr_native_info {
  uint32_t input_count, output_count, op_count;
  uint32_t arena_bytes, state_bytes; /* state: what was carved from the pool, windows included */
  uint32_t label_count;
  uint32_t has_post, is_signed;
};

struct nfr_native_tensor {
  uint32_t type, rank, dims[6]; /* enum nfr_type; dims beyond rank are 1 */
  uint32_t elements, bytes;
  uint32_t feed_bytes; /* inputs: exact size of one feed; 0 without declarative pre-processing */
  float scale;         /* 0 for float32 */
  int32_t zero_point;
};

/* Progress of a self-test, and its first failure. */
struct nfr_native_report {
  uint32_t case_count, case_index; /* index: of the case that runs or failed */
  int32_t source_op;               /* of the failing operator, as the model's author counts; -1: the output itself */
  uint32_t op;                     /* the same, in the plan's order */
};

/* ---- context ---- */

/* Bytes of a context, a multiple of 16. */
int nfr_native_size(void);

/* context: nfr_native_size bytes, 8-byte aligned. arena, pool: borrowed for as long as the context is used; any alignment
 * (up to 15 bytes are lost to alignment). root_key: x, y of the root's P-256 key, copied. With a root key only signed
 * capsules open; with null only bare models do (a tool's context: nfr_native_open_model). */
NFR_CHECK_RESULT int nfr_native_init(struct nfr_native *context, uint32_t context_bytes, void *arena, uint32_t arena_bytes,
                                     void *pool, uint32_t pool_bytes, const uint8_t *root_key);

/* The same with a port's crypto (devices, tests). Not exported by libnfr. */
NFR_CHECK_RESULT int nfr_native_init_with(struct nfr_native *context, uint32_t context_bytes, void *arena,
                                          uint32_t arena_bytes, void *pool, uint32_t pool_bytes, const uint8_t *root_key,
                                          const struct nfr_crypto *crypto);

/* Copied. ARGUMENT when the target is not terminated. */
NFR_CHECK_RESULT int nfr_native_set_board(struct nfr_native *context, const struct nfr_native_board *board);

void nfr_native_facts(const struct nfr_native *context, struct nfr_native_facts *facts);

/* Verifies and takes a key list, whose bytes are borrowed until the next one. Returns NFR_OK. Refused: below
 * version_floor or the version of the list in use (ROLLBACK); on refusal the old list stays. Slow (a signature).
 * SIGNATURE without a root key. */
NFR_CHECK_RESULT int nfr_native_set_key_list(struct nfr_native *context, const uint8_t *bytes, uint32_t count,
                                             uint32_t version_floor);

/* ---- before opening ---- */

/* Verifies a manifest and says what it says and whether it fits now. Nothing is kept. summary is always written.
 * Slow (a signature). SIGNATURE without a key list. */
NFR_CHECK_RESULT int nfr_native_verify(struct nfr_native *context, const uint8_t *manifest, uint32_t count,
                                       struct nfr_native_summary *summary);

/* Verifies a manifest, then size and hash of one of its sections (enum nfr_section_kind). Slow. */
NFR_CHECK_RESULT int nfr_native_check_section(struct nfr_native *context, const uint8_t *manifest, uint32_t manifest_bytes,
                                              uint32_t kind, const uint8_t *section, uint32_t section_bytes);

/* ---- open and close ---- */

/* Verifies the manifest, its counter against counter_floor, size and hash of model and labels, that it fits; loads the
 * plan, reserves state. Returns a handle > 0. model: 16-byte aligned. labels: given exactly when the manifest has the
 * section, else null. All three are borrowed until closed. Slow (a signature, a hash of the model).
 * Errors: CORRUPT, VERSION, UNSUPPORTED, NO_MEMORY (also: 8 are open), SIGNATURE, ROLLBACK, BUDGET, PORT. */
NFR_CHECK_RESULT int nfr_native_open(struct nfr_native *context, const uint8_t *manifest, uint32_t manifest_bytes,
                                     const uint8_t *model, uint32_t model_bytes, const uint8_t *labels, uint32_t labels_bytes,
                                     uint32_t counter_floor);

/* A model without a manifest, for tools: SIGNATURE when the context has a root key. */
NFR_CHECK_RESULT int nfr_native_open_model(struct nfr_native *context, const uint8_t *model, uint32_t model_bytes);

/* Frees the state; an inference of the capsule is abandoned. */
NFR_CHECK_RESULT int nfr_native_close(struct nfr_native *context, int handle);

/* ---- what it is ---- */

NFR_CHECK_RESULT int nfr_native_info(struct nfr_native *context, int handle, struct nfr_native_info *info);

/* is_output: 0 or 1. */
NFR_CHECK_RESULT int nfr_native_tensor(struct nfr_native *context, int handle, int is_output, uint32_t index,
                                       struct nfr_native_tensor *tensor);

/* Copies label `index`, terminated, and returns its bytes without the terminator. NO_MEMORY when capacity (bytes) is too
 * small: 65 is always enough. ARGUMENT without such a label. */
NFR_CHECK_RESULT int nfr_native_label(struct nfr_native *context, int handle, uint32_t index, char *text, uint32_t capacity);

/* ---- inference ---- */

/* Bytes to an input: `count` at `offset`. BUSY while another capsule runs; ARGUMENT while this one does. */
NFR_CHECK_RESULT int nfr_native_write_input(struct nfr_native *context, int handle, uint32_t index, const void *source,
                                            uint32_t offset, uint32_t count);

/* Real values to elements first … first + count - 1: round(x / scale) + zero point, half away from zero, clamped; NaN
 * becomes the zero point. For int8, int16 and (copied) float32; else UNSUPPORTED. */
NFR_CHECK_RESULT int nfr_native_write_input_float(struct nfr_native *context, int handle, uint32_t index,
                                                  const float *source, uint32_t first, uint32_t count);

/* Takes one feed of raw samples for an input with declarative pre-processing (ARGUMENT without, or when count is not
 * feed_bytes). Returns 1 when an inference is due (every such input has what it needs), else 0. An input with a window may be fed at
 * any time; one without needs the arena (BUSY). */
NFR_CHECK_RESULT int nfr_native_feed(struct nfr_native *context, int handle, uint32_t index, const uint8_t *samples, uint32_t count);

/* Starts an inference. Windows are written to their inputs now. BUSY while another capsule runs; ARGUMENT while this one
 * does, or when an input is not there: not written since the last inference, or lost to another capsule. */
NFR_CHECK_RESULT int nfr_native_begin(struct nfr_native *context, int handle);

/* A slice of about `budget` instructions, 0 = 200,000. NFR_NATIVE_MORE, or NFR_OK at the end: outputs and result are there
 * until an input is written or the arena changes hands. */
NFR_CHECK_RESULT int nfr_native_step(struct nfr_native *context, int handle, uint32_t budget);

/* Abandons an inference, if one runs: state tensors are left as they are. Or a self-test: the capsule is reset. */
NFR_CHECK_RESULT int nfr_native_abort(struct nfr_native *context, int handle);

/* Bytes of an output, after the inference. */
NFR_CHECK_RESULT int nfr_native_read_output(struct nfr_native *context, int handle, uint32_t index, void *target,
                                            uint32_t offset, uint32_t count);

/* Elements of an output as real values, (q - zero point) x scale; int8, int16, int32 and float32. */
NFR_CHECK_RESULT int nfr_native_read_output_float(struct nfr_native *context, int handle, uint32_t index, float *target,
                                                  uint32_t first, uint32_t count);

/* The declared result of the inference; ARGUMENT without declarative post-processing. */
NFR_CHECK_RESULT int nfr_native_result(struct nfr_native *context, int handle, struct nfr_result *result);

/* State tensors to their fill values; windows and debouncing forget. ARGUMENT while an inference of it runs. */
NFR_CHECK_RESULT int nfr_native_reset(struct nfr_native *context, int handle);

/* ---- self-test ---- */

/* Starts the golden vectors (borrowed until the test ends), whose size and hash must be the manifest's; the capsule is
 * reset before and after. BUSY or ARGUMENT as begin; BUSY also while another capsule is tested. The arena is the test's during a case and
 * anybody's between two, so that other capsules wait for one inference at most. Slow (a hash). */
NFR_CHECK_RESULT int nfr_native_self_test_begin(struct nfr_native *context, int handle, const uint8_t *vectors, uint32_t count);

/* A slice. NFR_NATIVE_MORE, NFR_OK when every case was bit-exact, or SELF_TEST at the first difference. BUSY: another capsule has the arena, call
 * again later. */
NFR_CHECK_RESULT int nfr_native_self_test_step(struct nfr_native *context, int handle, uint32_t budget,
                                               struct nfr_native_report *report);

#endif
