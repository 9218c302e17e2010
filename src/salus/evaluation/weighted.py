"""Measures of many weightings of the same samples at once, which is what makes the bootstrap fast.

A measure is *prepared* once for its samples (scores sorted, ties found) and then takes weights of shape
(weightings, samples): how often each sample counts. A bootstrap resample is such a weighting, and so is "all once".
The answer has shape (weightings,), NaN where the measure is not defined for that weighting.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from salus.evaluation.answers import Answers

Floats = NDArray[np.float64]
Prepared = Callable[[Floats], Floats]
"""From weights (weightings, samples) to values (weightings,)."""


class Ranking:
    """Samples sorted by a score, equal scores held together as one level.

    Args:
        scores: (samples,).
        descending: True puts the largest score first.
    """

    def __init__(self, scores: NDArray[np.floating], *, descending: bool) -> None:
        keys = -scores if descending else scores
        self.order = np.argsort(keys, kind="stable")
        ranked = keys[self.order]
        self.starts = np.concatenate([[0], np.flatnonzero(ranked[1:] != ranked[:-1]) + 1]).astype(np.intp)
        self.scores = scores[self.order][self.starts]

    def per_level(self, weights: Floats) -> Floats:
        """(weightings, samples) summed by level: (weightings, levels)."""
        ranked = weights[:, self.order]
        if self.starts.size == self.order.size:
            return ranked
        levels: Floats = np.add.reduceat(ranked, self.starts, axis=1)
        return levels


def divide(numerator: Floats, denominator: Floats) -> Floats:
    """Their quotient; NaN where the denominator is 0, since what is divided by nothing is not defined."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(denominator == 0, np.nan, numerator / denominator)


def mean_of(values: NDArray[np.generic]) -> Prepared:
    """The weighted mean of a figure per sample."""
    column = values.astype(np.float64)
    return lambda weights: divide(weights @ column, weights.sum(axis=1))


def area_under_roc(positive: NDArray[np.bool_], scores: NDArray[np.floating]) -> Prepared:
    """Share of (positive, negative) pairs in the right order, ties counting one half (Mann-Whitney)."""
    ranking = Ranking(scores, descending=False)

    def area(weights: Floats) -> Floats:
        positives = ranking.per_level(weights * positive)
        negatives = ranking.per_level(weights * ~positive)
        below = np.cumsum(negatives, axis=1) - negatives / 2
        pairs = positives.sum(axis=1) * negatives.sum(axis=1)
        return divide((positives * below).sum(axis=1), pairs)

    return area


def average_precision(positive: NDArray[np.bool_], scores: NDArray[np.floating]) -> Prepared:
    """Sum over thresholds of precision times the recall that it adds (no interpolation). NaN without positives."""
    ranking = Ranking(scores, descending=True)

    def area(weights: Floats) -> Floats:
        positives = ranking.per_level(weights * positive)
        called = np.cumsum(ranking.per_level(weights), axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            precision = np.where(called == 0, 0.0, np.cumsum(positives, axis=1) / called)
        return divide((positives * precision).sum(axis=1), positives.sum(axis=1))

    return area


def confusion_of(answers: Answers) -> Callable[[Floats], Floats]:
    """From weights to confusion matrices (weightings, K, K): rows the truth, columns the decision."""
    classes = answers.classes
    cell = np.zeros((len(answers), classes * classes))
    cell[np.arange(len(answers)), answers.labels * classes + answers.decisions] = 1.0
    return lambda weights: (weights @ cell).reshape(-1, classes, classes)


def equal_mass_bins(scores: NDArray[np.floating], *, bins: int) -> NDArray[np.intp]:
    """The bin of each sample: as many samples in each of `bins` bins as ties allow; equal scores share a bin."""
    _, level_of, counts = np.unique(scores, return_inverse=True, return_counts=True)
    middle_rank = np.cumsum(counts) - counts / 2
    bin_of = middle_rank[level_of] * bins / max(scores.size, 1)
    whole: NDArray[np.intp] = np.minimum(bin_of.astype(np.intp), bins - 1)
    return whole


def calibration_error(scores: NDArray[np.floating], happened: NDArray[np.bool_], *, bins: int) -> Prepared:
    """Mean over equal-mass bins of |mean score - observed share|, weighted by the bins' samples.

    The bins are those of the samples themselves and stay the same for every weighting.
    """
    surplus = np.zeros((scores.size, bins))
    surplus[np.arange(scores.size), equal_mass_bins(scores, bins=bins)] = scores.astype(np.float64) - happened
    return lambda weights: divide(np.abs(weights @ surplus).sum(axis=1), weights.sum(axis=1))
