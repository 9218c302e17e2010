"""A Transformer over observations as they are: (time, variable, value), in any number and order.

An observation becomes a token: an embedding of its variable, its scaled value along a direction of that variable and
through a small network, and its time (as in STraTS; Tipirneni and Reddy, TKDD 16:105, 2022). A few learned queries,
which know the descriptors and the present time, look at all tokens and then at each other, layer by layer (Perceiver;
Jaegle et al., ICML 2021), so that the cost grows with the number of observations and not with its square.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from salus.networks.attention import MultiHeadAttention
from salus.networks.event_classifier import EventRisk
from salus.networks.event_scaling import EventScaling
from salus.networks.event_summary import last_time


class _Layer(nn.Module):
    """Queries look at the tokens, then at each other, then each thinks by itself; normalised first (pre-norm)."""

    def __init__(self, width: int, heads: int, *, dropout: float) -> None:
        super().__init__()
        self.look = MultiHeadAttention(width, heads, dropout=dropout)
        self.confer = MultiHeadAttention(width, heads, dropout=dropout)
        self.think = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(3))
        self.dropout = nn.Dropout(dropout)

    def forward(self, queries: Tensor, tokens: Tensor, mask: Tensor) -> Tensor:
        """(samples, queries, width) and (samples, tokens, width) to (samples, queries, width)."""
        queries = queries + self.dropout(self.look(self.norms[0](queries), tokens, mask)[0])
        own = self.norms[1](queries)
        queries = queries + self.dropout(self.confer(own, own)[0])
        following: Tensor = queries + self.dropout(self.think(self.norms[2](queries)))
        return following


class EventTransformer(EventRisk):
    """Log-odds of the finding.

    Args:
        scaling: Of the values.
        statics: Width of the descriptors.
        static_mean: (statics,) what a missing descriptor counts as.
        static_deviation: (statics,) above 0.
        duration: Longest time, in the unit of the times.
        width: Of a token.
        heads: Of each attention.
        layers: How many.
        queries: How many.
        dropout: In training, of each sublayer's answer and of the attention weights.
        times: The times of the course.
    """

    static_mean: Tensor
    static_deviation: Tensor

    def __init__(
        self,
        scaling: EventScaling,
        *,
        statics: int,
        static_mean: Tensor,
        static_deviation: Tensor,
        duration: float = 48.0,
        width: int = 48,
        heads: int = 4,
        layers: int = 2,
        queries: int = 8,
        dropout: float = 0.2,
        times: Sequence[float] = (48.0,),
    ) -> None:
        super().__init__(times)
        variables = scaling.centre.shape[0]
        self.scaling = scaling
        self.duration = duration
        self.register_buffer("static_mean", static_mean.to(torch.float32))
        self.register_buffer("static_deviation", static_deviation.to(torch.float32))
        self.variable = nn.Parameter(torch.randn(variables, width) * 0.3)
        self.direction = nn.Parameter(torch.randn(variables, width) * 0.3)
        self.value = nn.Sequential(nn.Linear(1, width), nn.Tanh(), nn.Linear(width, width, bias=False))
        self.time = nn.Sequential(nn.Linear(3, width), nn.Tanh(), nn.Linear(width, width))
        self.norm = nn.LayerNorm(width)
        self.queries = nn.Parameter(torch.randn(queries, width) * 0.3)
        self.context = nn.Linear(2 * statics + 1, width)
        self.layers = nn.ModuleList(_Layer(width, heads, dropout=dropout) for _ in range(layers))
        self.read = nn.Sequential(nn.LayerNorm(width), nn.Flatten(), nn.Dropout(dropout), nn.Linear(queries * width, 1))

    def score(self, statics: Tensor, events: Tensor) -> Tensor:
        """(samples,) log-odds."""
        time, code, value, present = self.scaling(events)
        now = last_time(events)
        age = (now.unsqueeze(1) - time) / self.duration
        moments = torch.stack([time / self.duration, age, torch.exp(-4.0 * age)], dim=2)
        tokens = self.variable[code] + value.unsqueeze(2) * self.direction[code]
        tokens = self.norm(tokens + self.value(value.unsqueeze(2)) + self.time(moments))
        missing = torch.isnan(statics)
        known = (torch.where(missing, self.static_mean, statics) - self.static_mean) / self.static_deviation
        context = torch.cat([known, missing.float(), (now / self.duration).unsqueeze(1)], dim=1)
        queries = self.queries.unsqueeze(0) + self.context(context).unsqueeze(1)
        mask = present.unsqueeze(1).unsqueeze(1)
        for layer in self.layers:
            queries = layer(queries, tokens, mask)
        score: Tensor = self.read(queries)
        return score.squeeze(1)
