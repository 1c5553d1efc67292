/* SVDF: a unit is one output element, from its own `rank` filters: each filter's memory moves on by one, takes the new
 * feature (input x feature weights) at its end, and is weighed over time. */
#include "../dot.h"
#include "../element.h"
#include "../fixed_point.h"
#include "../kernels.h"

/* A filter's memory moves on by one and takes `newest` at its end, of its type: the sum of its elements, weighed. One pass. */
static inline uint32_t over_time(void *memory, const void *weights, uint32_t count, int32_t zero_point, int32_t newest, bool wide) {
  uint32_t sum = 0;
  for (uint32_t i = 0; i < count; i++) {
    int32_t value = i + 1 < count ? nfr_load(memory, i + 1, wide) : wide ? (int16_t)newest : (int8_t)newest;
    nfr_store(memory, i, value, wide);
    sum += (uint32_t)nfr_load(weights, i, wide) * (uint32_t)(value - zero_point);
  }
  return sum;
}

/* What the record says, read once: stores may alias anything behind a pointer. */
struct layer {
  const int8_t *features;
  const uint8_t *time;
  const int32_t *bias;
  uint32_t depth, filters, memory, rank;
  int32_t multiplier1, multiplier2, shift1, shift2, input_offset, zero_point, output_zero_point;
  bool wide; /* the state is int16 */
};

static struct layer layer_of(const struct nfr_op *op) {
  const struct nfr_plan_svdf *p = op->params;
  return (struct layer){
      .features = nfr_constant(op, p->weights_feature),
      .time = nfr_constant(op, p->weights_time),
      .bias = nfr_constant(op, p->bias),
      .depth = p->depth,
      .filters = p->filters,
      .memory = p->memory,
      .rank = p->rank,
      .multiplier1 = p->multiplier1,
      .multiplier2 = p->multiplier2,
      .shift1 = p->shift1,
      .shift2 = p->shift2,
      .input_offset = -p->input_zero_point,
      .zero_point = p->state_zero_point,
      .output_zero_point = p->output_zero_point,
      .wide = nfr_is_wide(&op->in[2]),
  };
}

/* The new feature of a filter; the zero point is added after the clamp, and wraps in the state's type. */
static int32_t feature_of(const struct layer *l, const int8_t *in, uint32_t filter) {
  uint32_t sum = nfr_dot8(in, l->features + filter * l->depth, l->depth, l->input_offset);
  int32_t low = l->wide ? INT16_MIN : INT8_MIN, high = l->wide ? INT16_MAX : INT8_MAX;
  return nfr_clamp(nfr_scale((int32_t)sum, l->multiplier1, l->shift1), low, high) + l->zero_point;
}

void nfr_kernel_svdf(const struct nfr_op *op, uint32_t first, uint32_t count) {
  const struct layer l = layer_of(op);
  uint32_t units = l.filters / l.rank, bytes = l.memory << l.wide;
  for (uint32_t end = first + count; first < end; first++) {
    uint32_t unit = first % units, batch = first / units;
    const int8_t *in = (const int8_t *)op->in[0].data + batch * l.depth;
    uint32_t sum = l.bias ? (uint32_t)l.bias[unit] : 0;
    for (uint32_t filter = unit * l.rank, last = filter + l.rank; filter < last; filter++) {
      void *memory = op->in[2].data + (batch * l.filters + filter) * bytes;
      const void *weights = l.time + filter * bytes;
      int32_t newest = feature_of(&l, in, filter);
      sum += l.wide ? over_time(memory, weights, l.memory, l.zero_point, newest, true)
                    : over_time(memory, weights, l.memory, l.zero_point, newest, false);
    }
    int32_t value = nfr_add_wrap(nfr_scale((int32_t)sum, l.multiplier2, l.shift2), l.output_zero_point);
    nfr_store(op->out.data, first, nfr_clamp(value, INT8_MIN, INT8_MAX), false);
  }
}
