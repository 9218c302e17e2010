"""LightGBM's trees as an ONNX tree ensemble, split by split as LightGBM decides.

onnxmltools' converter rounds thresholds to the nearest float32 and guesses where a missing value goes. Both change
decisions. Here a threshold is rounded down, so that for every float32 value x, `x <= t` in float64 and
`x <= float32_floor(t)` agree; and a missing value goes where LightGBM sends it
(`NumericalDecision` in https://github.com/microsoft/LightGBM/blob/master/include/LightGBM/tree.h):

- missing type NaN: to the default side;
- missing type None (training saw none): as the value 0;
- missing type Zero: refused, unless 0 and missing go to the same side anyway.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from onnx import helper

from salus.contracts.errors import UnsupportedInput

_SUPPORTED = re.compile(r"^(binary|multiclass)\b")


_NODE_COLUMNS = (
    "nodes_treeids",
    "nodes_nodeids",
    "nodes_featureids",
    "nodes_modes",
    "nodes_values",
    "nodes_truenodeids",
    "nodes_falsenodeids",
    "nodes_missing_value_tracks_true",
)
_LEAF_COLUMNS = ("target_treeids", "target_nodeids", "target_ids", "target_weights")


@dataclass
class _Columns:
    """The attributes of ai.onnx.ml TreeEnsembleRegressor, one entry a node or a leaf."""

    nodes: dict[str, list[Any]] = field(default_factory=lambda: {name: [] for name in _NODE_COLUMNS})
    leaves: dict[str, list[Any]] = field(default_factory=lambda: {name: [] for name in _LEAF_COLUMNS})

    def node(self, **values: object) -> None:
        for name, value in values.items():
            self.nodes[f"nodes_{name}"].append(value)

    def leaf(self, **values: object) -> None:
        for name, value in values.items():
            self.leaves[f"target_{name}"].append(value)


def lightgbm_scores(booster: Any, *, features: str, scores: str) -> onnx.NodeProto:
    """The node that gives the booster's raw scores: log-odds (samples, 1), or one score per class (samples, K).

    Args:
        booster: A `lightgbm.Booster` with the objective `binary` or `multiclass`; its best iteration is taken.
        features: Name of the FP32 matrix (samples, features); NaN is missing.
        scores: Name of the result.

    Raises:
        UnsupportedInput: Categorical splits, linear leaves, averaged forests, or another objective.
    """
    dump = booster.dump_model()
    objective = str(dump.get("objective", ""))
    _require(_SUPPORTED.match(objective) is not None, f"the objective {objective!r}")
    _require(not dump.get("average_output", False), "an averaged forest (boosting_type='rf')")
    outputs = int(dump["num_tree_per_iteration"])
    sigmoid = re.search(r"sigmoid:([0-9.eE+-]+)", objective)
    scale = float(sigmoid.group(1)) if sigmoid else 1.0
    columns = _Columns()
    for index, tree in enumerate(dump["tree_info"]):
        _add_tree(columns, index, index % outputs, tree["tree_structure"], scale)
    attributes: dict[str, Any] = {**columns.nodes, **columns.leaves, "n_targets": outputs}
    return helper.make_node(
        "TreeEnsembleRegressor",
        [features],
        [scores],
        domain="ai.onnx.ml",
        aggregate_function="SUM",
        post_transform="NONE",
        **attributes,
    )


def float32_floor(value: float) -> float:
    """The largest float32 number that is not above `value`."""
    with np.errstate(over="ignore"):
        rounded = np.float32(value)
    if float(rounded) > value:
        rounded = np.nextafter(rounded, np.float32(-np.inf))
    return float(rounded)


def _add_tree(columns: _Columns, tree: int, target: int, root: dict[str, Any], scale: float) -> None:
    """Append the nodes of one tree, breadth first; a node's number is its position."""
    queue = [root]
    count = 1
    for number, node in enumerate(queue):
        if "leaf_value" in node:
            _require("leaf_coeff" not in node, "linear leaves")
            columns.node(treeids=tree, nodeids=number, featureids=0, modes="LEAF", values=0.0)
            columns.node(truenodeids=0, falsenodeids=0, missing_value_tracks_true=0)
            columns.leaf(treeids=tree, nodeids=number, ids=target, weights=float(node["leaf_value"]) * scale)
            continue
        _require(node["decision_type"] == "<=", f"a split by {node['decision_type']!r} (categorical)")
        threshold = float(node["threshold"])
        columns.node(treeids=tree, nodeids=number, featureids=int(node["split_feature"]), modes="BRANCH_LEQ")
        columns.node(values=float32_floor(threshold), truenodeids=count, falsenodeids=count + 1)
        columns.node(missing_value_tracks_true=int(_missing_goes_left(node, threshold)))
        queue += [node["left_child"], node["right_child"]]
        count += 2


def _missing_goes_left(node: dict[str, Any], threshold: float) -> bool:
    zero_goes_left = threshold >= 0.0
    if node["missing_type"] == "None":
        return zero_goes_left
    default_left = bool(node["default_left"])
    if node["missing_type"] == "Zero":
        _require(default_left == zero_goes_left, "splits that take 0 for missing (zero_as_missing=True)")
    return default_left


def _require(condition: bool, found: str) -> None:
    if not condition:
        raise UnsupportedInput(
            "a boosted LightGBM classifier (binary or multiclass) with numerical splits and constant leaves",
            found=found,
            remedy="Train without that option; one-hot encode categories.",
        )
