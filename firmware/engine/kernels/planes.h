/* NFR_LAYOUT_PLANES (SPEC.md section 6): DEPTHWISE_CONV_2D over planes of one channel. Their geometry, and what a backend
 * computes on them. */
#ifndef NFR_PLANES_H
#define NFR_PLANES_H

#include "requant.h"

#define NFR_PLANE_CHANNELS 2u /* of the input that a unit takes */

/* A plane holds the input of a strip of output rows, one channel of it, as int16 minus the zero point. Row after row, each
 * `pitch` elements: pad_left zeros, the pixels, zeros; what a window reaches to the right of the pixels may be the zeros
 * to the left of the next row's. */
struct nfr_planes {
  uint32_t pitch;    /* elements of a row, even */
  uint32_t plane;    /* elements of a plane with what is read behind its last row, even; at R rows of output */
  uint32_t channels; /* planes: of one channel each */
  uint32_t words;    /* 32-bit words of room for a channel's widened weights, before the planes */
  uint32_t rows;     /* R: rows of output of a strip; 0: scratch is too small for one */
};

/* Pairs of widened weights of a filter's row: two neighbouring outputs meet so many words of the plane. */
static inline uint32_t nfr_plane_pairs(const struct nfr_plan_conv *p) {
  return ((uint32_t)p->filter_w + p->stride_w + 1u) / 2u;
}

/* As many rows as fit into `room` elements of scratch, of parameters that nfr_check_conv has accepted. */
struct nfr_planes nfr_planes_of(const struct nfr_plan_conv *p, uint32_t room);

/* Elements of scratch that so many rows take, exactly. */
static inline uint32_t nfr_planes_elements(const struct nfr_planes *s) {
  return 2u * s->words + s->channels * s->plane;
}

/* Strips of a batch. */
static inline uint32_t nfr_planes_strips(const struct nfr_plan_conv *p, const struct nfr_planes *s) {
  return (p->out_h + s->rows - 1u) / s->rows;
}

/* Units of a strip: each all outputs of two channels of the input. */
static inline uint32_t nfr_planes_groups(const struct nfr_plan_conv *p) {
  return (p->in_c + NFR_PLANE_CHANNELS - 1u) / NFR_PLANE_CHANNELS;
}

/* Pixels of one or two neighbouring channels that go into planes. */
struct nfr_plane_source {
  const int8_t *in;        /* of the first pixel, first channel */
  uint32_t step;           /* bytes between pixels */
  uint32_t columns, rows;  /* rows may be 0 */
  int32_t offset;          /* is added to each */
  int16_t *to;             /* place of the first pixel in the first plane */
  uint32_t pitch, plane;   /* elements between rows; between planes */
};

void nfr_plane_fill_1(const struct nfr_plane_source *s);
void nfr_plane_fill_2(const struct nfr_plane_source *s);

/* Everything that one channel of output takes of a strip. */
struct nfr_plane_job {
  const struct nfr_plan_conv *p;
  const struct nfr_requant *requant;
  const int16_t *x; /* the plane: first tap of the first output */
  uint32_t pitch;
  uint32_t rows, channel; /* of the output */
  const int8_t *weights;  /* of tap 0; taps are out_c apart */
  uint32_t *words;        /* room for nfr_planes.words */
  int8_t *out;            /* of the first pixel; pixels are out_c apart */
};

void nfr_plane_convolve(const struct nfr_plane_job *job);

#endif
