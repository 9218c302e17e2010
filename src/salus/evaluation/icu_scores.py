"""The two scores of the PhysioNet/CinC Challenge 2012 (Silva, Moody, Scott, Celi, Mark, Comput Cardiol 39:245, 2012).

Event 1: the smaller one of sensitivity and positive predictive value of the calls. Event 2: the Hosmer-Lemeshow H
statistic over tenths of the predicted risk, divided by the range of the tenths' mean risks:

    H = sum_g (O_g - M pi_g)^2 / (M pi_g (1 - pi_g) + 0.001) / (pi_10 - pi_1)

with O_g deaths among the M = floor(N / 10) stays of tenth g and their mean risk pi_g; the highest N mod 10 are left
out, as the challenge's `lemeshow.m` leaves them out (it knew sets of 4,000 alone). H grows with the number of stays:
figures of sets of different size cannot be compared; `per_4000` scales it to the challenge's size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from salus.contracts.errors import InvalidInput
from salus.contracts.reports import Interval
from salus.evaluation.bootstrap import draw_weights

TENTHS = 10


@dataclass(frozen=True)
class Score:
    """A figure; its interval is the percentile interval of the bootstrap, which keeps the number of deaths."""

    value: float
    interval: Interval


def event1(labels: NDArray[np.integer], called: NDArray[np.bool_]) -> float:
    """min(sensitivity, positive predictive value), from 0 to 1; 0 where nothing is called.

    Args:
        labels: (samples,) 1 for the finding; at least one.
        called: (samples,) whether the finding is called.

    Example:
        >>> event1(np.array([1, 1, 0, 0]), np.array([True, False, True, False]))
        0.5
    """
    right = float((called & (labels == 1)).sum())
    return right / max(float((labels == 1).sum()), float(called.sum()), 1.0)


def event2(labels: NDArray[np.integer], risks: NDArray[np.floating]) -> float:
    """The normalised H statistic; smaller is better. NaN where all tenths have the same mean risk.

    Args:
        labels: (samples,) 1 for the finding; at least ten samples.
        risks: (samples,) from 0 to 1.
    """
    size = len(labels) // TENTHS
    order = np.argsort(risks, kind="stable")[: size * TENTHS]
    deaths = np.asarray(labels[order] == 1, dtype=np.float64).reshape(TENTHS, size).sum(axis=1)
    mean = np.asarray(risks[order], dtype=np.float64).reshape(TENTHS, size).mean(axis=1)
    terms = (deaths - size * mean) ** 2 / (size * mean * (1.0 - mean) + 0.001)
    spread = float(mean[-1] - mean[0])
    return float(terms.sum()) / spread if spread > 0 else float("nan")


def per_4000(h: float, samples: int) -> float:
    """What H would be for 4,000 stays if misfit alone made it: H grows in proportion to the number of stays.

    A perfect model's H does not grow (it is about 10 at any size), so that this overstates H of well-calibrated
    models; it is an upper reading, for comparison with the challenge's table.
    """
    return h * 4000.0 / samples


def challenge_scores(
    labels: NDArray[np.integer],
    risks: NDArray[np.floating],
    *,
    called: NDArray[np.bool_],
    seed: int,
    resamples: int = 1000,
    level: float = 0.95,
) -> dict[str, Score]:
    """Both scores with their intervals: `event1`, `event2`.

    Args:
        labels: (samples,) 1 for the finding, else 0; both are there.
        risks: (samples,) calibrated, from 0 to 1.
        called: (samples,) whether the finding is called.
        seed: All chance.
        resamples: Of the bootstrap.
        level: Confidence.

    Raises:
        InvalidInput: Columns of different length, fewer than ten samples, or one class alone.
    """
    if not (labels.shape == risks.shape == called.shape) or len(labels) < TENTHS or len(np.unique(labels)) != 2:
        raise InvalidInput(
            "labels of both classes, risks and calls of at least ten samples",
            found=f"shapes {labels.shape}, {risks.shape}, {called.shape}, {len(np.unique(labels))} classes",
            remedy="Hand in one of each a sample.",
        )
    weights = draw_weights(np.random.default_rng(seed), count=len(labels), resamples=resamples, strata=labels)
    chosen = [np.repeat(np.arange(len(labels)), row.astype(np.intp)) for row in weights]
    return {
        "event1": _score(event1(labels, called), [event1(labels[i], called[i]) for i in chosen], level),
        "event2": _score(event2(labels, risks), [event2(labels[i], risks[i]) for i in chosen], level),
    }


def _score(value: float, drawn: list[float], level: float) -> Score:
    low, high = np.nanquantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return Score(value, Interval(min(float(low), value), max(float(high), value), level))
