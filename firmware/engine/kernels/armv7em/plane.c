/* Planes of DEPTHWISE_CONV_2D for ARMv7E-M: two channels become planes at once, and a channel is convolved with its weights
 * in registers (3 x 3), or four outputs at a time with widened weights from scratch (any other filter). */
#include <string.h>

#include "../planes.h"
#include "plane_loops.h"

void nfr_plane_fill_1(const struct nfr_plane_source *s) {
  const int8_t *in = s->in;
  int16_t *to = s->to;
  for (uint32_t rows = s->rows; rows > 0; rows--, to += s->pitch - s->columns)
    for (uint32_t n = s->columns; n > 0; n--, in += s->step) *to++ = (int16_t)(*in + s->offset);
}

void nfr_plane_fill_2(const struct nfr_plane_source *s) {
  uint32_t columns = s->columns, first = (uintptr_t)s->to % 4u / 2u; /* the place of the first pixel is the upper half of a word */
  const struct nfr_plane_fill fill = {.in = s->in,
                                      .step = s->step,
                                      .offsets = (uint32_t)(uint16_t)s->offset * 0x10001u,
                                      .to = s->to,
                                      .plane = 2u * s->plane,
                                      .skip = 2u * (s->pitch - columns),
                                      .rows = s->rows,
                                      .is_upper = first,
                                      .pairs = (columns - first) / 2u,
                                      .is_odd = (columns - first) % 2u};
  nfr_plane_fill_rows(&fill);
}

static struct nfr_plane_scale scale_of(const struct nfr_plane_job *job) {
  const struct nfr_requant *r = job->requant;
  uint32_t k = r->step * job->channel;
  return (struct nfr_plane_scale){.twice = (uint32_t)r->multipliers[k] << 1,
                                  .right = (uint32_t)-r->shifts[k],
                                  .offset = r->output_offset,
                                  .bias = r->bias ? ((const uint32_t *)r->bias)[job->channel] : 0,
                                  .step = job->p->out_c};
}

/* Windows of 3 columns and rows, 1 or 2 apart. */
static void convolve_3x3(const struct nfr_plane_job *job) {
  const struct nfr_plan_conv *p = job->p;
  uint32_t is_odd = p->out_w % 2u, pairs = 4u * p->stride_w * (p->out_w / 2u), line = 2u * p->stride_h * job->pitch;
  struct nfr_plane_3x3 loop = {.scale = scale_of(job),
                               .row_end = (const uint8_t *)job->x + pairs,
                               .skip = (int32_t)(line - pairs - 4u * is_odd),
                               .line = line,
                               .last = (const uint8_t *)job->x + pairs + line * job->rows,
                               .is_odd = is_odd,
                               .is_apart = p->stride_w - 1u,
                               .pitch = 2u * job->pitch,
                               .x = job->x,
                               .out = job->out,
                               .weights = job->weights};
  nfr_plane_loop_3x3(&loop);
}

/* Word k of a row of the filter for the first of two neighbouring outputs: taps 2k and 2k + 1; for the second the same,
 * moved by the stride. */
static void widen(const struct nfr_plane_job *job, uint32_t pairs) {
  const struct nfr_plan_conv *p = job->p;
  const int8_t *weight = job->weights;
  uint32_t step = p->out_c, stride = p->stride_w, twos = p->filter_w / 2u, is_odd = p->filter_w % 2u;
  uint32_t next = stride % 2u ? 3 : 1; /* halves from a tap to the next one, for the second output: the words take turns */
  memset(job->words, 0, 8u * pairs * p->filter_h);
  int16_t *row = (int16_t *)(void *)job->words;
  for (uint32_t rows = p->filter_h; rows > 0; rows--, row += 4u * pairs) {
    int16_t *first = row, *second = row + 2u + 2u * stride - stride % 2u;
    for (uint32_t n = twos; n > 0; n--, first += 4, second += 4, weight += 2u * step) {
      first[0] = second[0] = weight[0];
      first[1] = second[next] = weight[step];
    }
    if (!is_odd) continue;
    *first = *second = *weight;
    weight += step;
  }
}

static void convolve_any(const struct nfr_plane_job *job) {
  const struct nfr_plan_conv *p = job->p;
  uint32_t pairs = nfr_plane_pairs(p);
  widen(job, pairs);
  struct nfr_plane_any loop = {.scale = scale_of(job),
                               .words = job->words,
                               .pairs = pairs,
                               .filter_rows = p->filter_h,
                               .x = (const uint8_t *)job->x,
                               .next_x = 8u * p->stride_w,
                               .out = job->out,
                               .left = p->out_w,
                               .columns = p->out_w,
                               .rows = job->rows,
                               .row_x = (const uint8_t *)job->x,
                               .line = 2u * p->stride_h * job->pitch,
                               .second = 4u * p->stride_w,
                               .skip = (int32_t)(2u * job->pitch - 4u * pairs)};
  nfr_plane_loop_any(&loop);
}

/* Outputs within int8 are clamped further. */
static void clamp(const struct nfr_plane_job *job) {
  const struct nfr_requant *r = job->requant;
  int32_t act_min = r->act_min, act_max = r->act_max;
  if (act_min <= INT8_MIN && act_max >= INT8_MAX) return;
  int8_t *out = job->out;
  for (uint32_t n = job->rows * job->p->out_w, step = job->p->out_c; n > 0; n--, out += step)
    *out = (int8_t)nfr_clamp(*out, act_min, act_max);
}

void nfr_plane_convolve(const struct nfr_plane_job *job) {
  const struct nfr_plan_conv *p = job->p;
  if (p->filter_w == 3 && p->filter_h == 3 && p->stride_w <= 2 && p->out_w >= 2)
    convolve_3x3(job);
  else
    convolve_any(job);
  clamp(job);
}
