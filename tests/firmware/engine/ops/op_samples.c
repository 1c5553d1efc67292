#include "op_samples.h"

#include <string.h>

/* Two channels: multipliers 1/2 and 3/4, shifts -7 and -6, a bias of the accumulator's size. */
static struct nfr_plan_requant requant(struct op_case *c, bool wide) {
  static const int32_t multipliers[2] = {1 << 30, 3 << 29}, bias[2] = {100, -100};
  static const int8_t shifts[2] = {-7, -6};
  static const int64_t bias64[2] = {100, -100};
  return (struct nfr_plan_requant){
      .bias = wide ? case_constant(c, bias64, sizeof bias64, 8) : case_constant(c, bias, sizeof bias, 4),
      .multipliers = case_constant(c, multipliers, sizeof multipliers, 4),
      .shifts = case_constant(c, shifts, sizeof shifts, 1),
      .act_min = -128,
      .act_max = 127,
      .flags = NFR_REQUANT_PER_CHANNEL | (wide ? NFR_REQUANT_ACC64 | NFR_REQUANT_BIAS64 : 0),
  };
}

static void sample_conv(struct op_case *c, uint8_t type) {
  struct nfr_plan_conv *p = case_begin(c, NFR_KIND_CONV_2D, 1);
  *p = (struct nfr_plan_conv){.batches = 1, .in_h = 4, .in_w = 4, .in_c = 4, .out_h = 4, .out_w = 4, .out_c = 2, .filter_h = 3,
                              .filter_w = 3, .pad_top = 1, .pad_left = 1, .groups = 2, .stride_h = 1, .stride_w = 1,
                              .dilation_h = 1, .dilation_w = 1};
  p->q = requant(c, type == NFR_TYPE_INT16);
  p->weights = case_weights(c, 2 * 3 * 3 * 2, 1);
  case_operand(c, &c->op.in[0], type, 64);
  case_operand(c, &c->op.out, type, 32);
  case_finish(c);
}

void sample_conv8(struct op_case *c) {
  sample_conv(c, NFR_TYPE_INT8);
}

void sample_conv16(struct op_case *c) {
  sample_conv(c, NFR_TYPE_INT16);
}

void sample_conv_tiled(struct op_case *c) {
  struct nfr_plan_conv *p = case_begin(c, NFR_KIND_CONV_2D, 1);
  c->record.frame.layout = NFR_LAYOUT_SMLAD;
  *p = (struct nfr_plan_conv){.batches = 1, .in_h = 4, .in_w = 4, .in_c = 3, .out_h = 4, .out_w = 4, .out_c = 2, .filter_h = 3,
                              .filter_w = 3, .pad_top = 1, .pad_left = 1, .groups = 1, .stride_h = 1, .stride_w = 1,
                              .dilation_h = 1, .dilation_w = 1};
  p->q = (struct nfr_plan_requant){.input_offset = 3, .output_offset = -5, .act_min = -128, .act_max = 127};
  uint8_t pair[4 + 2 * 28 + 16];
  for (unsigned i = 0; i < sizeof pair; i++) pair[i] = (uint8_t)case_random(c, 0, 255);
  memcpy(pair + sizeof pair - 12, (const uint32_t[]){0x80000000u, 0xfffffffeu, 0x1f01u}, 12);
  p->weights = case_constant(c, pair, sizeof pair, 4);
  case_operand(c, &c->op.in[0], NFR_TYPE_INT8, 48);
  case_operand(c, &c->op.scratch, NFR_TYPE_INT16, 3 * 28 + 14);
  case_operand(c, &c->op.out, NFR_TYPE_INT8, 32);
  case_finish(c);
}

void sample_fully_connected_pairs(struct op_case *c) {
  struct nfr_plan_fully_connected *p = case_begin(c, NFR_KIND_FULLY_CONNECTED, 1);
  c->record.frame.layout = NFR_LAYOUT_SMLAD;
  *p = (struct nfr_plan_fully_connected){.batches = 3, .depth = 5, .units = 2};
  p->q = requant(c, false);
  p->q.bias = NFR_PLAN_NONE32;
  p->weights = case_weights(c, 2 + 4, 4);
  case_operand(c, &c->op.in[0], NFR_TYPE_INT8, 15);
  case_operand(c, &c->op.out, NFR_TYPE_INT8, 6);
  case_finish(c);
}

void sample_depthwise(struct op_case *c) {
  struct nfr_plan_conv *p = case_begin(c, NFR_KIND_DEPTHWISE_CONV_2D, 1);
  *p = (struct nfr_plan_conv){.batches = 1, .in_h = 4, .in_w = 4, .in_c = 1, .out_h = 2, .out_w = 2, .out_c = 2, .filter_h = 3,
                              .filter_w = 3, .groups = 2, .stride_h = 1, .stride_w = 1, .dilation_h = 1, .dilation_w = 1};
  p->q = requant(c, false);
  p->weights = case_weights(c, 3 * 3 * 2, 1);
  case_operand(c, &c->op.in[0], NFR_TYPE_INT8, 16);
  case_operand(c, &c->op.out, NFR_TYPE_INT8, 8);
  case_finish(c);
}

void sample_depthwise_planes(struct op_case *c) {
  struct nfr_plan_conv *p = case_begin(c, NFR_KIND_DEPTHWISE_CONV_2D, 1);
  c->record.frame.layout = NFR_LAYOUT_PLANES;
  *p = (struct nfr_plan_conv){.batches = 1, .in_h = 4, .in_w = 4, .in_c = 2, .out_h = 4, .out_w = 4, .out_c = 2, .filter_h = 3,
                              .filter_w = 3, .pad_top = 1, .pad_left = 1, .groups = 1, .stride_h = 1, .stride_w = 1,
                              .dilation_h = 1, .dilation_w = 1};
  p->q = requant(c, false);
  p->weights = case_weights(c, 3 * 3 * 2, 1);
  case_operand(c, &c->op.in[0], NFR_TYPE_INT8, 32);
  case_operand(c, &c->op.scratch, NFR_TYPE_INT16, 24 + 2 * (6 * 6 + 6));
  case_operand(c, &c->op.out, NFR_TYPE_INT8, 32);
  case_finish(c);
}

void sample_fully_connected(struct op_case *c) {
  struct nfr_plan_fully_connected *p = case_begin(c, NFR_KIND_FULLY_CONNECTED, 1);
  *p = (struct nfr_plan_fully_connected){.batches = 3, .depth = 5, .units = 2};
  p->q = requant(c, false);
  p->weights = case_weights(c, 10, 1);
  case_operand(c, &c->op.in[0], NFR_TYPE_INT8, 15);
  case_operand(c, &c->op.out, NFR_TYPE_INT8, 6);
  case_finish(c);
}

static void sample_pool(struct op_case *c, uint8_t kind) {
  struct nfr_plan_pool *p = case_begin(c, kind, 1);
  *p = (struct nfr_plan_pool){.batches = 1, .in_h = 5, .in_w = 5, .channels = 2, .out_h = 3, .out_w = 3, .filter_h = 2,
                              .filter_w = 2, .pad_top = 1, .pad_left = 1, .stride_h = 2, .stride_w = 2, .act_min = -128,
                              .act_max = 127};
  case_operand(c, &c->op.in[0], NFR_TYPE_INT8, 50);
  case_operand(c, &c->op.out, NFR_TYPE_INT8, 18);
  case_finish(c);
}

void sample_average_pool(struct op_case *c) {
  sample_pool(c, NFR_KIND_AVERAGE_POOL_2D);
}

void sample_max_pool(struct op_case *c) {
  sample_pool(c, NFR_KIND_MAX_POOL_2D);
}

void sample_add(struct op_case *c) {
  struct nfr_plan_add *p = case_begin(c, NFR_KIND_ADD, 1);
  *p = (struct nfr_plan_add){.dims = {1, 1, 3, 4}, .broadcast1 = 8, .left_shift = 20, .shift_out = -18, .act_min = -128,
                             .multiplier0 = 1 << 30, .multiplier1 = 1 << 30, .multiplier_out = 1 << 30, .act_max = 127};
  case_operand(c, &c->op.in[0], NFR_TYPE_INT8, 12);
  case_operand(c, &c->op.in[1], NFR_TYPE_INT8, 3);
  case_operand(c, &c->op.out, NFR_TYPE_INT8, 12);
  case_finish(c);
}

void sample_mul(struct op_case *c) {
  struct nfr_plan_mul *p = case_begin(c, NFR_KIND_MUL, 1);
  *p = (struct nfr_plan_mul){.dims = {1, 1, 3, 4}, .broadcast1 = 8, .shift = -6, .multiplier = 1 << 30, .act_min = -128,
                             .act_max = 127};
  case_operand(c, &c->op.in[0], NFR_TYPE_INT8, 12);
  case_operand(c, &c->op.in[1], NFR_TYPE_INT8, 3);
  case_operand(c, &c->op.out, NFR_TYPE_INT8, 12);
  case_finish(c);
}

void sample_softmax8(struct op_case *c) {
  struct nfr_plan_softmax *p = case_begin(c, NFR_KIND_SOFTMAX, 1);
  *p = (struct nfr_plan_softmax){.rows = 2, .depth = 5, .multiplier = 1 << 30, .shift = 23, .diff_min = -248,
                                 .exp_table = NFR_PLAN_NONE32, .reciprocal_table = NFR_PLAN_NONE32};
  case_operand(c, &c->op.in[0], NFR_TYPE_INT8, 10);
  case_operand(c, &c->op.out, NFR_TYPE_INT8, 10);
  case_finish(c);
}

void sample_softmax16(struct op_case *c) {
  struct nfr_plan_softmax *p = case_begin(c, NFR_KIND_SOFTMAX, 1);
  *p = (struct nfr_plan_softmax){.rows = 2, .depth = 5, .multiplier = 1 << 30, .shift = 1};
  p->exp_table = case_weights(c, 513, 2);
  p->reciprocal_table = case_weights(c, 513, 2);
  case_operand(c, &c->op.in[0], NFR_TYPE_INT16, 10);
  case_operand(c, &c->op.out, NFR_TYPE_INT16, 10);
  case_finish(c);
}

void sample_lut(struct op_case *c) {
  struct nfr_plan_lut *p = case_begin(c, NFR_KIND_LUT, 1);
  *p = (struct nfr_plan_lut){.elements = 10, .table = case_weights(c, 256, 1)};
  case_operand(c, &c->op.in[0], NFR_TYPE_INT8, 10);
  case_operand(c, &c->op.out, NFR_TYPE_INT8, 10);
  case_finish(c);
}

void sample_logistic16(struct op_case *c) {
  struct nfr_plan_logistic16 *p = case_begin(c, NFR_KIND_LOGISTIC16, 1);
  *p = (struct nfr_plan_logistic16){.elements = 10, .multiplier = 24576, .shift = 12, .table = case_weights(c, 256, 2)};
  case_operand(c, &c->op.in[0], NFR_TYPE_INT16, 10);
  case_operand(c, &c->op.out, NFR_TYPE_INT16, 10);
  case_finish(c);
}

void sample_pad(struct op_case *c) {
  struct nfr_plan_pad *p = case_begin(c, NFR_KIND_PAD, 1);
  *p = (struct nfr_plan_pad){.dims = {1, 2, 3, 4}, .before = {0, 1, 0, 2}, .after = {0, 0, 1, 1}, .fill = -5};
  case_operand(c, &c->op.in[0], NFR_TYPE_INT8, 24);
  case_operand(c, &c->op.out, NFR_TYPE_INT8, 84);
  case_finish(c);
}

void sample_mean(struct op_case *c) {
  struct nfr_plan_mean *p = case_begin(c, NFR_KIND_MEAN, 1);
  *p = (struct nfr_plan_mean){.dims = {1, 2, 3, 4}, .reduce = 6, .multiplier = 1 << 30, .shift = -1};
  case_operand(c, &c->op.in[0], NFR_TYPE_INT8, 24);
  case_operand(c, &c->op.out, NFR_TYPE_INT8, 4);
  case_finish(c);
}

void sample_copy(struct op_case *c) {
  struct nfr_plan_copy *p = case_begin(c, NFR_KIND_COPY, 1);
  p->bytes = 600;
  case_operand(c, &c->op.in[0], NFR_TYPE_INT16, 300);
  case_operand(c, &c->op.out, NFR_TYPE_INT16, 300);
  case_finish(c);
}

void sample_transpose(struct op_case *c) {
  struct nfr_plan_transpose *p = case_begin(c, NFR_KIND_TRANSPOSE, 1);
  *p = (struct nfr_plan_transpose){.dims = {2, 3, 4, 1, 1, 1}, .permutation = {2, 0, 1, 3, 4, 5}, .rank = 3};
  case_operand(c, &c->op.in[0], NFR_TYPE_INT8, 24);
  case_operand(c, &c->op.out, NFR_TYPE_INT8, 24);
  case_finish(c);
}

static void sample_quantization(struct op_case *c, uint8_t kind, uint8_t in, uint8_t out) {
  struct nfr_plan_quantize *p = case_begin(c, kind, 1);
  *p = (struct nfr_plan_quantize){.elements = 10, .scale = 0.5f, .zero_point = 3};
  case_operand(c, &c->op.in[0], in, 10);
  case_operand(c, &c->op.out, out, 10);
  case_finish(c);
}

void sample_quantize(struct op_case *c) {
  sample_quantization(c, NFR_KIND_QUANTIZE, NFR_TYPE_FLOAT32, NFR_TYPE_INT8);
}

void sample_dequantize(struct op_case *c) {
  sample_quantization(c, NFR_KIND_DEQUANTIZE, NFR_TYPE_INT8, NFR_TYPE_FLOAT32);
}

void sample_requantize(struct op_case *c) {
  struct nfr_plan_requantize *p = case_begin(c, NFR_KIND_REQUANTIZE, 1);
  *p = (struct nfr_plan_requantize){.elements = 10, .multiplier = 1 << 30, .shift = -7};
  case_operand(c, &c->op.in[0], NFR_TYPE_INT16, 10);
  case_operand(c, &c->op.out, NFR_TYPE_INT8, 10);
  case_finish(c);
}

void sample_svdf(struct op_case *c) {
  struct nfr_plan_svdf *p = case_begin(c, NFR_KIND_SVDF, 1);
  *p = (struct nfr_plan_svdf){.batches = 2, .depth = 5, .filters = 6, .memory = 4, .rank = 2, .multiplier1 = 1 << 30,
                              .multiplier2 = 1 << 30, .shift1 = -7, .shift2 = -7};
  p->weights_time = case_weights(c, 24, 1);
  p->bias = case_weights(c, 3, 4);
  p->weights_feature = case_weights(c, 30, 1);
  case_operand(c, &c->op.in[0], NFR_TYPE_INT8, 10);
  case_operand(c, &c->op.in[2], NFR_TYPE_INT8, 48);
  case_operand(c, &c->op.out, NFR_TYPE_INT8, 6);
  case_finish(c);
}

static void sample_lstm(struct op_case *c, uint8_t type, uint8_t layout) {
  struct nfr_plan_lstm *p = case_begin(c, NFR_KIND_LSTM, 1);
  c->record.frame.layout = layout;
  *p = (struct nfr_plan_lstm){.batches = 2, .steps = 3, .input_size = 4, .state_size = 5, .tanh_shift = -1, .shift_forget = -14,
                              .shift_input = -14, .shift_hidden = -21, .multiplier_forget = 1 << 30,
                              .multiplier_input = 1 << 30, .multiplier_hidden = 1 << 30};
  bool packed = layout == NFR_LAYOUT_SMLAD;
  if (!packed) p->table = case_weights(c, 256, 2);
  for (unsigned g = 0; g < 4; g++)
    p->gates[g] = (struct nfr_plan_lstm_gate){
        .bias = packed ? NFR_PLAN_NONE32 : case_weights(c, 5, type == NFR_TYPE_INT16 ? 8 : 4),
        .weights_input = packed ? NFR_PLAN_NONE32 : case_weights(c, 20, 1),
        .weights_recurrent = packed ? NFR_PLAN_NONE32 : case_weights(c, 25, 1),
        .multiplier_input = 1 << 30,
        .multiplier_recurrent = 1 << 30,
        .shift_input = -4,
        .shift_recurrent = -4,
    };
  if (packed) {
    p->gates[0].bias = case_weights(c, 20, 4);
    p->gates[0].weights_input = case_weights(c, 5 * 4, 4);
    p->table = case_weights(c, 256, 2);
    p->gates[0].weights_recurrent = case_weights(c, 5 * 8, 4);
  }
  case_operand(c, &c->op.in[0], type, 24);
  case_operand(c, &c->op.in[1], type, 10);
  case_operand(c, &c->op.in[2], NFR_TYPE_INT16, 10);
  case_operand(c, &c->op.out, type, 30);
  case_operand(c, &c->op.scratch, packed ? NFR_TYPE_INT16 : type, packed ? 8 + 2 * 4 + 2 * 20 : 5);
  case_finish(c);
}

void sample_lstm8(struct op_case *c) {
  sample_lstm(c, NFR_TYPE_INT8, NFR_LAYOUT_PLAIN);
}

void sample_lstm_steps(struct op_case *c) {
  sample_lstm(c, NFR_TYPE_INT8, NFR_LAYOUT_SMLAD);
}

void sample_lstm16(struct op_case *c) {
  sample_lstm(c, NFR_TYPE_INT16, NFR_LAYOUT_PLAIN);
}
