"""Checks int8_reference.py against golden outputs of TFLite Micro's reference kernels.

    /usr/bin/python3 golden_check.py

The goldens lie beside the checkout (../shared/models) and are no part of this repository; without
them this says so and checks nothing. They were made on seeded inputs: an int8 is the top byte of
x = x * 1664525 + 1013904223 mod 2^32.
"""

import json
import sys
import zlib
from pathlib import Path

import numpy as np

import int8_reference
from tflite_reader import Model, read_model

MODELS = Path(__file__).resolve().parents[4] / "shared" / "models"
OPERATORS = ("ADD", "AVERAGE_POOL_2D", "CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED",
             "MAX_POOL_2D", "RESHAPE", "SOFTMAX")
WHOLE_MODELS = ("ad01_int8", "kws_ref_model", "micro_speech_quantized", "person_detect",
                "resnet8_ic_int8", "vww_96_int8")


def main() -> None:
    if not MODELS.is_dir():
        print(f"skipped: no golden outputs in {MODELS}")
        return
    passed = failed = skipped = 0
    for golden_file in (f for o in OPERATORS for f in sorted((MODELS / "ops" / o).glob(f"{o}_i8_*.json"))):
        golden = json.loads(golden_file.read_text())
        # Grouped convolutions: the samples have none and the evaluator does not know them.
        if golden["attrs"].get("groups", 1) != 1:
            skipped += 1
            continue
        right = _single_operator(read_model(golden_file.with_suffix(".tflite").read_bytes()), golden)
        passed, failed = passed + right, failed + (not right)
    for name in WHOLE_MODELS:
        golden = json.loads((MODELS / "golden" / "layers" / f"{name}.json").read_text())
        for right in _every_layer(read_model((MODELS / f"{name}.tflite").read_bytes()), golden):
            passed, failed = passed + right, failed + (not right)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    sys.exit(1 if failed or not passed else 0)


def _single_operator(model: Model, golden: dict) -> bool:
    """True when every case of a single-operator model gives the golden bytes."""
    return all(int8_reference.run(model, _inputs(model, case["seed"]))[model.outputs[0]].tobytes().hex()
               == case["outputs"][0]["hex"] for case in golden["cases"])


def _every_layer(model: Model, golden: dict) -> list[bool]:
    """For each operator of a whole model: does its output have the golden CRC-32?"""
    case = golden["cases"][0]
    values = int8_reference.run(model, _inputs(model, case["seed"]))
    return [f"{zlib.crc32(values[op['tensor']].tobytes()):08x}" == op["crc32"] for op in case["ops"]]


def _inputs(model: Model, seed: int) -> list[np.ndarray]:
    arrays, state = [], seed
    for number in model.inputs:
        shape = model.tensors[number].shape
        elements = np.empty(int(np.prod(shape)), np.uint8)
        for i in range(len(elements)):
            state = (state * 1664525 + 1013904223) % 2**32
            elements[i] = state >> 24
        arrays.append(elements.view(np.int8).reshape(shape))
    return arrays


if __name__ == "__main__":
    main()
