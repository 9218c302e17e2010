from __future__ import annotations

import numpy as np
import pytest
import torch

from salus.contracts.errors import InvalidInput
from salus.contracts.tensors import Content, Missing, TensorSpec
from salus.contracts.text import LocalizedText
from salus.networks.regression_formula import LinearFormula
from salus.networks.tabular_features import TabularFeatures

NAN = float("nan")


def spec(name: str, *, content: Content = "scalar", missing: Missing = "abstain") -> TensorSpec:
    categories = tuple(LocalizedText(word, "类别") for word in ("a", "b", "c")) if content == "category" else ()
    return TensorSpec(
        name=name,
        datatype="FP32",
        shape=(-1,),
        title=LocalizedText(name, "测量"),
        content=content,
        missing=missing,
        categories=categories,
    )


def column(*values: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.array(values, dtype=np.float32)


def test_scalars_are_standardised_and_categories_become_one_hot() -> None:
    inputs = (spec("age"), spec("size", content="category"))
    batch = {"age": column(1, 2, 3, 6), "size": column(0, 2, 1, 1)}

    features = TabularFeatures.fit(inputs, batch)
    x, usable = features.matrix(batch, inputs)

    assert features.names == ("age", "size=0", "size=1", "size=2")
    assert np.allclose(x[:, 0], (batch["age"] - 3.0) / batch["age"].std())
    assert x[:, 1:].tolist() == [[1, 0, 0], [0, 0, 1], [0, 1, 0], [0, 1, 0]]
    assert usable.all()


def test_what_the_model_handles_is_filled_with_the_median_and_told() -> None:
    inputs = (spec("age", missing="model"), spec("size", content="category", missing="model"))
    batch = {"age": column(1, 2, NAN, 6), "size": column(0, NAN, 1, 1)}

    features = TabularFeatures.fit(inputs, batch)
    x, usable = features.matrix(batch, inputs)

    assert features.names[-2:] == ("age missing", "size missing")
    assert x[2, 0] == pytest.approx((2.0 - np.mean([1, 2, 2, 6])) / np.std([1, 2, 2, 6]), rel=1e-6)
    assert x[1, 1:4].tolist() == [0, 0, 0]
    assert x[:, 4].tolist() == [0, 0, 1, 0]
    assert x[:, 5].tolist() == [0, 1, 0, 0]
    assert usable.all()


def test_a_row_without_a_needed_value_is_not_usable() -> None:
    inputs = (spec("age"), spec("weight", missing="model"))
    features = TabularFeatures.fit(inputs, {"age": column(1, 2), "weight": column(3, 4)})

    _, usable = features.matrix({"age": column(NAN, 1), "weight": column(1, NAN)}, inputs)

    assert usable.tolist() == [False, True]


def test_skewed_levels_that_are_never_negative_enter_as_logarithms() -> None:
    levels = np.exp(np.random.default_rng(0).normal(0, 2, 400)).astype(np.float32)
    inputs = (spec("er"), spec("shifted"))

    features = TabularFeatures.fit(inputs, {"er": levels, "shifted": levels - 1.0})
    x, _ = features.matrix({"er": levels, "shifted": levels - 1.0}, inputs)

    logarithms = np.log1p(levels.astype(np.float64))
    assert np.allclose(x[:, 0], (logarithms - logarithms.mean()) / logarithms.std(), atol=1e-5)
    assert features.skewed.tolist() == [True, False]


def test_a_constant_input_has_no_effect_and_an_empty_one_is_refused() -> None:
    inputs = (spec("age"),)

    assert TabularFeatures.fit(inputs, {"age": column(4, 4)}).matrix({"age": column(4)}, inputs)[0].tolist() == [[0.0]]
    with pytest.raises(InvalidInput, match="training values"):
        TabularFeatures.fit(inputs, {"age": column(NAN, NAN)})


def test_a_formula_takes_values_back_to_their_units() -> None:
    rng = np.random.default_rng(1)
    inputs = (spec("age"), spec("er"), spec("size", content="category", missing="model"))
    batch = {
        "age": rng.normal(60, 10, 200).astype(np.float32),
        "er": np.exp(rng.normal(0, 2, 200)).astype(np.float32),
        "size": rng.integers(0, 3, 200).astype(np.float32),
    }
    features = TabularFeatures.fit(inputs, batch)
    formula = LinearFormula(features, 1.5, {"age": 0.1, "er": -0.2, "size=1": 3.0, "size missing": 7.0})

    x, _ = features.matrix({**batch, "size": np.full(200, NAN, np.float32)}, inputs)
    told = formula(torch.from_numpy(x))[:, 0].numpy()

    assert np.allclose(told, 1.5 + 0.1 * batch["age"] - 0.2 * batch["er"] + 7.0, rtol=1e-4, atol=1e-3)
    with pytest.raises(InvalidInput, match="features among"):
        LinearFormula(features, 0.0, {"height": 1.0})
