from __future__ import annotations

import itertools

import msgspec
import numpy as np
import pytest

from salus.contracts.errors import InvalidInput
from salus.contracts.reports import Calibration
from salus.evaluation.calibration import apply_calibration, fit_calibration, interval_rows


def _overconfident(count: int = 3000, *, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Logits three times too large and shifted by 1, on data whose true log-odds are 2 z."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, count)
    z = rng.normal(size=count) + 2 * labels - 1
    return np.stack([np.zeros(count), 6 * z + 3], axis=1), labels


def _fit(logits: np.ndarray, labels: np.ndarray, **options: object) -> Calibration:
    settings: dict[str, object] = {"threshold_rule": "youden", "seed": 0, "resamples": 30, **options}
    return fit_calibration(logits, labels, **settings)  # type: ignore[arg-type]  # the options of each test


def test_a_known_distortion_is_undone() -> None:
    found = _fit(*_overconfident())
    assert found.temperature == pytest.approx(3.0, rel=0.1)
    assert found.bias[1] - found.bias[0] == pytest.approx(-1.0, abs=0.15)
    assert sum(found.bias) == pytest.approx(0.0, abs=1e-6)


def test_the_fit_is_the_best_of_its_penalised_likelihood() -> None:
    from scipy.optimize import minimize

    rng = np.random.default_rng(3)
    logits = rng.normal(size=(90, 3)) * 2
    labels = rng.integers(0, 3, 90)
    counts = np.bincount(labels)

    def loss(position: np.ndarray) -> float:
        total = float((position**2).sum()) / 8
        for row, truth in zip(logits, labels, strict=True):
            shifted = row / np.exp(position[0]) + position[1:]
            log_p = shifted - np.log(np.exp(shifted).sum())
            target = [0.25 / (counts[truth] + 0.75)] * 3
            target[truth] = (counts[truth] + 0.25) / (counts[truth] + 0.75)
            total -= float(np.dot(target, log_p))
        return total

    theirs = minimize(loss, np.zeros(4), method="BFGS", options={"gtol": 1e-8})
    ours = _fit(logits, labels, resamples=2)
    assert np.log(ours.temperature) == pytest.approx(theirs.x[0], abs=1e-3)
    assert ours.bias == pytest.approx(theirs.x[1:], abs=1e-3)
    assert ours.threshold is None
    assert ours.threshold_rule is None


def test_separable_validation_data_do_not_blow_up() -> None:
    labels = np.array([0] * 30 + [1] * 30)
    logits = np.stack([np.zeros(60), 50.0 * (2 * labels - 1)], axis=1)
    found = _fit(logits, labels)
    p = apply_calibration(logits, found)["probabilities"]
    assert p[labels == 1, 1].max() < 0.995
    assert p[labels == 1, 1].min() > 0.9
    assert np.isfinite(np.array(found.ensemble)).all()


def test_logits_against_the_truth_end_near_chance_instead_of_failing() -> None:
    logits, labels = _overconfident(400)
    p = apply_calibration(logits, _fit(logits, 1 - labels))["probabilities"]
    assert np.abs(p.astype(np.float64) - 0.5).max() < 0.2


def test_every_number_but_the_quantile_is_one_that_float32_holds() -> None:
    found = _fit(*_overconfident(500))
    numbers = [found.temperature, *found.bias, found.threshold, *itertools.chain(*found.ensemble)]
    assert all(float(np.float32(x)) == x for x in numbers if x is not None)
    assert msgspec.json.decode(msgspec.json.encode(found), type=Calibration) == found


def test_the_same_seed_gives_the_same_calibration_and_another_only_another_ensemble() -> None:
    logits, labels = _overconfident(300)
    first, other = _fit(logits, labels), _fit(logits, labels, seed=1)
    assert first == _fit(logits, labels)
    assert first.ensemble != other.ensemble
    assert msgspec.structs.replace(other, ensemble=first.ensemble) == first


def test_sets_hold_the_truth_as_often_as_promised_on_fresh_samples() -> None:
    for coverage in (0.8, 0.9, 0.95):
        logits, labels = _overconfident(3000, seed=1)
        found = _fit(logits[:1000], labels[:1000], coverage=coverage, resamples=2)
        sets = apply_calibration(logits[1000:], found)["prediction_set"]
        assert sets[np.arange(2000), labels[1000:]].mean() == pytest.approx(coverage, abs=0.03)


def test_the_quantile_has_the_finite_sample_correction() -> None:
    logits, labels = _overconfident(19)
    found = _fit(logits, labels, coverage=0.9, resamples=2)
    p = apply_calibration(logits, found)["probabilities"][np.arange(19), labels]
    assert found.conformal_quantile == pytest.approx(1 - np.sort(p)[::-1][18 - 1])  # ceil(20 * 0.9) = 18
    held = apply_calibration(logits, found)["prediction_set"][np.arange(19), labels]
    assert held.sum() == 18
    assert _fit(logits, labels, coverage=0.97, resamples=2).conformal_quantile == 1.0  # ceil(19.4) = 20 > 19


def test_the_served_outputs_agree_with_a_plain_twin() -> None:
    logits, labels = _overconfident(40, seed=4)
    calibration = _fit(logits, labels, resamples=7)
    found = apply_calibration(logits, calibration)

    def softmax(row: np.ndarray, temperature: float, *bias: float) -> np.ndarray:
        powers = np.exp(row / temperature + np.array(bias))
        return np.asarray(powers / powers.sum())

    for i, row in enumerate(logits):
        p = softmax(row, calibration.temperature, *calibration.bias)
        members = [softmax(row, *member) for member in calibration.ensemble]
        assert found["probabilities"][i] == pytest.approx(p, abs=1e-6)
        for k in range(2):
            ranked = sorted(member[k] for member in members)
            low, high = min(ranked[0], p[k]), max(ranked[6], p[k])  # floor(0.025 * 6) = 0, ceil(0.975 * 6) = 6
            assert found["probability_interval"][i, k] == pytest.approx([low, high], abs=1e-6)
        assert calibration.threshold is not None
        assert found["decision"][i] == (p[1] >= calibration.threshold)
        assert found["prediction_set"][i].tolist() == (p >= 1 - calibration.conformal_quantile - 1e-7).tolist()
        assert found["logits"][i] == pytest.approx(row / calibration.temperature + calibration.bias, abs=1e-5)


def test_outputs_have_the_datatypes_and_shapes_of_the_signature() -> None:
    logits, labels = _overconfident(50)
    found = apply_calibration(logits.astype(np.float32), _fit(logits, labels, resamples=3))
    assert {name: (str(a.dtype), a.shape) for name, a in found.items()} == {
        "probabilities": ("float32", (50, 2)),
        "probability_interval": ("float32", (50, 2, 2)),
        "decision": ("int64", (50,)),
        "prediction_set": ("bool", (50, 2)),
        "logits": ("float32", (50, 2)),
    }
    low, high = np.moveaxis(found["probability_interval"], 2, 0)
    assert (low <= found["probabilities"]).all()
    assert (found["probabilities"] <= high).all()


def test_three_classes_are_decided_by_the_largest_and_an_empty_ensemble_gives_the_point() -> None:
    calibration = Calibration(
        temperature=1.0,
        bias=(0.0, 0.0, 0.0),
        threshold=None,
        threshold_rule=None,
        conformal_quantile=0.5,
        coverage=0.9,
        ensemble=(),
    )
    found = apply_calibration(np.array([[0.0, 1.0, 1.0], [3.0, 0.0, 0.0]]), calibration)
    assert found["decision"].tolist() == [1, 0]
    assert (found["probability_interval"] == found["probabilities"][..., None]).all()


def test_the_interval_is_never_narrower_than_its_share() -> None:
    assert interval_rows(100) == (2, 97)
    assert interval_rows(1) == (0, 0)
    for count in range(1, 300):
        low, high = interval_rows(count)
        assert 0 <= low <= 0.025 * (count - 1)
        assert 0.975 * (count - 1) <= high <= count - 1


@pytest.mark.parametrize(
    ("logits", "labels", "options"),
    [
        (np.zeros((4, 1)), np.zeros(4, int), {}),
        (np.zeros((4, 2)), np.array([0, 1, 0]), {}),
        (np.array([[0.0, np.inf], [0.0, 1.0]]), np.array([0, 1]), {}),
        (np.zeros((4, 2)), np.zeros(4, int), {}),
        (np.zeros((4, 2)), np.array([0, 1, 2, 0]), {}),
        (np.zeros((4, 2)), np.array([0, 1, 0, 1]), {"coverage": 1.0}),
        (np.zeros((4, 2)), np.array([0, 1, 0, 1]), {"threshold_rule": "best"}),
    ],
)
def test_what_cannot_be_calibrated_is_refused(
    logits: np.ndarray, labels: np.ndarray, options: dict[str, object]
) -> None:
    with pytest.raises(InvalidInput):
        _fit(logits, labels, **options)


def test_a_calibration_of_another_number_of_classes_is_refused() -> None:
    logits, labels = _overconfident(30)
    with pytest.raises(InvalidInput, match="logits of shape"):
        apply_calibration(np.zeros((5, 3)), _fit(logits, labels, resamples=2))
