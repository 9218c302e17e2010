"""A question to a service as bytes that keep, and back: nothing in them is ever a program."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from salus.contracts.batches import Array
from salus.contracts.errors import ServiceUnavailable
from salus.contracts.services import InferenceRequest


@dataclass(frozen=True)
class JobQuestion:
    """What a job asks.

    Attributes:
        request: Of the service.
        notes: What whoever took the question wants back with the answer, as JSON; for its own use.
    """

    request: InferenceRequest
    notes: bytes = b"null"


class _Tensor(msgspec.Struct, frozen=True):
    """A plain array: its datatype and shape, and its bytes in C order, little endian."""

    datatype: str
    shape: tuple[int, ...]
    content: bytes


class _Kept(msgspec.Struct, frozen=True):
    inputs: dict[str, _Tensor | list[Any]]
    request_id: str | None
    outputs: tuple[str, ...]
    notes: bytes


def encode_question(question: JobQuestion) -> bytes:
    """The question as MessagePack (https://msgpack.org)."""
    request = question.request
    kept = _Kept(
        inputs={name: _keep(array) for name, array in request.inputs.items()},
        request_id=request.request_id,
        outputs=request.outputs,
        notes=question.notes,
    )
    return msgspec.msgpack.encode(kept)


def decode_question(content: bytes) -> JobQuestion:
    """The question that `content` keeps.

    Raises:
        ServiceUnavailable: It keeps none: another version of Salus wrote it.
    """
    try:
        kept = msgspec.msgpack.decode(content, type=_Kept)
        inputs = {name: _restore(column) for name, column in kept.inputs.items()}
    except (msgspec.DecodeError, ValueError, TypeError) as error:
        raise ServiceUnavailable(
            "a question of this version of Salus", found=f"another form ({type(error).__name__})", remedy="Ask again."
        ) from None
    return JobQuestion(InferenceRequest(inputs, kept.request_id, kept.outputs), kept.notes)


def _keep(array: Array) -> _Tensor | list[Any]:
    if array.dtype == object:
        return [each if isinstance(each, bytes | str) else _keep(np.asarray(each)) for each in array]
    plain = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<"), copy=False)
    return _Tensor(plain.dtype.str, plain.shape, plain.tobytes())


def _restore(column: _Tensor | list[Any]) -> Array:
    if isinstance(column, _Tensor):
        kind = np.dtype(column.datatype)
        array: Array = np.frombuffer(column.content, dtype=kind).reshape(column.shape).astype(kind.newbyteorder("="))
        return array
    ragged = np.empty(len(column), dtype=object)
    for index, each in enumerate(column):
        ragged[index] = each if isinstance(each, bytes | str) else _restore(msgspec.convert(each, _Tensor))
    return ragged
