"""From visits so far to what a survival model takes: a summary of each variable, or a sequence of visits.

Both are computed in the graph from events (time, variable, value) in any order, padded with rows of NaN.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

_SMALLEST_SPREAD = 1e-3


class VisitSummary(nn.Module):
    """Events and scalars to one row: what landmarking looks at.

    The row holds the scalars, the time of the last event, and of each variable its last value, its mean, its slope by
    least squares (per unit of time; NaN with fewer than two times), and the time since it was last observed; NaN where
    it never was.

    Args:
        logarithms: For each variable whether ln(1 + value) stands for the value.
        events_at: Place of the events among the inputs.

    Example:
        >>> events = torch.tensor([[[0.0, 0.0, 1.0], [2.0, 0.0, 5.0]]])
        >>> VisitSummary([False], events_at=0)(events, torch.tensor([50.0]))
        tensor([[50.,  2.,  5.,  3.,  2.,  0.]])
    """

    logarithm: Tensor
    variables: Tensor

    def __init__(self, logarithms: Sequence[bool], *, events_at: int) -> None:
        super().__init__()
        self.events_at = events_at
        self.register_buffer("logarithm", torch.tensor(list(logarithms)))
        self.register_buffer("variables", torch.arange(len(logarithms), dtype=torch.float32))

    def forward(self, *inputs: Tensor) -> Tensor:
        """Inputs in the signature's order to rows, FP32 (samples, scalars + 1 + 4 variables)."""
        events = inputs[self.events_at]
        scalars = [x.to(torch.float32) for place, x in enumerate(inputs) if place != self.events_at]
        time, variable, value = events[:, :, 0], events[:, :, 1], events[:, :, 2]
        there = torch.logical_not(torch.isnan(time))
        now = torch.where(there, time, torch.full_like(time, float("-inf"))).amax(dim=1, keepdim=True)
        own = (variable.unsqueeze(2) == self.variables) & there.unsqueeze(2)
        ago = torch.where(there, now - time, torch.zeros_like(time)).unsqueeze(2)
        values = torch.where(there, value, torch.zeros_like(value)).unsqueeze(2)
        values = torch.where(self.logarithm, torch.log(1 + values.clamp(min=0)), values)
        mask = own.to(torch.float32)
        count = mask.sum(dim=1)
        nothing = torch.full_like(count, float("nan"))
        since = torch.where(own, ago, torch.full_like(ago, float("inf"))).amin(dim=1)
        last_mask = (own & (ago == since.unsqueeze(1))).to(torch.float32)
        last = (last_mask * values).sum(dim=1) / last_mask.sum(dim=1).clamp(min=1)
        mean = (mask * values).sum(dim=1) / count.clamp(min=1)
        mean_ago = (mask * ago).sum(dim=1) / count.clamp(min=1)
        apart = mask * (ago - mean_ago.unsqueeze(1))
        spread = (apart**2).sum(dim=1)
        slope = -(apart * (values - mean.unsqueeze(1))).sum(dim=1) / spread.clamp(min=_SMALLEST_SPREAD)
        seen = count > 0
        columns = [
            torch.where(seen, last, nothing),
            torch.where(seen, mean, nothing),
            torch.where(spread > _SMALLEST_SPREAD, slope, nothing),
            torch.where(seen, since, nothing),
        ]
        return torch.cat([torch.stack(scalars, dim=1), now, *columns], dim=1)


class VisitSequence(nn.Module):
    """Events and scalars to a sequence of visits: the last `steps` distinct times, the latest one last.

    A step holds for each variable its value (0 where it was not observed) and whether it was, then the visit's time,
    the time since the visit before, whether there is a visit, and the scalars. Steps before the first visit are 0.

    Args:
        variables: Number of variables.
        mean: Of each variable's value (after the logarithm), which is taken off.
        deviation: Of each variable's value, above 0.
        logarithms: For each variable whether ln(1 + value) stands for the value.
        scalar_mean: Of each scalar.
        scalar_deviation: Of each scalar, above 0.
        steps: Most visits.
        events_at: Place of the events among the inputs.
    """

    mean: Tensor
    deviation: Tensor
    logarithm: Tensor
    scalar_mean: Tensor
    scalar_deviation: Tensor
    variables: Tensor
    places: Tensor

    def __init__(
        self,
        *,
        mean: Sequence[float],
        deviation: Sequence[float],
        logarithms: Sequence[bool],
        scalar_mean: Sequence[float],
        scalar_deviation: Sequence[float],
        steps: int,
        events_at: int,
    ) -> None:
        super().__init__()
        self.events_at, self.steps = events_at, steps
        self.register_buffer("mean", torch.tensor(mean, dtype=torch.float32))
        self.register_buffer("deviation", torch.tensor(deviation, dtype=torch.float32))
        self.register_buffer("logarithm", torch.tensor(list(logarithms)))
        self.register_buffer("scalar_mean", torch.tensor(scalar_mean, dtype=torch.float32))
        self.register_buffer("scalar_deviation", torch.tensor(scalar_deviation, dtype=torch.float32))
        self.register_buffer("variables", torch.arange(len(mean), dtype=torch.float32))
        self.register_buffer("places", torch.arange(steps, dtype=torch.float32))

    @property
    def width(self) -> int:
        """Width of a step."""
        return 2 * len(self.variables) + 3 + len(self.scalar_mean)

    def forward(self, *inputs: Tensor) -> Tensor:
        """Inputs in the signature's order to FP32 (samples, steps, `width`)."""
        events = inputs[self.events_at]
        scalars = torch.stack([x.to(torch.float32) for p, x in enumerate(inputs) if p != self.events_at], dim=1)
        scalars = (scalars - self.scalar_mean) / self.scalar_deviation
        scalars = torch.where(torch.isnan(scalars), torch.zeros_like(scalars), scalars)
        time, variable, value = events[:, :, 0], events[:, :, 1], events[:, :, 2]
        there = torch.logical_not(torch.isnan(time))
        time = torch.where(there, time, torch.full_like(time, -1.0))
        value = torch.where(there, value, torch.zeros_like(value))
        step = self._steps(time, there)
        own = ((variable.unsqueeze(2) == self.variables) & there.unsqueeze(2)).to(torch.float32)
        values = torch.where(self.logarithm, torch.log(1 + value.unsqueeze(2).clamp(min=0)), value.unsqueeze(2))
        values = own * ((values - self.mean) / self.deviation).clamp(-5, 5)
        counted = torch.matmul(step, own)
        sums = torch.matmul(step, values) / counted.clamp(min=1)
        total = step.sum(dim=2, keepdim=True)
        visit = (total > 0).to(torch.float32)
        when = torch.matmul(step, time.unsqueeze(2)) / total.clamp(min=1)
        previous = torch.cat([torch.zeros_like(when[:, :1]), when[:, :-1]], dim=1)
        had = torch.cat([torch.zeros_like(visit[:, :1]), visit[:, :-1]], dim=1)
        gap = (when - previous) * had * visit
        known = visit.expand(-1, -1, scalars.shape[1]) * scalars.unsqueeze(1)
        return torch.cat([sums, (counted > 0).to(torch.float32), when, gap, visit, known], dim=2)

    def _steps(self, time: Tensor, there: Tensor) -> Tensor:
        """Which step each event belongs to: (samples, steps, events) of 0 and 1.

        An event's place from the end is the number of distinct later times; a time is counted at its first event.
        """
        same = (time.unsqueeze(2) == time.unsqueeze(1)) & there.unsqueeze(2) & there.unsqueeze(1)
        before = same.to(torch.float32).cumsum(dim=2)
        own = torch.diagonal(before, dim1=1, dim2=2)
        first = ((own == 1) & there).to(torch.float32)
        later = ((time.unsqueeze(1) > time.unsqueeze(2)) & there.unsqueeze(1)).to(torch.float32)
        from_end = torch.matmul(later, first.unsqueeze(2)).squeeze(2)
        place = self.steps - 1 - from_end
        return ((place.unsqueeze(1) == self.places.reshape(1, -1, 1)) & there.unsqueeze(1)).to(torch.float32)


class ParallelGru(nn.Module):
    """M gated recurrent units side by side over a sequence, each with its own weights, and a linear answer.

    The unit is that of `networks.recurrent.GruCell`. It moves only at steps that hold a visit.

    Args:
        networks: M.
        inputs: Width of a step.
        hidden: Width of the state.
        outputs: Width of each answer.
        visit_at: Column of a step that is 1 where there is a visit.
        dropout: Share of the last state that is left out in training.
    """

    def __init__(
        self, networks: int, *, inputs: int, hidden: int, outputs: int, visit_at: int, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.networks, self.hidden, self.visit_at = networks, hidden, visit_at
        bound = hidden**-0.5

        def uniform(*shape: int) -> nn.Parameter:
            return nn.Parameter(torch.empty(networks, *shape).uniform_(-bound, bound))

        self.weight_in, self.bias_in = uniform(inputs, 3 * hidden), uniform(1, 3 * hidden)
        self.weight_state, self.bias_state = uniform(hidden, 3 * hidden), uniform(1, 3 * hidden)
        self.weight_out, self.bias_out = uniform(hidden, outputs), uniform(1, outputs)
        self.dropout = nn.Dropout(dropout)

    def forward(self, steps: Tensor) -> Tensor:
        """FP32 (samples, steps, inputs) to (samples, M, outputs)."""
        state = torch.zeros_like(steps[:, 0, :1]).unsqueeze(0) + torch.zeros_like(self.bias_state[:, :, : self.hidden])
        for step in range(steps.shape[1]):
            x = steps[:, step]
            moves = x[:, self.visit_at : self.visit_at + 1].unsqueeze(0)
            from_x = torch.matmul(x.unsqueeze(0), self.weight_in) + self.bias_in
            from_state = torch.matmul(state, self.weight_state) + self.bias_state
            x_r, x_z, x_n = from_x.chunk(3, dim=2)
            h_r, h_z, h_n = from_state.chunk(3, dim=2)
            r, z = torch.sigmoid(x_r + h_r), torch.sigmoid(x_z + h_z)
            following = (1 - z) * torch.tanh(x_n + r * h_n) + z * state
            state = moves * following + (1 - moves) * state
        answer: Tensor = torch.matmul(self.dropout(state), self.weight_out) + self.bias_out
        return answer.transpose(0, 1)
