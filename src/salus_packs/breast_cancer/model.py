"""Estimators of the pack. Both are exported whole: scaling, model and calibration are one graph."""

from __future__ import annotations

from salus.contracts.predictors import Estimator, FitOptions
from salus_packs.breast_cancer.task import TASK


def linear(options: FitOptions) -> Estimator:
    """Logistic regression on standardised measurements: the default, since it is as good and can be read."""
    from salus.training.tabular import TabularEstimator

    return TabularEstimator("linear", inputs=TASK.signature.inputs, options=options)


def gradient_boosting(options: FitOptions) -> Estimator:
    """Gradient-boosted trees (LightGBM)."""
    from salus.training.tabular import TabularEstimator

    return TabularEstimator("gradient_boosting", inputs=TASK.signature.inputs, options=options)
