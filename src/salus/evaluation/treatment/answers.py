"""Answers of a treatment model together with what was given and what came of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from salus.contracts.batches import Batch
from salus.contracts.datasets import Split
from salus.contracts.errors import InvalidInput
from salus.contracts.treatment import Choice
from salus.evaluation.prepared_intervals import require_shape
from salus.evaluation.weighted import Floats

OUTPUTS = ("outcome", "effect", "ranking", "propensity", "overlap")
LEAST_PROPENSITY = 0.02
"""Smaller propensities count as this where something is divided by them."""


@dataclass(frozen=True)
class TreatmentAnswers:
    """Answers to N samples with K options.

    Attributes:
        given: (N,) the option that was given.
        observed: (N,) the outcome that came of it.
        outcome: (N, K) expected outcomes.
        effect: (N, K) expected outcomes less that under the first option.
        recommended: (N,) the option that is ranked first, contraindications left aside.
        propensity: (N, K).
        overlap: (N,) whether the model says that it can tell.
        true_effect: (N,) of the second option, where it is known.
        sign: 1 where higher outcomes are better, -1 where lower ones are.
    """

    given: NDArray[np.int64]
    observed: Floats
    outcome: Floats
    effect: Floats
    recommended: NDArray[np.int64]
    propensity: Floats
    overlap: NDArray[np.bool_]
    true_effect: Floats | None
    sign: float

    def __len__(self) -> int:
        return len(self.given)

    def take(self, indices: NDArray[np.integer]) -> TreatmentAnswers:
        """The samples at `indices`."""
        return TreatmentAnswers(
            given=self.given[indices],
            observed=self.observed[indices],
            outcome=self.outcome[indices],
            effect=self.effect[indices],
            recommended=self.recommended[indices],
            propensity=self.propensity[indices],
            overlap=self.overlap[indices],
            true_effect=None if self.true_effect is None else self.true_effect[indices],
            sign=self.sign,
        )

    def factual(self) -> Floats:
        """(N,) the expected outcome of the option that was given."""
        return np.asarray(self.outcome[np.arange(len(self)), self.given])

    def doubly_robust_scores(self) -> Floats:
        """(N, K) outcome_k + 1{given = k} (observed - outcome_k) / propensity_k.

        Their mean over samples that the model has not seen estimates the mean outcome if all were given option k
        (AIPW; Robins, Rotnitzky, Zhao, JASA 89:846-866, 1994): without bias if either the outcomes or the
        propensities are right and everything that decides both was recorded.
        """
        rows = np.arange(len(self))
        scores = self.outcome.copy()
        share = np.maximum(self.propensity[rows, self.given], LEAST_PROPENSITY)
        scores[rows, self.given] += (self.observed - self.factual()) / share
        return scores


def read_answers(outputs: Batch, split: Split, question: Choice) -> TreatmentAnswers:
    """The answers of a part of a data set.

    Raises:
        InvalidInput: Outputs and truth do not fit, an outcome or a propensity is not finite, or there is no sample.
    """
    count, options = len(split), len(question.options)
    for name in ("outcome", "effect", "ranking", "propensity"):
        require_shape(name, outputs[name].shape, (count, options))
    require_shape("overlap", outputs["overlap"].shape, (count,))
    outcome, effect, propensity = (outputs[name].astype(np.float64) for name in ("outcome", "effect", "propensity"))
    usable = np.isfinite(outcome).all(axis=1) & np.isfinite(propensity).all(axis=1)
    if not count or not usable.all() or "outcome" not in split.targets or split.labels.max() >= options:
        raise InvalidInput(
            f"finite answers, a target `outcome` and one of {options} options for each sample",
            found=f"{int((~usable).sum())} answers that are not finite, targets {sorted(split.targets)}",
            remedy="Judge the answered samples alone.",
        )
    return TreatmentAnswers(
        given=split.labels,
        observed=split.targets["outcome"].astype(np.float64),
        outcome=outcome,
        effect=effect,
        recommended=outputs["ranking"][:, 0].astype(np.int64),
        propensity=propensity,
        overlap=outputs["overlap"].astype(np.bool_),
        true_effect=split.targets["effect"].astype(np.float64) if options == 2 and "effect" in split.targets else None,
        sign=1.0 if question.better == "higher" else -1.0,
    )
