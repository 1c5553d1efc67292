"""Writes .tflite FlatBuffers (schema version 3) without any FlatBuffers package.

A FlatBuffer is written here front to back: first every object is placed, then every offset is
filled in. References are unsigned and point forwards, so parents are placed before their
children; a table's vtable stands directly before it.
"""

import struct
from dataclasses import dataclass, field

import numpy as np

BUFFER_ALIGNMENT = 16

# Element types of the schema's TensorType.
_TENSOR_TYPES = {np.dtype(np.int32): 2, np.dtype(np.int8): 9}

_PADDING = {"SAME": 0, "VALID": 1}
_ACTIVATION = {"NONE": 0, "RELU": 1}


@dataclass
class _Scalar:
    form: str
    value: object


@dataclass
class _Vector:
    """A vector of scalars; `alignment` is that of the first element."""

    data: np.ndarray
    alignment: int = 4


@dataclass
class _Tables:
    """A vector of tables."""

    items: list


@dataclass
class _Text:
    value: str


@dataclass
class _Table:
    """Fields by their number in the schema."""

    fields: dict[int, object]


class _Builder:
    """Places objects in a growing byte array."""

    def __init__(self):
        self.data = bytearray()

    def _align(self, alignment: int, ahead: int = 0):
        """Pads so that the byte `ahead` bytes from here is aligned."""
        self.data += bytes(-(len(self.data) + ahead) % alignment)

    def place(self, item) -> int:
        """Writes an object and all that it refers to; returns its position."""
        if isinstance(item, _Table):
            return self._place_table(item)
        if isinstance(item, _Tables):
            self._align(4)
            at = len(self.data)
            self.data += struct.pack("<I", len(item.items)) + bytes(4 * len(item.items))
            for i, table in enumerate(item.items):
                self.refer(at + 4 + 4 * i, self.place(table))
            return at
        if isinstance(item, _Text):
            self._align(4)
            at, text = len(self.data), item.value.encode()
            self.data += struct.pack("<I", len(text)) + text + b"\0"
            return at
        self._align(item.alignment, ahead=4)
        at = len(self.data)
        self.data += struct.pack("<I", len(item.data)) + item.data.astype(item.data.dtype.newbyteorder("<")).tobytes()
        return at

    def refer(self, slot: int, target: int):
        struct.pack_into("<I", self.data, slot, target - slot)

    def _place_table(self, table: _Table) -> int:
        # Widest fields first keeps every field aligned without holes.
        widths = {n: struct.calcsize(v.form) if isinstance(v, _Scalar) else 4 for n, v in table.fields.items()}
        order = sorted(table.fields, key=lambda n: (-widths[n], n))
        slots, size = {}, 4
        for number in order:
            slots[number] = size
            size += widths[number]
        count = max(table.fields, default=-1) + 1
        vtable = struct.pack(f"<HH{count}H", 4 + 2 * count, size, *(slots.get(n, 0) for n in range(count)))
        self._align(4, ahead=len(vtable))
        self.data += vtable
        at = len(self.data)
        self.data += struct.pack("<i", len(vtable)) + bytes(size - 4)
        for number in order:
            value = table.fields[number]
            if isinstance(value, _Scalar):
                struct.pack_into("<" + value.form, self.data, at + slots[number], value.value)
        for number in sorted(table.fields):
            if not isinstance(table.fields[number], _Scalar):
                self.refer(at + slots[number], self.place(table.fields[number]))
        return at


@dataclass
class QTensor:
    """A tensor to write. `data` is None for an activation; scales has one entry, or one a channel."""

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype
    scales: np.ndarray = field(default_factory=lambda: np.zeros(0, np.float32))
    zero_point: int = 0
    channel_axis: int = 0
    data: np.ndarray | None = None


@dataclass
class QOperator:
    """An operator to write: inputs and outputs are tensor numbers."""

    kind: str
    inputs: list[int]
    outputs: list[int]
    options: dict[str, object] = field(default_factory=dict)


def _byte(value: int) -> _Scalar:
    return _Scalar("b", value)


def _int(value: int) -> _Scalar:
    return _Scalar("i", value)


def _conv_options(o: dict) -> dict:
    return {0: _byte(_PADDING[o["padding"]]), 1: _int(o["stride"]), 2: _int(o["stride"]),
            3: _byte(_ACTIVATION[o["activation"]]), 4: _int(1), 5: _int(1)}


def _depthwise_options(o: dict) -> dict:
    return {0: _byte(_PADDING[o["padding"]]), 1: _int(o["stride"]), 2: _int(o["stride"]), 3: _int(1),
            4: _byte(_ACTIVATION[o["activation"]]), 5: _int(1), 6: _int(1)}


def _pool_options(o: dict) -> dict:
    return {0: _byte(_PADDING["VALID"]), 1: _int(o["kernel"]), 2: _int(o["kernel"]),
            3: _int(o["kernel"]), 4: _int(o["kernel"]), 5: _byte(_ACTIVATION["NONE"])}


# kind -> (BuiltinOperator, version of its int8 form, BuiltinOptions union member, its fields)
_OPERATORS = {
    "ADD": (0, 2, 11, lambda o: {0: _byte(_ACTIVATION[o["activation"]])}),
    "AVERAGE_POOL_2D": (1, 2, 5, _pool_options),
    "CONV_2D": (3, 3, 1, _conv_options),
    "DEPTHWISE_CONV_2D": (4, 3, 2, _depthwise_options),
    "FULLY_CONNECTED": (9, 4, 8, lambda o: {0: _byte(_ACTIVATION[o["activation"]]), 1: _byte(0), 2: _byte(0)}),
    "MAX_POOL_2D": (17, 2, 5, _pool_options),
    "RESHAPE": (22, 1, 17, lambda o: {0: _Vector(np.array(o["shape"], np.int32))}),
    "SOFTMAX": (25, 2, 9, lambda o: {0: _Scalar("f", 1.0)}),
}


def write_model(tensors: list[QTensor], operators: list[QOperator], inputs: list[int],
                outputs: list[int], description: str) -> bytes:
    """The bytes of a .tflite with one subgraph. Constant data starts at multiples of 16 bytes."""
    kinds = sorted({o.kind for o in operators}, key=lambda k: _OPERATORS[k][0])
    # Buffer 0 is empty by convention; activations refer to it.
    buffers, tensor_tables = [_Table({})], []
    for tensor in tensors:
        number = 0
        if tensor.data is not None:
            number = len(buffers)
            raw = np.frombuffer(tensor.data.astype(np.dtype(tensor.dtype).newbyteorder("<")).tobytes(), np.uint8)
            buffers.append(_Table({0: _Vector(raw, BUFFER_ALIGNMENT)}))
        tensor_tables.append(_tensor_table(tensor, number))
    graph = _Table({0: _Tables(tensor_tables), 1: _Vector(np.array(inputs, np.int32)),
                    2: _Vector(np.array(outputs, np.int32)),
                    3: _Tables([_operator_table(o, kinds) for o in operators]), 4: _Text("main")})
    root = _Table({0: _Scalar("I", 3), 1: _Tables([_code_table(k) for k in kinds]), 2: _Tables([graph]),
                   3: _Text(description), 4: _Tables(buffers)})
    builder = _Builder()
    builder.data += bytes(4) + b"TFL3"
    builder.refer(0, builder.place(root))
    builder._align(4)
    return bytes(builder.data)


def _code_table(kind: str) -> _Table:
    code, version, _, _ = _OPERATORS[kind]
    # Old readers look at the byte (field 0), new ones at the int (field 3).
    return _Table({0: _byte(code), 2: _int(version), 3: _int(code)})


def _operator_table(operator: QOperator, kinds: list[str]) -> _Table:
    _, _, union, options = _OPERATORS[operator.kind]
    return _Table({0: _Scalar("I", kinds.index(operator.kind)),
                   1: _Vector(np.array(operator.inputs, np.int32)),
                   2: _Vector(np.array(operator.outputs, np.int32)),
                   3: _Scalar("B", union), 4: _Table(options(operator.options))})


def _tensor_table(tensor: QTensor, buffer: int) -> _Table:
    fields = {0: _Vector(np.array(tensor.shape, np.int32)), 1: _byte(_TENSOR_TYPES[np.dtype(tensor.dtype)]),
              2: _Scalar("I", buffer), 3: _Text(tensor.name)}
    if len(tensor.scales):
        zeros = np.full(len(tensor.scales), tensor.zero_point, np.int64)
        fields[4] = _Table({2: _Vector(tensor.scales.astype(np.float32)), 3: _Vector(zeros, 8),
                            6: _int(tensor.channel_axis)})
    return _Table(fields)
