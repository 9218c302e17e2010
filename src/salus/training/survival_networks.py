"""Training of parallel networks for survival: DeepSurv's partial likelihood, and logistic hazards."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from salus.networks.survival_heads import ParallelNetworks
from salus.training.survival_data import SurvivalPart
from salus.training.survival_recipes import DeepSurvRecipe, DiscreteTimeRecipe
from salus.training.survival_risk_sets import Floats


def fit_deepsurv(
    network: ParallelNetworks,
    rows: Tensor,
    part: SurvivalPart,
    weights: Floats,
    recipe: DeepSurvRecipe,
    *,
    told: Callable[[int, float], None],
) -> None:
    """Train networks in place, each on all subjects at once with weights of its own.

    Args:
        network: M networks with one output.
        rows: Prepared, (N, inputs).
        part: Times and events of the same subjects.
        weights: (M, N).
        recipe: How.
        told: Given the epoch and the mean loss, every 50 epochs.
    """
    order = np.argsort(-part.time, kind="stable")
    ranked = part.time[order]
    last_of_tie = torch.from_numpy(np.searchsorted(-ranked, -ranked, side="right") - 1)
    x = rows[torch.from_numpy(order)]
    mine = torch.from_numpy(weights[:, order]).to(torch.float32)
    of_events = mine * torch.from_numpy(part.event[order])
    events = of_events.sum(dim=1)
    log_weights = torch.log(mine.clamp(min=1e-12))
    optimiser = torch.optim.Adam(network.parameters(), lr=recipe.learning_rate, betas=(recipe.momentum, 0.999))
    network.train()
    for epoch in range(recipe.epochs):
        for group in optimiser.param_groups:
            group["lr"] = recipe.learning_rate / (1 + epoch * recipe.decay)
        score = network(x)[:, :, 0].T
        risk = torch.logcumsumexp(score + log_weights, dim=1)[:, last_of_tie]
        penalty = torch.stack([(weight**2).sum(dim=(1, 2)) for weight in network.weights]).sum(dim=0)
        loss = (((of_events * (risk - score)).sum(dim=1) + recipe.l2 * penalty) / events).sum()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        if (epoch + 1) % 50 == 0:
            told(epoch + 1, float(loss.detach()) / network.networks)
    network.eval()


class HazardTargets:
    """What is known of each subject in each interval: survived, had the event, or nothing.

    A subject censored in an interval counts as having survived it if it was observed for half of it or more.

    Args:
        part: Times and events.
        times: (T,) the intervals' ends.
    """

    def __init__(self, part: SurvivalPart, times: Floats) -> None:
        edges = np.concatenate([[0.0], times])
        middle = (edges[1:] + edges[:-1]) / 2
        happened = part.event[:, None] & (part.time[:, None] > edges[:-1]) & (part.time[:, None] <= edges[1:])
        survived = np.where(part.event[:, None], part.time[:, None] > times, part.time[:, None] >= middle)
        self.event = torch.from_numpy(happened.astype(np.float32))
        self.known = torch.from_numpy((happened | survived).astype(np.float32))


def hazard_loss(logits: Tensor, event: Tensor, known: Tensor) -> Tensor:
    """Negative log-likelihood of each subject for each network.

    Args:
        logits: (samples, M, T).
        event: (samples, T) 1 where the event was in the interval.
        known: (samples, T) 1 where the interval counts.

    Returns:
        (samples, M).
    """
    target = event.unsqueeze(1).expand_as(logits)
    each = functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
    return (each * known.unsqueeze(1)).sum(dim=2)


def fit_hazards(
    network: nn.Module,
    train: tuple[Tensor, HazardTargets, Tensor],
    validation: tuple[Tensor, HazardTargets],
    recipe: DiscreteTimeRecipe,
    *,
    rng: np.random.Generator,
    told: Callable[[int, float], None],
) -> None:
    """Train networks side by side in place; of each the weights of its lowest validation loss are kept.

    Args:
        network: Turns rows into logits (samples, M, T); axis 0 of each of its parameters counts the networks.
        train: Rows, targets, and weights (M, N).
        validation: Rows and targets.
        recipe: How.
        rng: Of the batches.
        told: Given the epoch and the mean of the networks' lowest validation losses.
    """
    rows, targets, weights = train
    decayed = [p for p in network.parameters() if p.dim() > 2 and p.shape[1] > 1]
    others = [p for p in network.parameters() if not (p.dim() > 2 and p.shape[1] > 1)]
    groups = [{"params": decayed, "weight_decay": recipe.weight_decay}, {"params": others, "weight_decay": 0.0}]
    optimiser = torch.optim.AdamW(groups, lr=recipe.learning_rate)
    best = torch.full((weights.shape[0],), float("inf"))
    kept = [parameter.detach().clone() for parameter in network.parameters()]
    since = 0
    for epoch in range(recipe.epochs):
        network.train()
        order = torch.from_numpy(rng.permutation(len(rows)))
        for chosen in torch.split(order, recipe.batch_size):
            losses = hazard_loss(network(rows[chosen]), targets.event[chosen], targets.known[chosen])
            loss = (losses * weights[:, chosen].T).mean(dim=0).sum()
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]  # torch's stubs lack the annotation
            optimiser.step()
        network.eval()
        with torch.inference_mode():
            now = hazard_loss(network(validation[0]), validation[1].event, validation[1].known).mean(dim=0)
        better = (now < best).clone()
        since = 0 if bool(better.any()) else since + 1
        best = torch.where(better, now, best).clone()
        with torch.no_grad():
            for keep, parameter in zip(kept, network.parameters(), strict=True):
                keep[better] = parameter[better]
        told(epoch + 1, float(best.mean()))
        if since >= recipe.early_stopping:
            break
    with torch.no_grad():
        for keep, parameter in zip(kept, network.parameters(), strict=True):
            parameter.copy_(keep)
    network.eval()
