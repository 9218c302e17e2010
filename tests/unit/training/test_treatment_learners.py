from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from salus.contracts.errors import InvalidInput
from salus.training.treatment_balance import sinkhorn_distance, squared_mean_difference
from salus.training.treatment_base_learners import (
    PENALTIES,
    BoostingSettings,
    answers_of,
    draw_member_weights,
    fit_boosting,
    fit_ridge,
    make_base_learner,
)
from salus.training.treatment_meta_learners import MetaLearner, fit_outcomes, pseudo_outcomes
from salus.training.treatment_propensity import fit_propensity, fit_support

Floats = NDArray[np.float64]


def confounded(count: int, seed: int) -> tuple[NDArray[np.float32], NDArray[np.int64], Floats, Floats]:
    """Features, option, outcome and true effect 1 + x0; who is ill (x1 large) is treated more often and does worse."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(count, 3))
    given = (rng.random(count) < 1 / (1 + np.exp(-1.5 * x[:, 1]))).astype(np.int64)
    effect = 1.0 + x[:, 0]
    outcome = -2.0 * x[:, 1] + given * effect + rng.normal(0, 0.5, count)
    return x.astype(np.float32), given, outcome, effect


def test_ridge_is_the_textbook_solution_with_the_penalty_of_the_smallest_left_out_error() -> None:
    from sklearn.linear_model import Ridge
    from sklearn.model_selection import LeaveOneOut, cross_val_predict

    rng = np.random.default_rng(0)
    x = rng.normal(size=(40, 6)).astype(np.float32)
    y = x[:, 0] * 2.0 + rng.normal(0, 2.0, 40)
    errors = [((cross_val_predict(Ridge(alpha=p), x, y, cv=LeaveOneOut()) - y) ** 2).sum() for p in PENALTIES]
    plain = Ridge(alpha=PENALTIES[int(np.argmin(errors))]).fit(x.astype(np.float64), y)

    ours = fit_ridge(x, y, np.ones((1, 40)))

    assert np.allclose(answers_of(ours, x)[:, 0], plain.predict(x), atol=1e-4)


def test_a_weight_counts_as_repeating_the_sample() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(60, 2)).astype(np.float32), rng.normal(size=60)
    weights = rng.integers(0, 3, size=60).astype(np.float64)
    repeated = np.repeat(np.arange(60), weights.astype(np.int64))

    weighted = fit_ridge(x, y, np.stack([weights, np.ones(60)]))

    for penalty in PENALTIES:  # the penalty is chosen over all members together, so try each
        a = x[repeated] - x[repeated].mean(axis=0)
        solved = np.linalg.solve(a.T @ a + penalty * np.eye(2), a.T @ (y[repeated] - y[repeated].mean()))
        if np.allclose(weighted.weight[:, 0].numpy(), solved, atol=1e-4):
            break
    else:
        pytest.fail("no penalty gives the weighted solution")


def test_trees_follow_a_step_and_are_the_same_from_the_same_seed() -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=(400, 2)).astype(np.float32)
    y = np.where(x[:, 0] > 0, 3.0, -3.0)

    first, again = (fit_boosting(x, y, np.ones((2, 400)), settings=BoostingSettings(), seed=3) for _ in range(2))

    assert np.abs(answers_of(first, x) - y[:, None]).mean() < 0.5
    assert np.array_equal(answers_of(first, x), answers_of(again, x))


@pytest.mark.parametrize("learner", ["t", "x", "dr"])
def test_learners_find_effects_that_the_mean_difference_misses(learner: MetaLearner) -> None:
    x, given, outcome, effect = confounded(3000, 0)
    chance = fit_propensity(x, given, (x, given), options=2, model="logistic", seed=0)
    base = make_base_learner("ridge", BoostingSettings(), seed=0)

    model = fit_outcomes(
        learner, x, given, outcome, base=base, options=2, members=3, folds=3, rng=np.random.default_rng(0)
    )
    with torch.inference_mode():
        told = model(torch.from_numpy(x), torch.from_numpy(answers_of(chance, x).astype(np.float32))).numpy()

    naive = outcome[given == 1].mean() - outcome[given == 0].mean()
    found = told[:, :, 1] - told[:, :, 0]
    assert naive < 0 < effect.mean()
    assert found.shape == (3000, 3)
    assert np.sqrt(((found.mean(axis=1) - effect) ** 2).mean()) < 0.2


def test_one_model_without_interactions_gives_everybody_the_same_effect() -> None:
    x, given, outcome, _ = confounded(800, 1)
    base = make_base_learner("ridge", BoostingSettings(), seed=0)

    model = fit_outcomes("s", x, given, outcome, base=base, options=2, members=1, folds=2, rng=np.random.default_rng(0))
    with torch.inference_mode():
        told = model(torch.from_numpy(x), torch.zeros(1)).numpy()[:, 0]

    assert np.allclose(told[:, 1] - told[:, 0], told[0, 1] - told[0, 0], atol=1e-4)
    assert told[0, 1] - told[0, 0] == pytest.approx(1.0, abs=0.2)


def test_doubly_robust_scores_average_to_the_mean_outcome_under_each_option() -> None:
    x, given, outcome, effect = confounded(6000, 2)
    base = make_base_learner("ridge", BoostingSettings(), seed=0)

    scores = pseudo_outcomes(x, given, outcome, base=base, options=2, folds=4, rng=np.random.default_rng(0))

    assert scores.mean(axis=0) == pytest.approx([0.0, effect.mean()], abs=0.12)


def test_propensities_add_up_to_one_and_mean_what_they_say() -> None:
    x, given, _, _ = confounded(4000, 3)
    new, taken, _, _ = confounded(4000, 4)

    for model in ("logistic", "boosting"):
        chance = answers_of(
            fit_propensity(x[:3000], given[:3000], (x[3000:], given[3000:]), options=2, model=model, seed=0), new
        )
        assert np.allclose(chance.sum(axis=1), 1.0, atol=1e-6)
        bins = np.digitize(chance[:, 1], [0.2, 0.4, 0.6, 0.8])
        for one in range(5):
            assert chance[bins == one, 1].mean() == pytest.approx(taken[bins == one].mean(), abs=0.08)


def test_an_option_that_nobody_was_given_is_refused() -> None:
    x = np.zeros((4, 1), np.float32)
    given = np.array([0, 0, 1, 1])

    with pytest.raises(InvalidInput, match="every option"):
        fit_propensity(x, given, (x, given), options=3, model="logistic", seed=0)


def test_the_trimming_is_that_of_crump_and_others() -> None:
    rng = np.random.default_rng(5)
    chance = rng.beta(0.6, 2.5, 3000)
    x = rng.normal(size=(3000, 2)).astype(np.float32)
    propensity = np.stack([1 - chance, chance], axis=1)

    support = fit_support(x, propensity, far_quantile=1.0, least_propensity=0.0)

    sums = (1 / propensity.clip(1e-6)).sum(axis=1)
    plain = max(gamma for gamma in sums if gamma <= 2 * sums[sums <= gamma].mean())
    assert support.gamma == pytest.approx(plain)
    floored = fit_support(x, propensity, far_quantile=1.0, least_propensity=0.3)
    assert floored.gamma == pytest.approx(1 / 0.3 + 1 / 0.7)


def test_the_farthest_hundredth_of_the_training_part_is_without_overlap() -> None:
    x = np.random.default_rng(6).normal(size=(2000, 3)).astype(np.float32)
    even = np.full((2000, 2), 0.5)

    support = fit_support(x, even, far_quantile=0.99, least_propensity=0.05)
    told = support(torch.from_numpy(x), torch.from_numpy(even.astype(np.float32)))

    assert 0.985 <= told.float().mean().item() <= 0.992
    assert not support(torch.full((1, 3), 9.0), torch.full((1, 2), 0.5)).item()


def test_resamples_draw_as_many_samples_as_there_are_and_one_member_takes_each_once() -> None:
    weights = draw_member_weights(np.random.default_rng(0), 50, 4)

    assert weights.shape == (4, 50)
    assert weights.sum(axis=1).tolist() == [50.0] * 4
    assert (draw_member_weights(np.random.default_rng(0), 50, 1) == 1).all()


def test_the_transport_distance_is_a_little_above_the_exact_assignment() -> None:
    from scipy.optimize import linear_sum_assignment
    from scipy.spatial.distance import cdist

    rng = np.random.default_rng(7)
    first, second = rng.normal(size=(2, 30, 3)), rng.normal(1.0, 1.0, size=(2, 30, 3))

    told = sinkhorn_distance(torch.from_numpy(first), torch.from_numpy(second)).numpy()
    far = sinkhorn_distance(torch.from_numpy(first), torch.from_numpy(first + np.array([100.0, 0.0, 0.0]))).numpy()

    for member in range(2):
        cost = cdist(first[member], second[member])
        exact = cost[linear_sum_assignment(cost)].mean()
        assert exact <= told[member] <= 1.15 * exact
        assert far[member] == pytest.approx(100.0, rel=0.01)


def test_the_mean_difference_is_zero_for_alike_samples_and_the_squared_distance_else() -> None:
    same = torch.randn(2, 5, 3, generator=torch.Generator().manual_seed(0))

    assert squared_mean_difference(same, same).tolist() == [0.0, 0.0]
    assert squared_mean_difference(same, same + 2.0).tolist() == pytest.approx([12.0, 12.0], rel=1e-5)
