"""Values of many variables on one scale."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class EventScaling(nn.Module):
    """asinh((value - centre) / spread) by variable: straight in the middle, a logarithm in both tails.

    Laboratory values span decades; the inverse hyperbolic sine keeps their order and tames them without a threshold
    (Burbidge, Magee, Robb, JASA 83:123, 1988).

    Args:
        centre: (variables,) in the variable's unit.
        spread: (variables,) in the variable's unit, above 0.
    """

    centre: Tensor
    spread: Tensor

    def __init__(self, centre: Tensor, spread: Tensor) -> None:
        super().__init__()
        self.register_buffer("centre", centre.to(torch.float32))
        self.register_buffer("spread", spread.to(torch.float32))

    def forward(self, events: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Take observations apart.

        Args:
            events: (samples, observations, 3): time, variable, value; rows of NaN pad.

        Returns:
            Of shape (samples, observations): time (0 where padded), variable (INT64, 0 where padded), scaled value (0
            where padded), and whether it is an observation.
        """
        present = torch.logical_not(torch.isnan(events[..., 0]) | torch.isnan(events[..., 2]))
        known = torch.where(present.unsqueeze(2), events, torch.zeros_like(events))
        index = known[..., 1].to(torch.int64)
        scaled = torch.asinh((known[..., 2] - self.centre[index]) / self.spread[index])
        return known[..., 0], index, torch.where(present, scaled, torch.zeros_like(scaled)), present
