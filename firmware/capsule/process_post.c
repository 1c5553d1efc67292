/* Declarative post-processing: SPEC.md §3. */
#include "bytes.h"
#include "manifest.h"
#include "nfr_process.h"
#include "rule.h"

static int32_t threshold_of(const uint8_t *post) {
  return (int32_t)nfr_le32(post + 8);
}

int nfr_post_validate(const uint8_t *post) {
  unsigned flags = post[2], needed = post[3], window = post[4];
  bool debounce_fits = (flags & NFR_POST_DEBOUNCE) != 0 ? needed >= 1 && needed <= window && window <= NFR_POST_MAX_WINDOW
                                                        : needed == 0 && window == 0;
  uint32_t scale = nfr_le32(post + 12);
  if (!NFR_RULE(M36, post[1] >= 1 && post[1] <= NFR_POST_MAX_TOP)) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(M37, (flags & ~(NFR_POST_THRESHOLD | NFR_POST_DEBOUNCE | NFR_POST_LABELS)) == 0)) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(M38, debounce_fits)) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(M39, nfr_is_zero(post + 5, 3))) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(M40, (flags & NFR_POST_THRESHOLD) != 0 || threshold_of(post) == 0)) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(M41, scale != 0 && scale < 0x7f800000u)) return NFR_ERR_CORRUPT; /* sign clear, not zero, finite */
  return NFR_OK;
}

unsigned nfr_post_output(const uint8_t *post) {
  return post[0];
}

bool nfr_post_has_labels(const uint8_t *post) {
  return (post[2] & NFR_POST_LABELS) != 0;
}

int nfr_post_bind(const uint8_t *post, const struct nfr_process_tensor *tensor, struct nfr_post_state *state) {
  (void)post;
  if (!NFR_RULE(P03, tensor->width == 1 || tensor->width == 2)) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(P04, tensor->elements <= INT32_MAX)) return NFR_ERR_CORRUPT;
  *state = (struct nfr_post_state){.next = 0};
  return NFR_OK;
}

static int32_t load(const struct nfr_process_tensor *tensor, uint32_t index) {
  return tensor->width == 1 ? ((const int8_t *)tensor->data)[index] : ((const int16_t *)tensor->data)[index];
}

/* Keeps the `limit` largest in order; an equal one that comes later stays behind. */
static unsigned insert(struct nfr_score *scores, unsigned count, unsigned limit, uint32_t index, int32_t q) {
  if (count == limit && q <= scores[count - 1].q) return count;
  unsigned at = count < limit ? count++ : count - 1;
  for (; at > 0 && scores[at - 1].q < q; at--) scores[at] = scores[at - 1];
  scores[at] = (struct nfr_score){.index = index, .q = q};
  return count;
}

/* The class, among the last `window` decisions, newest first, that stands there at least `needed` times. */
static int32_t debounce(const uint8_t *post, struct nfr_post_state *state, int32_t instant) {
  unsigned needed = post[3], window = post[4];
  state->history[state->next] = instant + 1;
  unsigned newest = state->next;
  state->next = (uint8_t)(newest + 1 == window ? 0 : newest + 1);
  for (unsigned i = 0; i < window; i++) {
    int32_t decided = state->history[(newest + window - i) % window];
    unsigned times = 0;
    for (unsigned j = 0; j < window; j++) times += state->history[j] == decided;
    if (decided != 0 && times >= needed) return decided - 1;
  }
  return NFR_DECISION_NONE;
}

void nfr_post_run(const uint8_t *post, struct nfr_post_state *state, const struct nfr_process_tensor *tensor,
                  struct nfr_result *result) {
  *result = (struct nfr_result){.count = 0};
  for (uint32_t i = 0; i < tensor->elements; i++)
    result->count = insert(result->scores, result->count, post[1], i, load(tensor, i));
  int32_t zero_point = (int32_t)nfr_le32(post + 16);
  float scale = nfr_lef32(post + 12);
  for (unsigned i = 0; i < result->count; i++) {
    struct nfr_score *score = &result->scores[i];
    score->score = (float)((int64_t)score->q - zero_point) * scale;
  }
  bool reached = (post[2] & NFR_POST_THRESHOLD) == 0 || result->scores[0].q >= threshold_of(post);
  result->instant = reached ? (int32_t)result->scores[0].index : NFR_DECISION_NONE;
  result->decision = (post[2] & NFR_POST_DEBOUNCE) != 0 ? debounce(post, state, result->instant) : result->instant;
}
