"""Post-training full-integer quantization of a trained Net, as the TFLite converter does it.

Activations: int8, one scale and zero point a tensor, from the smallest and largest value seen on
calibration images. Weights: int8 in -127..127, zero point 0, one scale an output channel
(convolutions) or a tensor (dense layers). Bias: int32, scale = input scale * weight scale.
Pools and reshapes keep their input's quantization; input and output have fixed ones.
Source: "LiteRT 8-bit quantization specification" of the public TensorFlow Lite documentation.
"""

import numpy as np
import torch

from fashion_data import CLASSES, SIDE
from nets import Layer, Net
from tflite_writer import QOperator, QTensor, write_model

INPUT_SCALE, INPUT_ZERO = np.float32(1 / 255), -128
OUTPUT_SCALE, OUTPUT_ZERO = np.float32(1 / 256), -128

_KINDS = {"conv": "CONV_2D", "depthwise": "DEPTHWISE_CONV_2D", "dense": "FULLY_CONNECTED",
          "max_pool": "MAX_POOL_2D", "average_pool": "AVERAGE_POOL_2D", "add": "ADD", "flatten": "RESHAPE"}


def export(net: Net, calibration: torch.Tensor, description: str) -> bytes:
    """The .tflite of a net in eval mode; calibration images are [n, 1, 28, 28] in 0..1."""
    return _Exporter(net, _ranges(net, calibration)).export(description)


def _ranges(net: Net, images: torch.Tensor) -> dict[str, tuple[float, float]]:
    """Smallest and largest value of each layer's output; 0 is always inside."""
    with torch.no_grad():
        values = net.activations(images)
    return {name: (min(0.0, float(v.min())), max(0.0, float(v.max()))) for name, v in values.items()}


def activation_parameters(low: float, high: float) -> tuple[np.float32, int]:
    """Scale and zero point that map [low, high], which contains 0, to -128..127 with 0 exact."""
    scale = np.float32((high - low) / 255)
    return scale, int(np.clip(_round(-128 - low / scale), -128, 127))


def _round(values):
    """To nearest, ties away from zero."""
    values = np.asarray(values, np.float64)
    return np.sign(values) * np.floor(np.abs(values) + 0.5)


def _quantize_weights(weights: np.ndarray, axis: int | None) -> tuple[np.ndarray, np.ndarray]:
    """(int8 weights, float32 scales); one scale a channel of `axis`, or one in all where it is None."""
    others = None if axis is None else tuple(i for i in range(weights.ndim) if i != axis)
    largest = np.abs(weights).max(axis=others, keepdims=True)
    scales = (np.maximum(largest, 1e-12) / 127).astype(np.float32)
    return np.clip(_round(weights / scales), -127, 127).astype(np.int8), scales.reshape(-1)


class _Exporter:
    def __init__(self, net: Net, ranges: dict[str, tuple[float, float]]):
        self.net, self.ranges = net, ranges
        self.tensors = [QTensor("image", (1, SIDE, SIDE, 1), np.int8, np.array([INPUT_SCALE]), INPUT_ZERO)]
        self.operators: list[QOperator] = []
        self.numbers: dict[str, int] = {}

    def export(self, description: str) -> bytes:
        value = 0
        for layer in self.net.layers:
            value = self.numbers[layer.name] = self._layer(layer, value)
        scores = self._tensor(QTensor("scores", (1, CLASSES), np.int8, np.array([OUTPUT_SCALE]), OUTPUT_ZERO))
        self.operators.append(QOperator("SOFTMAX", [value], [scores]))
        return write_model(self.tensors, self.operators, [0], [scores], description)

    def _tensor(self, tensor: QTensor) -> int:
        self.tensors.append(tensor)
        return len(self.tensors) - 1

    def _layer(self, layer: Layer, source: int) -> int:
        """Adds the layer's tensors and operator; returns its output's number."""
        inputs = [source, *self._constants(layer, source)]
        options = {"activation": "RELU" if layer.relu else "NONE", "padding": "SAME",
                   "stride": layer.stride, "kernel": layer.kernel}
        if layer.kind == "add":
            inputs.append(self.numbers[layer.other])
        shape = self._output_shape(layer)
        if layer.kind == "flatten":
            options["shape"] = shape
            inputs.append(self._tensor(QTensor(f"{layer.name}/shape", (len(shape),), np.int32,
                                               data=np.array(shape, np.int32))))
        output = self._tensor(self._output(layer, shape, self.tensors[source]))
        self.operators.append(QOperator(_KINDS[layer.kind], inputs, [output], options))
        return output

    def _output_shape(self, layer: Layer) -> tuple[int, ...]:
        channels, *place = self.net.shapes[layer.name]
        return (1, *place, channels)

    def _output(self, layer: Layer, shape: tuple[int, ...], source: QTensor) -> QTensor:
        if layer.kind in ("max_pool", "average_pool", "flatten"):
            return QTensor(layer.name, shape, np.int8, source.scales, source.zero_point)
        scale, zero = activation_parameters(*self.ranges[layer.name])
        return QTensor(layer.name, shape, np.int8, np.array([scale]), zero)

    def _constants(self, layer: Layer, source: int) -> list[int]:
        """Adds weights and bias where the layer has them; returns their numbers."""
        if not layer.has_weights:
            return []
        weights, bias = (p.detach().double().numpy() for p in self.net.folded(layer))
        # torch has O,I,H,W; TFLite wants O,H,W,I, and 1,H,W,C for depthwise.
        axis = {"conv": 0, "depthwise": 3, "dense": None}[layer.kind]
        if layer.kind == "conv":
            weights = weights.transpose(0, 2, 3, 1)
        elif layer.kind == "depthwise":
            weights = weights.transpose(1, 2, 3, 0)
        quantized, scales = _quantize_weights(weights, axis)
        bias_scales = self.tensors[source].scales[0] * scales
        quantized_bias = np.clip(_round(bias / bias_scales), -2**31, 2**31 - 1).astype(np.int32)
        name = layer.name
        return [
            self._tensor(QTensor(f"{name}/weights", quantized.shape, np.int8, scales, 0, axis or 0, quantized)),
            self._tensor(QTensor(f"{name}/bias", bias.shape, np.int32, bias_scales, 0, 0, quantized_bias))]
