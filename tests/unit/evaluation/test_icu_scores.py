"""The challenge's two scores are those of its own program."""

from __future__ import annotations

import numpy as np
import pytest

from salus.contracts.errors import InvalidInput
from salus.evaluation.icu_scores import challenge_scores, event1, event2, per_4000


def _plain_h(labels: np.ndarray, risks: np.ndarray) -> float:
    """`lemeshow.m` of the challenge, line by line."""
    pairs = sorted(zip(risks.tolist(), labels.tolist(), strict=True), key=lambda pair: pair[0])
    size = len(pairs) // 10
    total = 0.0
    centroids: list[float] = []
    for tenth in range(10):
        group = pairs[tenth * size : (tenth + 1) * size]
        observed = sum(label for _, label in group)
        centroid = sum(risk for risk, _ in group) / size
        centroids.append(centroid)
        total += (observed - size * centroid) ** 2 / (size * centroid * (1 - centroid) + 0.001)
    return total / (centroids[9] - centroids[0])


@pytest.mark.parametrize("count", [100, 237])
def test_event_2_is_what_the_challenge_computed(count: int) -> None:
    rng = np.random.default_rng(count)
    risks = rng.random(count)
    labels = (rng.random(count) < risks**2).astype(np.int64)
    assert event2(labels, risks) == pytest.approx(_plain_h(labels, risks), rel=1e-9)


def test_a_calibrated_risk_has_a_smaller_h_than_one_that_is_too_high() -> None:
    rng = np.random.default_rng(3)
    risks = 0.5 * rng.random(4000)
    labels = (rng.random(4000) < risks).astype(np.int64)
    assert event2(labels, risks) < 50 < event2(labels, np.minimum(1.5 * risks, 0.99))


def test_event_1_is_the_smaller_one_of_sensitivity_and_predictive_value() -> None:
    labels = np.array([1, 1, 1, 1, 0, 0, 0, 0, 0, 0])
    few = np.array([1, 0, 0, 0, 0, 0, 0, 0, 0, 0], dtype=bool)
    many = np.array([1, 1, 1, 1, 1, 1, 1, 1, 0, 0], dtype=bool)
    assert event1(labels, few) == pytest.approx(0.25)
    assert event1(labels, many) == pytest.approx(0.5)
    assert event1(labels, np.zeros(10, dtype=bool)) == 0.0


def test_h_has_no_value_where_every_risk_is_the_same() -> None:
    assert np.isnan(event2(np.tile([0, 1], 10), np.full(20, 0.5)))


def test_intervals_hold_the_scores_and_follow_the_seed() -> None:
    rng = np.random.default_rng(5)
    risks = rng.random(300)
    labels = (rng.random(300) < risks).astype(np.int64)
    first = challenge_scores(labels, risks, called=risks > 0.5, seed=1, resamples=50)
    assert first == challenge_scores(labels, risks, called=risks > 0.5, seed=1, resamples=50)
    for score in first.values():
        assert score.interval.low <= score.value <= score.interval.high
        assert score.interval.low < score.interval.high


def test_one_class_alone_is_refused() -> None:
    with pytest.raises(InvalidInput, match="1 classes"):
        challenge_scores(np.zeros(20, np.int64), np.full(20, 0.1), called=np.zeros(20, bool), seed=0)


def test_h_is_scaled_to_the_challenges_size() -> None:
    assert per_4000(3.0, 600) == pytest.approx(20.0)
