"""The chance of being given each option, its calibration, and where the data can tell (overlap)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

from salus.contracts.errors import InvalidInput
from salus.networks.treatment_graph import PropensityModel, Support
from salus.networks.treatment_members import BoostedMembers, LinearMembers
from salus.training.treatment_base_learners import Floats, Rows, answers_of

INVERSE_PENALTIES = tuple(float(10.0**power) for power in np.arange(-3.0, 1.5, 0.5))
"""C of the logistic regressions that are tried."""


def fit_propensity(
    x: Rows, given: NDArray[np.int64], held: tuple[Rows, NDArray[np.int64]], *, options: int, model: str, seed: int
) -> PropensityModel:
    """Fit on the training part, calibrate on the validation part.

    Args:
        x: (samples, features).
        given: (samples,) option index.
        held: The same of the validation part.
        options: How many.
        model: `logistic` or `boosting`.
        seed: Of the trees.

    Raises:
        InvalidInput: An option that nobody of the training part was given.
    """
    counts = np.bincount(given, minlength=options)
    if (counts == 0).any():
        raise InvalidInput(
            "training samples of every option",
            found=f"none of {int((counts == 0).sum())} of the {options} options",
            remedy="Leave the option out of the task, or add samples.",
        )
    scores = _fit_boosting(x, given, options, seed) if model == "boosting" else _fit_logistic(x, given, held, options)
    scale, shift = _calibrate(answers_of(scores, held[0]), held[1])
    return PropensityModel(scores, scale=scale, shift=shift.astype(np.float32))


def fit_support(x: Rows, propensity: Floats, *, far_quantile: float, least_propensity: float) -> Support:
    """Where the training part can tell.

    gamma is the optimal one of Crump et al. (2009), the largest g with g <= 2 E[s | s <= g], s = sum_k 1 / e_k(x),
    but at most that of the least propensity p: 1 / p + (options - 1)^2 / (1 - p).

    Args:
        x: (samples, features) of the training part.
        propensity: (samples, options), calibrated.
        far_quantile: Samples farther from the mean than this share of the training part are without support.
        least_propensity: Smallest propensity with support, where the optimal rule would allow a smaller one.
    """
    sums = np.sort((1.0 / np.clip(propensity, 1e-6, 1.0)).sum(axis=1))
    means = np.cumsum(sums) / np.arange(1, len(sums) + 1)
    allowed = sums <= 2.0 * means
    gamma = float(sums[allowed].max())
    floor, options = least_propensity, propensity.shape[1]
    if floor > 0:
        gamma = min(gamma, 1.0 / floor + (options - 1) ** 2 / (1.0 - floor))
    values = x.astype(np.float64)
    mean = values.mean(axis=0)
    covariance = np.cov(values, rowvar=False).reshape(x.shape[1], x.shape[1]) + 0.05 * np.eye(x.shape[1])
    whitening = np.linalg.cholesky(np.linalg.inv(covariance))
    distance = np.sqrt((((values - mean) @ whitening) ** 2).sum(axis=1))
    radius = float(np.quantile(distance, far_quantile)) * (1.0 + 1e-6)
    return Support(gamma=gamma, mean=mean.astype(np.float32), whitening=whitening.astype(np.float32), radius=radius)


def _fit_logistic(
    x: Rows, given: NDArray[np.int64], held: tuple[Rows, NDArray[np.int64]], options: int
) -> LinearMembers:
    from sklearn.linear_model import LogisticRegression

    best: tuple[float, Any] | None = None
    for inverse_penalty in INVERSE_PENALTIES:
        model = LogisticRegression(C=inverse_penalty, max_iter=2000).fit(x.astype(np.float64), given)
        chances = np.clip(model.predict_proba(held[0].astype(np.float64)), 1e-6, 1.0)
        loss = -float(np.log(chances[np.arange(len(held[1])), held[1]]).mean())
        if best is None or loss < best[0]:
            best = (loss, model)
    fitted: Any = best[1] if best is not None else None
    if options == 2:
        weight = np.concatenate([np.zeros((1, x.shape[1])), fitted.coef_])
        bias = np.concatenate([[0.0], fitted.intercept_])
    else:
        weight, bias = fitted.coef_, fitted.intercept_
    return LinearMembers(weight.T.astype(np.float32), bias.astype(np.float32))


def _fit_boosting(x: Rows, given: NDArray[np.int64], options: int, seed: int) -> nn.Module:
    """One booster an option, against all others; its raw score is the log-odds."""
    import lightgbm

    parameters: dict[str, Any] = {
        "objective": "binary",
        "learning_rate": 0.05,
        "num_leaves": 6,
        "min_data_in_leaf": 20,
        "lambda_l2": 5.0,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "seed": seed,
        "verbosity": -1,
    }
    values = x.astype(np.float64)
    boosters = [
        lightgbm.train(parameters, lightgbm.Dataset(values, label=given == option), num_boost_round=80)
        for option in range(options)
    ]
    return BoostedMembers(boosters)


def _calibrate(scores: Floats, given: NDArray[np.int64]) -> tuple[float, Floats]:
    """Scale and shift of least validation log loss, with a weak pull to 1 and 0 (bias-corrected temperature)."""
    from scipy.optimize import minimize
    from scipy.special import logsumexp

    count, options = scores.shape
    rows = np.arange(count)

    def loss(parameters: Floats) -> float:
        moved = scores * np.exp(parameters[0]) + np.concatenate([[0.0], parameters[1:]])
        told = np.asarray(logsumexp(moved, axis=1) - moved[rows, given], dtype=np.float64)
        return float(told.mean() + 0.5 * (parameters**2).sum() / count)

    found = minimize(loss, np.zeros(options), method="BFGS").x
    return float(np.exp(found[0])), np.concatenate([[0.0], found[1:]])
