"""Networks over observations in time, trained from one seed: GRU-D and the Transformer over events."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from salus.networks.event_classifier import EventRisk
from salus.networks.event_transformer import EventTransformer
from salus.networks.gru_decay import GruDecay
from salus.training.ema import MovingAverage
from salus.training.event_recipes import EventTransformerRecipe, GruDecayRecipe, NetworkRecipe
from salus.training.event_rows import Stays, batches_by_length, fit_scaling, pad, shortening_times, static_moments
from salus.training.measures import classification_auroc

Tell = Callable[[int, Mapping[str, float]], None]
"""Told after each epoch: its number from 1, and figures of the training part and of validation."""
_Network = TypeVar("_Network", bound=EventRisk)
_Loss = Callable[[NDArray[np.intp]], Tensor]


def fit_gru_decay(
    train: Stays,
    validation: Stays,
    recipe: GruDecayRecipe,
    *,
    variables: int,
    hours: int,
    times: Sequence[float],
    rng: np.random.Generator,
    tell: Tell,
) -> GruDecay:
    """GRU-D; call it within `determinism.isolated`.

    Args:
        train: Learned from.
        validation: Told of, not chosen by.
        recipe: The hyperparameters.
        variables: How many there are.
        hours: Steps.
        times: The times of the course.
        rng: All chance but the first weights and dropout, which are torch's.
        tell: Told after each epoch.
    """
    mean, deviation = static_moments(train)
    network = GruDecay(
        fit_scaling(train, variables),
        statics=train.statics.shape[1],
        static_mean=mean,
        static_deviation=deviation,
        hours=hours,
        hidden=recipe.hidden,
        dropout=recipe.dropout,
        times=times,
    )
    values, observed = _grids(network, train)
    last = torch.tensor([max(int(np.ceil(rows[:, 0].max())) - 1, 0) for rows in train.events]).clamp(max=hours - 1)
    labels = torch.from_numpy(train.labels).float()
    rising = torch.linspace(0.2, 1.0, hours)

    def loss(chosen: NDArray[np.intp]) -> Tensor:
        index = torch.from_numpy(chosen)
        kept = torch.from_numpy(rng.random((len(chosen), *observed.shape[1:]), dtype=np.float32) >= recipe.left_out)
        seen = observed[index] * kept
        scores = network.scores(train.statics[index], values[index] * seen, seen)
        truth = labels[index].unsqueeze(1).expand_as(scores)
        each = torch.nn.functional.binary_cross_entropy_with_logits(scores, truth, reduction="none")
        at_end = torch.nn.functional.one_hot(last[index], hours)
        weight = (torch.arange(hours) <= last[index].unsqueeze(1)) * rising
        return (1.0 - recipe.course_share) * (each * at_end).sum(dim=1).mean() + recipe.course_share * (
            (each * weight).sum() / weight.sum()
        )

    return _descend(network, loss, count=len(train), recipe=recipe, rng=rng, told=_teller(validation, tell))


def fit_event_transformer(
    train: Stays,
    validation: Stays,
    recipe: EventTransformerRecipe,
    *,
    variables: int,
    duration: float,
    times: Sequence[float],
    rng: np.random.Generator,
    tell: Tell,
) -> EventTransformer:
    """The Transformer over events. Arguments as of `fit_gru_decay`; `duration` is the longest time."""
    mean, deviation = static_moments(train)
    network = EventTransformer(
        fit_scaling(train, variables),
        statics=train.statics.shape[1],
        static_mean=mean,
        static_deviation=deviation,
        duration=duration,
        width=recipe.width,
        heads=recipe.heads,
        layers=recipe.layers,
        queries=recipe.queries,
        dropout=recipe.dropout,
        times=times,
    )
    labels = torch.from_numpy(train.labels).float()

    def loss(chosen: NDArray[np.intp]) -> Tensor:
        batch = train.take(chosen)
        times_known = shortening_times(batch, rng, earliest=recipe.earliest)
        whole = rng.random(len(batch)) >= recipe.shortened_share
        known = batch.shortened(np.where(whole, np.inf, times_known))
        events = [_thinned(rows, recipe, rng) for rows in known.events]
        scores = network.score(known.statics, pad(events))
        return torch.nn.functional.binary_cross_entropy_with_logits(scores, labels[torch.from_numpy(chosen)])

    return _descend(network, loss, count=len(train), recipe=recipe, rng=rng, told=_teller(validation, tell))


def predict_risk(risk: EventRisk, stays: Stays) -> NDArray[np.float32]:
    """(samples,) log-odds of whole samples."""
    found = np.zeros(len(stays), dtype=np.float32)
    with torch.inference_mode():
        for chosen, events in batches_by_length(stays):
            found[chosen] = risk.score(stays.statics[torch.from_numpy(chosen)], events).numpy()
    return found


def _descend(
    network: _Network,
    loss: _Loss,
    *,
    count: int,
    recipe: NetworkRecipe,
    rng: np.random.Generator,
    told: Callable[[int, float, EventRisk], None],
) -> _Network:
    """One cycle of AdamW over epochs; the moving average, in evaluation mode."""
    optimiser = torch.optim.AdamW(network.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay)
    steps = recipe.epochs * -(-count // recipe.batch_size)
    fewest = math.ceil(2 / min(recipe.warm_up, 1 - recipe.warm_up))  # OneCycleLR needs two steps on either side
    cycle = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, recipe.learning_rate, total_steps=max(steps, fewest), pct_start=recipe.warm_up
    )
    average = MovingAverage(network, decay=recipe.average)
    judged = copy.deepcopy(network).eval().requires_grad_(False)
    for epoch in range(1, recipe.epochs + 1):
        network.train()
        total = 0.0
        for chosen in _shuffled(count, recipe.batch_size, rng):
            optimiser.zero_grad()
            value = loss(chosen)
            value.backward()  # type: ignore[no-untyped-call]  # torch does not type it
            nn.utils.clip_grad_norm_(network.parameters(), recipe.clip_norm)
            optimiser.step()
            cycle.step()
            average.update()
            total += float(value.detach()) * len(chosen)
        judged.load_state_dict(average.module.state_dict())
        told(epoch, total / count, judged)
    return judged


def _shuffled(count: int, size: int, rng: np.random.Generator) -> Iterator[NDArray[np.intp]]:
    order = rng.permutation(count)
    for start in range(0, count, size):
        yield order[start : start + size]


def _grids(network: GruDecay, stays: Stays) -> tuple[Tensor, Tensor]:
    values = torch.zeros(len(stays), network.hours, network.scaling.centre.shape[0])
    observed = torch.zeros_like(values)
    with torch.no_grad():
        for chosen, events in batches_by_length(stays):
            index = torch.from_numpy(chosen)
            values[index], observed[index] = network.grid(events)
    return values, observed


def _thinned(
    rows: NDArray[np.float32], recipe: EventTransformerRecipe, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Some of the observations, at least one where there is one."""
    if not len(rows):
        return rows
    share = min(1.0 - recipe.left_out * rng.random(), recipe.most_observations / len(rows))
    kept = rng.random(len(rows)) < share
    kept[rng.integers(len(rows))] = True
    return rows[kept]


def _teller(validation: Stays, tell: Tell) -> Callable[[int, float, EventRisk], None]:
    def told(epoch: int, training_loss: float, risk: EventRisk) -> None:
        scores = predict_risk(risk, validation).astype(np.float64)
        loss = float(np.mean(np.logaddexp(0.0, scores) - validation.labels * scores))
        auroc = classification_auroc(np.stack([np.zeros_like(scores), scores], axis=1), validation.labels)
        tell(epoch, {"training_loss": training_loss, "validation_loss": loss, "validation_auroc": auroc})

    return told
