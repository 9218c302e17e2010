"""The exponential moving average of a module's weights."""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn


class MovingAverage:
    """theta_avg <- d theta_avg + (1 - d) theta with d = min(decay, (1 + t) / (10 + t)) at update t.

    Polyak and Juditsky, "Acceleration of stochastic approximation by averaging", 1992; the warm-up of d is that of
    TensorFlow's ExponentialMovingAverage. Running statistics of norms are averaged too, counters are copied.

    Args:
        module: Followed; not changed.
        decay: The largest d, from 0 to 1.
    """

    def __init__(self, module: nn.Module, *, decay: float) -> None:
        self._source = module
        self.module = copy.deepcopy(module).eval().requires_grad_(False)
        self._decay = decay
        self.updates = 0
        pairs = list(zip(_tensors(self.module), _tensors(module), strict=True))
        self._floating = [pair for pair in pairs if pair[0].is_floating_point()]
        self._counters = [pair for pair in pairs if not pair[0].is_floating_point()]

    @torch.no_grad()
    def update(self) -> None:
        """Take the module's weights as they are now."""
        decay = min(self._decay, (1 + self.updates) / (10 + self.updates))
        self.updates += 1
        for own, other in self._floating:
            own.lerp_(other, 1 - decay)
        for own, other in self._counters:
            own.copy_(other)


def _tensors(module: nn.Module) -> list[Tensor]:
    return [*module.parameters(), *module.buffers()]
