"""The tensors of the Open Inference Protocol, version 2: JSON data (flat or nested), and binary data (little endian).

Sources: `$tensor_data` of
https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md, and
https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_binary_data.md.
"""

from __future__ import annotations

import math
import struct
from typing import Any, get_args

import msgspec
import numpy as np

from salus.contracts.batches import Array
from salus.contracts.errors import InvalidInput
from salus.contracts.predictors import Json
from salus.contracts.tensors import NUMPY_NAMES, Datatype

MOST_ELEMENTS = 2**26
"""Largest number of elements that a message may hold by default: 64 Mi."""
_MOST_AXES = 8
_DATATYPES = frozenset(get_args(Datatype))
_BY_NUMPY_NAME: dict[str, Datatype] = {name: datatype for datatype, name in NUMPY_NAMES.items()}

Shape = tuple[int, ...]


def unfit(expected: str, found: str) -> InvalidInput:
    """The error for a message that the protocol does not allow."""
    return InvalidInput(
        expected, found=found, remedy="Write the message as the Open Inference Protocol, version 2, says."
    )


def datatype_of(text: str, name: str) -> Datatype:
    """The datatype called `text`.

    Raises:
        InvalidInput: The protocol has none of that name.
    """
    if text not in _DATATYPES:
        raise unfit(f"a datatype of {', '.join(sorted(_DATATYPES))} for {name[:64]!r}", f"{text[:64]!r}")
    return text  # type: ignore[return-value]  # one of the literals, as was just checked


def datatype_of_array(array: Array, name: str) -> Datatype:
    """The datatype of a NumPy array; an object array is BYTES.

    Raises:
        InvalidInput: The protocol has none for it.
    """
    datatype = _BY_NUMPY_NAME.get(array.dtype.name)
    if datatype is None:
        raise unfit(f"an array of a datatype of the protocol for {name!r}", array.dtype.name)
    return datatype


def read_json_tensor(name: str, datatype: Datatype, shape: Shape, data: bytes, *, most_elements: int) -> Array:
    """Read `data`, flat or nested, in row-major order.

    Args:
        name: The tensor's name, for messages.
        datatype: Its datatype.
        shape: Its shape.
        data: The JSON text of its data. `null` is NaN in floating tensors and refused in others.
        most_elements: Largest number of elements.

    Raises:
        InvalidInput: The data do not fit datatype or shape.
    """
    count = _count_elements(name, shape, most_elements)
    values = _decode_values(name, datatype, shape, data)
    if len(values) != count:
        raise unfit(f"{count} values for {name[:64]!r} of shape {list(shape)}", f"{len(values)}")
    if datatype == "BYTES":
        texts = np.empty(count, dtype=object)
        texts[:] = [value.encode() for value in values]
        return texts.reshape(shape)
    if datatype.startswith("FP"):
        return _floats(name, datatype, values).reshape(shape)
    try:
        return np.array(values, dtype=NUMPY_NAMES[datatype]).reshape(shape)
    except OverflowError as error:
        raise _out_of_datatype(name, datatype) from error


def read_binary_tensor(
    name: str, datatype: Datatype, shape: Shape, content: memoryview, *, most_elements: int
) -> Array:
    """Read a binary tensor: row-major, little endian; BYTES elements each follow their length (4 bytes).

    Args:
        name: The tensor's name, for messages.
        datatype: Its datatype.
        shape: Its shape.
        content: Its bytes, no more and no less. The result may be a read-only view of them.
        most_elements: Largest number of elements.

    Raises:
        InvalidInput: The bytes do not fit datatype or shape.
    """
    count = _count_elements(name, shape, most_elements)
    if datatype == "BYTES":
        return _split_bytes(name, count, content).reshape(shape)
    dtype = np.dtype(NUMPY_NAMES[datatype]).newbyteorder("<")
    if len(content) != count * dtype.itemsize:
        raise unfit(f"{count * dtype.itemsize} bytes for {name[:64]!r} of shape {list(shape)}", f"{len(content)}")
    if datatype == "BOOL":
        flags = np.frombuffer(content, dtype=np.uint8)
        if flags.size and int(flags.max()) > 1:
            raise _out_of_datatype(name, datatype)
        return flags.astype(np.bool_).reshape(shape)
    return np.frombuffer(content, dtype=dtype).astype(dtype.newbyteorder("="), copy=False).reshape(shape)


def write_json_tensor(array: Array, datatype: Datatype, name: str) -> list[Json]:
    """The flat data of a tensor; NaN is written as null.

    Raises:
        ValueError: An infinite number (JSON has none), or BYTES that are no UTF-8 text.
    """
    flat: list[Any] = array.reshape(-1).tolist()
    if datatype == "BYTES":
        return [bytes(value).decode("utf-8") for value in flat]
    if datatype.startswith("FP"):
        if np.isinf(array).any():
            raise ValueError(f"expected finite numbers or NaN in {name!r}; found an infinite one")
        return [None if value != value else value for value in flat]  # noqa: PLR0124 -- NaN alone differs from itself
    return flat


def write_binary_tensor(array: Array, datatype: Datatype) -> bytes:
    """The bytes of a tensor, see `read_binary_tensor`."""
    if datatype == "BYTES":
        return b"".join(struct.pack("<I", len(value)) + bytes(value) for value in array.reshape(-1).tolist())
    return np.ascontiguousarray(array, dtype=np.dtype(NUMPY_NAMES[datatype]).newbyteorder("<")).tobytes()


def _count_elements(name: str, shape: Shape, most_elements: int) -> int:
    if not 0 < len(shape) <= _MOST_AXES or min(shape) < 0:
        raise unfit(f"1 to {_MOST_AXES} axes of length 0 or more for {name[:64]!r}", f"{list(shape[: _MOST_AXES + 1])}")
    count = math.prod(shape)
    if count > most_elements:
        raise unfit(f"at most {most_elements} elements", f"{count} in {name[:64]!r}")
    return count


def _decode_values(name: str, datatype: Datatype, shape: Shape, data: bytes) -> list[Any]:
    """The values as one flat list. Nested data must be nested as the shape says."""
    element: Any = float | None if datatype.startswith("FP") else int
    element = {"BOOL": bool, "BYTES": str}.get(datatype, element)
    try:
        flat: list[Any] = msgspec.json.decode(data, type=list[element])
    except msgspec.ValidationError as error:
        if len(shape) == 1:
            raise _not_of_datatype(name, datatype, error) from error
    else:
        return flat
    nested: Any = element
    for _ in shape:
        nested = list[nested]
    try:
        return _flatten(msgspec.json.decode(data, type=nested), shape, name)
    except msgspec.ValidationError as error:
        raise _not_of_datatype(name, datatype, error) from error


def _flatten(nested: list[Any], shape: Shape, name: str) -> list[Any]:
    level: list[Any] = [nested]
    for length in shape:
        if any(len(part) != length for part in level):
            raise unfit(f"data nested as the shape {list(shape)} for {name[:64]!r}", "another nesting")
        level = [item for part in level for item in part]
    return level


def _floats(name: str, datatype: Datatype, values: list[Any]) -> Array:
    wide = np.array([math.nan if value is None else value for value in values], dtype=np.float64)
    with np.errstate(over="ignore"):
        narrow: Array = wide.astype(NUMPY_NAMES[datatype])
    if np.isinf(narrow).any():
        raise _out_of_datatype(name, datatype)
    return narrow


def _split_bytes(name: str, count: int, content: memoryview) -> Array:
    elements = np.empty(count, dtype=object)
    position = 0
    for index in range(count):
        if position + 4 > len(content):
            raise unfit(f"{count} elements for {name[:64]!r}", f"{index}")
        (length,) = struct.unpack_from("<I", content, position)
        position += 4
        if position + length > len(content):
            raise unfit(f"whole elements for {name[:64]!r}", "a truncated one")
        elements[index] = bytes(content[position : position + length])
        position += length
    if position != len(content):
        raise unfit(f"{position} bytes for {name[:64]!r}", f"{len(content)}")
    return elements


def _not_of_datatype(name: str, datatype: Datatype, error: msgspec.ValidationError) -> InvalidInput:
    return unfit(f"data of {name[:64]!r} that are {datatype}", str(error)[:200])


def _out_of_datatype(name: str, datatype: Datatype) -> InvalidInput:
    return unfit(f"numbers that {datatype} can hold in {name[:64]!r}", "one beyond its range")
