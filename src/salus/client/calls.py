"""Every call of the client as a value: what is sent, and how its answer is read. Nothing here touches the network."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar
from urllib.parse import quote

import msgspec
import numpy as np
from numpy.typing import NDArray

from salus.client.problems import read_unfit_answer
from salus.client.results import Answer, ServiceDetail, ServiceList, ServiceSummary
from salus.contracts.errors import InvalidInput
from salus.contracts.text import Language
from salus.standards.images import write_png

ROOT = "/api/v1"
_FHIR_JSON = "application/fhir+json"
T = TypeVar("T")

Image = Path | str | bytes | NDArray[np.uint8]
"""A picture: the path of a PNG, JPEG or DICOM file, its content, or pixels (height, width[, 1 or 3]) uint8."""
InputValue = float | None | str | Sequence[Mapping[str, float | str]] | Mapping[str, Any]
"""A number (None where it is not known), observations (`time`, `variable`, `value`) or a document (values, or text)."""
Row = Mapping[str, InputValue]
"""A sample: every input by name."""
Bundle = Path | bytes | Mapping[str, Any]
"""A FHIR R4 Bundle of one patient's observations: a file, its JSON, or its values."""


@dataclass(frozen=True)
class Call(Generic[T]):
    """One request.

    Attributes:
        method: The HTTP method.
        path: Below the gateway's address.
        read: From the body of the answer to the result.
        content: The body, where it is JSON.
        files: The form's files, where it is a form.
        content_type: Of `content`.
        headers: Others, by name.
    """

    method: str
    path: str
    read: Callable[[bytes], T]
    content: bytes | None = None
    files: tuple[tuple[str, tuple[str, bytes]], ...] = ()
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()

    def options(self) -> dict[str, Any]:
        """The arguments that httpx2's `request` takes."""
        headers = dict(self.headers)
        if self.files:
            return {"files": list(self.files), "headers": headers}
        if self.content is not None:
            return {"content": self.content, "headers": {"content-type": self.content_type, **headers}}
        return {"headers": headers}


def list_services() -> Call[tuple[ServiceSummary, ...]]:
    """All services."""
    return Call("GET", f"{ROOT}/services", lambda body: _decode(body, ServiceList).services)


def describe_service(name: str) -> Call[ServiceDetail]:
    """All about one service."""
    return Call("GET", _service(name), lambda body: _decode(body, ServiceDetail))


def read_card(name: str, language: Language) -> Call[str]:
    """A service's card, as Markdown."""
    return Call("GET", f"{_service(name)}/card?language={language}", lambda body: body.decode("utf-8"))


@dataclass(frozen=True)
class Question:
    """What is asked: exactly one of the three.

    Attributes:
        image: One picture or several.
        samples: Rows, observations, documents by the name of the input.
        bundle: One patient's observations.
        request_id: A name for the request (with `samples` only).
    """

    image: Image | Sequence[Image] | None = None
    samples: Sequence[Row] | None = None
    bundle: Bundle | None = None
    request_id: str | None = None


def ask(service: str, noun: str, question: Question) -> Call[Answer]:
    """A prediction or an explanation (`noun`: `predictions`, `explanations`).

    Raises:
        InvalidInput: None or several of `image`, `samples` and `bundle`, or what cannot be sent.
    """
    path = f"{_service(service)}/{noun}"
    given = [part is not None for part in (question.image, question.samples, question.bundle)]
    if sum(given) != 1:
        raise InvalidInput(
            "one of image, samples and bundle",
            found=f"{sum(given)} of them",
            remedy="Give pictures, or samples, or one patient's observations.",
        )
    if question.samples is not None:
        body: dict[str, Any] = {"samples": [dict(row) for row in question.samples]}
        if question.request_id is not None:
            body["request_id"] = question.request_id
        return Call("POST", path, _read_answer, content=msgspec.json.encode(body))
    if question.bundle is not None:
        return Call("POST", path, _read_answer, content=_read_bundle(question.bundle), content_type=_FHIR_JSON)
    image = question.image
    images = [image] if isinstance(image, Path | str | bytes | np.ndarray) else list(image or ())
    files = tuple(("image", _read_image(each, index)) for index, each in enumerate(images))
    return Call("POST", path, _read_answer, files=files)


def _read_bundle(bundle: Bundle) -> bytes:
    if isinstance(bundle, bytes):
        return bundle
    if isinstance(bundle, Mapping):
        return msgspec.json.encode(dict(bundle))
    try:
        return bundle.read_bytes()
    except OSError as error:
        raise InvalidInput(
            "the path of a FHIR Bundle that can be read",
            found=f"one that cannot ({error.strerror})",
            remedy="Look at the path.",
        ) from error


def _read_answer(body: bytes) -> Answer:
    return _decode(body, Answer)


def _read_image(image: Image, index: int) -> tuple[str, bytes]:
    if isinstance(image, bytes):
        return f"picture-{index}", image
    if isinstance(image, np.ndarray):
        try:
            return f"picture-{index}.png", write_png(image)
        except ValueError as error:
            raise InvalidInput(
                "pixels (height, width[, 1 or 3]) uint8",
                found=f"{image.dtype} {image.shape}",
                remedy="Convert them to display grey levels or colours.",
            ) from error
    try:
        return f"picture-{index}", Path(image).read_bytes()
    except OSError as error:
        raise InvalidInput(
            "the path of a picture that can be read",
            found=f"one that cannot ({error.strerror})",
            remedy="Look at the path.",
        ) from error


def _service(name: str) -> str:
    return f"{ROOT}/services/{quote(name, safe='')}"


def _decode(body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise read_unfit_answer(error) from error
