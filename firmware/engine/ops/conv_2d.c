#include <string.h>

#include "../kernels/channel_pair.h"
#include "../kernels/kernels.h"
#include "../kernels/tile.h"
#include "check.h"
#include "cost.h"

static bool is_tiled(const struct nfr_op *op) {
  return op->record->layout == NFR_LAYOUT_SMLAD;
}

/* Multipliers of at least 1/2 and shifts of 1 … 31: three words of each pair, few instructions for each. */
static bool scales_are_usual(const uint8_t *pairs, uint32_t count, uint32_t bytes) {
  const struct nfr_pair_tail *tail = (const void *)(pairs + bytes - sizeof *tail);
  const uint32_t most = 0x1f1f;
  uint32_t mantissas = UINT32_MAX, beyond = 0, above_zero = UINT32_MAX;
  for (; count > 0; count--, tail = (const void *)((const uint8_t *)tail + bytes)) {
    uint32_t right;
    memcpy(&right, tail->right, sizeof right);
    mantissas &= tail->multipliers[0] & tail->multipliers[1];
    beyond |= right;
    above_zero &= right + most; /* bit 5 of a byte, when it was not 0 */
  }
  return mantissas >> 31 != 0 && (beyond & ~most) == 0 && (above_zero & (most + 0x0101u)) == most + 0x0101u;
}

/* Pairs of channels; windows are bytes, with the zero point for padding. */
static int check_tiled(const struct nfr_op *op, const struct nfr_plan_conv *p) {
  struct nfr_tiling t = nfr_tiling_of(p);
  uint32_t bytes = nfr_pair_bytes(t.padded);
  int err = nfr_check_smlad(op, p->groups);
  if (!err) err = nfr_check_reserved(p->q.bias | p->q.multipliers | p->q.shifts | p->q.flags);
  if (!err) err = nfr_check_zero_point(-p->q.input_offset, NFR_TYPE_INT8);
  if (!err) err = nfr_check_clamp(p->q.act_min, p->q.act_max, NFR_TYPE_INT8);
  if (!err) err = nfr_check_constant(op, p->weights, (uint64_t)t.pairs * nfr_pair_words(t.padded), 4);
  if (!err) err = nfr_check_operand(&op->scratch, NFR_TYPE_INT16, nfr_tile_scratch(p));
  if (err) return err;
  if (!NFR_RULE(V81, scales_are_usual(op->constants + p->weights, t.pairs, bytes))) return NFR_ERR_CORRUPT;
  return NFR_OK;
}

/* An output pixel is made of the input pixel in its place, and is as long: a tile of them may take their place. */
static bool is_pixel_by_pixel(const struct nfr_plan_conv *p) {
  return p->filter_h == 1 && p->filter_w == 1 && p->pad_top == 0 && p->pad_left == 0 && p->stride_h == 1 && p->stride_w == 1 &&
         p->in_h == p->out_h && p->in_w == p->out_w && p->in_c == p->out_c;
}

static int check(const struct nfr_op *op) {
  const struct nfr_plan_conv *p = op->params;
  if (!NFR_RULE(V55, p->groups != 0 && p->in_c % p->groups == 0 && p->out_c % p->groups == 0)) return NFR_ERR_CORRUPT;
  const uint32_t weights[4] = {p->out_c, p->filter_h, p->filter_w, (uint32_t)p->in_c / p->groups};
  int err = is_tiled(op) ? nfr_check_conv_shape(op, p, weights) : nfr_check_conv(op, p, weights);
  if (!err && is_tiled(op)) err = check_tiled(op, p);
  return err ? err : nfr_check_conv_overlap(op, p, nfr_tile_of(p->out_w), is_tiled(op) && is_pixel_by_pixel(p));
}

/* Whether all windows of one dimension lie inside the input. */
static bool is_inside(uint32_t pad, uint32_t out, uint32_t stride, uint32_t filter, uint32_t dilation, uint32_t in) {
  return pad == 0 && (uint64_t)(out - 1u) * stride + (uint64_t)(filter - 1u) * dilation < in;
}

/* To gather a window: when some lie in the padding as for all of these, since a slice may have no others. */
static uint64_t gather_cost(const struct nfr_plan_conv *p, uint32_t blocks) {
  bool is_run = p->dilation_w == 1 || p->filter_w == 1, is_words = p->in_c % 4u == 0;
  uint32_t runs = is_run ? 1 : p->filter_w, bytes = is_run ? (uint32_t)p->filter_w * p->in_c : p->in_c, rows = p->filter_h;
  if (is_run && bytes >= 4 && is_inside(p->pad_top, p->out_h, p->stride_h, rows, p->dilation_h, p->in_h) &&
      is_inside(p->pad_left, p->out_w, p->stride_w, p->filter_w, p->dilation_w, p->in_w))
    return bytes % 4u == 0 ? 50 + rows * 5u + blocks * 8ull : 75 + rows * 7u + blocks * 12ull;
  uint64_t run = is_words ? 45u : 22u + bytes % 4u * 7u;
  return 230 + rows * (40 + runs * run) + blocks * (is_words ? 8ull : 20ull);
}

/* Of a tile's first unit, which gathers its windows, and then has pairs of channels over all its pixels. */
static void units_tiled(const struct nfr_plan_conv *p, struct nfr_units *units) {
  struct nfr_tiling t = nfr_tiling_of(p);
  uint32_t blocks = t.padded / 4u, pixels = nfr_tile_pixels(&t);
  uint64_t pair = 14 + 16 * pixels + blocks * (7 + 10ull * pixels) / 2;
  if (p->q.act_min > INT8_MIN || p->q.act_max < INT8_MAX) pair += 14 * pixels;
  units->count = p->batches * t.spans * t.tiles * t.groups;
  units->cost = nfr_cost(160 + p->out_c % 2u * 90u + pixels * gather_cost(p, blocks) + t.group * pair);
}

static void units(const struct nfr_op *op, struct nfr_units *units) {
  const struct nfr_plan_conv *p = op->params;
  if (is_tiled(op)) {
    units_tiled(p, units);
    return;
  }
  uint32_t group_c = (uint32_t)p->in_c / p->groups;
  bool is_row_one_run = p->groups == 1 && p->dilation_w == 1;
  uint64_t runs = (uint64_t)p->filter_h * (is_row_one_run ? 1 : p->filter_w);
  uint64_t length = (uint64_t)group_c * (is_row_one_run ? p->filter_w : 1);
  units->count = (uint32_t)p->batches * p->out_h * p->out_w * p->out_c;
  uint64_t dot = p->groups == 1 ? nfr_dot_cost_of(op, length, p->out_c) : nfr_dot_cost(op, length) + 6;
  uint32_t singles = p->groups == 1 && op->in[0].type == NFR_TYPE_INT8 ? p->out_c % 4u : p->out_c;
  units->cost = nfr_cost(runs * dot + p->filter_h * 8u + 55 + (130u + 65u * singles) / p->out_c);
}

static void run(const struct nfr_op *op, uint32_t first, uint32_t count) {
  if (is_tiled(op))
    nfr_kernel_conv_2d_tiles(op, first, count);
  else
    nfr_kernel_conv_2d(op, first, count);
}

const struct nfr_op_type nfr_op_conv_2d = {
    .kind = NFR_KIND_CONV_2D,
    .rows = NFR_ROWS_CONV,
    .params_bytes = sizeof(struct nfr_plan_conv),
    .operands = NFR_USES_IN0,
    .overlap = NFR_USES_IN0,
    .layouts = 1u << NFR_LAYOUT_PLAIN | 1u << NFR_LAYOUT_SMLAD,
    .scratch_layouts = 1u << NFR_LAYOUT_SMLAD,
    .check = check,
    .units = units,
    .run = run,
};
