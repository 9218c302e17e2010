"""A survival forest as a torch module: trees whose leaves hold cumulative hazards.

Ishwaran et al., "Random survival forests", Annals of Applied Statistics 2:841-860 (2008): a forest's cumulative hazard
is the mean of its trees'. All trees of all samples descend together, as in `networks.trees`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from salus.networks.survival_heads import SMALLEST_HAZARD


@dataclass(frozen=True)
class HazardTree:
    """One tree, its nodes in a table; node 0 is the root.

    Attributes:
        feature: (nodes,) the column that a node asks; any number in a leaf.
        threshold: (nodes,) FP32; a row goes left where its value is at most that.
        left: (nodes,) the left child; -1 in a leaf.
        right: (nodes,) the right child; -1 in a leaf.
        hazard: (nodes, T) the cumulative hazard of a leaf; any numbers elsewhere.
    """

    feature: NDArray[np.int64]
    threshold: NDArray[np.float32]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    hazard: NDArray[np.float64]


class HazardForest(nn.Module):
    """M forests of equally many trees.

    Args:
        forests: The trees of each; at least one, equally many in each.
        preparation: From raw rows to rows without missing values.

    Raises:
        ValueError: No trees, or forests of different size.
    """

    feature: Tensor
    threshold: Tensor
    descent: Tensor
    leaf: Tensor
    hazard: Tensor
    roots: Tensor

    def __init__(self, forests: list[list[HazardTree]], *, preparation: nn.Module) -> None:
        super().__init__()
        sizes = {len(forest) for forest in forests}
        if len(sizes) != 1 or 0 in sizes:
            raise ValueError(f"expected forests of equally many trees; found sizes {sorted(sizes)}")
        self.forests, self.trees = len(forests), sizes.pop()
        self.preparation = preparation
        trees = [tree for forest in forests for tree in forest]
        roots = np.cumsum([0, *(tree.left.size for tree in trees)])[:-1]
        self.depth = max(_depth(tree) for tree in trees)
        children, leaves, hazards, count = [], [], [], 0
        for root, tree in zip(roots, trees, strict=True):
            is_leaf = tree.left < 0
            own = np.arange(tree.left.size) + root
            pair = np.stack([np.where(is_leaf, own, tree.left + root), np.where(is_leaf, own, tree.right + root)], 1)
            children.append(pair)
            leaves.append(np.where(is_leaf, np.cumsum(is_leaf) - 1 + count, 0))
            hazards.append(tree.hazard[is_leaf])
            count += int(is_leaf.sum())
        self.register_buffer("feature", torch.from_numpy(np.concatenate([tree.feature for tree in trees])))
        self.register_buffer("threshold", torch.from_numpy(np.concatenate([tree.threshold for tree in trees])))
        self.register_buffer("descent", torch.from_numpy(np.concatenate(children).reshape(-1)))
        self.register_buffer("leaf", torch.from_numpy(np.concatenate(leaves)))
        self.register_buffer("hazard", torch.from_numpy(np.concatenate(hazards).astype(np.float32)))
        self.register_buffer("roots", torch.from_numpy(roots))

    def forward(self, rows: Tensor) -> Tensor:
        """Raw rows to ln H (samples, M, T)."""
        x = self.preparation(rows)
        node = self.roots.unsqueeze(0).expand(x.shape[0], -1)
        for _ in range(self.depth):
            right = x.gather(1, self.feature[node]) > self.threshold[node]
            node = self.descent[2 * node + right.to(torch.int64)]
        hazard = self.hazard[self.leaf[node]]
        mean = hazard.reshape(x.shape[0], self.forests, self.trees, hazard.shape[2]).mean(dim=2)
        return torch.log(mean.clamp(min=SMALLEST_HAZARD))


def _depth(tree: HazardTree) -> int:
    depth = np.zeros(tree.left.size, dtype=np.int64)
    for node in range(tree.left.size):
        for child in (tree.left[node], tree.right[node]):
            if child >= 0:
                depth[child] = depth[node] + 1
    return int(depth.max())
