"""Recurrent networks: simple (Elman), LSTM and GRU, written as their formulas.

Shapes: x_t (samples, inputs), h_t and c_t (samples, hidden), sequences (samples, steps, inputs). Weights are stacked
as torch.nn stacks them (`weight_ih`, `weight_hh`, `bias_ih`, `bias_hh`), so its state can be loaded.
"""

from __future__ import annotations

import math
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Activation = Literal["tanh", "relu"]
CellName = Literal["simple", "lstm", "gru"]
State = tuple[Tensor, ...]


class _Cell(nn.Module):
    """Weights of `gates` gates, uniform in +-1/sqrt(hidden)."""

    def __init__(self, inputs: int, hidden: int, *, gates: int, states: int) -> None:
        super().__init__()
        self.hidden = hidden
        self.states = states
        bound = 1 / math.sqrt(hidden)
        self.weight_ih = nn.Parameter(torch.empty(gates * hidden, inputs).uniform_(-bound, bound))
        self.weight_hh = nn.Parameter(torch.empty(gates * hidden, hidden).uniform_(-bound, bound))
        self.bias_ih = nn.Parameter(torch.empty(gates * hidden).uniform_(-bound, bound))
        self.bias_hh = nn.Parameter(torch.empty(gates * hidden).uniform_(-bound, bound))

    def initial_state(self, x: Tensor) -> State:
        """Zeros, (samples, hidden) each."""
        return tuple(x.new_zeros(x.shape[0], self.hidden) for _ in range(self.states))

    def forward(self, x: Tensor, state: State) -> State:
        """The next state; its first tensor is h_t."""
        raise NotImplementedError


class SimpleCell(_Cell):
    """h_t = f(W_hh h_{t-1} + W_xh x_t + b) with f = tanh or relu (Elman, Cognitive Science 1990).

    Args:
        inputs: Width of x_t.
        hidden: Width of h_t.
        activation: f.
    """

    def __init__(self, inputs: int, hidden: int, *, activation: Activation = "tanh") -> None:
        super().__init__(inputs, hidden, gates=1, states=1)
        self.activation = activation

    def forward(self, x: Tensor, state: State) -> State:
        """x_t (samples, inputs) and (h_{t-1},) to (h_t,)."""
        (h,) = state
        z = F.linear(h, self.weight_hh, self.bias_hh) + F.linear(x, self.weight_ih, self.bias_ih)
        return (torch.tanh(z) if self.activation == "tanh" else torch.relu(z),)


class LstmCell(_Cell):
    """Long short-term memory (Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000).

    i, f, o = sigmoid(W x_t + U h_{t-1} + b) each, g = tanh(W x_t + U h_{t-1} + b),
    c_t = f c_{t-1} + i g, h_t = o tanh(c_t).

    Args:
        inputs: Width of x_t.
        hidden: Width of h_t and c_t.
    """

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__(inputs, hidden, gates=4, states=2)

    def forward(self, x: Tensor, state: State) -> State:
        """x_t (samples, inputs) and (h_{t-1}, c_{t-1}) to (h_t, c_t)."""
        h, c = state
        z = F.linear(x, self.weight_ih, self.bias_ih) + F.linear(h, self.weight_hh, self.bias_hh)
        i, f, g, o = z.chunk(4, dim=1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(c), c


class GruCell(_Cell):
    """Gated recurrent unit (Cho et al., EMNLP 2014), the reset gate after the product as in cuDNN and torch.

    r, z = sigmoid(W x_t + b + U h_{t-1} + b') each, n = tanh(W_n x_t + b_n + r (U_n h_{t-1} + b'_n)),
    h_t = (1 - z) n + z h_{t-1}.

    Args:
        inputs: Width of x_t.
        hidden: Width of h_t.
    """

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__(inputs, hidden, gates=3, states=1)

    def forward(self, x: Tensor, state: State) -> State:
        """x_t (samples, inputs) and (h_{t-1},) to (h_t,)."""
        (h,) = state
        x_r, x_z, x_n = F.linear(x, self.weight_ih, self.bias_ih).chunk(3, dim=1)
        h_r, h_z, h_n = F.linear(h, self.weight_hh, self.bias_hh).chunk(3, dim=1)
        r, z = torch.sigmoid(x_r + h_r), torch.sigmoid(x_z + h_z)
        n = torch.tanh(x_n + r * h_n)
        return ((1 - z) * n + z * h,)


def make_cell(name: CellName, inputs: int, hidden: int) -> SimpleCell | LstmCell | GruCell:
    """The cell called `name`."""
    if name == "simple":
        return SimpleCell(inputs, hidden)
    return LstmCell(inputs, hidden) if name == "lstm" else GruCell(inputs, hidden)


class RecurrentSequence(nn.Module):
    """A cell carried along a sequence.

    Sequences of different lengths are padded at the end; past its length a sample's state stands still and its
    outputs are 0. It loops in Python, for reading and for short sequences; torch.nn.LSTM is faster on long ones and
    takes the same weights.

    Args:
        cell: What is carried.

    Example:
        >>> outputs, state = RecurrentSequence(GruCell(3, 5))(torch.zeros(2, 7, 3))
        >>> outputs.shape, state[0].shape
        (torch.Size([2, 7, 5]), torch.Size([2, 5]))
    """

    def __init__(self, cell: SimpleCell | LstmCell | GruCell) -> None:
        super().__init__()
        self.cell = cell

    def forward(self, x: Tensor, state: State | None = None, *, lengths: Tensor | None = None) -> tuple[Tensor, State]:
        """Read sequences.

        Args:
            x: (samples, steps, inputs).
            state: Where to begin; None for zeros.
            lengths: Steps of each sample, (samples,); None where all are full.

        Returns:
            h_t of every step, (samples, steps, hidden), and each sample's last state.
        """
        state = self.cell.initial_state(x) if state is None else state
        outputs = []
        for step in range(x.shape[1]):
            following = self.cell(x[:, step], state)
            if lengths is None:
                state = following
                outputs.append(state[0])
                continue
            alive = (step < lengths).unsqueeze(1)
            state = tuple(torch.where(alive, new, old) for new, old in zip(following, state, strict=True))
            outputs.append(state[0] * alive)
        return torch.stack(outputs, dim=1), state


class RecurrentClassifier(nn.Module):
    """y = W_hy h_T + b_y, h_T being the state after the last step.

    Args:
        cell: Name of the cell.
        inputs: Width of x_t.
        hidden: Width of h_t.
        classes: Width of y.
        dropout: Share of h_T left out in training.
    """

    def __init__(self, cell: CellName, *, inputs: int, hidden: int, classes: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.sequence = RecurrentSequence(make_cell(cell, inputs, hidden))
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(hidden, classes)

    def forward(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Logits (samples, classes) of sequences (samples, steps, inputs) of `lengths` (samples,)."""
        _, state = self.sequence(x, lengths=lengths)
        logits: Tensor = self.output(self.dropout(state[0]))
        return logits
