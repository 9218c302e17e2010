"""From the curves of several members to the served outputs of a survival model.

Members answer L_m(t|x) = ln H_m(t|x), the logarithm of the cumulative hazard at each time; S = exp(-exp(L)). They are
pooled where such curves are nearly normal, in L (the complementary log-log scale, on which Kalbfleisch and Prentice,
"The Statistical Analysis of Failure Time Data", 1980, section 1.3, put intervals of a survival curve):

    L(t|x) = shift + slope sum_m centre_m L_m(t|x),   sd(t|x) = slope sqrt(spread-weighted variance of L_m(t|x)),

and the 95 % band is exp(-exp(L +- 1.96 sd)). `shift` and `slope` recalibrate. Nothing is told past the last observed
time: there the outputs are NaN.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

SURVIVAL_OUTPUTS = ("survival", "survival_band", "median_time", "risk", "risk_interval", "score")
"""Names of the outputs, in the order of `contracts.survival.survival_outputs`."""

_NORMAL_95 = 1.959964
_NEVER = 1e-12


class SurvivalCurves(nn.Module):
    """Pools members and writes the six outputs.

    Args:
        times: (T,) ascending, above 0.
        horizons: (H,) some of `times`.
        last_time: The last observed time of the training data; times after it are told as NaN.
        centre: (M,) weight of each member in the curve; not negative, sums to 1.
        spread: (M,) weight of each member in the band; not negative, sums to 1.
        shift: Of ln H.
        slope: Of ln H, above 0.

    Raises:
        ValueError: Weights do not sum to 1, the slope is not above 0, or no horizon is before `last_time`.

    Example:
        >>> curves = SurvivalCurves((1.0, 2.0), (2.0,), last_time=9.0, centre=(1.0,), spread=(1.0,))
        >>> curves(torch.zeros(1, 1, 2))[0].tolist()[0][0] == float(torch.exp(torch.tensor(-1.0)))
        True
    """

    centre: Tensor
    spread: Tensor
    known: Tensor
    starts: Tensor
    widths: Tensor
    at: Tensor

    def __init__(
        self,
        times: Sequence[float],
        horizons: Sequence[float],
        *,
        last_time: float,
        centre: Sequence[float],
        spread: Sequence[float],
        shift: float = 0.0,
        slope: float = 1.0,
    ) -> None:
        super().__init__()
        known = [time <= last_time for time in times]
        if abs(sum(centre) - 1) > 1e-6 or abs(sum(spread) - 1) > 1e-6 or slope <= 0 or not known[0]:
            raise ValueError("expected weights that sum to 1, a slope above 0 and a time before the last observed one")
        places = [times.index(horizon) for horizon in horizons]
        self.scored = max((place for place in places if known[place]), default=sum(known) - 1)
        self.last = sum(known) - 1
        self.shift, self.slope = shift, slope
        effective = 1 - sum(weight**2 for weight in spread)
        self.unbiased = 1 / effective if effective > _NEVER else 0.0
        self.register_buffer("centre", torch.tensor(centre, dtype=torch.float32).reshape(1, -1, 1))
        self.register_buffer("spread", torch.tensor(spread, dtype=torch.float32).reshape(1, -1, 1))
        self.register_buffer("known", torch.tensor(known).reshape(1, -1))
        starts = (0.0, *times[:-1])
        self.register_buffer("starts", torch.tensor(starts, dtype=torch.float32))
        self.register_buffer("widths", torch.tensor([b - a for a, b in zip(starts, times, strict=True)]))
        self.register_buffer("at", torch.tensor(places, dtype=torch.int64))

    def forward(self, members: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]:
        """Pool.

        Args:
            members: ln H of each member, FP32 (samples, M, T), not falling in time.

        Returns:
            `survival` (samples, T), `survival_band` (samples, T, 2), `median_time` (samples,), `risk` (samples, H),
            `risk_interval` (samples, H, 2), `score` (samples,).
        """
        log_hazard = self.shift + self.slope * (self.centre * members).sum(dim=1)
        middle = (self.spread * members).sum(dim=1, keepdim=True)
        variance = (self.spread * (members - middle) ** 2).sum(dim=1) * self.unbiased
        reach = _NORMAL_95 * self.slope * variance.clamp(min=0).sqrt()
        most, least = _never_falling(log_hazard + reach), _never_falling_back(log_hazard - reach)
        unknown = torch.full_like(log_hazard, float("nan"))
        survival, low, high = (
            torch.where(self.known, torch.exp(-torch.exp(x)), unknown) for x in (log_hazard, most, least)
        )
        band = torch.stack([low, high], dim=2)
        risk = 1 - survival.index_select(1, self.at)
        interval = torch.stack([1 - high.index_select(1, self.at), 1 - low.index_select(1, self.at)], dim=2)
        median = self._median(torch.exp(-torch.exp(log_hazard)))
        return survival, band, median, risk, interval, log_hazard[:, self.scored]

    def _median(self, survival: Tensor) -> Tensor:
        """Where the curve, linear between its times and 1 at 0, falls to one half; NaN where it does not."""
        before = torch.cat([torch.ones_like(survival[:, :1]), survival[:, :-1]], dim=1)
        share = ((before - 0.5) / (before - survival).clamp(min=_NEVER)).clamp(0, 1)
        time = (share * self.widths).sum(dim=1)
        return torch.where(survival[:, self.last] <= 0.5, time, torch.full_like(time, float("nan")))


def _never_falling(x: Tensor) -> Tensor:
    """The largest value up to each time."""
    steps = x.shape[1]
    earlier = torch.ones(steps, steps, dtype=torch.bool, device=x.device).tril()
    return torch.where(earlier, x.unsqueeze(1), torch.full_like(x, float("-inf")).unsqueeze(1)).amax(dim=2)


def _never_falling_back(x: Tensor) -> Tensor:
    """The smallest value from each time on."""
    steps = x.shape[1]
    later = torch.ones(steps, steps, dtype=torch.bool, device=x.device).triu()
    return torch.where(later, x.unsqueeze(1), torch.full_like(x, float("inf")).unsqueeze(1)).amin(dim=2)


class SurvivalModel(nn.Module):
    """A whole survival model: inputs to rows, rows to members' curves, curves to outputs.

    Args:
        encoder: Its forward takes the signature's inputs in order and returns what the members take.
        members: Each returns ln H, (samples, its members, T).
        curves: Pools them, in that order.
    """

    def __init__(self, encoder: nn.Module, members: Sequence[nn.Module], curves: SurvivalCurves) -> None:
        super().__init__()
        self.encoder = encoder
        self.members = nn.ModuleList(members)
        self.curves = curves

    def forward(self, *inputs: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]:
        """The six outputs for the signature's inputs."""
        rows = self.encoder(*inputs)
        answer: tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor] = self.curves(
            torch.cat([member(rows) for member in self.members], dim=1)
        )
        return answer
