/* Sliding windows over NHWC: walking the output in units of one element, and what of a filter meets the input. */
#ifndef NFR_WINDOW_H
#define NFR_WINDOW_H

#include <stdint.h>

/* Place of an output element. */
struct nfr_walk {
  uint32_t batch, y, x, channel;
};

static inline struct nfr_walk nfr_walk_at(uint32_t unit, uint32_t height, uint32_t width, uint32_t channels) {
  uint32_t pixel = unit / channels, row = pixel / width;
  return (struct nfr_walk){.batch = row / height, .y = row % height, .x = pixel % width, .channel = unit % channels};
}

/* To channel 0 of the next pixel. */
static inline void nfr_walk_next(struct nfr_walk *walk, uint32_t height, uint32_t width) {
  walk->channel = 0;
  if (++walk->x < width) return;
  walk->x = 0;
  if (++walk->y < height) return;
  walk->y = 0;
  walk->batch++;
}

/* The taps of one dimension of a filter that meet the input. */
struct nfr_span {
  uint32_t first, count; /* taps; count 0 when the whole filter lies in the padding */
  uint32_t position;     /* in the input, of the first tap; 0 when there is none */
};

/* origin: where tap 0 lies, negative in the padding; size: of the input; taps of the filter are `dilation` apart. */
static inline struct nfr_span nfr_span_of(int32_t origin, int32_t size, int32_t taps, int32_t dilation) {
  int32_t first = origin < 0 ? (-origin + dilation - 1) / dilation : 0;
  int32_t end = origin < size ? (size - origin + dilation - 1) / dilation : 0;
  if (end > taps) end = taps;
  if (first >= end) return (struct nfr_span){0};
  return (struct nfr_span){
      .first = (uint32_t)first, .count = (uint32_t)(end - first), .position = (uint32_t)(origin + first * dilation)};
}

#endif
