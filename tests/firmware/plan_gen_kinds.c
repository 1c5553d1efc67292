/* What makes any bytes valid parameters: per kind, every field that a rule speaks of is brought into its range. */
#include <string.h>

#include "kernels/channel_pair.h"
#include "kernels/fc_groups.h"
#include "kernels/lstm_steps.h"
#include "kernels/planes.h"
#include "kernels/tile.h"
#include "plan_gen.h"

#define FIT(field, low, high) ((field) = (__typeof__(field))fit((int64_t)(field), (low), (high)))

/* The value, or one within the limits that depends on it. */
static int64_t fit(int64_t value, int64_t low, int64_t high) {
  if (value >= low && value <= high) return value;
  uint64_t distance = (uint64_t)value - (uint64_t)low;
  return low + (int64_t)(distance % (uint64_t)(high - low + 1));
}

static uint8_t activation(struct plan_gen *gen) {
  if (gen->type != GEN_ANY_TYPE) return gen->type;
  return gen_once_in(gen, 3) ? NFR_TYPE_INT16 : NFR_TYPE_INT8;
}

static uint8_t movable(struct plan_gen *gen) {
  static const uint8_t types[] = {NFR_TYPE_INT8, NFR_TYPE_INT16, NFR_TYPE_INT32, NFR_TYPE_FLOAT32};
  return gen->type != GEN_ANY_TYPE ? gen->type : types[gen_below(gen, 4)];
}

static int32_t least_of(uint8_t type) {
  return type == NFR_TYPE_INT8 ? INT8_MIN : INT16_MIN;
}

static int32_t most_of(uint8_t type) {
  return type == NFR_TYPE_INT8 ? INT8_MAX : INT16_MAX;
}

static void fix_clamp(int16_t *act_min, int16_t *act_max, uint8_t type) {
  FIT(*act_min, least_of(type), most_of(type));
  FIT(*act_max, *act_min, most_of(type));
}

static void fix_multiplier(int32_t *multiplier, int8_t *shift, int least, int most) {
  FIT(*multiplier, 0, INT32_MAX);
  FIT(*shift, least, most);
}

/* Mostly small, now and then as large as the field can say: windows that reach far outside their input. */
static uint32_t reach(struct plan_gen *gen, uint32_t value, uint32_t low, uint32_t small, uint32_t large) {
  return (uint32_t)fit(value, low, gen->plain || !gen_once_in(gen, 12) ? small : large);
}

/* What a compiler makes of ordinary scales: a mantissa of at least 1/2 and a shift to the right. Backends are fast there. */
static void make_usual(int32_t *multiplier, int8_t *shift) {
  *multiplier |= 1 << 30;
  *shift = (int8_t)(*shift & 32 ? -1 - (*shift & 31) % 31 : -4 - (*shift & 7)); /* mostly such that outputs are not clamped */
}

/* Offsets, biases and a clamp with which most outputs are neither of the clamp's ends. */
static void fix_usual_sums(struct plan_gen *gen, struct nfr_plan_requant *q, uint32_t channels, uint8_t type) {
  bool is_narrow = type == NFR_TYPE_INT8;
  FIT(q->input_offset, is_narrow ? -127 : 0, is_narrow ? 128 : 0);
  FIT(q->output_offset, is_narrow ? INT8_MIN : 0, is_narrow ? INT8_MAX : 0);
  if (!gen_once_in(gen, 3)) {
    q->act_min = (int16_t)least_of(type);
    q->act_max = (int16_t)most_of(type);
  }
  for (uint32_t i = 0; i < channels && q->bias != NFR_PLAN_NONE32; i++) {
    int32_t small = (int32_t)gen_below(gen, 8001) - 4000;
    if (q->flags & NFR_REQUANT_BIAS64)
      ((int64_t *)(void *)(gen->constants + q->bias))[i] = small;
    else
      ((int32_t *)(void *)(gen->constants + q->bias))[i] = small;
  }
}

static void fix_requant(struct plan_gen *gen, struct nfr_plan_requant *q, uint32_t channels, uint8_t type) {
  bool is_wide = type == NFR_TYPE_INT16 && (q->flags & NFR_REQUANT_ACC64) != 0, has_bias = (q->bias & 3) != 0;
  q->flags = (q->flags & NFR_REQUANT_PER_CHANNEL) | (is_wide ? NFR_REQUANT_ACC64 : 0) |
             (is_wide && has_bias ? NFR_REQUANT_BIAS64 : 0);
  uint32_t scales = q->flags & NFR_REQUANT_PER_CHANNEL ? channels : 1;
  q->bias = has_bias ? gen_constants(gen, channels, is_wide ? 8 : 4) : NFR_PLAN_NONE32;
  q->multipliers = gen_constants(gen, scales, 4);
  q->shifts = gen_constants(gen, scales, 1);
  bool is_usual = gen_once_in(gen, 2);
  fix_clamp(&q->act_min, &q->act_max, type);
  if (gen->full) return;
  if (is_usual) fix_usual_sums(gen, q, channels, type);
  int32_t *multipliers = (int32_t *)(void *)(gen->constants + q->multipliers);
  int8_t *shifts = (int8_t *)(gen->constants + q->shifts);
  for (uint32_t i = 0; i < scales; i++) {
    fix_multiplier(&multipliers[i], &shifts[i], -31, is_wide ? 7 : 30);
    if (is_usual) make_usual(&multipliers[i], &shifts[i]);
  }
}

/* Rows or columns of a window operator. */
static uint32_t extent(const struct plan_gen *gen, uint32_t usual) {
  return gen->extent != 0 ? gen->extent : usual;
}

/* Elements of an element-wise operator, or of one dimension. */
static uint32_t elements(const struct plan_gen *gen, uint32_t usual) {
  return gen->extent != 0 ? 65536 : usual;
}

/* A window as most models have them, with an inner part that meets no padding. */
static void fix_usual_window(const struct plan_gen *gen, struct nfr_plan_conv *p) {
  FIT(p->in_h, 1, extent(gen, 9));
  FIT(p->in_w, 1, extent(gen, 9));
  FIT(p->out_h, 1, extent(gen, 9));
  FIT(p->out_w, 1, extent(gen, 9));
  FIT(p->filter_h, 1, 5);
  FIT(p->filter_w, 1, 5);
  FIT(p->pad_top, 0, 2);
  FIT(p->pad_left, 0, 2);
  FIT(p->stride_h, 1, 2);
  FIT(p->stride_w, 1, 2);
  p->dilation_h = p->dilation_w = 1;
}

static void fix_window(struct plan_gen *gen, struct nfr_plan_conv *p) {
  FIT(p->batches, 1, 2);
  p->flags &= NFR_WINDOW_ROWS_DESCENDING;
  if (gen_once_in(gen, 2)) {
    fix_usual_window(gen, p);
    return;
  }
  FIT(p->in_h, 1, extent(gen, 6));
  FIT(p->in_w, 1, extent(gen, 6));
  FIT(p->out_h, 1, extent(gen, 6));
  FIT(p->out_w, 1, extent(gen, 6));
  FIT(p->filter_h, 1, 4);
  FIT(p->filter_w, 1, 4);
  p->pad_top = (uint16_t)reach(gen, p->pad_top, 0, 4, UINT16_MAX);
  p->pad_left = (uint16_t)reach(gen, p->pad_left, 0, 4, UINT16_MAX);
  p->stride_h = (uint8_t)reach(gen, p->stride_h, 1, 3, UINT8_MAX);
  p->stride_w = (uint8_t)reach(gen, p->stride_w, 1, 3, UINT8_MAX);
  p->dilation_h = (uint8_t)reach(gen, p->dilation_h, 1, 3, UINT8_MAX);
  p->dilation_w = (uint8_t)reach(gen, p->dilation_w, 1, 3, UINT8_MAX);
}

/* Operands, weights and requantization, once the geometry stands. Rows that are computed together: `tile`. */
static void finish_window(struct plan_gen *gen, struct nfr_plan_conv *p, struct nfr_plan_op *op, uint8_t type,
                          uint32_t weights, uint32_t tile, bool in_place) {
  p->weights = gen_constants(gen, weights, 1);
  if (op->layout != NFR_LAYOUT_SMLAD) {
    fix_requant(gen, &p->q, p->out_c, type);
    if (gen_once_in(gen, 3)) p->weights = gen_constants(gen, weights, 1); /* the last constant: nothing may be read behind it */
  }
  op->in[0] = gen_input(gen, type, (uint32_t)p->batches * p->in_h * p->in_w * p->in_c);
  const struct nfr_rows rows = {.batches = p->batches,
                                .in_h = p->in_h,
                                .out_h = p->out_h,
                                .stride = p->stride_h,
                                .pad = p->pad_top,
                                .reach = (p->filter_h - 1) * p->dilation_h + 1,
                                .tile = tile,
                                .descending = (p->flags & NFR_WINDOW_ROWS_DESCENDING) != 0};
  uint32_t elements = (uint32_t)p->batches * p->out_h * p->out_w * p->out_c;
  op->out = in_place && gen_once_in(gen, 2) ? gen_output_at(gen, op, op->in[0], type, elements)
                                            : gen_output_over(gen, op, type, elements, &rows);
}

static void finish_conv(struct plan_gen *gen, struct nfr_plan_conv *p, struct nfr_plan_op *op, uint8_t type,
                        uint32_t weights) {
  bool is_like_input = p->filter_h == 1 && p->filter_w == 1 && p->pad_top == 0 && p->pad_left == 0 && p->stride_h == 1 &&
                       p->stride_w == 1 && p->in_h == p->out_h && p->in_w == p->out_w && p->in_c == p->out_c;
  finish_window(gen, p, op, type, weights, nfr_tile_of(p->out_w),
                op->layout == NFR_LAYOUT_SMLAD && is_like_input && p->batches == 1);
}

/* Biases and weights stay what they are; multipliers are usual ones. */
static void fix_pairs(struct plan_gen *gen, struct nfr_plan_conv *p) {
  p->q.bias = p->q.multipliers = p->q.shifts = p->q.flags = 0;
  FIT(p->q.input_offset, -127, 128);
  fix_clamp(&p->q.act_min, &p->q.act_max, NFR_TYPE_INT8);
  if (gen->full) return;
  uint32_t bytes = nfr_pair_bytes(nfr_tiling_of(p).padded);
  uint8_t *tail = gen->constants + p->weights + bytes - sizeof(struct nfr_pair_tail);
  for (uint32_t c = 0; c < p->out_c; c += 2, tail += bytes) {
    struct nfr_pair_tail *t = (void *)tail;
    t->multipliers[0] |= 1u << 31;
    t->multipliers[1] |= 1u << 31;
    FIT(t->right[0], 1, 31);
    FIT(t->right[1], 1, 31);
    t->zero = 0;
  }
}

static void fix_conv(struct plan_gen *gen, void *params, struct nfr_plan_op *op) {
  struct nfr_plan_conv *p = params;
  fix_window(gen, p);
  FIT(p->groups, 1, gen_once_in(gen, 4) ? 3 : 1);
  p->in_c = (uint16_t)(fit(p->in_c, 1, gen_once_in(gen, 8) ? 40 : 5) * p->groups);
  p->out_c = (uint16_t)(fit(p->out_c, 1, 4) * p->groups);
  uint8_t type = activation(gen);
  if (p->groups != 1 || type != NFR_TYPE_INT8 || gen_once_in(gen, 3)) {
    finish_conv(gen, p, op, type, (uint32_t)p->out_c * p->filter_h * p->filter_w * p->in_c / p->groups);
    return;
  }
  op->layout = NFR_LAYOUT_SMLAD;
  op->scratch = gen_scratch(gen, NFR_TYPE_INT16, (uint32_t)nfr_tile_scratch(p));
  gen->constant_bytes = (gen->constant_bytes + 3u) & ~3u;
  finish_conv(gen, p, op, type, (p->out_c + 1u) / 2u * nfr_pair_bytes(nfr_tiling_of(p).padded));
  fix_pairs(gen, p);
}

/* Every scale is a usual one. */
static void make_all_usual(struct plan_gen *gen, const struct nfr_plan_requant *q, uint32_t channels) {
  if (gen->full) return;
  int32_t *multipliers = (int32_t *)(void *)(gen->constants + q->multipliers);
  int8_t *shifts = (int8_t *)(gen->constants + q->shifts);
  uint32_t scales = q->flags & NFR_REQUANT_PER_CHANNEL ? channels : 1;
  for (uint32_t i = 0; i < scales; i++) {
    multipliers[i] |= 1 << 30;
    FIT(shifts[i], -31, -1);
  }
}

/* Planes for strips of some rows, one in two of all of them, and now and then with an output like the input; false: the
 * window is dilated, or they would be too large. */
static bool fix_planes(struct plan_gen *gen, struct nfr_plan_conv *p, struct nfr_plan_op *op) {
  if (p->dilation_h != 1 || p->dilation_w != 1) return false;
  if (gen_once_in(gen, 3)) {
    p->groups = p->stride_h = p->stride_w = 1;
    p->out_h = p->in_h;
    p->out_w = p->in_w;
    p->out_c = p->in_c;
  }
  struct nfr_plan_conv strip = *p;
  if (gen_once_in(gen, 2)) strip.out_h = (uint16_t)(1 + gen_below(gen, p->out_h));
  struct nfr_planes planes = nfr_planes_of(&strip, INT32_MAX);
  uint32_t elements = nfr_planes_elements(&planes);
  if (elements > 8192) return false;
  op->layout = NFR_LAYOUT_PLANES;
  FIT(p->q.input_offset, -127, 128);
  op->scratch = gen_scratch(gen, NFR_TYPE_INT16, elements);
  bool is_like_input = p->groups == 1 && p->stride_h == 1 && p->stride_w == 1 && p->in_h == p->out_h && p->in_w == p->out_w;
  finish_window(gen, p, op, NFR_TYPE_INT8, (uint32_t)p->out_c * p->filter_h * p->filter_w, planes.rows,
                p->batches == 1 && is_like_input && planes.rows == p->out_h);
  make_all_usual(gen, &p->q, p->out_c);
  return true;
}

static void fix_depthwise(struct plan_gen *gen, void *params, struct nfr_plan_op *op) {
  struct nfr_plan_conv *p = params;
  fix_window(gen, p);
  FIT(p->groups, 1, 4);
  FIT(p->in_c, 1, p->groups == 4 ? 3 : 9);
  p->out_c = (uint16_t)(p->in_c * p->groups);
  uint8_t type = activation(gen);
  if (type != NFR_TYPE_INT8 || gen_once_in(gen, 3) || !fix_planes(gen, p, op))
    finish_conv(gen, p, op, type, (uint32_t)p->out_c * p->filter_h * p->filter_w);
}

static void fix_fully_connected(struct plan_gen *gen, void *params, struct nfr_plan_op *op) {
  struct nfr_plan_fully_connected *p = params;
  uint8_t type = activation(gen);
  FIT(p->batches, 1, 3);
  FIT(p->depth, 1, gen_once_in(gen, 6) ? 330 : 70);
  FIT(p->units, 1, 12);
  uint32_t weights = p->depth * p->units;
  if (type == NFR_TYPE_INT8 && !gen_once_in(gen, 3)) {
    op->layout = NFR_LAYOUT_SMLAD;
    p->q.bias = 0; /* there is none */
    gen->constant_bytes = (gen->constant_bytes + 3u) & ~3u;
    weights = 4u * (uint32_t)nfr_fc_words(p->units, p->depth);
  }
  p->weights = gen_constants(gen, weights, 1);
  fix_requant(gen, &p->q, p->units, type);
  op->in[0] = gen_input(gen, type, p->batches * p->depth);
  op->out = gen_output(gen, op, type, p->batches * p->units);
}

/* The last window starts inside the input. */
static uint16_t pool_extent(uint32_t in, uint32_t out, uint32_t stride, uint32_t pad) {
  return (uint16_t)fit(out, 1, (in + pad - 1) / stride + 1);
}

static void fix_pool(struct plan_gen *gen, void *params, struct nfr_plan_op *op) {
  struct nfr_plan_pool *p = params;
  uint8_t type = activation(gen);
  FIT(p->batches, 1, 2);
  FIT(p->in_h, 1, extent(gen, 7));
  FIT(p->in_w, 1, extent(gen, 7));
  FIT(p->channels, 1, 6);
  p->filter_h = (uint16_t)reach(gen, p->filter_h, 1, 4, UINT16_MAX);
  p->filter_w = (uint16_t)reach(gen, p->filter_w, 1, 4, UINT16_MAX);
  p->stride_h = (uint16_t)reach(gen, p->stride_h, 1, 3, UINT16_MAX);
  p->stride_w = (uint16_t)reach(gen, p->stride_w, 1, 3, UINT16_MAX);
  FIT(p->pad_top, 0, p->filter_h < 5 ? p->filter_h - 1 : 4);
  FIT(p->pad_left, 0, p->filter_w < 5 ? p->filter_w - 1 : 4);
  p->out_h = pool_extent(p->in_h, p->out_h, p->stride_h, p->pad_top);
  p->out_w = pool_extent(p->in_w, p->out_w, p->stride_w, p->pad_left);
  fix_clamp(&p->act_min, &p->act_max, type);
  p->flags &= NFR_WINDOW_ROWS_DESCENDING;
  op->in[0] = gen_input(gen, type, (uint32_t)p->batches * p->in_h * p->in_w * p->channels);
  const struct nfr_rows rows = {.batches = p->batches,
                                .in_h = p->in_h,
                                .out_h = p->out_h,
                                .stride = p->stride_h,
                                .pad = p->pad_top,
                                .reach = p->filter_h,
                                .tile = nfr_tile_of(p->out_w),
                                .descending = (p->flags & NFR_WINDOW_ROWS_DESCENDING) != 0};
  op->out = gen_output_over(gen, op, type, (uint32_t)p->batches * p->out_h * p->out_w * p->channels, &rows);
}

static uint32_t fix_dims(uint32_t dims[4], uint32_t most) {
  uint32_t count = 1;
  for (unsigned d = 0; d < 4; d++) {
    FIT(dims[d], 1, most);
    count *= dims[d];
  }
  return count;
}

static uint32_t broadcast_count(const uint32_t dims[4], uint8_t broadcast) {
  uint32_t count = 1;
  for (unsigned d = 0; d < 4; d++) count *= broadcast >> d & 1 ? 1 : dims[d];
  return count;
}

/* The two inputs of ADD and MUL, and the output, perhaps in the place of one that is not broadcast. */
static void binary_operands(struct plan_gen *gen, struct nfr_plan_op *op, const uint32_t dims[4], uint8_t broadcast0,
                            uint8_t broadcast1, uint8_t type) {
  uint32_t counts[2] = {broadcast_count(dims, broadcast0), broadcast_count(dims, broadcast1)};
  uint32_t count = broadcast_count(dims, 0);
  op->in[0] = gen_input(gen, type, counts[0]);
  op->in[1] = gen_input(gen, type, counts[1]);
  const struct nfr_plan_tensor *in = gen->tensors;
  unsigned first = gen_below(gen, 2), second = 1 - first;
  bool is_apart = in[op->in[0]].region != in[op->in[1]].region || op->in[0] == op->in[1] ||
                  in[op->in[first]].offset + in[op->in[first]].bytes <= in[op->in[second]].offset ||
                  in[op->in[second]].offset + in[op->in[second]].bytes <= in[op->in[first]].offset;
  op->out = counts[first] == count && is_apart ? gen_output_at(gen, op, op->in[first], type, count)
                                               : gen_output(gen, op, type, count);
}

/* Scales as a compiler derives them: the larger input's is halved. */
static void fix_usual_add(struct plan_gen *gen, struct nfr_plan_add *p, uint8_t type) {
  p->left_shift = type == NFR_TYPE_INT8 ? 20 : 15;
  make_usual(&p->multiplier0, &p->shift0);
  make_usual(&p->multiplier1, &p->shift1);
  make_usual(&p->multiplier_out, &p->shift_out);
  if (!gen_once_in(gen, 3)) p->shift0 = 0;
  if (!gen_once_in(gen, 3)) p->shift1 = 0;
  if (!gen_once_in(gen, 2)) return;
  p->act_min = (int16_t)least_of(type);
  p->act_max = (int16_t)most_of(type);
}

static void fix_add(struct plan_gen *gen, void *params, struct nfr_plan_op *op) {
  struct nfr_plan_add *p = params;
  uint8_t type = activation(gen);
  fix_dims(p->dims, elements(gen, 5));
  p->broadcast0 &= gen_once_in(gen, 2) ? 15 : 0;
  p->broadcast1 &= gen_once_in(gen, 2) ? 15 : 0;
  FIT(p->left_shift, 0, 30);
  fix_multiplier(&p->multiplier0, &p->shift0, -31, 0);
  fix_multiplier(&p->multiplier1, &p->shift1, -31, 0);
  fix_multiplier(&p->multiplier_out, &p->shift_out, -31, 0);
  fix_clamp(&p->act_min, &p->act_max, type);
  if (gen_once_in(gen, 3)) fix_usual_add(gen, p, type);
  binary_operands(gen, op, p->dims, p->broadcast0, p->broadcast1, type);
}

static void fix_mul(struct plan_gen *gen, void *params, struct nfr_plan_op *op) {
  struct nfr_plan_mul *p = params;
  uint8_t type = activation(gen);
  fix_dims(p->dims, elements(gen, 5));
  p->broadcast0 &= gen_once_in(gen, 2) ? 15 : 0;
  p->broadcast1 &= gen_once_in(gen, 2) ? 15 : 0;
  fix_multiplier(&p->multiplier, &p->shift, -31, 30);
  fix_clamp(&p->act_min, &p->act_max, type);
  p->reserved = 0;
  p->reserved1 = 0;
  binary_operands(gen, op, p->dims, p->broadcast0, p->broadcast1, type);
}

static void fix_softmax(struct plan_gen *gen, void *params, struct nfr_plan_op *op) {
  struct nfr_plan_softmax *p = params;
  bool is_narrow = activation(gen) == NFR_TYPE_INT8;
  uint8_t type = is_narrow ? NFR_TYPE_INT8 : NFR_TYPE_INT16;
  uint8_t out_type = is_narrow && (gen->plain || gen_once_in(gen, 2)) ? NFR_TYPE_INT8 : NFR_TYPE_INT16;
  FIT(p->rows, 1, 6);
  p->depth = reach(gen, p->depth, 1, 40, 4095);
  if (p->depth > 40) p->rows = 1;
  fix_multiplier(&p->multiplier, &p->shift, is_narrow ? 0 : -31, 30);
  FIT(p->diff_min, -INT32_MAX, 0);
  p->exp_table = is_narrow ? NFR_PLAN_NONE32 : gen_constants(gen, 513, 2);
  p->reciprocal_table = is_narrow ? NFR_PLAN_NONE32 : gen_constants(gen, 513, 2);
  memset(p->reserved, 0, sizeof p->reserved);
  op->in[0] = gen_input(gen, type, p->rows * p->depth);
  op->out = gen_output_at(gen, op, op->in[0], out_type, p->rows * p->depth);
}

static void fix_lut(struct plan_gen *gen, void *params, struct nfr_plan_op *op) {
  struct nfr_plan_lut *p = params;
  FIT(p->elements, 1, elements(gen, 300));
  p->table = gen_constants(gen, 256, 1);
  op->in[0] = gen_input(gen, NFR_TYPE_INT8, p->elements);
  op->out = gen_output_at(gen, op, op->in[0], NFR_TYPE_INT8, p->elements);
}

static void fix_logistic16(struct plan_gen *gen, void *params, struct nfr_plan_op *op) {
  struct nfr_plan_logistic16 *p = params;
  FIT(p->elements, 1, elements(gen, 200));
  if (gen_once_in(gen, 3)) p->multiplier = 0;
  FIT(p->multiplier, 0, INT16_MAX);
  FIT(p->shift, 0, p->multiplier == 0 ? 13 : 31);
  p->table = gen_constants(gen, 256, 2);
  op->in[0] = gen_input(gen, NFR_TYPE_INT16, p->elements);
  op->out = gen_output_at(gen, op, op->in[0], NFR_TYPE_INT16, p->elements);
}

static void fix_pad(struct plan_gen *gen, void *params, struct nfr_plan_op *op) {
  struct nfr_plan_pad *p = params;
  uint8_t type = movable(gen);
  uint32_t in = fix_dims(p->dims, 4), out = 1;
  for (unsigned d = 0; d < 4; d++) {
    FIT(p->before[d], 0, 2);
    FIT(p->after[d], 0, 2);
    out *= p->dims[d] + p->before[d] + p->after[d];
  }
  FIT(p->fill, least_of(type), most_of(type));
  p->reserved = 0;
  op->in[0] = gen_input(gen, type, in);
  op->out = gen_output(gen, op, type, out);
}

static void fix_mean(struct plan_gen *gen, void *params, struct nfr_plan_op *op) {
  struct nfr_plan_mean *p = params;
  uint8_t type = activation(gen);
  uint32_t in = fix_dims(p->dims, 6);
  FIT(p->reduce, 0, 15);
  FIT(p->multiplier, 0, INT32_MAX);
  FIT(p->shift, -31, 30);
  memset(p->reserved, 0, sizeof p->reserved);
  p->reserved1 = 0;
  op->in[0] = gen_input(gen, type, in);
  op->out = gen_output(gen, op, type, broadcast_count(p->dims, p->reduce));
}

static void fix_copy(struct plan_gen *gen, void *params, struct nfr_plan_op *op) {
  struct nfr_plan_copy *p = params;
  uint8_t type = movable(gen);
  uint32_t size = nfr_type_bytes(type);
  p->bytes = (uint32_t)fit(p->bytes, 4, 600);
  p->bytes -= p->bytes % size;
  op->in[0] = gen_input(gen, type, p->bytes / size);
  op->out = gen_output_at(gen, op, op->in[0], type, p->bytes / size);
}

static void fix_transpose(struct plan_gen *gen, void *params, struct nfr_plan_op *op) {
  struct nfr_plan_transpose *p = params;
  uint8_t type = movable(gen);
  uint32_t count = 1;
  FIT(p->rank, 1, NFR_PLAN_MAX_RANK);
  for (unsigned d = 0; d < NFR_PLAN_MAX_RANK; d++) {
    p->dims[d] = d < p->rank ? (uint32_t)fit(p->dims[d], 1, p->rank > 3 ? 3 : 7) : 1;
    p->permutation[d] = (uint8_t)d;
    count *= p->dims[d];
  }
  for (unsigned d = p->rank - 1; d > 0; d--) {
    unsigned other = gen_below(gen, d + 1);
    uint8_t swapped = p->permutation[d];
    p->permutation[d] = p->permutation[other];
    p->permutation[other] = swapped;
  }
  p->reserved = 0;
  op->in[0] = gen_input(gen, type, count);
  op->out = gen_output(gen, op, type, count);
}

/* Any bits make a scale when the sign is clear and the exponent is below that of infinity. */
static void fix_scale(float *scale) {
  uint32_t bits;
  memcpy(&bits, scale, sizeof bits);
  FIT(bits, 1, 0x7f7fffff);
  memcpy(scale, &bits, sizeof bits);
}

static void fix_quantize(struct plan_gen *gen, void *params, struct nfr_plan_op *op) {
  struct nfr_plan_quantize *p = params;
  uint8_t type = activation(gen);
  FIT(p->elements, 1, elements(gen, 100));
  fix_scale(&p->scale);
  FIT(p->zero_point, least_of(type), most_of(type));
  op->in[0] = gen_input(gen, NFR_TYPE_FLOAT32, p->elements);
  op->out = gen_output_at(gen, op, op->in[0], type, p->elements);
}

static void fix_dequantize(struct plan_gen *gen, void *params, struct nfr_plan_op *op) {
  struct nfr_plan_quantize *p = params;
  uint8_t type = activation(gen);
  FIT(p->elements, 1, elements(gen, 100));
  fix_scale(&p->scale);
  FIT(p->zero_point, least_of(type), most_of(type));
  op->in[0] = gen_input(gen, type, p->elements);
  op->out = gen_output(gen, op, NFR_TYPE_FLOAT32, p->elements);
}

static void fix_requantize(struct plan_gen *gen, void *params, struct nfr_plan_op *op) {
  struct nfr_plan_requantize *p = params;
  uint8_t type = activation(gen), out_type = (uint8_t)gen_below(gen, NFR_TYPE_INT32 + 1);
  if (gen->plain) out_type = NFR_TYPE_INT8;
  FIT(p->elements, 1, elements(gen, 200));
  FIT(p->multiplier, 0, INT32_MAX);
  FIT(p->shift, -31, 30);
  FIT(p->input_zero_point, least_of(type), most_of(type));
  if (out_type != NFR_TYPE_INT32) FIT(p->output_zero_point, least_of(out_type), most_of(out_type));
  op->in[0] = gen_input(gen, type, p->elements);
  op->out = gen_output_at(gen, op, op->in[0], out_type, p->elements);
}

static void fix_svdf(struct plan_gen *gen, void *params, struct nfr_plan_op *op) {
  struct nfr_plan_svdf *p = params;
  uint8_t state = activation(gen);
  uint32_t units = (uint32_t)fit(p->filters, 1, 6);
  FIT(p->batches, 1, 2);
  FIT(p->depth, 1, gen_once_in(gen, 4) ? 40 : 12);
  FIT(p->memory, 1, gen_once_in(gen, 4) ? 20 : 8);
  FIT(p->rank, 1, 3);
  p->filters = units * p->rank;
  FIT(p->state_zero_point, least_of(state), most_of(state));
  fix_multiplier(&p->multiplier1, &p->shift1, -31, 30);
  fix_multiplier(&p->multiplier2, &p->shift2, -31, 30);
  p->reserved = 0;
  p->weights_feature = gen_constants(gen, p->filters * p->depth, 1);
  p->weights_time = gen_constants(gen, p->filters * p->memory, nfr_type_bytes(state));
  p->bias = p->bias & 1 ? gen_constants(gen, units, 4) : NFR_PLAN_NONE32;
  op->in[0] = gen_input(gen, NFR_TYPE_INT8, p->batches * p->depth);
  op->in[2] = gen_state(gen, state, p->batches * p->filters * p->memory);
  op->out = gen_output(gen, op, NFR_TYPE_INT8, p->batches * units);
}

static void fix_gate(struct plan_gen *gen, const struct nfr_plan_lstm *p, struct nfr_plan_lstm_gate *gate, bool is_wide,
                     bool is_usual) {
  gate->weights_input = gen_constants(gen, p->state_size * p->input_size, 1);
  gate->weights_recurrent = gen_constants(gen, p->state_size * p->state_size, 1);
  gate->bias = gate->bias & 1 ? gen_constants(gen, p->state_size, is_wide ? 8 : 4) : NFR_PLAN_NONE32;
  fix_multiplier(&gate->multiplier_input, &gate->shift_input, -31, is_wide ? 7 : 30);
  fix_multiplier(&gate->multiplier_recurrent, &gate->shift_recurrent, -31, is_wide ? 7 : 30);
  if (is_usual) make_usual(&gate->multiplier_input, &gate->shift_input);
  if (is_usual) make_usual(&gate->multiplier_recurrent, &gate->shift_recurrent);
  gate->reserved = 0;
}

/* NFR_LAYOUT_SMLAD: constants of the first gate, for all of them. */
static void pack_gates(struct plan_gen *gen, struct nfr_plan_lstm *p) {
  for (unsigned i = 1; i < 4; i++) p->gates[i].weights_input = p->gates[i].weights_recurrent = p->gates[i].bias = NFR_PLAN_NONE32;
  p->gates[0].bias = gen_constants(gen, 4 * p->state_size, 4);
  p->gates[0].weights_input = gen_constants(gen, p->state_size * nfr_lstm_padded(p->input_size), 4);
  p->gates[0].weights_recurrent = gen_constants(gen, p->state_size * nfr_lstm_padded(p->state_size), 4);
}

static void fix_lstm(struct plan_gen *gen, void *params, struct nfr_plan_op *op) {
  struct nfr_plan_lstm *p = params;
  uint8_t type = activation(gen);
  FIT(p->batches, 1, 2);
  FIT(p->steps, 1, 4);
  FIT(p->input_size, 1, gen_once_in(gen, 4) ? 40 : 6);
  FIT(p->state_size, 1, gen_once_in(gen, 4) ? 18 : 6);
  FIT(p->time_major, 0, 1);
  FIT(p->tanh_shift, -31, 14);
  fix_multiplier(&p->multiplier_forget, &p->shift_forget, -31, 30);
  fix_multiplier(&p->multiplier_input, &p->shift_input, -31, 30);
  fix_multiplier(&p->multiplier_hidden, &p->shift_hidden, -31, 30);
  FIT(p->cell_clip, 0, INT16_MAX);
  FIT(p->output_zero_point, least_of(type), most_of(type));
  p->reserved = 0;
  p->reserved1 = 0;
  p->table = gen_constants(gen, 256, 2);
  bool packed = type == NFR_TYPE_INT8 && gen_once_in(gen, 2), is_usual = gen_once_in(gen, 2);
  if (is_usual) {
    make_usual(&p->multiplier_forget, &p->shift_forget);
    make_usual(&p->multiplier_input, &p->shift_input);
    make_usual(&p->multiplier_hidden, &p->shift_hidden);
  }
  for (unsigned i = 0; i < 4; i++) fix_gate(gen, p, &p->gates[i], type == NFR_TYPE_INT16, is_usual);
  if (packed) pack_gates(gen, p);
  if (packed) op->layout = NFR_LAYOUT_SMLAD;
  uint32_t state = p->batches * p->state_size;
  op->in[0] = gen_input(gen, type, p->batches * p->steps * p->input_size);
  op->in[1] = gen_state(gen, type, state);
  op->in[2] = gen_state(gen, NFR_TYPE_INT16, state);
  op->scratch = packed ? gen_scratch(gen, NFR_TYPE_INT16, (uint32_t)nfr_lstm_scratch(p)) : gen_scratch(gen, type, p->state_size);
  op->out = gen_output(gen, op, type, p->batches * p->steps * p->state_size);
}

void gen_fix(struct plan_gen *gen, uint8_t kind, void *params, struct nfr_plan_op *op) {
  static void (*const fixes[])(struct plan_gen *gen, void *params, struct nfr_plan_op *op) = {
      [NFR_KIND_ADD] = fix_add,
      [NFR_KIND_MUL] = fix_mul,
      [NFR_KIND_CONV_2D] = fix_conv,
      [NFR_KIND_DEPTHWISE_CONV_2D] = fix_depthwise,
      [NFR_KIND_FULLY_CONNECTED] = fix_fully_connected,
      [NFR_KIND_AVERAGE_POOL_2D] = fix_pool,
      [NFR_KIND_MAX_POOL_2D] = fix_pool,
      [NFR_KIND_SOFTMAX] = fix_softmax,
      [NFR_KIND_LUT] = fix_lut,
      [NFR_KIND_LOGISTIC16] = fix_logistic16,
      [NFR_KIND_PAD] = fix_pad,
      [NFR_KIND_MEAN] = fix_mean,
      [NFR_KIND_COPY] = fix_copy,
      [NFR_KIND_TRANSPOSE] = fix_transpose,
      [NFR_KIND_QUANTIZE] = fix_quantize,
      [NFR_KIND_REQUANTIZE] = fix_requantize,
      [NFR_KIND_DEQUANTIZE] = fix_dequantize,
      [NFR_KIND_SVDF] = fix_svdf,
      [NFR_KIND_LSTM] = fix_lstm,
  };
  fixes[kind](gen, params, op);
}
