"""Boosted trees as a torch module answer as LightGBM does."""

from __future__ import annotations

from typing import Any

import lightgbm
import numpy as np
import onnxruntime
import pytest
import torch
from numpy.typing import NDArray

from salus.contracts.errors import UnsupportedInput
from salus.contracts.predictors import GraphSource
from salus.contracts.tensors import TensorSpec
from salus.contracts.text import LocalizedText
from salus.networks.trees import BoostedTrees
from salus.optimisation.export_torch import export_torch

FEATURES = 6


def _rows(seed: int, count: int = 400) -> NDArray[np.float32]:
    """Rows with ties, zeros, tiny numbers, both infinities and missing values."""
    rng = np.random.default_rng(seed)
    rows: NDArray[np.float32] = rng.normal(size=(count, FEATURES)).astype(np.float32)
    rows[:, 1] = rng.integers(-2, 3, count)
    rows[rng.random(count) < 0.5, 2] = 0.0
    rows[rng.random(rows.shape) < 0.15] = np.nan
    rows[0], rows[1], rows[2], rows[3] = np.nan, np.inf, -np.inf, 1e-36
    return rows


def _fit(objective: str, *, rows: NDArray[np.float32] | None = None, **parameters: Any) -> lightgbm.Booster:
    rng = np.random.default_rng(1)
    rows = _rows(2) if rows is None else rows
    score: NDArray[np.float64] = np.nan_to_num(rows[:, 0], posinf=1, neginf=-1).astype(np.float64)
    score = score + (np.nan_to_num(rows[:, 2]) > 0) + np.isnan(rows[:, 1])
    score = score + rng.normal(size=len(rows)) * 0.1
    target = {
        "binary": score > 0.5,
        "multiclass": np.digitize(score, [0.0, 1.0]),
        "poisson": np.abs(score),
    }.get(objective, score)
    settings: dict[str, Any] = {
        "objective": objective,
        "num_leaves": 15,
        "min_data_in_leaf": 3,
        "verbose": -1,
        "seed": 0,
    }
    if objective == "multiclass":
        settings["num_class"] = 3
    data = lightgbm.Dataset(rows, label=target.astype(np.float64))
    return lightgbm.train({**settings, **parameters}, data, num_boost_round=40)


def _difference(booster: lightgbm.Booster, rows: NDArray[np.float32]) -> float:
    wanted = np.asarray(booster.predict(rows, raw_score=True))
    answered = BoostedTrees.from_lightgbm(booster)(torch.from_numpy(rows)).numpy()
    assert answered.shape == wanted.shape
    return float(np.abs(answered - wanted).max())


@pytest.mark.parametrize("objective", ["binary", "multiclass", "regression", "poisson", "quantile"])
def test_raw_scores_are_those_of_lightgbm_whatever_the_objective(objective: str) -> None:
    booster = _fit(objective)
    assert _difference(booster, _rows(3)) < 1e-5


@pytest.mark.parametrize("parameters", [{"zero_as_missing": True}, {"use_missing": False}, {"max_depth": 2}])
def test_missing_values_and_zeros_go_where_lightgbm_sends_them(parameters: dict[str, Any]) -> None:
    assert _difference(_fit("binary", **parameters), _rows(4)) < 1e-5


def test_a_missing_value_that_training_never_saw_counts_as_zero() -> None:
    whole = np.nan_to_num(_rows(5), posinf=3, neginf=-3).astype(np.float32)
    assert _difference(_fit("binary", rows=whole), _rows(6)) < 1e-5


def test_values_on_and_beside_a_threshold_go_the_same_way_in_float32() -> None:
    booster = _fit("binary")
    thresholds = BoostedTrees.from_lightgbm(booster).threshold.numpy()
    near = thresholds[np.isfinite(thresholds)]
    beside = np.concatenate([near, np.nextafter(near, np.float32(np.inf)), np.nextafter(near, np.float32(-np.inf))])
    rows = np.repeat(beside[:, np.newaxis], FEATURES, axis=1).astype(np.float32)
    assert _difference(booster, rows) < 1e-5


def test_the_best_iteration_alone_is_taken() -> None:
    booster = _fit("binary")
    booster.best_iteration = 7
    assert BoostedTrees.from_lightgbm(booster).roots.shape == (7,)
    assert _difference(booster, _rows(7)) < 1e-5


def test_a_tree_that_is_one_leaf_adds_its_value() -> None:
    trees = BoostedTrees([{"leaf_value": 0.25}, {"leaf_value": 0.5}])
    assert trees(torch.zeros(3, 2)).tolist() == [0.75] * 3


def test_the_onnx_graph_takes_any_number_of_rows_and_answers_alike() -> None:
    booster = _fit("binary")
    module = BoostedTrees.from_lightgbm(booster)
    spec = TensorSpec(name="rows", datatype="FP32", shape=(-1, FEATURES), title=LocalizedText("rows", "行"))
    rows = _rows(8)
    graph = export_torch(GraphSource("torch", module, ("scores",)), (spec,), sample={"rows": rows})
    session = onnxruntime.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
    for count in (1, 5, len(rows)):
        (answered,) = session.run(None, {"rows": rows[:count]})
        assert np.abs(answered - booster.predict(rows[:count], raw_score=True)).max() < 1e-5


def test_categorical_splits_and_averaged_forests_are_refused() -> None:
    rows = np.abs(np.nan_to_num(_rows(9), posinf=3, neginf=3)).round().astype(np.float32)
    label = (rows[:, 0] == 1).astype(np.float64)
    data = lightgbm.Dataset(rows, label=label, categorical_feature=[0])
    settings = {"objective": "binary", "verbose": -1, "min_data_in_leaf": 3, "min_data_per_group": 2}
    categorical = lightgbm.train(settings, data, num_boost_round=3)
    with pytest.raises(UnsupportedInput, match="categorical"):
        BoostedTrees.from_lightgbm(categorical)
    forest = _fit("binary", boosting="rf", bagging_fraction=0.5, bagging_freq=1)
    with pytest.raises(UnsupportedInput, match="averaged forest"):
        BoostedTrees.from_lightgbm(forest)
