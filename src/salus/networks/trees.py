"""Gradient-boosted trees as a torch module, split by split as LightGBM decides.

All trees of all samples descend together, one level a step: a node's two children stand side by side in one table, so
that a step is `node = left[node] + (1 if the sample goes right)`; leaves lead to themselves. The loop runs as often as
the deepest tree is deep, whatever the samples, so that `torch.export` can trace it with a free batch axis.

A threshold is rounded down to float32: then `x <= t` in float64 and `x <= floor32(t)` agree for every float32 x.
A missing value goes where LightGBM sends it (`NumericalDecision` in
https://github.com/microsoft/LightGBM/blob/master/include/LightGBM/tree.h):

- missing type NaN: to the default side;
- missing type None (training saw none): as the value 0;
- missing type Zero: missing values and zeros to the default side.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from salus.contracts.errors import UnsupportedInput

_ZERO = float(np.float32(1e-35))
"""LightGBM's kZeroThreshold: up to here a number is taken for zero."""

_ENDLESS = 1e300
"""What LightGBM writes for an infinite threshold, which separates missing values from all others."""

_Node = dict[str, Any]


class BoostedTrees(nn.Module):
    """The sum of trees' leaves: LightGBM's raw scores.

    Made by `BoostedTrees.from_lightgbm(booster)`. It learns nothing: its tables are buffers.

    Args:
        trees: Each tree's root as `Booster.dump_model()` writes it, in the order of training.
        outputs: Scores a sample; tree i adds to score i modulo `outputs`.

    Raises:
        UnsupportedInput: No tree, a categorical split, or a linear leaf.

    Example:
        >>> stump = {"split_feature": 0, "threshold": 0.5, "decision_type": "<=", "missing_type": "NaN",
        ...          "default_left": False, "left_child": {"leaf_value": -1.0}, "right_child": {"leaf_value": 2.0}}
        >>> BoostedTrees([stump])(torch.tensor([[0.0], [1.0], [float("nan")]])).tolist()
        [-1.0, 2.0, 2.0]
    """

    feature: Tensor
    threshold: Tensor
    missing_right: Tensor
    zero_is_missing: Tensor
    left: Tensor
    value: Tensor
    roots: Tensor

    def __init__(self, trees: list[_Node], *, outputs: int = 1) -> None:
        super().__init__()
        _require(bool(trees), "a model without trees")
        nodes, roots, self.depth = _flatten(trees)
        self.outputs = outputs
        self.any_zero = any(node[4] for node in nodes)
        feature, threshold, left, missing_right, zero, value = (list(column) for column in zip(*nodes, strict=True))
        self.register_buffer("feature", torch.tensor(feature, dtype=torch.int64))
        self.register_buffer("threshold", torch.from_numpy(_float32_floor(threshold)))
        self.register_buffer("left", torch.tensor(left, dtype=torch.int64))
        self.register_buffer("missing_right", torch.tensor(missing_right, dtype=torch.bool))
        self.register_buffer("zero_is_missing", torch.tensor(zero, dtype=torch.bool))
        self.register_buffer("value", torch.tensor(value, dtype=torch.float32))
        self.register_buffer("roots", torch.tensor(roots, dtype=torch.int64))

    @classmethod
    def from_lightgbm(cls, booster: Any) -> BoostedTrees:
        """The trees of a fitted model, up to its best iteration.

        Args:
            booster: A `lightgbm.Booster`, of any objective; raw scores are what its objective's link is applied to.

        Raises:
            UnsupportedInput: Categorical splits, linear leaves, or an averaged forest.
        """
        dump = booster.dump_model()
        _require(not dump.get("average_output", False), "an averaged forest (boosting_type='rf')")
        trees = [tree["tree_structure"] for tree in dump["tree_info"]]
        return cls(trees, outputs=int(dump["num_tree_per_iteration"]))

    def forward(self, rows: Tensor) -> Tensor:
        """Score rows.

        Args:
            rows: FP32 (samples, features); NaN is missing.

        Returns:
            Raw scores, FP32 (samples,), or (samples, outputs) where there are several.
        """
        rows = torch.where(rows.abs() <= _ZERO, torch.zeros_like(rows), rows)
        node = self.roots.unsqueeze(0).expand(rows.shape[0], -1)
        for _ in range(self.depth):
            x = rows.gather(1, self.feature[node])
            missing = torch.isnan(x)
            goes_right = x > self.threshold[node]  # never true of NaN
            if self.any_zero:
                missing = missing | (self.zero_is_missing[node] & (x == 0))
                goes_right = goes_right & torch.logical_not(missing)
            goes_right = goes_right | (missing & self.missing_right[node])
            node = self.left[node] + goes_right.to(torch.int64)
        leaves = self.value[node]
        if self.outputs == 1:
            return leaves.sum(dim=1)
        return leaves.reshape(rows.shape[0], -1, self.outputs).sum(dim=1)


def _flatten(trees: list[_Node]) -> tuple[list[tuple[int, float, int, bool, bool, float]], list[int], int]:
    """All nodes in one table, breadth first, siblings side by side; the roots' places; the depth of the deepest tree.

    A row: feature, threshold, place of the left child, missing goes right, zero is missing, value.
    """
    table: list[tuple[int, float, int, bool, bool, float]] = []
    roots, deepest = [], 0
    for root in trees:
        roots.append(len(table))
        start = len(table)
        queue = [(root, 0)]
        for place, (node, depth) in enumerate(queue):
            deepest = max(deepest, depth)
            if "leaf_value" in node:
                _require("leaf_coeff" not in node, "linear leaves")
                table.append((0, np.inf, start + place, False, False, float(node["leaf_value"])))
                continue
            _require(node["decision_type"] == "<=", f"a split by {node['decision_type']!r} (categorical)")
            children = start + len(queue)
            zero = node["missing_type"] == "Zero"
            row = (int(node["split_feature"]), float(node["threshold"]), children, _missing_goes_right(node), zero, 0.0)
            table.append(row)
            queue += [(node["left_child"], depth + 1), (node["right_child"], depth + 1)]
    return table, roots, deepest


def _missing_goes_right(node: _Node) -> bool:
    return float(node["threshold"]) < 0.0 if node["missing_type"] == "None" else not node["default_left"]


def _float32_floor(values: list[float]) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """The largest float32 numbers that are not above `values`; infinity stays."""
    exact = np.asarray(values, dtype=np.float64)
    exact = np.where(exact >= _ENDLESS, np.inf, exact)
    with np.errstate(over="ignore"):
        rounded = exact.astype(np.float32)
    lower = np.nextafter(rounded, np.float32(-np.inf))
    return np.where(rounded.astype(np.float64) > exact, lower, rounded).reshape(-1)


def _require(condition: bool, found: str) -> None:
    if not condition:
        raise UnsupportedInput(
            "a boosted LightGBM model with numerical splits and constant leaves",
            found=found,
            remedy="Train without that option; one-hot encode categories.",
        )
