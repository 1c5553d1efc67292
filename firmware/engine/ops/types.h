/* The operators that can be built in; registry.c lists those that are. */
#ifndef NFR_OP_TYPES_H
#define NFR_OP_TYPES_H

#include "check.h"

extern const struct nfr_op_type nfr_op_add, nfr_op_mul, nfr_op_conv_2d, nfr_op_depthwise_conv_2d, nfr_op_fully_connected,
    nfr_op_average_pool_2d, nfr_op_max_pool_2d, nfr_op_softmax, nfr_op_lut, nfr_op_logistic16, nfr_op_pad, nfr_op_mean,
    nfr_op_copy, nfr_op_transpose, nfr_op_quantize, nfr_op_requantize, nfr_op_dequantize, nfr_op_svdf, nfr_op_lstm,
    nfr_op_chain;

#endif
