"""What the client answers: the JSON of `/api/v1`, typed and frozen. Unknown fields of newer gateways are ignored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from salus.client.answer_kinds import CoursePoint, NaturalFrequency, OptionChoice, Quantity, Strip, SurvivalCurve
from salus.contracts.datasets import QualityReport
from salus.contracts.packages import Lineage, Variant
from salus.contracts.planning import Plan
from salus.contracts.reports import EvaluationReport, Measure
from salus.contracts.services import Abstention, Provenance
from salus.contracts.tasks import Task
from salus.contracts.text import LocalizedText


class ServiceSummary(msgspec.Struct, frozen=True, kw_only=True):
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
    content: Literal["image", "table", "events", "document"]
    notices: tuple[LocalizedText, ...]
    headline: tuple[Measure, ...]
    headline_part: str


class CalibrationFacts(msgspec.Struct, frozen=True, kw_only=True):
    """How probabilities are calibrated, and from which probability on the finding is called."""

    temperature: float
    threshold: float | None
    threshold_rule: str | None
    coverage: float


class ServiceDetail(ServiceSummary, frozen=True, kw_only=True):
    """All about a service. `example` holds `inputs`, or `image_url` for pictures; only classifiers are calibrated."""

    task: Task
    lineage: Lineage
    variants: tuple[Variant, ...]
    evaluation: tuple[EvaluationReport, ...]
    calibration: CalibrationFacts | None
    quality: QualityReport
    example: Mapping[str, Mapping[str, Any] | str]

    @property
    def example_row(self) -> Mapping[str, Any]:
        """A sample to try the service with; empty where it takes pictures."""
        inputs = self.example.get("inputs", {})
        return inputs if isinstance(inputs, Mapping) else {}


class ClassName(msgspec.Struct, frozen=True, kw_only=True, rename={"name": "class"}):
    """A class: its name for machines and for people."""

    name: str
    title: LocalizedText


class ClassProbability(msgspec.Struct, frozen=True, kw_only=True, rename={"name": "class"}):
    """The calibrated probability of a class, from 0 to 1, with its 95 % interval (low, high)."""

    name: str
    title: LocalizedText
    probability: float
    interval: tuple[float, float]


class Heatmap(msgspec.Struct, frozen=True, kw_only=True):
    """Evidence from 0 to 1, row by row, to be stretched over the picture."""

    height: int
    width: int
    values: tuple[tuple[float, ...], ...]


class ContributionFact(msgspec.Struct, frozen=True, kw_only=True):
    """What one input added to the explained quantity."""

    name: str
    title: LocalizedText
    value: float | None
    unit: str | None
    amount: float


class SampleExplanation(msgspec.Struct, frozen=True, kw_only=True):
    """Why a sample is answered as it is: `base` and all contributions add up to `output`, in `quantity`.

    `target` is the class or option that is explained; None where there is one output.
    """

    target: str | None
    heatmap: Heatmap | None
    contributions: tuple[ContributionFact, ...]
    base: float | None
    output: float | None
    quantity: LocalizedText | None = None
    strip: Strip | None = None


class SamplePicture(msgspec.Struct, frozen=True, kw_only=True):
    """The picture as the model got it; `png` is a data URL."""

    width: int
    height: int
    png: str
    warnings: tuple[LocalizedText, ...]


class SampleAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to one sample. Where `abstention` is given there is none, and the rest is None.

    A classification has `decision` and what stands beside it, and may have a `course`; time to event has `survival`,
    a choice `choice` (which stays where overlap or rules withhold the answer), a number `value`, a timetable `plan`.
    """

    decision: ClassName | None = None
    probabilities: tuple[ClassProbability, ...] | None = None
    prediction_set: tuple[str, ...] | None = None
    abstention: Abstention | None = None
    natural_frequency: NaturalFrequency | None = None
    course: tuple[CoursePoint, ...] | None = None
    survival: SurvivalCurve | None = None
    choice: OptionChoice | None = None
    value: Quantity | None = None
    plan: Plan | None = None
    warnings: tuple[LocalizedText, ...] = ()
    image: SamplePicture | None = None
    explanation: SampleExplanation | None = None

    def probability(self, name: str) -> float | None:
        """The probability of the class called `name`; None where there is no answer.

        Raises:
            KeyError: The service has no such class.
        """
        if self.probabilities is None:
            return None
        return {each.name: each.probability for each in self.probabilities}[name]


class OperatingPoint(msgspec.Struct, frozen=True, kw_only=True):
    """Sensitivity and specificity at the threshold, measured on `part`."""

    sensitivity: Measure
    specificity: Measure
    part: str


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """Answers to the samples of one request, in their order. `method` names how they are explained."""

    request_id: str
    service: str
    version: str
    status: str
    threshold: float | None
    threshold_rule: str | None
    operating_point: OperatingPoint | None
    samples: tuple[SampleAnswer, ...]
    provenance: Provenance
    method: str | None = None


class ServiceList(msgspec.Struct, frozen=True):
    """The body of the list of services."""

    services: tuple[ServiceSummary, ...]
