"""The lines to draw, each thinned to at most 200 points, with the edges of a pointwise bootstrap band.

A curve `roc` comes with `roc_low` and `roc_high`, and likewise the others. The axes: `roc` x false positive rate, y
true positive rate; `pr` x recall, y precision; `reliability` x mean probability of a bin, y observed share;
`risk_coverage` x share of samples answered, y share of wrong decisions among them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from salus.contracts.reports import Curve
from salus.evaluation.answers import Answers
from salus.evaluation.bootstrap import draw_weights
from salus.evaluation.metrics import ece_bins
from salus.evaluation.weighted import Floats, Ranking, equal_mass_bins

MOST_POINTS = 200
_BAND_GRID = np.linspace(0.0, 1.0, 101)
_BAND_RESAMPLES = 300
_DIGITS = 6

_Line = Callable[[Floats, Floats], tuple[Floats, Floats]]
"""From the good and the bad samples per level, (levels,) each, to the points of a line."""


def list_curves(
    answers: Answers, *, seed: int, level: float = 0.95, subjects: NDArray[np.generic] | None = None
) -> tuple[Curve, ...]:
    """All curves of `answers`; `roc` and `pr` only for two classes of which both are among the samples.

    Args:
        answers: At least one sample.
        seed: Of the bands, which rest on 300 resamples.
        level: Confidence of the bands.
        subjects: (samples,) the person of each sample; None where each sample is its own.
    """
    weights = draw_weights(
        np.random.default_rng(seed),
        count=len(answers),
        resamples=_BAND_RESAMPLES,
        strata=answers.labels,
        clusters=subjects,
    )
    tails = ((1 - level) / 2, (1 + level) / 2)
    curves: list[Curve] = []
    if answers.classes == 2:
        scores, happened = answers.probabilities[:, 1], answers.labels == 1
        if np.unique(answers.labels).size == 2:
            curves += _with_band("roc", roc_points, scores, happened, weights=weights, tails=tails)
            curves += _with_band("pr", precision_recall_points, scores, happened, weights=weights, tails=tails)
    else:
        scores, happened = answers.probabilities.max(axis=1), answers.labels == answers.probabilities.argmax(axis=1)
    curves += _reliability(scores, happened, weights, tails)
    curves += _with_band(
        "risk_coverage", risk_points, answers.confidence, answers.correct, weights=weights, tails=tails
    )
    return tuple(curves)


def roc_points(positives: Floats, negatives: Floats) -> tuple[Floats, Floats]:
    """False and true positive rate from (0, 0) to (1, 1), a point a level, highest score first."""
    return _share(negatives), _share(positives)


def precision_recall_points(positives: Floats, negatives: Floats) -> tuple[Floats, Floats]:
    """Recall and precision at each level that adds a positive, highest score first."""
    found, called = np.cumsum(positives), np.cumsum(positives + negatives)
    adds = positives > 0
    return found[adds] / found[-1], found[adds] / called[adds]


def risk_points(right: Floats, wrong: Floats) -> tuple[Floats, Floats]:
    """Coverage and selective risk at each level (Geifman and El-Yaniv, NeurIPS 2017), most confident first."""
    answered = np.cumsum(right + wrong)
    there = answered > 0
    return answered[there] / answered[-1], np.cumsum(wrong)[there] / answered[there]


def _share(counts: Floats) -> Floats:
    total = np.concatenate([[0.0], np.cumsum(counts)])
    shares: Floats = total / total[-1]
    return shares


def _with_band(
    name: str,
    line: _Line,
    scores: NDArray[np.floating],
    good: NDArray[np.bool_],
    *,
    weights: Floats,
    tails: tuple[float, float],
) -> Iterator[Curve]:
    ranking = Ranking(scores, descending=True)
    once = np.ones((1, scores.size))
    x, y = line(ranking.per_level(once * good)[0], ranking.per_level(once * ~good)[0])
    yield _curve(name, x, y)
    resampled = [
        np.interp(_BAND_GRID, *line(good_row, bad_row))
        for good_row, bad_row in zip(ranking.per_level(weights * good), ranking.per_level(weights * ~good), strict=True)
    ]
    low, high = np.quantile(np.stack(resampled), tails, axis=0)
    middle = np.interp(_BAND_GRID, x, y)
    yield _curve(f"{name}_low", _BAND_GRID, np.minimum(low, middle))
    yield _curve(f"{name}_high", _BAND_GRID, np.maximum(high, middle))


def _reliability(
    scores: NDArray[np.floating], happened: NDArray[np.bool_], weights: Floats, tails: tuple[float, float]
) -> Iterator[Curve]:
    bins = ece_bins(scores.size)
    member = np.eye(bins)[equal_mass_bins(scores, bins=bins)]
    filled = member.sum(axis=0) > 0
    member = member[:, filled]
    count = member.sum(axis=0)
    x, y = scores @ member / count, happened @ member / count
    drawn = weights @ member
    shares = np.where(drawn > 0, (weights * happened) @ member / np.maximum(drawn, 1), np.nan)
    low, high = np.nanquantile(shares, tails, axis=0)
    order = np.argsort(x, kind="stable")
    for name, column in (("", y), ("_low", np.minimum(low, y)), ("_high", np.maximum(high, y))):
        yield _curve(f"reliability{name}", x[order], column[order], thin=False)


def _curve(name: str, x: Floats, y: Floats, *, thin: bool = True) -> Curve:
    kept = _thin(x, y) if thin else np.arange(x.size)
    return Curve(
        name=name,
        x=tuple(round(float(value), _DIGITS) for value in x[kept]),
        y=tuple(round(float(value), _DIGITS) for value in y[kept]),
    )


def _thin(x: Floats, y: Floats) -> NDArray[np.intp]:
    """Indices of at most 200 points: corners first, then evenly along the line; both ends are kept."""
    if x.size < 3:
        return np.arange(x.size)
    turn = np.abs(np.diff(x[:-1]) * np.diff(y[1:]) - np.diff(x[1:]) * np.diff(y[:-1]))
    corners = np.concatenate([[0], np.flatnonzero(turn > 1e-12) + 1, [x.size - 1]])
    if corners.size <= MOST_POINTS:
        return corners
    length = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
    wanted = np.linspace(0.0, length[-1], MOST_POINTS)
    near = np.searchsorted(length[corners], wanted).clip(0, corners.size - 1)
    return np.unique(np.concatenate([[0], corners[near], [x.size - 1]]))[-MOST_POINTS:]
