/* AVERAGE_POOL_2D and MAX_POOL_2D. */
#include "../kernels.h"
#include "../pool.h"

static void average(const struct nfr_op *op, const struct nfr_pool_window *w, uint32_t out, uint32_t first, uint32_t end) {
  nfr_pool_pixel_any(op, w, out, first, end, true);
}

static void maximum(const struct nfr_op *op, const struct nfr_pool_window *w, uint32_t out, uint32_t first, uint32_t end) {
  nfr_pool_pixel_any(op, w, out, first, end, false);
}

void nfr_kernel_average_pool_2d(const struct nfr_op *op, uint32_t first, uint32_t count) {
  nfr_pool_walk(op, first, count, average);
}

void nfr_kernel_max_pool_2d(const struct nfr_op *op, uint32_t first, uint32_t count) {
  nfr_pool_walk(op, first, count, maximum);
}

uint64_t nfr_kernel_pool_2d_cost(const struct nfr_op *op, bool is_average) {
  return nfr_pool_cost_any(op->params, is_average);
}
