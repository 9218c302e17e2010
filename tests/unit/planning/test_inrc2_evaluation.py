from __future__ import annotations

import random
from pathlib import Path

import msgspec
import numpy as np
import pytest

from salus.contracts.packs import DataRequest
from salus.contracts.progress import Silence
from salus.data.sets.inrc2 import read_instances, read_published, read_references
from salus.planning.inrc2.arrays import CODE, COST, MISSING, build_case, empty_table, read_codes, write_codes
from salus.planning.inrc2.bounds import lower_bound
from salus.planning.inrc2.evaluation import WEIGHTS, evaluate
from salus.planning.inrc2.generation import make_instance
from salus.planning.inrc2.moves import settle
from salus.standards.inrc2.documents import Assignment, Contract, Instance, Limits, NurseHistory, Roster, Week
from salus.standards.inrc2.reading import read_instance, read_roster


def _draw_roster(instance: Instance, seed: int) -> Roster:
    chance = random.Random(seed)  # noqa: S311 - made-up rosters, no secret
    shifts = [shift.name for shift in instance.scenario.shift_types]
    entries = []
    for nurse in instance.scenario.nurses:
        shift = chance.choice(shifts)
        for day in range(instance.days):
            if chance.random() < 0.3:
                shift = chance.choice(shifts)
            if chance.random() < 0.6:
                entries.append(Assignment(nurse.name, day, shift, chance.choice(nurse.skills)))
    return Roster(tuple(entries))


def _reckon_by_day(instance: Instance, roster: Roster) -> dict[str, int]:
    """The plain twin: counters that are carried from day to day, written from the rules (arXiv:1501.04177)."""
    costs = dict.fromkeys(WEIGHTS, 0)
    contracts = {contract.name: contract for contract in instance.scenario.contracts}
    limits = {shift.name: shift.consecutive for shift in instance.scenario.shift_types}
    for nurse, history in zip(instance.scenario.nurses, instance.history, strict=True):
        contract = contracts[nurse.contract]
        on_shift, working, off = (
            history.consecutive_assignments,
            history.consecutive_working_days,
            history.consecutive_days_off,
        )
        last, total, weekends = history.last_shift, history.assignments, history.working_weekends
        saturday = False
        for day in range(instance.days):
            today = [entry.shift for entry in roster.assignments if (entry.nurse, entry.day) == (nurse.name, day)]
            shift = today[0] if today else None
            if last is not None and shift != last:
                costs["ConsecutiveShifts"] += 15 * max(0, limits[last].least - on_shift)
            if last is not None and shift is None:
                costs["ConsecutiveWorkingDays"] += 30 * max(0, contract.working_days.least - working)
            if last is None and shift is not None:
                costs["ConsecutiveDaysOff"] += 30 * max(0, contract.days_off.least - off)
            on_shift = on_shift + 1 if shift is not None and shift == last else int(shift is not None)
            working = working + 1 if shift is not None else 0
            off = off + 1 if shift is None else 0
            costs["ConsecutiveShifts"] += 15 * (shift is not None and on_shift > limits[shift].most)
            costs["ConsecutiveWorkingDays"] += 30 * (working > contract.working_days.most)
            costs["ConsecutiveDaysOff"] += 30 * (off > contract.days_off.most)
            week = instance.weeks[day // 7]
            for request in week.requests:
                if request.nurse == nurse.name and request.day == day % 7 and shift is not None:
                    costs["Preferences"] += 10 * (request.shift is None or request.shift == shift)
            if day % 7 == 5:
                saturday = shift is not None
            if day % 7 == 6:
                sunday = shift is not None
                weekends += saturday or sunday
                costs["CompleteWeekends"] += 30 * (contract.complete_weekends and saturday != sunday)
            total += shift is not None
            last = shift
        least, most = contract.assignments
        costs["TotalAssignments"] += 20 * (max(0, least - total) + max(0, total - most))
        costs["TotalWorkingWeekends"] += 30 * max(0, weekends - contract.working_weekends)
    for day in range(instance.days):
        for requirement in instance.weeks[day // 7].requirements:
            there = sum(
                (entry.day, entry.shift, entry.skill) == (day, requirement.shift, requirement.skill)
                for entry in roster.assignments
            )
            costs["OptimalCoverage"] += 30 * max(0, requirement.by_day[day % 7].most - there)
    return costs


@pytest.mark.parametrize("seed", range(12))
def test_costs_are_those_of_the_plain_twin(seed: int) -> None:
    instance = make_instance(seed, weeks=1 + seed % 3)
    roster = _draw_roster(instance, seed)
    assert evaluate(instance, roster).costs == _reckon_by_day(instance, roster)


@pytest.mark.parametrize("seed", range(12))
def test_the_sums_of_the_search_are_those_of_the_evaluator(seed: int) -> None:
    instance = make_instance(seed, weeks=1 + seed % 3)
    roster = _draw_roster(instance, seed)
    case = build_case(instance)
    table = empty_table(case, seed)
    table.cells[:, :, CODE] = np.maximum(0, read_codes(instance, roster))
    settle(case, table)
    reckoning = evaluate(instance, roster)
    assert table.totals[COST] == reckoning.cost
    assert table.totals[MISSING] == reckoning.violations["UnderStaffing"]
    assert write_codes(instance, table.cells[:, :, CODE].astype(np.int64)) == roster


def _alone(line: str, history: NurseHistory, **changes: object) -> tuple[dict[str, int], dict[str, int]]:
    """Units and violations of one nurse who works a line of days: E, L, N or a point for a day off."""
    ward = make_instance(0, weeks=len(line) // 7, nurses=1)
    contract = Contract("C", Limits(0, 99), Limits(2, 4), Limits(2, 3), 9, True)
    contract = msgspec.structs.replace(contract, **changes)
    nurse = msgspec.structs.replace(ward.scenario.nurses[0], contract="C")
    instance = msgspec.structs.replace(
        ward,
        scenario=msgspec.structs.replace(ward.scenario, contracts=(contract,), nurses=(nurse,)),
        history=(history,),
        weeks=tuple(Week((), ()) for _ in ward.weeks),
    )
    names = {"E": "Early", "L": "Late", "N": "Night"}
    days = [(day, names[sign]) for day, sign in enumerate(line) if sign != "."]
    reckoning = evaluate(instance, Roster(tuple(Assignment("N0", day, shift, "Nurse") for day, shift in days)))
    return {name: count for name, count in reckoning.counts.items() if count}, reckoning.violations


_RESTED = NurseHistory("N0", 0, 0, None, 0, 0, 2)


@pytest.mark.parametrize(
    ("line", "history", "units"),
    [
        ("EE..EE.", _RESTED, {"CompleteWeekends": 1, "ConsecutiveDaysOff": 0}),
        ("..EEE..", _RESTED, {"ConsecutiveDaysOff": 1}),
        (".EEE...", _RESTED, {}),
        ("E..EEEE", _RESTED, {"ConsecutiveShifts": 1, "ConsecutiveWorkingDays": 1}),
        ("E..EEE.", NurseHistory("N0", 0, 0, "Early", 3, 3, 0), {"CompleteWeekends": 1}),
        ("E..EE..", NurseHistory("N0", 0, 0, "Early", 6, 6, 0), {"ConsecutiveShifts": 1, "ConsecutiveWorkingDays": 1}),
        ("...EE..", NurseHistory("N0", 0, 0, "Night", 1, 1, 0), {"ConsecutiveShifts": 2, "ConsecutiveWorkingDays": 1}),
        ("EE...EE", NurseHistory("N0", 0, 0, None, 0, 0, 1), {"ConsecutiveDaysOff": 1}),
        ("..EE..E", _RESTED, {"ConsecutiveDaysOff": 1, "CompleteWeekends": 1}),
    ],
)
def test_runs_at_the_borders_pay_for_what_is_planned_here(
    line: str, history: NurseHistory, units: dict[str, int]
) -> None:
    found, violations = _alone(line, history)
    assert found == {name: count for name, count in units.items() if count}
    assert not any(violations.values())


def test_totals_begin_with_those_of_the_history() -> None:
    history = NurseHistory("N0", 6, 1, None, 0, 0, 2)
    found, _ = _alone("EE...EE", history, assignments=Limits(0, 8), working_weekends=1)
    assert found == {"TotalAssignments": 2, "TotalWorkingWeekends": 1}
    found, _ = _alone("EE...EE", history, assignments=Limits(12, 20))
    assert found == {"TotalAssignments": 2}


def test_hard_constraints_are_counted_each_by_its_name() -> None:
    instance = make_instance(3)
    nurse = next(entry.name for entry in instance.scenario.nurses if entry.skills == ("Nurse",))
    roster = Roster(
        (
            Assignment(nurse, 3, "Night", "Nurse"),
            Assignment(nurse, 4, "Early", "Nurse"),
            Assignment(nurse, 4, "Late", "HeadNurse"),
        )
    )
    violations = evaluate(instance, roster).violations
    assert violations["SingleAssignment"] == 1
    assert violations["MissingSkill"] == 1
    assert violations["ShiftSuccessions"] == 1
    assert violations["UnderStaffing"] > 0


def test_a_night_of_the_history_forbids_an_early_monday() -> None:
    _, violations = _alone("E......", NurseHistory("N0", 0, 0, "Night", 4, 4, 0))
    assert violations["ShiftSuccessions"] == 1


@pytest.mark.parametrize("seed", range(6))
def test_no_roster_falls_below_the_bound(seed: int) -> None:
    instance = make_instance(seed)
    bound = lower_bound(instance)
    rosters = [Roster(()), *(_draw_roster(instance, 10 * seed + draw) for draw in range(5))]
    assert all(bound <= evaluate(instance, roster).cost for roster in rosters)


@pytest.mark.data("inrc2")
def test_rosters_that_came_with_the_test_instances_break_nothing(data_dir: Path) -> None:
    for document, solution in read_references(_request(data_dir)).values():
        instance, roster = read_instance(document), read_roster(solution)
        reckoning = evaluate(instance, roster)
        assert reckoning.feasible
        assert reckoning.costs == _reckon_by_day(instance, roster)
        assert lower_bound(instance) <= reckoning.cost


@pytest.mark.data("inrc2")
def test_our_bound_is_below_the_published_ones(data_dir: Path) -> None:
    request = _request(data_dir)
    published = read_published(request)
    instances = read_instances(request)
    for name in sorted(instances)[::9]:
        assert lower_bound(read_instance(instances[name][0])) <= published[name].bound


def _request(folder: Path) -> DataRequest:
    return DataRequest(data_dirs=(folder.parent,), cache_dir=folder, offline=True, progress=Silence())
