"""A treatment model as one module that answers `treatment_outputs`."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from salus.networks.tabular_features import TabularFeatures


class PropensityModel(nn.Module):
    """The chance of being given each option: softmax(a f(x) + b), a and b fitted on validation data.

    Args:
        scores: (samples, features) to (samples, options), logits.
        scale: a.
        shift: b, FP32 (options,).
    """

    shift: Tensor

    def __init__(self, scores: nn.Module, *, scale: float, shift: NDArray[np.float32]) -> None:
        super().__init__()
        self.scores = scores
        self.scale = scale
        self.register_buffer("shift", torch.from_numpy(np.asarray(shift, dtype=np.float32)))

    def forward(self, x: Tensor) -> Tensor:
        """(samples, features) to (samples, options), each row adding up to 1."""
        return torch.softmax(self.scores(x) * self.scale + self.shift, dim=1)


class Support(nn.Module):
    """Where the data can tell: every option was given often enough, and the sample is not far from all of them.

    The first rule keeps samples with sum_k 1 / e_k(x) <= gamma (Crump, Hotz, Imbens, Mitnik, Biometrika 96:187-199,
    2009, for two options; Yang et al., Biometrics 72:1055-1065, 2016, for more). The second keeps those whose
    Mahalanobis distance from the training mean is at most `radius`.

    Args:
        gamma: Largest sum of inverse propensities.
        mean: FP32 (features,).
        whitening: FP32 (features, features): its rows' product with a deviation has the identity as covariance.
        radius: Largest distance.
    """

    mean: Tensor
    whitening: Tensor

    def __init__(
        self, *, gamma: float, mean: NDArray[np.float32], whitening: NDArray[np.float32], radius: float
    ) -> None:
        super().__init__()
        self.gamma = gamma
        self.radius = radius
        self.register_buffer("mean", torch.from_numpy(np.asarray(mean, dtype=np.float32)))
        self.register_buffer("whitening", torch.from_numpy(np.ascontiguousarray(whitening, dtype=np.float32)))

    def forward(self, x: Tensor, propensity: Tensor) -> Tensor:
        """(samples, features) and (samples, options) to BOOL (samples,)."""
        given = (1.0 / propensity.clamp(min=1e-6)).sum(dim=1) <= self.gamma
        far = (((x - self.mean) @ self.whitening) ** 2).sum(dim=1) > self.radius**2
        return given & torch.logical_not(far)


class TreatmentGraph(nn.Module):
    """Features, outcomes, propensity and support as one graph.

    The outcome is the members' mean; its interval, and that of the effect, is the mean plus and minus `width` times
    the members' standard deviation. Options are ranked by outcome; those whose outcomes differ by less than
    `resolution` keep the order of the task. A sample that lacks a needed value is answered by NaN, rank -1 and no
    overlap.

    Args:
        features: Of the inputs.
        outcomes: (features, propensity) to (samples, members, options).
        propensity: (samples, features) to (samples, options).
        support: (features, propensity) to BOOL (samples,).
        width: Quantile of Student's t with members - 1 degrees of freedom.
        higher_is_better: Of the outcome.
        resolution: In the outcome's unit, above 0.
        bounds: Smallest and largest possible outcome.
    """

    def __init__(
        self,
        features: TabularFeatures,
        outcomes: nn.Module,
        propensity: nn.Module,
        support: nn.Module,
        *,
        width: float,
        higher_is_better: bool,
        resolution: float,
        bounds: tuple[float, float] = (-np.inf, np.inf),
    ) -> None:
        super().__init__()
        self.features = features
        self.outcomes = outcomes
        self.propensity = propensity
        self.support = support
        self.width = width
        self.sign = 1.0 if higher_is_better else -1.0
        self.resolution = resolution
        self.bounds = bounds

    def forward(self, *columns: Tensor) -> tuple[Tensor, ...]:
        """The tensors of `treatment_outputs`, in its order."""
        x, usable = self.features(*columns)
        propensity = self.propensity(x)
        members = self.outcomes(x, propensity)
        outcome = self._clamp(members.mean(dim=1))
        effect = outcome - outcome[:, :1]
        ranking = self._rank(effect)
        overlap = self.support(x, propensity) & usable
        told = [
            outcome,
            self._clamp(self._interval(outcome, members)),
            effect,
            self._interval(effect, members - members[:, :, :1]),
        ]
        outcome, outcome_interval, effect, effect_interval = (_where(usable, tensor) for tensor in told)
        ranking = torch.where(usable.unsqueeze(1), ranking, torch.full_like(ranking, -1))
        return outcome, outcome_interval, effect, effect_interval, ranking, _where(usable, propensity), overlap

    def _interval(self, centre: Tensor, members: Tensor) -> Tensor:
        """(samples, options, 2)."""
        count = members.shape[1]
        if count == 1:
            half = torch.full_like(centre, float("nan"))
        else:
            deviation = members - members.mean(dim=1, keepdim=True)
            half = self.width * torch.sqrt((deviation**2).sum(dim=1) / (count - 1))
        return torch.stack([centre - half, centre + half], dim=2)

    def _rank(self, effect: Tensor) -> Tensor:
        """Distinct whole-number keys, so that rounding in another engine does not turn an order."""
        count = effect.shape[1]
        steps = torch.round(self.sign * effect / self.resolution).clamp(-1e6, 1e6)
        order = torch.arange(count, dtype=torch.float32, device=effect.device)
        return torch.topk(steps * count - order, count, dim=1).indices

    def _clamp(self, values: Tensor) -> Tensor:
        low, high = self.bounds
        return values.clamp(min=low, max=high) if np.isfinite(low) or np.isfinite(high) else values


def _where(usable: Tensor, values: Tensor) -> Tensor:
    mask = usable.reshape(-1, *([1] * (values.dim() - 1)))
    return torch.where(mask, values, torch.full_like(values, float("nan")))
