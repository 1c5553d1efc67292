/* Rules V40 and up: a valid record is broken in one place, and refused by that rule. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../../rule_hook.h"
#include "op_samples.h"

#define P(name) ((struct nfr_plan_##name *)(void *)c->record.params)
#define CONSTANT(type, offset) ((type *)(void *)(c->constants + (offset)))
#define TAIL(i) c->constants[P(conv)->weights + 60u + (i)] /* of conv_tiled's pair of channels */
#define IN(i) c->op.in[i]
#define OUT c->op.out
#define SHORTER(operand) (operand).bytes -= nfr_type_bytes((operand).type)
#define END c->constant_bytes

/* X(rule, sample, name, what breaks it) */
#define BREAKS(X)                                                                                                       \
  X(V40, conv8, no_batch, P(conv)->batches = 0)                                                                          \
  X(V40, conv8, no_input_row, P(conv)->in_h = 0)                                                                         \
  X(V40, conv8, no_input_channel, P(conv)->in_c = 0)                                                                     \
  X(V40, conv8, no_output, P(conv)->out_w = 0)                                                                           \
  X(V40, conv8, no_filter_row, P(conv)->filter_h = 0)                                                                    \
  X(V40, conv8, no_filter_column, P(conv)->filter_w = 0)                                                                 \
  X(V40, conv8, input_too_large, P(conv)->batches = 32768; P(conv)->in_h = P(conv)->in_w = 16384; P(conv)->in_c = 32768) \
  X(V40, conv8, filter_too_large, P(conv)->filter_h = P(conv)->filter_w = 65535)                                         \
  X(V40, depthwise, depthwise_without_taps, P(conv)->filter_h = 0)                                                       \
  X(V40, depthwise, depthwise_without_multiplier, P(conv)->groups = 0; P(conv)->out_c = 0)                               \
  X(V40, fully_connected, no_depth, P(fully_connected)->depth = 0)                                                       \
  X(V40, fully_connected, no_unit, P(fully_connected)->units = 0)                                                        \
  X(V40, fully_connected, product_of_31_bits, P(fully_connected)->batches = 0x80000000u / 5 + 1)                           \
  X(V40, fully_connected, product_of_32_bits_wraps, P(fully_connected)->batches = 0xccccccd0u)                           \
  X(V40, average_pool, pool_without_channels, P(pool)->channels = 0)                                                     \
  X(V40, average_pool, pool_without_output, P(pool)->out_h = 0)                                                          \
  X(V40, add, add_of_nothing, P(add)->dims[0] = 0)                                                                       \
  X(V40, mul, mul_of_too_much, P(mul)->dims[0] = P(mul)->dims[1] = 0x10000)                                              \
  X(V40, softmax8, no_row, P(softmax)->rows = 0)                                                                         \
  X(V40, softmax16, no_element_in_row, P(softmax)->depth = 0)                                                            \
  X(V40, lut, lut_of_nothing, P(lut)->elements = 0)                                                                      \
  X(V40, lut, lut_of_too_much, P(lut)->elements = 0x80000000u)                                                           \
  X(V40, logistic16, logistic_of_nothing, P(logistic16)->elements = 0)                                                   \
  X(V40, pad, pad_of_nothing, P(pad)->dims[2] = 0)                                                                       \
  X(V40, pad, pad_to_too_much, P(pad)->before[1] = 0x40000000u)                                                          \
  X(V40, pad, pad_wraps, P(pad)->before[1] = 0xfffffffeu)                                                                \
  X(V40, pad, pad_beyond_32_bits, P(pad)->before[1] = P(pad)->after[1] = 0x80000000u)                                    \
  X(V40, mean, mean_of_nothing, P(mean)->dims[1] = 0)                                                                    \
  X(V40, copy, copy_of_nothing, P(copy)->bytes = 0)                                                                      \
  X(V40, transpose, transpose_of_nothing, P(transpose)->dims[0] = 0)                                                     \
  X(V40, quantize, quantize_of_nothing, P(quantize)->elements = 0)                                                       \
  X(V40, requantize, requantize_of_nothing, P(requantize)->elements = 0)                                                 \
  X(V40, dequantize, dequantize_of_nothing, P(quantize)->elements = 0)                                                   \
  X(V40, svdf, svdf_without_memory, P(svdf)->memory = 0)                                                                 \
  X(V40, svdf, svdf_without_filters, P(svdf)->filters = 0)                                                               \
  X(V40, svdf, svdf_without_depth, P(svdf)->depth = 0)                                                                   \
  X(V40, lstm8, lstm_without_steps, P(lstm)->steps = 0)                                                                  \
  X(V40, lstm8, lstm_without_state, P(lstm)->state_size = 0)                                                             \
  X(V40, lstm8, lstm_without_input, P(lstm)->input_size = 0)                                                             \
  X(V40, lstm8, lstm_without_batch, P(lstm)->batches = 0)                                                                \
  X(V41, conv8, weights_past_end, P(conv)->weights++)                                                                    \
  X(V41, conv8, weights_absent, P(conv)->weights = NFR_PLAN_NONE32)                                                      \
  X(V41, conv8, multipliers_past_end, P(conv)->q.multipliers = (END - 4) & ~3u)                                          \
  X(V41, conv8, multipliers_not_aligned, P(conv)->q.multipliers += 2)                                                    \
  X(V41, conv8, shifts_past_end, P(conv)->q.shifts = END - 1)                                                            \
  X(V41, conv8, bias_past_end, P(conv)->q.bias = (END - 4) & ~3u)                                                        \
  X(V41, conv8, bias_not_aligned, P(conv)->q.bias += 1)                                                                  \
  X(V41, conv16, bias64_not_aligned, P(conv)->q.bias += 4)                                                               \
  X(V41, conv16, bias64_past_end, P(conv)->q.bias = (END - 8) & ~7u)                                                     \
  X(V41, depthwise, depthwise_weights_past_end, P(conv)->weights++)                                                      \
  X(V41, fully_connected, matrix_past_end, P(fully_connected)->weights++)                                                \
  X(V41, fully_connected, matrix_wraps, P(fully_connected)->weights = 0xfffffff8u)                                       \
  X(V41, softmax16, exp_table_past_end, P(softmax)->exp_table = END - 1024)                                              \
  X(V41, softmax16, reciprocal_table_past_end, P(softmax)->reciprocal_table += 2)                                        \
  X(V41, softmax16, table_not_aligned, P(softmax)->exp_table += 1)                                                       \
  X(V41, lut, table_past_end, P(lut)->table++)                                                                           \
  X(V41, logistic16, logistic_table_past_end, P(logistic16)->table += 2)                                                 \
  X(V41, svdf, feature_weights_past_end, P(svdf)->weights_feature++)                                                     \
  X(V41, svdf, time_weights_past_end, P(svdf)->weights_time = END - 23)                                                  \
  X(V41, svdf, svdf_bias_past_end, P(svdf)->bias = (END - 8) & ~3u)                                                      \
  X(V41, lstm8, input_weights_past_end, P(lstm)->gates[0].weights_input = END - 19)                                      \
  X(V41, lstm8, recurrent_weights_past_end, P(lstm)->gates[3].weights_recurrent = END - 24)                              \
  X(V41, lstm8, lstm_bias_past_end, P(lstm)->gates[2].bias = (END - 16) & ~3u)                                           \
  X(V41, lstm16, lstm_bias64_not_aligned, P(lstm)->gates[1].bias += 4)                                                   \
  X(V41, lstm8, lstm_table_past_end, P(lstm)->table = (END - 510) & ~1u)                                                 \
  X(V42, conv8, conv_input_short, SHORTER(IN(0)))                                                                        \
  X(V42, conv8, conv_output_short, SHORTER(OUT))                                                                         \
  X(V42, conv8, conv_types_differ, IN(0).type = NFR_TYPE_INT16; IN(0).bytes *= 2)                                        \
  X(V42, fully_connected, matrix_input_long, IN(0).bytes++)                                                              \
  X(V42, fully_connected, matrix_output_short, SHORTER(OUT))                                                             \
  X(V42, average_pool, pool_input_short, SHORTER(IN(0)))                                                                 \
  X(V42, max_pool, pool_output_short, SHORTER(OUT))                                                                      \
  X(V42, add, add_first_short, SHORTER(IN(0)))                                                                           \
  X(V42, add, add_second_short, SHORTER(IN(1)))                                                                          \
  X(V42, add, add_second_of_another_type, IN(1).type = NFR_TYPE_INT16; IN(1).bytes *= 2)                                 \
  X(V42, add, add_output_short, SHORTER(OUT))                                                                            \
  X(V42, softmax8, softmax_input_short, SHORTER(IN(0)))                                                                  \
  X(V42, softmax16, softmax_output_short, SHORTER(OUT))                                                                  \
  X(V42, lut, lut_input_of_another_type, IN(0).type = NFR_TYPE_INT16; IN(0).bytes *= 2)                                  \
  X(V42, lut, lut_output_short, SHORTER(OUT))                                                                            \
  X(V42, logistic16, logistic_of_int8, IN(0).type = NFR_TYPE_INT8; IN(0).bytes /= 2)                                     \
  X(V42, logistic16, logistic_output_short, SHORTER(OUT))                                                                \
  X(V42, pad, pad_input_short, SHORTER(IN(0)))                                                                           \
  X(V42, pad, pad_output_short, SHORTER(OUT))                                                                            \
  X(V42, pad, pad_types_differ, IN(0).type = NFR_TYPE_INT16; IN(0).bytes *= 2)                                           \
  X(V42, mean, mean_input_short, SHORTER(IN(0)))                                                                         \
  X(V42, mean, mean_output_short, SHORTER(OUT))                                                                          \
  X(V42, copy, copy_input_short, SHORTER(IN(0)))                                                                         \
  X(V42, copy, copy_output_short, SHORTER(OUT))                                                                          \
  X(V73, copy, copy_of_half_an_element, P(copy)->bytes = 599)                                                            \
  X(V42, copy, copy_types_differ, IN(0).type = NFR_TYPE_INT8)                                                            \
  X(V42, transpose, transpose_input_short, SHORTER(IN(0)))                                                               \
  X(V42, transpose, transpose_output_short, SHORTER(OUT))                                                                \
  X(V42, quantize, quantize_of_int32, IN(0).type = NFR_TYPE_INT32)                                                       \
  X(V42, quantize, quantize_output_short, SHORTER(OUT))                                                                  \
  X(V42, dequantize, dequantize_to_int32, OUT.type = NFR_TYPE_INT32)                                                     \
  X(V42, dequantize, dequantize_input_short, SHORTER(IN(0)))                                                             \
  X(V42, requantize, requantize_input_short, SHORTER(IN(0)))                                                             \
  X(V42, requantize, requantize_output_short, SHORTER(OUT))                                                              \
  X(V42, svdf, svdf_input_short, SHORTER(IN(0)))                                                                         \
  X(V42, svdf, svdf_state_short, SHORTER(IN(2)))                                                                         \
  X(V42, svdf, svdf_output_short, SHORTER(OUT))                                                                          \
  X(V42, lstm8, lstm_input_short, SHORTER(IN(0)))                                                                        \
  X(V42, lstm8, lstm_hidden_short, SHORTER(IN(1)))                                                                       \
  X(V42, lstm8, lstm_hidden_of_another_type, IN(1).type = NFR_TYPE_INT16; IN(1).bytes *= 2)                              \
  X(V42, lstm8, lstm_cell_short, SHORTER(IN(2)))                                                                         \
  X(V42, lstm8, lstm_cell_of_another_type, IN(2).type = NFR_TYPE_INT8; IN(2).bytes /= 2)                                 \
  X(V42, lstm8, lstm_output_short, SHORTER(OUT))                                                                         \
  X(V42, lstm8, lstm_scratch_short, SHORTER(c->op.scratch))                                                              \
  X(V43, conv8, conv_of_int32, OUT.type = NFR_TYPE_INT32; OUT.bytes *= 4)                                                \
  X(V43, fully_connected, matrix_of_float, OUT.type = NFR_TYPE_FLOAT32; OUT.bytes *= 4)                                  \
  X(V43, average_pool, pool_of_float, OUT.type = IN(0).type = NFR_TYPE_FLOAT32; OUT.bytes *= 4; IN(0).bytes *= 4)        \
  X(V43, add, add_of_int32, OUT.type = NFR_TYPE_INT32; OUT.bytes *= 4)                                                   \
  X(V43, softmax8, softmax_of_float, IN(0).type = NFR_TYPE_FLOAT32; IN(0).bytes *= 4)                                    \
  X(V43, softmax8, softmax_to_float, OUT.type = NFR_TYPE_FLOAT32; OUT.bytes *= 4)                                        \
  X(V43, mean, mean_of_int32, OUT.type = IN(0).type = NFR_TYPE_INT32; OUT.bytes *= 4; IN(0).bytes *= 4)                  \
  X(V43, quantize, quantize_to_int32, OUT.type = NFR_TYPE_INT32; OUT.bytes *= 4)                                         \
  X(V43, dequantize, dequantize_of_int32, IN(0).type = NFR_TYPE_INT32; IN(0).bytes *= 4)                                 \
  X(V43, requantize, requantize_of_int32, IN(0).type = NFR_TYPE_INT32; IN(0).bytes *= 2)                                 \
  X(V43, svdf, svdf_state_of_float, IN(2).type = NFR_TYPE_FLOAT32; IN(2).bytes *= 4)                                     \
  X(V43, lstm8, lstm_of_float, IN(0).type = NFR_TYPE_FLOAT32; IN(0).bytes *= 4)                                          \
  X(V44, copy, copy_of_int64, OUT.type = IN(0).type = NFR_TYPE_INT64)                                                    \
  X(V44, pad, pad_of_int64, OUT.type = IN(0).type = NFR_TYPE_INT64; OUT.bytes *= 8; IN(0).bytes *= 8)                    \
  X(V44, transpose, transpose_of_int64, OUT.type = IN(0).type = NFR_TYPE_INT64; OUT.bytes *= 8; IN(0).bytes *= 8)        \
  X(V45, conv8, unknown_flag, P(conv)->q.flags |= 8)                                                                     \
  X(V45, conv8, wide_accumulator_of_int8, P(conv)->q.flags |= NFR_REQUANT_ACC64; P(conv)->q.bias = NFR_PLAN_NONE32)      \
  X(V45, conv8, wide_bias_of_int8, P(conv)->q.flags |= NFR_REQUANT_BIAS64)                                               \
  X(V45, conv16, narrow_bias_of_wide_accumulator, P(conv)->q.flags ^= NFR_REQUANT_BIAS64)                                \
  X(V45, conv16, wide_bias_of_narrow_accumulator, P(conv)->q.flags ^= NFR_REQUANT_ACC64)                                 \
  X(V45, conv16, wide_bias_absent, P(conv)->q.bias = NFR_PLAN_NONE32)                                                    \
  X(V46, conv8, first_multiplier_negative, CONSTANT(int32_t, P(conv)->q.multipliers)[0] = -1)                            \
  X(V46, conv8, last_multiplier_negative, CONSTANT(int32_t, P(conv)->q.multipliers)[1] = INT32_MIN)                      \
  X(V47, conv8, first_shift_too_small, CONSTANT(int8_t, P(conv)->q.shifts)[0] = -32)                                     \
  X(V47, conv8, last_shift_too_large, CONSTANT(int8_t, P(conv)->q.shifts)[1] = 31)                                       \
  X(V47, conv8, shift_of_minus_128, CONSTANT(int8_t, P(conv)->q.shifts)[1] = -128)                                       \
  X(V47, conv16, wide_shift_too_large, CONSTANT(int8_t, P(conv)->q.shifts)[0] = 8)                                       \
  X(V47, conv16, wide_shift_too_small, CONSTANT(int8_t, P(conv)->q.shifts)[0] = -32)                                     \
  X(V48, conv8, clamp_reversed, P(conv)->q.act_min = 5; P(conv)->q.act_max = 4)                                          \
  X(V48, conv8, clamp_below_int8, P(conv)->q.act_min = -129)                                                             \
  X(V48, average_pool, pool_clamp_above_int8, P(pool)->act_max = 128)                                                    \
  X(V48, add, add_clamp_reversed, P(add)->act_min = 1; P(add)->act_max = 0)                                              \
  X(V48, mul, mul_clamp_above_int8, P(mul)->act_max = 300)                                                               \
  X(V49, add, add_multiplier_negative, P(add)->multiplier0 = -1)                                                         \
  X(V49, add, add_left_shift_of_an_input, P(add)->shift1 = 1)                                                            \
  X(V49, add, add_output_shift_too_small, P(add)->shift_out = -32)                                                       \
  X(V49, mul, mul_multiplier_negative, P(mul)->multiplier = -1)                                                          \
  X(V49, mul, mul_shift_too_large, P(mul)->shift = 31)                                                                   \
  X(V49, softmax8, softmax_shift_to_the_right, P(softmax)->shift = -1)                                                   \
  X(V49, softmax8, softmax_multiplier_negative, P(softmax)->multiplier = -1)                                             \
  X(V49, softmax16, softmax16_shift_too_small, P(softmax)->shift = -32)                                                  \
  X(V49, mean, mean_multiplier_negative, P(mean)->multiplier = INT32_MIN)                                                \
  X(V49, mean, mean_shift_too_large, P(mean)->shift = 31)                                                                \
  X(V49, requantize, requantize_shift_too_small, P(requantize)->shift = -32)                                             \
  X(V49, svdf, svdf_first_multiplier_negative, P(svdf)->multiplier1 = -1)                                                \
  X(V49, svdf, svdf_second_shift_too_large, P(svdf)->shift2 = 31)                                                        \
  X(V49, lstm8, gate_multiplier_negative, P(lstm)->gates[2].multiplier_recurrent = -1)                                   \
  X(V49, lstm8, gate_shift_too_large, P(lstm)->gates[0].shift_input = 31)                                                \
  X(V49, lstm16, gate_wide_shift_too_large, P(lstm)->gates[3].shift_recurrent = 8)                                       \
  X(V49, lstm8, forget_multiplier_negative, P(lstm)->multiplier_forget = -1)                                             \
  X(V49, lstm8, input_shift_too_large, P(lstm)->shift_input = 31)                                                        \
  X(V49, lstm8, hidden_shift_too_small, P(lstm)->shift_hidden = -32)                                                     \
  X(V50, pad, filler_above_int8, P(pad)->fill = 128)                                                                     \
  X(V50, quantize, quantize_zero_point_above, P(quantize)->zero_point = 128)                                             \
  X(V50, dequantize, dequantize_zero_point_below, P(quantize)->zero_point = -129)                                        \
  X(V50, requantize, requantize_input_zero_point, P(requantize)->input_zero_point = 32768)                               \
  X(V50, requantize, requantize_output_zero_point, P(requantize)->output_zero_point = INT32_MIN)                         \
  X(V50, svdf, state_zero_point_above, P(svdf)->state_zero_point = 128)                                                  \
  X(V50, lstm8, lstm_output_zero_point, P(lstm)->output_zero_point = -200)                                               \
  X(V75, conv8, conv_in_place, OUT.data = IN(0).data)                                                                    \
  X(V75, depthwise, depthwise_in_place, OUT.data = IN(0).data)                                                           \
  X(V75, max_pool, pool_in_place, OUT.data = IN(0).data)                                                                 \
  X(V74, conv8, conv_flags, P(conv)->flags = NFR_WINDOW_ROWS_DESCENDING << 1)                                            \
  X(V74, average_pool, pool_flags, P(pool)->flags = 1u << 31)                                                            \
  X(V51, mul, mul_reserved, P(mul)->reserved = 1)                                                                        \
  X(V51, mul, mul_reserved1, P(mul)->reserved1 = 1)                                                                      \
  X(V51, softmax8, softmax_reserved, P(softmax)->reserved[2] = 1)                                                        \
  X(V51, pad, pad_reserved, P(pad)->reserved = 1)                                                                        \
  X(V51, mean, mean_reserved, P(mean)->reserved[0] = 1)                                                                  \
  X(V51, mean, mean_reserved1, P(mean)->reserved1 = 1)                                                                   \
  X(V51, transpose, transpose_reserved, P(transpose)->reserved = 1)                                                      \
  X(V51, svdf, svdf_reserved, P(svdf)->reserved = 1)                                                                     \
  X(V51, lstm8, lstm_reserved, P(lstm)->reserved = 1)                                                                    \
  X(V51, lstm8, lstm_reserved1, P(lstm)->reserved1 = 1)                                                                  \
  X(V51, lstm8, gate_reserved, P(lstm)->gates[1].reserved = 1)                                                           \
  X(V52, conv8, conv_stride_0, P(conv)->stride_h = 0)                                                                    \
  X(V52, conv8, conv_dilation_0, P(conv)->dilation_w = 0)                                                                \
  X(V52, depthwise, depthwise_stride_0, P(conv)->stride_w = 0)                                                           \
  X(V52, depthwise, depthwise_dilation_0, P(conv)->dilation_h = 0)                                                       \
  X(V53, add, add_broadcast_beyond, P(add)->broadcast0 = 16)                                                             \
  X(V53, mul, mul_broadcast_beyond, P(mul)->broadcast1 |= 128)                                                           \
  X(V54, add, add_broadcast_in_place, IN(1).data = OUT.data)                                                             \
  X(V54, mul, mul_broadcast_in_place, IN(1).data = OUT.data)                                                             \
  X(V55, conv8, no_groups, P(conv)->groups = 0)                                                                          \
  X(V55, conv8, groups_divide_no_input, P(conv)->groups = 2; P(conv)->in_c = 3)                                          \
  X(V55, conv8, groups_divide_no_output, P(conv)->groups = 4)                                                            \
  X(V56, depthwise, multiplier_does_not_fit, P(conv)->groups = 1)                                                        \
  X(V57, average_pool, pool_stride_h_0, P(pool)->stride_h = 0)                                                           \
  X(V57, max_pool, pool_stride_w_0, P(pool)->stride_w = 0)                                                               \
  X(V58, average_pool, first_window_above, P(pool)->pad_top = 2)                                                         \
  X(V58, average_pool, first_window_to_the_left, P(pool)->pad_left = 2)                                                  \
  X(V58, average_pool, last_window_below, P(pool)->stride_h = 3)                                                         \
  X(V58, average_pool, last_window_to_the_right, P(pool)->stride_w = 3)                                                  \
  X(V58, average_pool, no_filter, P(pool)->filter_h = 0)                                                                 \
  X(V58, average_pool, windows_far_away, P(pool)->stride_w = 65535)                                                      \
  X(V59, add, headroom_shift_31, P(add)->left_shift = 31)                                                                \
  X(V60, softmax8, row_too_long, P(softmax)->depth = 4096)                                                               \
  X(V61, softmax8, diff_min_positive, P(softmax)->diff_min = 1)                                                          \
  X(V62, softmax8, table_of_int8, P(softmax)->exp_table = 0)                                                             \
  X(V62, softmax8, second_table_of_int8, P(softmax)->reciprocal_table = 0)                                               \
  X(V63, softmax16, int16_to_int8, OUT.type = NFR_TYPE_INT8; OUT.bytes /= 2)                                             \
  X(V64, logistic16, logistic_multiplier_negative, P(logistic16)->multiplier = -1)                                       \
  X(V64, logistic16, logistic_multiplier_too_large, P(logistic16)->multiplier = 32768)                                   \
  X(V64, logistic16, logistic_shift_negative, P(logistic16)->shift = -1)                                                 \
  X(V64, logistic16, logistic_shift_too_large, P(logistic16)->shift = 32)                                                \
  X(V64, logistic16, power_of_two_too_large, P(logistic16)->multiplier = 0; P(logistic16)->shift = 14)                   \
  X(V65, quantize, scale_0, P(quantize)->scale = 0)                                                                      \
  X(V65, quantize, scale_negative, P(quantize)->scale = -0.5f)                                                           \
  X(V65, dequantize, scale_infinite, P(quantize)->scale = INFINITY)                                                      \
  X(V65, dequantize, scale_no_number, P(quantize)->scale = NAN)                                                          \
  X(V66, requantize, requantize_to_float, OUT.type = NFR_TYPE_FLOAT32; OUT.bytes *= 4)                                   \
  X(V66, requantize, requantize_to_int64, OUT.type = NFR_TYPE_INT64; OUT.bytes *= 8)                                     \
  X(V67, mean, reduce_beyond, P(mean)->reduce |= 16)                                                                     \
  X(V68, transpose, rank_0, P(transpose)->rank = 0)                                                                      \
  X(V68, transpose, rank_7, P(transpose)->rank = 7)                                                                      \
  X(V69, transpose, dimension_twice, P(transpose)->permutation[0] = 1)                                                   \
  X(V69, transpose, dimension_beyond, P(transpose)->permutation[0] = 6)                                                  \
  X(V69, transpose, moves_beyond_rank, P(transpose)->permutation[4] = 5; P(transpose)->permutation[5] = 4)               \
  X(V69, transpose, extent_beyond_rank, P(transpose)->rank = 2)                                                          \
  X(V70, svdf, svdf_rank_0, P(svdf)->rank = 0)                                                                           \
  X(V70, svdf, rank_divides_no_filters, P(svdf)->rank = 4)                                                               \
  X(V71, lstm8, tanh_shift_too_large, P(lstm)->tanh_shift = 15)                                                          \
  X(V71, lstm8, tanh_shift_too_small, P(lstm)->tanh_shift = -32)                                                         \
  X(V72, lstm8, time_major_2, P(lstm)->time_major = 2)                                                                   \
  X(V41, conv_tiled, tiled_weights_misaligned, P(conv)->weights -= 2)                                                    \
  X(V41, conv_tiled, tiled_weights_short, P(conv)->weights += 4)                                                         \
  X(V41, conv_tiled, tiled_pair_wraps, P(conv)->in_h = P(conv)->in_w = P(conv)->out_h = P(conv)->out_w = 1; P(conv)->in_c = 8; \
    P(conv)->out_c = 1; P(conv)->filter_h = 18705; P(conv)->filter_w = 14351; IN(0).bytes = 8; OUT.bytes = 1; c->op.scratch.bytes = 4294967280u) \
  X(V41, fully_connected_pairs, paired_depth_wraps, P(fully_connected)->batches = P(fully_connected)->units = OUT.bytes = 1; \
    P(fully_connected)->depth = IN(0).bytes = 0x7fffffffu)                                                               \
  X(V41, fully_connected_pairs, paired_weights_misaligned, P(fully_connected)->weights -= 2)                             \
  X(V41, fully_connected_pairs, paired_weights_short, P(fully_connected)->weights += 4)                                  \
  X(V42, conv_tiled, tiled_scratch_short, SHORTER(c->op.scratch))                                                        \
  X(V42, conv_tiled, tiled_scratch_of_bytes, c->op.scratch.type = NFR_TYPE_INT8)                                         \
  X(V50, conv_tiled, tiled_zero_point_above, P(conv)->q.input_offset = -128)                                             \
  X(V50, conv_tiled, tiled_zero_point_below, P(conv)->q.input_offset = 129)                                              \
  X(V51, conv_tiled, tiled_with_bias, P(conv)->q.bias = 4)                                                               \
  X(V51, conv_tiled, tiled_with_multipliers, P(conv)->q.multipliers = 4)                                                 \
  X(V51, conv_tiled, tiled_with_shifts, P(conv)->q.shifts = 4)                                                           \
  X(V51, conv_tiled, tiled_per_channel, P(conv)->q.flags = NFR_REQUANT_PER_CHANNEL)                                      \
  X(V48, conv_tiled, tiled_clamp_reversed, P(conv)->q.act_min = 5; P(conv)->q.act_max = 4)                               \
  X(V81, conv_tiled, tiled_low_mantissa_below_half, TAIL(7) = 0x7f )                                                     \
  X(V81, conv_tiled, tiled_high_mantissa_below_half, TAIL(11) = 0x7f)                                                    \
  X(V81, conv_tiled, tiled_no_low_shift, TAIL(12) = 0)                                                                   \
  X(V81, conv_tiled, tiled_no_high_shift, TAIL(13) = 0)                                                                  \
  X(V81, conv_tiled, tiled_low_shift_of_32, TAIL(12) = 32)                                                               \
  X(V81, conv_tiled, tiled_high_shift_of_128, TAIL(13) = 128)                                                            \
  X(V81, conv_tiled, tiled_something_behind_the_shifts, TAIL(15) = 1)                                                    \
  X(V80, conv8, groups_are_not_tiled, c->record.frame.layout = NFR_LAYOUT_SMLAD)                                         \
  X(V80, conv_tiled, int16_is_not_tiled, OUT.type = IN(0).type = NFR_TYPE_INT16; OUT.bytes *= 2; IN(0).bytes *= 2)       \
  X(V82, fully_connected_pairs, paired_with_another_bias, P(fully_connected)->q.bias = 0)                                \
  X(V80, fully_connected_pairs, int16_is_not_paired, IN(0).type = NFR_TYPE_INT16; IN(0).bytes *= 2;                      \
    OUT.type = NFR_TYPE_INT16; OUT.bytes *= 2)                                                                           \
  X(V41, lstm_steps, packed_gates_misaligned, P(lstm)->gates[0].weights_recurrent -= 2)                                  \
  X(V41, lstm_steps, packed_gates_short, P(lstm)->gates[0].weights_recurrent += 4)                                       \
  X(V41, lstm_steps, packed_input_past_end, P(lstm)->gates[0].weights_input = END - 76)                                  \
  X(V41, lstm_steps, packed_bias_past_end, P(lstm)->gates[0].bias = END - 76)                                            \
  X(V42, lstm_steps, packed_scratch_short, SHORTER(c->op.scratch))                                                       \
  X(V76, lstm_steps, int16_is_not_packed, IN(0).type = NFR_TYPE_INT16; IN(0).bytes *= 2; IN(1).type = NFR_TYPE_INT16;    \
    IN(1).bytes *= 2; OUT.type = NFR_TYPE_INT16; OUT.bytes *= 2)                                                         \
  X(V76, lstm_steps, packed_gate_with_weights, P(lstm)->gates[2].weights_input = 0)                                      \
  X(V76, lstm_steps, packed_gate_with_bias, P(lstm)->gates[3].bias = 0)                                                  \
  X(V42, depthwise_planes, planes_short_of_a_row, SHORTER(c->op.scratch))                                                \
  X(V42, depthwise_planes, planes_of_bytes, c->op.scratch.type = NFR_TYPE_INT8)                                          \
  X(V50, depthwise_planes, planes_zero_point_above, P(conv)->q.input_offset = -128)                                      \
  X(V75, depthwise_planes, planes_half_in_place, OUT.data = IN(0).data + 16)                                             \
  X(V75, depthwise_planes, strips_in_place, P(conv)->out_h = 3; OUT.bytes = 24; OUT.data = IN(0).data; c->op.scratch.bytes -= 24)\
  X(V75, depthwise_planes, planes_of_two_rows_in_place, OUT.data = IN(0).data; c->op.scratch.bytes -= 48)                \
  X(V79, depthwise_planes, int16_has_no_planes, IN(0).type = OUT.type = NFR_TYPE_INT16; IN(0).bytes *= 2; OUT.bytes *= 2)\
  X(V79, depthwise_planes, dilated_rows_have_no_planes, P(conv)->dilation_h = 2)                                         \
  X(V79, depthwise_planes, dilated_columns_have_no_planes, P(conv)->dilation_w = 2)                                      \
  X(V77, depthwise_planes, mantissa_below_half, CONSTANT(int32_t, P(conv)->q.multipliers)[1] = (1 << 30) - 1)                              \
  X(V47, depthwise_planes, no_shift_to_the_right, CONSTANT(int8_t, P(conv)->q.shifts)[0] = 0)                                             \
  X(V78, depthwise_planes, planes_for_no_row, c->op.scratch.bytes = 2 * (24 + 2 * (2 * 6 + 6)))                          \
  X(V78, depthwise_planes, no_room_for_weights, c->op.scratch.bytes = 40)                                                \
  X(V72, lstm8, clip_negative, P(lstm)->cell_clip = -1)

#define DEFINE(rule, sample, name, change) \
  static void name(struct op_case *c) {    \
    change;                                \
  }
BREAKS(DEFINE)

static const struct {
  const char *rule, *name;
  void (*sample)(struct op_case *c);
  void (*change)(struct op_case *c);
} breaks[] = {
#define ROW(rule, sample, name, change) {#rule, #name, sample_##sample, name},
    BREAKS(ROW)};

/* The operands that a break may move, as they were. */
static void free_sample(struct op_case *c, const struct op_case *made) {
  memcpy(c->op.in, made->op.in, sizeof c->op.in);
  c->op.out = made->op.out;
  case_free(c);
}

static void each_rule_refuses_what_breaks_it(void **unused) {
  (void)unused;
  unsigned wrong = 0;
  for (unsigned i = 0; i < sizeof breaks / sizeof breaks[0]; i++) {
    struct op_case c;
    breaks[i].sample(&c);
    struct op_case made = c;
    breaks[i].change(&c);
    rule_hook_clear();
    int err = c.type->check(&c.op);
    if (err != NFR_ERR_CORRUPT || strcmp(rule_hook_first(), breaks[i].rule) != 0) {
      print_error("%s %s: error %d of rule '%s'\n", breaks[i].rule, breaks[i].name, err, rule_hook_first());
      wrong++;
    }
    free_sample(&c, &made);
  }
  assert_int_equal(wrong, 0);
}

/* Limits that are allowed, and what the samples themselves are; each is run. X(sample, name, change) */
#define HOLDS(X)                                                                                                         \
  X(conv8, conv8_untouched, (void)c)                                                                                     \
  X(conv16, conv16_untouched, (void)c)                                                                                   \
  X(conv_tiled, conv_tiled_untouched, (void)c)                                                                           \
  X(conv_tiled, conv_tiled_all_in_the_padding, P(conv)->pad_top = P(conv)->pad_left = 65535)                             \
  X(fully_connected_pairs, fully_connected_pairs_untouched, (void)c)                                                     \
  X(depthwise, depthwise_untouched, (void)c)                                                                             \
  X(depthwise_planes, depthwise_planes_untouched, (void)c)                                                               \
  X(depthwise_planes, depthwise_planes_of_two_rows, c->op.scratch.bytes -= 48)                                           \
  X(fully_connected, fully_connected_untouched, (void)c)                                                                 \
  X(average_pool, average_pool_untouched, (void)c)                                                                       \
  X(max_pool, max_pool_untouched, (void)c)                                                                               \
  X(add, add_untouched, (void)c)                                                                                         \
  X(mul, mul_untouched, (void)c)                                                                                         \
  X(softmax8, softmax8_untouched, (void)c)                                                                               \
  X(softmax16, softmax16_untouched, (void)c)                                                                             \
  X(lut, lut_untouched, (void)c)                                                                                         \
  X(logistic16, logistic16_untouched, (void)c)                                                                           \
  X(pad, pad_untouched, (void)c)                                                                                         \
  X(mean, mean_untouched, (void)c)                                                                                       \
  X(copy, copy_untouched, (void)c)                                                                                       \
  X(transpose, transpose_untouched, (void)c)                                                                             \
  X(quantize, quantize_untouched, (void)c)                                                                               \
  X(requantize, requantize_untouched, (void)c)                                                                           \
  X(dequantize, dequantize_untouched, (void)c)                                                                           \
  X(svdf, svdf_untouched, (void)c)                                                                                       \
  X(lstm8, lstm8_untouched, (void)c)                                                                                     \
  X(lstm16, lstm16_untouched, (void)c)                                                                                   \
  X(conv8, conv_all_in_the_padding, P(conv)->pad_top = P(conv)->pad_left = 65535)                                        \
  X(conv8, conv_all_beyond, P(conv)->stride_h = P(conv)->stride_w = 255; P(conv)->pad_top = 0)                           \
  X(conv8, conv_widest_dilation, P(conv)->dilation_h = P(conv)->dilation_w = 255)                                        \
  X(conv8, conv_extreme_scale, CONSTANT(int32_t, P(conv)->q.multipliers)[0] = INT32_MAX;                                 \
    CONSTANT(int8_t, P(conv)->q.shifts)[0] = 30; CONSTANT(int8_t, P(conv)->q.shifts)[1] = -31)                           \
  X(conv16, conv16_extreme_scale, CONSTANT(int32_t, P(conv)->q.multipliers)[0] = INT32_MAX;                              \
    CONSTANT(int8_t, P(conv)->q.shifts)[0] = 7; CONSTANT(int8_t, P(conv)->q.shifts)[1] = -31;                            \
    CONSTANT(int64_t, P(conv)->q.bias)[0] = INT64_MAX; CONSTANT(int64_t, P(conv)->q.bias)[1] = INT64_MIN)                \
  X(depthwise, depthwise_all_in_the_padding, P(conv)->pad_top = P(conv)->pad_left = 65535)                               \
  X(average_pool, pool_farthest_last_window, P(pool)->pad_top = 0)                                                       \
  X(add, add_extremes, P(add)->left_shift = 30; P(add)->multiplier0 = P(add)->multiplier1 = P(add)->multiplier_out =     \
    INT32_MAX; P(add)->shift_out = 0; P(add)->offset0 = P(add)->offset1 = P(add)->offset_out = INT16_MAX)                \
  X(mul, mul_extremes, P(mul)->multiplier = INT32_MAX; P(mul)->shift = 30; P(mul)->offset0 = INT16_MAX;                  \
    P(mul)->offset1 = P(mul)->offset_out = INT16_MIN)                                                                    \
  X(softmax8, softmax_extremes, P(softmax)->multiplier = INT32_MAX; P(softmax)->shift = 30; P(softmax)->diff_min = INT32_MIN) \
  X(softmax8, softmax_of_the_maximum_alone, P(softmax)->diff_min = 0)                                                    \
  X(softmax16, softmax16_extremes, P(softmax)->multiplier = INT32_MAX; P(softmax)->shift = 30)                           \
  X(logistic16, logistic_extremes, P(logistic16)->multiplier = 32767; P(logistic16)->shift = 31)                         \
  X(logistic16, logistic_power_of_two, P(logistic16)->multiplier = 0; P(logistic16)->shift = 13)                         \
  X(mean, mean_extremes, P(mean)->multiplier = INT32_MAX; P(mean)->shift = 30;                                           \
    P(mean)->input_zero_point = P(mean)->output_zero_point = INT16_MIN)                                                  \
  X(mean, mean_of_each, P(mean)->reduce = 9; P(mean)->dims[3] = 1; P(mean)->dims[2] = 4; P(mean)->dims[1] = 1; P(mean)->dims[0] = 6) \
  X(quantize, quantize_smallest_scale, P(quantize)->scale = 1e-45f)                                                      \
  X(dequantize, dequantize_largest_scale, P(quantize)->scale = 3e38f)                                                    \
  X(requantize, requantize_extremes, P(requantize)->multiplier = INT32_MAX; P(requantize)->shift = 30;                   \
    P(requantize)->input_zero_point = INT16_MIN; P(requantize)->output_zero_point = 127)                                 \
  X(svdf, svdf_extremes, P(svdf)->multiplier1 = P(svdf)->multiplier2 = INT32_MAX; P(svdf)->shift1 = P(svdf)->shift2 = 30; \
    P(svdf)->input_zero_point = P(svdf)->output_zero_point = INT16_MIN; P(svdf)->state_zero_point = -128)                \
  X(svdf, svdf_without_bias, P(svdf)->bias = NFR_PLAN_NONE32)                                                            \
  X(lstm8, lstm_tanh_to_the_left, P(lstm)->tanh_shift = 14)                                                              \
  X(lstm8, lstm_tanh_to_the_right, P(lstm)->tanh_shift = -31)                                                            \
  X(lstm8, lstm_extremes, P(lstm)->multiplier_forget = P(lstm)->multiplier_input = P(lstm)->multiplier_hidden = INT32_MAX; \
    P(lstm)->shift_forget = P(lstm)->shift_input = P(lstm)->shift_hidden = 30; P(lstm)->gates[0].shift_input = 30;       \
    P(lstm)->input_offset = P(lstm)->hidden_offset = INT16_MIN; P(lstm)->cell_clip = 1)                                  \
  X(lstm16, lstm16_time_major, P(lstm)->time_major = 1; P(lstm)->gates[0].shift_input = P(lstm)->gates[0].shift_recurrent = 7)

#define DEFINE_HOLDS(sample, name, change) DEFINE(, sample, name, change)
HOLDS(DEFINE_HOLDS)

static const struct {
  const char *name;
  void (*sample)(struct op_case *c);
  void (*change)(struct op_case *c);
} holds[] = {
#define HOLDS_ROW(sample, name, change) {#name, sample_##sample, name},
    HOLDS(HOLDS_ROW)};

static void limits_are_accepted_and_run(void **unused) {
  (void)unused;
  for (unsigned i = 0; i < sizeof holds / sizeof holds[0]; i++) {
    struct op_case c;
    holds[i].sample(&c);
    holds[i].change(&c);
    rule_hook_clear();
    if (c.type->check(&c.op) != NFR_OK) print_error("%s: refused by rule '%s'\n", holds[i].name, rule_hook_first());
    case_run(&c);
    case_free(&c);
  }
}

/* Every shift, at every place among 1 to 17 channels; a negative multiplier there; and with planes one below 2^30. */
static void every_channel_is_looked_at(void **unused) {
  (void)unused;
  enum { CHANNELS = 17, PLAIN = 0, WIDE, PLANES };
  struct {
    int32_t multipliers[CHANNELS];
    int8_t shifts[CHANNELS];
  } constants;
  for (int mode = PLAIN; mode <= PLANES; mode++) {
    const struct nfr_plan_op record = {.layout = mode == PLANES ? NFR_LAYOUT_PLANES : NFR_LAYOUT_PLAIN};
    const struct nfr_op op = {.record = &record, .constants = (const uint8_t *)&constants, .constant_bytes = sizeof constants};
    const int32_t least = mode == PLANES ? 1 << 30 : 0;
    const int most = mode == PLANES ? -1 : mode == WIDE ? 7 : 30;
    const struct nfr_plan_requant q = {.bias = NFR_PLAN_NONE32,
                                       .shifts = sizeof constants.multipliers,
                                       .flags = NFR_REQUANT_PER_CHANNEL | (mode == WIDE ? NFR_REQUANT_ACC64 : 0)};
    const uint8_t type = mode == PLANES ? NFR_TYPE_INT8 : NFR_TYPE_INT16;
    for (uint32_t i = 0; i < CHANNELS; i++) {
      constants.multipliers[i] = least;
      constants.shifts[i] = -1;
    }
    for (uint32_t channels = 1; channels <= CHANNELS; channels++)
      for (uint32_t at = 0; at < channels; at++) {
        for (int shift = INT8_MIN; shift <= INT8_MAX; shift++) {
          constants.shifts[at] = (int8_t)shift;
          bool is_valid = shift >= -31 && shift <= most;
          assert_int_equal(nfr_check_requant(&op, &q, channels, type), is_valid ? NFR_OK : NFR_ERR_CORRUPT);
        }
        constants.shifts[at] = -1;
        constants.multipliers[at] = INT32_MIN;
        assert_int_equal(nfr_check_requant(&op, &q, channels, type), NFR_ERR_CORRUPT);
        constants.multipliers[at] = least - 1;
        assert_int_equal(nfr_check_requant(&op, &q, channels, type), NFR_ERR_CORRUPT);
        constants.multipliers[at] = least;
      }
  }
}

static void kinds_that_are_not_built_are_unknown(void **unused) {
  (void)unused;
  assert_null(nfr_op_type_of(0));
  assert_null(nfr_op_type_of(NFR_KIND_CHAIN + 1));
  assert_null(nfr_op_type_of(255));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_rule_refuses_what_breaks_it),
      cmocka_unit_test(limits_are_accepted_and_run),
      cmocka_unit_test(every_channel_is_looked_at),
      cmocka_unit_test(kinds_that_are_not_built_are_unknown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
