from __future__ import annotations

import numpy as np
import pytest
import torch

from salus.contracts.errors import InvalidInput
from salus.networks.survival_heads import ParallelNetworks
from salus.networks.survival_inputs import Preparation
from salus.training.survival_cox import fit_cox
from salus.training.survival_data import SurvivalPart, bootstrap_weights, pad_events
from salus.training.survival_networks import HazardTargets, fit_deepsurv, hazard_loss
from salus.training.survival_pooling import PiecewiseLikelihood, choose_pooling
from salus.training.survival_recipes import BoostingRecipe, DeepSurvRecipe, ForestRecipe
from salus.training.survival_risk_sets import Floats, RiskSets
from salus.training.survival_trees import fit_boosting, fit_forest, join_boosted, leaf_hazards
from salus.training.survival_visit_statistics import describe_visits


def make_part(seed: int = 0, *, count: int = 80, inputs: int = 3) -> SurvivalPart:
    """Proportional hazards with ties and censoring."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(count, inputs)).astype(np.float32)
    time = np.round(rng.exponential(5 * np.exp(-rows[:, 0].astype(np.float64))) + 0.2, 1)
    return SurvivalPart(rows, time, rng.random(count) < 0.7, np.arange(count), (0,) * inputs)


def test_sums_over_risk_sets_are_those_of_two_loops() -> None:
    part, values = make_part(), np.random.default_rng(1).random((80, 2))

    at_risk, up_to = part.risk_sets.at_risk(values), part.risk_sets.up_to(values)

    for i in range(80):
        np.testing.assert_allclose(at_risk[i], values[part.time >= part.time[i]].sum(axis=0))
        np.testing.assert_allclose(up_to[i], values[part.time <= part.time[i]].sum(axis=0))


def test_the_gradient_of_the_partial_likelihood_is_its_difference_quotient() -> None:
    part, rng = make_part(), np.random.default_rng(2)
    score, weights, events = rng.normal(size=80), rng.random(80) + 0.5, 0.0
    events = float((weights * part.event).sum())
    gradient, curvature = part.risk_sets.cox_gradient(score, weights)

    for k in range(0, 80, 9):
        step = np.zeros(80)
        step[k] = 1e-5
        loss = [part.risk_sets.cox_loss(score + sign * step, weights) * events for sign in (1, -1)]
        assert gradient[k] == pytest.approx((loss[0] - loss[1]) / 2e-5, abs=1e-4)
    assert (curvature > 0).all()


def test_cox_and_its_baseline_are_those_of_lifelines() -> None:
    import pandas as pd
    from lifelines import CoxPHFitter

    part = make_part(3, count=200)
    rng = np.random.default_rng(0)
    time = part.time + rng.permutation(200) * 1e-6  # without ties, where Efron's and Breslow's ways agree
    rows = part.rows.astype(np.float64)
    sets = RiskSets(time, part.event)
    frame = pd.DataFrame(rows, columns=["a", "b", "c"]).assign(time=time, event=part.event)

    ours = fit_cox(rows, sets, weights=np.ones(200), ridge=0.0)
    theirs = CoxPHFitter().fit(frame, "time", "event")

    np.testing.assert_allclose(ours, theirs.params_.to_numpy(), atol=1e-4)
    when = np.array([1.0, 3.0, 6.0])
    at_mean = np.exp(sets.baseline(rows @ ours, np.ones(200), when)) * np.exp(float(rows.mean(axis=0) @ ours))
    hazard = theirs.baseline_cumulative_hazard_
    expected = [float(hazard[hazard.index <= time].iloc[-1, 0]) for time in when]
    np.testing.assert_allclose(at_mean, expected, atol=1e-3)


def test_a_weight_in_cox_counts_a_subject_so_many_times_and_ridge_shrinks() -> None:
    part = make_part(4)
    rows, weights = part.rows.astype(np.float64), np.random.default_rng(0).integers(1, 4, 80)
    again = np.repeat(np.arange(80), weights)

    weighted = fit_cox(rows, part.risk_sets, weights=weights.astype(np.float64), ridge=0.01)
    repeated = fit_cox(
        rows[again], RiskSets(part.time[again], part.event[again]), weights=np.ones(again.size), ridge=0.01
    )

    np.testing.assert_allclose(weighted, repeated, atol=1e-5)
    strong = fit_cox(rows, part.risk_sets, weights=np.ones(80), ridge=10.0)
    assert np.abs(strong).max() < np.abs(weighted).max() / 2
    with pytest.raises(InvalidInput, match="at least one event"):
        fit_cox(rows, RiskSets(part.time, np.zeros(80, np.bool_)), weights=np.ones(80), ridge=0.1)


def test_the_hazard_of_leaves_is_nelson_and_aalens_of_their_subjects() -> None:
    from lifelines import NelsonAalenFitter

    part = make_part(5, count=120)
    leaf = np.random.default_rng(0).integers(0, 3, 120)
    times = np.array([1.0, 2.0, 5.0, 9.0])
    interval = np.searchsorted(times, part.time, side="left")

    hazard = leaf_hazards(leaf, part.risk_sets, np.ones(120), interval, nodes=3, steps=4)

    for one in range(3):
        own = leaf == one
        fitter = NelsonAalenFitter(nelson_aalen_smoothing=False).fit(part.time[own], part.event[own])
        np.testing.assert_allclose(hazard[one], fitter.predict(times).to_numpy(), atol=1e-9)


def test_a_forest_tells_the_order_of_events_and_keeps_its_seed() -> None:
    part = make_part(6, count=300)
    preparation = Preparation.fit(part.rows, categories=part.categories, logarithms=False, bounded=False)
    times, recipe = np.array([1.0, 4.0, 8.0]), ForestRecipe(trees=5)

    first, second = (fit_forest(part, preparation, np.ones(300), times, recipe, seed=1) for _ in range(2))

    assert len(first) == 5
    assert all(np.array_equal(a.hazard, b.hazard) for a, b in zip(first, second, strict=True))
    assert all((np.diff(tree.hazard[tree.left < 0], axis=1) >= 0).all() for tree in first)


def test_boosted_models_of_different_length_answer_side_by_side() -> None:
    part, held = make_part(7, count=300), make_part(8, count=100)
    recipe = BoostingRecipe(rounds=40, early_stopping=5)
    fits = [fit_boosting(part, held, np.ones(300), recipe, seed=seed) for seed in (1, 2)]
    fits.append((fits[0][0][:3], fits[0][1]))

    scores = join_boosted([roots for roots, _ in fits])(torch.from_numpy(part.rows)).numpy()

    assert scores.shape == (300, 3)
    for column in range(2):
        np.testing.assert_allclose(scores[:, column], fits[column][1], atol=1e-5)
    risk = scores[:, 0]
    assert np.corrcoef(risk, part.rows[:, 0])[0, 1] > 0.6


def test_the_piecewise_likelihood_is_that_of_a_hazard_constant_between_times() -> None:
    times = np.array([1.0, 2.0, 4.0])
    hazard = np.array([[0.2, 0.5, 1.5]])
    log_hazard = np.log(hazard)

    def likelihood(time: float, *, event: bool) -> float:
        return PiecewiseLikelihood(np.array([time]), np.array([event]), times)(log_hazard)

    assert likelihood(0.5, event=False) == pytest.approx(-0.1)
    assert likelihood(1.5, event=True) == pytest.approx(np.log(0.3) - 0.35)
    assert likelihood(3.0, event=True) == pytest.approx(np.log(0.5) - 1.0)
    assert likelihood(9.0, event=True) == pytest.approx(-1.5)


def test_pooling_prefers_the_better_family_and_recalibrates_overconfidence() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=2000)
    died, left = rng.exponential(np.exp(-x)), rng.exponential(2.0, size=2000)
    part = SurvivalPart(
        x[:, None].astype(np.float32), np.minimum(died, left) + 1e-6, died < left, np.arange(2000), (0,)
    )
    times = np.linspace(0.1, 3.0, 12)
    true = np.log(times)[None] + x[:, None]
    useless = np.log(times)[None] + rng.permutation(x)[:, None]

    chosen = choose_pooling(np.stack([useless, true]), part, times, evenness=0.0)
    mended = choose_pooling(2 * true[None] + 0.5, part, times, evenness=0.0)
    alone = choose_pooling(true[None], part, times, evenness=0.0, recalibrate=False)

    assert chosen.weights[1] > 0.9
    assert mended.slope == pytest.approx(0.5, abs=0.05)
    assert mended.shift == pytest.approx(-0.25, abs=0.1)
    assert (alone.weights, alone.shift, alone.slope) == ((1.0,), 0.0, 1.0)


def test_interval_targets_give_credit_for_half_an_interval() -> None:
    part = SurvivalPart(
        np.zeros((4, 1), np.float32),
        np.array([0.5, 1.4, 1.6, 5.0]),
        np.array([True, False, False, False]),
        np.arange(4),
        (0,),
    )

    targets = HazardTargets(part, np.array([1.0, 2.0, 4.0]))

    assert targets.event.tolist() == [[1, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0]]
    assert targets.known.tolist() == [[1, 0, 0], [1, 0, 0], [1, 1, 0], [1, 1, 1]]
    logits = torch.randn(4, 2, 3)
    hazard = torch.sigmoid(logits)
    loss = hazard_loss(logits, targets.event, targets.known)
    torch.testing.assert_close(loss[0, 0], -torch.log(hazard[0, 0, 0]))
    torch.testing.assert_close(loss[2, 1], -torch.log(1 - hazard[2, 1, 0]) - torch.log(1 - hazard[2, 1, 1]))


def test_deepsurv_minimises_the_partial_likelihood_of_each_network() -> None:
    torch.manual_seed(0)
    part = make_part(9, count=200)
    network = ParallelNetworks(2, inputs=3, hidden=(8,), outputs=1)
    rows = torch.from_numpy(part.rows)
    weights = np.stack([np.ones(200), np.random.default_rng(0).exponential(size=200)])

    def losses() -> list[float]:
        with torch.inference_mode():
            scores = network(rows)[:, :, 0].numpy().astype(np.float64)
        return [part.risk_sets.cox_loss(scores[:, k], weights[k]) for k in range(2)]

    told: dict[int, float] = {}
    before = losses()
    recipe = DeepSurvRecipe(hidden=(8,), dropout=0.0, l2=0.0, learning_rate=0.01, epochs=100)
    fit_deepsurv(network, rows, part, weights, recipe, told=lambda epoch, loss: told.update({epoch: loss}))

    assert all(after < first - 0.05 for after, first in zip(losses(), before, strict=True))
    assert told[100] == pytest.approx(sum(losses()) / 2, abs=0.01)


def test_bootstrap_weights_are_shared_by_the_samples_of_a_person() -> None:
    part = SurvivalPart(np.zeros((4, 1), np.float32), np.ones(4), np.ones(4, np.bool_), np.array([0, 1, 0, 2]), (0,))

    weights: Floats = bootstrap_weights(part, 6, np.random.default_rng(0))

    assert weights.shape == (6, 4)
    np.testing.assert_array_equal(weights[:, 0], weights[:, 2])
    np.testing.assert_allclose(weights.mean(axis=1), 1.0)


def test_statistics_of_visits_find_what_is_skewed() -> None:
    rng = np.random.default_rng(0)
    events = np.empty(50, dtype=object)
    for k in range(50):
        rows = [(t, 0, rng.exponential() ** 3) for t in range(4)] + [(0, 1, rng.normal())]
        events[k] = np.array(rows, dtype=np.float32)

    seen = describe_visits(events, variables=3)

    assert seen.logarithms == (True, False, False)
    assert seen.mean[2] == 0.0
    assert seen.deviation[2] == 1.0
    assert pad_events(events[:2]).shape == (2, 5, 3)


def test_a_shift_of_all_scores_is_taken_up_by_the_baseline() -> None:
    part, times = make_part(), np.array([1.0, 4.0])
    score = np.random.default_rng(1).normal(size=80)

    plain, shifted = (part.risk_sets.baseline(score + shift, np.ones(80), times) for shift in (0.0, 40.0))

    np.testing.assert_allclose(shifted, plain - 40.0)
