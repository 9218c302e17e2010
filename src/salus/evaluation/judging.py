"""How good an answer is, by the kind of its question: one judge a kind, one way to ask it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from salus.contracts.batches import Batch
from salus.contracts.datasets import Split
from salus.contracts.reports import EvaluationReport
from salus.contracts.tasks import Task


@dataclass(frozen=True)
class FormLoss:
    """By how much one form of a model is worse than another in its kind's main measure.

    Attributes:
        measure: The measure's name.
        value: Above 0 where the other form is worse.
        low: Lower end of its paired bootstrap interval.
        high: Upper end.
    """

    measure: str
    value: float
    low: float
    high: float


class Judge(Protocol):
    """Measures answers to one kind of question. Judges hold no state."""

    @property
    def outputs(self) -> tuple[str, ...]:
        """Served outputs that judging needs."""
        ...

    @property
    def measure(self) -> str:
        """The main measure, by which forms and trials are compared."""
        ...

    @property
    def higher_is_better(self) -> bool:
        """Of the main measure."""
        ...

    @property
    def compared(self) -> str:
        """The output whose largest difference between two forms is told."""
        ...

    @property
    def tolerance(self) -> float:
        """The largest difference of it that a form may have, and be chosen."""
        ...

    @property
    def loss_tolerance(self) -> float:
        """The largest loss in the main measure that a form may have, and be chosen."""
        ...

    def answered(self, outputs: Batch) -> NDArray[np.bool_]:
        """(samples,) which have a usable answer."""
        ...

    def report(
        self,
        outputs: Batch,
        split: Split,
        *,
        task: Task,
        part: str,
        threshold: float | None,
        seed: int,
        resamples: int = 1000,
    ) -> EvaluationReport:
        """Every measure of the kind, with intervals, by subgroup.

        Args:
            outputs: Those of `outputs`, for every sample.
            split: The truth.
            task: The question.
            part: The part's name.
            threshold: Two classes: the finding is called from this probability on. None for other questions.
            seed: All chance.
            resamples: Of the bootstrap.

        Raises:
            InvalidInput: Outputs and truth do not fit, or an answer is not usable.
        """
        ...

    def loss(self, split: Split, reference: Batch, candidate: Batch, *, task: Task, seed: int) -> FormLoss:
        """By how much `candidate` is worse than `reference` on the same samples. Raises as `report`."""
        ...

    def pictures(self, report: EvaluationReport) -> dict[str, bytes]:
        """PNG by name, drawn from the report alone."""
        ...
