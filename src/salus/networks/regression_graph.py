"""A regression as one module that answers `regression_outputs`: the value and its conformal interval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from salus.networks.tabular_features import TabularFeatures

Scale = Literal["identity", "sqrt", "log"]


class StandardisedMembers(nn.Module):
    """Answers of perceptrons, (members, samples, 1), taken back to the target's scale: (samples, members)."""

    def __init__(self, network: nn.Module, *, centre: float, spread: float) -> None:
        super().__init__()
        self.network = network
        self.centre = centre
        self.spread = spread

    def forward(self, x: Tensor) -> Tensor:
        """(samples, features) to (samples, members)."""
        answers: Tensor = self.network(x)
        return answers.squeeze(2).transpose(0, 1) * self.spread + self.centre


class MeanOfMembers(nn.Module):
    """The mean over members: (samples, features) to (samples, 1)."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, x: Tensor) -> Tensor:
        """(samples, features) to (samples, 1)."""
        answers: Tensor = self.model(x)
        return answers.mean(dim=1, keepdim=True)


class StackedRegressions(nn.Module):
    """A weighted mean of models.

    Args:
        models: (samples, features) to (samples, 1) each.
        weights: (models,).
    """

    weights: Tensor

    def __init__(self, models: Sequence[nn.Module], *, weights: NDArray[np.float32]) -> None:
        super().__init__()
        self.models = nn.ModuleList(models)
        self.register_buffer("weights", torch.from_numpy(weights))

    def forward(self, x: Tensor) -> Tensor:
        """(samples, features) to (samples, 1)."""
        return torch.cat([model(x) for model in self.models], dim=1) @ self.weights.unsqueeze(1)


class RegressionGraph(nn.Module):
    """Features, a model on a scale of its own, and the conformal half-width on that scale.

    With the scale `sqrt` or `log` the interval is not symmetric in the value's unit: it is wider above, and wider for
    large values. A sample that lacks a needed value is answered by NaN.

    Args:
        features: Of the inputs.
        model: (samples, features) to (samples, 1), on the scale.
        scale: What the model's target was: y, sqrt(y) or ln(y).
        half_width: On the scale; see `training.regression_conformal`.
        bounds: Smallest and largest value that is answered.
    """

    def __init__(
        self,
        features: TabularFeatures,
        model: nn.Module,
        *,
        scale: Scale,
        half_width: float,
        bounds: tuple[float, float] = (-np.inf, np.inf),
    ) -> None:
        super().__init__()
        self.features = features
        self.model = model
        self.scale = scale
        self.half_width = half_width
        self.bounds = bounds

    def forward(self, *columns: Tensor) -> tuple[Tensor, Tensor]:
        """The tensors of `regression_outputs`: `value` (samples,) and `value_interval` (samples, 2)."""
        x, usable = self.features(*columns)
        middle: Tensor = self.model(x)
        ends = torch.cat([middle, middle - self.half_width, middle + self.half_width], dim=1)
        told = self._from_scale(ends)
        low, high = self.bounds
        if np.isfinite(low) or np.isfinite(high):
            told = told.clamp(min=low, max=high)
        told = torch.where(usable.unsqueeze(1), told, torch.full_like(told, float("nan")))
        return told[:, 0], told[:, 1:]

    def _from_scale(self, values: Tensor) -> Tensor:
        if self.scale == "sqrt":
            return values.clamp(min=0.0) ** 2
        return torch.exp(values) if self.scale == "log" else values
