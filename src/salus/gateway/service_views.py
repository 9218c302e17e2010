"""What `/api/v1` says of a service, as JSON."""

from __future__ import annotations

from typing import Literal

import msgspec

from salus.contracts.datasets import QualityReport
from salus.contracts.packages import Lineage, Variant
from salus.contracts.reports import Calibration, EvaluationReport, Measure
from salus.contracts.services import ModelService
from salus.contracts.tasks import Task, TaskKind
from salus.contracts.tensors import Signature
from salus.contracts.text import LocalizedText
from salus.gateway.documents import PackageDocuments
from salus.gateway.picture_titles import picture_title
from salus.gateway.question_rows import InputValue

Content = Literal["image", "table", "events", "document"]
HEADLINE: dict[TaskKind, tuple[str, ...]] = {
    "classification": ("auroc", "sensitivity", "specificity"),
    "survival": ("c_index", "ibs"),
    "treatment": ("sqrt_pehe", "policy_gain", "recommended_difference", "policy_value"),
    "regression": ("mae", "within", "coverage"),
    "planning": ("gap", "violations", "solved"),
}
"""The measures that a service is introduced with, by its kind of question; those that its report has."""
MOST_HEADLINES = 3


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """A service in a list. `headline` holds figures of `headline_part`, with intervals."""

    name: str
    title: LocalizedText
    version: str
    digest: str
    variant: str
    backend: str
    stage: str
    ready: bool
    demonstration: bool
    signer: str | None
    kind: str
    content: Content
    notices: tuple[LocalizedText, ...]
    headline: tuple[Measure, ...]
    headline_part: str


class SummaryList(msgspec.Struct, frozen=True):
    """All services, by name."""

    services: tuple[Summary, ...]


class CalibrationView(msgspec.Struct, frozen=True, kw_only=True):
    """How probabilities are calibrated and where the finding is called."""

    temperature: float
    threshold: float | None
    threshold_rule: str | None
    coverage: float


class PictureView(msgspec.Struct, frozen=True, kw_only=True):
    """A figure of the evaluation."""

    name: str
    title: LocalizedText
    url: str


class ExampleView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something to try the service with: a sample as `/api` takes it, or where a picture is."""

    inputs: dict[str, InputValue] | None = None
    image_url: str | None = None


class Detail(Summary, frozen=True, kw_only=True):
    """All about a service. `calibration` is null for others than classifiers."""

    task: Task
    lineage: Lineage
    variants: tuple[Variant, ...]
    evaluation: tuple[EvaluationReport, ...]
    calibration: CalibrationView | None
    quality: QualityReport
    pictures: tuple[PictureView, ...]
    example: ExampleView


def content_of(signature: Signature) -> Content:
    """What a task takes: the most telling of its inputs; a table where all are numbers."""
    found = {spec.content for spec in signature.inputs}
    if "image" in found:
        return "image"
    if "document" in found:
        return "document"
    return "events" if "events" in found else "table"


def summarise(service: ModelService, documents: PackageDocuments) -> Summary:
    """The service in a list."""
    description = service.describe()
    manifest = description.manifest
    report = documents.report("test") or documents.report("validation") or next(iter(documents.reports), None)
    names = HEADLINE[manifest.task.kind]
    measures = [report.measure(name) for name in names] if report is not None else []
    return Summary(
        name=description.name,
        title=manifest.title,
        version=manifest.version,
        digest=description.digest,
        variant=description.variant,
        backend=description.backend,
        stage=description.stage,
        ready=service.ready(),
        demonstration=manifest.task.demonstration,
        signer=description.signer,
        kind=manifest.task.kind,
        content=content_of(manifest.task.signature),
        notices=description.notices,
        headline=tuple(measure for measure in measures if measure is not None)[:MOST_HEADLINES],
        headline_part="validation" if report is None else report.part,
    )


def detail(service: ModelService, documents: PackageDocuments, calibration: Calibration | None, root: str) -> Detail:
    """All about a service. `root` is the path of its resources."""
    summary = summarise(service, documents)
    manifest = service.describe().manifest
    picture = summary.content == "image"
    return Detail(
        **{name: getattr(summary, name) for name in Summary.__struct_fields__},
        task=manifest.task,
        lineage=manifest.lineage,
        variants=manifest.variants,
        evaluation=documents.reports,
        calibration=None if calibration is None else _view_calibration(calibration),
        quality=documents.quality,
        pictures=tuple(
            PictureView(name=name, title=picture_title(name), url=f"{root}/pictures/{name}.png")
            for name in documents.pictures
        ),
        example=ExampleView(image_url=f"{root}/example.png")
        if picture
        else ExampleView(inputs=documents.example_row()),
    )


def _view_calibration(calibration: Calibration) -> CalibrationView:
    return CalibrationView(
        temperature=calibration.temperature,
        threshold=calibration.threshold,
        threshold_rule=calibration.threshold_rule,
        coverage=calibration.coverage,
    )
