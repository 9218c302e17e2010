"""The Brier score of right-censored data, by inverse probability of censoring weights.

BS(t) = mean of S(t|x)^2 [T <= t, event] / G(T-) + (1 - S(t|x))^2 [T > t] / G(t)
(Graf et al., Statistics in Medicine 18:2529-2545, 1999); the integrated score is its mean over [0, last time], by the
trapezoid rule from BS(0) = 0. G is estimated from each weighting itself.
"""

from __future__ import annotations

import numpy as np

from salus.evaluation.survival.answers import SurvivalAnswers
from salus.evaluation.survival.kaplan_meier import KaplanMeier
from salus.evaluation.weighted import Floats, Prepared, divide


class CensoringWeights:
    """1 / G at the times that a Brier score needs, for weightings of the same subjects."""

    def __init__(self, answers: SurvivalAnswers) -> None:
        self._curve = KaplanMeier(answers.time, answers.event, censoring=True)
        self._answers = answers

    def at_events(self, weights: Floats) -> Floats:
        """(weightings, N) weight / G(T-) of subjects with the event, 0 of others."""
        uncensored = self._curve.at(weights, self._answers.time, before=True)
        used = self._answers.event & (uncensored > 0)
        return np.divide(weights, uncensored, out=np.zeros_like(weights), where=used)

    def at_time(self, weights: Floats, time: float) -> Floats:
        """(weightings,) G(time); NaN where it is 0: nobody of the weighting was observed so long."""
        uncensored = self._curve.at(weights, np.array([time]))[:, 0]
        return np.where(uncensored > 0, uncensored, np.nan)


def brier_at(answers: SurvivalAnswers, horizon: float) -> Prepared:
    """The Brier score at one horizon."""
    curve = brier_curve(answers, np.array([horizon]), answers.at(horizon)[:, None])
    return lambda weights: curve(weights)[:, 0]


def integrated_brier(answers: SurvivalAnswers) -> Prepared:
    """The integrated Brier score up to the last known time of the curves; NaN without any."""
    if not answers.times.size:
        return lambda weights: np.full(weights.shape[0], np.nan)
    curve = brier_curve(answers, answers.times, answers.survival)
    widths = np.diff(np.concatenate([[0.0], answers.times]))

    def integrate(weights: Floats) -> Floats:
        scores = np.concatenate([np.zeros((weights.shape[0], 1)), curve(weights)], axis=1)
        areas: Floats = ((scores[:, 1:] + scores[:, :-1]) / 2) @ widths / widths.sum()
        return areas

    return integrate


def brier_curve(answers: SurvivalAnswers, times: Floats, survival: Floats) -> Prepared:
    """The Brier score at each time: from weights to (weightings, times).

    Args:
        answers: Who was observed for how long.
        times: (times,).
        survival: (N, times) the curves that are judged.
    """
    censoring = CensoringWeights(answers)

    def score(weights: Floats) -> Floats:
        of_events, total = censoring.at_events(weights), weights.sum(axis=1)
        columns = []
        for column, time in enumerate(times):
            over = answers.time > time
            early = of_events @ (survival[:, column] ** 2 * ~over)
            late = weights @ ((1 - survival[:, column]) ** 2 * over)
            columns.append(divide(early + late / censoring.at_time(weights, float(time)), total))
        return np.stack(columns, axis=1)

    return score
