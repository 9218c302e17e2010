from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal, cast

import numpy as np
import pytest
from numpy.typing import NDArray

from salus.contracts.datasets import Split
from salus.contracts.errors import InvalidInput
from salus.contracts.predictors import Exportable, FitOptions, Json, Predictor
from salus.contracts.tensors import Missing, TensorSpec
from salus.contracts.text import LocalizedText
from salus.training.measures import classification_auroc
from salus.training.tabular import SklearnPredictor, TabularEstimator, TabularKind

KINDS: tuple[TabularKind, ...] = ("linear", "gradient_boosting")


def specs(missing: Missing = "abstain") -> tuple[TensorSpec, ...]:
    return tuple(
        TensorSpec(
            name=name,
            datatype="FP32",
            shape=(-1,),
            title=LocalizedText(name, "测量"),
            content="scalar",
            missing=missing,
        )
        for name in ("a", "b", "c", "d")
    )


def split(count: int, seed: int, classes: int = 2) -> Split:
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % classes
    x = rng.normal(size=(count, 4)) * [1, 10, 100, 1] + labels[:, None] * [1.5, 15, 0, 0]
    ids = np.array([f"{seed}-{i}" for i in range(count)])
    inputs = {name: x[:, i].astype(np.float32) for i, name in enumerate("abcd")}
    return Split(inputs, labels.astype(np.int64), ids, ids)


def fit(
    kind: TabularKind,
    *,
    missing: Missing = "abstain",
    classes: int = 2,
    seed: int = 0,
    options: FitOptions | None = None,
    train: Split | None = None,
) -> SklearnPredictor:
    estimator = TabularEstimator(kind, inputs=specs(missing), options=options or FitOptions())
    return estimator.fit(train or split(300, 1, classes), split(90, 2, classes), rng=np.random.default_rng(seed))


def logits_of(predictor: SklearnPredictor, part: Split) -> NDArray[np.float32]:
    return cast("NDArray[np.float32]", predictor.predict(part.inputs)["logits"])


def model_of(predictor: SklearnPredictor) -> Any:
    source = predictor.graph_source()
    assert source.framework == "sklearn"
    return source.model


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("classes", [2, 3])
def test_it_learns_and_its_logits_are_those_of_the_models_probabilities(kind: TabularKind, classes: int) -> None:
    predictor = fit(kind, classes=classes)
    assert isinstance(predictor, Predictor)
    assert isinstance(predictor, Exportable)
    held = split(120, 3, classes)
    logits = logits_of(predictor, held)
    assert logits.dtype == np.float32
    assert logits.shape == (120, classes)
    assert classification_auroc(logits, held.labels) > 0.8
    rows = np.stack([held.inputs[name] for name in "abcd"], axis=1)
    exponentials = np.exp(logits.astype(np.float64))
    probabilities = exponentials / exponentials.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(probabilities, model_of(predictor).predict_proba(rows), atol=1e-5)
    if classes == 2:
        assert bool((logits[:, 0] == 0).all())


def test_the_linear_model_is_its_formula() -> None:
    predictor = fit("linear")
    steps = model_of(predictor).named_steps
    held = split(20, 3)
    rows = np.stack([held.inputs[name] for name in "abcd"], axis=1).astype(np.float64)
    z = (rows - steps["scaler"].mean_) / steps["scaler"].scale_
    expected = z @ steps["classifier"].coef_[0] + steps["classifier"].intercept_[0]
    np.testing.assert_allclose(logits_of(predictor, held)[:, 1], expected, atol=1e-4)


def test_a_lasso_drops_inputs_that_say_nothing() -> None:
    options = FitOptions(hyperparameters={"penalty": "l1", "inverse_penalty": 0.05})
    weights = model_of(fit("linear", options=options)).named_steps["classifier"].coef_[0]
    assert bool((np.abs(weights[:2]) > 0.1).all())
    assert bool((weights[2:] == 0).all())


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_gives_the_same_answers(kind: TabularKind) -> None:
    held = split(50, 3)
    one, other = (logits_of(fit(kind, seed=4), held) for _ in range(2))
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("kind", KINDS)
def test_a_missing_value_is_answered_only_where_the_model_handles_it(kind: TabularKind) -> None:
    train = split(300, 1)
    train.inputs["a"][:30] = np.nan
    held = split(4, 3)
    held.inputs["b"][1] = np.nan
    abstaining = logits_of(fit(kind, train=train), held)
    assert np.isnan(abstaining).any(axis=1).tolist() == [False, True, False, False]
    handling = logits_of(fit(kind, train=train, missing="model"), held)
    assert bool(np.isfinite(handling).all())


class _Remembering:
    def __init__(self) -> None:
        self.recipe: Mapping[str, Json] = {}
        self.steps: list[int] = []

    def parameters(self, values: Mapping[str, Json]) -> None:
        self.recipe = values

    def measures(self, step: int, values: Mapping[str, float]) -> None:
        self.steps.append(step)
        assert set(values) == {"validation_binary_logloss"}


def test_the_tracker_is_told_the_recipe_the_rounds_and_what_was_left_out() -> None:
    train = split(300, 1)
    train.inputs["a"][:30] = np.nan
    tracker = _Remembering()
    fit("gradient_boosting", train=train, options=FitOptions(epochs=5, tracker=tracker))
    assert tracker.steps == [1, 2, 3, 4, 5]
    assert tracker.recipe["samples_left_out_for_missing"] == 30
    assert tracker.recipe["rounds"] == 5
    json.dumps(tracker.recipe)


def test_balanced_weights_move_the_threshold_towards_the_rare_class() -> None:
    whole = split(300, 1)
    rare = whole.take(np.flatnonzero((whole.labels == 0) | (np.arange(300) < 40)))
    held = split(100, 3)
    plain, balanced = (
        fit("linear", train=rare, options=FitOptions(hyperparameters={"class_weighting": weighting}))
        for weighting in ("none", "balanced")
    )
    difference = logits_of(balanced, held) - logits_of(plain, held)
    assert float(difference[:, 1].mean()) > 0.5


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("linear", FitOptions(epochs=3)),
        ("gradient_boosting", FitOptions(device="cuda")),
        ("linear", FitOptions(hyperparameters={"leaves": 3})),
        ("gradient_boosting", FitOptions(hyperparameters={"leaves": 1})),
    ],
)
def test_options_that_mean_nothing_here_are_refused(kind: TabularKind, options: FitOptions) -> None:
    with pytest.raises(InvalidInput):
        TabularEstimator(kind, inputs=specs(), options=options)


def test_data_that_cannot_be_learned_from_is_refused() -> None:
    picture = TensorSpec(
        name="image", datatype="UINT8", shape=(-1, -1, -1, 1), title=LocalizedText("p", "图"), content="image"
    )
    with pytest.raises(InvalidInput, match="not scalar: image"):
        TabularEstimator("linear", inputs=(picture,), options=FitOptions())
    whole = split(100, 1)
    with pytest.raises(InvalidInput, match="every class at least once"):
        fit("linear", train=whole.take(np.flatnonzero(whole.labels == 1)))
    with pytest.raises(InvalidInput, match="without d"):
        fit("linear").predict({name: whole.inputs[name] for name in "abc"})


def test_the_recipe_names_kind_and_library() -> None:
    kind: Literal["linear"] = "linear"
    recipe = TabularEstimator(kind, inputs=specs(), options=FitOptions()).recipe
    assert recipe["kind"] == "linear"
    assert "scikit-learn" in recipe
