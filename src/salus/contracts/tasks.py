"""The question: what is asked, of whom, for which use, and how good an answer must be."""

from __future__ import annotations

from typing import Literal

import msgspec

from salus.contracts.classification import Classification, ClassLabel
from salus.contracts.planning import Planning
from salus.contracts.regression import Regression
from salus.contracts.survival import TimeToEvent
from salus.contracts.tensors import Signature
from salus.contracts.text import LocalizedText
from salus.contracts.treatment import Choice

TaskKind = Literal["classification", "survival", "treatment", "regression", "planning"]
Question = Classification | TimeToEvent | Choice | Regression | Planning
"""What is asked; its `kind` on the wire tells which."""

_KINDS: dict[type, TaskKind] = {
    Classification: "classification",
    TimeToEvent: "survival",
    Choice: "treatment",
    Regression: "regression",
    Planning: "planning",
}


class Goal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A measure whose interval's worse bound must reach a value.

    Attributes:
        measure: The measure's name as `evaluation` writes it: `auroc`, `brier`, `ece`, …
        at_least: Smallest acceptable lower bound, or None.
        at_most: Largest acceptable upper bound, or None. Exactly one of the two is given.
        subgroup: `name=value` of a subgroup, or None for all samples together.
    """

    measure: str
    at_least: float | None = None
    at_most: float | None = None
    subgroup: str | None = None

    def __post_init__(self) -> None:
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError(f"expected exactly one of at_least and at_most in the goal for {self.measure!r}")


class Task(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A question that a model answers.

    Attributes:
        name: Stable, for machines; with its pack it names the package: `chest_xray.pneumonia`.
        title: What is asked, in words.
        question: What is asked, by the family of questions that it belongs to.
        signature: The tensors in and out; the outputs are those of the question's kind.
        intended_use: What for, by whom, on whom.
        limits: What the answer must not be used for, and where it is known to fail.
        goals: What the release gate asks.
        demonstration: True where the model was trained on generated data; said on every card, answer and page.
    """

    name: str
    title: LocalizedText
    question: Question
    signature: Signature
    intended_use: LocalizedText
    limits: LocalizedText
    goals: tuple[Goal, ...] = ()
    demonstration: bool = False

    @property
    def kind(self) -> TaskKind:
        """The family of questions."""
        return _KINDS[type(self.question)]

    @property
    def classes(self) -> tuple[ClassLabel, ...]:
        """The classes of a classification; none for other questions."""
        return self.question.classes if isinstance(self.question, Classification) else ()
