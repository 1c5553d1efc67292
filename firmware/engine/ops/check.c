/* Rules that several operators need, each written once: V40 to V54 and V65 of SPEC.md §5. */
#include <string.h>

#include "../plan.h"
#include "op.h"
#include "rule.h"

int nfr_check_product(const uint32_t *values, unsigned n, uint32_t *product) {
  uint64_t p = 1;
  for (unsigned i = 0; i < n; i++) {
    p *= values[i]; /* both below 2^32: no overflow before the rule */
    if (!NFR_RULE(V40, p > 0 && p <= INT32_MAX)) return NFR_ERR_CORRUPT;
  }
  *product = (uint32_t)p;
  return NFR_OK;
}

int nfr_check_constant(const struct nfr_op *op, uint32_t offset, uint64_t count, uint32_t size) {
  bool is_inside = count <= op->constant_bytes && (uint64_t)offset + count * size <= op->constant_bytes;
  if (!NFR_RULE(V41, is_inside && (offset & (size - 1u)) == 0)) return NFR_ERR_CORRUPT;
  return NFR_OK;
}

int nfr_check_operand(const struct nfr_operand *operand, uint8_t type, uint64_t count) {
  if (!NFR_RULE(V42, operand->type == type && count <= operand->bytes && count * nfr_type_bytes(type) == operand->bytes))
    return NFR_ERR_CORRUPT;
  return NFR_OK;
}

int nfr_check_activation(const struct nfr_operand *operand) {
  if (!NFR_RULE(V43, operand->type == NFR_TYPE_INT8 || operand->type == NFR_TYPE_INT16)) return NFR_ERR_CORRUPT;
  return NFR_OK;
}

int nfr_check_movable(const struct nfr_operand *operand) {
  if (!NFR_RULE(V44, operand->type != NFR_TYPE_INT64)) return NFR_ERR_CORRUPT;
  return NFR_OK;
}

/* 64-bit accumulation is for int16 activations; the bias is int64 then, and only then. */
static bool flags_are_valid(const struct nfr_plan_requant *q, uint8_t type) {
  bool wide = (q->flags & NFR_REQUANT_ACC64) != 0, bias64 = (q->flags & NFR_REQUANT_BIAS64) != 0;
  return (q->flags & ~(NFR_REQUANT_PER_CHANNEL | NFR_REQUANT_BIAS64 | NFR_REQUANT_ACC64)) == 0 &&
         (!wide || type == NFR_TYPE_INT16) && bias64 == (wide && q->bias != NFR_PLAN_NONE32);
}

/* The two loops are over every output channel of a model at each load: few instructions a channel. */
static bool none_is_negative(const int32_t *values, uint32_t count) {
  uint32_t bits = 0;
  for (; count >= 4; count -= 4, values += 4) bits |= (uint32_t)(values[0] | values[1] | values[2] | values[3]);
  while (count > 0) bits |= (uint32_t)values[--count];
  return bits <= INT32_MAX;
}

/* Four bytes at a time, without carries between them: y = x - least (below 128 when x >= least is not far off), then
 * bit 7 of y + (127 - range) is set exactly when a y of 7 bits is beyond the range. 0 <= most - least <= 127. */
static bool all_within(const int8_t *values, uint32_t count, int32_t least, int32_t most) {
  const uint32_t each = 0x01010101u, low = each * 0x7f, top = each * 0x80;
  const uint32_t add = each * (uint32_t)-least, beyond = each * (uint32_t)(127 - (most - least));
  uint32_t wrong = 0, x;
  for (; count >= 4; count -= 4, values += 4) {
    memcpy(&x, values, 4);
    uint32_t y = ((x & low) + add) ^ (x & top);
    wrong |= y | ((y & low) + beyond);
  }
  while (count > 0) wrong |= (uint32_t)(values[--count] - least) <= (uint32_t)(most - least) ? 0 : top;
  return (wrong & top) == 0;
}

int nfr_check_requant(const struct nfr_op *op, const struct nfr_plan_requant *q, uint32_t channels, uint8_t type) {
  if (!NFR_RULE(V45, flags_are_valid(q, type))) return NFR_ERR_CORRUPT;
  uint32_t scales = q->flags & NFR_REQUANT_PER_CHANNEL ? channels : 1;
  int err = nfr_check_constant(op, q->multipliers, scales, 4);
  if (!err) err = nfr_check_constant(op, q->shifts, scales, 1);
  if (!err && q->bias != NFR_PLAN_NONE32)
    err = nfr_check_constant(op, q->bias, channels, q->flags & NFR_REQUANT_BIAS64 ? 8 : 4);
  if (err) return err;
  const void *multipliers = op->constants + q->multipliers, *shifts = op->constants + q->shifts;
  if (!NFR_RULE(V46, none_is_negative(multipliers, scales))) return NFR_ERR_CORRUPT;
  if (!NFR_RULE(V47, all_within(shifts, scales, -31, q->flags & NFR_REQUANT_ACC64 ? 7 : 30))) return NFR_ERR_CORRUPT;
  return nfr_check_clamp(q->act_min, q->act_max, type);
}

int nfr_check_smlad(const struct nfr_op *op, const struct nfr_plan_requant *q, uint32_t groups) {
  if (!NFR_RULE(V80, groups == 1 && op->out.type == NFR_TYPE_INT8 && q->bias != NFR_PLAN_NONE32)) return NFR_ERR_CORRUPT;
  return NFR_OK;
}

static bool fits(int32_t value, uint8_t type) {
  if (type == NFR_TYPE_INT8) return value >= INT8_MIN && value <= INT8_MAX;
  return type != NFR_TYPE_INT16 || (value >= INT16_MIN && value <= INT16_MAX);
}

int nfr_check_clamp(int32_t act_min, int32_t act_max, uint8_t type) {
  if (!NFR_RULE(V48, act_min <= act_max && fits(act_min, type) && fits(act_max, type))) return NFR_ERR_CORRUPT;
  return NFR_OK;
}

int nfr_check_multiplier(int32_t multiplier, int32_t shift, int32_t least, int32_t most) {
  if (!NFR_RULE(V49, multiplier >= 0 && shift >= least && shift <= most)) return NFR_ERR_CORRUPT;
  return NFR_OK;
}

int nfr_check_zero_point(int32_t zero_point, uint8_t type) {
  if (!NFR_RULE(V50, fits(zero_point, type))) return NFR_ERR_CORRUPT;
  return NFR_OK;
}

int nfr_check_scale(const float *scale) {
  uint32_t bits;
  memcpy(&bits, scale, sizeof bits);
  if (!NFR_RULE(V65, bits > 0 && bits < 0x7f800000u)) return NFR_ERR_CORRUPT;
  return NFR_OK;
}

int nfr_check_reserved(uint32_t reserved) {
  if (!NFR_RULE(V51, reserved == 0)) return NFR_ERR_CORRUPT;
  return NFR_OK;
}

int nfr_check_window_flags(uint32_t flags) {
  if (!NFR_RULE(V74, (flags & ~NFR_WINDOW_ROWS_DESCENDING) == 0)) return NFR_ERR_CORRUPT;
  return NFR_OK;
}

int nfr_check_conv(const struct nfr_op *op, const struct nfr_plan_conv *p, const uint32_t weights[4]) {
  if (!NFR_RULE(V52, p->stride_h != 0 && p->stride_w != 0 && p->dilation_h != 0 && p->dilation_w != 0))
    return NFR_ERR_CORRUPT;
  uint32_t in, out, filter;
  int err = nfr_check_product((const uint32_t[]){p->batches, p->in_h, p->in_w, p->in_c}, 4, &in);
  if (!err) err = nfr_check_product((const uint32_t[]){p->batches, p->out_h, p->out_w, p->out_c}, 4, &out);
  if (!err) err = nfr_check_product(weights, 4, &filter);
  if (!err) err = nfr_check_activation(&op->out);
  if (!err) err = nfr_check_operand(&op->in[0], op->out.type, in);
  if (!err) err = nfr_check_operand(&op->out, op->out.type, out);
  if (!err) err = nfr_check_constant(op, p->weights, filter, 1);
  if (!err) err = nfr_check_requant(op, &p->q, p->out_c, op->out.type);
  if (!err) err = nfr_check_window_flags(p->flags);
  if (err) return err;
  const struct nfr_rows rows = {.batches = p->batches,
                                .in_h = p->in_h,
                                .out_h = p->out_h,
                                .stride = p->stride_h,
                                .pad = p->pad_top,
                                .reach = (p->filter_h - 1) * p->dilation_h + 1,
                                .tile = nfr_tile_of(p->out_w),
                                .descending = (p->flags & NFR_WINDOW_ROWS_DESCENDING) != 0};
  return nfr_check_overlap(op, &rows);
}

/* Extents of an operand: 1 where its bit is set. */
static int check_broadcast_operand(const struct nfr_op *op, const struct nfr_operand *operand, const uint32_t dims[4],
                                   uint8_t broadcast) {
  uint32_t extents[4], count;
  for (unsigned d = 0; d < 4; d++) extents[d] = broadcast >> d & 1 ? 1 : dims[d];
  int err = nfr_check_product(extents, 4, &count);
  if (!err) err = nfr_check_operand(operand, op->out.type, count);
  if (err) return err;
  /* In place, an output element may overwrite its own input element only: nothing that is read again. */
  if (!NFR_RULE(V54, operand->data != op->out.data || operand->bytes == op->out.bytes)) return NFR_ERR_CORRUPT;
  return NFR_OK;
}

int nfr_check_broadcast(const struct nfr_op *op, const uint32_t dims[4], uint8_t broadcast0, uint8_t broadcast1) {
  if (!NFR_RULE(V53, ((broadcast0 | broadcast1) & ~15) == 0)) return NFR_ERR_CORRUPT;
  uint32_t count;
  int err = nfr_check_activation(&op->out);
  if (!err) err = nfr_check_product(dims, 4, &count);
  if (!err) err = nfr_check_operand(&op->out, op->out.type, count);
  if (!err) err = check_broadcast_operand(op, &op->in[0], dims, broadcast0);
  if (!err) err = check_broadcast_operand(op, &op->in[1], dims, broadcast1);
  return err;
}
