/* CONV_2D in NFR_LAYOUT_SMLAD: all pairs of channels of a tile of one to three pixels, from windows to outputs. */
#ifndef NFR_ARMV7EM_PAIR_TILE_H
#define NFR_ARMV7EM_PAIR_TILE_H

#include <stdint.h>

/* Of a block, in bytes. */
#define NFR_PAIR_BLOCK_CODE(pixels) (16u * ((pixels) + 1u))

/* The order is that of the assembly. */
struct nfr_pair_tile {
  const uint32_t *windows; /* word by word, of each pixel one: taps 0 and 2, then 1 and 3, of each four */
  uint32_t rounds;         /* of four blocks of four taps; at least one */
  uint32_t skipped;        /* 0 … 3 blocks that the first round has less, in bytes of code */
  int32_t output_offset;
  const uint8_t *end;      /* of the pairs */
  int8_t *out;             /* the first channel of the first pixel */
  int32_t step;            /* from a pixel to the next */
  const uint8_t *pairs;    /* 4-byte aligned; at least one */
};

/* Outputs are clamped to int8, and to nothing else. */
void nfr_pair_tile_1(const struct nfr_pair_tile *t);
void nfr_pair_tile_2(const struct nfr_pair_tile *t);
void nfr_pair_tile_3(const struct nfr_pair_tile *t);

#endif
