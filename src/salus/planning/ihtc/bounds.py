"""A lower bound of the cost: the linear relaxation of who is admitted when.

Rooms are taken together as beds by day, theatres as minutes by day; genders, ages and single rooms, skills and
workloads are left out, so that the bound is valid and loose. Every patient costs at least as many nurses as it takes to
cover their stay when each is there in as many of its shifts as the roster allows.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from salus.standards.ihtc2024 import Instance, Occupant, Patient

_MOST_WORK = 20.0
"""Deterministic time of the linear solver, about seconds; the bound is unknown where that is not enough."""


@dataclass(frozen=True)
class _Option:
    """A day on which a patient may come, and what it costs at least (delay and nurses)."""

    patient: Patient
    day: int
    cost: int


def lower_bound(instance: Instance) -> float | None:
    """A cost below which no timetable of the instance can fall; None where none was found in about a second."""
    from ortools.linear_solver import pywraplp

    solver = pywraplp.Solver.CreateSolver("GLOP")
    if solver is None:  # built without it
        return None
    solver.SetSolverSpecificParametersAsString(f"max_deterministic_time: {_MOST_WORK}")
    nurses = _FewestNurses(instance)
    options = [option for patient in instance.patients for option in _list_options(instance, patient, nurses)]
    chosen = [solver.NumVar(0, 1, "") for _ in options]
    _limit_patients(instance, solver, options, chosen)
    _limit_surgeons(instance, solver, options, chosen)
    _limit_beds(instance, solver, options, chosen)
    opened = _limit_theaters(instance, solver, options, chosen)
    weights = instance.weights
    # A patient who comes saves the cost of being left out, which is added up beforehand.
    objective = solver.Objective()
    objective.SetMinimization()
    for option, variable in zip(options, chosen, strict=True):
        left_out = 0 if option.patient.mandatory else weights.unscheduled_optional
        objective.SetCoefficient(variable, option.cost - left_out)
    for variable in opened:
        objective.SetCoefficient(variable, weights.open_operating_theater)
    if solver.Solve() != pywraplp.Solver.OPTIMAL:
        return None
    fixed = sum(not patient.mandatory for patient in instance.patients) * weights.unscheduled_optional
    fixed += weights.continuity_of_care * sum(nurses.of(occupant, 0) for occupant in instance.occupants)
    return float(math.ceil(fixed + objective.Value() - 1e-4))


def _list_options(instance: Instance, patient: Patient, nurses: _FewestNurses) -> Iterator[_Option]:
    last = instance.days - 1
    if patient.mandatory and patient.surgery_due_day is not None:
        last = min(last, patient.surgery_due_day)
    for day in range(patient.surgery_release_day, last + 1):
        delay = instance.weights.patient_delay * (day - patient.surgery_release_day)
        yield _Option(patient, day, delay + instance.weights.continuity_of_care * nurses.of(patient, day))


def _limit_patients(instance: Instance, solver: Any, options: list[_Option], chosen: list[Any]) -> None:
    rows = {patient.id: solver.Constraint(1 if patient.mandatory else 0, 1) for patient in instance.patients}
    for option, variable in zip(options, chosen, strict=True):
        rows[option.patient.id].SetCoefficient(variable, 1)


def _limit_surgeons(instance: Instance, solver: Any, options: list[_Option], chosen: list[Any]) -> None:
    rows = {
        (surgeon.id, day): solver.Constraint(0, minutes)
        for surgeon in instance.surgeons
        for day, minutes in enumerate(surgeon.max_surgery_time)
    }
    for option, variable in zip(options, chosen, strict=True):
        rows[option.patient.surgeon_id, option.day].SetCoefficient(variable, option.patient.surgery_duration)


def _limit_beds(instance: Instance, solver: Any, options: list[_Option], chosen: list[Any]) -> None:
    beds = sum(room.capacity for room in instance.rooms)
    taken = [sum(occupant.length_of_stay > day for occupant in instance.occupants) for day in range(instance.days)]
    rows = [solver.Constraint(0, max(0, beds - count)) for count in taken]
    for option, variable in zip(options, chosen, strict=True):
        for day in range(option.day, min(instance.days, option.day + option.patient.length_of_stay)):
            rows[day].SetCoefficient(variable, 1)


def _limit_theaters(instance: Instance, solver: Any, options: list[_Option], chosen: list[Any]) -> list[Any]:
    """Minutes of each day's surgeries are at most those of the theatres opened, as if each were the longest."""
    opened, rows = [], []
    for day in range(instance.days):
        minutes = [theater.availability[day] for theater in instance.operating_theaters]
        opened.append(solver.NumVar(0, len(minutes), ""))
        row = solver.Constraint(-solver.infinity(), 0)
        row.SetCoefficient(opened[-1], -max(minutes, default=0))
        total = solver.Constraint(0, sum(minutes))
        rows.append((row, total))
    for option, variable in zip(options, chosen, strict=True):
        for row in rows[option.day]:
            row.SetCoefficient(variable, option.patient.surgery_duration)
    return opened


class _FewestNurses:
    """How many nurses a stay needs at least: the busiest in its shifts are counted until they would do."""

    def __init__(self, instance: Instance) -> None:
        self._days, self._per_day = instance.days, len(instance.shift_types)
        shift = {name: index for index, name in enumerate(instance.shift_types)}
        self._shifts = [
            sorted({working.day * self._per_day + shift[working.shift] for working in nurse.working_shifts})
            for nurse in instance.nurses
        ]
        self._known: dict[tuple[int, int], int] = {}

    def of(self, person: Patient | Occupant, day: int) -> int:
        """For a stay from a day on."""
        end = min(self._days, day + person.length_of_stay)
        if (day, end) not in self._known:
            self._known[day, end] = self._count(day * self._per_day, end * self._per_day)
        return self._known[day, end]

    def _count(self, first: int, stop: int) -> int:
        there = sorted((sum(first <= s < stop for s in shifts) for shifts in self._shifts), reverse=True)
        covered = 0
        for count, shifts in enumerate(there, start=1):
            covered += shifts
            if covered >= stop - first:
                return count
        return len(there)
