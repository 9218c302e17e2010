"""Meta-learners: effects of options from any regression (Künzel et al. 2019; Kennedy 2023)."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from torch import nn

from salus.networks.treatment_outcomes import EffectOutcomes, ModelPerOptionOutcomes, SingleModelOutcomes
from salus.training.treatment_base_learners import BaseLearner, Floats, Rows, answers_of, draw_member_weights
from salus.training.treatment_propensity import fit_propensity

MetaLearner = Literal["s", "t", "x", "dr"]
LEAST_PROPENSITY = 0.02
"""Smaller propensities count as this in the DR-learner's pseudo-outcomes."""


def fit_outcomes(
    learner: MetaLearner,
    x: Rows,
    given: NDArray[np.int64],
    outcome: Floats,
    *,
    base: BaseLearner,
    options: int,
    members: int,
    folds: int,
    rng: np.random.Generator,
) -> nn.Module:
    """Fit one meta-learner.

    Members are fits on bootstrap resamples of the samples. In the X- and DR-learner what the second stage learns from
    (imputed effects, pseudo-outcomes) is made once from all samples, so that the members' spread is that of the second
    stage alone.

    Args:
        learner: `s`, `t`, `x` or `dr`.
        x: (samples, features).
        given: (samples,) option index.
        outcome: (samples,).
        base: Fits regressions.
        options: How many; each at least once in `given`.
        members: Resamples; 1 takes the samples as they are.
        folds: Of the cross-fitting in the DR-learner.
        rng: All chance.

    Returns:
        (features, propensity) to (samples, members, options).
    """
    weights = draw_member_weights(rng, len(x), members)
    if learner == "s":
        shown = np.concatenate([x, np.eye(options, dtype=np.float32)[given][:, 1:]], axis=1)
        return SingleModelOutcomes(base(shown, outcome, weights), options=options)
    if learner == "t":
        return ModelPerOptionOutcomes(
            [_fit_among(base, given == option, x, outcome, weights) for option in range(options)]
        )
    marginal = base(x, outcome, weights)
    if learner == "x":
        return EffectOutcomes(marginal, _imputed_effects(x, given, outcome, weights, base=base, options=options))
    pseudo = pseudo_outcomes(x, given, outcome, base=base, options=options, folds=folds, rng=rng)
    return EffectOutcomes(
        marginal, [base(x, pseudo[:, option] - pseudo[:, 0], weights) for option in range(1, options)]
    )


def pseudo_outcomes(
    x: Rows,
    given: NDArray[np.int64],
    outcome: Floats,
    *,
    base: BaseLearner,
    options: int,
    folds: int,
    rng: np.random.Generator,
) -> Floats:
    """Doubly robust scores mu_k(x) + 1{T = k} (Y - mu_k(x)) / e_k(x), cross-fitted: (samples, options).

    Their mean is the AIPW estimate of the mean outcome under each option (Robins, Rotnitzky, Zhao, JASA 89:846-866,
    1994); regressed on x they give the DR-learner (Kennedy, Electron J Stat 17:3008-3049, 2023). Regressions and
    propensity come from the other folds. Each option is spread over the folds.

    Args:
        x: (samples, features).
        given: (samples,).
        outcome: (samples,).
        base: Fits regressions.
        options: How many.
        folds: At least 2.
        rng: Draws the folds.
    """
    fold = np.empty(len(x), dtype=np.int64)
    for option in range(options):
        members = rng.permutation(np.flatnonzero(given == option))
        fold[members] = np.arange(len(members)) % folds
    scores = np.empty((len(x), options))
    for one in range(folds):
        inside, outside = fold == one, fold != one
        rest = (x[outside], given[outside])
        chances = fit_propensity(*rest, rest, options=options, model="logistic", seed=0)
        share = np.clip(answers_of(chances, x[inside]), LEAST_PROPENSITY, 1.0)
        for option in range(options):
            model = _fit_among(base, outside & (given == option), x, outcome, np.ones((1, len(x))))
            expected = answers_of(model, x[inside])[:, 0]
            took = given[inside] == option
            scores[inside, option] = expected + took * (outcome[inside] - expected) / share[:, option]
    return scores


def _imputed_effects(
    x: Rows, given: NDArray[np.int64], outcome: Floats, weights: Floats, *, base: BaseLearner, options: int
) -> list[tuple[nn.Module, nn.Module]]:
    """X-learner: of each option, effects as its own samples and those of the first option show them."""
    once = np.ones((1, len(x)))
    expected = [answers_of(_fit_among(base, given == option, x, outcome, once), x)[:, 0] for option in range(options)]
    pairs = []
    for option in range(1, options):
        own = _fit_among(base, given == option, x, outcome - expected[0], weights)
        first = _fit_among(base, given == 0, x, expected[option] - outcome, weights)
        pairs.append((own, first))
    return pairs


def _fit_among(base: BaseLearner, chosen: NDArray[np.bool_], x: Rows, target: Floats, weights: Floats) -> nn.Module:
    """Fit on some of the samples; a member that drew none of them takes all of them once."""
    inside = weights[:, chosen]
    inside = np.where(inside.sum(axis=1, keepdims=True) > 0, inside, 1.0)
    return base(x[chosen], target[chosen], inside)
