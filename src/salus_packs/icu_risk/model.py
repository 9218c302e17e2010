"""Estimators of the pack. Each is exported whole: from observations of any number to the risk and its course."""

from __future__ import annotations

from typing import TYPE_CHECKING

from salus.contracts.predictors import Estimator, FitOptions
from salus_packs.icu_risk.task import COURSE_H, INPUTS

if TYPE_CHECKING:
    from salus.training.event_estimator import EventKind

_EITHER_WAY = {
    "systolic": ("SysABP", "NISysABP"),
    "diastolic": ("DiasABP", "NIDiasABP"),
    "mean": ("MAP", "NIMAP"),
}
"""Pressures by line or by cuff, which the summary also tells as one."""

_RATIOS = (("PaO2", "FiO2"), ("HR", "systolic"), ("BUN", "Creatinine"), ("systolic", "diastolic"))
"""Oxygenation index, shock index, and two that tell where a kidney or a vessel fails."""


def ensemble(options: FitOptions) -> Estimator:
    """The mean log-odds of trees and GRU-D: the default."""
    return _estimator("ensemble", options)


def logistic(options: FitOptions) -> Estimator:
    """Logistic regression on the summary: the plain baseline."""
    return _estimator("logistic", options)


def gradient_boosting(options: FitOptions) -> Estimator:
    """Gradient-boosted trees (LightGBM) on the summary."""
    return _estimator("gradient_boosting", options)


def gru_decay(options: FitOptions) -> Estimator:
    """GRU-D on hourly means: brings its answer up to date hour by hour."""
    return _estimator("gru_decay", options)


def event_transformer(options: FitOptions) -> Estimator:
    """A Transformer over the observations themselves."""
    return _estimator("event_transformer", options)


def _estimator(kind: EventKind, options: FitOptions) -> Estimator:
    from salus.training.event_estimator import EventEstimator

    return EventEstimator(kind, inputs=INPUTS, times=COURSE_H, unions=_EITHER_WAY, ratios=_RATIOS, options=options)
