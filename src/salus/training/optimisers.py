"""Optimisers by name.

`sgd`: w <- w - eta g. `momentum`: v <- mu v + g, w <- w - eta v (Polyak 1964). `nesterov`: w <- w - eta (g + mu v)
(Sutskever et al., ICML 2013). `adam`: Kingma and Ba, ICLR 2015. `adamw`: Loshchilov and Hutter, ICLR 2019.
"""

from __future__ import annotations

import torch
from torch import nn

from salus.training.recipes import TrainingRecipe


def decayed_parameters(module: nn.Module) -> list[nn.Parameter]:
    """The weights that penalties and decay apply to: all but biases and norms (parameters of one axis)."""
    return [p for p in module.parameters() if p.requires_grad and p.ndim > 1]


def make_optimiser(module: nn.Module, recipe: TrainingRecipe) -> torch.optim.Optimizer:
    """The recipe's optimiser over the module's parameters."""
    decayed = decayed_parameters(module)
    chosen = {id(p) for p in decayed}
    other = [p for p in module.parameters() if p.requires_grad and id(p) not in chosen]
    groups = [
        {"params": decayed, "weight_decay": recipe.weight_decay},
        {"params": other, "weight_decay": 0.0},
    ]
    groups = [group for group in groups if group["params"]]
    rate = recipe.learning_rate
    if recipe.optimiser == "adam":
        return torch.optim.Adam(groups, lr=rate, betas=(recipe.momentum, recipe.beta2))
    if recipe.optimiser == "adamw":
        return torch.optim.AdamW(groups, lr=rate, betas=(recipe.momentum, recipe.beta2))
    momentum = 0.0 if recipe.optimiser == "sgd" else recipe.momentum
    return torch.optim.SGD(groups, lr=rate, momentum=momentum, nesterov=recipe.optimiser == "nesterov")
