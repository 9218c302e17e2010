from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from salus.contracts.batches import Array, Batch
from salus.explanation.shapley import ShapleyExplainer


class _Linear:
    """A logistic regression in float32, as a served one is."""

    def __init__(self, coefficients: np.ndarray) -> None:
        self._coefficients = coefficients

    def predict(self, batch: Batch) -> dict[str, Array]:
        rows = np.stack([batch[f"x{i}"] for i in range(len(self._coefficients))], axis=1).astype(np.float64)
        finding = rows @ self._coefficients
        return {"logits": np.stack([-finding / 2, finding / 2], axis=1)}


class _Rough:
    """Nothing additive at all, answered in float32."""

    def predict(self, batch: Batch) -> dict[str, Array]:
        rows = np.stack([batch[name] for name in sorted(batch)], axis=1).astype(np.float64)
        finding = np.sin(rows.prod(axis=1) * 3) + np.abs(rows).max(axis=1) * rows[:, 0]
        return {"logits": np.stack([np.zeros_like(finding), finding], axis=1).astype(np.float32)}


def _columns(rows: np.ndarray) -> dict[str, np.ndarray]:
    return {f"x{i}": rows[:, i] for i in range(rows.shape[1])}


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 35), st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_a_linear_model_is_explained_by_coefficient_times_distance_from_the_mean(
    inputs: int, rows: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    coefficients, background, sample = rng.normal(size=inputs), rng.normal(size=(rows, inputs)), rng.normal(size=inputs)
    found = ShapleyExplainer(_columns(background)).explain(
        _Linear(coefficients), _columns(sample[None]), targets=np.array([1])
    )[0]
    expected = coefficients * (sample - background.mean(axis=0))
    for contribution in found.contributions:
        assert abs(contribution.amount - expected[int(contribution.name[1:])]) < 1e-9


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 20), st.integers(1, 20), st.integers(0, 1), st.integers(0, 2**32 - 1))
def test_base_and_contributions_always_sum_to_the_output(inputs: int, rows: int, target: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    background, sample = rng.normal(size=(rows, inputs)), rng.normal(size=(1, inputs))
    found = ShapleyExplainer(_columns(background)).explain(_Rough(), _columns(sample), targets=np.array([target]))[0]
    assert found.base is not None
    assert found.output is not None
    assert abs(math.fsum([found.base, *(c.amount for c in found.contributions)]) - found.output) < 1e-9
    assert len(found.contributions) == inputs
