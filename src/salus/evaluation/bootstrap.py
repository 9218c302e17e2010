"""Intervals by resampling, all measures from the same resamples.

The interval of a figure is the percentile interval of its bootstrap (Efron 1979), or the bias-corrected and
accelerated one (Efron, JASA 82:171-185, 1987), over resamples that keep the number of samples of each class, as pROC
does (Robin et al., BMC Bioinformatics 12:77, 2011). Where samples share a subject, subjects are drawn instead of
samples (Field and Welsh, J R Stat Soc B 69:369-390, 2007), since pictures of one person are not independent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from salus.contracts.errors import InvalidInput
from salus.contracts.reports import Interval
from salus.evaluation.answers import Answers
from salus.evaluation.edges import bound_flawless
from salus.evaluation.metrics import prepare_measure
from salus.evaluation.weighted import Floats, Prepared

Method = Literal["percentile", "bca"]
_BLOCK = 4_000_000
_JACKKNIFE_GROUPS = 200


def draw_weights(
    rng: np.random.Generator,
    *,
    count: int,
    resamples: int,
    strata: NDArray[np.generic] | None = None,
    clusters: NDArray[np.generic] | None = None,
) -> Floats:
    """How often each sample is drawn in each resample.

    Args:
        rng: All chance.
        count: Number of samples.
        resamples: Number of resamples.
        strata: (samples,) each stratum keeps its number of draws; None for one stratum.
        clusters: (samples,) samples of one cluster are drawn together; a cluster of several strata belongs to
            a stratum of such clusters. None for each sample by itself.

    Returns:
        (resamples, samples).
    """
    layer = np.zeros(count, dtype=np.intp) if strata is None else np.unique(strata, return_inverse=True)[1]
    if clusters is None:
        return _draw(rng, layer, resamples)
    _, first, cluster_of = np.unique(clusters, return_index=True, return_inverse=True)
    cluster_layer = layer[first]
    mixed = np.zeros(first.size, dtype=np.bool_)
    np.logical_or.at(mixed, cluster_of, layer != cluster_layer[cluster_of])
    return _draw(rng, np.where(mixed, -1, cluster_layer), resamples)[:, cluster_of]


def _draw(rng: np.random.Generator, layer: NDArray[np.integer], resamples: int) -> Floats:
    weights = np.zeros((resamples, layer.size))
    for one in np.unique(layer):
        members = np.flatnonzero(layer == one)
        drawn = rng.integers(0, members.size, size=(resamples, members.size), dtype=np.int32).astype(np.int64)
        drawn += np.arange(resamples)[:, None] * members.size
        counts = np.bincount(drawn.ravel(), minlength=resamples * members.size)
        weights[:, members] = counts.reshape(resamples, members.size)
    return weights


def resample(prepared: Sequence[Prepared], weights: Floats) -> Floats:
    """Each prepared measure of each resample: (resamples, measures); in blocks, so that memory stays bounded."""
    step = max(1, _BLOCK // max(weights.shape[1], 1))
    blocks = [weights[start : start + step] for start in range(0, weights.shape[0], step)]
    return np.concatenate([np.stack([one(block) for one in prepared], axis=1) for block in blocks])


def find_intervals(
    names: Sequence[str],
    answers: Answers,
    *,
    seed: int,
    resamples: int = 1000,
    level: float = 0.95,
    method: Method = "percentile",
    subjects: NDArray[np.generic] | None = None,
) -> dict[str, Interval | None]:
    """The interval of each measure called in `names`.

    An interval is widened to hold its point estimate where resampling is biased (as for `ece`, which grows with noise;
    its upper bound then errs to the safe side), and a flawless figure gets the bound of `edges` instead of an interval
    of no width. None where the point is not defined.

    Args:
        names: As `metrics` names them.
        answers: The samples.
        seed: All chance.
        resamples: Number of resamples.
        level: Confidence, from 0 to 1.
        method: `percentile` or `bca`.
        subjects: (samples,) the person of each sample; None where each sample is its own.

    Raises:
        InvalidInput: Fewer than 2 resamples, or a level outside (0, 1).
    """
    _check(resamples, level)
    if not len(answers):
        return dict.fromkeys(names)
    prepared = [prepare_measure(name, answers) for name in names]
    points = resample(prepared, np.ones((1, len(answers))))[0]
    rng = np.random.default_rng(seed)
    weights = draw_weights(rng, count=len(answers), resamples=resamples, strata=answers.labels, clusters=subjects)
    values = resample(prepared, weights)
    left_out = resample(prepared, _leave_out(len(answers), subjects)) if method == "bca" else None
    found = {
        name: _interval(
            values[:, column], float(points[column]), level, None if left_out is None else left_out[:, column]
        )
        for column, name in enumerate(names)
    }
    independent = answers if subjects is None else answers.take(np.unique(subjects, return_index=True)[1])
    return {name: _open_up(name, interval, independent) for name, interval in found.items()}


def paired_difference(
    name: str,
    labels: NDArray[np.int64],
    a: NDArray[np.floating],
    b: NDArray[np.floating],
    *,
    seed: int,
    resamples: int = 1000,
    level: float = 0.95,
    decisions: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None,
    subjects: NDArray[np.generic] | None = None,
) -> tuple[float | None, Interval | None]:
    """The measure of `a` less that of `b` on the same samples, with its paired bootstrap interval.

    Args:
        name: As `metrics` names it.
        labels: (samples,).
        a: (samples, classes) probabilities of one model.
        b: (samples, classes) probabilities of the other.
        seed: All chance.
        resamples: Number of resamples; the same for both models.
        level: Confidence, from 0 to 1.
        decisions: (samples,) of each model; None calls the most probable class.
        subjects: (samples,) the person of each sample; None where each sample is its own.

    Returns:
        The difference and its interval; both None where the measure is not defined.

    Raises:
        InvalidInput: Shapes disagree, or `resamples` or `level` is out of range.
        NotFound: No measure has that name.
    """
    _check(resamples, level)
    called = decisions or (a.argmax(axis=1), b.argmax(axis=1))
    pair = [
        Answers(labels, probabilities.astype(np.float64), decision.astype(np.int64))
        for probabilities, decision in zip((a, b), called, strict=True)
    ]
    if not len(labels):
        return None, None
    prepared = [prepare_measure(name, answers) for answers in pair]
    point = resample(prepared, np.ones((1, len(labels))))[0]
    weights = draw_weights(
        np.random.default_rng(seed), count=len(labels), resamples=resamples, strata=labels, clusters=subjects
    )
    values = resample(prepared, weights)
    difference = float(point[0] - point[1])
    if np.isnan(difference):
        return None, None
    return difference, _interval(values[:, 0] - values[:, 1], difference, level, None)


def _open_up(name: str, interval: Interval | None, answers: Answers) -> Interval | None:
    """An interval of no width at 0 or 1 gets the exact bound for a flawless result, where there is one."""
    if interval is None or interval.low != interval.high or interval.low not in {0.0, 1.0}:
        return interval
    bound = bound_flawless(name, answers, level=interval.level)
    if bound is None:
        return interval
    return Interval(bound, 1.0, interval.level) if interval.low == 1.0 else Interval(0.0, 1.0 - bound, interval.level)


def _interval(values: Floats, point: float, level: float, left_out: Floats | None) -> Interval | None:
    defined = values[~np.isnan(values)]
    if np.isnan(point) or defined.size < 2:
        return None
    shares = np.array([(1 - level) / 2, (1 + level) / 2])
    if left_out is not None:
        shares = _bca_shares(defined, point, shares, left_out[~np.isnan(left_out)])
    low, high = np.quantile(defined, shares)
    return Interval(min(float(low), point), max(float(high), point), level)


def _bca_shares(values: Floats, point: float, shares: Floats, left_out: Floats) -> Floats:
    from scipy.special import ndtr, ndtri

    below = float((values < point).mean() + (values == point).mean() / 2)
    bias = float(ndtri(np.clip(below, 1 / (values.size + 1), values.size / (values.size + 1))))
    spread = left_out.mean() - left_out
    power = float((spread**2).sum()) ** 1.5
    acceleration = float((spread**3).sum()) / (6 * power) if power > 0 else 0.0
    z = bias + ndtri(shares)
    moved: Floats = ndtr(bias + z / (1 - acceleration * z))
    return moved


def _leave_out(count: int, subjects: NDArray[np.generic] | None) -> Floats:
    """Jackknife weights: one sample or subject left out each, or one of 200 groups of them where there are more."""
    member = np.arange(count) if subjects is None else np.unique(subjects, return_inverse=True)[1]
    groups = min(int(member.max()) + 1, _JACKKNIFE_GROUPS)
    return np.asarray(member[None, :] % groups != np.arange(groups)[:, None], dtype=np.float64)


def _check(resamples: int, level: float) -> None:
    if resamples < 2 or not 0.0 < level < 1.0:
        raise InvalidInput(
            "at least 2 resamples and a level between 0 and 1",
            found=f"{resamples} resamples and level {level}",
            remedy="1000 resamples and level 0.95 are common.",
        )
