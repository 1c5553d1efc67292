/* NFR_LAYOUT_SMLAD (SPEC.md section 6): how the output of a convolution is cut into tiles of pixels, and its scratch. */
#ifndef NFR_TILE_H
#define NFR_TILE_H

#include <stdbool.h>
#include <stdint.h>

#include "../nfr_plan.h"

#define NFR_TILE_PIXELS 3u /* of a row; or rows of one pixel's width: at most NFR_WINDOW_TILE */

static_assert(NFR_TILE_PIXELS <= NFR_WINDOW_TILE, "a tile is no more rows than an overlapping output allows");

/* Weights of one output channel, a multiple of 4. */
static inline uint32_t nfr_padded_depth(uint32_t depth) {
  return (depth + 3u) & ~3u;
}

/* A span is what a tile does not cross: a row, or the column of a batch whose rows are one pixel wide. */
struct nfr_tiling {
  uint32_t depth, padded;  /* weights of an output channel; the same with padding */
  uint32_t pixels, spans;  /* pixels of a span, spans of a batch */
  uint32_t tiles;          /* of a span */
};

static inline struct nfr_tiling nfr_tiling_of(const struct nfr_plan_conv *p) {
  bool column = p->out_w == 1;
  uint32_t depth = (uint32_t)p->filter_h * p->filter_w * p->in_c, pixels = column ? p->out_h : p->out_w;
  return (struct nfr_tiling){
      .depth = depth,
      .padded = nfr_padded_depth(depth),
      .pixels = pixels,
      .spans = column ? 1u : p->out_h,
      .tiles = (pixels + NFR_TILE_PIXELS - 1u) / NFR_TILE_PIXELS,
  };
}

static inline uint32_t nfr_tile_pixels(const struct nfr_tiling *t) {
  return t->pixels < NFR_TILE_PIXELS ? t->pixels : NFR_TILE_PIXELS;
}

/* int16 elements of scratch: the windows of a tile and, where a pixel of the input is not whole words, one as bytes. */
static inline uint64_t nfr_tile_scratch(const struct nfr_plan_conv *p) {
  struct nfr_tiling t = nfr_tiling_of(p);
  return (uint64_t)t.padded * nfr_tile_pixels(&t) + (p->in_c % 4u != 0 ? t.padded / 2u : 0u);
}

/* The pixels that a unit computes, in that order. */
struct nfr_tile {
  uint32_t batch, y, x, count; /* of the first pixel; and how many there are */
  int32_t step_y, step_x;      /* to the next */
};

static inline struct nfr_tile nfr_tile_at(const struct nfr_plan_conv *p, const struct nfr_tiling *t, uint32_t unit) {
  uint32_t span = unit / t->tiles, pixel = unit % t->tiles * NFR_TILE_PIXELS, left = t->pixels - pixel;
  bool column = p->out_w == 1, descending = (p->flags & NFR_WINDOW_ROWS_DESCENDING) != 0;
  uint32_t row = column ? pixel : span % t->spans;
  return (struct nfr_tile){
      .batch = span / t->spans,
      .y = descending ? p->out_h - 1u - row : row,
      .x = column ? 0 : pixel,
      .count = left < NFR_TILE_PIXELS ? left : NFR_TILE_PIXELS,
      .step_y = !column ? 0 : descending ? -1 : 1,
      .step_x = column ? 0 : 1,
  };
}

#endif
