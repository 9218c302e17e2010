"""Descriptors and observations in time in, the logits of two classes and their course out."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from salus.networks.event_summary import EventSummary, last_time, observed_until


class StaticFeatures(nn.Module):
    """Descriptors as a row: numbers as they are (NaN where missing), categories as one column each (0 where missing).

    Args:
        categories: Of each descriptor how many categories it has; 0 for a number.
    """

    def __init__(self, categories: Sequence[int]) -> None:
        super().__init__()
        self.categories = tuple(categories)
        self.width = sum(max(1, count) for count in self.categories)

    def forward(self, *scalars: Tensor) -> Tensor:
        """(samples,) each to (samples, width)."""
        columns = []
        for scalar, count in zip(scalars, self.categories, strict=True):
            column = scalar.unsqueeze(1)
            columns.append((column == torch.arange(count)).float() if count else column)
        return torch.cat(columns, dim=1)


class EventRisk(nn.Module):
    """Log-odds of the finding from descriptors and observations; what each family of models is here.

    A family that must look at the observations anew for every time writes `score` alone; one that passes through them
    once writes `forward` as well.

    Args:
        times: The times of the course, at least one.

    Raises:
        ValueError: No times.
    """

    def __init__(self, times: Sequence[float]) -> None:
        super().__init__()
        if not times:
            raise ValueError("expected at least one time of the course; found none")
        self.times = tuple(times)

    def score(self, statics: Tensor, events: Tensor) -> Tensor:
        """(samples,) log-odds of the finding, given all that is handed in."""
        raise NotImplementedError

    def forward(self, statics: Tensor, events: Tensor) -> tuple[Tensor, Tensor]:
        """Judge.

        Args:
            statics: (samples, descriptors) of StaticFeatures.
            events: (samples, observations, 3); rows of NaN pad.

        Returns:
            Log-odds of the finding, (samples,), and what they were with the observations up to each time, (samples,
            times).
        """
        samples, times = events.shape[0], len(self.times)
        known = torch.stack([observed_until(events, time) for time in self.times], dim=1)
        repeated = statics.unsqueeze(1).expand(-1, times, -1)
        course = self.score(repeated.flatten(0, 1), known.flatten(0, 1))
        return self.score(statics, events), course.reshape(samples, times)


class EventClassifier(nn.Module):
    """The module that is exported: the signature's inputs in order, observations last.

    The course is NaN at times before a sample's first observation, and at times before which nothing new came in after
    its last: at 30 h for a stay whose last observation is of 26 h, if the times are 27 h and 30 h.

    Args:
        statics: For the scalar inputs, in order.
        risk: What judges them.
    """

    times: Tensor

    def __init__(self, statics: StaticFeatures, risk: EventRisk) -> None:
        super().__init__()
        self.statics = statics
        self.risk = risk
        self.register_buffer("times", torch.tensor(risk.times, dtype=torch.float32))

    def forward(self, *inputs: Tensor) -> tuple[Tensor, Tensor]:
        """Scalars (samples,) and observations (samples, observations, 3) to logits and course logits.

        Returns:
            Logits (samples, 2), the first 0, and (samples, times, 2).
        """
        *scalars, events = inputs
        score, course = self.risk(self.statics(*scalars), events)
        logits = torch.stack([torch.zeros_like(score), score], dim=1)
        course = torch.stack([torch.zeros_like(course), course], dim=2)
        known = self._known(events).unsqueeze(2)
        return logits, torch.where(known, course, torch.full_like(course, torch.nan))

    def _known(self, events: Tensor) -> Tensor:
        """(samples, times) whether something is known, and something new since the time before."""
        moments = events[..., 0]
        first = torch.where(torch.isnan(moments), torch.inf, moments).amin(dim=1, keepdim=True)
        before = torch.cat([self.times.new_full((1,), -1.0), self.times[:-1]])
        return (first <= self.times) & (last_time(events).unsqueeze(1) > before)


class FeatureRisk(EventRisk):
    """A model of rows over descriptors and summary.

    Args:
        summary: Sums the observations up.
        rows: (samples, statics + summary) to (samples,) log-odds.
        times: The times of the course.
    """

    def __init__(self, summary: EventSummary, rows: nn.Module, *, times: Sequence[float]) -> None:
        super().__init__(times)
        self.summary = summary
        self.rows = rows

    def score(self, statics: Tensor, events: Tensor) -> Tensor:
        """(samples,) log-odds."""
        log_odds: Tensor = self.rows(torch.cat([statics, self.summary(events)], dim=1))
        return log_odds


class StandardisedLinear(nn.Module):
    """w . clip((clip(x, low, high) - mean) / deviation, -limit, limit) + b; a missing x counts as the mean.

    Args:
        low: (features,) values below count as this.
        high: (features,) values above count as this.
        mean: (features,).
        deviation: (features,) above 0.
        weights: (features,).
        bias: Log-odds of the mean row.
        limit: Largest standardised value.
    """

    low: Tensor
    high: Tensor
    mean: Tensor
    deviation: Tensor
    weights: Tensor

    def __init__(
        self,
        *,
        low: Tensor,
        high: Tensor,
        mean: Tensor,
        deviation: Tensor,
        weights: Tensor,
        bias: float,
        limit: float = 3.0,
    ) -> None:
        super().__init__()
        columns = {"low": low, "high": high, "mean": mean, "deviation": deviation, "weights": weights}
        for name, column in columns.items():
            self.register_buffer(name, column.to(torch.float32))
        self.bias = bias
        self.limit = limit

    def standardise(self, rows: Tensor) -> Tensor:
        """(samples, features) to standardised features; 0 where missing."""
        known = torch.where(torch.isnan(rows), self.mean, rows)
        clipped = torch.minimum(torch.maximum(known, self.low), self.high)
        standard = ((clipped - self.mean) / self.deviation).clamp(-self.limit, self.limit)
        return torch.where(torch.isnan(rows), torch.zeros_like(standard), standard)

    def forward(self, rows: Tensor) -> Tensor:
        """(samples, features) to (samples,)."""
        return torch.matmul(self.standardise(rows), self.weights) + self.bias


class EventEnsemble(EventRisk):
    """The weighted mean of members' log-odds, at the end and along the course.

    Args:
        members: With the same times; at least one.
        weights: One a member, adding up to 1; None for equal ones.

    Raises:
        ValueError: No members, or another number of weights.
    """

    def __init__(self, members: Sequence[EventRisk], *, weights: Sequence[float] | None = None) -> None:
        if not members:
            raise ValueError("expected at least one member; found none")
        super().__init__(members[0].times)
        shares = [1.0 / len(members)] * len(members) if weights is None else list(weights)
        if len(shares) != len(members):
            raise ValueError(f"expected {len(members)} weights; found {len(shares)}")
        self.members = nn.ModuleList(members)
        self.weights = tuple(shares)

    def score(self, statics: Tensor, events: Tensor) -> Tensor:
        """(samples,) log-odds."""
        scores = [risk.score(statics, events) for risk in self.members if isinstance(risk, EventRisk)]
        return torch.stack([weight * score for weight, score in zip(self.weights, scores, strict=True)]).sum(dim=0)

    def forward(self, statics: Tensor, events: Tensor) -> tuple[Tensor, Tensor]:
        """As `EventRisk.forward`."""
        answers = [member(statics, events) for member in self.members]
        whole = torch.stack([weight * answer[0] for weight, answer in zip(self.weights, answers, strict=True)])
        course = torch.stack([weight * answer[1] for weight, answer in zip(self.weights, answers, strict=True)])
        return whole.sum(dim=0), course.sum(dim=0)
