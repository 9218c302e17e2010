"""Judges survival curves: one report, one comparison of forms, one set of pictures."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from salus.contracts.batches import Batch
from salus.contracts.datasets import Split
from salus.contracts.errors import InvalidInput
from salus.contracts.reports import EvaluationReport, Measure
from salus.contracts.survival import TimeToEvent
from salus.contracts.tasks import Task
from salus.evaluation.judging import FormLoss
from salus.evaluation.survival.answers import SCORE, SURVIVAL, SurvivalAnswers, read_answers
from salus.evaluation.survival.curves import list_curves
from salus.evaluation.survival.measures import find_values, list_measures, paired_loss

SMALLEST_SUBGROUP = 20
"""Subjects from which a subgroup's measures are given, if it also holds `FEWEST_EVENTS`."""
FEWEST_EVENTS = 5


class SurvivalJudge:
    """Measures curves against right-censored follow-up.

    Example:
        >>> SurvivalJudge().measure
        'c_index'
    """

    outputs: tuple[str, ...] = (SURVIVAL, SCORE)
    measure = "c_index"
    higher_is_better = True
    compared = SURVIVAL
    tolerance = 0.1
    loss_tolerance = 0.005

    def answered(self, outputs: Batch) -> NDArray[np.bool_]:
        """(samples,) True where the curve's first value and the score are there."""
        curves, score = outputs[SURVIVAL].astype(np.float64), outputs[SCORE].astype(np.float64)
        return np.asarray(np.isfinite(curves[:, 0]) & np.isfinite(score), dtype=np.bool_)

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
        """Every measure of `measures`, with intervals, by subgroup.

        A subgroup of fewer than 20 samples or 5 events gets the number of its samples and no values. `threshold` has
        no meaning here.

        Raises:
            InvalidInput: Outputs and truth do not fit, an answer is not usable, or the task is of another kind.
        """
        del threshold
        question = _question(task)
        answers = read_answers(outputs, split, question)
        names = list_measures(question.horizons)
        people = split.subjects if np.unique(split.subjects).size < len(split) else None

        def measures(chosen: SurvivalAnswers, members: NDArray[np.intp], subgroup: str | None) -> list[Measure]:
            told = subgroup is None or (len(chosen) >= SMALLEST_SUBGROUP and int(chosen.event.sum()) >= FEWEST_EVENTS)
            drawn = None if people is None else people[members]
            values = find_values(names, chosen, seed=seed, resamples=resamples, subjects=drawn) if told else {}
            return [
                Measure(
                    name=name,
                    value=values.get(name, (None, None))[0],
                    interval=values.get(name, (None, None))[1],
                    samples=len(chosen),
                    subgroup=subgroup,
                )
                for name in names
            ]

        found = measures(answers, np.arange(len(answers)), None)
        for group, column in sorted(split.groups.items()):
            for value in np.unique(column):
                members = np.flatnonzero(column == value)
                found += measures(answers.take(members), members, f"{group}={value}")
        return EvaluationReport(
            part=part,
            samples=len(answers),
            measures=tuple(found),
            curves=list_curves(answers, seed=seed, subjects=people),
        )

    def loss(self, split: Split, reference: Batch, candidate: Batch, *, task: Task, seed: int) -> FormLoss:
        """By how much Harrell's C sinks from `reference` to `candidate`. Raises as `report`."""
        pair = [read_answers(outputs, split, _question(task)) for outputs in (reference, candidate)]
        value, low, high = paired_loss(self.measure, *pair, seed=seed, resamples=1000)
        return FormLoss(self.measure, value, low, high)

    def pictures(self, report: EvaluationReport) -> dict[str, bytes]:
        """PNG by name, drawn from the report alone."""
        from salus.evaluation.survival.pictures import draw_pictures

        return draw_pictures(report)


def _question(task: Task) -> TimeToEvent:
    if isinstance(task.question, TimeToEvent):
        return task.question
    raise InvalidInput("a task of the kind survival", found=task.kind, remedy="Take the judge of the task's kind.")
