"""A published linear formula as a module, instead of a learnt one."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from salus.contracts.errors import InvalidInput
from salus.networks.tabular_features import TabularFeatures


class LinearFormula(nn.Module):
    """b + sum_i c_i x_i over values as they are, which are taken back from the standardised features.

    Args:
        features: Whose columns come in; missing scalars have been filled with the training median.
        intercept: b.
        coefficients: c by feature: a scalar's name, `input=index` of a category, `input missing`. Others count 0; none
            at all gives the same answer to everybody.

    Raises:
        InvalidInput: A coefficient of a feature that is not there.
    """

    weight: Tensor

    def __init__(self, features: TabularFeatures, intercept: float, coefficients: Mapping[str, float]) -> None:
        super().__init__()
        unknown = sorted(set(coefficients) - set(features.names))
        if unknown:
            raise InvalidInput(
                f"features among {', '.join(features.names)}", found=", ".join(unknown), remedy="Correct the formula."
            )
        self.features = features
        self.intercept = intercept
        self.register_buffer("weight", torch.tensor([[coefficients.get(name, 0.0)] for name in features.names]))

    def forward(self, x: Tensor) -> Tensor:
        """(samples, features) to (samples, 1)."""
        scalars = self.features.mean.shape[0]
        raw = x[:, :scalars] * self.features.spread + self.features.mean
        raw = torch.where(self.features.skewed, torch.exp(raw) - 1.0, raw)
        return torch.cat([raw, x[:, scalars:]], dim=1) @ self.weight + self.intercept
