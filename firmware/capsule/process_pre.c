/* Declarative pre-processing: SPEC.md §2. */
#include "bytes.h"
#include "manifest.h"
#include "nfr_process.h"
#include "rule.h"

enum source { SOURCE_UINT8 = 0, SOURCE_INT8 = 1, SOURCE_INT16 = 2, SOURCE_FLOAT32 = 3 };

#define MAX_OFFSET (INT64_C(1) << 55)

static uint32_t source_bytes(const uint8_t *pre) {
  static const uint8_t bytes[] = {1, 1, 2, 4};
  return bytes[pre[1]];
}

static uint32_t window_of(const uint8_t *pre) {
  return nfr_le32(pre + 4);
}

static uint32_t hop_of(const uint8_t *pre) {
  return nfr_le32(pre + 8);
}

static int validate_integer(const uint8_t *affine) {
  int64_t offset = nfr_le64s(affine + 8);
  if (!NFR_RULE(M33, affine[4] <= NFR_PRE_MAX_SHIFT && nfr_is_zero(affine + 5, 3))) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(M34, offset > -MAX_OFFSET && offset < MAX_OFFSET)) return NFR_ERR_CORRUPT;
  return NFR_OK;
}

static int validate_float(const uint8_t *affine) {
  if (!NFR_RULE(M35, nfr_is_finite_bits(nfr_le32(affine)) && nfr_is_finite_bits(nfr_le32(affine + 4)) &&
                         nfr_is_zero(affine + 8, 8)))
    return NFR_ERR_CORRUPT;
  return NFR_OK;
}

int nfr_pre_validate(const uint8_t *pre, size_t length) {
  unsigned channels = pre[2];
  uint32_t window = window_of(pre), hop = hop_of(pre);
  if (!NFR_RULE(M29, pre[1] <= SOURCE_FLOAT32)) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(M30, channels >= 1 && length == NFR_PRE_HEADER_BYTES + NFR_AFFINE_BYTES * channels)) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(M31, pre[3] == 0)) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(M32, window == 0 ? hop == 0 : hop >= 1 && hop <= window)) return NFR_ERR_CORRUPT;
  for (unsigned i = 0; i < channels; i++) {
    const uint8_t *affine = pre + NFR_PRE_HEADER_BYTES + NFR_AFFINE_BYTES * i;
    int err = pre[1] == SOURCE_FLOAT32 ? validate_float(affine) : validate_integer(affine);
    if (err) return err;
  }
  return NFR_OK;
}

unsigned nfr_pre_input(const uint8_t *pre) {
  return pre[0];
}

uint64_t nfr_pre_window_bytes(const uint8_t *pre) {
  return (uint64_t)window_of(pre) * source_bytes(pre);
}

uint64_t nfr_pre_feed_bytes(const uint8_t *pre, uint32_t elements) {
  return (uint64_t)(window_of(pre) != 0 ? hop_of(pre) : elements) * source_bytes(pre);
}

int nfr_pre_bind(const uint8_t *pre, const struct nfr_process_tensor *tensor, uint8_t *samples, struct nfr_pre_state *state) {
  uint32_t window = window_of(pre);
  if (!NFR_RULE(P01, tensor->width == 1 || tensor->width == 2)) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(P02, window == 0 || window == tensor->elements)) return NFR_ERR_CORRUPT;
  if (window != 0 && samples == NULL) return NFR_ERR_ARGUMENT;
  *state = (struct nfr_pre_state){.samples = samples};
  return NFR_OK;
}

void nfr_pre_reset(struct nfr_pre_state *state) {
  state->position = 0;
  state->filled = 0;
}

static int32_t clamp(int64_t value, uint8_t width) {
  int64_t max = width == 1 ? INT8_MAX : INT16_MAX;
  if (value > max) return (int32_t)max;
  if (value < -max - 1) return (int32_t)(-max - 1);
  return (int32_t)value;
}

/* |x| <= 2^15 and |multiplier| <= 2^31: with |offset| < 2^55 and 2^39 for rounding the sum stays below 2^56. */
static int32_t quantize_integer(const uint8_t *affine, int32_t x, uint8_t width) {
  int64_t multiplier = (int32_t)nfr_le32(affine);
  unsigned shift = affine[4];
  int64_t sum = x * multiplier + nfr_le64s(affine + 8) + (shift != 0 ? INT64_C(1) << (shift - 1) : 0);
  return clamp(sum >> shift, width);
}

/* Beyond ±2^20 every value is clamped, below it int32 holds it and the fraction is exact. */
static int32_t quantize_float(const uint8_t *affine, float x, const struct nfr_process_tensor *tensor) {
  float scaled = x * nfr_lef32(affine);
  float value = scaled + nfr_lef32(affine + 4);
  if (value != value) return tensor->zero_point;
  if (value > 1048576.0f) value = 1048576.0f;
  if (value < -1048576.0f) value = -1048576.0f;
  int32_t whole = (int32_t)value;
  float fraction = value - (float)whole;
  if (fraction >= 0.5f) whole++;
  if (fraction <= -0.5f) whole--;
  return clamp(whole, tensor->width);
}

static int32_t quantize(const uint8_t *pre, const uint8_t *affine, const uint8_t *sample,
                        const struct nfr_process_tensor *tensor) {
  switch (pre[1]) {
    case SOURCE_UINT8: return quantize_integer(affine, *sample, tensor->width);
    case SOURCE_INT8: return quantize_integer(affine, (int8_t)*sample, tensor->width);
    case SOURCE_INT16: return quantize_integer(affine, (int16_t)nfr_le16(sample), tensor->width);
    default: return quantize_float(affine, nfr_lef32(sample), tensor);
  }
}

static void store(const struct nfr_process_tensor *tensor, uint32_t index, int32_t q) {
  if (tensor->width == 1)
    ((int8_t *)tensor->data)[index] = (int8_t)q;
  else
    ((int16_t *)tensor->data)[index] = (int16_t)q;
}

/* Samples to elements first … first + count - 1; element i has affine i mod channels. */
static void convert(const uint8_t *pre, const uint8_t *samples, uint32_t first, uint32_t count,
                    const struct nfr_process_tensor *tensor) {
  uint32_t size = source_bytes(pre), channels = pre[2], channel = first % channels;
  for (uint32_t i = 0; i < count; i++) {
    store(tensor, first + i, quantize(pre, pre + NFR_PRE_HEADER_BYTES + NFR_AFFINE_BYTES * channel, samples, tensor));
    samples += size;
    channel = channel + 1 == channels ? 0 : channel + 1;
  }
}

static bool push(const uint8_t *pre, struct nfr_pre_state *state, const uint8_t *samples) {
  uint32_t window = window_of(pre), hop = hop_of(pre), size = source_bytes(pre);
  uint32_t to_end = window - state->position, head = hop < to_end ? hop : to_end;
  memcpy(state->samples + (size_t)state->position * size, samples, (size_t)head * size);
  memcpy(state->samples, samples + (size_t)head * size, (size_t)(hop - head) * size);
  state->position = hop < to_end ? state->position + hop : hop - to_end;
  state->filled = window - state->filled < hop ? window : state->filled + hop;
  return state->filled == window;
}

int nfr_pre_feed(const uint8_t *pre, struct nfr_pre_state *state, const struct nfr_process_tensor *tensor,
                 const void *samples, size_t bytes) {
  if (samples == NULL || bytes != nfr_pre_feed_bytes(pre, tensor->elements)) return NFR_ERR_ARGUMENT;
  if (window_of(pre) != 0) return push(pre, state, samples) ? 1 : 0;
  convert(pre, samples, 0, tensor->elements, tensor);
  return 1;
}

void nfr_pre_fill(const uint8_t *pre, const struct nfr_pre_state *state, const struct nfr_process_tensor *tensor) {
  uint32_t window = window_of(pre), size = source_bytes(pre);
  if (window == 0) return;
  uint32_t empty = window - state->filled;
  for (uint32_t i = 0; i < empty; i++) store(tensor, i, tensor->zero_point);
  /* Until the window is full its samples begin at 0, then at the position of the oldest. */
  uint32_t oldest = empty != 0 ? 0 : state->position, to_end = window - oldest;
  uint32_t head = state->filled < to_end ? state->filled : to_end;
  convert(pre, state->samples + (size_t)oldest * size, empty, head, tensor);
  convert(pre, state->samples, empty + head, state->filled - head, tensor);
}
