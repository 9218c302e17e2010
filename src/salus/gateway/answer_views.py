"""A prediction or an explanation, as the JSON of `/api/v1`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from salus.contracts.classification import Classification
from salus.contracts.planning import Plan, Planning
from salus.contracts.regression import Regression
from salus.contracts.reports import Calibration, EvaluationReport, Measure
from salus.contracts.services import Abstention, Explanation, Prediction, Provenance
from salus.contracts.survival import TimeToEvent
from salus.contracts.tasks import Task
from salus.contracts.text import LocalizedText
from salus.contracts.treatment import Choice
from salus.gateway.views.classification import (
    ClassName,
    ClassProbability,
    CoursePoint,
    view_course,
    view_decision,
    view_frequency,
    view_prediction_set,
    view_probabilities,
)
from salus.gateway.views.explanations import ExplanationView, view_attribution
from salus.gateway.views.numbers import NaturalFrequency
from salus.gateway.views.pictures import ImageView, view_image
from salus.gateway.views.planning import view_plan
from salus.gateway.views.regression import ValueView, view_value
from salus.gateway.views.survival import SurvivalView, view_survival
from salus.gateway.views.treatment import ChoiceView, view_choice
from salus.standards.picture import Picture

_WITHHELD_CHOICES = frozenset({"poor_overlap", "contraindicated"})
"""Abstentions that still show the options: what speaks against them, and how often they were given."""


class SampleView(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to one sample, or why there is none.

    A classification has `decision` and what stands beside it, and may have a `course`; time to event has `survival`,
    a choice `choice`, a number `value`, a timetable `plan`. `image` and `explanation` come with explanations only.
    """

    decision: ClassName | None = None
    probabilities: tuple[ClassProbability, ...] | None = None
    prediction_set: tuple[str, ...] | None = None
    abstention: Abstention | None = None
    natural_frequency: NaturalFrequency | None = None
    course: tuple[CoursePoint, ...] | None = None
    survival: SurvivalView | None = None
    choice: ChoiceView | None = None
    value: ValueView | None = None
    plan: Plan | None = None
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
    calibration: Calibration | None,
    report: EvaluationReport | None,
    *,
    warnings: Sequence[tuple[LocalizedText, ...]] = (),
) -> PredictionView:
    """The answer.

    Args:
        prediction: The service's.
        task: Names the classes, options, times.
        calibration: Holds the threshold; None for others than classifiers.
        report: On the part by which the threshold was chosen; None leaves the operating point out.
        warnings: What was noticed while each sample was read; empty where nothing was.
    """
    return PredictionView(
        request_id=prediction.request_id,
        service=prediction.provenance.service,
        version=prediction.provenance.version,
        status="final" if prediction.provenance.reviewed else "preliminary",
        threshold=None if calibration is None else calibration.threshold,
        threshold_rule=None if calibration is None else calibration.threshold_rule,
        operating_point=None if report is None else _operating_point(report),
        samples=tuple(
            _view_sample(prediction, index, task, tuple(warnings[index]) if warnings else ())
            for index in range(len(prediction.abstentions))
        ),
        provenance=prediction.provenance,
    )


def view_explanation(
    explanation: Explanation,
    task: Task,
    calibration: Calibration | None,
    report: EvaluationReport | None,
    *,
    warnings: Sequence[tuple[LocalizedText, ...]] = (),
    pictures: Sequence[Picture] = (),
) -> PredictionView:
    """The answer with its reasons. Arguments as `view_prediction`, with the pictures that were asked about."""
    view = view_prediction(explanation.prediction, task, calibration, report, warnings=warnings)
    samples = [
        msgspec.structs.replace(
            sample,
            image=view_image(pictures[index]) if pictures else None,
            explanation=None if attribution is None else view_attribution(attribution, task),
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
    abstention, question = prediction.abstentions[index], task.question
    if abstention is None:
        return SampleView(warnings=warnings, **_view_answer(prediction, index, task))
    choice = None
    if isinstance(question, Choice) and abstention.reason in _WITHHELD_CHOICES:
        choice = view_choice(prediction.outputs, index, question, _fired(prediction, index))
    return SampleView(abstention=abstention, choice=choice, warnings=warnings)


def _view_answer(prediction: Prediction, index: int, task: Task) -> dict[str, Any]:
    """The fields of the kind of the question."""
    outputs, question = prediction.outputs, task.question
    match question:
        case Classification():
            return {
                "decision": view_decision(outputs, index, question),
                "probabilities": view_probabilities(outputs, index, question),
                "prediction_set": view_prediction_set(outputs, index, question),
                "natural_frequency": view_frequency(outputs, index, question),
                "course": view_course(outputs, index, question),
            }
        case TimeToEvent():
            return {"survival": view_survival(outputs, index, question)}
        case Choice():
            return {"choice": view_choice(outputs, index, question, _fired(prediction, index))}
        case Regression():
            return {"value": view_value(outputs, index, question)}
        case Planning():
            return {"plan": view_plan(outputs, index)}


def _fired(prediction: Prediction, index: int) -> tuple[str, ...]:
    return prediction.contraindications[index] if prediction.contraindications else ()
