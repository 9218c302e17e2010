"""Whether curves mean what they say: at a horizon, and over all of time.

- At a horizon: subjects in up to ten bins of equal mass by predicted risk; in each bin the mean predicted risk against
  1 - S of Kaplan and Meier; the measure is the mean absolute difference over the bins, weighted by their subjects.
- D-calibration (Haider et al., JMLR 21(85):1-63, 2020): S(T|x) of subjects with the event is uniform if the curves are
  right; a subject censored at S(c|x) = s spreads over [0, s]. The measure is that of Goldstein et al. ("X-CAL",
  NeurIPS 2020): sum over ten bins of (share - 0.1)^2; 0 is perfect. Unlike the p-value of Haider's test it does not
  sink with the number of subjects; `d_calibration_p` gives that one.

Curves are linear between their times, from 1 at time 0. Who is observed past the last time counts as censored there.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from salus.evaluation.survival.answers import SurvivalAnswers
from salus.evaluation.survival.kaplan_meier import KaplanMeier
from salus.evaluation.weighted import Floats, Prepared, divide, equal_mass_bins

D_BINS = 10
_SUBJECTS_PER_BIN = 20


def risk_bins(answers: SurvivalAnswers, horizon: float) -> NDArray[np.intp]:
    """(N,) the bin of each subject: at most ten, with 20 subjects or more where ties allow."""
    bins = max(1, min(10, len(answers) // _SUBJECTS_PER_BIN))
    return equal_mass_bins(1 - answers.at(horizon), bins=bins)


def calibration_at(answers: SurvivalAnswers, horizon: float) -> Prepared:
    """Mean absolute difference of predicted and observed risk at a horizon, over bins of predicted risk."""
    risk, bin_of = 1 - answers.at(horizon), risk_bins(answers, horizon)
    parts = [np.flatnonzero(bin_of == one) for one in np.unique(bin_of)]
    curves = [KaplanMeier(answers.time[part], answers.event[part]) for part in parts]

    def differ(weights: Floats) -> Floats:
        total = np.zeros(weights.shape[0])
        for part, curve in zip(parts, curves, strict=True):
            mine = weights[:, part]
            observed = 1 - curve.at(mine, np.array([horizon]))[:, 0]
            total += np.abs(mine @ risk[part] - observed * mine.sum(axis=1))
        return divide(total, weights.sum(axis=1))

    return differ


def d_calibration(answers: SurvivalAnswers) -> Prepared:
    """Sum over ten bins of (share - 0.1)^2."""
    spread = spread_over_bins(answers)
    return lambda weights: np.sum(((weights @ spread) / weights.sum(axis=1, keepdims=True) - 1 / D_BINS) ** 2, axis=1)


def d_calibration_p(answers: SurvivalAnswers) -> float:
    """The p-value of Haider's chi-squared test with nine degrees of freedom; above 0.05 is called D-calibrated."""
    from scipy.stats import chi2

    count = len(answers)
    shares = spread_over_bins(answers).sum(axis=0) / count
    statistic = count * D_BINS * float(((shares - 1 / D_BINS) ** 2).sum())
    return float(chi2.sf(statistic, D_BINS - 1))


def spread_over_bins(answers: SurvivalAnswers) -> Floats:
    """(N, 10) how much of each subject lies in each tenth of S(T|x), the tenth of 0 to 0.1 first; rows sum to 1."""
    survival, event = survival_at_end(answers)
    low = np.arange(D_BINS) / D_BINS
    exact = np.zeros((len(answers), D_BINS))
    exact[np.arange(len(answers)), np.minimum((survival * D_BINS).astype(np.intp), D_BINS - 1)] = 1.0
    length = np.clip(survival[:, None] - low, 0.0, 1 / D_BINS)
    spread = np.divide(length, survival[:, None], out=np.zeros_like(length), where=survival[:, None] > 0)
    spread[survival <= 0, 0] = 1.0
    return np.where(event[:, None], exact, spread)


def survival_at_end(answers: SurvivalAnswers) -> tuple[Floats, NDArray[np.bool_]]:
    """(N,) S at each subject's time, and whether the event was observed within the curve."""
    times = np.concatenate([[0.0], answers.times])
    curves = np.concatenate([np.ones((len(answers), 1)), answers.survival], axis=1)
    end = np.minimum(answers.time, times[-1])
    right = np.clip(np.searchsorted(times, end, side="left"), 1, max(times.size - 1, 1)).clip(max=times.size - 1)
    left = np.maximum(right - 1, 0)
    rows = np.arange(len(answers))
    width = np.maximum(times[right] - times[left], 1e-12)
    share = (end - times[left]) / width
    survival: Floats = curves[rows, left] * (1 - share) + curves[rows, right] * share
    return survival, answers.event & (answers.time <= times[-1])
