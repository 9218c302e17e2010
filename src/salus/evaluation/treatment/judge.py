"""Judges choices between options."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from salus.contracts.batches import Batch
from salus.contracts.datasets import Split
from salus.contracts.errors import InvalidInput
from salus.contracts.reports import EvaluationReport
from salus.contracts.tasks import Task
from salus.contracts.treatment import Choice
from salus.evaluation.binned_pictures import draw_binned, has_curve
from salus.evaluation.judging import FormLoss
from salus.evaluation.prepared_intervals import (
    measure_all,
    measure_subgroups,
    paired_increase,
    root_mean,
    shared_subjects,
)
from salus.evaluation.treatment.answers import OUTPUTS, read_answers
from salus.evaluation.treatment.measures import list_curves, prepare_measures
from salus.evaluation.weighted import Prepared

FEWEST_GIVEN = 5
"""Samples of each of two options from which a subgroup's measures are given."""
_PICTURES = {
    "outcome": ("Outcome", "mean expected outcome of what was given", "mean observed outcome"),
    "propensity": ("Propensity", "mean propensity of the second option", "share that was given it"),
    "effect": ("Effect", "mean expected effect of the second option", "mean effect (true, or doubly robust)"),
}


class TreatmentJudge:
    """Keeps the promise of a `Judge` for choices; see `measures` for what is measured."""

    outputs: tuple[str, ...] = OUTPUTS
    measure = "outcome_rmse"
    higher_is_better = False
    compared = "outcome"
    tolerance = 0.5
    loss_tolerance = 0.05

    def answered(self, outputs: Batch) -> NDArray[np.bool_]:
        """(samples,) whose outcomes and propensities are finite. Samples without overlap count: it is measured."""
        finite = [np.isfinite(outputs[name].astype(np.float64)).all(axis=1) for name in ("outcome", "propensity")]
        return np.asarray(finite[0] & finite[1], dtype=np.bool_)

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
        """Every measure with intervals, by subgroup; resamples keep the number of samples of each option.

        `threshold` has no meaning here.

        Raises:
            InvalidInput: Outputs and truth do not fit, an answer is not usable, or the task is of another kind.
        """
        del threshold
        answers = read_answers(outputs, split, _question(task))

        def prepare(chosen: NDArray[np.intp]) -> dict[str, Prepared]:
            return prepare_measures(answers.take(chosen))

        def enough(chosen: NDArray[np.intp]) -> bool:
            counts = np.bincount(answers.given[chosen])
            return int((counts >= FEWEST_GIVEN).sum()) > 1

        found = measure_all(
            prepare_measures(answers),
            count=len(answers),
            seed=seed,
            resamples=resamples,
            strata=answers.given,
            subjects=shared_subjects(split.subjects),
        )
        found += measure_subgroups(
            prepare, split.groups, seed=seed, resamples=resamples, subjects=split.subjects, enough=enough
        )
        return EvaluationReport(part=part, samples=len(answers), measures=tuple(found), curves=list_curves(answers))

    def loss(self, split: Split, reference: Batch, candidate: Batch, *, task: Task, seed: int) -> FormLoss:
        """By how much the factual error grows, in the outcome's unit. Raises as `report`."""
        errors = []
        for outputs in (reference, candidate):
            answers = read_answers(outputs, split, _question(task))
            errors.append(root_mean((answers.factual() - answers.observed) ** 2))
        return paired_increase(
            self.measure, *errors, count=len(split), seed=seed, subjects=shared_subjects(split.subjects)
        )

    def pictures(self, report: EvaluationReport) -> dict[str, bytes]:
        """`outcome`, `propensity` and `effect`: observed against predicted means."""
        return {
            name: draw_binned(report, name, title=title, x_label=x_label, y_label=y_label)
            for name, (title, x_label, y_label) in _PICTURES.items()
            if has_curve(report, name)
        }


def _question(task: Task) -> Choice:
    if isinstance(task.question, Choice):
        return task.question
    raise InvalidInput("a task of the kind treatment", found=task.kind, remedy="Take the judge of the task's kind.")
