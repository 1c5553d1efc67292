/* Declarative processing: what a manifest says about input (SPEC §2) and output (SPEC §3), executed.
 *
 * `pre` and `post` are those of a verified manifest (struct nfr_manifest) and are trusted to be well formed; that they
 * suit the plan's tensors is checked here (rules P01 to P04), once, by nfr_pre_bind and nfr_post_bind. Samples are
 * untrusted: every bit pattern has a defined result. Memory is the caller's.
 */
#ifndef NFR_PROCESS_H
#define NFR_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nfr.h"

/* A quantized tensor of the plan. */
struct nfr_process_tensor {
  void *data;          /* int8_t[elements] or int16_t[elements], aligned to its type */
  uint32_t elements;   /* >= 1 */
  uint8_t width;       /* bytes of an element: 1 or 2; another width is refused by bind */
  int32_t zero_point;  /* in the type's range */
};

/* ---- one input ---- */

/* The last `window` samples. Without a window, nothing. */
struct nfr_pre_state {
  uint8_t *samples;  /* nfr_pre_window_bytes, any alignment */
  uint32_t position; /* sample that the next one overwrites: the oldest, once filled = window */
  uint32_t filled;   /* samples there, at most window */
};

/* Index of the plan's input. */
unsigned nfr_pre_input(const uint8_t *pre);

/* Memory for the window; 0 without one. At most 2^34. */
uint64_t nfr_pre_window_bytes(const uint8_t *pre);

/* Bytes of one feed into a tensor of `elements`: hop, or the whole tensor. */
uint64_t nfr_pre_feed_bytes(const uint8_t *pre, uint32_t elements);

/* The tensor has the type (P01: int8 or int16) and, with a window, the elements (P02) that `pre` needs; starts with an empty
 * window in `samples` (null without a window). CORRUPT, or ARGUMENT without memory. */
NFR_CHECK_RESULT int nfr_pre_bind(const uint8_t *pre, const struct nfr_process_tensor *tensor, uint8_t *samples,
                                  struct nfr_pre_state *state);

/* Forgets the samples. */
void nfr_pre_reset(struct nfr_pre_state *state);

/* Takes exactly one feed (ARGUMENT otherwise). With a window the samples join it and the tensor is untouched: 1 when an
 * inference is due, else 0. Without one they are written to the tensor at once: 1. */
NFR_CHECK_RESULT int nfr_pre_feed(const uint8_t *pre, struct nfr_pre_state *state, const struct nfr_process_tensor *tensor,
                                  const void *samples, size_t bytes);

/* Writes the window to the tensor, oldest sample first; positions without a sample yet get the zero point.
 * Does nothing without a window. */
void nfr_pre_fill(const uint8_t *pre, const struct nfr_pre_state *state, const struct nfr_process_tensor *tensor);

/* ---- one output ---- */

#define NFR_RESULT_MAX 8u
#define NFR_DECISION_NONE (-1)

struct nfr_score { uint32_t index; int32_t q; float score; /* (q - zero point) x scale */ };

struct nfr_result {
  int32_t decision; /* what is reported: an index, or NFR_DECISION_NONE */
  int32_t instant;  /* this inference's own, before debouncing */
  uint32_t count;   /* of scores: the smaller of top_k and the tensor's elements */
  struct nfr_score scores[NFR_RESULT_MAX]; /* descending by q, ties ascending by index; beyond count 0 */
};

/* Decisions of the last inferences, for debouncing. All bytes zero: none yet. */
struct nfr_post_state {
  int32_t history[16]; /* the decision + 1, so that 0 is none; newest at next - 1 */
  uint8_t next;
};

/* Index of the plan's output. */
unsigned nfr_post_output(const uint8_t *post);

/* Whether the labels section names the classes. */
bool nfr_post_has_labels(const uint8_t *post);

/* The tensor is int8 or int16 (P03) and has at most 2^31 - 1 elements (P04). CORRUPT. */
NFR_CHECK_RESULT int nfr_post_bind(const uint8_t *post, const struct nfr_process_tensor *tensor,
                                   struct nfr_post_state *state);

/* Reads an inference's output and counts it in the history: once an inference. */
void nfr_post_run(const uint8_t *post, struct nfr_post_state *state, const struct nfr_process_tensor *tensor,
                  struct nfr_result *result);

#endif
