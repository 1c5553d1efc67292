/* SVDF: a unit is one output element, from its own `rank` filters: each filter's memory moves on by one, takes the new
 * feature (input x feature weights) at its end, and is weighed over time. */
#include <string.h>

#include "../dot.h"
#include "../element.h"
#include "../fixed_point.h"
#include "../kernels.h"

/* The new feature of a filter, as the state's type holds it: the zero point is added after the clamp, and wraps. */
static int32_t feature_of(const struct nfr_plan_svdf *p, const int8_t *in, const int8_t *weights, bool wide) {
  uint32_t sum = nfr_dot8(in, weights, p->depth, -p->input_zero_point);
  int32_t low = wide ? INT16_MIN : INT8_MIN, high = wide ? INT16_MAX : INT8_MAX;
  return nfr_clamp(nfr_scale((int32_t)sum, p->multiplier1, p->shift1), low, high) + p->state_zero_point;
}

static uint32_t over_time(const struct nfr_plan_svdf *p, const uint8_t *memory, const void *weights, uint32_t filter,
                          bool wide) {
  uint32_t sum = 0;
  for (uint32_t i = 0; i < p->memory; i++)
    sum += (uint32_t)nfr_load(weights, filter * p->memory + i, wide) *
           (uint32_t)(nfr_load(memory, i, wide) - p->state_zero_point);
  return sum;
}

void nfr_kernel_svdf(const struct nfr_op *op, uint32_t first, uint32_t count) {
  const struct nfr_plan_svdf *p = op->params;
  const int8_t *feature_weights = nfr_constant(op, p->weights_feature);
  const void *time_weights = nfr_constant(op, p->weights_time);
  const int32_t *bias = nfr_constant(op, p->bias);
  bool wide = nfr_is_wide(&op->in[2]);
  uint32_t units = p->filters / p->rank, bytes = p->memory << wide;
  for (uint32_t end = first + count; first < end; first++) {
    uint32_t unit = first % units, batch = first / units;
    const int8_t *in = (const int8_t *)op->in[0].data + batch * p->depth;
    uint32_t sum = bias ? (uint32_t)bias[unit] : 0;
    for (uint32_t filter = unit * p->rank, last = filter + p->rank; filter < last; filter++) {
      uint8_t *memory = op->in[2].data + (batch * p->filters + filter) * bytes;
      memmove(memory, memory + (1u << wide), bytes - (1u << wide));
      nfr_store(memory, p->memory - 1, feature_of(p, in, feature_weights + filter * p->depth, wide), wide);
      sum += over_time(p, memory, time_weights, filter, wide);
    }
    int32_t value = nfr_add_wrap(nfr_scale((int32_t)sum, p->multiplier2, p->shift2), p->output_zero_point);
    nfr_store(op->out.data, first, nfr_clamp(value, INT8_MIN, INT8_MAX), false);
  }
}
