/* Planes of DEPTHWISE_CONV_2D: filling and convolution, element by element. */
#include "../planes.h"

static void fill(const struct nfr_plane_source *s, const int8_t *in, int16_t *to) {
  for (uint32_t y = 0; y < s->rows; y++)
    for (uint32_t x = 0; x < s->columns; x++)
      to[y * s->pitch + x] = (int16_t)(in[(y * s->columns + x) * s->step] + s->offset);
}

void nfr_plane_fill_1(const struct nfr_plane_source *s) {
  fill(s, s->in, s->to);
}

void nfr_plane_fill_2(const struct nfr_plane_source *s) {
  fill(s, s->in, s->to);
  fill(s, s->in + 1, s->to + s->plane);
}

static uint32_t window(const struct nfr_plane_job *job, const int16_t *x) {
  const struct nfr_plan_conv *p = job->p;
  const int8_t *weight = job->weights;
  uint32_t acc = 0, w = 0;
  for (uint32_t row = p->filter_h; row > 0; row--, x += job->pitch)
    for (uint32_t column = 0; column < p->filter_w; column++, w += p->out_c) acc += (uint32_t)(x[column] * weight[w]);
  return acc;
}

void nfr_plane_convolve(const struct nfr_plane_job *job) {
  const struct nfr_plan_conv *p = job->p;
  uint32_t out = 0;
  for (uint32_t y = 0; y < job->rows; y++)
    for (uint32_t x = 0; x < p->out_w; x++, out += p->out_c) {
      uint32_t acc = window(job, job->x + y * p->stride_h * job->pitch + x * p->stride_w);
      job->out[out] = (int8_t)nfr_requant(job->requant, acc, job->channel);
    }
}
