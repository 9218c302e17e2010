"""A service's answers as FHIR R4: RiskAssessment, GuidanceResponse, and a Bundle of either.

=========== ==================================================================================================
question    resource
=========== ==================================================================================================
class       RiskAssessment, one prediction a class
time        RiskAssessment, one prediction a horizon
number      GuidanceResponse with contained Parameters
choice      GuidanceResponse with a contained RequestGroup, one action an option
abstention  GuidanceResponse with a contained OperationOutcome: `data-required`, or `success` without a result
schedule    none: a timetable is no clinical answer
=========== ==================================================================================================

Every answer holds the model as a contained Device (package, version, digest), is `preliminary` until a person has
reviewed it, and has been checked before it is returned.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from salus.contracts.classification import Classification
from salus.contracts.errors import SalusError, UnsupportedInput
from salus.contracts.regression import Regression
from salus.contracts.services import Prediction
from salus.contracts.survival import TimeToEvent
from salus.contracts.tasks import Task
from salus.contracts.treatment import Choice
from salus.standards.fhir.elements import name_answer
from salus.standards.fhir.guidance import guide_abstention, guide_choice, guide_value
from salus.standards.fhir.resources import (
    Bundle,
    CodeableConcept,
    Entry,
    GuidanceResponse,
    Issue,
    OperationOutcome,
    RiskAssessment,
    write_resource,
)
from salus.standards.fhir.risks import assess_classes, assess_survival

MEDIA_TYPE = "application/fhir+json"
_ISSUES = {
    "invalid_input": "invalid",
    "unsupported_input": "not-supported",
    "not_found": "not-found",
    "conflict": "conflict",
    "gate_not_met": "conflict",
    "unauthenticated": "login",
    "forbidden": "forbidden",
    "overloaded": "throttled",
    "deadline_exceeded": "timeout",
    "service_unavailable": "transient",
}


def write_answer(
    task: Task,
    prediction: Prediction,
    index: int,
    *,
    subject: str | None = None,
    basis: Sequence[str] = (),
    origin: datetime | None = None,
) -> dict[str, Any]:
    """The answer to one sample, as the JSON values of a resource.

    Args:
        task: What was asked.
        prediction: The service's answer.
        index: The sample.
        subject: The patient's reference (`Patient/1`), as the asker wrote it; None where nobody was named.
        basis: References of the observations that the answer rests on; written for risks.
        origin: The moment that the sample describes, with its zone; None where it is not known. Horizons are then
            written as time frames from 0 (`whenRange`), else as periods (`whenPeriod`).

    Raises:
        InvalidInput: The prediction lacks an output that the resource needs.
        UnsupportedInput: The question is none that FHIR has a resource for.
        SalusError: The resource would not be conformant.
    """
    return write_resource(_answer(task, prediction, index, subject=subject, basis=basis, origin=origin))


def write_answers(
    task: Task, prediction: Prediction, *, subjects: Sequence[str | None] = (), origin: datetime | None = None
) -> dict[str, Any]:
    """The answers to all samples, as the JSON values of a Bundle of type `collection`.

    Args:
        task: What was asked.
        prediction: The service's answer, to at least one sample.
        subjects: One a sample; empty where nobody was named.
        origin: As for `write_answer`, for all samples.

    Raises:
        As `write_answer`.
    """
    count = len(prediction.abstentions)
    names = subjects or (None,) * count
    answers = [
        _answer(task, prediction, index, subject=subject, basis=(), origin=origin)
        for index, subject in zip(range(count), names, strict=True)
    ]
    return write_resource(
        Bundle(
            type="collection",
            timestamp=prediction.provenance.answered_at,
            entry=tuple(
                Entry(full_url=f"urn:uuid:{name_answer(prediction, index)}", resource=answer)
                for index, answer in enumerate(answers)
            ),
        )
    )


def write_operation_outcome(error: SalusError) -> dict[str, Any]:
    """An error as an OperationOutcome (https://hl7.org/fhir/R4/operationoutcome.html)."""
    issue = Issue(
        severity="error",
        code=_ISSUES.get(error.code, "exception"),
        details=CodeableConcept(text=f"Expected {error.expected}; found {error.found}."),
        diagnostics=error.remedy or None,
    )
    return write_resource(OperationOutcome(issue=(issue,)))


def _answer(
    task: Task,
    prediction: Prediction,
    index: int,
    *,
    subject: str | None,
    basis: Sequence[str],
    origin: datetime | None,
) -> RiskAssessment | GuidanceResponse:
    abstention = prediction.abstentions[index]
    if abstention is not None:
        return guide_abstention(abstention, task, prediction, index, subject=subject)
    question = task.question
    if isinstance(question, Classification):
        return assess_classes(question, task, prediction, index, subject=subject, basis=basis)
    if isinstance(question, TimeToEvent):
        return assess_survival(question, task, prediction, index, subject=subject, basis=basis, origin=origin)
    if isinstance(question, Regression):
        return guide_value(question, task, prediction, index, subject=subject)
    if isinstance(question, Choice):
        return guide_choice(question, task, prediction, index, subject=subject)
    raise UnsupportedInput(
        "a question that FHIR has a clinical answer for", found=task.kind, remedy="Ask for application/json."
    )
