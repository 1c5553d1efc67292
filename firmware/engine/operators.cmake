# Operators: each is ops/<name>.c. A firmware may be built with some of them: -DNFR_OPERATORS="conv_2d;softmax".
set(NFR_OPERATORS
  add mul conv_2d depthwise_conv_2d fully_connected average_pool_2d max_pool_2d softmax lut logistic16
  pad mean copy transpose quantize requantize dequantize svdf lstm chain
  CACHE STRING "Operators that the firmware knows"
)
# What several operators share: ops/<name>.c too.
set(NFR_SHARED_OPERATOR_FILES pool chain_run)
# Kernels: each is kernels/portable/<name>.c, replaced by the file of the same name of the chosen backend if it has one.
set(NFR_KERNEL_FILES
  add mul broadcast conv_2d conv_2d_tiles depthwise_conv_2d fully_connected fully_connected_pairs dot dot16 requant scan pool_2d softmax lut logistic16 sigmoid
  pad mean copy transpose quantize requantize dequantize svdf lstm lstm_cell lstm_steps
  depthwise_planes plane
)
# Files that a backend has besides: kernels/<backend>/<name>.c.
set(NFR_KERNEL_FILES_OF_armv7em pair_tile widen fc_group plane_loops)
