"""How families of curves are weighted and recalibrated on the validation part.

The measure is the likelihood of right-censored times when the hazard is constant between the curve's times (the
piecewise exponential model; Friedman, Annals of Statistics 10:101-113, 1982): with H linear between times,

    log L = event ln(dH/dt at T) - H(T).

Who is observed past the last time counts as censored there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from salus.training.survival_data import SurvivalPart
from salus.training.survival_risk_sets import Floats

_PRIOR_EVENTS = 5.0
_SMALLEST_STEP = 1e-9


@dataclass(frozen=True)
class Pooling:
    """ln H = shift + slope sum_k weights_k L_k."""

    weights: tuple[float, ...]
    shift: float = 0.0
    slope: float = 1.0


class PiecewiseLikelihood:
    """The mean log-likelihood of curves for given subjects.

    Args:
        time: (N,) of the event or of censoring.
        event: (N,) True where the event was observed.
        times: (T,) of the curves, ascending, above 0.
    """

    def __init__(self, time: Floats, event: NDArray[np.bool_], times: Floats) -> None:
        edges = np.concatenate([[0.0], times])
        self._end = np.minimum(time, times[-1])
        self._event = event & (time <= times[-1])
        self._interval = np.clip(np.searchsorted(edges, self._end, side="left") - 1, 0, times.size - 1)
        self._start = edges[self._interval]
        self._width = np.diff(edges)[self._interval]
        self._rows = np.arange(time.size)

    def __call__(self, log_hazard: Floats) -> float:
        """Of ln H at the times, (N, T)."""
        hazard = np.concatenate([np.zeros((self._rows.size, 1)), np.exp(np.minimum(log_hazard, 30.0))], axis=1)
        before = hazard[self._rows, self._interval]
        rate = np.maximum(hazard[self._rows, self._interval + 1] - before, _SMALLEST_STEP) / self._width
        cumulative = before + rate * (self._end - self._start)
        return float((self._event * np.log(rate) - cumulative).mean())


def choose_pooling(
    families: Floats, part: SurvivalPart, times: Floats, *, evenness: float, recalibrate: bool = True
) -> Pooling:
    """Weights, shift and slope that make the validation part most likely.

    Weights are drawn to equal ones by `evenness`, shift and slope to 0 and 1 as if by five events that fit.

    Args:
        families: ln H of each family on the validation part, (K, N, T).
        part: The validation part.
        times: (T,).
        evenness: Penalty on the squared distance of the weights from equal ones.
        recalibrate: False leaves shift and slope at 0 and 1.
    """
    from scipy.optimize import minimize

    count = families.shape[0]
    likelihood = PiecewiseLikelihood(part.time, part.event, times)
    prior = _PRIOR_EVENTS / max(len(part), 1)

    def read(x: Floats) -> Pooling:
        logits = np.concatenate([[0.0], x[: count - 1]])
        weights = np.exp(logits - logits.max())
        weights /= weights.sum()
        shift, slope = (float(x[-2]), float(np.exp(x[-1]))) if recalibrate else (0.0, 1.0)
        return Pooling(tuple(float(w) for w in weights), shift, slope)

    def badness(x: Floats) -> float:
        pooling = read(x)
        pooled = pooling.shift + pooling.slope * np.tensordot(np.array(pooling.weights), families, axes=1)
        uneven = evenness * float(((np.array(pooling.weights) - 1 / count) ** 2).sum())
        drawn = prior * (pooling.shift**2 + np.log(pooling.slope) ** 2)
        return -likelihood(pooled) + uneven + float(drawn)

    start = np.zeros(count - 1 + 2 * recalibrate)
    if not start.size:
        return read(start)
    bounds = [(-6.0, 6.0)] * (count - 1) + [(-3.0, 3.0), (-1.5, 1.5)] * recalibrate
    return read(minimize(badness, start, method="L-BFGS-B", bounds=bounds).x)
