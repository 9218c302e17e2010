"""What a service's package says of it, read once and kept: reports, quality, cards, pictures, the example."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import numpy as np

from salus.contracts.datasets import QualityReport
from salus.contracts.errors import NotFound
from salus.contracts.packages import ModelPackage
from salus.contracts.reports import EvaluationReport
from salus.contracts.services import InferenceRequest
from salus.contracts.text import Language
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
            raise NotFound("a service that takes pictures", found="one that takes a table", remedy="Use its example.")
        return write_png(np.asarray(self.example.inputs[spec.name][0], dtype=np.uint8))

    def example_request(self) -> dict[str, Any]:
        """The example as a request of the Open Inference Protocol. Raises PackageRejected where it was altered."""
        return read_example(self.package)[0]

    def example_row(self) -> dict[str, float | None]:
        """The first row of the example, by input; None where the value is missing."""
        row = {name: float(np.asarray(column[0], dtype=np.float64)) for name, column in self.example.inputs.items()}
        return {name: None if np.isnan(value) else value for name, value in row.items()}


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
