from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import numpy as np
import pytest

from salus.contracts.batches import Array, Batch
from salus.contracts.errors import InvalidInput
from salus.explanation.log_odds import log_odds
from salus.explanation.shapley import MOST_ROWS, ShapleyExplainer


class _Formula:
    """Log-odds of class 1 by a formula of the columns, in the order of their names."""

    def __init__(self, formula: Callable[[np.ndarray], np.ndarray]) -> None:
        self._formula = formula
        self.rows = self.calls = 0

    def predict(self, batch: Batch) -> dict[str, Array]:
        columns = np.stack([batch[name].astype(np.float64) for name in sorted(batch)], axis=1)
        self.rows += len(columns)
        self.calls += 1
        finding = self._formula(columns)
        return {"logits": np.stack([np.zeros_like(finding), finding], axis=1)}


def _columns(rows: np.ndarray) -> dict[str, np.ndarray]:
    return {f"x{i}": rows[:, i] for i in range(rows.shape[1])}


def _plain_shapley(
    formula: Callable[[np.ndarray], np.ndarray], sample: np.ndarray, background: np.ndarray
) -> np.ndarray:
    """By the definition: over all subsets, with the factorials."""
    inputs = len(sample)

    def value(chosen: set[int]) -> float:
        rows = background.copy()
        for i in chosen:
            rows[:, i] = sample[i]
        return float(formula(rows).mean())

    amounts = np.zeros(inputs)
    for i in range(inputs):
        others = [j for j in range(inputs) if j != i]
        for size in range(inputs):
            weight = math.factorial(size) * math.factorial(inputs - size - 1) / math.factorial(inputs)
            for subset in itertools.combinations(others, size):
                amounts[i] += weight * (value({*subset, i}) - value(set(subset)))
    return amounts


def _bent(x: np.ndarray) -> np.ndarray:
    return np.asarray(x[:, 0] * x[:, 1] + np.sin(x[:, 2]) - 0.5 * x[:, 1] ** 2 + x[:, -1] * x[:, 0] * x[:, 2])


def _amounts(explainer: ShapleyExplainer, predictor: _Formula, sample: np.ndarray) -> dict[str, float]:
    found = explainer.explain(predictor, _columns(sample[None]), targets=np.array([1]))[0]
    return {c.name: c.amount for c in found.contributions}


def test_few_inputs_give_the_values_of_the_definition() -> None:
    rng = np.random.default_rng(0)
    for inputs in (3, 4):
        background, sample = rng.normal(size=(20, inputs)), rng.normal(size=inputs)
        found = _amounts(ShapleyExplainer(_columns(background)), _Formula(_bent), sample)
        expected = _plain_shapley(_bent, sample, background)
        assert [found[f"x{i}"] for i in range(inputs)] == pytest.approx(expected, abs=1e-10)


def test_more_inputs_come_near_the_values_of_the_definition() -> None:
    rng = np.random.default_rng(1)
    background, sample = rng.normal(size=(100, 7)), rng.normal(size=7)
    found = _amounts(ShapleyExplainer(_columns(background)), _Formula(_bent), sample)
    expected = _plain_shapley(_bent, sample, background)
    assert [found[f"x{i}"] for i in range(7)] == pytest.approx(expected, abs=0.1)


def test_contributions_sum_to_the_output_strongest_first() -> None:
    rng = np.random.default_rng(2)
    background, samples = rng.normal(size=(50, 12)), rng.normal(size=(3, 12))
    predictor = _Formula(_bent)
    found = ShapleyExplainer(_columns(background)).explain(predictor, _columns(samples), targets=np.array([1, 0, 1]))
    base = _bent(background[:, [int(n[1:]) for n in sorted(f"x{i}" for i in range(12))]]).mean()
    for attribution, sign in zip(found, (1, -1, 1), strict=True):
        assert attribution.base == pytest.approx(sign * base)
        assert attribution.output is not None
        total = math.fsum(c.amount for c in attribution.contributions)
        assert total == pytest.approx(attribution.output - (attribution.base or 0.0), abs=1e-10)
        sizes = [abs(c.amount) for c in attribution.contributions]
        assert sizes == sorted(sizes, reverse=True)
        assert attribution.heatmap is None


def test_the_same_input_gives_the_same_values_in_any_batch() -> None:
    rng = np.random.default_rng(3)
    background, samples = rng.normal(size=(30, 6)), rng.normal(size=(4, 6))
    together = ShapleyExplainer(_columns(background)).explain(
        _Formula(_bent), _columns(samples), targets=np.ones(4, np.int64)
    )
    for i in (3, 1):
        alone = ShapleyExplainer(_columns(background)).explain(
            _Formula(_bent), _columns(samples[i : i + 1]), targets=np.ones(1, np.int64)
        )
        assert alone[0] == together[i]


def test_one_explanation_stays_within_its_budget() -> None:
    rng = np.random.default_rng(4)
    for rows, inputs in ((100, 30), (100, 4), (100, 2), (1, 1), (500, 200), (3, 5)):
        predictor = _Formula(lambda x: x.sum(axis=1))
        explainer = ShapleyExplainer(_columns(rng.normal(size=(rows, inputs))))
        _amounts(explainer, predictor, rng.normal(size=inputs))
        assert predictor.rows <= MOST_ROWS, (rows, inputs)
        assert predictor.calls <= 5


def test_a_missing_value_is_a_value_that_the_model_handles() -> None:
    def formula(x: np.ndarray) -> np.ndarray:
        return np.asarray(np.where(np.isnan(x[:, 0]), 3.0, x[:, 0]) + x[:, 1])

    background = np.array([[1.0, 0.0], [np.nan, 2.0]])
    found = ShapleyExplainer(_columns(background)).explain(
        _Formula(formula), _columns(np.array([[np.nan, 1.0]])), targets=np.array([1])
    )[0]
    assert {c.name: c.value for c in found.contributions} == {"x0": None, "x1": 1.0}
    # x0: 3 against the mean of 1 and 3
    assert {c.name: c.amount for c in found.contributions} == pytest.approx({"x0": 1.0, "x1": 0.0})


def test_columns_keep_their_datatype_and_a_missing_whole_number_is_refused() -> None:
    class Strict:
        def predict(self, batch: Batch) -> dict[str, Array]:
            assert batch["x0"].dtype == np.int64
            assert batch["x1"].dtype == np.float32
            finding = batch["x0"].astype(np.float64) + batch["x1"].astype(np.float64)
            return {"logits": np.stack([np.zeros_like(finding), finding], axis=1)}

    batch = {"x0": np.array([2]), "x1": np.array([0.5], dtype=np.float32)}
    background = {"x0": np.array([0.0, 2.0]), "x1": np.array([0.0, 1.0])}
    found = ShapleyExplainer(background).explain(Strict(), batch, targets=np.array([1]))[0]
    assert {c.name: c.amount for c in found.contributions} == pytest.approx({"x0": 1.0, "x1": 0.0})
    with pytest.raises(InvalidInput, match="missing value of"):
        ShapleyExplainer({**background, "x0": np.array([0.0, np.nan])}).explain(Strict(), batch, targets=np.array([1]))


def test_log_odds_of_many_classes_are_those_of_the_softmax() -> None:
    logits = np.random.default_rng(0).normal(size=(5, 4)) * 3
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    for k in range(4):
        assert log_odds(logits, k) == pytest.approx(np.log(p[:, k] / (1 - p[:, k])))


def test_what_does_not_fit_is_refused() -> None:
    for background in ({}, {"a": np.zeros(0)}, {"a": np.zeros(2), "b": np.zeros(3)}, {"a": np.zeros((2, 2))}):
        with pytest.raises(InvalidInput, match="background"):
            ShapleyExplainer(background)
    explainer = ShapleyExplainer({"x0": np.zeros(2)})
    predictor = _Formula(lambda x: x[:, 0])
    with pytest.raises(InvalidInput, match="scalar inputs"):
        explainer.explain(predictor, {"y": np.zeros(1)}, targets=np.array([1]))
    with pytest.raises(InvalidInput, match="one class index"):
        explainer.explain(predictor, {"x0": np.zeros(1)}, targets=np.array([1, 1]))
    with pytest.raises(InvalidInput, match="target below 2"):
        explainer.explain(predictor, {"x0": np.zeros(1)}, targets=np.array([2]))

    class Silent:
        def predict(self, batch: Batch) -> dict[str, Array]:
            return {}

    with pytest.raises(InvalidInput, match="'logits'"):
        explainer.explain(Silent(), {"x0": np.zeros(1)}, targets=np.array([1]))
