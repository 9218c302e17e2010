from __future__ import annotations

import itertools
from collections.abc import Iterator

import msgspec
import numpy as np
import pytest

from salus.planning.ihtc.annealing import Best, anneal
from salus.planning.ihtc.arrays import COST, MISSING, Case, Timetable, build_case, empty_timetable
from salus.planning.ihtc.evaluation import evaluate
from salus.planning.ihtc.generation import make_instance
from salus.planning.ihtc.moves import Past, settle
from salus.planning.ihtc.search import Budget, Found, Schedule, search
from salus.planning.ihtc.solutions import read_past, take_over, write_timetable
from salus.standards.ihtc2024 import Assignment, Instance, NurseRounds, Placement, Solution

SCHEDULE = Schedule()
_MIX = np.array([0.35, 0.6, 0.8, 0.9, 0.95])


def _begin(instance: Instance, seed: int, keep: int = 0, past: Solution | None = None) -> tuple[Case, Timetable, Past]:
    case = build_case(instance)
    table = empty_timetable(case, instance, seed)
    known = read_past(case, instance, past, keep)
    settle(case, table, known)
    return case, table, known


def _anneal(case: Case, table: Timetable, past: Past, moves: int, hot: float = 80.0) -> Best:
    best = Best(table.place.copy(), table.nurse.copy(), np.array([np.iinfo(np.int64).max] * 2))
    undo = np.zeros((table.nurse.shape[1] + 4, 4), np.int64)
    anneal(case, table, past, best, 700, hot, hot / 4, moves, _MIX, undo)
    return best


def _rebuilt(instance: Instance, case: Case, table: Timetable, past: Past) -> Timetable:
    """The plain twin: the same timetable, every sum added up anew."""
    twin = empty_timetable(case, instance, 0)
    twin.place[:], twin.nurse[:] = table.place, table.nurse
    settle(case, twin, past)
    return twin


@pytest.mark.parametrize("seed", range(6))
def test_after_any_moves_the_sums_are_those_added_up_anew(seed: int) -> None:
    instance = make_instance(seed, days=5 + seed, rooms=2 + seed, patients=10 + 4 * seed)
    case, table, past = _begin(instance, seed)
    _anneal(case, table, past, 20_000)
    twin = _rebuilt(instance, case, table, past)
    for name in ("strain", "nurse_work", "care", "theaters", "surgeons"):
        np.testing.assert_array_equal(getattr(table, name), getattr(twin, name), err_msg=name)
    np.testing.assert_array_equal(table.ward[:, :, : case.first_slot], twin.ward[:, :, : case.first_slot])
    assert table.totals[COST] == twin.totals[COST]
    assert table.totals[MISSING] == twin.totals[MISSING]


@pytest.mark.parametrize("seed", range(6))
def test_the_search_reckons_as_the_evaluator_does_and_breaks_nothing_but_missing_patients(seed: int) -> None:
    instance = make_instance(seed, rooms=3, patients=20)
    case, table, past = _begin(instance, seed)
    _anneal(case, table, past, 30_000)
    reckoning = evaluate(instance, write_timetable(instance, case, table.place, table.nurse))
    assert reckoning.cost == table.totals[COST]
    assert reckoning.violations.pop("MandatoryUnscheduledPatients") == table.totals[MISSING]
    assert not any(reckoning.violations.values())


def test_changes_of_the_previous_plan_are_paid_for() -> None:
    instance = make_instance(3)
    first = _search(instance, moves=20_000)
    before = write_timetable(instance, build_case(instance), first.place, first.nurse)
    case, table, past = _begin(instance, 5, keep=7, past=before)
    _anneal(case, table, past, 20_000)
    reckoning = evaluate(instance, write_timetable(instance, case, table.place, table.nurse))
    moved = (table.place != past.place).any(axis=1)[: case.patients].sum()
    handed_over = ((table.nurse != past.nurse) & (past.nurse >= 0)).sum()
    assert table.totals[COST] == reckoning.cost + 7 * (moved + handed_over)


def _search(instance: Instance, *, moves: int, seed: int = 1, **options: object) -> Found:
    return search(instance, Budget(60.0, moves), schedule=SCHEDULE, seed=seed, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("threads", [1, 2])
def test_a_number_of_moves_and_a_seed_decide_the_answer(threads: int) -> None:
    instance = make_instance(4)
    one, two = (_search(instance, moves=30_000, threads=threads) for _ in range(2))
    np.testing.assert_array_equal(one.place, two.place)
    np.testing.assert_array_equal(one.nurse, two.nurse)
    assert one.moves == two.moves


def test_another_seed_walks_elsewhere() -> None:
    instance = make_instance(4, patients=30)
    places = {_search(instance, moves=3_000, seed=seed).place.tobytes() for seed in range(4)}
    assert len(places) > 1


def test_the_clock_ends_a_search() -> None:
    ticks = itertools.count()
    found = search(make_instance(1), Budget(20.0), schedule=SCHEDULE, seed=1, clock=lambda: float(next(ticks)))
    assert 0 < found.moves < 20 * 2_000_000


def test_whoever_looks_on_can_end_a_search() -> None:
    seen: list[Found] = []

    def stop(found: Found, elapsed_s: float) -> bool:
        seen.append(found)
        return len(seen) == 2

    _search(make_instance(1), moves=1_000_000, pause=stop)
    assert len(seen) == 2


def test_a_small_hospital_is_planned_as_well_as_by_trying_everything() -> None:
    for seed in range(3):
        instance = make_instance(seed, days=4, rooms=2, patients=3, occupants=1)
        case = build_case(instance)
        assert case.present[:, 0].max() == 1, "with one nurse a shift, admissions are all there is to try"
        found = _search(instance, moves=20_000)
        cost = evaluate(instance, write_timetable(instance, case, found.place, found.nurse)).cost
        assert cost == min(_feasible_costs(instance)), seed


def _feasible_costs(instance: Instance) -> Iterator[int]:
    """The plain twin: every admission of every patient."""
    nurses = _only_nurses(instance)
    choices = [
        [
            Placement(id=patient.id, admission_day="none"),
            *(
                Placement(id=patient.id, admission_day=day, room=room.id, operating_theater=theater.id)
                for day in range(instance.days)
                for room in instance.rooms
                for theater in instance.operating_theaters
            ),
        ]
        for patient in instance.patients
    ]
    for placements in itertools.product(*choices):
        reckoning = evaluate(instance, Solution(patients=placements, nurses=nurses))
        if reckoning.feasible:
            yield reckoning.cost


def _only_nurses(instance: Instance) -> tuple[NurseRounds, ...]:
    rooms = tuple(room.id for room in instance.rooms)
    return tuple(
        NurseRounds(
            id=nurse.id,
            assignments=tuple(
                Assignment(day=entry.day, shift=entry.shift, rooms=rooms) for entry in nurse.working_shifts
            ),
        )
        for nurse in instance.nurses
    )


def test_a_day_without_any_nurse_takes_no_newcomers() -> None:
    instance = make_instance(2)
    rosters = tuple(
        msgspec.structs.replace(
            nurse,
            working_shifts=tuple(entry for entry in nurse.working_shifts if entry.day != 5 or entry.shift != "late"),
        )
        for nurse in instance.nurses
    )
    short = msgspec.structs.replace(instance, nurses=rosters)
    found = _search(short, moves=30_000)
    solution = write_timetable(short, build_case(short), found.place, found.nurse)
    assert evaluate(short, solution).violations["UncoveredRoom"] == 0


def test_a_plan_of_another_instance_is_taken_over_as_far_as_it_goes() -> None:
    instance = make_instance(3)
    found = _search(instance, moves=20_000)
    before = write_timetable(instance, build_case(instance), found.place, found.nurse)
    fewer = msgspec.structs.replace(instance, patients=instance.patients[1:], nurses=instance.nurses[1:])
    case = build_case(fewer)
    table = empty_timetable(case, fewer, 1)
    take_over(table, case, fewer, before)
    settle(case, table, read_past(case, fewer, None, 0))
    np.testing.assert_array_equal(table.place[: case.patients], found.place[1 : 1 + case.patients])
    assert (np.take_along_axis(case.limit, table.nurse, axis=0) >= 0).all()
