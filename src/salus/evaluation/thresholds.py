"""The operating point of a two-class task, chosen on validation data by a named rule."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from salus.contracts.errors import InvalidInput

RULES = ("youden", "accuracy", "balanced", "event1", "sensitivity>=x", "specificity>=x")
"""`x` stands for a number above 0, at most 1."""

_BOUND = re.compile(r"(sensitivity|specificity)\s*>=\s*(0?\.\d+|1(?:\.0+)?)")


@dataclass(frozen=True)
class _Cuts:
    """What every possible threshold would give. All of shape (cuts,), from the lowest threshold to the highest."""

    threshold: NDArray[np.float32]
    gap: NDArray[np.float64]
    sensitivity: NDArray[np.float64]
    specificity: NDArray[np.float64]
    accuracy: NDArray[np.float64]
    ppv: NDArray[np.float64]


def choose_threshold(scores: NDArray[np.floating], labels: NDArray[np.integer], *, rule: str) -> float:
    """The probability of the finding from which it is called.

    Every rule looks at the gaps between neighbouring scores and answers the middle of a gap, so that the answer does
    not lean on one sample. Rules:

    - `youden`: largest sensitivity + specificity - 1 (Youden, Cancer 3:32-35, 1950); the same threshold maximises
      balanced accuracy.
    - `accuracy`: largest share of right calls.
    - `balanced`: smallest difference between sensitivity and specificity (the point `SpEqualSe` of Lopez-Raton et
      al., J Stat Softw 61(8), 2014); then the larger sum of the two.
    - `event1`: largest smaller one of sensitivity and positive predictive value (event 1 of the PhysioNet/CinC
      Challenge 2012; Silva et al., Comput Cardiol 39:245); then the larger sum of the two.
    - `sensitivity>=x`: largest specificity of all thresholds with at least that sensitivity; then the larger
      sensitivity. `specificity>=x` likewise.

    Of thresholds that are equal by the rule, the one in the widest gap is taken, and of equally wide ones the lowest.

    Args:
        scores: (samples,) probability of the finding, from 0 to 1.
        labels: (samples,) 1 for the finding, 0 else.
        rule: One of `RULES`.

    Returns:
        A number that float32 holds exactly; the finding is called where `score >= threshold`.

    Raises:
        InvalidInput: The rule is not known, or only one class is there.
    """
    cuts = _list_cuts(np.asarray(scores, dtype=np.float32), np.asarray(labels) == 1)
    sensitivity, specificity = cuts.sensitivity, cuts.specificity
    keys: tuple[NDArray[np.float64], ...]
    if rule == "youden":
        keys = (sensitivity + specificity,)
    elif rule == "accuracy":
        keys = (cuts.accuracy,)
    elif rule == "balanced":
        keys = (-np.abs(sensitivity - specificity), sensitivity + specificity)
    elif rule == "event1":
        keys = (np.minimum(sensitivity, cuts.ppv), sensitivity + cuts.ppv)
    else:
        name, bound = _read_bound(rule)
        kept, other = (sensitivity, specificity) if name == "sensitivity" else (specificity, sensitivity)
        reached = kept >= bound - 1e-12
        keys = (np.where(reached, other, -1.0), np.where(reached, kept, -1.0))
    # lexsort: the last key counts most, so ties end with the widest gap and then the lowest threshold
    ranked = np.stack([-cuts.threshold.astype(np.float64), cuts.gap, *(np.round(key, 12) for key in reversed(keys))])
    return float(cuts.threshold[np.lexsort(ranked)[-1]])


def _read_bound(rule: str) -> tuple[str, float]:
    match = _BOUND.fullmatch(rule.strip())
    if match is None or not 0.0 < float(match[2]) <= 1.0:
        raise InvalidInput(
            f"a threshold rule out of {', '.join(RULES)}", found=repr(rule), remedy="Name one of these rules."
        )
    return match[1], float(match[2])


def _list_cuts(scores: NDArray[np.float32], positive: NDArray[np.bool_]) -> _Cuts:
    count_positive, count_negative = int(positive.sum()), int((~positive).sum())
    if not count_positive or not count_negative:
        raise InvalidInput(
            "samples of both classes to choose a threshold",
            found=f"{count_positive} of the finding and {count_negative} without it",
            remedy="Choose the threshold on a part that holds both classes.",
        )
    levels, level_of = np.unique(scores, return_inverse=True)
    # cut i calls the samples from level i on; the last cut calls none
    called_positive = _count_from(level_of[positive], levels.size)
    called_negative = _count_from(level_of[~positive], levels.size)
    edges = np.concatenate([[0.0], levels.astype(np.float64), [1.0]])
    low, high = edges[:-1], edges[1:]
    middle = ((low + high) / 2).astype(np.float32)
    # rounding must not let the sample below the gap be called
    middle = np.where(middle > low, middle, np.float32(high))
    middle[-1] = max(middle[-1], np.nextafter(levels[-1], np.float32(2)))
    return _Cuts(
        threshold=middle.astype(np.float32),
        gap=np.round(high - low, 12),
        sensitivity=called_positive / count_positive,
        specificity=1 - called_negative / count_negative,
        ppv=called_positive / np.maximum(called_positive + called_negative, 1),
        accuracy=(called_positive + count_negative - called_negative) / (count_positive + count_negative),
    )


def _count_from(levels: NDArray[np.integer], count: int) -> NDArray[np.int64]:
    """How many of `levels` lie at or above each of 0..count."""
    per_level = np.bincount(levels, minlength=count)
    return np.concatenate([np.cumsum(per_level[::-1])[::-1], [0]]).astype(np.int64)
