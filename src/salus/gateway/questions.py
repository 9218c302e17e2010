"""From the body of a request to `/api` to an `InferenceRequest`: rows of a table as JSON, pictures as a form."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from salus.contracts.batches import Array
from salus.contracts.errors import InvalidInput, UnsupportedInput
from salus.contracts.services import InferenceRequest
from salus.contracts.tensors import NUMPY_NAMES, Signature, TensorSpec
from salus.gateway.errors import request_id_of
from salus.standards.images import read_any_picture
from salus.standards.picture import Picture

IMAGE_FIELD = "image"
"""Name of the form's field that holds a picture; it may be there several times."""


class TableQuestion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Rows of a table: every input of the signature by name, null where its value is missing."""

    samples: list[dict[str, float | None]]
    request_id: str | None = None


@dataclass(frozen=True)
class Question:
    """A request to a service, with the pictures that it is about (none for tables)."""

    request: InferenceRequest
    pictures: tuple[Picture, ...] = ()


class _MemoryParser(MultiPartParser):
    """Keeps files in memory: a patient's picture is never written to disk. The body's size is limited before."""

    spool_max_size = 2**62


async def read_question(request: Request, signature: Signature, *, max_samples: int) -> Question:
    """Read the body of a prediction or an explanation.

    Args:
        request: JSON for tables, a form for pictures.
        signature: Of the service's task.
        max_samples: Most rows or pictures.

    Raises:
        InvalidInput: The body does not fit.
        UnsupportedInput: Another content type than the service takes, or a picture that cannot be read here.
    """
    spec = next((each for each in signature.inputs if each.content == "image"), None)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if spec is None:
        _check_content_type(kind, "application/json", "the samples as JSON")
        return _read_table(await request.body(), signature, request_id_of(request), max_samples)
    _check_content_type(kind, "multipart/form-data", f"each picture in the form's field {IMAGE_FIELD!r}")
    files = await _read_files(request, max_samples)
    pictures = [await asyncio.to_thread(_read_picture, content, spec) for content in files]
    return Question(
        InferenceRequest(inputs={spec.name: stack_pictures(pictures)}, request_id=request_id_of(request)),
        tuple(pictures),
    )


def stack_pictures(pictures: Sequence[Picture]) -> Array:
    """(samples,) ragged object array of (height, width, channels) uint8."""
    stacked = np.empty(len(pictures), dtype=object)
    for index, picture in enumerate(pictures):
        stacked[index] = picture.pixels
    return stacked


def _read_picture(content: bytes, spec: TensorSpec) -> Picture:
    return read_any_picture(content, window=spec.window, channels=spec.shape[3] if spec.shape[3] > 0 else None)


def _check_content_type(found: str, wanted: str, how: str) -> None:
    if found != wanted:
        raise UnsupportedInput(f"content type {wanted}", found=found[:64] or "none", remedy=f"Send {how}.")


async def _read_files(request: Request, max_samples: int) -> list[bytes]:
    parser = _MemoryParser(request.headers, request.stream(), max_files=max_samples, max_fields=0)
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError, ValueError) as error:
        raise _unfit_form(max_samples, f"one that cannot be read ({type(error).__name__})") from error
    try:
        items = form.multi_items()
        if not items or any(name != IMAGE_FIELD or not isinstance(item, UploadFile) for name, item in items):
            raise _unfit_form(max_samples, "none, or other fields")
        return [await item.read() for _, item in items if isinstance(item, UploadFile)]
    finally:
        await form.close()


def _unfit_form(max_samples: int, found: str) -> InvalidInput:
    return InvalidInput(
        f"a form with 1 to {max_samples} files in the field {IMAGE_FIELD!r}",
        found=found,
        remedy=f"Send each picture as a file: curl -F {IMAGE_FIELD}=@picture.png …",
    )


def _read_table(body: bytes, signature: Signature, request_id: str, max_samples: int) -> Question:
    try:
        question = msgspec.json.decode(body, type=TableQuestion)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        found = str(error) if isinstance(error, msgspec.ValidationError) else "text that is not JSON"
        raise InvalidInput(
            '{"samples": [{"<input>": number or null, …}, …]}', found=found[:200], remedy="See the service's example."
        ) from error
    if not 1 <= len(question.samples) <= max_samples:
        raise InvalidInput(
            f"1 to {max_samples} samples", found=f"{len(question.samples)}", remedy="Send them in smaller parts."
        )
    if question.request_id is not None and not 1 <= len(question.request_id) <= 128:
        raise InvalidInput(
            "a request_id of 1 to 128 characters", found=f"{len(question.request_id)}", remedy="Send a shorter one."
        )
    names = {spec.name for spec in signature.inputs}
    for index, sample in enumerate(question.samples):
        _check_fields(index, sample, names)
    columns = {spec.name: _read_column(question.samples, spec) for spec in signature.inputs}
    return Question(InferenceRequest(inputs=columns, request_id=question.request_id or request_id))


def _check_fields(index: int, sample: Mapping[str, float | None], names: set[str]) -> None:
    unknown, absent = sorted(set(sample) - names), sorted(names - set(sample))
    if unknown or absent:
        found = ", ".join([f"unknown {name[:64]!r}" for name in unknown[:5]] + [f"no {name!r}" for name in absent[:5]])
        raise InvalidInput(
            f"every input of the signature in sample {index} and no other",
            found=found,
            remedy="Name each input; write null where the value is not known.",
        )


def _read_column(samples: Sequence[Mapping[str, float | None]], spec: TensorSpec) -> Array:
    values = [sample[spec.name] for sample in samples]
    wide = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    kind = np.dtype(NUMPY_NAMES[spec.datatype])
    if kind.kind == "f":
        with np.errstate(over="ignore"):
            narrow: Array = wide.astype(kind)
        return narrow
    low, high = (0, 1) if kind.kind == "b" else _limits_of(kind, spec)
    if np.isnan(wide).any() or (wide != np.floor(wide)).any() or wide.min() < low or wide.max() >= float(high) + 1:
        raise InvalidInput(
            f"whole numbers that {spec.datatype} can hold for {spec.name!r}",
            found="another or no number",
            remedy="Send a whole number for every sample.",
        )
    return wide.astype(kind)


def _limits_of(kind: np.dtype[np.generic], spec: TensorSpec) -> tuple[int, int]:
    if kind.kind not in "iu":
        raise UnsupportedInput(
            "inputs that are numbers", found=f"{spec.datatype} for {spec.name!r}", remedy="Use the path /v2 for it."
        )
    limits = np.iinfo(kind.name)
    return int(limits.min), int(limits.max)
