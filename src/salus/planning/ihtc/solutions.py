"""Timetables in and out of the arrays of the search."""

from __future__ import annotations

import numpy as np

from salus.planning.ihtc.arrays import DAY, ROOM, STAY, THEATER, Case, Ints, Timetable
from salus.planning.ihtc.moves import UNKNOWN, Past
from salus.standards.ihtc2024 import Assignment, Instance, NurseRounds, Placement, Solution


def write_timetable(instance: Instance, case: Case, place: Ints, nurse: Ints) -> Solution:
    """The arrays `Timetable.place` and `Timetable.nurse` as a solution; empty rooms get no nurse."""
    occupied = _occupied(case, place, len(instance.rooms))
    patients = tuple(
        Placement(id=patient.id, admission_day="none")
        if place[p, DAY] < 0
        else Placement(
            id=patient.id,
            admission_day=int(place[p, DAY]),
            room=instance.rooms[place[p, ROOM]].id,
            operating_theater=instance.operating_theaters[place[p, THEATER]].id,
        )
        for p, patient in enumerate(instance.patients)
    )
    per_day = case.shifts_per_day
    nurses = []
    for n, entry in enumerate(instance.nurses):
        assignments = []
        for working in entry.working_shifts:
            s = working.day * per_day + instance.shift_types.index(working.shift)
            rooms = np.flatnonzero((nurse[:, s] == n) & occupied[:, working.day])
            names = tuple(instance.rooms[r].id for r in rooms)
            assignments.append(Assignment(day=working.day, shift=working.shift, rooms=names))
        nurses.append(NurseRounds(id=entry.id, assignments=tuple(assignments)))
    return Solution(patients=patients, nurses=tuple(nurses))


def take_over(table: Timetable, case: Case, instance: Instance, solution: Solution) -> None:
    """Start from a solution, of this instance or of one like it.

    Patients, rooms, theatres and nurses that the instance does not know are passed over, and so are shifts that a
    nurse does not work any more.
    """
    place, nurse = _read_arrays(case, instance, solution)
    known = place[:, DAY] >= 0
    table.place[: case.patients][known] = place[known]
    table.nurse[nurse >= 0] = nurse[nurse >= 0]


def read_past(case: Case, instance: Instance, solution: Solution | None, keep: int) -> Past:
    """What is to be kept of a previous plan; nothing where there is none."""
    place = np.full((len(case.person), 3), UNKNOWN, np.int64)
    nurse = np.full((len(instance.rooms), case.days * case.shifts_per_day), -1, np.int64)
    if solution is not None:
        place[: case.patients], nurse = _read_arrays(case, instance, solution)
    return Past(place=place, nurse=nurse, keep=keep)


def _read_arrays(case: Case, instance: Instance, solution: Solution) -> tuple[Ints, Ints]:
    patients = {patient.id: index for index, patient in enumerate(instance.patients)}
    rooms = {room.id: index for index, room in enumerate(instance.rooms)}
    theaters = {theater.id: index for index, theater in enumerate(instance.operating_theaters)}
    nurses = {nurse.id: index for index, nurse in enumerate(instance.nurses)}
    shifts = {name: index for index, name in enumerate(instance.shift_types)}
    place = np.full((case.patients, 3), UNKNOWN, np.int64)
    for placement in solution.patients:
        p, day = patients.get(placement.id), placement.admission_day
        if p is None:
            continue
        if day == "none":
            place[p] = -1
        elif placement.room in rooms and placement.operating_theater in theaters and 0 <= day < case.days:
            place[p] = day, rooms[placement.room], theaters[placement.operating_theater]
    nurse = np.full((len(rooms), case.days * case.shifts_per_day), -1, np.int64)
    for rounds in solution.nurses:
        n = nurses.get(rounds.id)
        if n is None:
            continue
        for assignment in rounds.assignments:
            if assignment.shift not in shifts or not 0 <= assignment.day < case.days:
                continue
            s = assignment.day * case.shifts_per_day + shifts[assignment.shift]
            which = [rooms[room] for room in assignment.rooms if room in rooms]
            if case.limit[n, s] >= 0:
                nurse[which, s] = n
    return place, nurse


def _occupied(case: Case, place: Ints, rooms: int) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    occupied = np.zeros((rooms, case.days), np.bool_)
    for (day, room, _), person in zip(place, case.person, strict=True):
        if day >= 0:
            occupied[room, day : day + person[STAY]] = True
    return occupied
