"""GRU with masking and decay (GRU-D; Che, Purushotham, Cho, Sontag, Liu, Scientific Reports 8:6085, 2018).

Time is cut into steps of one hour. Of each variable d in step t: x its mean, m whether it was observed, delta the hours
since it was observed before, x' its last value.

    gamma_x = exp(-max(0, w delta + b)),  gamma_h = exp(-max(0, W delta + b))
    x^ = m x + (1 - m) (gamma_x x' + (1 - gamma_x) mean)
    h_t = GRU([x^, m], gamma_h * h_{t-1})

Values are scaled so that the mean is 0. The descriptors set the first state. The risk is read off after every step, so
that one pass gives the whole course, and one step (`GruDecayStep`) brings it up to date.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from salus.networks.event_classifier import EventRisk
from salus.networks.event_scaling import EventScaling
from salus.networks.event_summary import last_time
from salus.networks.recurrent import GruCell

State = tuple[Tensor, Tensor, Tensor]
"""Hidden state (samples, hidden), last value and hours since it, (samples, variables) each."""


class GruDecay(EventRisk):
    """Log-odds after every hour.

    Args:
        scaling: Of the values.
        statics: Width of the descriptors.
        static_mean: (statics,) what a missing descriptor counts as.
        static_deviation: (statics,) above 0.
        hours: Steps; step i holds what was observed after hour i, up to hour i + 1.
        hidden: Width of the state.
        dropout: Share of the state that the reading leaves out in training.
        times: The times of the course, in whole hours from 1 to `hours`.
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
        hours: int = 48,
        hidden: int = 64,
        dropout: float = 0.3,
        times: Sequence[float] = (48.0,),
    ) -> None:
        super().__init__(times)
        variables = scaling.centre.shape[0]
        self.scaling = scaling
        self.hours = hours
        self.register_buffer("static_mean", static_mean.to(torch.float32))
        self.register_buffer("static_deviation", static_deviation.to(torch.float32))
        self.start = nn.Linear(2 * statics, hidden)
        self.decay_input = nn.Parameter(torch.full((2, variables), 0.05))
        self.decay_state = nn.Linear(variables, hidden)
        nn.init.uniform_(self.decay_state.weight, 0.0, 0.02)
        nn.init.zeros_(self.decay_state.bias)
        self.cell = GruCell(2 * variables, hidden)
        self.dropout = nn.Dropout(dropout)
        self.read = nn.Linear(hidden, 1)

    def begin(self, statics: Tensor) -> State:
        """The state before the first hour, from (samples, statics)."""
        missing = torch.isnan(statics)
        known = torch.where(missing, self.static_mean, statics)
        row = torch.cat([(known - self.static_mean) / self.static_deviation, missing.float()], dim=1)
        hidden = torch.tanh(self.start(row))
        last = hidden.new_zeros(hidden.shape[0], self.scaling.centre.shape[0])
        return hidden, last, torch.zeros_like(last)

    def step(self, state: State, mean: Tensor, observed: Tensor) -> State:
        """One hour on.

        Args:
            state: Before.
            mean: (samples, variables) scaled mean of the hour; 0 where nothing was observed.
            observed: (samples, variables) 1 where something was observed, else 0.
        """
        hidden, last, elapsed = state
        elapsed = elapsed + 1.0
        fading = torch.exp(-torch.relu(self.decay_input[0] * elapsed + self.decay_input[1]))
        filled = observed * mean + (1.0 - observed) * fading * last
        hidden = torch.exp(-torch.relu(self.decay_state(elapsed))) * hidden
        (hidden,) = self.cell(torch.cat([filled, observed], dim=1), (hidden,))
        last = observed * mean + (1.0 - observed) * last
        return hidden, last, (1.0 - observed) * elapsed

    def score_state(self, hidden: Tensor) -> Tensor:
        """(samples, …) log-odds of states (samples, …, hidden)."""
        score: Tensor = self.read(self.dropout(hidden))
        return score.squeeze(-1)

    def grid(self, events: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and whether observed, (samples, hours, variables) each, of observations (samples, observations, 3)."""
        time, code, value, present = self.scaling(events)
        hour = (torch.ceil(time) - 1.0).clamp(0.0, self.hours - 1.0)
        in_hour = (hour.unsqueeze(1) == torch.arange(self.hours).unsqueeze(1)).float()
        of_variable = (code.unsqueeze(2) == torch.arange(self.scaling.centre.shape[0])) & present.unsqueeze(2)
        count = torch.matmul(in_hour, of_variable.float())
        total = torch.matmul(in_hour, of_variable.float() * value.unsqueeze(2))
        return total / count.clamp(min=1.0), (count > 0.5).float()

    def scores(self, statics: Tensor, mean: Tensor, observed: Tensor) -> Tensor:
        """(samples, hours) log-odds after every hour, of a grid.

        What does not depend on the state is worked out for all hours at once; the rest is `step`, hour by hour.
        """
        before = self._observed_before(observed)
        hour = torch.arange(self.hours, dtype=observed.dtype).unsqueeze(1)
        elapsed = hour - before
        last = mean.gather(1, before.clamp(min=0.0).to(torch.int64)) * (before >= 0)
        fading = torch.exp(-torch.relu(self.decay_input[0] * elapsed + self.decay_input[1]))
        filled = observed * mean + (1.0 - observed) * fading * last
        kept = torch.exp(-torch.relu(self.decay_state(elapsed)))
        inputs = torch.nn.functional.linear(
            torch.cat([filled, observed], dim=2), self.cell.weight_ih, self.cell.bias_ih
        )
        hidden = self.begin(statics)[0]
        states = []
        for step in range(self.hours):
            hidden = self._advance(inputs[:, step], kept[:, step] * hidden)
            states.append(hidden)
        return self.score_state(torch.stack(states, dim=1))

    def _advance(self, x: Tensor, hidden: Tensor) -> Tensor:
        """GruCell's formula, with x already multiplied by its weights."""
        gates = 2 * self.cell.hidden
        h = torch.nn.functional.linear(hidden, self.cell.weight_hh, self.cell.bias_hh)
        reset, keep = torch.sigmoid(x[:, :gates] + h[:, :gates]).chunk(2, dim=1)
        new = torch.tanh(x[:, gates:] + reset * h[:, gates:])
        return new + keep * (hidden - new)

    def _observed_before(self, observed: Tensor) -> Tensor:
        """(samples, hours, variables) the latest hour before each at which it was observed; -1 where there is none."""
        hour = torch.arange(self.hours, dtype=observed.dtype).reshape(1, -1, 1)
        latest = torch.where(observed > 0, hour, torch.full_like(observed, -1.0))
        latest = torch.cat([torch.full_like(latest[:, :1], -1.0), latest[:, :-1]], dim=1)
        reach = 1
        while reach < self.hours:
            earlier = torch.cat([torch.full_like(latest[:, :reach], -1.0), latest[:, :-reach]], dim=1)
            latest = torch.maximum(latest, earlier)
            reach *= 2
        return latest

    def score(self, statics: Tensor, events: Tensor) -> Tensor:
        """(samples,) log-odds after the hour of the last observation."""
        return self.forward(statics, events)[0]

    def forward(self, statics: Tensor, events: Tensor) -> tuple[Tensor, Tensor]:
        """As `EventRisk.forward`, in one pass."""
        scores = self.scores(statics, *self.grid(events))
        latest = (torch.ceil(last_time(events)) - 1.0).clamp(0.0, self.hours - 1.0)
        here = (latest.unsqueeze(1) == torch.arange(self.hours)).float()
        at = [int(time) - 1 for time in self.times]
        return (scores * here).sum(dim=1), scores[:, at]


class GruDecayStep(nn.Module):
    """One hour of a fitted GRU-D: a new observation changes the answer without recomputing the past.

    Args:
        risk: Fitted; shared, not copied.
    """

    def __init__(self, risk: GruDecay) -> None:
        super().__init__()
        self.risk = risk

    def forward(
        self, hidden: Tensor, last: Tensor, elapsed: Tensor, events: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """The next state and the log-odds that are read off it.

        Args:
            hidden: (samples, hidden), first from `GruDecay.begin`.
            last: (samples, variables).
            elapsed: (samples, variables) hours.
            events: (samples, observations, 3) of this hour alone; their times are not looked at.
        """
        _, code, value, present = self.risk.scaling(events)
        of_variable = (code.unsqueeze(2) == torch.arange(last.shape[1])) & present.unsqueeze(2)
        count = of_variable.float().sum(dim=1)
        total = (of_variable.float() * value.unsqueeze(2)).sum(dim=1)
        state = self.risk.step((hidden, last, elapsed), total / count.clamp(min=1.0), (count > 0.5).float())
        return (*state, self.risk.score_state(state[0]))
