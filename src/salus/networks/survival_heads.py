"""Members of a survival model: each turns rows into ln H(t|x), the logarithm of the cumulative hazard.

- Proportional hazards (Cox, J R Stat Soc B 34:187-220, 1972): ln H(t|x) = ln H0(t) + f(x); f linear, a network
  (DeepSurv) or boosted trees.
- Discrete time (logistic hazard; Gensheimer and Narasimhan, PeerJ 7:e6257, 2019): the hazard of interval k is
  h_k = sigmoid(z_k(x)), and H(t_k) = sum over j <= k of softplus(z_j) = -ln prod (1 - h_j).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

SMALLEST_HAZARD = 1e-6
"""Of a cumulative hazard, so that its logarithm is finite."""

Activation = Literal["selu", "relu"]


class ParallelNetworks(nn.Module):
    """M multilayer perceptrons of one shape side by side, each with its own weights.

    Args:
        networks: M.
        inputs: Width of a row.
        hidden: Widths of the hidden layers.
        outputs: Width of each answer.
        activation: `selu` or `relu`.
        dropout: Share of each hidden layer that is left out in training.

    Example:
        >>> ParallelNetworks(3, inputs=4, hidden=(8,), outputs=2)(torch.zeros(5, 4)).shape
        torch.Size([5, 3, 2])
    """

    def __init__(
        self,
        networks: int,
        *,
        inputs: int,
        hidden: Sequence[int],
        outputs: int,
        activation: Activation = "selu",
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.networks, self.activation, self.dropout = networks, activation, dropout
        widths = (inputs, *hidden, outputs)
        self.weights = nn.ParameterList()
        self.biases = nn.ParameterList()
        for width, following in pairwise(widths):
            bound = (6 / (width + following)) ** 0.5  # Glorot and Bengio, AISTATS 2010
            self.weights.append(nn.Parameter(torch.empty(networks, width, following).uniform_(-bound, bound)))
            self.biases.append(nn.Parameter(torch.zeros(networks, 1, following)))

    def forward(self, rows: Tensor) -> Tensor:
        """FP32 (samples, inputs), or one batch a network (M, samples, inputs), to (samples, M, outputs)."""
        x = rows.unsqueeze(0) if rows.dim() == 2 else rows
        last = len(self.weights) - 1
        for layer, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            x = torch.matmul(x, weight) + bias
            if layer < last:
                x = F.selu(x) if self.activation == "selu" else F.relu(x)
                x = F.dropout(x, self.dropout, training=self.training)
        return x.transpose(0, 1)


class LinearScores(nn.Module):
    """f_m(x) = w_m . x for M members.

    Args:
        weights: (M, inputs).
    """

    weights: Tensor

    def __init__(self, weights: Tensor) -> None:
        super().__init__()
        self.register_buffer("weights", weights.to(torch.float32))

    def forward(self, rows: Tensor) -> Tensor:
        """(samples, inputs) to (samples, M, 1)."""
        return torch.matmul(rows, self.weights.T).unsqueeze(2)


class TreeScores(nn.Module):
    """f_m(x) of M boosted models, two or more.

    Args:
        trees: Turns raw rows (samples, inputs) into scores (samples, M).
    """

    def __init__(self, trees: nn.Module) -> None:
        super().__init__()
        self.trees = trees

    def forward(self, rows: Tensor) -> Tensor:
        """(samples, inputs) to (samples, M, 1)."""
        scores: Tensor = self.trees(rows)
        return scores.unsqueeze(2)


class ProportionalHazards(nn.Module):
    """ln H0_m(t) + f_m(x).

    Args:
        scores: Turns rows into f, (samples, M, 1).
        baseline: ln H0, (M, T).
        preparation: From raw rows to those that `scores` takes; None leaves them.
    """

    baseline: Tensor

    def __init__(self, scores: nn.Module, baseline: Tensor, *, preparation: nn.Module | None = None) -> None:
        super().__init__()
        self.scores = scores
        self.preparation = preparation
        self.register_buffer("baseline", baseline.to(torch.float32).unsqueeze(0))

    def forward(self, rows: Tensor) -> Tensor:
        """Raw rows to ln H (samples, M, T)."""
        x = rows if self.preparation is None else self.preparation(rows)
        f: Tensor = self.scores(x)
        return self.baseline + f


class SharedLogits(nn.Module):
    """Logits of T intervals from networks with T + 1 outputs: z_k = f + share g_k.

    f acts in all intervals alike (proportional odds), g_k in one; a small `share` lets what is common to all intervals
    be learned first, which few subjects allow.

    Args:
        network: Turns rows into (samples, M, T + 1), f last.
        share: Of what each interval has of its own.
    """

    def __init__(self, network: nn.Module, *, share: float) -> None:
        super().__init__()
        self.network = network
        self.share = share

    def forward(self, rows: Tensor) -> Tensor:
        """(samples, M, T)."""
        z: Tensor = self.network(rows)
        return z[:, :, -1:] + self.share * z[:, :, :-1]


class DiscreteHazards(nn.Module):
    """ln H from the logits of each interval's hazard.

    Args:
        logits: Turns rows into z, (samples, M, T).
        preparation: From raw rows to those that `logits` takes; None leaves them.
    """

    def __init__(self, logits: nn.Module, *, preparation: nn.Module | None = None) -> None:
        super().__init__()
        self.logits = logits
        self.preparation = preparation

    def forward(self, rows: Tensor) -> Tensor:
        """Raw rows to ln H (samples, M, T)."""
        x = rows if self.preparation is None else self.preparation(rows)
        return torch.log(F.softplus(self.logits(x)).cumsum(dim=2).clamp(min=SMALLEST_HAZARD))
