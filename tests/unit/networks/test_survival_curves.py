from __future__ import annotations

import numpy as np
import pytest
import torch

from salus.networks.survival_curves import SurvivalCurves

TIMES = (1.0, 2.0, 4.0, 8.0)


def make_members(seed: int = 0, *, samples: int = 7, members: int = 5) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    steps = torch.rand(samples, members, len(TIMES), generator=generator) * 0.6 + 0.02
    return torch.log(steps.cumsum(dim=2))


def even(members: int) -> tuple[float, ...]:
    return (1 / members,) * members


def test_the_curve_is_the_recalibrated_mean_on_the_logarithm_of_the_cumulative_hazard() -> None:
    members = make_members()
    curves = SurvivalCurves(TIMES, (2.0, 8.0), last_time=9.0, centre=even(5), spread=even(5), shift=0.1, slope=0.8)

    survival, band, _, risk, interval, score = (x.numpy().astype(np.float64) for x in curves(members))

    each = members.numpy().astype(np.float64)
    middle = 0.1 + 0.8 * each.mean(axis=1)
    reach = 1.959964 * 0.8 * each.std(axis=1, ddof=1)
    np.testing.assert_allclose(survival, np.exp(-np.exp(middle)), atol=1e-6)
    low = np.exp(-np.exp(np.maximum.accumulate(middle + reach, axis=1)))
    high = np.exp(-np.exp(np.minimum.accumulate((middle - reach)[:, ::-1], axis=1)[:, ::-1]))
    np.testing.assert_allclose(band, np.stack([low, high], axis=2), atol=1e-5)
    np.testing.assert_allclose(risk, 1 - survival[:, [1, 3]], atol=1e-6)
    np.testing.assert_allclose(interval, np.stack([1 - high[:, [1, 3]], 1 - low[:, [1, 3]]], axis=2), atol=1e-5)
    np.testing.assert_allclose(score, middle[:, 3], atol=1e-5)


def test_the_band_holds_the_curve_and_neither_of_its_edges_ever_rises() -> None:
    survival, band, *_ = SurvivalCurves(TIMES, (8.0,), last_time=9.0, centre=even(5), spread=even(5))(make_members(3))

    assert bool((band[:, :, 0] <= survival).all())
    assert bool((survival <= band[:, :, 1]).all())
    assert bool((band.diff(dim=1) <= 1e-6).all())


def test_past_the_last_observed_time_nothing_is_told() -> None:
    curves = SurvivalCurves(TIMES, (2.0, 8.0), last_time=5.0, centre=even(5), spread=even(5))

    survival, band, median, risk, interval, score = curves(make_members())

    assert torch.isnan(survival[:, 3]).all()
    assert torch.isnan(band[:, 3]).all()
    assert torch.isnan(risk[:, 1]).all()
    assert torch.isnan(interval[:, 1]).all()
    assert bool(torch.isfinite(survival[:, :3]).all())
    assert bool(torch.isfinite(score).all())
    assert bool((median[torch.isfinite(median)] <= 4.0).all())


def test_the_median_lies_where_the_line_between_two_times_crosses_one_half() -> None:
    curve = torch.tensor([[0.9, 0.7, 0.3, 0.2], [0.4, 0.3, 0.2, 0.1], [0.9, 0.8, 0.7, 0.6], [0.9, 0.5, 0.5, 0.5]])
    members = torch.log(-torch.log(curve)).unsqueeze(1)

    median = SurvivalCurves(TIMES, (8.0,), last_time=9.0, centre=(1.0,), spread=(1.0,))(members)[2].tolist()

    assert median[0] == pytest.approx(2.0 + 2.0 * 0.2 / 0.4, abs=1e-4)
    assert median[1] == pytest.approx(0.5 / 0.6, abs=1e-4)
    assert np.isnan(median[2])
    assert median[3] == pytest.approx(2.0, abs=1e-3)


def test_members_that_only_tell_the_spread_leave_the_curve_alone() -> None:
    members = make_members()
    alone = SurvivalCurves(TIMES, (8.0,), last_time=9.0, centre=(1.0,), spread=(1.0,))(members[:, :1])
    beside = SurvivalCurves(
        TIMES, (8.0,), last_time=9.0, centre=(1.0, 0, 0, 0, 0), spread=(0.0, 0.25, 0.25, 0.25, 0.25)
    )(members)

    torch.testing.assert_close(alone[0], beside[0])
    assert bool((beside[1][:, :, 1] > beside[1][:, :, 0]).all())
    torch.testing.assert_close(alone[1][:, :, 0], alone[0])


@pytest.mark.parametrize(("slope", "weight", "last"), [(0.0, 1.0, 9.0), (1.0, 0.7, 9.0), (1.0, 1.0, 0.5)])
def test_senseless_curves_are_refused(slope: float, weight: float, last: float) -> None:
    with pytest.raises(ValueError, match="expected weights"):
        SurvivalCurves(TIMES, (8.0,), last_time=last, centre=(weight,), spread=(1.0,), slope=slope)
