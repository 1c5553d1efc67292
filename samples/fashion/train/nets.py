"""The two networks, as lists of layers that training, quantization and export all walk.

v1 is small on purpose: what one would ship first to a small device. v2 is the better one
that replaces it without reflashing: depthwise-separable blocks, one of them residual.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn

from fashion_data import CLASSES, SIDE


@dataclass(frozen=True)
class Layer:
    """One layer; its input is the layer before it.

    kind      conv, depthwise, max_pool, average_pool, add, flatten or dense
    channels  output channels (conv, dense)
    kernel    side of the square window; padding is SAME for convolutions, none for pools
    stride    same in both directions; pools step by their kernel
    relu      fused activation
    other     name of the second operand of an add
    """

    name: str
    kind: str
    channels: int = 0
    kernel: int = 1
    stride: int = 1
    relu: bool = False
    other: str = ""

    @property
    def has_weights(self) -> bool:
        return self.kind in ("conv", "depthwise", "dense")


@dataclass(frozen=True)
class Recipe:
    """A network and how it is trained: AdamW, one-cycle learning rate, fixed seed."""

    layers: tuple[Layer, ...]
    epochs: int
    batch: int
    peak_rate: float
    augment: bool
    seed: int


def _separable(name: str, channels: int, stride: int = 1, relu: bool = True) -> tuple[Layer, Layer]:
    return (Layer(f"{name}/depthwise", "depthwise", kernel=3, stride=stride, relu=True),
            Layer(f"{name}/pointwise", "conv", channels, relu=relu))


V1 = Recipe(
    layers=(
        Layer("conv", "conv", 4, kernel=3, stride=2, relu=True),
        Layer("pool", "max_pool", kernel=2),
        Layer("flatten", "flatten"),
        Layer("hidden", "dense", 24, relu=True),
        Layer("logits", "dense", CLASSES),
    ),
    epochs=3, batch=256, peak_rate=4e-3, augment=False, seed=1)

V2 = Recipe(
    layers=(
        Layer("stem", "conv", 16, kernel=3, stride=2, relu=True),
        *_separable("block1", 32),
        *_separable("block2", 64, stride=2),
        *_separable("block3", 64, relu=False),
        Layer("block3/add", "add", relu=True, other="block2/pointwise"),
        *_separable("block4", 96),
        Layer("pool", "average_pool", kernel=7),
        Layer("flatten", "flatten"),
        Layer("logits", "dense", CLASSES),
    ),
    epochs=24, batch=128, peak_rate=8e-3, augment=True, seed=2)


def same_padding(size: int, kernel: int, stride: int) -> tuple[int, int]:
    """(before, after) of TFLite's SAME padding of one axis: the odd one goes after."""
    total = max(0, (-(-size // stride) - 1) * stride + kernel - size)
    return total // 2, total - total // 2


class Net(nn.Module):
    """A trainable network from layers; convolutions carry a batch norm until it is folded."""

    def __init__(self, layers: tuple[Layer, ...]):
        super().__init__()
        self.layers = layers
        self.ops, self.norms = nn.ModuleDict(), nn.ModuleDict()
        shapes, shape = {}, (1, SIDE, SIDE)
        for layer in layers:
            shape = shapes[layer.name] = self._declare(layer, shape)
        self.shapes = shapes

    def _declare(self, layer: Layer, shape: tuple[int, ...]) -> tuple[int, ...]:
        """Creates the layer's parameters; returns its output shape (channels, height, width)."""
        if layer.kind == "flatten":
            return (shape[0] * shape[1] * shape[2],)
        if layer.kind == "add":
            return shape
        if layer.kind == "dense":
            self.ops[self.key(layer)] = nn.Linear(shape[0], layer.channels)
            return (layer.channels,)
        if layer.kind.endswith("pool"):
            return (shape[0], shape[1] // layer.kernel, shape[2] // layer.kernel)
        channels = shape[0] if layer.kind == "depthwise" else layer.channels
        groups = shape[0] if layer.kind == "depthwise" else 1
        self.ops[self.key(layer)] = nn.Conv2d(
            shape[0], channels, layer.kernel, layer.stride, groups=groups, bias=False)
        self.norms[self.key(layer)] = nn.BatchNorm2d(channels)
        return (channels, -(-shape[1] // layer.stride), -(-shape[2] // layer.stride))

    @staticmethod
    def key(layer: Layer) -> str:
        """The layer's name as torch accepts it."""
        return layer.name.replace("/", "_")

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Logits [n, 10] of images [n, 1, 28, 28] in 0..1."""
        return self.activations(images)[self.layers[-1].name]

    def activations(self, images: torch.Tensor) -> dict[str, torch.Tensor]:
        """Every layer's output after its activation, by name."""
        values, value = {}, images
        for layer in self.layers:
            value = values[layer.name] = self._run_layer(layer, value, values)
        return values

    def _run_layer(self, layer: Layer, value: torch.Tensor, values: dict[str, torch.Tensor]) -> torch.Tensor:
        if layer.kind == "max_pool":
            return F.max_pool2d(value, layer.kernel)
        if layer.kind == "average_pool":
            return F.avg_pool2d(value, layer.kernel)
        if layer.kind == "flatten":
            # Row, column, channel: the order in which TFLite stores an image.
            return value.permute(0, 2, 3, 1).flatten(1)
        if layer.kind == "add":
            value = value + values[layer.other]
        elif layer.kind == "dense":
            value = self.ops[self.key(layer)](value)
        else:
            top, bottom = same_padding(value.shape[2], layer.kernel, layer.stride)
            left, right = same_padding(value.shape[3], layer.kernel, layer.stride)
            padded = F.pad(value, (left, right, top, bottom))
            value = self.norms[self.key(layer)](self.ops[self.key(layer)](padded))
        return F.relu(value) if layer.relu else value

    def folded(self, layer: Layer) -> tuple[torch.Tensor, torch.Tensor]:
        """Weights (O, I, H, W or O, I) and bias of a layer with its batch norm folded in."""
        op = self.ops[self.key(layer)]
        if layer.kind == "dense":
            return op.weight, op.bias
        norm = self.norms[self.key(layer)]
        gain = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        return op.weight * gain[:, None, None, None], norm.bias - norm.running_mean * gain
