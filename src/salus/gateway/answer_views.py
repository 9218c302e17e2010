"""A prediction or an explanation, as the JSON of `/api/v1`."""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence

import msgspec
import numpy as np

from salus.contracts.explanations import Attribution
from salus.contracts.reports import Calibration, EvaluationReport, Measure
from salus.contracts.services import Abstention, Explanation, Prediction, Provenance
from salus.contracts.tasks import Task
from salus.contracts.text import LocalizedText
from salus.standards.images import write_png
from salus.standards.picture import Picture

_HEATMAP_DECIMALS = 4


class ClassName(msgspec.Struct, frozen=True, kw_only=True, rename={"class_": "class"}):
    """A class: its name for machines and for people."""

    class_: str
    title: LocalizedText


class ClassProbability(msgspec.Struct, frozen=True, kw_only=True, rename={"class_": "class"}):
    """The calibrated probability of a class, from 0 to 1, with its 95 % interval (low, high)."""

    class_: str
    title: LocalizedText
    probability: float
    interval: tuple[float, float]


class NaturalFrequency(msgspec.Struct, frozen=True, kw_only=True):
    """The finding's probability in words: about `count` of `of` such samples have it."""

    count: int
    of: int = 100


class ImageView(msgspec.Struct, frozen=True, kw_only=True):
    """The picture as the model got it. `png` is a data URL; height and width in pixels."""

    width: int
    height: int
    png: str
    warnings: tuple[LocalizedText, ...]


class HeatmapView(msgspec.Struct, frozen=True, kw_only=True):
    """Evidence on the grid of the network's features, from 0 to 1, row by row, to be stretched over the picture."""

    height: int
    width: int
    values: list[list[float]]


class ContributionView(msgspec.Struct, frozen=True, kw_only=True):
    """What one input added to the finding's log-odds."""

    name: str
    title: LocalizedText
    value: float | None
    unit: str | None
    amount: float


class ExplanationView(msgspec.Struct, frozen=True, kw_only=True):
    """Why: a heatmap for pictures, contributions for tables (base + all amounts = output, in log-odds)."""

    target: str
    heatmap: HeatmapView | None
    contributions: tuple[ContributionView, ...]
    base: float | None
    output: float | None


class SampleView(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to one sample, or why there is none. `image` and `explanation` come with explanations only."""

    decision: ClassName | None
    probabilities: tuple[ClassProbability, ...] | None
    prediction_set: tuple[str, ...] | None
    abstention: Abstention | None
    natural_frequency: NaturalFrequency | None
    warnings: tuple[LocalizedText, ...] = ()
    image: ImageView | None = None
    explanation: ExplanationView | None = None


class OperatingPoint(msgspec.Struct, frozen=True, kw_only=True):
    """What the threshold costs: sensitivity and specificity there, measured on `part`."""

    sensitivity: Measure
    specificity: Measure
    part: str


class PredictionView(msgspec.Struct, frozen=True, kw_only=True):
    """Answers to the samples of one request. `method` names how they are explained; null where they are not."""

    request_id: str
    service: str
    version: str
    status: str
    threshold: float | None
    threshold_rule: str | None
    operating_point: OperatingPoint | None
    samples: tuple[SampleView, ...]
    provenance: Provenance
    method: str | None = None


def view_prediction(
    prediction: Prediction,
    task: Task,
    calibration: Calibration,
    report: EvaluationReport | None,
    pictures: Sequence[Picture] = (),
) -> PredictionView:
    """The answer.

    Args:
        prediction: The service's.
        task: Names the classes.
        calibration: Holds the threshold.
        report: On the part by which the threshold was chosen; None leaves the operating point out.
        pictures: Those that were asked about, for their warnings; empty for tables.
    """
    return PredictionView(
        request_id=prediction.request_id,
        service=prediction.provenance.service,
        version=prediction.provenance.version,
        status="final" if prediction.provenance.reviewed else "preliminary",
        threshold=calibration.threshold,
        threshold_rule=calibration.threshold_rule,
        operating_point=None if report is None else _operating_point(report),
        samples=tuple(
            _view_sample(prediction, index, task, pictures[index].warnings if pictures else ())
            for index in range(len(prediction.abstentions))
        ),
        provenance=prediction.provenance,
    )


def view_explanation(
    explanation: Explanation,
    task: Task,
    calibration: Calibration,
    report: EvaluationReport | None,
    pictures: Sequence[Picture] = (),
) -> PredictionView:
    """The answer with its reasons. Arguments as `view_prediction`."""
    view = view_prediction(explanation.prediction, task, calibration, report, pictures)
    samples = [
        msgspec.structs.replace(
            sample,
            image=_view_image(pictures[index]) if pictures else None,
            explanation=None if attribution is None else _view_attribution(attribution, task),
        )
        for index, (sample, attribution) in enumerate(zip(view.samples, explanation.attributions, strict=True))
    ]
    return msgspec.structs.replace(view, samples=tuple(samples), method=explanation.method)


def _operating_point(report: EvaluationReport) -> OperatingPoint | None:
    sensitivity, specificity = report.measure("sensitivity"), report.measure("specificity")
    if report.threshold is None or sensitivity is None or specificity is None:
        return None
    return OperatingPoint(sensitivity=sensitivity, specificity=specificity, part=report.part)


def _view_sample(prediction: Prediction, index: int, task: Task, warnings: tuple[LocalizedText, ...]) -> SampleView:
    abstention = prediction.abstentions[index]
    if abstention is not None:
        return SampleView(
            decision=None,
            probabilities=None,
            prediction_set=None,
            abstention=abstention,
            natural_frequency=None,
            warnings=warnings,
        )
    probabilities = np.asarray(prediction.outputs["probabilities"][index], dtype=np.float64)
    intervals = np.asarray(prediction.outputs["probability_interval"][index], dtype=np.float64)
    members = np.asarray(prediction.outputs["prediction_set"][index], dtype=np.bool_)
    called = task.classes[int(np.asarray(prediction.outputs["decision"][index]))]
    return SampleView(
        decision=ClassName(class_=called.name, title=called.title),
        probabilities=tuple(
            ClassProbability(
                class_=label.name,
                title=label.title,
                probability=float(probabilities[place]),
                interval=(float(intervals[place, 0]), float(intervals[place, 1])),
            )
            for place, label in enumerate(task.classes)
        ),
        prediction_set=tuple(label.name for label, inside in zip(task.classes, members, strict=True) if inside),
        abstention=None,
        natural_frequency=_natural_frequency(float(probabilities[1])) if len(task.classes) == 2 else None,
        warnings=warnings,
    )


def _natural_frequency(probability: float) -> NaturalFrequency:
    """Rounded half up, so that 0.125 is 13 of 100 and not 12."""
    return NaturalFrequency(count=math.floor(100 * probability + 0.5))


def _view_image(picture: Picture) -> ImageView:
    height, width = picture.pixels.shape[:2]
    png = base64.b64encode(write_png(picture.pixels)).decode("ascii")
    return ImageView(width=width, height=height, png=f"data:image/png;base64,{png}", warnings=picture.warnings)


def _view_attribution(attribution: Attribution, task: Task) -> ExplanationView:
    heatmap = None
    if attribution.heatmap is not None:
        height, width = attribution.heatmap.shape
        values = np.round(attribution.heatmap.astype(np.float64), _HEATMAP_DECIMALS).tolist()
        heatmap = HeatmapView(height=height, width=width, values=values)
    contributions = []
    for part in attribution.contributions:
        spec = task.signature.input(part.name)
        contributions.append(
            ContributionView(
                name=part.name,
                title=LocalizedText(part.name, part.name) if spec is None else spec.title,
                value=part.value,
                unit=None if spec is None else spec.unit,
                amount=part.amount,
            )
        )
    return ExplanationView(
        target=task.classes[attribution.target].name,
        heatmap=heatmap,
        contributions=tuple(contributions),
        base=attribution.base,
        output=attribution.output,
    )
