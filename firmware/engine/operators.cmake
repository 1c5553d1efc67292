# Operators: each is ops/<name>.c; what several share (pool) counts as one.
set(NFR_OPERATORS
  add mul conv_2d depthwise_conv_2d fully_connected pool average_pool_2d max_pool_2d softmax lut logistic16
  pad mean copy transpose quantize requantize dequantize svdf lstm
)
# Kernels: each is kernels/portable/<name>.c, replaced by the file of the same name of the chosen backend if it has one.
set(NFR_KERNEL_FILES
  add mul broadcast conv_2d depthwise_conv_2d fully_connected dot requant pool_2d softmax lut logistic16 sigmoid
  pad mean copy transpose quantize requantize dequantize svdf lstm
)
