/* The loops over planes (plane.c). Fields are in the order in which the assembly takes them into registers. */
#ifndef NFR_ARMV7EM_PLANE_LOOPS_H
#define NFR_ARMV7EM_PLANE_LOOPS_H

#include <stdint.h>

/* From a sum to an output: nfr_requant_usual says why it is exact. */
struct nfr_plane_scale {
  uint32_t twice, right; /* twice the mantissa, which is at least 2^30; to the right, 1 … 31 */
  int32_t offset;        /* of the output */
  uint32_t bias;         /* where sums start */
  uint32_t step;         /* bytes from a pixel to the next, and from one weight to the next */
};

/* 3 x 3, outputs one or two columns apart; two or more a row. Two neighbouring outputs at a time. */
struct nfr_plane_3x3 {
  struct nfr_plane_scale scale;
  const uint8_t *row_end; /* where the first row's pairs of outputs end, in the plane */
  int32_t skip;           /* bytes from a row's end to the next window's first */
  uint32_t line;          /* bytes between rows of windows */
  const uint8_t *last;    /* row_end behind the last row */
  uint32_t is_odd;        /* a row has an output more */
  uint32_t is_apart;      /* by two columns */
  uint32_t pitch;         /* bytes */
  const int16_t *x;
  int8_t *out;
  const int8_t *weights;
};

/* Any filter: four neighbouring outputs at a time; words are those of plane.c's widen(). */
struct nfr_plane_any {
  struct nfr_plane_scale scale;
  const uint32_t *words;
  uint32_t pairs, filter_rows;
  const uint8_t *x;
  uint32_t next_x; /* bytes to the window four outputs on */
  int8_t *out;
  uint32_t left, columns, rows; /* outputs of this row and of any; rows */
  const uint8_t *row_x;         /* first window of the row */
  uint32_t line;                /* bytes between rows of windows */
  uint32_t second;              /* bytes from the first two outputs' windows to the other two's */
  int32_t skip;                 /* bytes from behind a row of the filter to the next */
};

/* Two channels to two planes. */
struct nfr_plane_fill {
  const int8_t *in;
  uint32_t step;
  uint32_t offsets; /* twice */
  int16_t *to;
  uint32_t plane, skip; /* bytes: to the second plane; behind a row to the next */
  uint32_t rows;        /* > 0 */
  uint32_t is_upper;    /* a row starts in the upper half of a word */
  uint32_t pairs;       /* of pixels, behind that */
  uint32_t is_odd;      /* and one more */
};

void nfr_plane_fill_rows(const struct nfr_plane_fill *fill);

/* The loop may change what it is given. */
void nfr_plane_loop_3x3(struct nfr_plane_3x3 *loop);
void nfr_plane_loop_any(struct nfr_plane_any *loop);

#endif
