from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from salus.contracts.errors import InvalidInput
from salus.evaluation.answers import Answers, decide
from salus.evaluation.calibration import apply_calibration, fit_calibration
from salus.evaluation.metrics import auroc, list_measures, measure
from salus.evaluation.thresholds import choose_threshold

_SCORES = st.lists(st.tuples(st.booleans(), st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 1.0])), min_size=2, max_size=40)


def _two_columns(pairs: list[tuple[bool, float]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([truth for truth, _ in pairs], dtype=np.int64), np.array([score for _, score in pairs])


@given(_SCORES)
def test_auroc_is_the_share_of_pairs_in_order(pairs: list[tuple[bool, float]]) -> None:
    labels, scores = _two_columns(pairs)
    found = auroc(labels, scores)
    positives, negatives = scores[labels == 1], scores[labels == 0]
    if not positives.size or not negatives.size:
        assert found is None
        return
    wins = (positives[:, None] > negatives).sum() + (positives[:, None] == negatives).sum() / 2
    assert found is not None
    assert abs(found - wins / (positives.size * negatives.size)) < 1e-12
    turned = auroc(labels, -scores)
    assert turned is not None
    assert abs(found + turned - 1) < 1e-12


@given(_SCORES, st.randoms(use_true_random=False), st.floats(0, 1, width=32))
def test_no_measure_depends_on_the_order_of_the_samples(
    pairs: list[tuple[bool, float]], random: object, threshold: float
) -> None:
    labels, scores = _two_columns(pairs)
    order = np.arange(len(pairs))
    random.shuffle(order)  # type: ignore[attr-defined]  # Hypothesis gives a random.Random
    p = np.stack([1 - scores, scores], axis=1)
    answers = Answers(labels, p, decide(p, threshold=threshold), p > 0.2)
    for name in list_measures(answers):
        value, other = measure(name, answers), measure(name, answers.take(order))
        assert (value is None) == (other is None), name
        if value is not None and other is not None:
            assert abs(value - other) < 1e-9, name
            assert -1e-12 <= value <= {"log_loss": 34.6, "set_size": 2.0, "augrc": 0.5}.get(name, 1.0) + 1e-12, name


@given(_SCORES, st.sampled_from(["youden", "accuracy", "balanced", "sensitivity>=0.9", "specificity>=0.5"]))
def test_a_threshold_never_lies_on_the_wrong_side_of_a_sample(pairs: list[tuple[bool, float]], rule: str) -> None:
    labels, scores = _two_columns(pairs)
    try:
        threshold = np.float32(choose_threshold(scores, labels, rule=rule))
    except InvalidInput:
        assert len(set(labels.tolist())) == 1
        return
    called = scores.astype(np.float32) >= threshold
    if rule.startswith("sensitivity"):
        assert called[labels == 1].mean() >= 0.9
    if rule.startswith("specificity"):
        assert (~called[labels == 0]).mean() >= 0.5
    if rule == "accuracy":
        assert (called == labels).sum() >= max(labels.sum(), (1 - labels).sum())


@settings(max_examples=40, deadline=None)
@given(
    arrays.arrays(np.float32, st.tuples(st.integers(4, 20), st.just(2)), elements=st.floats(-80, 80, width=32)),
    st.integers(0, 2**32 - 1),
)
def test_any_finite_logits_are_calibrated_to_finite_probabilities(logits: np.ndarray, seed: int) -> None:
    labels = np.arange(len(logits)) % 2
    calibration = fit_calibration(logits, labels, threshold_rule="youden", seed=seed, resamples=3)
    found = apply_calibration(logits, calibration)
    p, interval = found["probabilities"].astype(np.float64), found["probability_interval"].astype(np.float64)
    assert calibration.temperature > 0
    assert np.abs(p.sum(axis=1) - 1).max() < 1e-5
    assert (interval[..., 0] <= p).all()
    assert (p <= interval[..., 1]).all()
    assert found["prediction_set"][np.arange(len(labels)), labels].mean() >= 0.9 * (1 - 1e-9)
    difference = logits.astype(np.float64)
    ranked = np.argsort(difference[:, 1] - difference[:, 0], kind="stable")
    assert (np.diff(p[ranked, 1]) >= -1e-5).all(), "calibration must not change the order of the samples"
