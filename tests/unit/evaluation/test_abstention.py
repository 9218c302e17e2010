from __future__ import annotations

import numpy as np
import pytest

from salus.evaluation.abstention import (
    area_under_generalised_risk,
    area_under_risk_coverage,
    selective_accuracy,
)
from salus.evaluation.curves import risk_points
from salus.evaluation.metrics import auroc
from salus.evaluation.weighted import Ranking


def _samples(*, ties: bool, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    confidence = rng.random(150)
    correct = rng.random(150) < 0.4 + 0.6 * confidence
    return correct, confidence.round(1) if ties else confidence


def test_aurc_without_ties_is_the_mean_of_the_selective_risks() -> None:
    correct, confidence = _samples(ties=False)
    wrong, risks = 0, []
    for count, index in enumerate(sorted(range(150), key=lambda i: -confidence[i]), start=1):
        wrong += not correct[index]
        risks.append(wrong / count)
    found = area_under_risk_coverage(correct, confidence)(np.ones((1, 150)))[0]
    assert found == pytest.approx(sum(risks) / 150)


@pytest.mark.parametrize("ties", [False, True])
def test_augrc_is_what_traub_derives_from_accuracy_and_failure_auroc(ties: bool) -> None:
    correct, confidence = _samples(ties=ties)
    accuracy = correct.mean()
    failure_auroc = auroc(correct.astype(np.int64), confidence)
    assert failure_auroc is not None
    expected = (1 - failure_auroc) * accuracy * (1 - accuracy) + (1 - accuracy) ** 2 / 2
    assert area_under_generalised_risk(correct, confidence)(np.ones((1, 150)))[0] == pytest.approx(expected)


def test_selective_accuracy_keeps_the_most_confident() -> None:
    correct, confidence = _samples(ties=False)
    kept = np.argsort(-confidence)[:120]
    assert selective_accuracy(correct, confidence, coverage=0.8)(np.ones((1, 150)))[0] == pytest.approx(
        correct[kept].mean()
    )


def test_a_level_of_equal_confidence_at_the_border_counts_in_part() -> None:
    correct = np.array([True, True, False, False])
    confidence = np.array([0.9, 0.5, 0.5, 0.5])
    found = selective_accuracy(correct, confidence, coverage=0.5)(np.ones((1, 4)))[0]
    assert found == pytest.approx((1 + 1 / 3) / 2)


def test_the_risk_coverage_curve_ends_at_the_error_of_all() -> None:
    correct, confidence = _samples(ties=True)
    ranking = Ranking(confidence, descending=True)
    right, wrong = (ranking.per_level(kind[None].astype(np.float64))[0] for kind in (correct, ~correct))
    coverage, risk = risk_points(right, wrong)
    assert coverage[-1] == 1.0
    assert risk[-1] == pytest.approx(1 - correct.mean())
    for share, value in zip(coverage, risk, strict=True):
        kept = np.argsort(-confidence, kind="stable")[: round(share * 150)]
        assert value == pytest.approx(1 - correct[kept].mean())
