from __future__ import annotations

import math
import warnings

import pytest
import torch

from salus.training.schedules import Constant, Cosine, OneCycle, PlateauState, ReduceOnPlateau, Step, schedule_factor


def rates(scheduler_of: object, steps: int) -> list[float]:
    """The rates that a torch scheduler gives before each step, from a rate of 1."""
    optimiser = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = scheduler_of(optimiser)  # type: ignore[operator]  # a lambda
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch wants an optimiser step before each one of the schedule
        for _ in range(steps):
            found.append(optimiser.param_groups[0]["lr"])
            scheduler.step()
    return found


def test_a_constant_rate_stays() -> None:
    assert {schedule_factor(Constant(), step=s, steps=9, epoch=s // 3) for s in range(9)} == {1.0}


def test_steps_are_those_of_torch() -> None:
    expected = rates(lambda o: torch.optim.lr_scheduler.StepLR(o, step_size=3, gamma=0.5), 10)
    assert [schedule_factor(Step(every=3, gamma=0.5), step=0, steps=1, epoch=e) for e in range(10)] == pytest.approx(
        expected
    )


def test_the_cosine_is_that_of_torch() -> None:
    expected = rates(lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, T_max=20, eta_min=0.1), 20)
    found = [schedule_factor(Cosine(floor=0.1), step=s, steps=20, epoch=0) for s in range(20)]
    assert found == pytest.approx(expected)


def test_a_warm_up_rises_to_the_top_of_the_cosine() -> None:
    found = [schedule_factor(Cosine(warmup=0.25), step=s, steps=20, epoch=0) for s in range(20)]
    assert found[:6] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0, 1.0])
    assert found[6:] == sorted(found[6:], reverse=True)


@pytest.mark.parametrize("steps", [10, 37, 200])
def test_one_cycle_is_that_of_torch(steps: int) -> None:
    expected = rates(
        lambda o: torch.optim.lr_scheduler.OneCycleLR(
            o, max_lr=1.0, total_steps=steps, pct_start=0.3, div_factor=25, final_div_factor=1e4, cycle_momentum=False
        ),
        steps - 1,
    )
    found = [schedule_factor(OneCycle(), step=s, steps=steps, epoch=0) for s in range(steps - 1)]
    assert found == pytest.approx(expected, abs=1e-9)


def test_one_cycle_of_few_steps_is_finite() -> None:
    assert all(0 < schedule_factor(OneCycle(), step=s, steps=n, epoch=0) <= 1 for n in (1, 2, 3) for s in range(n))


def test_a_plateau_is_that_of_torch() -> None:
    measures = [1.0, 0.9, 0.95, 0.96, 0.97, 0.8, 0.81, 0.82, 0.83, 0.84, 0.85, 0.86, math.inf]
    optimiser = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    theirs = torch.optim.lr_scheduler.ReduceLROnPlateau(optimiser, factor=0.5, patience=2, threshold=0.0)
    ours = PlateauState(ReduceOnPlateau(patience=2, gamma=0.5))
    for value in measures:
        theirs.step(value)
        ours.observe(value)
        assert ours.factor == pytest.approx(optimiser.param_groups[0]["lr"])


def test_a_plateau_goes_on_from_its_state() -> None:
    whole, first = (PlateauState(ReduceOnPlateau(patience=1, gamma=0.5)) for _ in range(2))
    for value in (3.0, 3.0, 3.0, 3.0):
        whole.observe(value)
    first.observe(3.0)
    first.observe(3.0)
    second = PlateauState(ReduceOnPlateau(patience=1, gamma=0.5))
    second.restore(first.state())
    second.observe(3.0)
    second.observe(3.0)
    assert second.state() == whole.state()


def test_other_schedules_have_no_plateau() -> None:
    state = PlateauState(Constant())
    for _ in range(50):
        state.observe(1.0)
    assert state.factor == 1.0
