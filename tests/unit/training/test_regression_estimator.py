from __future__ import annotations

import numpy as np
import pytest

from salus.contracts.datasets import Split
from salus.contracts.errors import InvalidInput
from salus.contracts.predictors import FitOptions
from salus.contracts.regression import Regression
from salus.contracts.tensors import TensorSpec
from salus.contracts.text import LocalizedText
from salus.networks.regression_formula import LinearFormula
from salus.training.regression_conformal import conformal_half_width
from salus.training.regression_estimator import MakeModel, RegressionEstimator, RegressionRecipe

QUESTION = Regression(quantity=LocalizedText("dose", "剂量"), unit="mg/wk", coverage=0.8)
INPUTS = tuple(
    TensorSpec(
        name=name,
        datatype="FP32",
        shape=(-1,),
        title=LocalizedText(name, "测量"),
        content="scalar",
        missing="model" if name == "b" else "abstain",
    )
    for name in "ab"
)
QUICK = RegressionRecipe(passes=15, members=2, hidden=(8,), folds=3, rounds=60)


def part(count: int, seed: int) -> Split:
    """sqrt(dose) = 6 + a + noise, and what is missing of b says nothing."""
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=count), rng.normal(size=count)
    dose = (6.0 + a + rng.normal(0, 0.5, count)) ** 2
    b[rng.random(count) < 0.3] = np.nan
    names = np.array([f"{seed}-{row}" for row in range(count)])
    inputs = {"a": a.astype(np.float32), "b": b.astype(np.float32)}
    return Split(inputs, np.zeros(count, np.int64), names, names, targets={"value": dose})


def estimator(model: str = "ridge", *, formula: MakeModel | None = None) -> RegressionEstimator:
    options = FitOptions(hyperparameters={"model": model, "scale": "sqrt"})
    return RegressionEstimator(
        QUICK, question=QUESTION, inputs=INPUTS, options=options, bounds=(1.0, 150.0), formula=formula
    )


@pytest.mark.parametrize("model", ["ridge", "boosting", "perceptron", "stack"])
def test_every_model_finds_the_dose_and_keeps_its_coverage_on_new_samples(model: str) -> None:
    predictor = estimator(model).fit(part(900, 0), part(600, 1), rng=np.random.default_rng(0))
    new = part(2000, 2)

    told = predictor.predict(new.inputs)

    value, interval = told["value"].astype(np.float64), told["value_interval"].astype(np.float64)
    truth = new.targets["value"]
    covered = (interval[:, 0] <= truth) & (truth <= interval[:, 1])
    assert np.abs(value - truth).mean() < 6.5  # the noise alone gives about 5
    assert covered.mean() == pytest.approx(0.8, abs=0.04)
    assert ((interval[:, 0] <= value) & (value <= interval[:, 1])).all()


def test_on_a_root_scale_intervals_are_wider_for_larger_doses() -> None:
    predictor = estimator().fit(part(500, 0), part(300, 1), rng=np.random.default_rng(0))

    interval = predictor.predict({"a": np.array([-1, 1], np.float32), "b": np.zeros(2, np.float32)})["value_interval"]

    low, high = np.diff(interval.astype(np.float64), axis=1)[:, 0]
    assert high > 1.2 * low


def test_a_missing_value_gives_no_number_where_the_model_needs_it() -> None:
    predictor = estimator().fit(part(500, 0), part(300, 1), rng=np.random.default_rng(0))
    nan = np.float32("nan")

    told = predictor.predict({"a": np.array([nan, 0], np.float32), "b": np.array([0, nan], np.float32)})

    assert np.isnan(told["value"].astype(np.float64)).tolist() == [True, False]
    assert np.isnan(told["value_interval"].astype(np.float64)).all(axis=1).tolist() == [True, False]


def test_a_formula_is_not_learnt_but_its_interval_is() -> None:
    told = estimator(formula=lambda features: LinearFormula(features, 6.0, {"a": 1.0}))
    predictor = told.fit(part(50, 0), part(600, 1), rng=np.random.default_rng(0))
    new = part(1500, 2)

    answer = predictor.predict(new.inputs)

    assert np.allclose(
        answer["value"].astype(np.float64), np.clip((6.0 + new.inputs["a"].astype(np.float64)) ** 2, 1, 150), rtol=1e-4
    )
    interval, truth = answer["value_interval"].astype(np.float64), new.targets["value"]
    assert ((interval[:, 0] <= truth) & (truth <= interval[:, 1])).mean() == pytest.approx(0.8, abs=0.05)
    assert dict(told.recipe) == {"model": "published formula", "scale": "sqrt"}


def test_the_half_width_is_the_smallest_that_keeps_the_promise() -> None:
    errors = np.random.default_rng(0).normal(size=199)

    width = conformal_half_width(errors, coverage=0.9)

    assert (np.abs(errors) <= width).sum() == 180  # ceil(200 x 0.9)
    with pytest.raises(InvalidInput, match="at least 9 validation samples"):
        conformal_half_width(errors[:8], coverage=0.9)


def test_values_that_have_no_root_and_unknown_hyperparameters_are_refused() -> None:
    negative = part(100, 0)
    negative = Split(
        negative.inputs, negative.labels, negative.sample_ids, negative.subjects, targets={"value": np.full(100, -1.0)}
    )

    with pytest.raises(InvalidInput, match="sqrt"):
        estimator().fit(negative, negative, rng=np.random.default_rng(0))
    with pytest.raises(InvalidInput, match="hyperparameters"):
        RegressionEstimator(QUICK, question=QUESTION, inputs=INPUTS, options=FitOptions(hyperparameters={"depth": 3}))
    with pytest.raises(InvalidInput, match="epochs"):
        RegressionEstimator(RegressionRecipe(), question=QUESTION, inputs=INPUTS, options=FitOptions(epochs=2))
