"""What the training part's visits look like, which their encoders need to know."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from salus.contracts.batches import Array

_SKEWED = 2.0


@dataclass(frozen=True)
class VisitStatistics:
    """Of each variable, over all its observations.

    Attributes:
        logarithms: Whether ln(1 + value) stands for the value: never negative, and a skewness above 2.
        mean: After the logarithm; 0 where it was never observed.
        deviation: After the logarithm, above 0.
    """

    logarithms: tuple[bool, ...]
    mean: tuple[float, ...]
    deviation: tuple[float, ...]


def describe_visits(events: Array, *, variables: int) -> VisitStatistics:
    """Statistics of a column of events.

    Args:
        events: Ragged, (samples,) of (observations, 3), or (samples, observations, 3) padded with NaN.
        variables: Number of variables.
    """
    rows = np.concatenate([np.asarray(one, dtype=np.float64).reshape(-1, 3) for one in events])
    logarithms, means, deviations = [], [], []
    for variable in range(variables):
        values = rows[(rows[:, 1] == variable) & np.isfinite(rows[:, 2]), 2]
        skewed = values.size > 2 and values.min() >= 0 and values.std() > 0 and _skewness(values) > _SKEWED
        values = np.log1p(values) if skewed else values
        logarithms.append(bool(skewed))
        means.append(float(values.mean()) if values.size else 0.0)
        deviations.append(float(max(values.std(), 1e-6)) if values.size else 1.0)
    return VisitStatistics(tuple(logarithms), tuple(means), tuple(deviations))


def _skewness(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    return float((((values - values.mean()) / values.std()) ** 3).mean())
