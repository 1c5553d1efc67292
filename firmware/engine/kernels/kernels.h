/* The portable kernels, which define what an operator computes. Each computes units first … first + count - 1 of a record
 * that its check() has accepted; any split into ascending slices gives the same bytes.
 *
 * A backend has files of the same names with the same functions; what it lacks is built from here. */
#ifndef NFR_KERNELS_H
#define NFR_KERNELS_H

#include <stdint.h>

#include "../ops/op.h"

#define NFR_COPY_UNIT 256u /* bytes of a unit of COPY */

void nfr_kernel_add(const struct nfr_op *op, uint32_t first, uint32_t count);
uint32_t nfr_kernel_add_cost(const struct nfr_op *op); /* instructions of an element and its share of its row, as units() gives them */
void nfr_kernel_mul(const struct nfr_op *op, uint32_t first, uint32_t count);
uint32_t nfr_kernel_mul_cost(const struct nfr_op *op);
void nfr_kernel_conv_2d(const struct nfr_op *op, uint32_t first, uint32_t count);
void nfr_kernel_conv_2d_tiles(const struct nfr_op *op, uint32_t first, uint32_t count); /* NFR_LAYOUT_SMLAD: a unit is a tile */
void nfr_kernel_depthwise_conv_2d(const struct nfr_op *op, uint32_t first, uint32_t count);
void nfr_kernel_depthwise_planes(const struct nfr_op *op, uint32_t first, uint32_t count); /* NFR_LAYOUT_PLANES: a unit is two channels of a strip */
void nfr_kernel_fully_connected(const struct nfr_op *op, uint32_t first, uint32_t count);
void nfr_kernel_fully_connected_pairs(const struct nfr_op *op, uint32_t first, uint32_t count); /* NFR_LAYOUT_SMLAD: a unit is NFR_FC_UNIT outputs */
void nfr_kernel_average_pool_2d(const struct nfr_op *op, uint32_t first, uint32_t count);
void nfr_kernel_max_pool_2d(const struct nfr_op *op, uint32_t first, uint32_t count);
uint64_t nfr_kernel_pool_2d_cost(const struct nfr_op *op, bool is_average); /* instructions of a unit, NFR_POOL_UNIT channels of a pixel */
void nfr_kernel_softmax(const struct nfr_op *op, uint32_t first, uint32_t count);
void nfr_kernel_lut(const struct nfr_op *op, uint32_t first, uint32_t count);
void nfr_kernel_logistic16(const struct nfr_op *op, uint32_t first, uint32_t count);
void nfr_kernel_pad(const struct nfr_op *op, uint32_t first, uint32_t count);
void nfr_kernel_mean(const struct nfr_op *op, uint32_t first, uint32_t count);
void nfr_kernel_copy(const struct nfr_op *op, uint32_t first, uint32_t count);
void nfr_kernel_transpose(const struct nfr_op *op, uint32_t first, uint32_t count);
void nfr_kernel_quantize(const struct nfr_op *op, uint32_t first, uint32_t count);
void nfr_kernel_requantize(const struct nfr_op *op, uint32_t first, uint32_t count);
void nfr_kernel_dequantize(const struct nfr_op *op, uint32_t first, uint32_t count);
void nfr_kernel_svdf(const struct nfr_op *op, uint32_t first, uint32_t count);
void nfr_kernel_lstm(const struct nfr_op *op, uint32_t first, uint32_t count);
void nfr_kernel_lstm_steps(const struct nfr_op *op, uint32_t first, uint32_t count); /* NFR_LAYOUT_SMLAD: units as lstm_steps.h says */

#endif
