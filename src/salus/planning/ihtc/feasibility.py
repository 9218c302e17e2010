"""A place for every mandatory patient, by constraint programming: for when annealing finds none.

Rooms, genders, surgeons and theatres as the hard constraints say; nothing is said about costs, elective patients or
nurses. OR-Tools CP-SAT, https://developers.google.com/optimization/cp.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from salus.standards.ihtc2024 import Instance, Patient, Placement

_Key = tuple[str, int]


class MandatorySearch:
    """Looks for a day, room and theatre for each mandatory patient.

    Args:
        instance: What is to be planned.
        effort: Most work, in CP-SAT's deterministic seconds: roughly those of the clock, and the same on every machine.
        seconds: Most time by the clock; None for no limit.
        seed: Of the solver.
    """

    def __init__(self, instance: Instance, *, effort: float, seconds: float | None = None, seed: int = 0) -> None:
        from ortools.sat.python import cp_model

        self._model = cp_model.CpModel()
        self._instance = instance
        self._beds: dict[tuple[str, int, str], Any] = {}
        self._tables: dict[tuple[str, int, str], Any] = {}
        self._found = {cp_model.OPTIMAL, cp_model.FEASIBLE}
        self._solver = cp_model.CpSolver()
        self._solver.parameters.num_workers = 1
        self._solver.parameters.random_seed = seed
        self._solver.parameters.max_deterministic_time = effort
        if seconds is not None:
            self._solver.parameters.max_time_in_seconds = seconds

    def run(self) -> tuple[Placement, ...] | None:
        """The placements; None where there are none, or none was found in time."""
        self._write_model()
        if self._solver.solve(self._model) not in self._found:
            return None
        theater_of = {
            (name, day): theater for (name, day, theater), here in self._tables.items() if self._solver.value(here)
        }
        return tuple(
            Placement(id=name, admission_day=day, room=room, operating_theater=theater_of[name, day])
            for (name, day, room), here in self._beds.items()
            if self._solver.value(here)
        )

    def stop(self) -> None:
        """End a run that goes on in another thread."""
        self._solver.stop_search()

    def _write_model(self) -> None:
        instance, model = self._instance, self._model
        rooms = _Rooms(model, instance)
        theaters: dict[_Key, list[Any]] = defaultdict(list)
        surgeons: dict[_Key, list[Any]] = defaultdict(list)
        for patient in instance.patients:
            if not patient.mandatory:
                continue
            days = []
            for day in range(patient.surgery_release_day, _last_day(instance, patient) + 1):
                comes = model.new_bool_var("")
                days.append(comes)
                surgeons[patient.surgeon_id, day].append(patient.surgery_duration * comes)
                fitting = [room.id for room in instance.rooms if room.id not in (patient.incompatible_room_ids or ())]
                beds = {name: model.new_bool_var("") for name in fitting}
                tables = {theater.id: model.new_bool_var("") for theater in instance.operating_theaters}
                for name, here in beds.items():
                    self._beds[patient.id, day, name] = here
                    rooms.add(patient, day, name, here)
                for name, here in tables.items():
                    self._tables[patient.id, day, name] = here
                    theaters[name, day].append(patient.surgery_duration * here)
                model.add(sum(beds.values()) == comes)
                model.add(sum(tables.values()) == comes)
            model.add_exactly_one(days)
        rooms.limit()
        for theater in instance.operating_theaters:
            for day, minutes in enumerate(theater.availability):
                model.add(sum(theaters[theater.id, day]) <= minutes)
        for surgeon in instance.surgeons:
            for day, minutes in enumerate(surgeon.max_surgery_time):
                model.add(sum(surgeons[surgeon.id, day]) <= minutes)


def _last_day(instance: Instance, patient: Patient) -> int:
    due = patient.surgery_due_day
    return instance.days - 1 if due is None else min(due, instance.days - 1)


class _Rooms:
    """Beds and genders of each room and day."""

    def __init__(self, model: Any, instance: Instance) -> None:
        self._model, self._instance = model, instance
        self._people: dict[_Key, list[Any]] = defaultdict(list)
        self._women: dict[_Key, Any] = {
            (room.id, day): model.new_bool_var("") for room in instance.rooms for day in range(instance.days)
        }
        self._taken: dict[_Key, int] = defaultdict(int)
        for occupant in instance.occupants:
            for day in range(min(instance.days, occupant.length_of_stay)):
                self._taken[occupant.room_id, day] += 1
                model.add(self._women[occupant.room_id, day] == (occupant.gender == "B"))

    def add(self, patient: Patient, first: int, room: str, here: Any) -> None:
        """Let a patient be in a room from a day on if `here` says so."""
        for day in range(first, min(self._instance.days, first + patient.length_of_stay)):
            self._people[room, day].append(here)
            women = self._women[room, day]
            self._model.add_implication(here, women if patient.gender == "B" else women.negated())

    def limit(self) -> None:
        """No more persons than beds; nobody new on a day with a shift that nobody works."""
        staffed = {(working.day, working.shift) for nurse in self._instance.nurses for working in nurse.working_shifts}
        for room in self._instance.rooms:
            for day in range(self._instance.days):
                manned = all((day, shift) in staffed for shift in self._instance.shift_types)
                free = room.capacity - self._taken[room.id, day] if manned else 0
                self._model.add(sum(self._people[room.id, day]) <= max(0, free))
