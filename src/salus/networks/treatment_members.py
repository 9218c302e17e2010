"""Families of regressions that answer side by side: the members of an ensemble as one torch module.

Every module here maps features, FP32 (samples, features), to one answer a member, FP32 (samples, members).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from salus.networks.trees import BoostedTrees


class LinearMembers(nn.Module):
    """Linear regressions: x . W + b.

    Args:
        weight: FP32 (features, members).
        bias: FP32 (members,).
    """

    weight: Tensor
    bias: Tensor

    def __init__(self, weight: NDArray[np.float32], bias: NDArray[np.float32]) -> None:
        super().__init__()
        self.register_buffer("weight", torch.from_numpy(np.ascontiguousarray(weight, dtype=np.float32)))
        self.register_buffer("bias", torch.from_numpy(np.ascontiguousarray(bias, dtype=np.float32)))

    def forward(self, x: Tensor) -> Tensor:
        """(samples, features) to (samples, members)."""
        return x @ self.weight + self.bias


class BoostedMembers(nn.Module):
    """Gradient-boosted trees, one model a member; all trees descend together.

    Args:
        boosters: Fitted `lightgbm.Booster`s of one raw score each. Shorter ones are filled up with trees of one leaf
            that add 0.

    Raises:
        UnsupportedInput: As `BoostedTrees`.
    """

    def __init__(self, boosters: Sequence[Any]) -> None:
        super().__init__()
        forests = [[tree["tree_structure"] for tree in booster.dump_model()["tree_info"]] for booster in boosters]
        rounds = max(len(forest) for forest in forests)
        nothing = {"leaf_value": 0.0}
        trees = [forest[r] if r < len(forest) else nothing for r in range(rounds) for forest in forests]
        self._members = len(forests)
        self.trees = BoostedTrees(trees, outputs=self._members)

    def forward(self, x: Tensor) -> Tensor:
        """(samples, features) to (samples, members)."""
        scores: Tensor = self.trees(x)
        return scores.reshape(x.shape[0], self._members)


class MemberPerceptrons(nn.Module):
    """Multilayer perceptrons of the same form, computed as one batched product a layer; activation ELU.

    Args:
        members: How many.
        widths: Length of the input, of each hidden layer, and of the answer.
        activate_last: Whether the last layer is activated too, as in a representation.
        shared_input: True: forward takes (samples, features), the same for every member; False: (members, samples,
            features).
        generator: Draws the weights: uniform of standard deviation `spread` / sqrt(length of the input).
        spread: Small ones begin as a nearly linear function.
    """

    def __init__(
        self,
        members: int,
        widths: Sequence[int],
        *,
        generator: torch.Generator,
        activate_last: bool = False,
        shared_input: bool = False,
        spread: float = 1.0,
    ) -> None:
        super().__init__()
        self._activate_last = activate_last
        self._shared_input = shared_input
        self.weights = nn.ParameterList()
        self.biases = nn.ParameterList()
        for inside, outside in itertools.pairwise(widths):
            bound = spread * (3.0 / inside) ** 0.5
            drawn = torch.rand(members, inside, outside, generator=generator) * 2.0 - 1.0
            self.weights.append(nn.Parameter(drawn * bound))
            self.biases.append(nn.Parameter(torch.zeros(members, 1, outside)))

    def forward(self, x: Tensor) -> Tensor:
        """Features to (members, samples, length of the answer)."""
        hidden = x.unsqueeze(0) if self._shared_input else x
        last = len(self.weights) - 1
        for layer, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            hidden = torch.matmul(hidden, weight) + bias
            if layer < last or self._activate_last:
                hidden = nn.functional.elu(hidden)
        return hidden
