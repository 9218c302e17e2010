"""The product-limit estimator of many weightings at once (Kaplan and Meier, JASA 53:457-481, 1958)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from salus.evaluation.weighted import Floats, Ranking


class KaplanMeier:
    """S(t) = product over times u <= t of (1 - d_u / n_u), prepared for weightings of the same subjects.

    Args:
        time: (N,) of the event or of censoring.
        event: (N,) True where the event was observed.
        censoring: True estimates the probability of not being censored instead, G(t). Of subjects with the same time
            those with the event leave before those who are censored.

    Example:
        >>> curve = KaplanMeier(np.array([1.0, 2.0, 3.0]), np.array([True, False, True]))
        >>> curve.at(np.ones((1, 3)), np.array([0.5, 1.0, 3.0])).round(3).tolist()
        [[1.0, 0.667, 0.0]]
    """

    def __init__(self, time: Floats, event: NDArray[np.bool_], *, censoring: bool = False) -> None:
        self._levels = Ranking(time, descending=False)
        self._event = event
        self._censoring = censoring
        self.times: Floats = time[self._levels.order][self._levels.starts]

    def steps(self, weights: Floats) -> Floats:
        """The curve after each distinct time: (weightings, distinct times)."""
        everyone = self._levels.per_level(weights)
        events = self._levels.per_level(weights * self._event)
        at_risk = np.cumsum(everyone[:, ::-1], axis=1)[:, ::-1]
        leaving = everyone - events if self._censoring else events
        exposed = at_risk - events if self._censoring else at_risk
        share = np.divide(leaving, exposed, out=np.zeros_like(leaving), where=exposed > 0)
        return np.asarray(np.cumprod(1.0 - share, axis=1), dtype=np.float64)

    def at(self, weights: Floats, when: Floats, *, before: bool = False) -> Floats:
        """The curve at the times `when`: (weightings, times).

        Args:
            weights: (weightings, N) how often each subject counts.
            when: (times,).
            before: True takes the limit from the left, S(t-).
        """
        place = np.searchsorted(self.times, when, side="left" if before else "right")
        whole = np.concatenate([np.ones((weights.shape[0], 1)), self.steps(weights)], axis=1)
        values: Floats = whole[:, place]
        return values
