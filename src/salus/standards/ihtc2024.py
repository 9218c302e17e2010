"""Instances and solutions of the Integrated Healthcare Timetabling Competition 2024, in their official JSON.

Ceschia, Rosati, Schaerf et al., "The Integrated Healthcare Timetabling Competition 2024", problem specification and
file format: https://ihtc2024.github.io. Days and shifts count from 0; surgeries take place on the day of admission;
times are in minutes; workloads and skill levels have no unit. A document's spelling is kept as it is,
`operating_theater` and `nurse_eccessive_workload` among it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Literal, TypeVar

import msgspec

from salus.contracts.errors import InvalidInput

FORMAT = "ihtc2024"
"""The name of the format in `contracts.planning.Planning.formats`."""

_REMEDY = "Write the document as the competition's specification says: https://ihtc2024.github.io."


class Occupant(msgspec.Struct, frozen=True, kw_only=True):
    """Someone who is in a room when the period begins and stays there.

    Attributes:
        id: Unique among occupants.
        gender: Genders must not share a room.
        age_group: One of the instance's.
        length_of_stay: Days from day 0.
        workload_produced: By shift of the stay.
        skill_level_required: By shift of the stay.
        room_id: Where.
    """

    id: str
    gender: Literal["A", "B"]
    age_group: str
    length_of_stay: int
    workload_produced: tuple[int, ...]
    skill_level_required: tuple[int, ...]
    room_id: str


class Patient(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Someone who may be admitted in the period, and must be where `mandatory`.

    Attributes:
        id: Unique among patients.
        mandatory: Whether they must be admitted between `surgery_release_day` and `surgery_due_day`.
        gender: Genders must not share a room.
        age_group: One of the instance's.
        length_of_stay: Days from the admission; what lies past the period does not count.
        surgery_release_day: Earliest day of admission.
        surgery_due_day: Latest day of a mandatory patient.
        surgery_duration: Minutes.
        surgeon_id: Who operates.
        incompatible_room_ids: Rooms that the patient cannot have.
        workload_produced: By shift of the stay.
        skill_level_required: By shift of the stay.
    """

    id: str
    mandatory: bool
    gender: Literal["A", "B"]
    age_group: str
    length_of_stay: int
    surgery_release_day: int
    surgery_due_day: int | None = None
    surgery_duration: int
    surgeon_id: str
    incompatible_room_ids: tuple[str, ...] | None
    workload_produced: tuple[int, ...]
    skill_level_required: tuple[int, ...]


class Surgeon(msgspec.Struct, frozen=True, kw_only=True):
    """A surgeon, and the minutes in which they may operate each day."""

    id: str
    max_surgery_time: tuple[int, ...]


class OperatingTheater(msgspec.Struct, frozen=True, kw_only=True):
    """A theatre, and the minutes for which it may be used each day."""

    id: str
    availability: tuple[int, ...]


class Room(msgspec.Struct, frozen=True, kw_only=True):
    """A room and its beds."""

    id: str
    capacity: int


class WorkingShift(msgspec.Struct, frozen=True, kw_only=True):
    """A shift that a nurse works, and the workload that they can bear in it."""

    day: int
    shift: str
    max_load: int


class Nurse(msgspec.Struct, frozen=True, kw_only=True):
    """A nurse, and the roster that is already fixed."""

    id: str
    skill_level: int
    working_shifts: tuple[WorkingShift, ...]


class Weights(msgspec.Struct, frozen=True, kw_only=True):
    """What one unit of each soft constraint costs."""

    room_mixed_age: int
    room_nurse_skill: int
    continuity_of_care: int
    nurse_eccessive_workload: int
    open_operating_theater: int
    surgeon_transfer: int
    patient_delay: int
    unscheduled_optional: int


class Instance(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be planned.

    Attributes:
        days: Length of the period.
        skill_levels: Levels count from 0.
        shift_types: Shifts of a day, in order.
        age_groups: From young to old; the cost of mixing them is the distance.
        occupants: Who is there already.
        patients: Who may come.
        surgeons: Who operates.
        operating_theaters: Where.
        rooms: Where they stay.
        nurses: Who cares.
        weights: Of the soft constraints.
    """

    days: int
    skill_levels: int
    shift_types: tuple[str, ...]
    age_groups: tuple[str, ...]
    occupants: tuple[Occupant, ...]
    patients: tuple[Patient, ...]
    surgeons: tuple[Surgeon, ...]
    operating_theaters: tuple[OperatingTheater, ...]
    rooms: tuple[Room, ...]
    nurses: tuple[Nurse, ...]
    weights: Weights


class Placement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Day, room and theatre of a patient; the day is `none` where they are left for later."""

    id: str
    admission_day: int | Literal["none"]
    room: str | None = None
    operating_theater: str | None = None


class Assignment(msgspec.Struct, frozen=True, kw_only=True):
    """The rooms that a nurse has in a shift."""

    day: int
    shift: str
    rooms: tuple[str, ...]


class NurseRounds(msgspec.Struct, frozen=True, kw_only=True):
    """The rooms of a nurse in every shift."""

    id: str
    assignments: tuple[Assignment, ...]


class Solution(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A timetable; `costs` are notes of the program that made it, which nobody relies on."""

    patients: tuple[Placement, ...]
    nurses: tuple[NurseRounds, ...]
    costs: tuple[str, ...] = ()


_Document = TypeVar("_Document", Instance, Solution)


def read_instance(text: str) -> Instance:
    """Read and check an instance.

    Raises:
        InvalidInput: It is no such document, or it contradicts itself.
    """
    instance = _decode(text, Instance, "an ihtc2024 instance")
    _check_sizes(instance)
    _check_people(instance)
    return instance


def write_instance(instance: Instance) -> str:
    """The instance as the official JSON, indented by two blanks."""
    return msgspec.json.format(msgspec.json.encode(instance), indent=2).decode()


def read_solution(text: str) -> Solution:
    """Read a solution, whatever its instance (see `check_solution`).

    Raises:
        InvalidInput: It is no such document.
    """
    return _decode(text, Solution, "an ihtc2024 solution")


def write_solution(solution: Solution) -> str:
    """The solution as the official JSON, indented by two blanks."""
    return msgspec.json.format(msgspec.json.encode(solution), indent=2).decode()


def check_solution(solution: Solution, instance: Instance) -> None:
    """Check that a solution speaks of its instance alone.

    Raises:
        InvalidInput: It names what the instance does not know, names a patient twice, leaves a placement without
            room or theatre, gives a day that does not exist, or gives a room two nurses in one shift.
    """
    patients, nurses = _ids(instance.patients), _ids(instance.nurses)
    rooms, theaters = _ids(instance.rooms), _ids(instance.operating_theaters)
    _check_unique("a solution's patients", [placement.id for placement in solution.patients])
    for placement in solution.patients:
        _check_known("a patient", placement.id, patients)
        if placement.admission_day == "none":
            continue
        _check_day(placement.admission_day, instance.days)
        _check_known("a room", placement.room, rooms)
        _check_known("an operating theater", placement.operating_theater, theaters)
    shifts = set(instance.shift_types)
    covered: set[tuple[int, str, str]] = set()
    for rounds in solution.nurses:
        _check_known("a nurse", rounds.id, nurses)
        for assignment in rounds.assignments:
            _check_day(assignment.day, instance.days)
            _check_known("a shift", assignment.shift, shifts)
            for room in assignment.rooms:
                _check_known("a room", room, rooms)
                if (assignment.day, assignment.shift, room) in covered:
                    raise InvalidInput("one nurse a room and shift", found="a room with two", remedy=_REMEDY)
                covered.add((assignment.day, assignment.shift, room))


def _decode(text: str, kind: type[_Document], what: str) -> _Document:
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, UnicodeEncodeError) as error:
        raise InvalidInput(what, found=_without_values(error), remedy=_REMEDY) from error


def _without_values(error: Exception) -> str:
    # "Invalid enum value 'C' - at `$.patients[...].gender`": what stands in quotation marks came with the document.
    return re.sub(r" '[^']*'", "", str(error)) if isinstance(error, msgspec.ValidationError) else "no JSON"


def _check_sizes(instance: Instance) -> None:
    if instance.days < 1 or instance.skill_levels < 1 or not instance.shift_types or not instance.rooms:
        raise InvalidInput("days, skill levels, shifts and rooms", found="none of one of them", remedy=_REMEDY)
    groups: tuple[tuple[str, Sequence[object]], ...] = (
        ("occupants", instance.occupants),
        ("patients", instance.patients),
        ("surgeons", instance.surgeons),
        ("operating theaters", instance.operating_theaters),
        ("rooms", instance.rooms),
        ("nurses", instance.nurses),
    )
    for name, members in groups:
        _check_unique(name, [member.id for member in members])  # type: ignore[attr-defined]  # each has an id
    _check_unique("shift types", instance.shift_types)
    _check_unique("age groups", instance.age_groups)
    for surgeon in instance.surgeons:
        _check_row("max_surgery_time", surgeon.max_surgery_time, instance.days)
    for theater in instance.operating_theaters:
        _check_row("availability", theater.availability, instance.days)
    for room in instance.rooms:
        _check_row("capacity", (room.capacity,), 1)
    _check_row("weights", msgspec.structs.astuple(instance.weights), 8)
    shifts = set(instance.shift_types)
    for nurse in instance.nurses:
        _check_level(nurse.skill_level, instance.skill_levels)
        for working in nurse.working_shifts:
            _check_day(working.day, instance.days)
            _check_known("a shift", working.shift, shifts)
            _check_row("max_load", (working.max_load,), 1)


def _check_people(instance: Instance) -> None:
    rooms, surgeons, groups = _ids(instance.rooms), _ids(instance.surgeons), set(instance.age_groups)
    persons: tuple[Occupant | Patient, ...] = (*instance.occupants, *instance.patients)
    for person in persons:
        _check_known("an age group", person.age_group, groups)
        if person.length_of_stay < 1:
            raise InvalidInput("a length_of_stay of 1 or more", found="less", remedy=_REMEDY)
        shifts = person.length_of_stay * len(instance.shift_types)
        _check_row("workload_produced", person.workload_produced, shifts)
        _check_row("skill_level_required", person.skill_level_required, shifts)
        _check_level(max(person.skill_level_required), instance.skill_levels)
    for occupant in instance.occupants:
        _check_known("a room", occupant.room_id, rooms)
    for patient in instance.patients:
        _check_known("a surgeon", patient.surgeon_id, surgeons)
        for room in patient.incompatible_room_ids or ():
            _check_known("a room", room, rooms)
        if patient.mandatory and patient.surgery_due_day is None:
            raise InvalidInput("a surgery_due_day of each mandatory patient", found="one without", remedy=_REMEDY)
        _check_row(
            "surgery_release_day and surgery_duration", (patient.surgery_release_day, patient.surgery_duration), 2
        )


def _ids(members: Iterable[object]) -> set[str]:
    return {member.id for member in members}  # type: ignore[attr-defined]  # each has an id


def _check_unique(what: str, names: Sequence[str]) -> None:
    if len(set(names)) != len(names):
        raise InvalidInput(f"each of the {what} once", found="one of them twice", remedy=_REMEDY)


def _check_known(what: str, name: str | None, known: set[str]) -> None:
    if name not in known:
        raise InvalidInput(f"{what} that the instance knows", found="another one, or none", remedy=_REMEDY)


def _check_day(day: int, days: int) -> None:
    if not 0 <= day < days:
        raise InvalidInput(f"a day from 0 to {days - 1}", found="another one", remedy=_REMEDY)


def _check_level(level: int, levels: int) -> None:
    if not 0 <= level < levels:
        raise InvalidInput(f"a skill level from 0 to {levels - 1}", found="another one", remedy=_REMEDY)


def _check_row(name: str, row: Sequence[int], length: int) -> None:
    if len(row) != length or min(row, default=0) < 0:
        raise InvalidInput(f"{length} numbers from 0 as {name}", found=f"{len(row)}, or a negative one", remedy=_REMEDY)
