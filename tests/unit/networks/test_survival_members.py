from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from salus.networks.recurrent import GruCell
from salus.networks.survival_forest import HazardForest, HazardTree
from salus.networks.survival_heads import (
    DiscreteHazards,
    LinearScores,
    ParallelNetworks,
    ProportionalHazards,
    SharedLogits,
)
from salus.networks.survival_inputs import ColumnRows, Preparation
from salus.networks.survival_visits import ParallelGru, VisitSequence, VisitSummary


def make_events(
    seed: int, *, visits: int = 4, variables: int = 3, padding: int = 2
) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Shuffled observations with gaps, and rows of NaN."""
    rng = np.random.default_rng(seed)
    times = np.sort(rng.choice(np.arange(1, 40), visits, replace=False)) / 4
    rows = [(t, v, np.round(rng.normal(), 2)) for t in times for v in range(variables) if rng.random() < 0.7]
    rows += [(times[-1], 0, 1.5)]
    rng.shuffle(rows)
    return np.concatenate([np.array(rows), np.full((padding, 3), np.nan)]).astype(np.float32)


def test_parallel_networks_are_networks_side_by_side() -> None:
    torch.manual_seed(0)
    networks = ParallelNetworks(3, inputs=4, hidden=(5, 6), outputs=2, activation="selu").eval()
    rows = torch.randn(7, 4)

    for one in range(3):
        x = rows
        for layer, (weight, bias) in enumerate(zip(networks.weights, networks.biases, strict=True)):
            x = x @ weight[one] + bias[one]
            x = nn.functional.selu(x) if layer < 2 else x
        torch.testing.assert_close(networks(rows)[:, one], x)


def test_proportional_hazards_shift_the_baseline_and_discrete_hazards_multiply_survival() -> None:
    rows = torch.randn(5, 2)
    weights, baseline = torch.tensor([[1.0, -0.5], [0.3, 0.2]]), torch.tensor([[-2.0, -1.0], [-1.5, -0.5]])
    answer = ProportionalHazards(LinearScores(weights), baseline)(rows)
    torch.testing.assert_close(answer[:, 1, 0], -1.5 + rows @ weights[1])

    logits = ParallelNetworks(2, inputs=2, hidden=(3,), outputs=4)
    hazards = torch.sigmoid(logits(rows))
    survival = torch.exp(-torch.exp(DiscreteHazards(logits)(rows)))
    torch.testing.assert_close(survival, torch.cumprod(1 - hazards, dim=2), atol=1e-5, rtol=1e-5)


def test_a_preparation_fills_standardises_and_tells_what_was_missing() -> None:
    rng = np.random.default_rng(0)
    rows = np.stack([rng.normal(5, 2, 400), rng.integers(0, 3, 400), rng.exponential(9, 400) ** 2], axis=1)
    rows[:50, 0] = np.nan
    rows = rows.astype(np.float32)

    preparation = Preparation.fit(rows, categories=(0, 3, 0), logarithms=True, bounded=False)
    prepared = preparation(torch.from_numpy(rows)).numpy()

    assert preparation.width == prepared.shape[1] == 5  # a number, whether it was missing, two categories, a number
    np.testing.assert_allclose(prepared.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(prepared.std(axis=0), 1, atol=1e-3)
    assert np.unique(prepared[:, 1]).size == 2
    filled = np.log1p(rows[:, 2])
    np.testing.assert_allclose(prepared[:, 4], (filled - filled.mean()) / filled.std(), atol=1e-4)
    usual = int(np.bincount(rows[:, 1].astype(int)).argmax())
    others = [kind for kind in range(3) if kind != usual]
    for column, kind in zip((2, 3), others, strict=True):
        assert set(np.flatnonzero(prepared[:, column] > 0)) == set(np.flatnonzero(rows[:, 1] == kind))
    unseen = preparation(torch.tensor([[float("nan"), float("nan"), float("nan")]]))
    assert bool(torch.isfinite(unseen).all())


def test_columns_become_rows_and_missing_stays_missing() -> None:
    rows = ColumnRows()(torch.tensor([1.0, 2.0]), torch.tensor([3, 4]), torch.tensor([float("nan"), 0.0]))

    assert rows.shape == (2, 3)
    assert rows.dtype == torch.float32
    assert torch.isnan(rows[0, 2])


def test_a_forest_is_the_mean_of_what_its_trees_say_one_by_one() -> None:
    rng = np.random.default_rng(1)

    def tree() -> HazardTree:
        return HazardTree(
            feature=np.array([0, 1, 0, 0, 0]),
            threshold=np.array([rng.normal(), rng.normal(), 0, 0, 0], dtype=np.float32),
            left=np.array([1, 3, -1, -1, -1]),
            right=np.array([2, 4, -1, -1, -1]),
            hazard=np.cumsum(rng.random((5, 3)), axis=1),
        )

    forests = [[tree(), tree()], [tree(), tree()]]
    rows = rng.normal(size=(20, 2)).astype(np.float32)
    preparation = Preparation.fit(rows, categories=(0, 0), logarithms=False, bounded=False)
    preparation.mean, preparation.deviation = torch.zeros(2), torch.ones(2)

    answer = HazardForest(forests, preparation=preparation)(torch.from_numpy(rows)).numpy()

    for sample, row in enumerate(rows):
        for place, forest in enumerate(forests):
            hazards = []
            for one in forest:
                node = 0
                while one.left[node] >= 0:
                    node = one.left[node] if row[one.feature[node]] <= one.threshold[node] else one.right[node]
                hazards.append(one.hazard[node])
            np.testing.assert_allclose(answer[sample, place], np.log(np.mean(hazards, axis=0)), rtol=1e-5, atol=1e-6)
    with pytest.raises(ValueError, match="equally many trees"):
        HazardForest([[tree()], [tree(), tree()]], preparation=preparation)


@pytest.mark.parametrize("seed", range(5))
def test_a_summary_of_visits_is_that_of_each_variable_by_itself(seed: int) -> None:
    events = make_events(seed)
    row = VisitSummary([False] * 3, events_at=1)(torch.tensor([7.0]), torch.from_numpy(events)[None])[0].numpy()

    known = events[~np.isnan(events[:, 0])].astype(np.float64)
    now = known[:, 0].max()
    assert row[:2].tolist() == [7.0, now]
    for variable in range(3):
        own = known[known[:, 1] == variable]
        last, mean, slope, since = row[2 + variable :: 3][:4]
        if not len(own):
            assert np.isnan([last, mean, slope, since]).all()
            continue
        assert last == pytest.approx(own[own[:, 0] == own[:, 0].max(), 2].mean(), abs=1e-5)
        assert mean == pytest.approx(own[:, 2].mean(), abs=1e-5)
        assert since == pytest.approx(now - own[:, 0].max(), abs=1e-5)
        if np.unique(own[:, 0]).size < 2:
            assert np.isnan(slope)
        else:
            assert slope == pytest.approx(np.polyfit(own[:, 0], own[:, 2], 1)[0], abs=1e-4)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("steps", [3, 6])
def test_a_sequence_holds_the_last_visits_in_their_order(seed: int, steps: int) -> None:
    events = make_events(seed)
    encoder = VisitSequence(
        mean=[0.0] * 3,
        deviation=[1.0] * 3,
        logarithms=[False] * 3,
        scalar_mean=[2.0],
        scalar_deviation=[2.0],
        steps=steps,
        events_at=0,
    )

    sequence = encoder(torch.from_numpy(events)[None], torch.tensor([4.0]))[0].numpy()

    assert sequence.shape == (steps, encoder.width)
    known = events[~np.isnan(events[:, 0])]
    times = np.unique(known[:, 0])[-steps:]
    assert (sequence[: steps - times.size] == 0).all()
    for place, time in enumerate(times):
        row = sequence[steps - times.size + place]
        for variable in range(3):
            own = known[(known[:, 0] == time) & (known[:, 1] == variable), 2]
            assert row[variable] == pytest.approx(own.mean() if own.size else 0.0, abs=1e-5)
            assert row[3 + variable] == float(own.size > 0)
        gap = time - times[place - 1] if place else 0.0
        np.testing.assert_allclose(row[6:], [time, gap, 1.0, 1.0], atol=1e-6)


def test_padding_and_the_order_of_observations_change_nothing() -> None:
    events = make_events(2, padding=0)
    shuffled = np.concatenate([events[::-1], np.full((9, 3), np.nan, np.float32)])
    summary = VisitSummary([True, False, False], events_at=0)

    a, b = (summary(torch.from_numpy(e.copy())[None], torch.tensor([1.0])) for e in (events, shuffled))

    torch.testing.assert_close(a, b, equal_nan=True)


def test_parallel_recurrent_units_are_gru_cells_that_skip_empty_steps() -> None:
    torch.manual_seed(1)
    networks = ParallelGru(2, inputs=4, hidden=5, outputs=3, visit_at=3).eval()
    steps = torch.randn(6, 4, 4)
    steps[:, :, 3] = 1.0
    steps[:3, :2] = 0.0

    answer = networks(steps)

    for one in range(2):
        cell = GruCell(4, 5)
        with torch.no_grad():
            cell.weight_ih.copy_(networks.weight_in[one].T)
            cell.weight_hh.copy_(networks.weight_state[one].T)
            cell.bias_ih.copy_(networks.bias_in[one, 0])
            cell.bias_hh.copy_(networks.bias_state[one, 0])
        for sample in range(6):
            state = cell.initial_state(steps[sample : sample + 1, 0])
            for step in range(4):
                if steps[sample, step, 3] > 0:
                    state = cell(steps[sample : sample + 1, step], state)
            expected = state[0] @ networks.weight_out[one] + networks.bias_out[one]
            torch.testing.assert_close(answer[sample, one], expected[0])


def test_logits_are_what_all_intervals_share_and_a_little_of_their_own() -> None:
    networks = ParallelNetworks(2, inputs=3, hidden=(4,), outputs=5)
    rows = torch.randn(6, 3)

    logits = SharedLogits(networks, share=0.2)(rows)

    whole = networks(rows)
    torch.testing.assert_close(logits, whole[:, :, 4:] + 0.2 * whole[:, :, :4])
