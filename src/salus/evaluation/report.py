"""One report for one part of a data set: every measure with its interval, by subgroup, with the curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from salus.contracts.batches import Batch
from salus.contracts.errors import InvalidInput
from salus.contracts.reports import EvaluationReport, Measure
from salus.evaluation.answers import Answers, decide
from salus.evaluation.bootstrap import find_intervals
from salus.evaluation.curves import list_curves
from salus.evaluation.metrics import confusion, list_measures, measure

SMALLEST_SUBGROUP = 20
"""Samples from which a subgroup's measures are given, if it also holds two classes or more."""


def evaluate(
    outputs: Batch,
    labels: NDArray[np.integer],
    *,
    part: str,
    classes: Sequence[str],
    threshold: float | None,
    groups: Mapping[str, NDArray[np.str_]] | None = None,
    seed: int,
    resamples: int = 1000,
    level: float = 0.95,
    subjects: NDArray[np.generic] | None = None,
) -> EvaluationReport:
    """Every measure of `metrics` on one part, all intervals from the same resamples.

    Each value of each group is measured by itself, as `name=value`. Where it has fewer than 20 samples or fewer than
    two classes, its measures have no value and no interval, only the number of samples: that little data says nothing.

    Args:
        outputs: The served outputs: `probabilities` (N, K), and where there are sets `prediction_set` (N, K).
        labels: (N,) class indices.
        part: The part's name.
        classes: The K classes' names, in order.
        threshold: Two classes: the finding is called from this probability on. None calls the most probable class.
        groups: (N,) each: subgroup columns by name.
        seed: All chance.
        resamples: Of the bootstrap.
        level: Confidence of the intervals.
        subjects: (N,) the person of each sample; persons are then resampled instead of samples. None where each
            sample is its own person.

    Raises:
        InvalidInput: Shapes disagree, a probability is not finite, or there is no sample.
    """
    answers = _read_answers(outputs, labels, classes=len(classes), threshold=threshold)
    _check_columns(len(answers), {**(groups or {}), **({} if subjects is None else {"subjects": subjects})})

    def measures(chosen: Answers, people: NDArray[np.generic] | None, subgroup: str | None) -> list[Measure]:
        names = list_measures(chosen)
        intervals = find_intervals(names, chosen, seed=seed, resamples=resamples, level=level, subjects=people)
        return [
            Measure(
                name=name,
                value=measure(name, chosen),
                interval=intervals[name],
                samples=len(chosen),
                subgroup=subgroup,
            )
            for name in names
        ]

    found = measures(answers, subjects, None)
    for name, column in sorted((groups or {}).items()):
        for value in np.unique(column):
            members = np.flatnonzero(column == value)
            chosen = answers.take(members)
            subgroup = f"{name}={value}"
            if members.size < SMALLEST_SUBGROUP or np.unique(chosen.labels).size < 2:
                found += [
                    Measure(name=n, value=None, interval=None, samples=len(chosen), subgroup=subgroup)
                    for n in list_measures(chosen)
                ]
            else:
                found += measures(chosen, None if subjects is None else subjects[members], subgroup)
    return EvaluationReport(
        part=part,
        samples=len(answers),
        classes=tuple(classes),
        threshold=threshold,
        measures=tuple(found),
        curves=list_curves(answers, seed=seed, level=level, subjects=subjects),
        confusion=confusion(answers),
    )


def _read_answers(outputs: Batch, labels: NDArray[np.integer], *, classes: int, threshold: float | None) -> Answers:
    probabilities = outputs.get("probabilities")
    if probabilities is None or probabilities.ndim != 2 or probabilities.shape[1] != classes or not len(labels):
        raise InvalidInput(
            f"an output `probabilities` of shape (samples, {classes}) for at least one sample",
            found="none" if probabilities is None else f"shape {probabilities.shape} for {len(labels)} labels",
            remedy="Evaluate the calibrated answers of the task's own model.",
        )
    sets = outputs.get("prediction_set")
    return Answers(
        labels=np.asarray(labels, dtype=np.int64),
        probabilities=probabilities.astype(np.float64),
        decisions=decide(probabilities.astype(np.float32), threshold=threshold),
        prediction_set=None if sets is None else sets.astype(np.bool_),
    )


def _check_columns(count: int, columns: Mapping[str, NDArray[np.generic]]) -> None:
    wrong = {name: column.shape for name, column in columns.items() if column.shape != (count,)}
    if wrong:
        raise InvalidInput(
            f"columns of shape ({count},)", found=f"shapes {wrong}", remedy="Hand in one entry per sample."
        )
