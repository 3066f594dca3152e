"""A TFLite file as a list of operations on named tensors, with all constants as arrays.

Field numbers are those of TensorFlow Lite's schema (tensorflow/compiler/mlir/lite/schema/schema.fbs, Apache-2.0).
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass, field

import numpy as np

from mien.core.errors import InputError
from mien.nets.landmarker.flatbuffer import BufferTable, DamagedError

# Numbers of the operations that the landmarker's networks use, and of a few of their relatives (for messages).
OPERATIONS = {
    0: "ADD", 1: "AVERAGE_POOL_2D", 2: "CONCATENATION", 3: "CONV_2D", 4: "DEPTHWISE_CONV_2D", 6: "DEQUANTIZE",
    9: "FULLY_CONNECTED", 14: "LOGISTIC", 17: "MAX_POOL_2D", 18: "MUL", 19: "RELU", 21: "RELU6", 22: "RESHAPE",
    23: "RESIZE_BILINEAR", 25: "SOFTMAX", 28: "TANH", 32: "CUSTOM", 34: "PAD", 39: "TRANSPOSE", 40: "MEAN",
    41: "SUB", 42: "DIV", 45: "STRIDED_SLICE", 54: "PRELU", 59: "NEG", 74: "SUM", 75: "SQRT", 76: "RSQRT",
    99: "SQUARED_DIFFERENCE", 114: "QUANTIZE", 117: "HARD_SWISH",
}  # fmt: skip
_TYPES = {0: "<f4", 1: "<f2", 2: "<i4", 3: "u1", 4: "<i8", 6: "?", 9: "i1"}
_ACTIVATIONS = {0: "", 1: "RELU", 3: "RELU6"}
# Options of each operation: name -> (field, kind, default).
_CONV = {"padding": (0, "b", 0), "stride_w": (1, "i", 0), "stride_h": (2, "i", 0), "activation": (3, "b", 0),
         "dilation_w": (4, "i", 1), "dilation_h": (5, "i", 1)}  # fmt: skip
_POOL = {"padding": (0, "b", 0), "stride_w": (1, "i", 0), "stride_h": (2, "i", 0), "filter_w": (3, "i", 0),
         "filter_h": (4, "i", 0), "activation": (5, "b", 0)}  # fmt: skip
_ONE = {"activation": (0, "b", 0)}
_OPTIONS: dict[str, dict[str, tuple[int, str, int]]] = {
    "CONV_2D": _CONV,
    "DEPTHWISE_CONV_2D": {
        **{name: entry for name, entry in _CONV.items() if entry[0] < 3},
        "activation": (4, "b", 0), "dilation_w": (5, "i", 1), "dilation_h": (6, "i", 1),
    },
    "MAX_POOL_2D": _POOL,
    "ADD": _ONE, "MUL": _ONE, "SUB": _ONE, "DIV": _ONE,
    "CONCATENATION": {"axis": (0, "i", 0), "activation": (1, "b", 0)},
    "RESIZE_BILINEAR": {"align_corners": (2, "b", 0), "half_pixel_centers": (3, "b", 0)},
    "MEAN": {"keep_dims": (0, "b", 0)}, "SUM": {"keep_dims": (0, "b", 0)},
    "STRIDED_SLICE": {"begin_mask": (0, "i", 0), "end_mask": (1, "i", 0), "ellipsis_mask": (2, "i", 0),
                      "new_axis_mask": (3, "i", 0), "shrink_axis_mask": (4, "i", 0)},
}  # fmt: skip
# Largest number of values in one tensor; the networks here stay far below.
_MOST_VALUES = 2**26


@dataclass(frozen=True)
class Operation:
    """One operation: its name, the numbers of the tensors it reads (-1: left out) and writes, its options."""

    name: str
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    options: dict[str, int] = field(default_factory=dict)

    @property
    def activation(self) -> str:
        """What is applied to the result: ``''``, ``'RELU'`` or ``'RELU6'``."""
        number = self.options.get("activation", 0)
        if number not in _ACTIVATIONS:
            raise InputError(f"{self.name} ends in an activation of number {number}, which mien does not know.")
        return _ACTIVATIONS[number]


@dataclass(frozen=True, eq=False)
class Graph:
    """A network as operations in order.

    Attributes
    ----------
    operations : tuple of Operation
        Those on constants alone (unpacking float16 weights) are done already.
    shapes : dict of int to tuple of int
        Shape of each tensor for one sample, in TFLite's layout (samples, height, width, channels).
    constants : dict of int to ndarray
        Tensors with a known value; float16 became float32.
    inputs, outputs : tuple of int
    """

    operations: tuple[Operation, ...]
    shapes: dict[int, tuple[int, ...]]
    constants: dict[int, np.ndarray]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


def read_graph(content: bytes, name: str = "The file") -> Graph:
    """Read a TFLite file.

    Parameters
    ----------
    content : bytes
    name : str
        What the file is called in messages.

    Raises
    ------
    InputError
        If it is damaged, or is no network of plain operations on float numbers.
    """
    try:
        return _read(content)
    except (DamagedError, struct.error, IndexError, OverflowError, ValueError, RecursionError) as error:
        raise InputError(
            f"{name} is not a TFLite network that can be read: {error}. Get the weights again with: mien models pull"
        ) from error


def _read(content: bytes) -> Graph:
    model = BufferTable.root(content, b"TFL3")
    codes = [_code(table) for table in model.tables(1)]
    parts = list(model.tables(2))
    if len(parts) != 1:
        raise DamagedError(f"it holds {len(parts)} graphs instead of one")
    buffers = list(model.tables(4))
    shapes: dict[int, tuple[int, ...]] = {}
    constants: dict[int, np.ndarray] = {}
    for i, tensor in enumerate(parts[0].tables(0)):
        shapes[i] = tensor.numbers(0)
        data = buffers[tensor.number(2, "I")].content(0)
        if len(data):
            constants[i] = _constant(data, shapes[i], tensor.number(1, "b"))
    operations = []
    for row in parts[0].tables(3):
        result = _operation(row, codes, len(shapes))
        if result.name == "DEQUANTIZE" and result.inputs[0] in constants:
            constants[result.outputs[0]] = constants[result.inputs[0]].astype(np.float32)
        else:
            operations.append(result)
    constants = {i: value.astype(np.float32) if value.dtype == "<f2" else value for i, value in constants.items()}
    graph = Graph(tuple(operations), shapes, constants, parts[0].numbers(1), parts[0].numbers(2))
    _check(graph)
    return graph


def _code(table: BufferTable) -> str:
    # Small numbers stand in the older field of one byte, larger ones in the newer.
    number = max(table.number(0, "b"), table.number(3, "i"))
    return OPERATIONS.get(number, f"operation number {number}")


def _constant(data: memoryview, shape: tuple[int, ...], kind: int) -> np.ndarray:
    if kind not in _TYPES:
        raise DamagedError(f"a constant has the type {kind}, which mien does not read")
    values = np.frombuffer(data, dtype=_TYPES[kind])
    if min(shape, default=1) < 0 or math.prod(shape) != values.size or values.size > _MOST_VALUES:
        raise DamagedError(f"a constant of shape {tuple(shape)} has {values.size} values")
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        raise DamagedError("some weights are not finite")
    return values.reshape(shape)


def _operation(row: BufferTable, codes: list[str], tensors: int) -> Operation:
    name, inputs, outputs = codes[row.number(0, "I")], row.numbers(1), row.numbers(2)
    if not inputs or not outputs or max((*inputs, *outputs)) >= tensors or min(inputs) < -1 or min(outputs) < 0:
        raise DamagedError(f"{name} works on tensors that do not exist")
    table, known = row.table(4), _OPTIONS.get(name, {})
    options = {
        key: table.number(number, kind, default) if table else default for key, (number, kind, default) in known.items()
    }
    return Operation(name, inputs, outputs, options)


def _check(graph: Graph) -> None:
    """Every operation reads what is there already."""
    ready = {-1, *graph.constants, *graph.inputs}
    if not graph.inputs or not graph.outputs:
        raise DamagedError("it has no input or no output")
    for shape in graph.shapes.values():
        if min(shape, default=1) < 0 or math.prod(shape) > _MOST_VALUES:
            raise DamagedError(f"a tensor has the shape {tuple(shape)}")
    for operation in graph.operations:
        if not ready.issuperset(operation.inputs):
            raise DamagedError(f"{operation.name} reads what nothing has computed")
        ready.update(operation.outputs)
    if not ready.issuperset(graph.outputs):
        raise DamagedError("an output is computed by nothing")
