"""Reads a .tflite FlatBuffer (schema version 3) into plain Python values.

Written against the public schema (tensorflow/lite/schema/schema.fbs) and independent of
tflite_writer.py, so that a wrong field number in one does not hide in the other. Only the
operators of OPERATORS are understood; anything else is an error. Offsets are not proven to lie
inside the file: this reads our own files, Python raises struct.error on the rest.
"""

import struct
from dataclasses import dataclass, field

import numpy as np

# BuiltinOperator value -> (name, BuiltinOptions value, {field number: (option name, format, default)}).
_POOL = {0: ("padding", "b", 0), 1: ("stride_w", "i", 0), 2: ("stride_h", "i", 0),
         3: ("filter_w", "i", 0), 4: ("filter_h", "i", 0), 5: ("activation", "b", 0)}
OPERATORS = {
    0: ("ADD", 11, {0: ("activation", "b", 0)}),
    1: ("AVERAGE_POOL_2D", 5, _POOL),
    3: ("CONV_2D", 1, {0: ("padding", "b", 0), 1: ("stride_w", "i", 0), 2: ("stride_h", "i", 0),
                       3: ("activation", "b", 0), 4: ("dilation_w", "i", 1), 5: ("dilation_h", "i", 1)}),
    4: ("DEPTHWISE_CONV_2D", 2, {0: ("padding", "b", 0), 1: ("stride_w", "i", 0), 2: ("stride_h", "i", 0),
                                 3: ("depth_multiplier", "i", 0), 4: ("activation", "b", 0),
                                 5: ("dilation_w", "i", 1), 6: ("dilation_h", "i", 1)}),
    9: ("FULLY_CONNECTED", 8, {0: ("activation", "b", 0), 1: ("weights_format", "b", 0),
                               2: ("keep_num_dims", "b", 0)}),
    17: ("MAX_POOL_2D", 5, _POOL),
    22: ("RESHAPE", 17, {}),
    25: ("SOFTMAX", 9, {0: ("beta", "f", 0.0)}),
}
_TENSOR_TYPES = {0: np.float32, 2: np.int32, 7: np.int16, 9: np.int8}
_PADDINGS = ("SAME", "VALID")
_ACTIVATIONS = ("NONE", "RELU", "RELU_N1_TO_1", "RELU6")


@dataclass
class Tensor:
    """One tensor. `data` is None for an activation; `scale` is empty where there is no quantization."""

    name: str
    shape: tuple[int, ...]
    dtype: type
    scale: np.ndarray
    zero_point: np.ndarray
    quantized_dimension: int
    data: np.ndarray | None
    data_offset: int


@dataclass
class Operator:
    """One operator; inputs and outputs are tensor numbers (-1 = left out), options by name."""

    kind: str
    version: int
    inputs: list[int]
    outputs: list[int]
    options: dict[str, object] = field(default_factory=dict)


@dataclass
class Model:
    """The single subgraph of a model."""

    tensors: list[Tensor]
    inputs: list[int]
    outputs: list[int]
    operators: list[Operator]
    description: str


class _Table:
    """A FlatBuffer table: fields by their number in the schema."""

    def __init__(self, data: bytes, position: int):
        self.data, self.position = data, position
        self.vtable = position - struct.unpack_from("<i", data, position)[0]
        self.vtable_size = struct.unpack_from("<H", data, self.vtable)[0]

    def _field(self, number: int) -> int:
        slot = 4 + 2 * number
        if slot >= self.vtable_size:
            return 0
        offset = struct.unpack_from("<H", self.data, self.vtable + slot)[0]
        return self.position + offset if offset else 0

    def scalar(self, number: int, form: str, default):
        at = self._field(number)
        return struct.unpack_from("<" + form, self.data, at)[0] if at else default

    def _target(self, number: int) -> int:
        at = self._field(number)
        return at + struct.unpack_from("<I", self.data, at)[0] if at else 0

    def table(self, number: int) -> "_Table | None":
        at = self._target(number)
        return _Table(self.data, at) if at else None

    def tables(self, number: int) -> list["_Table"]:
        at = self._target(number)
        count = struct.unpack_from("<I", self.data, at)[0] if at else 0
        slots = [at + 4 + 4 * i for i in range(count)]
        return [_Table(self.data, s + struct.unpack_from("<I", self.data, s)[0]) for s in slots]

    def vector(self, number: int, dtype) -> tuple[np.ndarray, int]:
        """(elements, their offset in the file); empty and 0 where the field is absent."""
        at = self._target(number)
        if not at:
            return np.zeros(0, dtype), 0
        count = struct.unpack_from("<I", self.data, at)[0]
        return np.frombuffer(self.data, np.dtype(dtype).newbyteorder("<"), count, at + 4), at + 4

    def text(self, number: int) -> str:
        return self.vector(number, np.uint8)[0].tobytes().decode()


def read_model(data: bytes) -> Model:
    """Parses a model of one subgraph. Raises ValueError on what this reader does not know."""
    if data[4:8] != b"TFL3":
        raise ValueError("the file identifier is not TFL3")
    root = _Table(data, struct.unpack_from("<I", data)[0])
    version, subgraphs = root.scalar(0, "I", 0), root.tables(2)
    if version != 3 or len(subgraphs) != 1:
        raise ValueError(f"schema version {version} with {len(subgraphs)} subgraphs, expected 3 with 1")
    codes, buffers, graph = root.tables(1), root.tables(4), subgraphs[0]
    if buffers and len(buffers[0].vector(0, np.uint8)[0]):
        raise ValueError("buffer 0 is not empty")
    return Model(
        [_read_tensor(t, buffers) for t in graph.tables(0)],
        graph.vector(1, np.int32)[0].tolist(), graph.vector(2, np.int32)[0].tolist(),
        [_read_operator(o, codes) for o in graph.tables(3)], root.text(3))


def _read_tensor(table: _Table, buffers: list[_Table]) -> Tensor:
    shape = tuple(table.vector(0, np.int32)[0].tolist())
    dtype = _TENSOR_TYPES.get(table.scalar(1, "b", 0))
    if dtype is None:
        raise ValueError(f"tensor {table.text(3)}: unknown element type {table.scalar(1, 'b', 0)}")
    raw, offset = buffers[table.scalar(2, "I", 0)].vector(0, np.uint8)
    data = raw.view(np.dtype(dtype).newbyteorder("<")).reshape(shape) if len(raw) else None
    quantization = table.table(4)
    if quantization is None:
        return Tensor(table.text(3), shape, dtype, np.zeros(0), np.zeros(0), 0, data, offset)
    return Tensor(table.text(3), shape, dtype, quantization.vector(2, np.float32)[0],
                  quantization.vector(3, np.int64)[0], quantization.scalar(6, "i", 0), data, offset)


def _read_operator(table: _Table, codes: list[_Table]) -> Operator:
    code = codes[table.scalar(0, "I", 0)]
    # Readers take the larger of the two: files older than builtin_code have only the byte.
    builtin = max(code.scalar(0, "b", 0), code.scalar(3, "i", 0))
    if builtin not in OPERATORS:
        raise ValueError(f"builtin operator {builtin} is not one of this reader's")
    kind, options_type, fields = OPERATORS[builtin]
    found = table.scalar(3, "B", 0)
    if found != options_type and (fields or found):
        raise ValueError(f"{kind}: options of type {found}, expected {options_type}")
    options_table = table.table(4)
    options = {name: options_table.scalar(number, form, default) if options_table else default
               for number, (name, form, default) in fields.items()}
    if "padding" in options:
        options["padding"] = _PADDINGS[options["padding"]]
    if "activation" in options:
        options["activation"] = _ACTIVATIONS[options["activation"]]
    return Operator(kind, code.scalar(2, "i", 1), table.vector(1, np.int32)[0].tolist(),
                    table.vector(2, np.int32)[0].tolist(), options)
