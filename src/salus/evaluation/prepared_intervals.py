"""Intervals of any prepared measures, and tables by subgroup: what the judges of numbers share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from salus.contracts.errors import InvalidInput
from salus.contracts.reports import Curve, Interval, Measure
from salus.evaluation.bootstrap import draw_weights, resample
from salus.evaluation.judging import FormLoss
from salus.evaluation.weighted import Floats, Prepared, equal_mass_bins

LEVEL = 0.95
SMALLEST_SUBGROUP = 20
"""Samples from which a subgroup's measures are given."""


def measure_all(
    prepared: Mapping[str, Prepared],
    *,
    count: int,
    seed: int,
    resamples: int,
    strata: NDArray[np.generic] | None = None,
    subjects: NDArray[np.generic] | None = None,
    subgroup: str | None = None,
) -> list[Measure]:
    """Each measure with its percentile interval, all from the same resamples.

    An interval is widened to hold its point where resampling is biased. A measure that is not defined has neither.

    Args:
        prepared: By name, of the same samples.
        count: How many samples.
        seed: All chance.
        resamples: At least 2.
        strata: (samples,) each keeps its number of draws; None for one stratum.
        subjects: (samples,) whose samples are drawn together; None where each sample is its own.
        subgroup: `name=value`, told in the result.
    """
    if not prepared:
        return []
    points = resample(list(prepared.values()), np.ones((1, count)))[0]
    weights = draw_weights(
        np.random.default_rng(seed), count=count, resamples=resamples, strata=strata, clusters=subjects
    )
    values = resample(list(prepared.values()), weights)
    return [
        Measure(
            name=name,
            value=None if np.isnan(points[at]) else float(points[at]),
            interval=_interval(values[:, at], float(points[at])),
            samples=count,
            subgroup=subgroup,
        )
        for at, name in enumerate(prepared)
    ]


def measure_subgroups(
    prepare: Callable[[NDArray[np.intp]], Mapping[str, Prepared]],
    groups: Mapping[str, NDArray[np.str_]],
    *,
    seed: int,
    resamples: int,
    subjects: NDArray[np.generic],
    enough: Callable[[NDArray[np.intp]], bool] = lambda _: True,
) -> list[Measure]:
    """The measures of each value of each group, as `name=value`.

    A subgroup of fewer than 20 samples, or one that is not `enough`, has no values, only its number of samples.

    Args:
        prepare: Measures of the samples at these places.
        groups: (samples,) each.
        seed: All chance.
        resamples: At least 2.
        subjects: (samples,) whose samples are drawn together.
        enough: Whether the samples at these places say anything.
    """
    found: list[Measure] = []
    for group, column in sorted(groups.items()):
        for value in np.unique(column):
            members = np.flatnonzero(column == value)
            subgroup = f"{group}={value}"
            prepared = prepare(members)
            if len(members) >= SMALLEST_SUBGROUP and enough(members):
                people = shared_subjects(subjects[members])
                found += measure_all(
                    prepared, count=len(members), seed=seed, resamples=resamples, subjects=people, subgroup=subgroup
                )
            else:
                found += [
                    Measure(name=name, value=None, interval=None, samples=len(members), subgroup=subgroup)
                    for name in prepared
                ]
    return found


def paired_increase(
    name: str,
    reference: Prepared,
    candidate: Prepared,
    *,
    count: int,
    seed: int,
    subjects: NDArray[np.generic] | None,
    resamples: int = 1000,
) -> FormLoss:
    """By how much a measure (lower is better) grows from `reference` to `candidate`, with its paired interval.

    Raises:
        InvalidInput: The measure is not defined for one of the two.
    """
    points = resample([reference, candidate], np.ones((1, count)))[0]
    weights = draw_weights(np.random.default_rng(seed), count=count, resamples=resamples, clusters=subjects)
    values = resample([reference, candidate], weights)
    increase = float(points[1] - points[0])
    interval = _interval(values[:, 1] - values[:, 0], increase)
    if interval is None:
        raise InvalidInput(f"samples that define {name}", found="none", remedy="Compare the forms on more samples.")
    return FormLoss(name, increase, interval.low, interval.high)


def root_mean(squares: NDArray[np.floating]) -> Prepared:
    """The root of the weighted mean of squares."""
    column = squares.astype(np.float64)

    def measure(weights: Floats) -> Floats:
        return np.asarray(np.sqrt(weights @ column / weights.sum(axis=1)), dtype=np.float64)

    return measure


def binned_means(name: str, predicted: Floats, observed: Floats, *, bins: int = 10) -> tuple[Curve, ...]:
    """Mean observed against mean predicted value in bins of equally many samples: `name`, `name_low`, `name_high`.

    The ends are the bin's mean plus and minus 1.96 standard errors.
    """
    if not len(predicted):
        return ()
    bin_of = equal_mass_bins(predicted, bins=min(bins, max(1, len(predicted) // 10)))
    rows: list[tuple[float, float, float]] = []
    for one in np.unique(bin_of):
        values = observed[bin_of == one]
        error = 1.96 * float(values.std(ddof=1)) / len(values) ** 0.5 if len(values) > 1 else 0.0
        rows.append((float(predicted[bin_of == one].mean()), float(values.mean()), error))
    x = tuple(row[0] for row in rows)
    return (
        Curve(name=name, x=x, y=tuple(row[1] for row in rows)),
        Curve(name=f"{name}_low", x=x, y=tuple(row[1] - row[2] for row in rows)),
        Curve(name=f"{name}_high", x=x, y=tuple(row[1] + row[2] for row in rows)),
    )


def shared_subjects(subjects: NDArray[np.generic]) -> NDArray[np.generic] | None:
    """The subjects where several samples share one, else None."""
    return subjects if len(np.unique(subjects)) < len(subjects) else None


def require_shape(name: str, found: Sequence[int], expected: Sequence[int]) -> None:
    """Refuse an output of another shape.

    Raises:
        InvalidInput: The shapes differ.
    """
    if tuple(found) != tuple(expected):
        raise InvalidInput(
            f"{name} of shape {tuple(expected)}", found=f"shape {tuple(found)}", remedy="Answer the same samples."
        )


def _interval(values: Floats, point: float) -> Interval | None:
    defined = values[~np.isnan(values)]
    if np.isnan(point) or defined.size < 2:
        return None
    low, high = np.quantile(defined, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(min(float(low), point), max(float(high), point), LEVEL)
