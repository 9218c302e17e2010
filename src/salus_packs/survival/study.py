"""A study as one table, and the task that is made from it."""

from __future__ import annotations

from dataclasses import dataclass

from salus.contracts.survival import TimeToEvent, survival_outputs
from salus.contracts.tasks import Goal, Task
from salus.contracts.tensors import Signature, TensorSpec
from salus.contracts.text import LocalizedText

_NO_YES = (LocalizedText("no", "否"), LocalizedText("yes", "是"))


def number(name: str, en: str, zh: str, unit: str, *, between: tuple[float, float]) -> TensorSpec:
    """A scalar input with its unit and believable range."""
    return TensorSpec(
        name=name,
        datatype="FP32",
        shape=(-1,),
        title=LocalizedText(en, zh),
        content="scalar",
        unit=unit,
        valid_range=between,
        missing="abstain",
    )


def choice(name: str, en: str, zh: str, *categories: LocalizedText) -> TensorSpec:
    """A category; no and yes where none are given."""
    return TensorSpec(
        name=name,
        datatype="FP32",
        shape=(-1,),
        title=LocalizedText(en, zh),
        content="category",
        categories=categories or _NO_YES,
        missing="abstain",
    )


@dataclass(frozen=True)
class Study:
    """What one task is made from.

    Attributes:
        name: Of the task.
        title: What is asked.
        question: The event, the unit and the times.
        inputs: In order.
        intended_use: What for, by whom, on whom.
        limits: What it must not be used for.
        goals: What the release gate asks.
    """

    name: str
    title: LocalizedText
    question: TimeToEvent
    inputs: tuple[TensorSpec, ...]
    intended_use: LocalizedText
    limits: LocalizedText
    goals: tuple[Goal, ...]

    def task(self) -> Task:
        """The task; its outputs are those of every survival model."""
        return Task(
            name=self.name,
            title=self.title,
            question=self.question,
            signature=Signature(inputs=self.inputs, outputs=survival_outputs(self.question)),
            intended_use=self.intended_use,
            limits=self.limits,
            goals=self.goals,
        )
