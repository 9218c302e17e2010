"""A look into an ONNX file without the onnx library: does it name other files?

ONNX may keep weights outside the model file and name them by path (`TensorProto.external_data`,
https://onnx.ai/onnx/repo-docs/ExternalData.html). Such a path is followed when the model is loaded, past the
digests of the package, so models of a package hold their own weights. This walks the protobuf wire format
(https://protobuf.dev/programming-guides/encoding/) down to the tensors and skips everything else unread.
"""

from __future__ import annotations

from typing import BinaryIO

from salus.contracts.errors import PackageRejected

CHILDREN: dict[str, dict[int, str]] = {
    "ModelProto": {7: "GraphProto", 20: "TrainingInfoProto", 25: "FunctionProto"},
    "TrainingInfoProto": {1: "GraphProto", 2: "GraphProto"},
    "FunctionProto": {7: "NodeProto", 11: "AttributeProto"},
    "GraphProto": {1: "NodeProto", 5: "TensorProto", 15: "SparseTensorProto"},
    "NodeProto": {5: "AttributeProto"},
    "AttributeProto": {
        5: "TensorProto",
        6: "GraphProto",
        10: "TensorProto",
        11: "GraphProto",
        22: "SparseTensorProto",
        23: "SparseTensorProto",
    },
    "SparseTensorProto": {1: "TensorProto", 2: "TensorProto"},
    "TensorProto": {},
}
"""The fields on the way to a tensor: message, field number, message of the field (onnx.proto)."""

_EXTERNAL_DATA = 13
_DATA_LOCATION = 14
_EXTERNAL = 1
_DEEPEST = 64
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def check_onnx(file: BinaryIO, size: int, name: str) -> None:
    """Return if `file`, of `size` bytes, is an ONNX model that holds all its weights.

    Whether the graph computes something sensible is not looked at: the engine that loads it decides that.

    Raises:
        PackageRejected: It is not in the wire format, or one of its tensors names another file.
    """
    file.seek(0)
    try:
        graphs = _walk(file, size, "ModelProto", 0)
    except _Malformed as error:
        raise PackageRejected(
            f"an ONNX model in {name}", found=f"bytes that are none ({error})", remedy="Get an unaltered copy."
        ) from error
    if not graphs:
        raise PackageRejected(f"a graph in {name}", found="none", remedy="Get an unaltered copy.")


class _Malformed(Exception):
    pass


def _walk(file: BinaryIO, end: int, kind: str, depth: int) -> int:
    """Read the fields of one message up to `end`; the number of its messages that were entered."""
    if depth > _DEEPEST:
        raise _Malformed(f"messages nested deeper than {_DEEPEST}")
    entered = 0
    while file.tell() < end:
        tag = _read_varint(file)
        field, wire = tag >> 3, tag & 7
        if wire == _BYTES:
            length = _read_varint(file)
            stop = file.tell() + length
            if stop > end:
                raise _Malformed("a field is longer than its message")
            child = CHILDREN[kind].get(field)
            if kind == "TensorProto" and field == _EXTERNAL_DATA:
                raise _external()
            if child is not None:
                entered += 1
                _walk(file, stop, child, depth + 1)
            file.seek(stop)
        elif wire == _VARINT:
            value = _read_varint(file)
            if kind == "TensorProto" and field == _DATA_LOCATION and value & 0xFFFFFFFF == _EXTERNAL:
                raise _external()
        elif wire in {_FIXED64, _FIXED32}:
            file.seek(8 if wire == _FIXED64 else 4, 1)
        else:
            raise _Malformed(f"wire type {wire}")
    if file.tell() != end:
        raise _Malformed("a field is longer than its message")
    return entered


def _read_varint(file: BinaryIO) -> int:
    value = 0
    for shift in range(0, 70, 7):
        byte = file.read(1)
        if not byte:
            raise _Malformed("it ends within a number")
        value |= (byte[0] & 0x7F) << shift
        if byte[0] < 0x80:
            return value
    raise _Malformed("a number is longer than 64 bits")


def _external() -> PackageRejected:
    return PackageRejected(
        "models that hold their own weights",
        found="a tensor that names another file (ONNX external data)",
        remedy="Save the model in one file and write the package anew.",
    )
