"""Outputs cut from an ONNX file, together with the nodes that only they need, on the wire format alone.

The running side does not install the `onnx` library. An ONNX file is a protocol buffer
(https://protobuf.dev/programming-guides/encoding; field numbers from
https://github.com/onnx/onnx/blob/main/onnx/onnx.proto).

Why cut: ONNX Runtime computes every node of a graph, fetched or not. A graph of six convolutions behind an output that
nobody fetched took 9.1 ms with and without the fetch, and `only_execute_path_to_fetches` changed nothing (it exists in
training builds alone).
"""

from __future__ import annotations

from collections.abc import Iterator

_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5

_MODEL_GRAPH = 7
_GRAPH_NODE, _GRAPH_OUTPUT = 1, 12
_NODE_INPUT, _NODE_OUTPUT, _NODE_ATTRIBUTE = 1, 2, 5
_ATTRIBUTE_GRAPHS = (6, 11)
_VALUE_NAME = 1
_MAX_DEPTH = 32

_Field = tuple[int, int, memoryview, memoryview]
"""Field number, wire type, content, and the field as it stands in the file (tag included)."""


def without_outputs(model: bytes, names: frozenset[str]) -> bytes:
    """The same model without the outputs `names` and without the nodes that only they need.

    Raises:
        ValueError: `model` is not a well-formed protocol buffer.
    """
    pieces: list[bytes] = []
    for number, _, content, whole in _read_fields(memoryview(model)):
        if number == _MODEL_GRAPH:
            graph = _cut_graph(content, names)
            pieces += [_write_varint(_MODEL_GRAPH << 3 | _LENGTH), _write_varint(len(graph)), graph]
        else:
            pieces.append(bytes(whole))
    return b"".join(pieces)


def _cut_graph(graph: memoryview, names: frozenset[str]) -> bytes:
    fields = list(_read_fields(graph))
    needed: set[str] = set()
    for number, _, content, _ in fields:
        if number == _GRAPH_OUTPUT and (name := _read_name(content)) not in names:
            needed.add(name)
    dropped: set[int] = set()
    for index in range(len(fields) - 1, -1, -1):  # nodes stand in topological order
        number, _, content, _ = fields[index]
        if number != _GRAPH_NODE:
            continue
        used, made = _node_names(content, 0)
        if made & needed:
            needed |= used
        else:
            dropped.add(index)
    return b"".join(
        bytes(whole)
        for index, (number, _, content, whole) in enumerate(fields)
        if index not in dropped and not (number == _GRAPH_OUTPUT and _read_name(content) in names)
    )


def _node_names(node: memoryview, depth: int) -> tuple[set[str], set[str]]:
    """Names that a node reads (those that its subgraphs may read from outside included), and names that it makes."""
    _check_depth(depth)
    used: set[str] = set()
    made: set[str] = set()
    for number, _, content, _ in _read_fields(node):
        if number == _NODE_INPUT:
            used.add(_read_text(content))
        elif number == _NODE_OUTPUT:
            made.add(_read_text(content))
        elif number == _NODE_ATTRIBUTE:
            for kind, _, part, _ in _read_fields(content):
                if kind in _ATTRIBUTE_GRAPHS:
                    used |= _names_in_graph(part, depth + 1)
    return used, made - {""}


def _names_in_graph(graph: memoryview, depth: int) -> set[str]:
    names: set[str] = set()
    for number, _, content, _ in _read_fields(graph):
        if number == _GRAPH_NODE:
            names |= _node_names(content, depth)[0]
        elif number == _GRAPH_OUTPUT:
            names.add(_read_name(content))
    return names


def _check_depth(depth: int) -> None:
    if depth > _MAX_DEPTH:
        raise ValueError(f"expected graphs nested at most {_MAX_DEPTH} deep")


def _read_name(value_info: memoryview) -> str:
    return next(
        (_read_text(c) for n, wire, c, _ in _read_fields(value_info) if n == _VALUE_NAME and wire == _LENGTH), ""
    )


def _read_text(content: memoryview) -> str:
    return bytes(content).decode("utf-8", errors="surrogateescape")


def _read_fields(message: memoryview) -> Iterator[_Field]:
    position = 0
    while position < len(message):
        start = position
        tag, position = _read_varint(message, position)
        number, wire = tag >> 3, tag & 7
        if wire == _LENGTH:
            length, position = _read_varint(message, position)
        elif wire == _VARINT:
            length = _read_varint(message, position)[1] - position
        elif wire in {_FIXED64, _FIXED32}:
            length = 8 if wire == _FIXED64 else 4
        else:
            raise ValueError(f"expected a wire type of protocol buffers; found {wire}")
        end = position + length
        if end > len(message):
            raise ValueError("expected a whole protocol buffer; found a truncated field")
        yield number, wire, message[position:end], message[start:end]
        position = end


def _read_varint(message: memoryview, position: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if position >= len(message):
            raise ValueError("expected a whole protocol buffer; found a truncated number")
        byte = message[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
    raise ValueError("expected numbers of at most 64 bits in a protocol buffer")


def _write_varint(value: int) -> bytes:
    parts = bytearray()
    while value >= 0x80:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    parts.append(value)
    return bytes(parts)
