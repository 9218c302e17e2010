"""A table classifier's graph answers as the classifier does, missing values included."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from lightgbm import LGBMClassifier
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from salus.contracts.errors import UnsupportedInput
from salus.contracts.predictors import GraphSource
from salus.contracts.tensors import TensorSpec
from salus.contracts.text import LocalizedText
from salus.optimisation.canonical import to_bytes
from salus.optimisation.export import export_core
from salus.optimisation.graph_predictor import GraphPredictor
from salus.optimisation.lightgbm_trees import float32_floor

FEATURES = 5
SPECS = tuple(
    TensorSpec(name=f"x{i}", datatype="FP32", shape=(-1,), title=LocalizedText("x", "x"), content="scalar")
    for i in range(FEATURES)
)


def table(classes: int, *, missing: bool) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    matrix, labels = make_classification(
        300, FEATURES, n_informative=4, n_redundant=0, n_classes=classes, random_state=0
    )
    rounded = np.round(matrix, 1).astype(np.float32)
    if missing:
        rounded[np.random.default_rng(1).random(rounded.shape) < 0.15] = np.nan
    return rounded, labels.astype(np.int64)


def graph_logits(model: object, matrix: NDArray[np.float32]) -> NDArray[np.float32]:
    columns = {spec.name: matrix[:, i] for i, spec in enumerate(SPECS)}
    exported = export_core(GraphSource("sklearn", model), SPECS, sample=columns)
    assert [value.name for value in exported.graph.input] == [spec.name for spec in SPECS]
    again = export_core(GraphSource("sklearn", model), SPECS, sample=columns)
    assert to_bytes(exported) == to_bytes(again)
    answer = GraphPredictor(to_bytes(exported)).predict(columns)["logits"]
    assert answer.dtype == np.float32
    return np.asarray(answer, dtype=np.float32)


def with_zero(odds: Any) -> NDArray[np.float64]:
    return np.stack([np.zeros(len(odds)), odds], axis=1)


def boosted(**options: Any) -> LGBMClassifier:
    return LGBMClassifier(n_estimators=20, min_child_samples=5, verbose=-1, n_jobs=1, **options)


def test_a_linear_pipeline_gives_zero_and_log_odds() -> None:
    matrix, labels = table(2, missing=True)
    model = make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression()).fit(matrix, labels)
    expected = with_zero(model.decision_function(matrix.astype(np.float64)))
    np.testing.assert_allclose(graph_logits(model, matrix), expected, atol=1e-4)


def test_a_linear_model_of_three_classes_gives_its_scores() -> None:
    matrix, labels = table(3, missing=False)
    model = LogisticRegression(max_iter=500).fit(matrix, labels)
    np.testing.assert_allclose(graph_logits(model, matrix), model.decision_function(matrix), atol=1e-4)


@pytest.mark.parametrize("classes", [2, 3])
def test_a_model_without_scores_gives_logarithms_of_probabilities(classes: int) -> None:
    matrix, labels = table(classes, missing=False)
    model = RandomForestClassifier(5, random_state=0, n_jobs=1).fit(matrix, labels)
    logs = np.log(np.maximum(model.predict_proba(matrix), 1e-7))
    expected = with_zero(logs[:, 1] - logs[:, 0]) if classes == 2 else logs
    np.testing.assert_allclose(graph_logits(model, matrix), expected, atol=1e-4)


@pytest.mark.parametrize("trained_on_missing", [True, False])
def test_lightgbm_keeps_missing_values_missing(trained_on_missing: bool) -> None:
    matrix, labels = table(2, missing=trained_on_missing)
    model = boosted().fit(matrix.astype(np.float64), labels)
    asked, _ = table(2, missing=True)
    expected = with_zero(model.booster_.predict(asked.astype(np.float64), raw_score=True))
    np.testing.assert_allclose(graph_logits(model, asked), expected, atol=1e-4)


def test_lightgbm_of_three_classes_gives_raw_scores() -> None:
    matrix, labels = table(3, missing=True)
    model = boosted().fit(matrix.astype(np.float64), labels)
    expected = model.booster_.predict(matrix.astype(np.float64), raw_score=True)
    np.testing.assert_allclose(graph_logits(model, matrix), expected, atol=1e-4)


def test_lightgbm_behind_a_transformation_is_translated_whole() -> None:
    matrix, labels = table(2, missing=False)
    model = make_pipeline(SimpleImputer(), boosted()).fit(matrix, labels)
    imputed = model[:-1].transform(matrix)
    expected = with_zero(model[-1].booster_.predict(imputed, raw_score=True))
    np.testing.assert_allclose(graph_logits(model, matrix), expected, atol=1e-4)


def test_a_float32_value_on_a_threshold_goes_the_way_that_lightgbm_sends_it() -> None:
    """0.1 as float32 is above 0.1; thresholds lie within a float32 step of the values."""
    values = np.float32(0.1) * np.arange(1, 40, dtype=np.float32)
    matrix = np.tile(values[:, None], (8, FEATURES))
    labels = (np.tile(np.arange(39), 8) % 7 > 3).astype(np.int64)
    model = boosted(min_split_gain=0.0, max_bin=255).fit(matrix.astype(np.float64), labels)
    for thresholds in (matrix, np.nextafter(matrix, np.float32(9)), np.nextafter(matrix, np.float32(-9))):
        expected = with_zero(model.booster_.predict(thresholds.astype(np.float64), raw_score=True))
        np.testing.assert_allclose(graph_logits(model, thresholds), expected, atol=1e-4)


@pytest.mark.parametrize("value", [0.1, -0.1, 1e-45, -1e-45, 3.0, 1e300, -1e300, 16777217.0])
def test_rounding_down_keeps_every_comparison(value: float) -> None:
    floor = float32_floor(value)
    assert floor <= value
    with np.errstate(over="ignore"):
        above = float(np.nextafter(np.float32(floor), np.float32(np.inf)))
    assert above > value


@pytest.mark.parametrize(
    "model",
    [
        boosted(boosting_type="rf", bagging_freq=1, bagging_fraction=0.5),
        boosted(linear_tree=True),
        boosted(zero_as_missing=True),
        boosted(objective="multiclassova"),
    ],
)
def test_lightgbm_options_that_the_graph_cannot_keep_are_refused(model: LGBMClassifier) -> None:
    matrix, labels = table(3 if model.objective else 2, missing=False)
    matrix[::7] = 0.0
    model.fit(matrix.astype(np.float64), labels)
    with pytest.raises(UnsupportedInput):
        graph_logits(model, matrix)


def test_categorical_splits_are_refused() -> None:
    matrix, labels = table(2, missing=False)
    matrix[:, 0] = np.arange(300) % 6
    labels = np.isin(matrix[:, 0], (1, 4)).astype(np.int64)
    model = boosted(min_data_per_group=1, cat_smooth=0.0).fit(
        matrix.astype(np.float64), labels, categorical_feature=[0]
    )
    with pytest.raises(UnsupportedInput, match="categorical"):
        graph_logits(model, matrix)


def test_a_model_that_is_no_classifier_is_refused() -> None:
    matrix, _ = table(2, missing=False)
    with pytest.raises(UnsupportedInput):
        graph_logits(KMeans(2, n_init=1).fit(matrix), matrix)


def test_a_whole_number_input_is_read_as_a_number() -> None:
    matrix, labels = table(2, missing=False)
    matrix[:, 0] = np.arange(300) % 4
    model = LogisticRegression().fit(matrix, labels)
    category = TensorSpec(
        name="x0",
        datatype="INT64",
        shape=(-1,),
        title=LocalizedText("x", "x"),
        content="category",
        categories=tuple(LocalizedText(str(i), str(i)) for i in range(4)),
    )
    specs = (category, *SPECS[1:])
    columns: dict[str, NDArray[Any]] = {spec.name: matrix[:, i] for i, spec in enumerate(specs)}
    columns["x0"] = columns["x0"].astype(np.int64)
    exported = export_core(GraphSource("sklearn", model), specs, sample=columns)
    answer = np.asarray(GraphPredictor(to_bytes(exported)).predict(columns)["logits"], dtype=np.float32)
    np.testing.assert_allclose(answer, with_zero(model.decision_function(matrix)), atol=1e-4)
