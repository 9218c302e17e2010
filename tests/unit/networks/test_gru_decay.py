"""GRU-D: the whole pass, the step by step pass and the formula agree."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from salus.networks.event_scaling import EventScaling
from salus.networks.gru_decay import GruDecay, GruDecayStep

VARIABLES, STATICS, HOURS = 4, 3, 6


def _network() -> GruDecay:
    torch.manual_seed(0)
    network = GruDecay(
        EventScaling(torch.tensor([80.0, 7.4, 1.0, 120.0]), torch.tensor([10.0, 0.1, 0.5, 15.0])),
        statics=STATICS,
        static_mean=torch.zeros(STATICS),
        static_deviation=torch.ones(STATICS),
        hours=HOURS,
        hidden=8,
        times=(2.0, 4.0, 6.0),
    ).eval()
    with torch.no_grad():
        network.decay_state.weight.uniform_(0.0, 0.3)
        network.decay_input.uniform_(0.1, 0.4)
    return network


def _events(seed: int, count: int = 20) -> Tensor:
    rng = np.random.default_rng(seed)
    events = np.stack(
        [rng.uniform(0, HOURS, (2, count)), rng.integers(0, VARIABLES, (2, count)), rng.normal(50, 20, (2, count))], 2
    ).astype(np.float32)
    events[1, count // 2 :] = np.nan
    events[0, 0, 0], events[0, 1, 0] = 0.0, float(HOURS)
    return torch.from_numpy(events)


def _hour(events: Tensor, hour: int) -> Tensor:
    """The observations after `hour`, up to one later; those at 0 belong to the first."""
    time = events[..., :1]
    inside = (time <= hour + 1) & ((time > hour) | ((time == 0) & (hour == 0)))
    return torch.where(inside, events, torch.full_like(events, torch.nan))


STATIC = torch.tensor([[0.5, 1.0, float("nan")], [-1.0, 0.0, 2.0]])


def test_streaming_hour_by_hour_gives_what_the_whole_pass_gives() -> None:
    network, events = _network(), _events(1)
    stream = GruDecayStep(network)
    with torch.inference_mode():
        whole = network.scores(STATIC, *network.grid(events))
        state = network.begin(STATIC)
        for hour in range(HOURS):
            *after, score = stream(*state, _hour(events, hour))
            state = (after[0], after[1], after[2])
            assert torch.allclose(score, whole[:, hour], atol=1e-5), hour


def test_a_later_observation_changes_no_earlier_answer() -> None:
    network, events = _network(), _events(2)
    later = events.clone()
    later[0, 1] = torch.tensor([5.5, 2.0, 9.0])
    with torch.inference_mode():
        before, after = (network.scores(STATIC, *network.grid(e)) for e in (events, later))
    assert torch.equal(before[0, :5], after[0, :5])
    assert not torch.equal(before[0, 5], after[0, 5])


def test_the_answer_is_that_of_the_hour_of_the_last_observation() -> None:
    network, events = _network(), _events(3)
    events[:, :, 0] = torch.where(events[..., 0] > 3.5, torch.nan, events[..., 0])
    with torch.inference_mode():
        score, course = network(STATIC, events)
        scores = network.scores(STATIC, *network.grid(events))
    hours = torch.ceil(torch.nan_to_num(events[..., 0]).amax(dim=1)).long() - 1
    assert torch.allclose(score, scores[torch.arange(2), hours])
    assert torch.equal(course, scores[:, [1, 3, 5]])


def test_the_order_of_observations_and_padding_do_not_matter() -> None:
    network, events = _network(), _events(4)
    mixed = torch.cat([events.flip(1), torch.full((2, 7, 3), torch.nan)], dim=1)
    with torch.inference_mode():
        assert torch.allclose(network(STATIC, events)[1], network(STATIC, mixed)[1], atol=1e-6)


def test_several_values_of_an_hour_count_as_their_mean() -> None:
    network = _network()
    two = torch.tensor([[[1.2, 0.0, 70.0], [1.8, 0.0, 90.0]]])
    mean, observed = network.grid(two)
    wanted = (np.arcsinh(-1.0) + np.arcsinh(1.0)) / 2
    assert observed[0, 1].tolist() == [1.0, 0.0, 0.0, 0.0]
    assert abs(float(mean[0, 1, 0]) - wanted) < 1e-6
