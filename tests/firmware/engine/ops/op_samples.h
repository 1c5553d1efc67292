/* One small valid record of every kind and sort, with fixed parameters, for tests to break in one place. */
#ifndef NFR_OP_SAMPLES_H
#define NFR_OP_SAMPLES_H

#include "op_case.h"

void sample_conv8(struct op_case *c);  /* 2 groups, per channel, bias */
void sample_conv16(struct op_case *c); /* 64-bit accumulator and bias */
void sample_conv_tiled(struct op_case *c); /* NFR_LAYOUT_SMLAD */
void sample_depthwise(struct op_case *c);
void sample_depthwise_planes(struct op_case *c); /* the whole output is one strip */
void sample_fully_connected(struct op_case *c);
void sample_fully_connected_pairs(struct op_case *c); /* NFR_LAYOUT_SMLAD */
void sample_average_pool(struct op_case *c);
void sample_max_pool(struct op_case *c);
void sample_add(struct op_case *c); /* second operand broadcast over dimension 3 */
void sample_mul(struct op_case *c); /* the same */
void sample_softmax8(struct op_case *c);
void sample_softmax16(struct op_case *c);
void sample_lut(struct op_case *c);
void sample_logistic16(struct op_case *c);
void sample_pad(struct op_case *c);
void sample_mean(struct op_case *c);
void sample_copy(struct op_case *c); /* int16 */
void sample_transpose(struct op_case *c);
void sample_quantize(struct op_case *c);
void sample_requantize(struct op_case *c); /* int16 to int8 */
void sample_dequantize(struct op_case *c);
void sample_svdf(struct op_case *c); /* int8 state */
void sample_lstm8(struct op_case *c);
void sample_lstm_steps(struct op_case *c); /* NFR_LAYOUT_SMLAD */
void sample_lstm16(struct op_case *c);

#endif
