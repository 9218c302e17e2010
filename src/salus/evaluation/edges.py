"""Intervals where resampling has nothing to vary: a flawless score on few samples is not certainty.

If every one of 20 cases is found, each bootstrap resample finds all of them too, and its interval would be 1 to 1.
The bounds here ask instead: how low could the truth be, if a flawless result is to have a chance of (1 - level) / 2?
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from salus.evaluation.answers import Answers

_GRID = np.linspace(-9.0, 14.0, 4601)
_DENSITY = np.exp(-(_GRID**2) / 2) / math.sqrt(2 * math.pi)
_STEP = float(_GRID[1] - _GRID[0])


def bound_flawless(name: str, answers: Answers, *, level: float) -> float | None:
    """The other end of the interval of a measure whose value is the best (or worst) possible one.

    Proportions (`accuracy`, `sensitivity`, `specificity`, `ppv`, `npv`, `coverage`): the exact bound of Clopper and
    Pearson (Biometrika 26:404-413, 1934), ((1 - level) / 2)^(1/n). `balanced_accuracy`: the mean of its classes'
    bounds. `f1`: from the bound of TP / (TP + FP + FN), Jaccard's J, as 2J / (1 + J). `auroc` (two classes): the
    smallest area at which samples of a binormal model of equal spread are separated that often (after Obuchowski and
    Lieber, Acad Radiol 9:526-530, 2002).

    Args:
        name: The measure.
        answers: The samples; its value on them is 1 (or, for a proportion, 0: the bound is mirrored by the caller).
        level: Confidence of the two-sided interval.

    Returns:
        The lower bound, from 0 to 1; None where no bound of this kind is known for the measure.
    """
    tail = (1 - level) / 2
    truth, called = answers.labels, answers.decisions
    counts = {
        "accuracy": len(answers),
        "coverage": len(answers),
        "sensitivity": int((truth == 1).sum()),
        "specificity": int((truth == 0).sum()),
        "ppv": int((called == 1).sum()),
        "npv": int((called == 0).sum()),
    }
    if name in counts:
        return _proportion(counts[name], tail)
    if name == "balanced_accuracy":
        per_class = [int((truth == k).sum()) for k in range(answers.classes)]
        return float(np.mean([_proportion(count, tail) for count in per_class]))
    if name == "f1" and answers.classes == 2:
        jaccard = _proportion(counts["sensitivity"], tail)
        return 2 * jaccard / (1 + jaccard)
    if name == "auroc" and answers.classes == 2:
        return separated_area(counts["sensitivity"], counts["specificity"], tail=tail)
    return None


def separated_area(positives: int, negatives: int, *, tail: float) -> float:
    """The AUROC of the binormal model in which so many samples are separated with probability `tail`.

    P(all positives above all negatives) = integral of m phi(x) Phi(x)^(m-1) (1 - Phi(x - d))^n dx for n positives, m
    negatives and a shift of d; its AUROC is Phi(d / sqrt 2).

    Example:
        >>> round(separated_area(20, 20, tail=0.025), 3)
        0.955
    """
    low, high = -12.0, 12.0
    below = _normal(_GRID)
    for _ in range(60):
        middle = (low + high) / 2
        density = negatives * _DENSITY * below ** (negatives - 1) * _normal(middle - _GRID) ** positives
        if float(density.sum()) * _STEP < tail:
            low = middle
        else:
            high = middle
    return float(_normal(np.array([high / math.sqrt(2)]))[0])


def _proportion(count: int, tail: float) -> float:
    return tail ** (1 / count) if count else 0.0


def _normal(x: NDArray[np.float64]) -> NDArray[np.float64]:
    from scipy.special import ndtr

    shares: NDArray[np.float64] = ndtr(x)
    return shares
