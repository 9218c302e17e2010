from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from salus.contracts.errors import InvalidInput
from salus.data.pseudo_observations import restricted_mean, restricted_mean_pseudo_observations

Floats = NDArray[np.float64]


def plain_restricted_mean(time: Floats, event: NDArray[np.int64], horizon: float) -> float:
    """Kaplan and Meier by hand: one step after another."""
    area, alive, before = 0.0, 1.0, 0.0
    for moment in sorted(set(time[(event == 1) & (time <= horizon)].tolist())):
        area += alive * (moment - before)
        at_risk = int((time >= moment).sum())
        alive *= 1.0 - int(((time == moment) & (event == 1)).sum()) / at_risk
        before = moment
    return area + alive * (horizon - before)


def censored(count: int, seed: int) -> tuple[Floats, NDArray[np.int64]]:
    rng = np.random.default_rng(seed)
    dies, leaves = rng.exponential(40, count), rng.exponential(60, count)
    time = np.asarray(np.round(np.minimum(dies, leaves), 1) + 0.1, dtype=np.float64)
    return time, (dies <= leaves).astype(np.int64)


def test_pseudo_observations_are_what_leaving_each_subject_out_changes() -> None:
    time, event = censored(60, 0)

    told = restricted_mean_pseudo_observations(time, event, horizon=30.0)

    whole = plain_restricted_mean(time, event, 30.0)
    for subject in range(60):
        others = np.arange(60) != subject
        without = plain_restricted_mean(time[others], event[others], 30.0)
        assert told[subject] == pytest.approx(60 * whole - 59 * without)


def test_the_restricted_mean_is_that_of_lifelines() -> None:
    from lifelines import KaplanMeierFitter
    from lifelines.utils import restricted_mean_survival_time

    time, event = censored(300, 1)

    told = restricted_mean(time, event, horizon=25.0)

    fitted = KaplanMeierFitter().fit(time, event)
    assert told == pytest.approx(restricted_mean_survival_time(fitted, t=25.0), rel=1e-6)


def test_without_censoring_a_pseudo_observation_is_the_time_up_to_the_horizon() -> None:
    time = np.array([3.0, 12.0, 40.0, 80.0])

    told = restricted_mean_pseudo_observations(time, np.ones(4, np.int64), horizon=30.0)

    assert told == pytest.approx([3.0, 12.0, 30.0, 30.0])


def test_a_horizon_beyond_the_follow_up_is_refused() -> None:
    with pytest.raises(InvalidInput, match="within the follow-up"):
        restricted_mean_pseudo_observations(np.array([1.0, 2.0]), np.array([1, 0]), horizon=3.0)
