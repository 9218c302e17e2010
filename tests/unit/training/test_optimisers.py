from __future__ import annotations

import numpy as np
import pytest
from torch import nn

from salus.training.optimisers import decayed_parameters, make_optimiser
from salus.training.recipes import OptimiserName, TrainingRecipe

RATE, MU, BETA2, DECAY = 0.1, 0.9, 0.99, 0.01


def twin(name: OptimiserName, w: float, steps: int) -> float:
    """Minimise w^2 / 2 (gradient w) in plain numbers."""
    v = m = s = 0.0
    for t in range(1, steps + 1):
        g = w + (0.0 if name == "adamw" else DECAY * w)
        if name in {"adam", "adamw"}:
            if name == "adamw":
                w -= RATE * DECAY * w
            m, s = MU * m + (1 - MU) * g, BETA2 * s + (1 - BETA2) * g * g
            w -= RATE * (m / (1 - MU**t)) / (np.sqrt(s / (1 - BETA2**t)) + 1e-8)
            continue
        if name == "sgd":
            w -= RATE * g
            continue
        v = g if t == 1 else MU * v + g
        w -= RATE * (g + MU * v if name == "nesterov" else v)
    return float(w)


@pytest.mark.parametrize("name", ["sgd", "momentum", "nesterov", "adam", "adamw"])
def test_an_optimiser_moves_as_its_formula(name: OptimiserName) -> None:
    module = nn.Linear(1, 1, bias=False)
    nn.init.constant_(module.weight, 2.0)
    recipe = TrainingRecipe(optimiser=name, learning_rate=RATE, momentum=MU, beta2=BETA2, weight_decay=DECAY)
    optimiser = make_optimiser(module, recipe)
    for _ in range(7):
        optimiser.zero_grad()
        (module.weight.square().sum() / 2).backward()  # type: ignore[no-untyped-call]  # torch's stubs
        optimiser.step()
    assert module.weight.item() == pytest.approx(twin(name, 2.0, 7), abs=1e-5)


def test_biases_and_norms_do_not_decay() -> None:
    module = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(2, 2))
    assert [tuple(p.shape) for p in decayed_parameters(module)] == [(2, 1, 3, 3), (2, 2)]
    groups = make_optimiser(module, TrainingRecipe(weight_decay=0.5)).param_groups
    assert [(len(group["params"]), group["weight_decay"]) for group in groups] == [(2, 0.5), (4, 0.0)]


def test_frozen_parameters_are_left_alone() -> None:
    module = nn.Linear(2, 2)
    module.weight.requires_grad_(False)
    assert len(make_optimiser(module, TrainingRecipe()).param_groups) == 1
