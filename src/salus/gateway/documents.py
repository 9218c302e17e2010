"""What a service's package says of it, read once and kept: reports, quality, cards, pictures, the example."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from salus.contracts.datasets import QualityReport
from salus.contracts.errors import NotFound
from salus.contracts.packages import ModelPackage
from salus.contracts.reports import EvaluationReport
from salus.contracts.services import InferenceRequest
from salus.contracts.tensors import TensorSpec
from salus.contracts.text import Language
from salus.gateway.question_rows import InputValue, Observation
from salus.modelpackage.reading import list_pictures, read_card, read_example, read_picture, read_quality, read_reports
from salus.standards.images import write_png
from salus.standards.open_inference import read_infer_request


@dataclass(frozen=True)
class PackageDocuments:
    """The documents of one package.

    Attributes:
        package: The package.
        reports: How good the model is, by part.
        quality: What the checks of its data found.
        pictures: Names of its pictures, sorted.
        example: Its example request.
    """

    package: ModelPackage
    reports: tuple[EvaluationReport, ...]
    quality: QualityReport
    pictures: tuple[str, ...]
    example: InferenceRequest

    def report(self, part: str) -> EvaluationReport | None:
        """The report on `part`, or None."""
        return next((report for report in self.reports if report.part == part), None)

    def card(self, language: Language) -> str:
        """The card, as Markdown. Raises PackageRejected where the file was altered."""
        return read_card(self.package, language)

    def picture(self, name: str) -> bytes:
        """A picture, as PNG.

        Raises:
            NotFound: There is none of that name.
            PackageRejected: The file was altered.
        """
        return read_picture(self.package, name)

    def example_picture(self) -> bytes:
        """The first picture of the example, as PNG.

        Raises:
            NotFound: The service takes no pictures.
        """
        spec = next((s for s in self.package.manifest.task.signature.inputs if s.content == "image"), None)
        if spec is None:
            raise NotFound(
                "a service that takes pictures", found="one that takes other inputs", remedy="Use its example."
            )
        return write_png(np.asarray(self.example.inputs[spec.name][0], dtype=np.uint8))

    def example_request(self) -> dict[str, Any]:
        """The example as a request of the Open Inference Protocol. Raises PackageRejected where it was altered."""
        return read_example(self.package)[0]

    def example_row(self) -> dict[str, InputValue]:
        """The first sample of the example, by input, as `/api` takes it."""
        specs = self.package.manifest.task.signature.inputs
        return {spec.name: _write_input(self.example.inputs[spec.name][0], spec) for spec in specs}


class DocumentShelf:
    """Reads each package's documents once, off the event loop."""

    def __init__(self) -> None:
        self._known: dict[str, PackageDocuments] = {}

    async def of(self, package: ModelPackage) -> PackageDocuments:
        """The documents of `package`.

        Raises:
            PackageRejected: A file was altered since the package was opened.
        """
        known = self._known.get(package.digest)
        if known is None:
            known = self._known[package.digest] = await asyncio.to_thread(_read_documents, package)
        return known


def _read_documents(package: ModelPackage) -> PackageDocuments:
    return PackageDocuments(
        package=package,
        reports=read_reports(package),
        quality=read_quality(package),
        pictures=list_pictures(package),
        example=read_infer_request(read_example(package)[0]),
    )


def _write_input(value: Any, spec: TensorSpec) -> InputValue:
    """One sample's value of an input as JSON holds it: null where a number is missing, a document as its own JSON."""
    if spec.content == "events":
        rows = [row for row in np.asarray(value, dtype=np.float64).tolist() if not np.isnan(row[0])]
        return [Observation(time, spec.variables[int(place)].name, number) for time, place, number in rows]
    if spec.content == "document":
        text = bytes(value).decode("utf-8")
        try:
            document = msgspec.json.decode(text)
        except msgspec.DecodeError:
            return text
        return document if isinstance(document, dict) else text
    number = float(np.asarray(value, dtype=np.float64))
    return None if np.isnan(number) else number
