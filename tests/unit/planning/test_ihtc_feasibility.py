from __future__ import annotations

import msgspec
import pytest

from salus.planning.ihtc.arrays import build_case
from salus.planning.ihtc.evaluation import evaluate
from salus.planning.ihtc.feasibility import MandatorySearch
from salus.planning.ihtc.generation import make_instance
from salus.planning.ihtc.search import Budget, Schedule, search
from salus.planning.ihtc.solutions import write_timetable
from salus.standards.ihtc2024 import Instance, Solution

_NOT_ASKED = ("UncoveredRoom", "NursePresence")


def _crowded(seed: int) -> Instance:
    """A hospital in which everybody must be admitted."""
    instance = make_instance(seed, rooms=4, patients=16)
    everybody = tuple(
        msgspec.structs.replace(patient, mandatory=True, surgery_due_day=instance.days - 1)
        for patient in instance.patients
    )
    return msgspec.structs.replace(instance, patients=everybody)


@pytest.mark.parametrize("seed", range(4))
def test_every_mandatory_patient_gets_a_place_that_keeps_the_hard_constraints(seed: int) -> None:
    instance = _crowded(seed)
    placements = MandatorySearch(instance, effort=20.0).run()
    assert placements is not None
    violations = evaluate(instance, Solution(patients=placements, nurses=())).violations
    assert not any(count for name, count in violations.items() if name not in _NOT_ASKED)


def test_where_there_is_no_place_none_is_made_up() -> None:
    instance = _crowded(1)
    closed = msgspec.structs.replace(
        instance,
        operating_theaters=tuple(
            msgspec.structs.replace(theater, availability=(60,) * instance.days)
            for theater in instance.operating_theaters[:1]
        ),
    )
    assert MandatorySearch(closed, effort=20.0).run() is None


def test_the_search_is_helped_out_where_annealing_is_too_cold_to_find_a_place() -> None:
    instance = _crowded(2)
    frozen = Schedule(hot=0.00001, cold=0.001, patients=0.0, swaps=0.0, forced=1e-9)
    found = search(instance, Budget(60.0, 5_000), schedule=frozen, seed=1)
    assert found.missing == 0
    solution = write_timetable(instance, build_case(instance), found.place, found.nurse)
    assert evaluate(instance, solution).feasible
