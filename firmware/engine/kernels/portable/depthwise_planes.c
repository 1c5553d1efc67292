/* NFR_LAYOUT_PLANES: strips of rows, two channels of the input at a time; what a backend is fast at is behind planes.h. */
#include <string.h>

#include "../kernels.h"
#include "../planes.h"

/* No overflow: V40, and 16-bit extents. */
struct nfr_planes nfr_planes_of(const struct nfr_plan_conv *p, uint32_t room) {
  struct nfr_planes s = {0};
  uint32_t span = (p->out_w - 1u) * p->stride_w + p->filter_w, inside = (uint32_t)p->pad_left + p->in_w;
  uint32_t right = span > inside ? span - inside : 0, pad = right > p->pad_left ? right : p->pad_left;
  uint32_t beyond = right < p->pad_left ? right : p->pad_left;
  uint64_t words = (uint64_t)p->filter_h * nfr_plane_pairs(p) * 2u;
  s.pitch = (p->in_w + pad + 1u) & ~1u;
  s.channels = p->in_c < NFR_PLANE_CHANNELS ? p->in_c : NFR_PLANE_CHANNELS;
  uint32_t tail = (beyond + 3u * p->stride_w + 2u) & ~1u;
  if (words * 2u + (uint64_t)tail * s.channels >= room) return s;
  s.words = (uint32_t)words;
  uint32_t most = ((room - 2u * s.words) / s.channels - tail) / s.pitch;
  if (most < p->filter_h) return s;
  uint32_t fit = (most - p->filter_h) / p->stride_h + 1u;
  s.rows = fit < p->out_h ? fit : p->out_h;
  s.plane = ((s.rows - 1u) * p->stride_h + p->filter_h) * s.pitch + tail;
  return s;
}

/* Rows of a strip, and what of the input they meet. */
struct strip {
  uint32_t batch, y, rows; /* of the output */
  uint32_t in_y, in_rows;  /* first row of the input, and how many */
  uint32_t above;          /* rows of padding before it */
};

/* The index-th strip in the order of rows. */
static struct strip strip_of(const struct nfr_plan_conv *p, const struct nfr_planes *s, uint32_t index) {
  uint32_t strips = nfr_planes_strips(p, s), begin = index % strips * s->rows;
  struct strip t = {.batch = index / strips, .rows = nfr_min(s->rows, p->out_h - begin)};
  t.y = (p->flags & NFR_WINDOW_ROWS_DESCENDING) != 0 ? p->out_h - begin - t.rows : begin;
  int32_t first = (int32_t)(t.y * p->stride_h) - p->pad_top;
  int32_t end = first + (int32_t)((t.rows - 1u) * p->stride_h + p->filter_h);
  if (end > p->in_h) end = p->in_h;
  t.above = first < 0 ? (uint32_t)-first : 0;
  t.in_y = first < 0 ? 0 : (uint32_t)first;
  t.in_rows = end > (int32_t)t.in_y ? (uint32_t)end - t.in_y : 0;
  return t;
}

struct layer {
  const struct nfr_op *op;
  const struct nfr_plan_conv *p;
  struct nfr_planes planes;
  struct nfr_requant requant;
  uint32_t *words;
  int16_t *first; /* plane */
};

/* All outputs of input channels from `channel` on. Between the pixels of a plane there are zeros. */
static void run_group(const struct layer *l, const struct strip *t, uint32_t channel) {
  const struct nfr_plan_conv *p = l->p;
  uint32_t channels = nfr_min(l->planes.channels, p->in_c - channel), in_pixel = (t->batch * p->in_h + t->in_y) * p->in_w;
  if (channels < l->planes.channels) /* what scratch holds in the end does not depend on slices */
    memset(l->first + l->planes.plane, 0, 2u * l->planes.plane);
  if (t->in_rows > 0) {
    const struct nfr_plane_source source = {.in = (const int8_t *)l->op->in[0].data + in_pixel * p->in_c + channel,
                                            .step = p->in_c,
                                            .columns = p->in_w,
                                            .rows = t->in_rows,
                                            .offset = p->q.input_offset,
                                            .to = l->first + t->above * l->planes.pitch + p->pad_left,
                                            .pitch = l->planes.pitch,
                                            .plane = l->planes.plane};
    if (channels == 1)
      nfr_plane_fill_1(&source);
    else
      nfr_plane_fill_2(&source);
  }
  uint32_t c = channel * p->groups, out_pixel = (t->batch * p->out_h + t->y) * p->out_w;
  struct nfr_plane_job job = {.p = p,
                              .requant = &l->requant,
                              .x = l->first,
                              .pitch = l->planes.pitch,
                              .rows = t->rows,
                              .channel = c,
                              .weights = (const int8_t *)nfr_constant(l->op, p->weights) + c,
                              .words = l->words,
                              .out = (int8_t *)l->op->out.data + out_pixel * p->out_c + c};
  for (; channels > 0; channels--, job.x += l->planes.plane)
    for (uint32_t m = p->groups; m > 0; m--, job.channel++, job.weights++, job.out++) nfr_plane_convolve(&job);
}

void nfr_kernel_depthwise_planes(const struct nfr_op *op, uint32_t first, uint32_t count) {
  const struct nfr_plan_conv *p = op->params;
  struct layer l = {.op = op,
                    .p = p,
                    .planes = nfr_planes_of(p, op->scratch.bytes / 2u),
                    .requant = nfr_requant_of(op, &p->q),
                    .words = (uint32_t *)(void *)op->scratch.data};
  l.first = (int16_t *)(void *)(l.words + l.planes.words);
  uint32_t groups = nfr_planes_groups(p), index = first / groups, group = first % groups;
  while (count > 0) {
    const struct strip t = strip_of(p, &l.planes, index++);
    memset(l.first, 0, 2u * l.planes.channels * l.planes.plane);
    for (; group < groups && count > 0; group++, count--) run_group(&l, &t, group * NFR_PLANE_CHANNELS);
    group = 0;
  }
}
