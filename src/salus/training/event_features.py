"""Logistic regression and gradient-boosted trees on a summary of the observations, as modules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from salus.networks.event_classifier import FeatureRisk, StandardisedLinear
from salus.networks.event_summary import EventSummary
from salus.networks.trees import BoostedTrees
from salus.training.event_recipes import BoostedEventRecipe, LogisticRecipe, ShorteningRecipe
from salus.training.event_rows import Stays, shortening_times, summary_rows

_Rows = tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.float64]]


def fit_logistic(
    train: Stays, recipe: LogisticRecipe, *, summary: EventSummary, times: Sequence[float], rng: np.random.Generator
) -> FeatureRisk:
    """Ridge logistic regression; scaling and imputation are inside the module.

    Args:
        train: Both classes.
        recipe: The hyperparameters.
        summary: What the observations are summed up by.
        times: The times of the course.
        rng: All chance.
    """
    from sklearn.linear_model import LogisticRegression

    rows, labels, weights = _with_shortened(train, summary, recipe, rng)
    whole = rows[: len(train)]
    low, high = (_columnwise(whole, share) for share in (recipe.tail, 1.0 - recipe.tail))
    clipped = np.clip(rows, low, high)
    known = np.logical_not(np.isnan(clipped))
    count = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, clipped, 0.0).sum(axis=0, dtype=np.float64) / count
    deviation = np.sqrt((np.where(known, clipped - mean, 0.0) ** 2).sum(axis=0, dtype=np.float64) / count)
    linear = StandardisedLinear(
        low=torch.from_numpy(low),
        high=torch.from_numpy(high),
        mean=torch.from_numpy(mean),
        deviation=torch.from_numpy(np.where(deviation > 1e-6, deviation, 1.0)),
        weights=torch.zeros(rows.shape[1]),
        bias=0.0,
    )
    with torch.inference_mode():
        standard = linear.standardise(torch.from_numpy(rows)).numpy()
    solver = LogisticRegression(C=recipe.inverse_penalty, max_iter=recipe.iterations)
    solver.fit(standard, labels, sample_weight=weights)
    linear.weights.copy_(torch.from_numpy(solver.coef_[0]))
    linear.bias = float(solver.intercept_[0])
    return FeatureRisk(summary, linear, times=times)


def fit_boosting(
    train: Stays, recipe: BoostedEventRecipe, *, summary: EventSummary, times: Sequence[float], rng: np.random.Generator
) -> FeatureRisk:
    """LightGBM's trees, evaluated by the module itself. Arguments as of `fit_logistic`."""
    import lightgbm

    rows, labels, weights = _with_shortened(train, summary, recipe, rng)
    settings: dict[str, Any] = {
        "objective": "binary",
        "learning_rate": recipe.learning_rate,
        "num_leaves": recipe.leaves,
        "min_data_in_leaf": recipe.samples_per_leaf,
        "feature_fraction": recipe.column_share,
        "bagging_fraction": recipe.row_share,
        "bagging_freq": 1,
        "lambda_l2": recipe.l2,
        "seed": int(rng.integers(2**31 - 1)),
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "verbose": -1,
    }
    booster = lightgbm.train(settings, lightgbm.Dataset(rows, labels, weight=weights), recipe.rounds)
    return FeatureRisk(summary, BoostedTrees.from_lightgbm(booster), times=times)


def _with_shortened(train: Stays, summary: EventSummary, recipe: ShorteningRecipe, rng: np.random.Generator) -> _Rows:
    """The whole samples first, then their shortened copies: rows, labels, weights."""
    parts = [summary_rows(train, summary)]
    for _ in range(recipe.copies):
        cut = train.shortened(shortening_times(train, rng, earliest=recipe.earliest))
        parts.append(summary_rows(cut, summary))
    weights = np.full(len(train) * len(parts), recipe.copy_weight)
    weights[: len(train)] = 1.0
    return np.concatenate(parts), np.tile(train.labels, len(parts)), weights


def _columnwise(rows: NDArray[np.float32], share: float) -> NDArray[np.float64]:
    """(features,) a quantile of what is known of each column; 0 where nothing is."""
    found = np.zeros(rows.shape[1])
    for column in range(rows.shape[1]):
        known = rows[~np.isnan(rows[:, column]), column]
        found[column] = np.quantile(known, share) if len(known) else 0.0
    return found
