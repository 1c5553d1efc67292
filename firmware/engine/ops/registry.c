#include "types.h"

/* Ascending by kind. */
static const struct nfr_op_type *const types[] = {
    &nfr_op_add,        &nfr_op_mul,       &nfr_op_conv_2d,      &nfr_op_depthwise_conv_2d, &nfr_op_fully_connected,
    &nfr_op_average_pool_2d, &nfr_op_max_pool_2d, &nfr_op_softmax, &nfr_op_lut,             &nfr_op_logistic16,
    &nfr_op_pad,        &nfr_op_mean,      &nfr_op_copy,         &nfr_op_transpose,         &nfr_op_quantize,
    &nfr_op_requantize, &nfr_op_dequantize, &nfr_op_svdf,        &nfr_op_lstm,
};

const struct nfr_op_type *nfr_op_type_of(uint8_t kind) {
  for (unsigned i = 0; i < sizeof types / sizeof types[0]; i++)
    if (types[i]->kind == kind) return types[i];
  return 0;
}
