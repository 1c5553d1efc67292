/* Inside the engine: where a plan's tables lie, and what this firmware knows. */
#ifndef NFR_PLAN_INTERNAL_H
#define NFR_PLAN_INTERNAL_H

#include "nfr_engine.h"

#define NFR_KNOWN_LAYOUTS (1u << NFR_LAYOUT_PLAIN | 1u << NFR_LAYOUT_SMLAD | 1u << NFR_LAYOUT_PLANES)

/* Rules V01 to V12: what must hold before any other byte of the plan is read. */
NFR_CHECK_RESULT int nfr_plan_check_header(const void *plan, size_t plan_bytes);

static inline const struct nfr_plan_header *nfr_plan_header_of(const uint8_t *plan) {
  return (const struct nfr_plan_header *)(const void *)plan;
}

static inline const struct nfr_plan_tensor *nfr_plan_tensors(const uint8_t *plan) {
  return (const struct nfr_plan_tensor *)(const void *)(plan + nfr_plan_header_of(plan)->tensors_offset);
}

static inline const struct nfr_plan_io *nfr_plan_ios(const uint8_t *plan) {
  return (const struct nfr_plan_io *)(const void *)(plan + nfr_plan_header_of(plan)->io_offset);
}

static inline const struct nfr_plan_op *nfr_plan_op_at(const uint8_t *plan, uint32_t offset) {
  return (const struct nfr_plan_op *)(const void *)(plan + offset);
}

/* Log2 of an element's bytes. */
static inline uint32_t nfr_type_shift(uint8_t type) {
  return 0x23210u >> (4u * type) & 15u; /* a digit a type; four bytes are 2 */
}

static inline uint32_t nfr_type_bytes(uint8_t type) {
  return 1u << nfr_type_shift(type);
}

static_assert(NFR_TYPE_INT8 == 0 && NFR_TYPE_INT16 == 1 && NFR_TYPE_INT32 == 2 && NFR_TYPE_INT64 == 3 && NFR_TYPE_FLOAT32 == 4,
              "the digits of nfr_type_shift");

/* a × b, or 0 where that is above 2^31 − 1; so a product of several that has come out is exact. */
static inline uint32_t nfr_product(uint32_t a, uint32_t b) {
  uint64_t product = (uint64_t)a * b;
  uint32_t low = (uint32_t)product, beyond = (uint32_t)(product >> 32) | low >> 31;
  return beyond == 0 ? low : 0;
}

#endif
