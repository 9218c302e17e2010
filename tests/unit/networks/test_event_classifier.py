"""From descriptors and observations to logits and their course, whatever the family."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from salus.networks.event_classifier import (
    EventClassifier,
    EventEnsemble,
    EventRisk,
    FeatureRisk,
    StandardisedLinear,
    StaticFeatures,
)
from salus.networks.event_scaling import EventScaling
from salus.networks.event_summary import EventSummary
from salus.networks.event_transformer import EventTransformer
from salus.networks.gru_decay import GruDecay
from salus.networks.trees import BoostedTrees

VARIABLES, STATICS = 3, 4
TIMES = (3.0, 6.0, 9.0, 12.0)
SCALING = EventScaling(torch.tensor([80.0, 7.4, 1.0]), torch.tensor([10.0, 0.1, 0.5]))


def _statics() -> StaticFeatures:
    return StaticFeatures([0, 3])


def _inputs(seed: int = 0, samples: int = 5, count: int = 25) -> tuple[Tensor, Tensor, Tensor]:
    rng = np.random.default_rng(seed)
    time, code = rng.uniform(0, 11.5, (samples, count)), rng.integers(0, VARIABLES, (samples, count))
    value = rng.normal(40, 20, (samples, count))
    events = torch.from_numpy(np.stack([time, code, value], axis=2).astype(np.float32))
    age = torch.from_numpy(rng.uniform(20, 90, samples).astype(np.float32))
    ward = torch.from_numpy(rng.integers(0, 3, samples).astype(np.float32))
    age[0], ward[1] = torch.nan, torch.nan
    return age, ward, events


def _linear() -> EventRisk:
    torch.manual_seed(1)
    summary = EventSummary(VARIABLES, recent=2.0)
    width = summary.width + STATICS
    rows = StandardisedLinear(
        low=torch.full((width,), -50.0),
        high=torch.full((width,), 90.0),
        mean=torch.randn(width),
        deviation=torch.rand(width) + 10.0,
        weights=torch.randn(width),
        bias=-1.0,
    )
    return FeatureRisk(summary, rows, times=TIMES)


def _trees() -> EventRisk:
    split = {"threshold": 30.0, "decision_type": "<=", "missing_type": "NaN", "default_left": True}
    leaves = {"left_child": {"leaf_value": -1.0}, "right_child": {"leaf_value": 2.0}}
    rows = BoostedTrees([{"split_feature": feature, **split, **leaves} for feature in range(8, 20)])
    return FeatureRisk(EventSummary(VARIABLES), rows, times=TIMES)


def _recurrent() -> EventRisk:
    torch.manual_seed(2)
    mean, deviation = torch.zeros(STATICS), torch.full((STATICS,), 30.0)
    options = {"statics": STATICS, "static_mean": mean, "static_deviation": deviation}
    return GruDecay(SCALING, hours=12, hidden=6, times=TIMES, **options)  # type: ignore[arg-type]  # mixed types


def _transformer() -> EventRisk:
    torch.manual_seed(3)
    mean, deviation = torch.zeros(STATICS), torch.full((STATICS,), 30.0)
    options = {"statics": STATICS, "static_mean": mean, "static_deviation": deviation}
    return EventTransformer(SCALING, duration=12.0, width=8, heads=2, queries=3, times=TIMES, **options)  # type: ignore[arg-type]  # mixed types


def _ensemble() -> EventRisk:
    return EventEnsemble([_linear(), _recurrent()], weights=[0.25, 0.75])


FAMILIES = [_linear, _trees, _recurrent, _transformer, _ensemble]


@pytest.mark.parametrize("make", FAMILIES)
def test_the_course_is_what_the_model_says_when_handed_the_observations_so_far(make: Callable[[], EventRisk]) -> None:
    module = EventClassifier(_statics(), make()).eval()
    age, ward, events = _inputs()
    with torch.inference_mode():
        logits, course = module(age, ward, events)
        assert logits.shape == (5, 2)
        assert course.shape == (5, 4, 2)
        assert torch.equal(logits[:, 0], torch.zeros(5))
        for place, time in enumerate(TIMES):
            known = torch.where(events[..., :1] <= time, events, torch.full_like(events, torch.nan))
            so_far = module(age, ward, known)[0]
            told = torch.logical_not(torch.isnan(course[:, place, 1]))
            if isinstance(module.risk, (GruDecay, EventEnsemble)):
                # the recurrent state goes on to the full hour; handed in alone, the answer is that of the last hour
                last = torch.nan_to_num(known[..., 0]).amax(dim=1)
                told = told & (torch.ceil(last) == time)
            assert torch.allclose(course[told, place], so_far[told], atol=1e-5)


@pytest.mark.parametrize("make", FAMILIES)
def test_order_and_padding_of_observations_do_not_matter(make: Callable[[], EventRisk]) -> None:
    module = EventClassifier(_statics(), make()).eval()
    age, ward, events = _inputs(1)
    mixed = torch.cat([torch.full((5, 3, 3), torch.nan), events.flip(1)], dim=1)
    with torch.inference_mode():
        assert torch.allclose(module(age, ward, events)[0], module(age, ward, mixed)[0], atol=1e-5)


@pytest.mark.parametrize("make", FAMILIES)
def test_missing_descriptors_and_no_observations_still_give_a_number(make: Callable[[], EventRisk]) -> None:
    module = EventClassifier(_statics(), make()).eval()
    nothing = torch.full((2, 4, 3), torch.nan)
    with torch.inference_mode():
        logits, course = module(torch.full((2,), torch.nan), torch.full((2,), torch.nan), nothing)
    assert bool(torch.isfinite(logits).all())
    assert bool(torch.isnan(course).all())


def test_the_course_is_unknown_before_the_first_observation_and_after_the_last() -> None:
    module = EventClassifier(_statics(), _linear()).eval()
    events = torch.tensor([[[4.0, 0.0, 80.0], [7.5, 1.0, 7.3]]])
    with torch.inference_mode():
        _, course = module(torch.tensor([60.0]), torch.tensor([1.0]), events)
    assert torch.isnan(course[0, :, 1]).tolist() == [True, False, False, True]


def test_a_missing_category_has_no_column_set_and_a_missing_number_stays_missing() -> None:
    row = _statics()(torch.tensor([float("nan"), 50.0]), torch.tensor([2.0, float("nan")]))
    assert row[0, 1:].tolist() == [0.0, 0.0, 1.0]
    assert bool(torch.isnan(row[0, 0]))
    assert row[1].tolist() == [50.0, 0.0, 0.0, 0.0]


def test_an_ensemble_without_members_or_with_other_weights_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one member"):
        EventEnsemble([])
    with pytest.raises(ValueError, match="expected 1 weights"):
        EventEnsemble([_linear()], weights=[0.5, 0.5])
    with pytest.raises(ValueError, match="at least one time"):
        FeatureRisk(EventSummary(2), torch.nn.Identity(), times=())
