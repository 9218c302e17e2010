"""Judges numbers and their intervals."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from salus.contracts.batches import Batch
from salus.contracts.datasets import Split
from salus.contracts.errors import InvalidInput
from salus.contracts.regression import Regression
from salus.contracts.reports import EvaluationReport
from salus.contracts.tasks import Task
from salus.evaluation.binned_pictures import draw_binned, has_curve
from salus.evaluation.judging import FormLoss
from salus.evaluation.prepared_intervals import (
    binned_means,
    measure_all,
    measure_subgroups,
    paired_increase,
    require_shape,
    root_mean,
    shared_subjects,
)
from salus.evaluation.weighted import Floats, Prepared, divide, mean_of

VALUE, INTERVAL = "value", "value_interval"


class RegressionJudge:
    """Keeps the promise of a `Judge` for numbers.

    Measures: `mae`, `rmse`, `bias` (mean of answer less truth), all in the quantity's unit; `r2`; `within`, the share
    of answers that are off by at most `close` times the truth; `coverage` of the interval and `interval_width`.
    """

    outputs: tuple[str, ...] = (VALUE, INTERVAL)
    measure = "mae"
    higher_is_better = False
    compared = VALUE
    tolerance = 0.5
    loss_tolerance = 0.05

    def answered(self, outputs: Batch) -> NDArray[np.bool_]:
        """(samples,) whose value is finite."""
        return np.asarray(np.isfinite(outputs[VALUE].astype(np.float64)), dtype=np.bool_)

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
        """Every measure with intervals, by subgroup; the curve `calibration`. `threshold` has no meaning here.

        Raises:
            InvalidInput: Outputs and truth do not fit, a value is not finite, or the task is of another kind.
        """
        del threshold
        question = _question(task)
        value, interval, truth = _read(outputs, split)

        def prepare(chosen: NDArray[np.intp]) -> dict[str, Prepared]:
            return prepare_measures(value[chosen], interval[chosen], truth[chosen], close=question.close)

        everyone = np.arange(len(truth))
        found = measure_all(
            prepare(everyone),
            count=len(truth),
            seed=seed,
            resamples=resamples,
            subjects=shared_subjects(split.subjects),
        )
        found += measure_subgroups(prepare, split.groups, seed=seed, resamples=resamples, subjects=split.subjects)
        return EvaluationReport(
            part=part,
            samples=len(truth),
            measures=tuple(found),
            curves=binned_means("calibration", value, truth),
        )

    def loss(self, split: Split, reference: Batch, candidate: Batch, *, task: Task, seed: int) -> FormLoss:
        """By how much the mean absolute error grows, in the quantity's unit. Raises as `report`."""
        _question(task)
        errors = []
        for outputs in (reference, candidate):
            value, _, truth = _read(outputs, split)
            errors.append(mean_of(np.abs(value - truth)))
        return paired_increase(
            self.measure, *errors, count=len(split), seed=seed, subjects=shared_subjects(split.subjects)
        )

    def pictures(self, report: EvaluationReport) -> dict[str, bytes]:
        """`calibration`: observed against predicted means."""
        if not has_curve(report, "calibration"):
            return {}
        picture = draw_binned(
            report, "calibration", title="Calibration", x_label="mean answer", y_label="mean of the truth"
        )
        return {"calibration": picture}


def prepare_measures(value: Floats, interval: Floats, truth: Floats, *, close: float | None) -> dict[str, Prepared]:
    """The measures of these samples, by name; `within` only where `close` is given.

    Args:
        value: (samples,) answers.
        interval: (samples, 2) their intervals.
        truth: (samples,).
        close: A share of the truth.
    """
    error = value - truth
    inside = (interval[:, 0] <= truth) & (truth <= interval[:, 1])
    prepared: dict[str, Prepared] = {
        "mae": mean_of(np.abs(error)),
        "rmse": root_mean(error**2),
        "bias": mean_of(error),
        "r2": _explained(error, truth),
        "coverage": mean_of(inside),
        "interval_width": mean_of(interval[:, 1] - interval[:, 0]),
    }
    return prepared if close is None else {**prepared, "within": mean_of(np.abs(error) <= close * np.abs(truth))}


def _explained(error: Floats, truth: Floats) -> Prepared:
    """1 - mean squared error / variance; NaN where the truth does not vary."""

    def measure(weights: Floats) -> Floats:
        total = weights.sum(axis=1)
        mean = weights @ truth / total
        variance = np.maximum(weights @ truth**2 / total - mean**2, 0.0)
        return 1.0 - divide(weights @ error**2 / total, variance)

    return measure


def _read(outputs: Batch, split: Split) -> tuple[Floats, Floats, Floats]:
    value, interval = (outputs[name].astype(np.float64) for name in (VALUE, INTERVAL))
    require_shape(VALUE, value.shape, (len(split),))
    require_shape(INTERVAL, interval.shape, (len(split), 2))
    if "value" not in split.targets or not len(split) or not np.isfinite(value).all():
        raise InvalidInput(
            "finite answers and a target `value` for each sample",
            found=f"{int((~np.isfinite(value)).sum())} answers that are not finite, targets {sorted(split.targets)}",
            remedy="Judge the answered samples alone.",
        )
    return value, interval, split.targets["value"].astype(np.float64)


def _question(task: Task) -> Regression:
    if isinstance(task.question, Regression):
        return task.question
    raise InvalidInput("a task of the kind regression", found=task.kind, remedy="Take the judge of the task's kind.")
