/* Elements of an activation tensor that is int8 or int16 as its record says. */
#ifndef NFR_ELEMENT_H
#define NFR_ELEMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "../ops/op.h"
#include "../plan.h"

static inline bool nfr_is_wide(const struct nfr_operand *operand) {
  return operand->type == NFR_TYPE_INT16;
}

static inline int32_t nfr_load(const void *data, uint32_t index, bool wide) {
  return wide ? ((const int16_t *)data)[index] : ((const int8_t *)data)[index];
}

static inline void nfr_store(void *data, uint32_t index, int32_t value, bool wide) {
  if (wide)
    ((int16_t *)data)[index] = (int16_t)value;
  else
    ((int8_t *)data)[index] = (int8_t)value;
}

static inline uint32_t nfr_min(uint32_t a, uint32_t b) {
  return a < b ? a : b;
}

/* A constant of the plan; null when it is absent. */
static inline const void *nfr_constant(const struct nfr_op *op, uint32_t offset) {
  return offset == NFR_PLAN_NONE32 ? 0 : op->constants + offset;
}

#endif
