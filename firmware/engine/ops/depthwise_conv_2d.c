#include "../kernels/depthwise.h"
#include "../kernels/kernels.h"
#include "../kernels/planes.h"
#include "check.h"
#include "cost.h"
#include "types.h"

static bool has_planes(const struct nfr_op *op) {
  return op->record->layout == NFR_LAYOUT_PLANES;
}

/* Every channel of the output is its own channel of the input, at the same places. */
static bool is_like_input(const struct nfr_plan_conv *p) {
  return p->groups == 1 && p->stride_h == 1 && p->stride_w == 1 && p->in_h == p->out_h && p->in_w == p->out_w;
}

/* Scratch holds a whole number of rows; they are computed together. */
static int check_planes(const struct nfr_op *op, const struct nfr_plan_conv *p) {
  if (!NFR_RULE(V79, op->out.type == NFR_TYPE_INT8 && p->dilation_h == 1 && p->dilation_w == 1)) return NFR_ERR_CORRUPT;
  int err = nfr_check_zero_point(-p->q.input_offset, NFR_TYPE_INT8);
  if (err) return err;
  struct nfr_planes s = nfr_planes_of(p, op->scratch.bytes / 2u);
  if (!NFR_RULE(V78, s.rows > 0)) return NFR_ERR_CORRUPT;
  err = nfr_check_operand(&op->scratch, NFR_TYPE_INT16, nfr_planes_elements(&s));
  return err ? err : nfr_check_conv_overlap(op, p, s.rows, s.rows == p->out_h && is_like_input(p));
}

static int check(const struct nfr_op *op) {
  const struct nfr_plan_conv *p = op->params;
  if (!NFR_RULE(V56, (uint32_t)p->in_c * p->groups == p->out_c)) return NFR_ERR_CORRUPT;
  int err = nfr_check_conv(op, p, (const uint32_t[]){p->filter_h, p->filter_w, p->out_c, 1});
  if (err) return err;
  return has_planes(op) ? check_planes(op, p) : nfr_check_conv_overlap(op, p, nfr_tile_of(p->out_w), false);
}

/* Two channels of a whole strip: their planes, then all that is made of each. */
static void units_of_planes(const struct nfr_op *op, struct nfr_units *units) {
  const struct nfr_plan_conv *p = op->params;
  struct nfr_planes s = nfr_planes_of(p, op->scratch.bytes / 2u);
  uint64_t taps = (uint64_t)p->filter_h * p->filter_w, in_rows = (s.rows - 1u) * p->stride_h + p->filter_h;
  uint64_t pixel = 17, channel = 170;
  if (taps != 9 || p->filter_h != 3 || p->stride_w > 2 || p->out_w < 2) {
    pixel = (p->filter_h * (9u * nfr_plane_pairs(p) + 4u) + 60u) / 4u;
    channel += taps * 12;
  }
  if (p->q.act_min > INT8_MIN || p->q.act_max < INT8_MAX) pixel += 9;
  uint64_t outputs = s.rows * ((p->out_w + 1u) * pixel + 14u) + channel;
  units->count = p->batches * nfr_planes_strips(p, &s) * nfr_planes_groups(p);
  units->cost = nfr_cost(120 + in_rows * (p->in_w * 5u + 14u) + s.channels * (s.plane / 2u + p->groups * outputs));
}

static void units(const struct nfr_op *op, struct nfr_units *units) {
  const struct nfr_plan_conv *p = op->params;
  if (has_planes(op)) {
    units_of_planes(op, units);
    return;
  }
  uint64_t taps = (uint64_t)p->filter_h * p->filter_w, singly = taps * 7 + p->filter_h * 14u + 115;
  bool by_4 = p->groups == 1 && op->in[0].type == NFR_TYPE_INT8; /* as many channels as there are fours */
  uint64_t fours = by_4 ? p->out_c / 4u : 0, together = taps * 20 + p->filter_h * 16u + 220;
  uint32_t unit = nfr_depthwise_unit(p);
  units->count = (uint32_t)p->batches * p->out_h * p->out_w * p->out_c / unit;
  units->cost = nfr_cost((fours * together + (p->out_c - 4 * fours) * singly + 150) * unit / p->out_c);
}

static void run(const struct nfr_op *op, uint32_t first, uint32_t count) {
  if (has_planes(op))
    nfr_kernel_depthwise_planes(op, first, count);
  else
    nfr_kernel_depthwise_conv_2d(op, first, count);
}

const struct nfr_op_type nfr_op_depthwise_conv_2d = {
    .kind = NFR_KIND_DEPTHWISE_CONV_2D,
    .rows = NFR_ROWS_CONV,
    .params_bytes = sizeof(struct nfr_plan_conv),
    .operands = NFR_USES_IN0,
    .overlap = NFR_USES_IN0,
    .layouts = 1u << NFR_LAYOUT_PLAIN | 1u << NFR_LAYOUT_PLANES,
    .scratch_layouts = 1u << NFR_LAYOUT_PLANES,
    .check = check,
    .units = units,
    .run = run,
};
