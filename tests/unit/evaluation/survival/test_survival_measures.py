from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from salus.contracts.errors import InvalidInput
from salus.evaluation.survival.answers import SurvivalAnswers
from salus.evaluation.survival.calibration import d_calibration_p, risk_bins, spread_over_bins, survival_at_end
from salus.evaluation.survival.kaplan_meier import KaplanMeier
from salus.evaluation.survival.measures import find_values, list_measures, paired_loss, prepare_measure

Floats = NDArray[np.float64]


def make_answers(seed: int, *, count: int = 60, censored: float = 0.4) -> SurvivalAnswers:
    """Rounded times, so that there are ties; proportional hazards with a wrong baseline."""
    rng = np.random.default_rng(seed)
    score = np.round(rng.normal(size=count), 1)
    time = np.round(rng.exponential(np.exp(-score)) * 5 + 0.2, 1)
    event = rng.random(count) > censored
    times = np.array([0.5, 1.0, 2.0, 4.0])
    survival = np.exp(-0.15 * np.exp(0.8 * score)[:, None] * times)
    return SurvivalAnswers(time, event, score, survival, times, (1.0, 4.0))


def once(name: str, answers: SurvivalAnswers) -> float:
    return float(prepare_measure(name, answers)(np.ones((1, len(answers))))[0])


def plain_survival(
    time: Floats, leaving: NDArray[np.bool_], first: NDArray[np.bool_], when: float, *, before: bool
) -> float:
    """The product-limit estimate by its definition; of equal times those in `first` leave before the others."""
    value = 1.0
    for u in sorted(set(time[leaving])):
        if u > when or (before and u == when):
            break
        at_risk = sum(1 for t, f in zip(time, first, strict=True) if t > u or (t == u and not f))
        value *= 1 - sum(1 for t, gone in zip(time, leaving, strict=True) if t == u and gone) / at_risk
    return value


def plain_censoring(answers: SurvivalAnswers, when: float, *, before: bool) -> float:
    return plain_survival(answers.time, ~answers.event, answers.event, when, before=before)


def plain_concordance(answers: SurvivalAnswers, weight: Floats) -> float:
    right, pairs = 0.0, 0.0
    for i in range(len(answers)):
        for j in range(len(answers)):
            earlier = answers.time[i] < answers.time[j]
            tied = answers.time[i] == answers.time[j] and not answers.event[j]
            if not answers.event[i] or not (earlier or tied):
                continue
            pairs += weight[i]
            if answers.score[i] > answers.score[j]:
                right += weight[i]
            elif answers.score[i] == answers.score[j]:
                right += weight[i] / 2
    return right / pairs


def plain_brier(answers: SurvivalAnswers, horizon: float) -> float:
    total = 0.0
    for i, s in enumerate(answers.at(horizon)):
        if answers.time[i] <= horizon and answers.event[i]:
            total += s**2 / plain_censoring(answers, answers.time[i], before=True)
        elif answers.time[i] > horizon:
            total += (1 - s) ** 2 / plain_censoring(answers, horizon, before=False)
    return total / len(answers)


@pytest.mark.parametrize("seed", range(4))
def test_harrells_c_counts_pairs_as_two_loops_and_as_lifelines(seed: int) -> None:
    from lifelines.utils import concordance_index

    answers = make_answers(seed)

    assert once("c_index", answers) == pytest.approx(plain_concordance(answers, np.ones(len(answers))), abs=1e-6)
    assert once("c_index", answers) == pytest.approx(
        concordance_index(answers.time, -answers.score, answers.event), abs=1e-6
    )


@pytest.mark.parametrize("seed", range(4))
def test_the_ipcw_c_index_weighs_each_pair_by_the_censoring_before_its_event(seed: int) -> None:
    answers = make_answers(seed)
    weight = np.array(
        [
            1 / plain_censoring(answers, time, before=True) ** 2 if event and time < answers.times[-1] else 0.0
            for time, event in zip(answers.time, answers.event, strict=True)
        ]
    )

    assert once("c_index_ipcw", answers) == pytest.approx(plain_concordance(answers, weight), abs=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_the_brier_score_and_its_integral_are_those_of_their_definition(seed: int) -> None:
    answers = make_answers(seed)
    scores = [0.0, *(plain_brier(answers, time) for time in answers.times)]
    widths = np.diff([0.0, *answers.times])
    integral = sum(w * (a + b) / 2 for w, a, b in zip(widths, scores, scores[1:], strict=False)) / answers.times[-1]

    assert once("brier_1", answers) == pytest.approx(scores[2])
    assert once("brier_4", answers) == pytest.approx(scores[4])
    assert once("ibs", answers) == pytest.approx(integral)


def test_without_censoring_the_brier_score_is_the_mean_squared_error_of_the_risk() -> None:
    answers = make_answers(1, censored=-1.0)

    happened = answers.time <= 1.0
    assert once("brier_1", answers) == pytest.approx(float((((1 - answers.at(1.0)) - happened) ** 2).mean()))


@pytest.mark.parametrize("seed", range(3))
def test_the_kaplan_meier_curve_is_that_of_lifelines(seed: int) -> None:
    from lifelines import KaplanMeierFitter

    answers = make_answers(seed)
    when = np.linspace(0.0, 6.0, 25)
    theirs = KaplanMeierFitter().fit(answers.time, answers.event).predict(when).to_numpy()
    ours = KaplanMeier(answers.time, answers.event).at(np.ones((1, len(answers))), when)[0]

    np.testing.assert_allclose(ours, theirs, atol=1e-9)
    assert ours[7] == pytest.approx(
        plain_survival(answers.time, answers.event, np.zeros(len(answers), np.bool_), float(when[7]), before=False)
    )


@pytest.mark.parametrize("seed", range(3))
def test_the_dynamic_auroc_compares_each_case_with_each_control(seed: int) -> None:
    answers = make_answers(seed)
    risk = 1 - answers.at(4.0)
    right = total = 0.0
    for i in range(len(answers)):
        for j in range(len(answers)):
            if answers.time[i] <= 4.0 and answers.event[i] and answers.time[j] > 4.0:
                weight = 1 / plain_censoring(answers, answers.time[i], before=True)
                total += weight
                right += weight * (1.0 if risk[i] > risk[j] else 0.5 if risk[i] == risk[j] else 0.0)

    assert once("auroc_4", answers) == pytest.approx(right / total)


@pytest.mark.parametrize("seed", range(3))
def test_d_calibration_spreads_who_was_censored_over_what_was_left(seed: int) -> None:
    answers = make_answers(seed)
    survival, event = survival_at_end(answers)
    shares = np.zeros(10)
    for s, happened in zip(survival, event, strict=True):
        for k in range(10):
            if happened:
                shares[k] += float(k / 10 <= s < (k + 1) / 10 or (k == 9 and s == 1.0))
            elif s > k / 10:
                shares[k] += min(s - k / 10, 0.1) / s

    np.testing.assert_allclose(spread_over_bins(answers).sum(axis=0), shares)
    expected = float((((shares / len(answers)) - 0.1) ** 2).sum())
    assert once("d_calibration", answers) == pytest.approx(expected)


def test_d_calibration_finds_true_curves_true_and_wrong_ones_wrong() -> None:
    rng = np.random.default_rng(5)
    rate = np.exp(rng.normal(size=3000))
    died, left = rng.exponential(1 / rate), rng.exponential(2.0, size=3000)
    times = np.linspace(0.02, 6.0, 300)
    right = SurvivalAnswers(
        np.minimum(died, left), died <= left, rate, np.exp(-rate[:, None] * times), times, (times[-1],)
    )
    wrong = SurvivalAnswers(right.time, right.event, rate, right.survival**2, times, (times[-1],))

    assert d_calibration_p(right) > 0.01
    assert d_calibration_p(wrong) < 1e-6
    assert once("d_calibration", right) < 0.001 < once("d_calibration", wrong)


def test_the_curve_is_linear_between_its_times_and_ends_where_it_ends() -> None:
    survival = np.array([[0.8, 0.4], [0.8, 0.4], [0.8, 0.4]])
    answers = SurvivalAnswers(
        np.array([1.0, 3.0, 9.0]), np.array([True, True, True]), np.zeros(3), survival, np.array([2.0, 4.0]), ()
    )

    ends, observed = survival_at_end(answers)

    np.testing.assert_allclose(ends, [0.9, 0.6, 0.4])
    assert observed.tolist() == [True, True, False]


def test_calibration_at_a_horizon_is_the_mean_difference_of_bins_from_kaplan_and_meier() -> None:
    answers = make_answers(2, count=200)
    risk = 1 - answers.at(4.0)
    total = 0.0
    for one in np.unique(risk_bins(answers, 4.0)):
        part = np.flatnonzero(risk_bins(answers, 4.0) == one)
        nobody = np.zeros(part.size, np.bool_)
        observed = 1 - plain_survival(answers.time[part], answers.event[part], nobody, 4.0, before=False)
        total += abs(float(risk[part].mean()) - observed) * part.size

    assert once("calibration_4", answers) == pytest.approx(total / 200)


def test_a_weight_counts_a_subject_so_many_times() -> None:
    answers = make_answers(3, count=40)
    weights = np.random.default_rng(0).integers(0, 3, 40)
    repeated = answers.take(np.repeat(np.arange(40), weights))

    for name in ("c_index", "c_index_ipcw", "ibs", "brier_1", "auroc_4", "d_calibration"):
        weighted = float(prepare_measure(name, answers)(weights[None].astype(np.float64))[0])
        assert weighted == pytest.approx(once(name, repeated), abs=1e-6), name


def test_all_measures_have_intervals_that_hold_their_points_and_follow_the_seed() -> None:
    answers = make_answers(4, count=120)
    names = list_measures(answers.horizons)

    found = find_values(names, answers, seed=1, resamples=60)
    again = find_values(names, answers, seed=1, resamples=60)

    assert found == again
    for name, (value, interval) in found.items():
        assert value is not None, name
        assert interval is not None
        assert interval.low <= value <= interval.high


def test_a_measure_without_pairs_or_beyond_what_was_observed_is_unknown() -> None:
    nobody = make_answers(0, censored=2.0)

    assert np.isnan(once("c_index", nobody))
    assert find_values(("c_index",), nobody, seed=0, resamples=10)["c_index"] == (None, None)
    assert np.isnan(once("brier_9", make_answers(0)))
    with pytest.raises(InvalidInput, match="brier_<horizon>"):
        prepare_measure("accuracy", nobody)


def test_a_paired_loss_of_a_form_with_itself_is_nothing() -> None:
    answers = make_answers(1)
    other = SurvivalAnswers(
        answers.time, answers.event, -answers.score, answers.survival, answers.times, answers.horizons
    )

    assert paired_loss("c_index", answers, answers, seed=0, resamples=50) == (0.0, 0.0, 0.0)
    value, low, high = paired_loss("c_index", answers, other, seed=0, resamples=50)
    assert 0 < low <= value <= high


def test_who_was_lost_at_the_very_beginning_does_no_harm() -> None:
    answers = make_answers(2)
    started = SurvivalAnswers(
        np.where(np.arange(60) == 5, 0.0, answers.time),
        np.where(np.arange(60) == 5, False, answers.event),
        answers.score,
        answers.survival,
        answers.times,
        answers.horizons,
    )

    for name in list_measures(answers.horizons):
        assert np.isfinite(once(name, started)), name
    assert survival_at_end(started)[0][5] == 1.0
