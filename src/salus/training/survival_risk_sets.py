"""Who was still at risk when: sums over risk sets, which every Cox-like fit needs.

Ties are handled as by Breslow (Biometrics 30:89-99, 1974): subjects with equal times share their risk set.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from salus.networks.survival_heads import SMALLEST_HAZARD

Floats = NDArray[np.float64]


class RiskSets:
    """The order of some subjects' times.

    Args:
        time: (N,) of the event or of censoring.
        event: (N,) True where the event was observed.

    Example:
        >>> sets = RiskSets(np.array([2.0, 1.0, 2.0]), np.array([True, True, False]))
        >>> sets.at_risk(np.ones(3)).tolist(), sets.up_to(np.ones(3)).tolist()
        ([2.0, 3.0, 2.0], [3.0, 1.0, 3.0])
    """

    def __init__(self, time: Floats, event: NDArray[np.bool_]) -> None:
        self.time, self.event = time, event
        self.order = np.argsort(time, kind="stable")
        ranked = time[self.order]
        first = np.searchsorted(ranked, ranked, side="left")
        last = np.searchsorted(ranked, ranked, side="right") - 1
        place = np.argsort(self.order, kind="stable")
        self._first, self._last = first[place], last[place]

    def at_risk(self, values: Floats) -> Floats:
        """(N, ...) for each subject the sum of `values` over those whose time is not before its own."""
        total: Floats = np.cumsum(values[self.order][::-1], axis=0)[::-1]
        return total[self._first]

    def up_to(self, values: Floats) -> Floats:
        """(N, ...) for each subject the sum of `values` over those whose time is not after its own."""
        total: Floats = np.cumsum(values[self.order], axis=0)
        return total[self._last]

    def baseline(self, score: Floats, weights: Floats, times: Floats) -> Floats:
        """Breslow's estimate of ln H0 at `times`, (times,).

        H0(t) = sum over events up to t of w_i / sum over their risk sets of w_j exp(score_j). Scores may all be shifted
        by a number, however large: they are centred first.
        """
        centre = float((weights * score).sum() / weights.sum())
        risk = np.maximum(self.at_risk(weights * np.exp(score - centre)), 1e-300)
        total = np.concatenate([[0.0], np.cumsum((weights * self.event / risk)[self.order])])
        hazard = total[np.searchsorted(self.time[self.order], times, side="right")]
        logarithm: Floats = np.log(np.maximum(hazard, SMALLEST_HAZARD)) - centre
        return logarithm

    def cox_gradient(self, score: Floats, weights: Floats) -> tuple[Floats, Floats]:
        """Gradient of the negative log partial likelihood by each score, and a bound of its curvature, (N,) each.

        Curvature is bounded by its first term, w_k exp(score_k) sum over events up to k of w_i / R_i.
        """
        hazard = weights * np.exp(score - score.max())
        risk = np.maximum(self.at_risk(hazard), 1e-300)
        expected = hazard * self.up_to(weights * self.event / risk)
        return expected - weights * self.event, np.maximum(expected, 1e-9)

    def cox_loss(self, score: Floats, weights: Floats) -> float:
        """The negative log partial likelihood, divided by the weight of the events."""
        largest = score.max()
        risk = np.log(np.maximum(self.at_risk(weights * np.exp(score - largest)), 1e-300)) + largest
        of_events = weights * self.event
        return float((of_events * (risk - score)).sum() / max(of_events.sum(), 1e-300))
