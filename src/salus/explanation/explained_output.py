"""The quantity that every explainer explains: one number a sample, by the kind of the question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from salus.contracts.batches import Batch
from salus.contracts.errors import InvalidInput, UnsupportedInput
from salus.contracts.tasks import Task, TaskKind
from salus.explanation.log_odds import find_output, log_odds


@dataclass(frozen=True)
class ExplainedOutput:
    """Which number of a predictor's outputs is explained.

    Attributes:
        output: `logits` (the log-odds of the target), `score` (prognostic score), `effect` (that of the target, in the
            outcome's unit), or `value`.
        targets: Whether the output has one number for each target.
    """

    output: Literal["logits", "score", "effect", "value"]

    @property
    def targets(self) -> bool:
        """Whether the output tells targets apart; where not, the target is 0."""
        return self.output in {"logits", "effect"}

    def read(self, outputs: Batch, target: int, *, count: int) -> NDArray[np.float64]:
        """(samples,) the explained number.

        Args:
            outputs: A predictor's, for `count` samples.
            target: Index of the class or option; passed over where there is one number.
            count: Samples.

        Raises:
            InvalidInput: The predictor does not answer the output, or has no such target.
            UnsupportedInput: The model gives no number for a combination that the explanation asks about.
        """
        array = find_output(outputs, self.output, axes=2 if self.targets else 1, count=count)
        if self.targets and target >= array.shape[1]:
            raise InvalidInput(
                f"a target below {array.shape[1]}", found=str(target), remedy="Name a class or option of the task."
            )
        if self.output == "logits":
            numbers = log_odds(array.astype(np.float64), target)
        else:
            numbers = (array[:, target] if self.targets else array).astype(np.float64)
        if not np.isfinite(numbers).all():
            raise UnsupportedInput(
                f"a finite {self.output} for every combination of the sample and the background",
                found=f"{int((~np.isfinite(numbers)).sum())} of {count} without one",
                remedy="The model must answer also where inputs are replaced by those of the training data.",
            )
        return numbers


LOG_ODDS = ExplainedOutput("logits")
_BY_KIND: dict[TaskKind, ExplainedOutput] = {
    "classification": LOG_ODDS,
    "survival": ExplainedOutput("score"),
    "treatment": ExplainedOutput("effect"),
    "regression": ExplainedOutput("value"),
}


def explained_output(task: Task) -> ExplainedOutput:
    """The explained number of a task's kind.

    Raises:
        UnsupportedInput: A plan is not explained by contributions.
    """
    found = _BY_KIND.get(task.kind)
    if found is None:
        raise UnsupportedInput(
            f"a task of kind {', '.join(_BY_KIND)}", found=task.kind, remedy="Ask the service for its own reasons."
        )
    return found
