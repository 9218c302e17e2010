"""The regressions behind a served number: ridge, trees, a perceptron, and a stack of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from salus.networks.regression_graph import MeanOfMembers, StackedRegressions, StandardisedMembers
from salus.networks.treatment_members import MemberPerceptrons
from salus.training.determinism import isolated
from salus.training.treatment_base_learners import (
    BoostingSettings,
    Floats,
    Rows,
    answers_of,
    fit_boosting,
    fit_ridge,
)

Fit = Callable[[Rows, Floats], nn.Module]
"""From features and a target to a module (samples, features) to (samples, members)."""


def ridge(x: Rows, y: Floats) -> nn.Module:
    """One ridge regression, its penalty by leave-one-out error."""
    return fit_ridge(x, y, np.ones((1, len(y))))


def boosting(x: Rows, y: Floats, *, settings: BoostingSettings, seed: int) -> nn.Module:
    """One LightGBM model."""
    return fit_boosting(x, y, np.ones((1, len(y))), settings=settings, seed=seed)


def perceptrons(
    x: Rows, y: Floats, *, hidden: tuple[int, ...], members: int, epochs: int, weight_decay: float, seed: int
) -> nn.Module:
    """Perceptrons of the same form, from first weights of their own, their answers averaged.

    AdamW on the mean absolute error in spreads of the target, batches of 128, a learning rate that falls from 2e-3
    to 0 along a cosine.
    """
    centre, spread = float(np.median(y)), max(float(y.std()), 1e-6)
    inputs, targets = torch.from_numpy(x), torch.from_numpy(((y - centre) / spread).astype(np.float32))
    generator = torch.Generator().manual_seed(seed)
    with isolated(seed, device=torch.device("cpu"), threads=1):
        network = MemberPerceptrons(members, [x.shape[1], *hidden, 1], generator=generator, shared_input=True)
        optimiser = torch.optim.AdamW(network.parameters(), lr=2e-3, weight_decay=weight_decay)
        batches = max(1, len(y) // 128)
        falling = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, epochs * batches)
        for _ in range(epochs):
            for chosen in torch.randperm(len(y)).tensor_split(batches):
                loss = (network(inputs[chosen]).squeeze(2) - targets[chosen]).abs().mean(dim=1).sum()
                optimiser.zero_grad(set_to_none=True)
                loss.backward()
                optimiser.step()
                falling.step()
    return MeanOfMembers(StandardisedMembers(network.eval().requires_grad_(False), centre=centre, spread=spread))


def stack(x: Rows, y: Floats, *, fits: list[Fit], folds: int, rng: np.random.Generator) -> nn.Module:
    """The weighted mean of several models, the weights learnt from answers to samples that they did not see.

    Weights are not negative and add up to 1; they minimise the squared error of the cross-validated answers (Breiman,
    Machine Learning 24:49-64, 1996).
    """
    from scipy.optimize import nnls

    fold = rng.permutation(len(y)) % folds
    unseen = np.empty((len(y), len(fits)))
    for one in range(folds):
        for column, fit in enumerate(fits):
            unseen[fold == one, column] = answers_of(fit(x[fold != one], y[fold != one]), x[fold == one])[:, 0]
    strong = 1e3 * float(np.abs(unseen).mean()) * np.sqrt(len(y))
    weights, _ = nnls(np.vstack([unseen, np.full((1, len(fits)), strong)]), np.append(y, strong))
    return StackedRegressions([fit(x, y) for fit in fits], weights=(weights / weights.sum()).astype(np.float32))
