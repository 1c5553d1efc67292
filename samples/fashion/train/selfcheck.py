"""Reads the committed models back and classifies the committed images in int8. Needs only NumPy.

    python3 selfcheck.py [--heldout]

With --heldout also the 10,000 held-out images (needs the data set). Fails when a file is not the
one that results.json describes, when its structure breaks the rules of full-integer
quantization, or when a count differs from results.json.
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np

import fashion_data
import int8_reference
from tflite_reader import Model, read_model

SAMPLE_DIR = Path(__file__).resolve().parent.parent


def main(with_heldout: bool) -> None:
    results = json.loads((SAMPLE_DIR / "train" / "results.json").read_text())
    labels = json.loads((SAMPLE_DIR / "labels.json").read_text())
    images = np.stack([_image(SAMPLE_DIR / "images" / file) for file in labels])
    expected = np.array(list(labels.values()))
    for name, result in results.items():
        data = (SAMPLE_DIR / name / f"fashion_{name}.tflite").read_bytes()
        _demand(hashlib.sha256(data).hexdigest() == result["sha256"], f"{name}: not the file in results.json")
        model = read_model(data)
        check_structure(model)
        _describe(name, model, len(data))
        right = int((int8_reference.classify(model, images) == expected).sum())
        print(f"  committed images  {right} right of {len(expected)}")
        _print_held_out(result)
        if with_heldout:
            _measure_held_out(model, result)


def check_structure(model: Model) -> None:
    """The rules of int8 full-integer quantization that a converter keeps."""
    for operator in model.operators:
        source, output = model.tensors[operator.inputs[0]], model.tensors[operator.outputs[0]]
        if operator.kind in ("MAX_POOL_2D", "AVERAGE_POOL_2D", "RESHAPE"):
            same = source.scale[0] == output.scale[0] and source.zero_point[0] == output.zero_point[0]
            _demand(same, f"{output.name}: a {operator.kind} must keep its input's quantization")
        if len(operator.inputs) == 3 and operator.kind != "RESHAPE":
            _check_weights(operator.kind, source, *(model.tensors[i] for i in operator.inputs[1:]))
    for tensor in model.tensors:
        _demand(tensor.data is None or tensor.data_offset % 16 == 0, f"{tensor.name}: data is not 16-byte aligned")


def _check_weights(kind: str, source, weights, bias) -> None:
    axis = 3 if kind == "DEPTHWISE_CONV_2D" else 0
    channels = weights.shape[axis]
    _demand(weights.dtype is np.int8 and not weights.zero_point.any(), f"{weights.name}: must be int8, zero point 0")
    _demand(weights.data.min() >= -127, f"{weights.name}: symmetric weights never reach -128")
    _demand(len(weights.scale) in (1, channels), f"{weights.name}: {len(weights.scale)} scales, {channels} channels")
    _demand(len(weights.scale) == 1 or weights.quantized_dimension == axis, f"{weights.name}: wrong channel axis")
    _demand(bias.dtype is np.int32 and bias.shape == (channels,), f"{bias.name}: must be int32 [{channels}]")
    scales_match = np.array_equal(bias.scale, source.scale[0] * weights.scale)
    _demand(scales_match, f"{bias.name}: scale must be input scale * weight scale")


def _image(path: Path) -> np.ndarray:
    side = fashion_data.SIDE
    return fashion_data.to_int8(np.frombuffer(path.read_bytes(), np.uint8).reshape(side, side))


def _describe(name: str, model: Model, size: int) -> None:
    kinds = [o.kind for o in model.operators]
    print(f"{name}  {size:,} bytes  {len(kinds)} operators  {int8_reference.macs(model):,} MACs")
    print("  operators         " + ", ".join(f"{k} x{kinds.count(k)}" for k in dict.fromkeys(kinds)))
    for role, numbers in (("input", model.inputs), ("output", model.outputs)):
        tensor = model.tensors[numbers[0]]
        print(f"  {role:<18}{list(tensor.shape)} int8, "
              f"scale {float(tensor.scale[0])!r}, zero point {int(tensor.zero_point[0])}")


def _print_held_out(result: dict) -> None:
    count = result["held_out"]
    print(f"  held out          float {result['float_right'] / count:.2%}, int8 {result['int8_right'] / count:.2%}, "
          f"same class in {result['same_class'] / count:.2%} (results.json)")


def _measure_held_out(model: Model, result: dict) -> None:
    _demand(fashion_data.dataset_is_installed(), "the data set is not here: apt-get install dataset-fashion-mnist")
    images, labels = fashion_data.held_out()
    right = int((int8_reference.classify(model, fashion_data.to_int8(images)) == labels).sum())
    print(f"  held out, again   int8 {right} right of {len(labels)}")
    _demand(right == result["int8_right"], f"results.json says {result['int8_right']} right")


def _demand(condition: bool, message: str) -> None:
    if not condition:
        sys.exit(f"selfcheck: {message}")


if __name__ == "__main__":
    if sys.argv[1:] not in ([], ["--heldout"]):
        sys.exit("usage: selfcheck.py [--heldout]")
    main("--heldout" in sys.argv)
