from __future__ import annotations

import itertools

import pytest

from salus.planning.ihtc.arrays import build_case
from salus.planning.ihtc.bounds import lower_bound
from salus.planning.ihtc.evaluation import evaluate
from salus.planning.ihtc.generation import make_instance
from salus.planning.ihtc.search import Budget, Schedule, search
from salus.planning.ihtc.solutions import write_timetable


@pytest.mark.parametrize("seed", range(8))
def test_no_plan_costs_less_than_the_bound(seed: int) -> None:
    instance = make_instance(seed, rooms=2 + seed % 3, patients=6 + 3 * seed, days=5 + seed % 4)
    found = search(instance, Budget(60.0, 40_000), schedule=Schedule(), seed=seed)
    reckoning = evaluate(instance, write_timetable(instance, build_case(instance), found.place, found.nurse))
    bound = lower_bound(instance)
    assert bound is not None
    assert bound > 0
    if reckoning.feasible:
        assert bound <= reckoning.cost


def test_more_patients_never_lower_the_bound() -> None:
    bounds = [lower_bound(make_instance(1, patients=patients)) for patients in (4, 8, 16, 32)]
    known = [bound for bound in bounds if bound is not None]
    assert len(known) == len(bounds)
    assert all(fewer <= more for fewer, more in itertools.pairwise(known))
