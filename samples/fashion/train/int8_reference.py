"""Runs an int8 .tflite with the arithmetic of TFLite's reference kernels, in NumPy.

Bit-exact for the operators it knows: int8 activations, int8 weights with zero point 0, int32 bias
or none, ungrouped convolutions. Accumulators are formed in float64, which is exact here: their
magnitudes stay far below 2^53.
"""

import numpy as np

import fixed_point as fx
from tflite_reader import Model, Operator, Tensor


def run(model: Model, inputs: list[np.ndarray]) -> dict[int, np.ndarray]:
    """All activations by tensor number. The leading dimension of the inputs may be any batch size."""
    values = dict(zip(model.inputs, inputs, strict=True))
    for operator in model.operators:
        arguments = [values.get(i, model.tensors[i].data) if i >= 0 else None for i in operator.inputs]
        output = operator.outputs[0]
        values[output] = _KERNELS[operator.kind](model, operator, *arguments).astype(np.int8)
    return values


def classify(model: Model, images: np.ndarray, batch: int = 250) -> np.ndarray:
    """The class of each int8 image [n, 28, 28]; of equal scores the first wins."""
    shape = model.tensors[model.inputs[0]].shape[1:]
    scores = [run(model, [images[i:i + batch].reshape(-1, *shape)])[model.outputs[0]]
              for i in range(0, len(images), batch)]
    return np.concatenate(scores).argmax(axis=1)


def macs(model: Model) -> int:
    """Multiply-adds of one inference, padding counted as if it were data."""
    total = 0
    for op in model.operators:
        if op.kind in ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED"):
            weights = model.tensors[op.inputs[1]].shape
            outputs = int(np.prod(model.tensors[op.outputs[0]].shape))
            each = weights[1] * weights[2] if op.kind == "DEPTHWISE_CONV_2D" else int(np.prod(weights[1:]))
            total += outputs * each
    return total


_ACTIVATION_BOUNDS = {"NONE": (None, None), "RELU": (0, None), "RELU6": (0, 6), "RELU_N1_TO_1": (-1, 1)}


def _quantization(tensor: Tensor) -> tuple[float, int]:
    return float(tensor.scale[0]), int(tensor.zero_point[0])


def _activation_range(operator: Operator, output: Tensor) -> tuple[int, int]:
    """The int8 bounds of the fused activation, in the output's quantization."""
    scale, zero = _quantization(output)
    low, high = _ACTIVATION_BOUNDS[operator.options["activation"]]
    quantized_low = -128 if low is None else zero + round(low / scale)
    quantized_high = 127 if high is None else zero + round(high / scale)
    return max(-128, quantized_low), min(127, quantized_high)


def _pads(operator: Operator, size: int, kernel: int, stride: int, dilation: int) -> tuple[int, int, int]:
    """(output size, padding before, padding after) of one axis; TFLite's SAME puts the odd one after."""
    reach = (kernel - 1) * dilation + 1
    if operator.options["padding"] == "VALID":
        return (size - reach) // stride + 1, 0, 0
    out = -(-size // stride)
    total = max(0, (out - 1) * stride + reach - size)
    return out, total // 2, total - total // 2


def _windows(operator: Operator, data: np.ndarray, kernel: tuple[int, int], fill: float):
    """Yields (tap row, tap column, the values under that tap [n, out_h, out_w, c])."""
    options = operator.options
    sy, sx = options["stride_h"], options["stride_w"]
    dy, dx = options.get("dilation_h", 1), options.get("dilation_w", 1)
    out_h, top, bottom = _pads(operator, data.shape[1], kernel[0], sy, dy)
    out_w, left, right = _pads(operator, data.shape[2], kernel[1], sx, dx)
    padded = np.pad(data, ((0, 0), (top, bottom), (left, right), (0, 0)), constant_values=fill)
    for y in range(kernel[0]):
        for x in range(kernel[1]):
            yield y, x, padded[:, y * dy:y * dy + (out_h - 1) * sy + 1:sy,
                               x * dx:x * dx + (out_w - 1) * sx + 1:sx]


def _requantize(model: Model, operator: Operator, accumulator: np.ndarray) -> np.ndarray:
    """int32 accumulators (bias added) to the output's int8, per output channel (last axis)."""
    source, weights = model.tensors[operator.inputs[0]], model.tensors[operator.inputs[1]]
    output = model.tensors[operator.outputs[0]]
    out_scale, out_zero = _quantization(output)
    ratios = [float(source.scale[0]) * float(w) / out_scale for w in weights.scale]
    fixed = np.array([fx.quantize_multiplier(r) for r in ratios], np.int64)
    scaled = fx.rescale(accumulator.astype(np.int64), fixed[:, 0], fixed[:, 1]) + out_zero
    return np.clip(scaled, *_activation_range(operator, output))


def _conv(model, operator, data, weights, bias=None):
    zero = int(model.tensors[operator.inputs[0]].zero_point[0])
    data = data.astype(np.float64) - zero
    total = 0
    for y, x, values in _windows(operator, data, weights.shape[1:3], 0.0):
        total = total + values @ weights[:, y, x, :].T.astype(np.float64)
    return _requantize(model, operator, total + (0 if bias is None else bias))


def _depthwise(model, operator, data, weights, bias=None):
    zero = int(model.tensors[operator.inputs[0]].zero_point[0])
    data = data.astype(np.float64) - zero
    multiplier = operator.options["depth_multiplier"]
    total = 0
    for y, x, values in _windows(operator, data, weights.shape[1:3], 0.0):
        total = total + np.repeat(values, multiplier, axis=-1) * weights[0, y, x, :]
    return _requantize(model, operator, total + (0 if bias is None else bias))


def _fully_connected(model, operator, data, weights, bias=None):
    zero = int(model.tensors[operator.inputs[0]].zero_point[0])
    rows = data.reshape(-1, weights.shape[1]).astype(np.float64) - zero
    total = rows @ weights.T.astype(np.float64) + (0 if bias is None else bias)
    output = model.tensors[operator.outputs[0]].shape
    return _requantize(model, operator, total).reshape(-1, *output[1:])


def _average_pool(model, operator, data):
    kernel = operator.options["filter_h"], operator.options["filter_w"]
    total = sum(v for _, _, v in _windows(operator, data.astype(np.int64), kernel, 0))
    count = sum(v for _, _, v in _windows(operator, np.ones_like(data, np.int64), kernel, 0))
    rounded = np.sign(total) * ((np.abs(total) + count // 2) // count)
    return np.clip(rounded, *_activation_range(operator, model.tensors[operator.outputs[0]]))


def _max_pool(model, operator, data):
    kernel = operator.options["filter_h"], operator.options["filter_w"]
    highest = np.max([v for _, _, v in _windows(operator, data, kernel, -128)], axis=0)
    return np.clip(highest, *_activation_range(operator, model.tensors[operator.outputs[0]]))


def _add(model, operator, left, right):
    output = model.tensors[operator.outputs[0]]
    out_scale, out_zero = _quantization(output)
    scales = [_quantization(model.tensors[i]) for i in operator.inputs]
    twice = 2.0 * max(scale for scale, _ in scales)
    total = 0
    for data, (scale, zero) in zip((left, right), scales, strict=True):
        total = total + fx.rescale((data.astype(np.int64) - zero) << 20, *fx.quantize_multiplier(scale / twice))
    summed = fx.rescale(total, *fx.quantize_multiplier(twice / (2**20 * out_scale))) + out_zero
    return np.clip(summed, *_activation_range(operator, output))


def _reshape(model, operator, data, *_):
    return data.reshape(-1, *model.tensors[operator.outputs[0]].shape[1:])


def _softmax(model, operator, data):
    scale, _ = _quantization(model.tensors[operator.inputs[0]])
    multiplier, shift = fx.quantize_multiplier(min(operator.options["beta"] * scale * 2.0**26, 2.0**31 - 1))
    lowest = -int(31 * 2.0**26 / 2.0**shift)
    below = data.astype(np.int64) - data.max(axis=-1, keepdims=True)
    counted = below >= lowest
    exponents = fx.multiply_high(np.where(counted, below, 0) << shift, multiplier)
    powers = np.where(counted, fx.exp_of_negative(exponents), 0)
    total = fx.divide_by_power_of_two(powers, 12).sum(axis=-1, keepdims=True)
    headroom = 32 - np.floor(np.log2(total)).astype(np.int64) - 1
    reciprocal = fx.one_over_one_plus((total << headroom) - 2**31)
    shares = fx.divide_by_power_of_two(fx.multiply_high(reciprocal, powers), 12 - headroom + 23)
    return np.where(counted, np.clip(shares - 128, -128, 127), -128)


_KERNELS = {"CONV_2D": _conv, "DEPTHWISE_CONV_2D": _depthwise, "FULLY_CONNECTED": _fully_connected,
            "AVERAGE_POOL_2D": _average_pool, "MAX_POOL_2D": _max_pool, "ADD": _add,
            "RESHAPE": _reshape, "SOFTMAX": _softmax}
