"""Examples of questions and answers of the kinds beside classification, for the description of `/api/v1`.

The figures are made up; they show the form.
"""

from __future__ import annotations

from typing import Any

import msgspec

from salus.contracts.planning import Plan, PlanBar, PlanChart
from salus.contracts.text import LocalizedText
from salus.gateway.answer_views import SampleView
from salus.gateway.question_rows import Observation, TableQuestion
from salus.gateway.views.classification import ClassName, ClassProbability, CoursePoint
from salus.gateway.views.explanations import ContributionView, ExplanationView, StripRow, StripView
from salus.gateway.views.numbers import NaturalFrequency
from salus.gateway.views.regression import ValueView
from salus.gateway.views.survival import HorizonRisk, SurvivalView
from salus.gateway.views.treatment import ChoiceView, ContraindicationView, OptionView

_HEART_RATE = LocalizedText("heart rate", "心率")
_DEATH = LocalizedText("death", "死亡")
_DIED = LocalizedText("dies in hospital", "院内死亡")
_AGE = LocalizedText("age", "年龄")

QUESTIONS: dict[str, TableQuestion] = {
    "events": TableQuestion(
        samples=[{"age": 61.0, "observations": [Observation(0.5, "HR", 92.0), Observation(1.5, "HR", 88.0)]}]
    ),
    "document": TableQuestion(
        samples=[{"instance": {"days": 7, "patients": []}, "previous": None, "time_limit_s": 60.0, "seed": 0}]
    ),
}
"""Samples with observations over time, and with a document."""

_COURSE = SampleView(
    decision=ClassName(class_="died", title=_DIED),
    probabilities=(
        ClassProbability(
            class_="survived", title=LocalizedText("leaves alive", "存活出院"), probability=0.7, interval=(0.64, 0.75)
        ),
        ClassProbability(class_="died", title=_DIED, probability=0.3, interval=(0.25, 0.36)),
    ),
    prediction_set=("died",),
    natural_frequency=NaturalFrequency(count=30),
    course=(CoursePoint(time=6.0, probability=0.12), CoursePoint(time=12.0, probability=0.3)),
)
_SURVIVAL = SampleView(
    survival=SurvivalView(
        event=_DEATH,
        unit="mo",
        times=(12.0, 36.0, 60.0),
        curve=(0.8, 0.55, None),
        band=((0.74, 0.85), (0.45, 0.64), None),
        last_time=36.0,
        median_time=None,
        score=0.4,
        risks=(
            HorizonRisk(horizon=12.0, risk=0.2, interval=(0.15, 0.26), natural_frequency=NaturalFrequency(count=20)),
        ),
    )
)
_CHOICE = SampleView(
    choice=ChoiceView(
        outcome=LocalizedText("months without recurrence within five years", "五年内无复发月数"),
        unit="mo",
        better="higher",
        observational=True,
        ranking=("tamoxifen",),
        options=(
            OptionView(
                option="none",
                title=LocalizedText("no hormone therapy", "不用激素治疗"),
                outcome=None,
                interval=None,
                effect=None,
                effect_interval=None,
                propensity=0.55,
                contraindications=(
                    ContraindicationView(
                        name="receptors_positive",
                        reason=LocalizedText("Hormone receptors are positive.", "激素受体阳性。"),
                        source="an example of a guideline, 2024",
                    ),
                ),
            ),
            OptionView(
                option="tamoxifen",
                title=LocalizedText("tamoxifen", "他莫昔芬"),
                outcome=44.0,
                interval=(39.5, 48.1),
                effect=None,
                effect_interval=None,
                propensity=0.45,
                contraindications=(),
            ),
        ),
    )
)
_VALUE = SampleView(
    value=ValueView(
        quantity=LocalizedText("weekly dose of warfarin", "华法林每周剂量"),
        value=32.5,
        interval=(20.1, 47.0),
        unit="mg/wk",
        coverage=0.9,
    )
)
_PLAN = SampleView(
    plan=Plan(
        solution='{"patients": []}',
        cost=120.0,
        costs={"ElectiveUnscheduledPatients": 120.0},
        violations={"RoomCapacity": 0},
        bound=100.0,
        charts=(
            PlanChart(
                name="rooms",
                title=LocalizedText("Rooms", "病房"),
                unit="day",
                length=7.0,
                rows=("r0",),
                bars=(PlanBar(row="r0", start=0.0, end=3.0, label="p0", kind="patient"),),
            ),
        ),
    )
)
SAMPLES: dict[str, tuple[str, SampleView]] = {
    "course": ("icu_risk.mortality", _COURSE),
    "survival": ("survival.recurrence", _SURVIVAL),
    "treatment": ("treatment.hormone", _CHOICE),
    "regression": ("treatment.warfarin_dose", _VALUE),
    "planning": ("hospital_scheduling.timetable", _PLAN),
}
"""By kind, the service and one answer."""


def _contribution(amount: float) -> ContributionView:
    return ContributionView(name="age", title=_AGE, value=61.0, unit="a", amount=amount)


EXPLAINED: dict[str, tuple[str, SampleView]] = {
    "course": (
        "icu_risk.mortality",
        msgspec.structs.replace(
            _COURSE,
            explanation=ExplanationView(
                target="died",
                quantity=LocalizedText("log-odds of “dies in hospital”", "“院内死亡”的对数几率"),
                heatmap=None,
                contributions=(_contribution(0.4),),
                base=-1.8,
                output=-0.85,
                strip=StripView(
                    input="observations",
                    unit="h",
                    edges=(0.0, 1.0, 2.0),
                    rows=(StripRow(variable="HR", title=_HEART_RATE, unit="/min", amounts=(0.35, 0.2)),),
                ),
            ),
        ),
    ),
    "regression": (
        "treatment.warfarin_dose",
        msgspec.structs.replace(
            _VALUE,
            explanation=ExplanationView(
                target=None,
                quantity=LocalizedText("weekly dose of warfarin", "华法林每周剂量"),
                heatmap=None,
                contributions=(_contribution(-2.5),),
                base=35.0,
                output=32.5,
            ),
        ),
    ),
}
"""By kind, the service and one answer with its reasons."""

FHIR_QUESTION: dict[str, Any] = {
    "resourceType": "Bundle",
    "type": "collection",
    "entry": [
        {
            "resource": {
                "resourceType": "Observation",
                "status": "final",
                "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4", "display": "Heart rate"}]},
                "subject": {"reference": "Patient/example"},
                "effectiveDateTime": "2026-11-21T09:30:00+08:00",
                "valueQuantity": {"value": 92, "unit": "/min", "system": "http://unitsofmeasure.org", "code": "/min"},
            }
        }
    ],
}
"""Observations of one patient."""
FHIR_ANSWER: dict[str, Any] = {
    "resourceType": "RiskAssessment",
    "status": "preliminary",
    "subject": {"reference": "Patient/example"},
    "prediction": [{"outcome": {"text": "dies in hospital"}, "probabilityDecimal": 0.3}],
}
"""The risk of one patient, shortened."""
FHIR_OUTCOME: dict[str, Any] = {
    "resourceType": "OperationOutcome",
    "issue": [{"severity": "error", "code": "invalid", "diagnostics": "Send the observations of one patient."}],
}
"""An error, shortened."""
