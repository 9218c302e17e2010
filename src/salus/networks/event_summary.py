"""Observations in time summed up as one row of features a sample, inside the graph.

Everything is a masked reduction over the observations, so that their number is free and their order does not matter.
Sums are taken in double precision: a tree's threshold may lie just beside a mean, and float32 sums depend on the order
of adding.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

STATISTICS = (
    "count",
    "total",
    "mean",
    "deviation",
    "slope",
    "minimum",
    "maximum",
    "first",
    "last",
    "since_last",
    "recent_count",
    "recent_mean",
    "recent_minimum",
    "recent_maximum",
)
"""What is told of each variable; all but the counts and the total are NaN where it was not observed."""

RATIO_STATISTICS = ("mean", "minimum", "last", "recent_mean")
"""Of which statistics the ratios of two variables are taken."""


def observed_until(events: Tensor, time: float) -> Tensor:
    """The observations up to a time, that time included; later ones become padding.

    Args:
        events: (samples, observations, 3): time, variable, value; rows of NaN pad.
        time: In the unit of the times.
    """
    return torch.where(events[..., :1] <= time, events, torch.full_like(events, torch.nan))


def last_time(events: Tensor) -> Tensor:
    """(samples,) the time of the latest observation; 0 where there is none."""
    times = events[..., 0]
    return torch.where(torch.isnan(times), torch.zeros_like(times), times).amax(dim=1)


class EventSummary(nn.Module):
    """STATISTICS of each variable, of unions of variables, and the time of the latest observation.

    - count, total, mean, deviation (population), minimum, maximum over all observations of the variable;
    - slope: of the least-squares line over time, with three observations or more at different times;
    - first, last: the mean of the values at the earliest and latest time;
    - since_last: from the variable's latest observation to the sample's latest;
    - recent_...: over the last `recent` units of time before the sample's latest observation.

    Args:
        variables: How many there are.
        unions: Sets of variables (by index) that are told once more as one, such as a pressure by cuff or by line.
        ratios: Pairs of columns (variables, then unions from `variables` on) whose RATIO_STATISTICS are divided by
            each other; NaN where one is unknown or the second is 0.
        recent: Length of the recent part, in the unit of the times.

    Example:
        >>> events = torch.tensor([[[0.0, 0.0, 5.0], [2.0, 0.0, 7.0], [torch.nan] * 3]])
        >>> row = EventSummary(1, recent=1.0)(events)[0]
        >>> row[STATISTICS.index("mean")].item(), row[STATISTICS.index("recent_mean")].item(), row[-1].item()
        (6.0, 7.0, 2.0)
    """

    membership: Tensor

    def __init__(
        self,
        variables: int,
        *,
        unions: Sequence[Sequence[int]] = (),
        ratios: Sequence[tuple[int, int]] = (),
        recent: float = 12.0,
    ) -> None:
        super().__init__()
        membership = torch.cat([torch.eye(variables), torch.zeros(len(unions), variables)])
        for row, members in enumerate(unions, start=variables):
            membership[row, list(members)] = 1.0
        self.register_buffer("membership", membership)
        self.numerators = [above for above, _ in ratios]
        self.denominators = [below for _, below in ratios]
        self.recent = recent
        self.width = membership.shape[0] * len(STATISTICS) + len(ratios) * len(RATIO_STATISTICS) + 1

    def forward(self, events: Tensor) -> Tensor:
        """(samples, observations, 3) to (samples, width): by statistic over the variables; ratios; the time."""
        time, value = events[..., 0], events[..., 2]
        present = torch.logical_not(torch.isnan(time) | torch.isnan(value))
        zero = torch.zeros_like(time)
        time, value = torch.where(present, time, zero), torch.where(present, value, zero)
        code = torch.where(present, events[..., 1], zero).to(torch.int64)
        member = (self.membership[:, code].transpose(0, 1) > 0) & present.unsqueeze(1)
        now = time.amax(dim=1, keepdim=True)
        recent = member & (time >= now - self.recent).unsqueeze(1)
        whole, late = _moments(member, time, value), _moments(recent, time, value)
        low, high = _extremes(member, value)
        recent_low, recent_high = _extremes(recent, value)
        begin, end = _extremes(member, time)
        columns = [
            *whole,
            low,
            high,
            _value_at(member, begin, time, value),
            _value_at(member, end, time, value),
            now - end,
            late[0],
            late[2],
            recent_low,
            recent_high,
        ]
        divided = [self._divide(columns[STATISTICS.index(name)]) for name in RATIO_STATISTICS if self.numerators]
        return torch.cat([*columns, *divided, now], dim=1)

    def _divide(self, statistic: Tensor) -> Tensor:
        """(samples, variables) to (samples, ratios)."""
        denominator = statistic[:, self.denominators]
        return _where_known(denominator > 0, statistic[:, self.numerators] / denominator.clamp(min=1e-6))


def _moments(member: Tensor, time: Tensor, value: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Count, total, mean, deviation and slope, (samples, variables) each."""
    t, x = time.double(), value.double()
    powers = torch.stack([torch.ones_like(t), t, x, t * t, x * x, t * x], dim=2)
    sums = torch.matmul(member.double(), powers)
    count, st, sx, stt, sxx, stx = (sums[..., place] for place in range(6))
    n = count.clamp(min=1.0)
    mean_t, mean_x = st / n, sx / n
    spread = _clean(stt / n - mean_t**2, mean_t**2)
    variance = _clean(sxx / n - mean_x**2, mean_x**2).clamp(min=0.0)
    slope = _clean(stx / n - mean_t * mean_x, mean_t * mean_x) / spread.clamp(min=1e-9)
    seen = count > 0
    known = [_where_known(seen, column.float()) for column in (mean_x, variance.sqrt())]
    return count.float(), sx.float(), known[0], known[1], _where_known((count > 2.5) & (spread > 1e-6), slope.float())


def _clean(difference: Tensor, product: Tensor) -> Tensor:
    """0 where nothing but rounding is left of a difference of products, so that a tree cannot split by its sign."""
    return torch.where(difference.abs() > 1e-12 * (1.0 + product.abs()), difference, torch.zeros_like(difference))


def _extremes(member: Tensor, amount: Tensor) -> tuple[Tensor, Tensor]:
    """Smallest and largest, (samples, variables) each; NaN where there is none."""
    row = amount.unsqueeze(1)
    low = torch.where(member, row, torch.inf).amin(dim=2)
    high = torch.where(member, row, -torch.inf).amax(dim=2)
    return _where_known(torch.isfinite(low), low), _where_known(torch.isfinite(high), high)


def _value_at(member: Tensor, moment: Tensor, time: Tensor, value: Tensor) -> Tensor:
    """(samples, variables) the mean value at each variable's own moment; NaN where there is none."""
    there = member & (time.unsqueeze(1) == moment.unsqueeze(2))
    pair = torch.stack([torch.ones_like(value), value], dim=2).double()
    sums = torch.matmul(there.double(), pair)
    return _where_known(sums[..., 0] > 0, (sums[..., 1] / sums[..., 0].clamp(min=1.0)).float())


def _where_known(known: Tensor, amount: Tensor) -> Tensor:
    return torch.where(known, amount, torch.full_like(amount, torch.nan))
