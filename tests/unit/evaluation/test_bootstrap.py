from __future__ import annotations

import numpy as np
import pytest

from salus.contracts.errors import InvalidInput, NotFound
from salus.evaluation.answers import Answers, decide
from salus.evaluation.bootstrap import draw_weights, find_intervals, paired_difference
from salus.evaluation.edges import bound_flawless, separated_area
from salus.evaluation.metrics import list_measures, measure


def _answers(count: int = 150, *, strength: float = 1.0, seed: int = 0) -> Answers:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, count)
    finding = 1 / (1 + np.exp(-(strength * (2 * labels - 1) + rng.normal(size=count))))
    p = np.stack([1 - finding, finding], axis=1)
    return Answers(labels, p, decide(p, threshold=0.5), p > 0.35)


def test_a_resample_draws_as_many_samples_of_each_class() -> None:
    labels = np.array([0, 0, 0, 1, 1])
    weights = draw_weights(np.random.default_rng(0), count=5, resamples=50, strata=labels)
    assert weights.shape == (50, 5)
    assert (weights[:, :3].sum(axis=1) == 3).all()
    assert (weights[:, 3:].sum(axis=1) == 2).all()
    assert np.unique(weights, axis=0).shape[0] > 10


def test_samples_of_one_subject_are_drawn_together() -> None:
    subjects = np.array(["a", "b", "a", "c", "b", "d"])
    labels = np.array([0, 1, 0, 1, 0, 0])
    weights = draw_weights(np.random.default_rng(0), count=6, resamples=40, strata=labels, clusters=subjects)
    assert (weights[:, 0] == weights[:, 2]).all()
    assert (weights[:, 1] == weights[:, 4]).all()
    assert (weights[:, 1] == 1).all()  # the only subject of both classes is a stratum by itself
    assert (weights[:, [0, 5]].sum(axis=1) == 2).all()


def test_intervals_are_those_of_a_plain_bootstrap_over_the_same_draws() -> None:
    answers = _answers(80)
    names = [name for name in list_measures(answers) if name != "ece"]
    found = find_intervals(names, answers, seed=4, resamples=60)
    weights = draw_weights(np.random.default_rng(4), count=80, resamples=60, strata=answers.labels)
    for name in names:
        values = [measure(name, answers.take(np.repeat(np.arange(80), row.astype(int)))) for row in weights]
        defined = [value for value in values if value is not None]
        interval = found[name]
        assert interval is not None
        assert interval.low == pytest.approx(np.quantile(defined, 0.025), abs=1e-12), name
        assert interval.high == pytest.approx(np.quantile(defined, 0.975), abs=1e-12), name


def test_the_bca_interval_agrees_with_scipy() -> None:
    from scipy import stats

    answers = _answers(120, seed=2)
    found = find_intervals(["brier"], answers, seed=0, resamples=4000, method="bca")["brier"]
    errors = (answers.probabilities[:, 1] - answers.labels) ** 2
    theirs = stats.bootstrap((errors,), np.mean, n_resamples=4000, method="BCa", rng=np.random.default_rng(0))
    assert found is not None
    width = theirs.confidence_interval.high - theirs.confidence_interval.low
    assert found.low == pytest.approx(theirs.confidence_interval.low, abs=0.1 * width)
    assert found.high == pytest.approx(theirs.confidence_interval.high, abs=0.1 * width)


def test_the_same_seed_gives_the_same_interval_and_it_holds_its_point() -> None:
    answers = _answers(500)
    first = find_intervals(list_measures(answers), answers, seed=1, resamples=200)
    assert first == find_intervals(list_measures(answers), answers, seed=1, resamples=200)
    assert first != find_intervals(list_measures(answers), answers, seed=2, resamples=200)
    for name, interval in first.items():
        value = measure(name, answers)
        assert interval is not None
        assert value is not None
        assert interval.low <= value <= interval.high, name


def test_intervals_over_subjects_are_wider_than_over_their_copied_samples() -> None:
    answers = _answers(60, seed=5)
    copied = answers.take(np.repeat(np.arange(60), 5))
    people = np.repeat(np.arange(60), 5)
    by_sample = find_intervals(["auroc"], copied, seed=0, resamples=400)["auroc"]
    by_person = find_intervals(["auroc"], copied, seed=0, resamples=400, subjects=people, method="bca")["auroc"]
    alone = find_intervals(["auroc"], answers, seed=0, resamples=400)["auroc"]
    assert by_sample
    assert by_person
    assert alone
    assert by_person.high - by_person.low > 1.6 * (by_sample.high - by_sample.low)
    assert by_person.high - by_person.low == pytest.approx(alone.high - alone.low, rel=0.25)


def test_a_flawless_result_on_few_samples_is_not_certain() -> None:
    labels = np.array([0] * 20 + [1] * 20)
    finding = np.where(labels == 1, 0.9, 0.1)
    p = np.stack([1 - finding, finding], axis=1)
    answers = Answers(labels, p, decide(p, threshold=0.5))
    found = find_intervals(list_measures(answers), answers, seed=0, resamples=50)
    lows = {name: interval.low for name, interval in found.items() if interval is not None}
    assert lows["sensitivity"] == pytest.approx(0.025 ** (1 / 20))
    assert lows["accuracy"] == pytest.approx(0.025 ** (1 / 40))
    assert lows["auroc"] == pytest.approx(separated_area(20, 20, tail=0.025))
    assert 0.8 < lows["balanced_accuracy"] < 1
    assert 0.8 < lows["f1"] < 1
    wrong = Answers(labels, p[:, ::-1], decide(p[:, ::-1], threshold=0.5))
    never = find_intervals(["sensitivity"], wrong, seed=0, resamples=50)["sensitivity"]
    assert never is not None
    assert never.low == 0.0
    assert never.high == pytest.approx(1 - 0.025 ** (1 / 20))


def test_the_bound_of_a_separated_sample_is_the_area_that_separates_so_often() -> None:
    from scipy.special import ndtri

    area = separated_area(12, 9, tail=0.1)
    rng = np.random.default_rng(0)
    lowest = (rng.normal(size=(40_000, 12)) + np.sqrt(2) * ndtri(area)).min(axis=1)
    highest = rng.normal(size=(40_000, 9)).max(axis=1)
    assert (lowest > highest).mean() == pytest.approx(0.1, abs=0.006)
    assert bound_flawless("brier", _answers(10), level=0.95) is None


def test_a_paired_difference_is_much_narrower_than_its_parts() -> None:
    answers = _answers(400, seed=6)
    noise = np.random.default_rng(0).normal(scale=0.01, size=400)
    finding = np.clip(answers.probabilities[:, 1] + noise, 0, 1)
    other = np.stack([1 - finding, finding], axis=1)
    value, interval = paired_difference("auroc", answers.labels, answers.probabilities, other, seed=0, resamples=300)
    alone = find_intervals(["auroc"], answers, seed=0, resamples=300)["auroc"]
    assert value is not None
    assert interval is not None
    assert alone is not None
    assert interval.low <= value <= interval.high
    assert interval.high - interval.low < 0.3 * (alone.high - alone.low)


def test_a_model_does_not_differ_from_itself() -> None:
    answers = _answers(50)
    value, interval = paired_difference("brier", answers.labels, answers.probabilities, answers.probabilities, seed=0)
    assert value == 0.0
    assert interval is not None
    assert (interval.low, interval.high) == (0.0, 0.0)


def test_a_difference_of_what_is_not_defined_is_none() -> None:
    p = np.full((4, 2), 0.5)
    assert paired_difference("auroc", np.zeros(4, np.int64), p, p, seed=0) == (None, None)
    assert paired_difference("auroc", np.zeros(0, np.int64), p[:0], p[:0], seed=0) == (None, None)
    with pytest.raises(NotFound):
        paired_difference("kappa", np.array([0, 1, 0, 1]), p, p, seed=0)


def test_undefined_measures_have_no_interval_and_bad_settings_are_refused() -> None:
    p = np.full((5, 2), 0.5)
    negatives = Answers(np.zeros(5, np.int64), p, decide(p, threshold=0.4))
    assert find_intervals(["auroc"], negatives, seed=0, resamples=10) == {"auroc": None}
    nobody = negatives.take(np.zeros(0, np.intp))
    assert find_intervals(["auroc"], nobody, seed=0, resamples=10) == {"auroc": None}
    with pytest.raises(InvalidInput, match="2 resamples"):
        find_intervals(["auroc"], negatives, seed=0, resamples=1)
    with pytest.raises(InvalidInput, match="level"):
        find_intervals(["auroc"], negatives, seed=0, level=1.0)
