"""Fits TARNet and CFR: several networks of one form at once, as batched products.

The members may be resamples of one outcome (an ensemble) or outcomes of their own (the replications of a benchmark):
a hundred networks over the same samples cost little more than their arithmetic.
"""

from __future__ import annotations

import math
from typing import Annotated, Literal

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from salus.networks.treatment_outcomes import RepresentationOutcomes
from salus.training.determinism import isolated
from salus.training.treatment_balance import sinkhorn_distance, squared_mean_difference
from salus.training.treatment_base_learners import Floats, Rows

_Positive = Annotated[int, msgspec.Meta(ge=1)]


class NetworkSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the networks are built and trained.

    Attributes:
        representation: Widths of the shared layers.
        head: Widths of each option's hidden layers.
        balance: Penalty on unlike representations: none (TARNet), `wasserstein` or `mmd` (CFR).
        alpha: Factor of the penalty.
        steps: Most steps of Adam.
        batch_size: Samples a step.
        learning_rate: At the start; it falls to 0 along a cosine.
        weight_decay: Factor of sum w^2 over the heads' weights in the loss.
        check_every: Steps between two looks at the validation loss; each member keeps its best weights.
        first_spread: Standard deviation of a layer's first weights, times the root of the length of its input.
        reweigh: Whether samples weigh 1 / (options x share of their option).
    """

    representation: tuple[_Positive, ...] = (32, 32)
    head: tuple[_Positive, ...] = (32, 32)
    balance: Literal["none", "wasserstein", "mmd"] = "none"
    alpha: Annotated[float, msgspec.Meta(ge=0)] = 1.0
    steps: _Positive = 1000
    batch_size: Annotated[int, msgspec.Meta(ge=8)] = 100
    learning_rate: Annotated[float, msgspec.Meta(gt=0)] = 5e-3
    weight_decay: Annotated[float, msgspec.Meta(ge=0)] = 1e-2
    check_every: _Positive = 50
    first_spread: Annotated[float, msgspec.Meta(gt=0)] = 1.0
    reweigh: bool = True


class NetworkSamples(msgspec.Struct, frozen=True):
    """Samples for several members.

    Attributes:
        x: FP32 (samples, features), the same for all.
        given: (samples,) option index.
        outcome: (members, samples).
        weights: (members, samples).
    """

    x: Rows
    given: NDArray[np.int64]
    outcome: Floats
    weights: Floats


def fit_networks(
    train: NetworkSamples, held: NetworkSamples, *, options: int, settings: NetworkSettings, seed: int
) -> tuple[RepresentationOutcomes, Floats]:
    """Fit all members at once; they share batches and touch each other in nothing else.

    Args:
        train: Learned from.
        held: Each member keeps the weights with the smallest factual loss on these.
        options: How many.
        settings: The recipe.
        seed: All chance: first weights and batches.

    Returns:
        The networks, and each member's smallest validation loss (mean squared error over squared spread, weighed as
        in training): (members,).
    """
    members = len(train.outcome)
    generator = torch.Generator().manual_seed(seed)
    with isolated(seed, device=torch.device("cpu"), threads=1):
        model = RepresentationOutcomes(
            members,
            train.x.shape[1],
            options=options,
            representation=settings.representation,
            head=settings.head,
            generator=generator,
            spread=settings.first_spread,
        )
        model.centre.copy_(torch.from_numpy(train.outcome.mean(axis=1)))
        model.spread.copy_(torch.from_numpy(np.maximum(train.outcome.std(axis=1), 1e-6)))
        best = _train(model, _Standardised(train, model, settings), _Standardised(held, model, settings), settings)
    return model.eval().requires_grad_(False), best


class _Standardised:
    """Tensors of a part, outcomes in spreads from each member's centre."""

    def __init__(self, samples: NetworkSamples, model: RepresentationOutcomes, settings: NetworkSettings) -> None:
        options = len(model.heads)
        self.x = torch.from_numpy(samples.x)
        self.given = torch.from_numpy(samples.given)
        outcome = torch.from_numpy(samples.outcome.astype(np.float32))
        self.y = (outcome - model.centre.unsqueeze(1)) / model.spread.unsqueeze(1)
        share = np.bincount(samples.given, minlength=options) / len(samples.given)
        factor = 1.0 / (options * np.maximum(share, 1e-3)) if settings.reweigh else np.ones(options)
        self.weights = torch.from_numpy((samples.weights * factor[samples.given]).astype(np.float32))

    def loss(self, outcomes: Tensor, chosen: Tensor) -> Tensor:
        """Weighted factual squared error of the chosen samples: (members,)."""
        index = self.given[chosen].reshape(1, -1, 1).expand(outcomes.shape[0], -1, 1)
        error = (outcomes.gather(2, index).squeeze(2) - self.y[:, chosen]) ** 2
        weights = self.weights[:, chosen]
        return (weights * error).sum(dim=1) / weights.sum(dim=1).clamp(min=1e-6)


def _train(
    model: RepresentationOutcomes, train: _Standardised, held: _Standardised, settings: NetworkSettings
) -> Floats:
    optimiser = torch.optim.Adam(model.parameters(), lr=settings.learning_rate)
    best = torch.full((len(train.y),), math.inf)
    kept = [parameter.detach().clone() for parameter in model.parameters()]
    everyone = torch.arange(len(held.given))
    count, order = len(train.given), torch.empty(0, dtype=torch.int64)
    size = min(settings.batch_size, count)
    for step in range(settings.steps):
        if len(order) < size:
            order = torch.randperm(count)
        chosen, order = order[:size], order[size:]
        for group in optimiser.param_groups:
            group["lr"] = settings.learning_rate * 0.5 * (1.0 + math.cos(math.pi * step / settings.steps))
        represented = model.represent(train.x[chosen])
        loss = train.loss(model.standardised(represented), chosen).sum()
        if settings.balance != "none" and settings.alpha > 0:
            loss = loss + settings.alpha * _imbalance(represented, train.given[chosen], len(model.heads), settings)
        if settings.weight_decay > 0:
            loss = loss + settings.weight_decay * _squared_weights(model.heads)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # torch's stubs
        optimiser.step()
        if (step + 1) % settings.check_every == 0 or step + 1 == settings.steps:
            with torch.no_grad():
                now = held.loss(model.standardised(model.represent(held.x)), everyone)
                better = now < best
                best = torch.where(better, now, best)
                for parameter, copy in zip(model.parameters(), kept, strict=True):
                    copy[better] = parameter[better]
    with torch.no_grad():
        for parameter, copy in zip(model.parameters(), kept, strict=True):
            parameter.copy_(copy)
    return best.numpy().astype(np.float64)


def _imbalance(represented: Tensor, given: Tensor, options: int, settings: NetworkSettings) -> Tensor:
    """Summed over members and over options 1, 2, … against the first; options that the batch lacks count nothing."""
    distance = sinkhorn_distance if settings.balance == "wasserstein" else squared_mean_difference
    first = represented[:, given == 0]
    total = represented.new_zeros(())
    for option in range(1, options):
        other = represented[:, given == option]
        if first.shape[1] and other.shape[1]:
            total = total + distance(other, first).sum()
    return total


def _squared_weights(heads: nn.ModuleList) -> Tensor:
    squares = [(weight**2).sum() for head in heads for weight in head.weights]  # type: ignore[union-attr]  # perceptrons
    return torch.stack(squares).sum()
