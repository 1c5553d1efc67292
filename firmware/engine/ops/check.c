/* Rules that several operators need, each written once: V45 to V47, V52 to V54 and V77 of SPEC.md §5. */
#include "check.h"
#include "../kernels/scan.h"

/* 64-bit accumulation is for int16 activations; the bias is int64 then, and only then. */
static bool flags_are_valid(const struct nfr_plan_requant *q, uint8_t type) {
  if ((q->flags & ~NFR_REQUANT_PER_CHANNEL) == 0) return true;
  bool wide = (q->flags & NFR_REQUANT_ACC64) != 0, bias64 = (q->flags & NFR_REQUANT_BIAS64) != 0;
  return (q->flags & ~(NFR_REQUANT_PER_CHANNEL | NFR_REQUANT_BIAS64 | NFR_REQUANT_ACC64)) == 0 &&
         (!wide || type == NFR_TYPE_INT16) && bias64 == (wide && q->bias != NFR_PLAN_NONE32);
}

/* Multipliers and shifts: `count` of each, the constants inside. */
static int check_scales(const struct nfr_op *op, const struct nfr_plan_requant *q, uint32_t count) {
  const int32_t *multipliers = (const void *)(op->constants + q->multipliers);
  const int8_t *shifts = (const int8_t *)(op->constants + q->shifts);
  bool has_planes = op->record->layout == NFR_LAYOUT_PLANES;
  int32_t most = has_planes ? -1 : q->flags & NFR_REQUANT_ACC64 ? 7 : 30;
  bool is_one = count == 1;
  if (!NFR_RULE(V46, is_one ? *multipliers >= 0 : nfr_scan_multipliers(multipliers, count))) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(V47, is_one ? *shifts >= -31 && *shifts <= most : nfr_scan_shifts(shifts, count, -31, most))) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(V77, !has_planes || nfr_scan_halves(multipliers, count))) return NFR_ERR_CORRUPT;
  return NFR_OK;
}

int nfr_check_requant(const struct nfr_op *op, const struct nfr_plan_requant *q, uint32_t channels, uint8_t type) {
  if (!NFR_RULE(V45, flags_are_valid(q, type))) return NFR_ERR_CORRUPT;
  uint32_t scales = q->flags & NFR_REQUANT_PER_CHANNEL ? channels : 1;
  int err = nfr_check_constant(op, q->multipliers, scales, 4);
  if (!err) err = nfr_check_constant(op, q->shifts, scales, 1);
  if (!err && q->bias != NFR_PLAN_NONE32)
    err = q->flags & NFR_REQUANT_BIAS64 ? nfr_check_constant(op, q->bias, channels, 8) : nfr_check_constant(op, q->bias, channels, 4);
  if (!err) err = check_scales(op, q, scales);
  return err ? err : nfr_check_clamp(q->act_min, q->act_max, type);
}

int nfr_check_conv_shape(const struct nfr_op *op, const struct nfr_plan_conv *p, const uint32_t weights[4]) {
  uint32_t steps;
  memcpy(&steps, &p->stride_h, sizeof steps); /* and stride_w, dilation_h, dilation_w; a byte of 0 borrows from its top bit */
  if (!NFR_RULE(V52, ((steps - 0x01010101u) & ~steps & 0x80808080u) == 0)) return NFR_ERR_CORRUPT;
  /* Extents are of 16 bits: two of them multiply without a check. */
  uint32_t in = nfr_product((uint32_t)p->batches * p->in_h, (uint32_t)p->in_w * p->in_c);
  uint32_t out = nfr_product((uint32_t)p->batches * p->out_h, (uint32_t)p->out_w * p->out_c);
  uint32_t filter = nfr_product(weights[0] * weights[1], weights[2] * weights[3]);
  uint8_t type = op->out.type;
  int err = nfr_check_extents(in, out, filter);
  if (!err) err = nfr_check_activation(&op->out);
  if (!err) err = nfr_check_operand(&op->in[0], type, in);
  if (!err) err = nfr_check_operand(&op->out, type, out);
  if (!err) err = nfr_check_constant(op, p->weights, filter, 1);
  if (!err) err = nfr_check_window_flags(p->flags);
  return err;
}

int nfr_check_conv_overlap(const struct nfr_op *op, const struct nfr_plan_conv *p, uint32_t tile, bool in_place) {
  if (nfr_is_disjoint(&op->in[0], &op->out)) return NFR_OK;
  const struct nfr_rows rows = {.batches = p->batches,
                                .in_h = p->in_h,
                                .out_h = p->out_h,
                                .stride = p->stride_h,
                                .pad = p->pad_top,
                                .reach = (p->filter_h - 1) * p->dilation_h + 1,
                                .tile = tile,
                                .descending = (p->flags & NFR_WINDOW_ROWS_DESCENDING) != 0,
                                .in_place = in_place};
  return nfr_check_overlap(op, &rows);
}

int nfr_check_conv(const struct nfr_op *op, const struct nfr_plan_conv *p, const uint32_t weights[4]) {
  int err = nfr_check_conv_shape(op, p, weights);
  return err ? err : nfr_check_requant(op, &p->q, p->out_c, op->out.type);
}

/* Elements of an operand whose extents are 1 where its bit is set. */
static uint32_t broadcast_elements(const uint32_t dims[4], uint8_t broadcast) {
  uint32_t elements = 1;
  for (unsigned d = 0; d < 4; d++)
    if ((broadcast >> d & 1) == 0) elements = nfr_product(elements, dims[d]);
  return elements;
}

int nfr_check_broadcast(const struct nfr_op *op, const uint32_t dims[4], uint8_t broadcast0, uint8_t broadcast1) {
  if (!NFR_RULE(V53, (broadcast0 | broadcast1) < 16)) return NFR_ERR_CORRUPT;
  uint32_t count = broadcast_elements(dims, 0), count0 = count, count1 = count;
  if (broadcast0 != 0) count0 = broadcast_elements(dims, broadcast0);
  if (broadcast1 != 0) count1 = broadcast_elements(dims, broadcast1);
  uint8_t type = op->out.type;
  int err = nfr_check_extents(count, count0, count1);
  if (!err) err = nfr_check_activation(&op->out);
  if (!err) err = nfr_check_operand(&op->out, type, count);
  if (!err) err = nfr_check_operand(&op->in[0], type, count0);
  if (!err) err = nfr_check_operand(&op->in[1], type, count1);
  if (err) return err;
  /* In place, an output element may overwrite its own input element only: nothing that is read again. */
  if (!NFR_RULE(V54, (op->in[0].data != op->out.data || count0 == count) && (op->in[1].data != op->out.data || count1 == count)))
    return NFR_ERR_CORRUPT;
  return NFR_OK;
}
