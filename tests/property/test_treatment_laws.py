"""Laws of conformal widths, pseudo-observations and rankings."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from salus.contracts.tensors import TensorSpec
from salus.contracts.text import LocalizedText
from salus.data.pseudo_observations import restricted_mean, restricted_mean_pseudo_observations
from salus.networks.tabular_features import TabularFeatures
from salus.networks.treatment_graph import PropensityModel, Support, TreatmentGraph
from salus.networks.treatment_members import LinearMembers
from salus.networks.treatment_outcomes import ModelPerOptionOutcomes
from salus.training.regression_conformal import conformal_half_width

_INPUTS = (TensorSpec(name="x", datatype="FP32", shape=(-1,), title=LocalizedText("x", "值"), content="scalar"),)


@given(st.lists(st.floats(-1e3, 1e3), min_size=20, max_size=200), st.sampled_from([0.5, 0.8, 0.9]))
@settings(deadline=None)
def test_a_conformal_width_covers_as_many_as_promised_and_is_the_smallest_that_does(
    errors: list[float], coverage: float
) -> None:
    column = np.array(errors)

    width = conformal_half_width(column, coverage=coverage)

    needed = math.ceil((len(errors) + 1) * coverage)
    assert (np.abs(column) <= width).sum() >= needed
    assert (np.abs(column) < width).sum() < needed


@given(st.lists(st.tuples(st.integers(1, 40), st.booleans()), min_size=3, max_size=40))
@settings(deadline=None)
def test_pseudo_observations_take_the_place_of_times_where_nothing_is_censored(rows: list[tuple[int, bool]]) -> None:
    time = np.array([float(row[0]) for row in rows])
    event = np.ones(len(rows), np.int64)
    horizon = float(time.max())

    told = restricted_mean_pseudo_observations(time, event, horizon=horizon)

    assert np.allclose(told, time)
    assert math.isclose(told.mean(), restricted_mean(time, event, horizon=horizon), rel_tol=1e-9)


@given(st.lists(st.floats(-50, 50), min_size=2, max_size=6), st.booleans())
@settings(deadline=None, max_examples=40)
def test_a_ranking_holds_every_option_once_and_never_puts_a_worse_one_first(
    outcomes: list[float], higher: bool
) -> None:
    count, resolution = len(outcomes), 1e-3
    models: list[nn.Module] = [
        LinearMembers(np.zeros((1, 2), np.float32), np.full(2, value, np.float32)) for value in outcomes
    ]
    scores = LinearMembers(np.zeros((1, count), np.float32), np.zeros(count, np.float32))
    graph = TreatmentGraph(
        TabularFeatures.fit(_INPUTS, {"x": np.array([-1.0, 1.0], np.float32)}),
        ModelPerOptionOutcomes(models),
        PropensityModel(scores, scale=1.0, shift=np.zeros(count, np.float32)),
        Support(gamma=1e6, mean=np.zeros(1, np.float32), whitening=np.eye(1, dtype=np.float32), radius=3.0),
        width=2.0,
        higher_is_better=higher,
        resolution=resolution,
    )

    ranking = graph(torch.zeros(1))[4][0].tolist()

    assert sorted(ranking) == list(range(count))
    ordered = [outcomes[option] if higher else -outcomes[option] for option in ranking]
    assert all(first >= second - 2 * resolution for first, second in pairwise(ordered))
