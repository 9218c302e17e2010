"""Base learners of the meta-learners: weighted regressions, one for each resample of the same samples."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from salus.networks.treatment_members import BoostedMembers, LinearMembers

Floats = NDArray[np.float64]
Rows = NDArray[np.float32]
BaseLearner = Callable[[Rows, Floats, Floats], nn.Module]
"""From features (samples, features), a target (samples,) and weights (members, samples) to a module that answers
(samples, members)."""

PENALTIES = tuple(float(10.0**power) for power in np.arange(-2.0, 4.5, 0.5))
"""Ridge penalties that are tried."""


class BoostingSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Gradient-boosted trees (Ke et al., "LightGBM", NeurIPS 2017).

    Attributes:
        rounds: Trees.
        learning_rate: What each tree's answer is multiplied by.
        leaves: Most leaves of a tree.
        samples_per_leaf: Fewest samples of a leaf.
        l2: Penalty on the squares of the leaves' answers.
        column_share: Share of the features that each tree sees.
    """

    rounds: Annotated[int, msgspec.Meta(ge=1)] = 100
    learning_rate: Annotated[float, msgspec.Meta(gt=0)] = 0.05
    leaves: Annotated[int, msgspec.Meta(ge=2)] = 6
    samples_per_leaf: Annotated[int, msgspec.Meta(ge=1)] = 20
    l2: Annotated[float, msgspec.Meta(ge=0)] = 5.0
    column_share: Annotated[float, msgspec.Meta(gt=0, le=1)] = 0.7


def make_base_learner(name: Literal["ridge", "boosting"], boosting: BoostingSettings, *, seed: int) -> BaseLearner:
    """The base learner called `name`."""
    if name == "ridge":
        return fit_ridge

    def boosted(x: Rows, y: Floats, weights: Floats) -> nn.Module:
        return fit_boosting(x, y, weights, settings=boosting, seed=seed)

    return boosted


def answers_of(model: nn.Module, x: Rows) -> Floats:
    """What a fitted base learner answers: (samples, members)."""
    with torch.inference_mode():
        found: Floats = model(torch.from_numpy(np.ascontiguousarray(x))).numpy().astype(np.float64)
    return found


def fit_ridge(x: Rows, y: Floats, weights: Floats) -> LinearMembers:
    """Ridge regression; each member with its own weights, all with the penalty that leaves the smallest error.

    The penalty is the one of `PENALTIES` with the smallest weighted mean squared leave-one-out residual over all
    samples, residual / (1 - leverage) (PRESS; Allen, Technometrics 16:125-127, 1974). The intercept is free.
    """
    features = x.astype(np.float64)
    first = weights.mean(axis=0)
    penalty = min(PENALTIES, key=lambda value: _left_out_error(features, y, first, value))
    solved = [_solve(features, y, row, penalty) for row in weights]
    weight = np.stack([coefficients for coefficients, _ in solved], axis=1)
    return LinearMembers(weight.astype(np.float32), np.array([bias for _, bias in solved], dtype=np.float32))


def fit_boosting(x: Rows, y: Floats, weights: Floats, *, settings: BoostingSettings, seed: int) -> BoostedMembers:
    """LightGBM on squared error, a booster a member. Samples of weight 0 are left out."""
    import lightgbm

    parameters: dict[str, Any] = {
        "objective": "regression",
        "learning_rate": settings.learning_rate,
        "num_leaves": settings.leaves,
        "min_data_in_leaf": settings.samples_per_leaf,
        "lambda_l2": settings.l2,
        "feature_fraction": settings.column_share,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "seed": seed,
        "verbosity": -1,
    }
    boosters = []
    for row in weights:
        kept = row > 0
        data = lightgbm.Dataset(x[kept].astype(np.float64), label=y[kept], weight=row[kept])
        boosters.append(lightgbm.train(parameters, data, num_boost_round=settings.rounds))
    return BoostedMembers(boosters)


def draw_member_weights(rng: np.random.Generator, samples: int, members: int) -> Floats:
    """How often each sample is drawn by each member: (members, samples). One member takes every sample once."""
    if members == 1:
        return np.ones((1, samples))
    drawn = rng.integers(0, samples, size=(members, samples))
    return np.stack([np.bincount(row, minlength=samples) for row in drawn]).astype(np.float64)


def _centred(x: Floats, y: Floats, weights: Floats) -> tuple[Floats, Floats, Floats, float]:
    """Root-weighted deviations from the weighted means, and those means."""
    total = weights.sum()
    mean_x, mean_y = weights @ x / total, float(weights @ y / total)
    root = np.sqrt(weights)
    return root[:, None] * (x - mean_x), root * (y - mean_y), mean_x, mean_y


def _solve(x: Floats, y: Floats, weights: Floats, penalty: float) -> tuple[Floats, float]:
    a, b, mean_x, mean_y = _centred(x, y, weights)
    solved = np.linalg.solve(a.T @ a + penalty * np.eye(x.shape[1]), a.T @ b)
    coefficients = np.asarray(solved, dtype=np.float64)
    return coefficients, mean_y - float(mean_x @ coefficients)


def _left_out_error(x: Floats, y: Floats, weights: Floats, penalty: float) -> float:
    a, b, _, _ = _centred(x, y, weights)
    inverse = np.linalg.inv(a.T @ a + penalty * np.eye(x.shape[1]))
    leverage = ((a @ inverse) * a).sum(axis=1) + weights / weights.sum()
    residual = (b - a @ (inverse @ (a.T @ b))) / np.maximum(1.0 - leverage, 1e-6)
    return float((residual**2).sum())
