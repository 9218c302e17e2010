"""Answers to "which class" and "how long until" as RiskAssessment (https://hl7.org/fhir/R4/riskassessment.html)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from salus.contracts.classification import Classification
from salus.contracts.services import Prediction
from salus.contracts.survival import TimeToEvent
from salus.contracts.tasks import Task
from salus.contracts.text import LocalizedText
from salus.standards.fhir.elements import (
    MODEL,
    find_row,
    make_concept,
    make_device,
    make_method,
    make_narrative,
    make_notes,
    make_range,
    make_subject,
    name_answer,
    standing_notes,
    take_row,
    tidy,
)
from salus.standards.fhir.resources import Period, Reference, RiskAssessment, RiskPrediction
from salus.standards.ucum import convert

_CALIBRATION = LocalizedText("calibration", "校准")
_FIT = LocalizedText("of the model's fit", "模型拟合")


def assess_classes(
    question: Classification,
    task: Task,
    prediction: Prediction,
    index: int,
    *,
    subject: str | None,
    basis: Sequence[str],
) -> RiskAssessment:
    """One prediction a class, its probability as a percentage.

    No time frame is written: a class is what the task's title asks about (FHIR reads none as "at any time").
    """
    chances = take_row(prediction.outputs, "probabilities", index).astype(np.float64)
    intervals = find_row(prediction.outputs, "probability_interval", index)
    predictions, lines = [], []
    for place, label in enumerate(question.classes):
        interval = None if intervals is None else intervals[place].astype(np.float64)
        line = _tell(label.title, float(chances[place]), interval, _CALIBRATION)
        lines.append(line)
        predictions.append(
            RiskPrediction(
                outcome=make_concept(label.title, label.code),
                probability_decimal=_percentage(chances[place]),
                rationale=line.en,
            )
        )
    return _assess(task, prediction, index, predictions, lines, subject=subject, basis=basis)


def assess_survival(
    question: TimeToEvent,
    task: Task,
    prediction: Prediction,
    index: int,
    *,
    subject: str | None,
    basis: Sequence[str],
    origin: datetime | None,
) -> RiskAssessment:
    """One prediction a horizon; a horizon past the last observed time of the training data is left out, and said.

    Args:
        question: The task's.
        task: What was asked.
        prediction: The answer.
        index: The sample.
        subject: The patient's reference.
        basis: References to what the answer rests on.
        origin: The moment that the sample describes; the period of each horizon begins there. None writes the time
            frame as a range from 0.
    """
    risks = take_row(prediction.outputs, "risk", index).astype(np.float64)
    intervals = find_row(prediction.outputs, "risk_interval", index)
    predictions, lines = [], []
    for place, horizon in enumerate(question.horizons):
        within = LocalizedText(
            f"{question.event.en} within {horizon:g} {question.unit}",
            f"{horizon:g} {question.unit} 内{question.event.zh}",
        )
        if not math.isfinite(risks[place]):
            lines.append(
                LocalizedText(
                    f"{within.en}: not told, the observed time of the training data is shorter.",
                    f"{within.zh}：不予给出，训练数据的观测时间较短。",
                )
            )
            continue
        interval = None if intervals is None else intervals[place].astype(np.float64)
        lines.append(_tell(within, float(risks[place]), interval, _FIT))
        predictions.append(
            RiskPrediction(
                outcome=make_concept(question.event),
                probability_decimal=_percentage(risks[place]),
                when_period=None if origin is None else _period(origin, horizon, question.unit),
                when_range=None if origin is not None else make_range(0.0, horizon, question.unit),
                rationale=lines[-1].en,
            )
        )
    return _assess(task, prediction, index, predictions, lines, subject=subject, basis=basis)


def _assess(
    task: Task,
    prediction: Prediction,
    index: int,
    predictions: Sequence[RiskPrediction],
    lines: Sequence[LocalizedText],
    *,
    subject: str | None,
    basis: Sequence[str],
) -> RiskAssessment:
    provenance = prediction.provenance
    notes = standing_notes(task, provenance)
    return RiskAssessment(
        id=name_answer(prediction, index),
        text=make_narrative([task.title, *lines, *notes]),
        contained=(make_device(provenance, task),),
        status="final" if provenance.reviewed else "preliminary",
        method=make_method(provenance),
        code=make_concept(task.title),
        subject=make_subject(subject),
        occurrence_date_time=provenance.answered_at,
        performer=MODEL,
        basis=tuple(Reference(reference=reference) for reference in basis),
        prediction=tuple(predictions),
        note=make_notes(notes),
    )


def _tell(
    what: LocalizedText, chance: float, interval: NDArray[np.float64] | None, meaning: LocalizedText
) -> LocalizedText:
    known = interval is not None and bool(np.isfinite(interval).all())
    low, high = (100 * interval[0], 100 * interval[1]) if known and interval is not None else (0.0, 0.0)
    english = f" (95 % interval {low:.1f} % to {high:.1f} %, {meaning.en})" if known else ""
    chinese = f"（95% 区间 {low:.1f}% 至 {high:.1f}%，{meaning.zh}）" if known else ""
    percent = 100 * chance
    return LocalizedText(f"{what.en}: {percent:.1f} %{english}", f"{what.zh}：{percent:.1f}%{chinese}")


def _percentage(chance: float) -> float:
    """From 0 to 100, as RiskAssessment.prediction.probabilityDecimal wants it; rounding never leaves the range."""
    return min(100.0, max(0.0, tidy(100.0 * float(chance))))


def _period(origin: datetime, horizon: float, unit: str) -> Period:
    end = origin + timedelta(seconds=convert(horizon, unit, "s"))
    return Period(start=origin.isoformat(), end=end.isoformat(timespec="seconds"))
