/* Sliding windows over NHWC: walking the output in units of one element, and what of a filter meets the input. */
#ifndef NFR_WINDOW_H
#define NFR_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

/* The output of a window operator: a batch's rows in the order of units, ascending or descending. */
struct nfr_grid {
  uint32_t height, width, channels;
  bool descending;
};

/* A pixel in the order of units, and the channel of it that a unit is. */
struct nfr_walk {
  uint32_t batch, row, x, channel; /* the batch's row-th row in that order */
  uint32_t y, out;                 /* its place in the output, and the index of the pixel's first element */
};

static inline void nfr_walk_to_row(struct nfr_walk *walk, const struct nfr_grid *grid) {
  walk->y = grid->descending ? grid->height - 1 - walk->row : walk->row;
  walk->out = ((walk->batch * grid->height + walk->y) * grid->width + walk->x) * grid->channels;
}

static inline struct nfr_walk nfr_walk_at(const struct nfr_grid *grid, uint32_t unit) {
  uint32_t pixel = unit / grid->channels, row = pixel / grid->width;
  struct nfr_walk walk = {.batch = row / grid->height,
                          .row = row % grid->height,
                          .x = pixel % grid->width,
                          .channel = unit % grid->channels};
  nfr_walk_to_row(&walk, grid);
  return walk;
}

/* To channel 0 of the next pixel. */
static inline void nfr_walk_next(struct nfr_walk *walk, const struct nfr_grid *grid) {
  walk->channel = 0;
  walk->out += grid->channels;
  if (++walk->x < grid->width) return;
  walk->x = 0;
  if (++walk->row == grid->height) {
    walk->row = 0;
    walk->batch++;
  }
  nfr_walk_to_row(walk, grid);
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
