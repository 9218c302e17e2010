"""From the body of a request to `/api` to an `InferenceRequest`: samples as JSON or FHIR, pictures as a form."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from salus.contracts.batches import Array
from salus.contracts.errors import InvalidInput, UnsupportedInput
from salus.contracts.services import OPTIONAL_OUTPUTS, InferenceRequest
from salus.contracts.tensors import Signature, TensorSpec
from salus.contracts.text import LocalizedText
from salus.gateway.errors import request_id_of
from salus.gateway.negotiation import FHIR_JSON
from salus.gateway.question_rows import read_rows
from salus.standards.fhir.notes import write_notes
from salus.standards.fhir.observations import read_observations
from salus.standards.images import read_any_picture
from salus.standards.picture import Picture

IMAGE_FIELD = "image"
"""Name of the form's field that holds a picture; it may be there several times."""


@dataclass(frozen=True)
class Question:
    """A request to a service.

    Attributes:
        request: What is asked.
        pictures: Those that it is about; empty for other inputs.
        notes: What was passed over in reading, per sample, in words; empty where nothing can be.
        subject: The patient's reference, as a FHIR document writes it, for the answer and never for a log.
        basis: References of the observations that were used.
        origin: The last time that was used, with its zone.
    """

    request: InferenceRequest
    pictures: tuple[Picture, ...] = ()
    notes: tuple[tuple[LocalizedText, ...], ...] = ()
    subject: str | None = None
    basis: tuple[str, ...] = ()
    origin: datetime | None = None


class _MemoryParser(MultiPartParser):
    """Keeps files in memory: a patient's picture is never written to disk. The body's size is limited before."""

    spool_max_size = 2**62


async def read_question(request: Request, signature: Signature, *, max_samples: int) -> Question:
    """Read the body of a prediction, an explanation or a job.

    Args:
        request: A form for pictures; JSON for all other inputs, or a FHIR Bundle of one patient's observations.
        signature: Of the service's task.
        max_samples: Most samples.

    Raises:
        InvalidInput: The body does not fit.
        UnsupportedInput: Another content type than the service takes, or a picture that cannot be read here.
    """
    spec = next((each for each in signature.inputs if each.content == "image"), None)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if spec is not None:
        _check_content_type(kind, "multipart/form-data", f"each picture in the form's field {IMAGE_FIELD!r}")
        files = await _read_files(request, max_samples)
        pictures = tuple([await asyncio.to_thread(_read_picture, content, spec) for content in files])
        asked = InferenceRequest(inputs={spec.name: stack_pictures(pictures)}, request_id=request_id_of(request))
        return Question(asked, pictures, tuple(picture.warnings for picture in pictures))
    if kind == FHIR_JSON:
        return await asyncio.to_thread(_read_bundle, await request.body(), signature, request_id_of(request))
    _check_content_type(kind, "application/json", "the samples as JSON, or observations as application/fhir+json")
    rows = read_rows(await request.body(), signature, max_samples=max_samples)
    named = rows.request_id or request_id_of(request)
    return Question(InferenceRequest(inputs=rows.columns, request_id=named, outputs=outputs_told(signature)))


def _read_bundle(body: bytes, signature: Signature, request_id: str) -> Question:
    """One patient's observations: one sample."""
    observed = read_observations(body, signature)
    return Question(
        InferenceRequest(inputs=observed.inputs, request_id=request_id, outputs=outputs_told(signature)),
        notes=(write_notes(observed.ignored),),
        subject=observed.subject,
        basis=observed.basis,
        origin=observed.end,
    )


def outputs_told(signature: Signature) -> tuple[str, ...]:
    """The outputs that an answer of `/api` shows: all but the optional ones, and the course where there is one."""
    return tuple(spec.name for spec in signature.outputs if spec.name not in OPTIONAL_OUTPUTS or spec.name == "course")


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
