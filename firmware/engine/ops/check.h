/* Rules that many operators need, each written once: V40 to V44, V48 to V51, V65, V74 and V80 of SPEC.md §5. In a header,
 * since most are a handful of instructions, and a model is loaded with all of them for each operator. */
#ifndef NFR_CHECK_H
#define NFR_CHECK_H

#include <string.h>

#include "../plan.h"
#include "op.h"
#include "rule.h"

/* Products of extents as nfr_product gives them: an error where a factor was 0, or where one exceeds 2^31 − 1. */
NFR_CHECK_RESULT static inline int nfr_check_extents(uint32_t a, uint32_t b, uint32_t c) {
  if (!NFR_RULE(V40, a != 0 && b != 0 && c != 0)) return NFR_ERR_CORRUPT;
  return NFR_OK;
}

/* Product of n values, or an error when it exceeds 2^31 − 1 or a factor is 0. */
NFR_CHECK_RESULT static inline int nfr_check_product(const uint32_t *values, unsigned n, uint32_t *product) {
  uint32_t p = values[0];
  for (unsigned i = 1; i < n; i++) p = nfr_product(p, values[i]);
  *product = p;
  return nfr_check_extents(n > 1 || p <= INT32_MAX ? p : 0, 1, 1);
}

/* `count` elements of `size` bytes (a power of 2) at `offset` of the constants: aligned to size, inside. */
NFR_CHECK_RESULT static inline int nfr_check_constant(const struct nfr_op *op, uint32_t offset, uint64_t count, uint32_t size) {
  uint32_t most = op->constant_bytes;
  bool is_inside = count <= most / size && offset <= most - (uint32_t)count * size;
  if (!NFR_RULE(V41, is_inside && (offset & (size - 1u)) == 0)) return NFR_ERR_CORRUPT;
  return NFR_OK;
}

/* Operand holds exactly `count` elements of `type`; its bytes are whole elements of its type (rule V18). */
NFR_CHECK_RESULT static inline int nfr_check_operand(const struct nfr_operand *operand, uint8_t type, uint64_t count) {
  if (!NFR_RULE(V42, operand->type == type && count == operand->bytes >> nfr_type_shift(type))) return NFR_ERR_CORRUPT;
  return NFR_OK;
}

/* Operand's type is int8 or int16. */
NFR_CHECK_RESULT static inline int nfr_check_activation(const struct nfr_operand *operand) {
  if (!NFR_RULE(V43, operand->type <= NFR_TYPE_INT16)) return NFR_ERR_CORRUPT;
  return NFR_OK;
}

/* Operand's elements are of 1, 2 or 4 bytes. */
NFR_CHECK_RESULT static inline int nfr_check_movable(const struct nfr_operand *operand) {
  if (!NFR_RULE(V44, operand->type != NFR_TYPE_INT64)) return NFR_ERR_CORRUPT;
  return NFR_OK;
}

static inline bool nfr_is_in_range(int32_t value, uint8_t type) {
  if (type == NFR_TYPE_INT8) return (uint32_t)value + 128u <= 255u;
  return type != NFR_TYPE_INT16 || (uint32_t)value + 32768u <= 65535u;
}

/* Clamp ordered and in the range of `type` (int8 or int16). */
NFR_CHECK_RESULT static inline int nfr_check_clamp(int32_t act_min, int32_t act_max, uint8_t type) {
  if (!NFR_RULE(V48, act_min <= act_max && nfr_is_in_range(act_min, type) && nfr_is_in_range(act_max, type))) return NFR_ERR_CORRUPT;
  return NFR_OK;
}

/* Multiplier >= 0, shift from `least` to `most`. */
NFR_CHECK_RESULT static inline int nfr_check_multiplier(int32_t multiplier, int32_t shift, int32_t least, int32_t most) {
  if (!NFR_RULE(V49, multiplier >= 0 && (uint32_t)shift - (uint32_t)least <= (uint32_t)most - (uint32_t)least)) return NFR_ERR_CORRUPT;
  return NFR_OK;
}

/* Zero point in the range of `type`: of int8 or int16, for a wider type anything. */
NFR_CHECK_RESULT static inline int nfr_check_zero_point(int32_t zero_point, uint8_t type) {
  if (!NFR_RULE(V50, nfr_is_in_range(zero_point, type))) return NFR_ERR_CORRUPT;
  return NFR_OK;
}

/* Reserved fields of the parameters, or-ed by the caller, are 0. */
NFR_CHECK_RESULT static inline int nfr_check_reserved(uint32_t reserved) {
  if (!NFR_RULE(V51, reserved == 0)) return NFR_ERR_CORRUPT;
  return NFR_OK;
}

/* Scale positive and finite; read by its bits, since a hostile one need not be a number. */
NFR_CHECK_RESULT static inline int nfr_check_scale(const float *scale) {
  uint32_t bits;
  memcpy(&bits, scale, sizeof bits);
  if (!NFR_RULE(V65, bits > 0 && bits < 0x7f800000u)) return NFR_ERR_CORRUPT;
  return NFR_OK;
}

/* Flags of a window operator are known ones. */
NFR_CHECK_RESULT static inline int nfr_check_window_flags(uint32_t flags) {
  if (!NFR_RULE(V74, (flags & ~NFR_WINDOW_ROWS_DESCENDING) == 0)) return NFR_ERR_CORRUPT;
  return NFR_OK;
}

/* CONV_2D and FULLY_CONNECTED in NFR_LAYOUT_SMLAD: one group, int8. */
NFR_CHECK_RESULT static inline int nfr_check_smlad(const struct nfr_op *op, uint32_t groups) {
  if (!NFR_RULE(V80, groups == 1 && op->out.type == NFR_TYPE_INT8)) return NFR_ERR_CORRUPT;
  return NFR_OK;
}

#endif
