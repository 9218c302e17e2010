"""Samples as JSON: numbers, observations over time and documents by the name of the input, into columns.

A decoder is made for each signature, so that the form of a sample is checked while it is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import msgspec
import numpy as np

from salus.contracts.batches import Array
from salus.contracts.errors import InvalidInput, UnsupportedInput
from salus.contracts.tensors import NUMPY_NAMES, Signature, TensorSpec


class Observation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One observation: when (in the unit of the input), of what, and the value in the variable's unit."""

    time: float
    variable: str
    value: float


InputValue = float | None | list[Observation] | dict[str, Any] | str
"""A scalar (null where its value is missing), observations over time, or a document (its JSON, or its text)."""


class TableQuestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Samples: every input of the signature by name, null where a number is missing."""

    samples: list[dict[str, InputValue]]
    request_id: str | None = None


@dataclass(frozen=True)
class QuestionRows:
    """What was sent: every input's column, and the caller's name for the request."""

    columns: dict[str, Array]
    request_id: str | None


@dataclass(frozen=True)
class _Reader:
    """Reads the samples of one signature."""

    decoder: msgspec.json.Decoder[Any]
    specs: tuple[TensorSpec, ...]


def read_rows(body: bytes, signature: Signature, *, max_samples: int) -> QuestionRows:
    """Read `{"samples": [{"<input>": …}, …], "request_id": …}`.

    Args:
        body: The JSON text.
        signature: Whose inputs are named.
        max_samples: Most samples.

    Raises:
        InvalidInput: The text is no such JSON, or does not fit the signature.
        UnsupportedInput: The signature has an input that JSON rows cannot hold.
    """
    reader = _reader_of(signature)
    try:
        question = reader.decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        found = str(error) if isinstance(error, msgspec.ValidationError) else "text that is not JSON"
        raise InvalidInput(
            '{"samples": [{"<input>": number, null, observations or document, …}, …]}, every input of the signature '
            "and no other in each sample",
            found=found[:200],
            remedy="Name each input; write null where a value is not known. See the service's example.",
        ) from error
    if not 1 <= len(question.samples) <= max_samples:
        raise InvalidInput(
            f"1 to {max_samples} samples", found=f"{len(question.samples)}", remedy="Send them in smaller parts."
        )
    if question.request_id is not None and not 1 <= len(question.request_id) <= 128:
        raise InvalidInput(
            "a request_id of 1 to 128 characters", found=f"{len(question.request_id)}", remedy="Send a shorter one."
        )
    by_input = zip(*map(msgspec.structs.astuple, question.samples), strict=True)
    columns = {spec.name: _read_column(values, spec) for spec, values in zip(reader.specs, by_input, strict=True)}
    return QuestionRows(columns, question.request_id)


@lru_cache(maxsize=64)
def _reader_of(signature: Signature) -> _Reader:
    """A decoder whose samples have one field for each input, in order."""
    names = [f"input_{place}" for place in range(len(signature.inputs))]
    sample = msgspec.defstruct(
        "Sample",
        [(name, _type_of(spec)) for name, spec in zip(names, signature.inputs, strict=True)],
        rename=dict(zip(names, (spec.name for spec in signature.inputs), strict=True)),
        forbid_unknown_fields=True,
        gc=False,
    )
    question = msgspec.defstruct(
        "Question",
        [("samples", list[sample]), ("request_id", str | None, None)],  # type: ignore[valid-type]  # made just above
        forbid_unknown_fields=True,
    )
    return _Reader(msgspec.json.Decoder(question), signature.inputs)


def _type_of(spec: TensorSpec) -> Any:
    if spec.content == "events":
        return list[Observation]
    if spec.content == "document":
        return msgspec.Raw
    if len(spec.shape) == 1 and np.dtype(NUMPY_NAMES[spec.datatype]).kind in "fiub":
        return float | None
    raise UnsupportedInput(
        "inputs that are numbers, observations or documents",
        found=f"{spec.datatype} of shape {list(spec.shape)} for {spec.name!r}",
        remedy="Use the path /v2 for it.",
    )


def _read_column(values: Sequence[Any], spec: TensorSpec) -> Array:
    if spec.content == "events":
        return _read_events(values, spec)
    if spec.content == "document":
        return _read_documents(values, spec)
    return _read_numbers(values, spec)


def _read_events(samples: Sequence[list[Observation]], spec: TensorSpec) -> Array:
    """(samples,) object array of (rows, 3) FP32."""
    places = {variable.name: place for place, variable in enumerate(spec.variables)}
    column = np.empty(len(samples), dtype=object)
    for index, observations in enumerate(samples):
        try:
            rows = [(each.time, places[each.variable], each.value) for each in observations]
        except KeyError as error:
            raise InvalidInput(
                f"variables that {spec.name!r} may hold",
                found=f"{str(error.args[0])[:64]!r} in sample {index}",
                remedy="Take the names of the variables from the service's signature.",
            ) from error
        with np.errstate(over="ignore"):
            column[index] = np.array(rows, dtype=np.float64).reshape(-1, 3).astype(np.float32)
    return column


def _read_documents(values: Sequence[msgspec.Raw], spec: TensorSpec) -> Array:
    """(samples,) object array of bytes: JSON as it was sent, a text as UTF-8, null as an empty document."""
    column = np.empty(len(values), dtype=object)
    for index, value in enumerate(values):
        column[index] = _read_document(bytes(value), spec, index)
    return column


def _read_document(content: bytes, spec: TensorSpec, index: int) -> bytes:
    if content == b"null":
        return b""
    if content[:1] in {b"{", b"["}:
        return content
    try:
        return msgspec.json.decode(content, type=str).encode("utf-8")
    except (msgspec.DecodeError, UnicodeError) as error:
        raise InvalidInput(
            f"a document for {spec.name!r}: its JSON, or its text in Unicode",
            found=f"something else in sample {index}",
            remedy="Send the document itself, or null for none.",
        ) from error


def _read_numbers(values: Sequence[float | None], spec: TensorSpec) -> Array:
    wide = np.array(values, dtype=np.float64)  # None becomes NaN
    kind = np.dtype(NUMPY_NAMES[spec.datatype])
    if kind.kind == "f":
        with np.errstate(over="ignore"):
            narrow: Array = wide.astype(kind)
        return narrow
    low, high = (0, 1) if kind.kind == "b" else (int(np.iinfo(kind.name).min), int(np.iinfo(kind.name).max))
    if np.isnan(wide).any() or (wide != np.floor(wide)).any() or wide.min() < low or wide.max() >= float(high) + 1:
        raise InvalidInput(
            f"whole numbers that {spec.datatype} can hold for {spec.name!r}",
            found="another or no number",
            remedy="Send a whole number for every sample.",
        )
    return wide.astype(kind)
