"""An instance and a timetable as arrays, as the compiled search takes them.

Indices: p person (patients first, then occupants), d day, k shift of a day, s = d * shifts_per_day + k shift of the
period, r room, t theatre, n nurse, u surgeon, a age group, q skill level. Few arrays with many columns rather than many
arrays, since each costs at every call of a compiled function; the names of the columns stand below.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from salus.planning.ihtc.evaluation import COSTS, weight_by_cost
from salus.standards.ihtc2024 import Instance, Occupant, Patient

Ints = NDArray[np.int64]

GENDER, AGE, STAY, RELEASE, LAST, MANDATORY, MINUTES, SURGEON, CHOICES = range(9)
"""Columns of `Case.person`: 0 or 1, age group, days, first and last day of admission (last below first: never), 0 or 1,
minutes of surgery, surgeon (-1: none), how many rooms suit."""
WORK, NEED = range(2)
"""Columns of `Case.demand`: workload and skill level. `WORK` is also the first of `Timetable.strain`."""
SUITS, CHOICE = range(2)
"""Columns of `Case.rooms`: 1 where the person may have the room; the rooms that suit, in order, then -1."""
DAY, ROOM, THEATER = range(3)
"""Columns of `Timetable.place`; all -1 for a patient who is left for later."""
COUNT, WOMEN, FIRST_AGE = range(3)
"""Columns of `Timetable.ward`: persons, those of gender 1, and from here on those of each age group; then who it is."""
USED, CASES = range(2)
"""Columns of `Timetable.theaters`: minutes, surgeries. `USED` is also the first of `Timetable.surgeons`."""
THEATERS, FIRST_THEATER = 1, 2
"""Columns of `Timetable.surgeons`: theatres in which a surgeon operates, and from here on the surgeries in each."""
LISTED, RANK = range(2)
"""Rows of `Timetable.order`: patients, the scheduled ones first; and where each stands."""
COST, SCHEDULED, MISSING, TRIED, ACCEPTED = range(5)
"""Places in `Timetable.totals`: cost, scheduled patients, mandatory patients left out, moves tried and made."""


class Case(NamedTuple):
    """An instance; nothing in it changes.

    Attributes:
        days: Days of the period.
        shifts_per_day: Shifts of a day.
        patients: Patients; persons from this index on are occupants.
        ages: Age groups.
        none: -1: no day, no room, no theatre, no patient. (A literal would be compiled for itself.)
        first_slot: The column of `Timetable.ward` from which on stands who is there.
        person: (p, 9)
        demand: (p, shifts of the longest stay, 2)
        rooms: (p, r, 2)
        beds: (r, d) how many may be in the room; none for newcomers on a day with a shift that nobody works.
        theaters: (t, d) minutes.
        surgeons: (u, d) minutes.
        skill: (n,) of each nurse; one more stands for nobody.
        limit: (n, s) workload that each nurse bears; -1 where they are not there.
        present: (s, 1 + n) how many nurses are there (nobody, where nobody is), and who.
        weights: (8,) of the soft constraints, in the order of `evaluation.COSTS`.
    """

    days: int
    shifts_per_day: int
    patients: int
    ages: int
    none: int
    first_slot: int
    person: Ints
    demand: Ints
    rooms: Ints
    beds: Ints
    theaters: Ints
    surgeons: Ints
    skill: Ints
    limit: Ints
    present: Ints
    weights: Ints


class Timetable(NamedTuple):
    """A timetable, with the sums that the search keeps up to date.

    Attributes:
        place: (p, 3)
        nurse: (r, s) of every room, empty ones too.
        ward: (r, d, first_slot + slots)
        strain: (r, s, 1 + q) workload, and the sum of what the persons need beyond level q.
        nurse_work: (n, s) workload.
        care: (p, 1 + n) distinct nurses, and in how many shifts each of them cares.
        theaters: (t, d, 2)
        surgeons: (u, d, 2 + t)
        order: (2, patients)
        totals: (5,)
        random: (2,) state of the generator.
    """

    place: Ints
    nurse: Ints
    ward: Ints
    strain: Ints
    nurse_work: Ints
    care: Ints
    theaters: Ints
    surgeons: Ints
    order: Ints
    totals: NDArray[np.int64]
    random: NDArray[np.uint64]


def build_case(instance: Instance) -> Case:
    """The instance as arrays."""
    days, shifts = instance.days, len(instance.shift_types)
    persons: tuple[Patient | Occupant, ...] = (*instance.patients, *instance.occupants)
    rooms = {room.id: index for index, room in enumerate(instance.rooms)}
    longest = max((min(person.length_of_stay, days) for person in persons), default=1) * shifts
    demand = np.zeros((len(persons), longest, 2), np.int64)
    fitting = np.ones((len(persons), len(rooms)), np.int64)
    for p, person in enumerate(persons):
        count = min(person.length_of_stay, days) * shifts
        demand[p, :count, WORK] = person.workload_produced[:count]
        demand[p, :count, NEED] = person.skill_level_required[:count]
        for room in (person.incompatible_room_ids or ()) if isinstance(person, Patient) else ():
            fitting[p, rooms[room]] = 0
    limit, present, staffed = _nurse_arrays(instance)
    return Case(
        days=days,
        shifts_per_day=shifts,
        patients=len(instance.patients),
        ages=len(instance.age_groups),
        none=-1,
        first_slot=FIRST_AGE + len(instance.age_groups),
        person=_person_table(instance, persons, fitting),
        demand=demand,
        rooms=_list_rooms(fitting),
        beds=np.where(staffed[None, :], _ints([room.capacity for room in instance.rooms])[:, None], 0).astype(np.int64),
        theaters=_table([theater.availability for theater in instance.operating_theaters], days),
        surgeons=_table([surgeon.max_surgery_time for surgeon in instance.surgeons], days),
        skill=_ints([*(nurse.skill_level for nurse in instance.nurses), 0]),
        limit=limit,
        present=present,
        weights=_ints([weight_by_cost(instance.weights)[name] for name in COSTS]),
    )


def empty_timetable(case: Case, instance: Instance, seed: int) -> Timetable:
    """Occupants in their rooms, patients nowhere, nurses by turns; `moves.settle` then brings the sums up to date."""
    persons, rooms, shifts = len(case.person), len(instance.rooms), case.days * case.shifts_per_day
    theaters, surgeons, nurses = len(case.theaters), len(case.surgeons), len(case.skill)

    def zeros(*shape: int) -> Ints:
        return np.zeros(shape, np.int64)

    index = {room.id: position for position, room in enumerate(instance.rooms)}
    place = np.full((persons, 3), -1, np.int64)
    place[case.patients :, DAY] = 0
    place[case.patients :, ROOM] = [index[occupant.room_id] for occupant in instance.occupants]
    nurse = zeros(rooms, shifts)
    for s in range(shifts):
        nurse[:, s] = case.present[s, 1 + np.arange(rooms) % case.present[s, 0]]
    order = np.tile(np.arange(case.patients, dtype=np.int64), (2, 1))
    return Timetable(
        place=place,
        nurse=nurse,
        ward=zeros(rooms, case.days, case.first_slot + _count_slots(instance)),
        strain=zeros(rooms, shifts, 1 + instance.skill_levels),
        nurse_work=zeros(nurses, shifts),
        care=zeros(persons, 1 + nurses),
        theaters=zeros(theaters, case.days, 2),
        surgeons=zeros(surgeons, case.days, FIRST_THEATER + theaters),
        order=order,
        totals=np.zeros(ACCEPTED + 1, np.int64),
        random=np.random.SeedSequence(seed).generate_state(2, np.uint64) | np.uint64(1),
    )


def _ints(values: object) -> Ints:
    return np.array(values, np.int64)


def _table(rows: list[tuple[int, ...]], columns: int) -> Ints:
    return np.array(rows, np.int64).reshape(len(rows), columns)


def _person_table(instance: Instance, persons: tuple[Patient | Occupant, ...], fitting: Ints) -> Ints:
    surgeons = {surgeon.id: index for index, surgeon in enumerate(instance.surgeons)}
    ages = {group: index for index, group in enumerate(instance.age_groups)}
    table = np.zeros((len(persons), 9), np.int64)
    for p, person in enumerate(persons):
        table[p, GENDER] = person.gender == "B"
        table[p, AGE] = ages[person.age_group]
        table[p, STAY] = min(person.length_of_stay, instance.days)
        table[p, SURGEON] = -1
        table[p, CHOICES] = fitting[p].sum()
        if isinstance(person, Patient):
            due = person.surgery_due_day if person.mandatory and person.surgery_due_day is not None else instance.days
            table[p, RELEASE] = person.surgery_release_day
            table[p, LAST] = min(due, instance.days - 1)
            table[p, MANDATORY] = person.mandatory
            table[p, MINUTES] = person.surgery_duration
            table[p, SURGEON] = surgeons[person.surgeon_id]
    return table


def _list_rooms(fitting: Ints) -> Ints:
    rooms = np.full((*fitting.shape, 2), -1, np.int64)
    rooms[:, :, SUITS] = fitting
    for p, row in enumerate(fitting):
        which = np.flatnonzero(row)
        rooms[p, : len(which), CHOICE] = which
    return rooms


def _nurse_arrays(instance: Instance) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    days, per_day = instance.days, len(instance.shift_types)
    nobody = len(instance.nurses)
    limit = np.full((nobody + 1, days * per_day), -1, np.int64)
    shift = {name: index for index, name in enumerate(instance.shift_types)}
    for n, nurse in enumerate(instance.nurses):
        for working in nurse.working_shifts:
            limit[n, working.day * per_day + shift[working.shift]] = working.max_load
    manned = (limit >= 0).any(axis=0)
    limit[nobody, ~manned] = 0
    present = np.full((days * per_day, nobody + 2), -1, np.int64)
    for s in range(days * per_day):
        there = np.flatnonzero(limit[:, s] >= 0)
        present[s, 0] = len(there)
        present[s, 1 : 1 + len(there)] = there
    return limit, present, np.all(manned.reshape(days, per_day), axis=1)


def _count_slots(instance: Instance) -> int:
    """Most persons that a room can hold at once: its beds, or the occupants who are there at the beginning."""
    rooms = [occupant.room_id for occupant in instance.occupants]
    return max(1, *(max(room.capacity, rooms.count(room.id)) for room in instance.rooms))
