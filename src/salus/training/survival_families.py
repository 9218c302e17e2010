"""Families of survival curves: each is fitted to its members, and says how they make its curve and its band."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from salus.networks.survival_forest import HazardForest
from salus.networks.survival_heads import (
    DiscreteHazards,
    LinearScores,
    ParallelNetworks,
    ProportionalHazards,
    SharedLogits,
    TreeScores,
)
from salus.networks.survival_inputs import Preparation
from salus.networks.survival_visits import ParallelGru
from salus.training.survival_cox import fit_cox
from salus.training.survival_data import SurvivalPart, bootstrap_weights
from salus.training.survival_networks import HazardTargets, fit_deepsurv, fit_hazards
from salus.training.survival_recipes import (
    BoostingRecipe,
    CoxRecipe,
    DeepSurvRecipe,
    DiscreteTimeRecipe,
    ForestRecipe,
    RecurrentRecipe,
)
from salus.training.survival_risk_sets import Floats
from salus.training.survival_trees import fit_boosting, fit_forest, join_boosted

Told = Callable[[int, float], None]


@dataclass(frozen=True)
class Parts:
    """What a family learns from.

    Attributes:
        train: Learned from.
        validation: Stopped by.
        times: (T,) where curves are told.
    """

    train: SurvivalPart
    validation: SurvivalPart
    times: Floats


@dataclass(frozen=True)
class Family:
    """A fitted family.

    Attributes:
        module: Raw rows to ln H (samples, members, T).
        centre: Weight of each member in the curve; sums to 1.
        spread: Weight of each member in the band; sums to 1.
    """

    module: nn.Module
    centre: tuple[float, ...]
    spread: tuple[float, ...]


def _refitted(module: nn.Module, refits: int) -> Family:
    """The first member is the model itself; the others are refits that only tell its spread."""
    return Family(module, (1.0, *(0.0,) * refits), (0.0, *(1 / refits,) * refits))


def _weights(parts: Parts, members: int, rng: np.random.Generator) -> torch.Tensor:
    return torch.from_numpy(bootstrap_weights(parts.train, members, rng)).to(torch.float32)


def _averaged(module: nn.Module, members: int) -> Family:
    return Family(module, (1 / members,) * members, (1 / members,) * members)


def fit_cox_family(parts: Parts, recipe: CoxRecipe, rng: np.random.Generator) -> Family:
    """Cox's model, and refits of it on the Bayesian bootstrap."""
    part, sets = parts.train, parts.train.risk_sets
    preparation = Preparation.fit(
        part.rows, categories=part.categories, logarithms=recipe.logarithms, bounded=recipe.logarithms
    )
    with torch.inference_mode():
        rows = preparation(torch.from_numpy(part.rows)).numpy().astype(np.float64)
    weights = np.concatenate([np.ones((1, len(part))), bootstrap_weights(part, recipe.refits, rng)])
    found: list[Floats] = []
    for one in weights:
        found.append(fit_cox(rows, sets, weights=one, ridge=recipe.ridge, start=found[0] if found else None))
    baselines = [sets.baseline(rows @ b, one, parts.times) for b, one in zip(found, weights, strict=True)]
    scores = LinearScores(torch.from_numpy(np.stack(found)))
    module = ProportionalHazards(scores, torch.from_numpy(np.stack(baselines)), preparation=preparation)
    return _refitted(module, recipe.refits)


def fit_deepsurv_family(parts: Parts, recipe: DeepSurvRecipe, rng: np.random.Generator, told: Told) -> Family:
    """DeepSurv, and networks beside it on the Bayesian bootstrap."""
    part, sets = parts.train, parts.train.risk_sets
    preparation = Preparation.fit(part.rows, categories=(0,) * len(part.categories), logarithms=False, bounded=False)
    rows = preparation(torch.from_numpy(part.rows))
    weights = np.concatenate([np.ones((1, len(part))), bootstrap_weights(part, recipe.refits, rng)])
    network = ParallelNetworks(
        recipe.refits + 1,
        inputs=preparation.width,
        hidden=recipe.hidden,
        outputs=1,
        activation=recipe.activation,
        dropout=recipe.dropout,
    )
    fit_deepsurv(network, rows, part, weights, recipe, told=told)
    with torch.inference_mode():
        scores = network(rows)[:, :, 0].T.numpy().astype(np.float64)
    baselines = [sets.baseline(score, one, parts.times) for score, one in zip(scores, weights, strict=True)]
    module = ProportionalHazards(network, torch.from_numpy(np.stack(baselines)), preparation=preparation)
    return _refitted(module, recipe.refits)


def fit_discrete_family(parts: Parts, recipe: DiscreteTimeRecipe, rng: np.random.Generator, told: Told) -> Family:
    """Logistic hazards by networks on rows, averaged."""
    train = parts.train
    preparation = Preparation.fit(train.rows, categories=train.categories, logarithms=True, bounded=True)
    network = ParallelNetworks(
        recipe.members,
        inputs=preparation.width,
        hidden=recipe.hidden,
        outputs=parts.times.size + 1,
        activation=recipe.activation,
        dropout=recipe.dropout,
    )
    _start(network.biases[-1], parts, recipe)
    logits = SharedLogits(network, share=recipe.own_share)
    rows, held = (preparation(torch.from_numpy(part.rows)) for part in (train, parts.validation))
    learned = (rows, HazardTargets(parts.train, parts.times), _weights(parts, recipe.members, rng))
    fit_hazards(logits, learned, (held, HazardTargets(parts.validation, parts.times)), recipe, rng=rng, told=told)
    return _averaged(DiscreteHazards(logits, preparation=preparation), recipe.members)


def fit_recurrent_family(
    parts: Parts, recipe: RecurrentRecipe, rng: np.random.Generator, told: Told, *, visit_at: int
) -> Family:
    """Logistic hazards by recurrent networks on sequences of visits, averaged.

    Args:
        parts: Their rows are sequences (N, steps, width).
        recipe: How.
        rng: All chance but torch's own.
        told: As for `fit_hazards`.
        visit_at: Column of a step that is 1 where there is a visit.
    """
    network = ParallelGru(
        recipe.members,
        inputs=parts.train.rows.shape[2],
        hidden=recipe.state,
        outputs=parts.times.size + 1,
        visit_at=visit_at,
        dropout=recipe.dropout,
    )
    _start(network.bias_out, parts, recipe)
    logits = SharedLogits(network, share=recipe.own_share)
    rows, held = (torch.from_numpy(part.rows) for part in (parts.train, parts.validation))
    learned = (rows, HazardTargets(parts.train, parts.times), _weights(parts, recipe.members, rng))
    fit_hazards(logits, learned, (held, HazardTargets(parts.validation, parts.times)), recipe, rng=rng, told=told)
    return _averaged(DiscreteHazards(logits), recipe.members)


def _start(bias: torch.Tensor, parts: Parts, recipe: DiscreteTimeRecipe) -> None:
    """Let networks (M, 1, T + 1) begin at the hazards of all subjects."""
    with torch.no_grad():
        bias.zero_()
        bias[:, :, :-1] = torch.from_numpy(marginal_logits(parts.train, parts.times) / recipe.own_share)


def marginal_logits(part: SurvivalPart, times: Floats) -> Floats:
    """The logit of each interval's hazard over all subjects, (T,): where a network begins."""
    targets = HazardTargets(part, times)
    happened, known = targets.event.sum(dim=0).numpy(), targets.known.sum(dim=0).numpy()
    hazard = (happened + 0.5) / (known + 1.0)
    logits: Floats = np.log(hazard / (1 - np.minimum(hazard, 0.99)))
    return logits


def fit_boosting_family(parts: Parts, recipe: BoostingRecipe, rng: np.random.Generator, told: Told) -> Family:
    """Boosted trees on the Bayesian bootstrap, averaged."""
    weights = bootstrap_weights(parts.train, recipe.members, rng)
    sets, models, baselines = parts.train.risk_sets, [], []
    for member, one in enumerate(weights):
        seed = int(rng.integers(2**31 - 1))
        roots, scores = fit_boosting(parts.train, parts.validation, one, recipe, seed=seed)
        models.append(roots)
        baselines.append(sets.baseline(scores, one, parts.times))
        told(member + 1, sets.cox_loss(scores, one))
    module = ProportionalHazards(TreeScores(join_boosted(models)), torch.from_numpy(np.stack(baselines)))
    return _averaged(module, recipe.members)


def fit_forest_family(parts: Parts, recipe: ForestRecipe, rng: np.random.Generator, told: Told) -> Family:
    """Relative-risk forests on the Bayesian bootstrap, averaged."""
    part = parts.train
    preparation = Preparation.fit(part.rows, categories=part.categories, logarithms=False, bounded=False)
    preparation.mean = torch.zeros_like(preparation.mean)  # FP32 thresholds hold only for numbers as they come
    preparation.deviation = torch.ones_like(preparation.deviation)
    forests = []
    for member, one in enumerate(bootstrap_weights(part, recipe.members, rng)):
        seed = int(rng.integers(2**31 - 1))
        forests.append(fit_forest(part, preparation, one, parts.times, recipe, seed=seed))
        told(member + 1, float(len(forests[-1])))
    return _averaged(HazardForest(forests, preparation=preparation), recipe.members)
