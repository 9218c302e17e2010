"""What `/api/v1` says of a service, as JSON."""

from __future__ import annotations

from typing import Literal

import msgspec

from salus.contracts.datasets import QualityReport
from salus.contracts.packages import Lineage, Variant
from salus.contracts.reports import Calibration, EvaluationReport, Measure
from salus.contracts.services import ModelService
from salus.contracts.tasks import Task
from salus.contracts.tensors import Signature
from salus.contracts.text import LocalizedText
from salus.gateway.documents import PackageDocuments

Content = Literal["image", "table"]
HEADLINE = ("auroc", "sensitivity", "specificity")
"""The measures that a service is introduced with."""

_PICTURE_TITLES = {
    "roc": LocalizedText("Receiver operating characteristic", "受试者工作特征曲线"),
    "pr": LocalizedText("Precision and recall", "精确率–召回率曲线"),
    "reliability": LocalizedText("Reliability of the probabilities", "概率可靠性图"),
    "confusion": LocalizedText("Confusion matrix", "混淆矩阵"),
    "risk_coverage": LocalizedText("Risk against coverage", "风险–覆盖率曲线"),
    "variants": LocalizedText("Variants of the model", "模型变体比较"),
}


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
    """Something to try the service with: a row of a table, or where a picture is."""

    inputs: dict[str, float | None] | None = None
    image_url: str | None = None


class Detail(Summary, frozen=True, kw_only=True):
    """All about a service."""

    task: Task
    lineage: Lineage
    variants: tuple[Variant, ...]
    evaluation: tuple[EvaluationReport, ...]
    calibration: CalibrationView
    quality: QualityReport
    pictures: tuple[PictureView, ...]
    example: ExampleView


def content_of(signature: Signature) -> Content:
    """Whether a task takes pictures or rows of a table."""
    return "image" if any(spec.content == "image" for spec in signature.inputs) else "table"


def summarise(service: ModelService, documents: PackageDocuments) -> Summary:
    """The service in a list."""
    description = service.describe()
    manifest = description.manifest
    report = documents.report("test") or documents.report("validation")
    measures = [report.measure(name) for name in HEADLINE] if report is not None else []
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
        headline=tuple(measure for measure in measures if measure is not None),
        headline_part="validation" if report is None else report.part,
    )


def detail(service: ModelService, documents: PackageDocuments, calibration: Calibration, root: str) -> Detail:
    """All about a service. `root` is the path of its resources."""
    summary = summarise(service, documents)
    manifest = service.describe().manifest
    table = summary.content == "table"
    return Detail(
        **{name: getattr(summary, name) for name in Summary.__struct_fields__},
        task=manifest.task,
        lineage=manifest.lineage,
        variants=manifest.variants,
        evaluation=documents.reports,
        calibration=CalibrationView(
            temperature=calibration.temperature,
            threshold=calibration.threshold,
            threshold_rule=calibration.threshold_rule,
            coverage=calibration.coverage,
        ),
        quality=documents.quality,
        pictures=tuple(
            PictureView(
                name=name,
                title=_PICTURE_TITLES.get(name, LocalizedText(name, name)),
                url=f"{root}/pictures/{name}.png",
            )
            for name in documents.pictures
        ),
        example=ExampleView(inputs=documents.example_row()) if table else ExampleView(image_url=f"{root}/example.png"),
    )
