/* NFR_LAYOUT_SMLAD (SPEC.md section 6): how the output of a convolution is cut into tiles of pixels, and its scratch. */
#ifndef NFR_TILE_H
#define NFR_TILE_H

#include <stdbool.h>
#include <stdint.h>

#include "../nfr_plan.h"

#define NFR_TILE_PIXELS 3u /* of a row; or rows of one pixel's width: at most NFR_WINDOW_TILE */
#define NFR_TILE_TAPS 8192u /* CONV_2D: about the taps of a unit's pairs of channels */

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
  uint32_t pairs, group;   /* of channels: all of them; and those of a unit, of which the last one of a tile may have fewer */
  uint32_t groups;         /* units of a tile */
};

static inline struct nfr_tiling nfr_tiling_of(const struct nfr_plan_conv *p) {
  bool column = p->out_w == 1;
  uint32_t depth = (uint32_t)p->filter_h * p->filter_w * p->in_c, pixels = column ? p->out_h : p->out_w;
  uint32_t padded = nfr_padded_depth(depth), pairs = (p->out_c + 1u) / 2u, group = NFR_TILE_TAPS / (padded + 16u);
  if (group > pairs) group = pairs;
  if (group == 0) group = 1;
  return (struct nfr_tiling){
      .depth = depth,
      .padded = padded,
      .pixels = pixels,
      .spans = column ? 1u : p->out_h,
      .tiles = (pixels + NFR_TILE_PIXELS - 1u) / NFR_TILE_PIXELS,
      .pairs = pairs,
      .group = group,
      .groups = (pairs + group - 1u) / group,
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

/* Where a tile lies, and how many pixels its span has from there on. */
struct nfr_tile {
  uint32_t batch, y, x, left;
};

/* From a pixel of a span to the next. */
static inline int32_t nfr_tile_step_y(const struct nfr_plan_conv *p) {
  if (p->out_w != 1) return 0;
  return p->flags & NFR_WINDOW_ROWS_DESCENDING ? -1 : 1;
}

static inline int32_t nfr_tile_step_x(const struct nfr_plan_conv *p) {
  return p->out_w != 1;
}

/* Tile number `tile` of the operator. */
static inline struct nfr_tile nfr_tile_at(const struct nfr_plan_conv *p, const struct nfr_tiling *t, uint32_t tile) {
  uint32_t span = tile / t->tiles, pixel = tile % t->tiles * NFR_TILE_PIXELS;
  bool column = p->out_w == 1;
  uint32_t row = column ? pixel : span % t->spans;
  return (struct nfr_tile){
      .batch = span / t->spans,
      .y = p->flags & NFR_WINDOW_ROWS_DESCENDING ? p->out_h - 1u - row : row,
      .x = column ? 0 : pixel,
      .left = t->pixels - pixel,
  };
}

#endif
