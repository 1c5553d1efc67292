/* AVERAGE_POOL_2D and MAX_POOL_2D: their units. */
#ifndef NFR_POOL_UNIT_H
#define NFR_POOL_UNIT_H

#include <stdbool.h>
#include <stdint.h>

#include "../nfr_plan.h"

#define NFR_POOL_UNIT 4u /* neighbouring channels of a pixel; the pixel's last unit may have fewer */

static inline uint32_t nfr_pool_groups(const struct nfr_plan_pool *p) {
  return (p->channels + NFR_POOL_UNIT - 1u) / NFR_POOL_UNIT;
}

/* Positions of a whole window, and its rows. */
struct nfr_pool_size {
  uint64_t positions;
  uint32_t rows, groups;
};

static inline struct nfr_pool_size nfr_pool_size_of(const struct nfr_plan_pool *p) {
  uint32_t rows = p->filter_h < p->in_h ? p->filter_h : p->in_h, columns = p->filter_w < p->in_w ? p->filter_w : p->in_w;
  return (struct nfr_pool_size){.positions = (uint64_t)rows * columns, .rows = rows, .groups = nfr_pool_groups(p)};
}

/* Instructions of a unit whose elements go one by one, and its share of its pixel. */
static inline uint64_t nfr_pool_cost_any(const struct nfr_plan_pool *p, bool average) {
  struct nfr_pool_size s = nfr_pool_size_of(p);
  uint32_t n = p->channels < NFR_POOL_UNIT ? p->channels : NFR_POOL_UNIT;
  return n * (s.positions * (average ? 5u : 6u) + s.rows * 8u + 52u) + 130u / s.groups;
}

#endif
