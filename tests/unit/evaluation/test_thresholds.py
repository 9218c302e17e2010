from __future__ import annotations

import numpy as np
import pytest

from salus.contracts.errors import InvalidInput
from salus.evaluation.thresholds import choose_threshold


def _rates(scores: np.ndarray, labels: np.ndarray, threshold: float) -> tuple[float, float, float]:
    called = scores.astype(np.float32) >= np.float32(threshold)
    return (
        float(called[labels == 1].mean()),
        float((~called[labels == 0]).mean()),
        float((called == (labels == 1)).mean()),
    )


def _samples(seed: int, count: int = 60) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, count)
    return (0.5 * rng.random(count) + 0.3 * labels).round(2), labels


def _every_threshold(scores: np.ndarray) -> list[float]:
    levels = np.unique(scores)
    return [0.0, *((levels[1:] + levels[:-1]) / 2), 1.01]


@pytest.mark.parametrize("seed", range(5))
def test_each_rule_reaches_what_a_plain_search_reaches(seed: int) -> None:
    scores, labels = _samples(seed)
    every = [_rates(scores, labels, threshold) for threshold in _every_threshold(scores)]

    def found(rule: str) -> tuple[float, float, float]:
        return _rates(scores, labels, choose_threshold(scores, labels, rule=rule))

    assert sum(found("youden")[:2]) == pytest.approx(max(se + sp for se, sp, _ in every))
    assert found("accuracy")[2] == pytest.approx(max(accuracy for *_, accuracy in every))
    assert abs(np.subtract(*found("balanced")[:2])) == pytest.approx(min(abs(se - sp) for se, sp, _ in every))
    sensitivity, specificity, _ = found("sensitivity>=0.9")
    assert sensitivity >= 0.9
    assert specificity == pytest.approx(max(sp for se, sp, _ in every if se >= 0.9))
    sensitivity, specificity, _ = found("specificity >= 0.85")
    assert specificity >= 0.85
    assert sensitivity == pytest.approx(max(se for se, sp, _ in every if sp >= 0.85))


@pytest.mark.parametrize("seed", range(5))
def test_the_challenge_rule_finds_the_largest_smaller_one_of_sensitivity_and_predictive_value(seed: int) -> None:
    scores, labels = _samples(seed)

    def smaller(threshold: float) -> float:
        called = scores.astype(np.float32) >= np.float32(threshold)
        return min(float(called[labels == 1].mean()), float(labels[called].mean()) if called.any() else 0.0)

    best = max(smaller(threshold) for threshold in _every_threshold(scores))
    assert smaller(choose_threshold(scores, labels, rule="event1")) == pytest.approx(best)


def test_the_threshold_is_the_middle_of_the_widest_gap() -> None:
    scores, labels = np.array([0.1, 0.2, 0.8, 0.9]), np.array([0, 0, 1, 1])
    for rule in ("youden", "accuracy", "balanced", "sensitivity>=0.95", "specificity>=1"):
        assert choose_threshold(scores, labels, rule=rule) == pytest.approx(0.5), rule
    # equal by Youden: above 0.1 (1 and 0.5) and above 0.3 (0.5 and 1); the second gap is wider
    tied = choose_threshold(np.array([0.0, 0.1, 0.3, 0.8]), np.array([0, 1, 0, 1]), rule="youden")
    assert tied == pytest.approx(0.55)


def test_a_full_sensitivity_may_need_to_call_everyone() -> None:
    scores, labels = np.array([0.2, 0.4, 0.6]), np.array([1, 0, 0])
    assert choose_threshold(scores, labels, rule="sensitivity>=1.0") == pytest.approx(0.1)
    assert choose_threshold(scores, labels, rule="specificity>=1") > 0.6


def test_neighbours_that_float32_can_hardly_tell_apart_are_still_told_apart() -> None:
    low = np.float32(0.5)
    high = np.nextafter(low, np.float32(1))
    scores, labels = np.array([low, high]), np.array([0, 1])
    threshold = choose_threshold(scores, labels, rule="youden")
    assert _rates(scores, labels, threshold) == (1.0, 1.0, 1.0)
    certain = np.array([1.0, 1.0])
    assert choose_threshold(certain, np.array([1, 0]), rule="specificity>=1") > 1.0


@pytest.mark.parametrize("rule", ["f1", "sensitivity", "sensitivity>=0", "sensitivity>=1.5", "sensitivity>0.9", ""])
def test_an_unknown_rule_is_refused_by_name(rule: str) -> None:
    with pytest.raises(InvalidInput, match="threshold rule"):
        choose_threshold(np.array([0.1, 0.9]), np.array([0, 1]), rule=rule)


def test_one_class_alone_gives_no_threshold() -> None:
    with pytest.raises(InvalidInput, match="both classes"):
        choose_threshold(np.array([0.1, 0.9]), np.array([1, 1]), rule="youden")
