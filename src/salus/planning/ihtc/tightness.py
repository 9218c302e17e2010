"""What a plan runs up against: beds, theatres, surgeons and nurses, and why those who wait have to wait."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from salus.planning.ihtc.charts import nurse_load
from salus.planning.ihtc.evaluation import list_stays
from salus.standards.ihtc2024 import Instance, Patient, Room, Solution

Obstacle = Literal["surgeon", "theater", "room"]


@dataclass(frozen=True)
class Tightness:
    """How much of everything is used, and what is in the way of those who wait.

    Attributes:
        waiting: Patients who are left for later.
        obstacles: Of all days on which they might come: on how many what is missing first, looked at in the order
            surgeon, theatre, room.
        surgeons: The same for each (surgeon, day) that lacks minutes.
        theaters: The same for each day on which no theatre has enough minutes.
        beds: Share of the bed-days used.
        surgeon_minutes: Share of the minutes used.
        overload: Workload above what the nurses can bear, by (day, shift); those without are left out.
        minutes_used: By (theatre, day).
    """

    waiting: int
    obstacles: Mapping[Obstacle, int]
    surgeons: Mapping[tuple[str, int], int]
    theaters: Mapping[int, int]
    beds: float
    surgeon_minutes: float
    overload: Mapping[tuple[int, str], int]
    minutes_used: Mapping[tuple[str, int], int]


def measure_tightness(instance: Instance, solution: Solution) -> Tightness:
    """Look through a plan that breaks no hard constraint."""
    patients = {patient.id: patient for patient in instance.patients}
    theater_used: dict[tuple[str, int], int] = defaultdict(int)
    surgeon_used: dict[tuple[str, int], int] = defaultdict(int)
    placed = set()
    for placement in solution.patients:
        if placement.admission_day != "none" and placement.operating_theater is not None:
            patient, day = patients[placement.id], placement.admission_day
            theater_used[placement.operating_theater, day] += patient.surgery_duration
            surgeon_used[patient.surgeon_id, day] += patient.surgery_duration
            placed.add(placement.id)
    present: dict[tuple[str, int], list[str]] = defaultdict(list)
    for stay in list_stays(instance, solution):
        for day in stay.days(instance.days):
            present[stay.room, day].append(stay.person.gender)
    waiting = [patient for patient in instance.patients if patient.id not in placed]
    obstacles: Counter[Obstacle] = Counter()
    surgeons: Counter[tuple[str, int]] = Counter()
    theaters: Counter[int] = Counter()
    surgeon_minutes = {surgeon.id: surgeon.max_surgery_time for surgeon in instance.surgeons}
    for patient in waiting:
        last = patient.surgery_due_day if patient.mandatory and patient.surgery_due_day is not None else instance.days
        for day in range(patient.surgery_release_day, min(last, instance.days - 1) + 1):
            need = patient.surgery_duration
            if surgeon_used[patient.surgeon_id, day] + need > surgeon_minutes[patient.surgeon_id][day]:
                obstacles["surgeon"] += 1
                surgeons[patient.surgeon_id, day] += 1
            elif not any(
                theater_used[theater.id, day] + need <= theater.availability[day]
                for theater in instance.operating_theaters
            ):
                obstacles["theater"] += 1
                theaters[day] += 1
            elif not any(_has_bed(instance, present, patient, room, day) for room in instance.rooms):
                obstacles["room"] += 1
    bed_days = sum(room.capacity for room in instance.rooms) * instance.days
    minutes = sum(sum(surgeon.max_surgery_time) for surgeon in instance.surgeons)
    return Tightness(
        waiting=len(waiting),
        obstacles=dict(obstacles),
        surgeons=dict(surgeons),
        theaters=dict(theaters),
        beds=sum(len(genders) for genders in present.values()) / max(1, bed_days),
        surgeon_minutes=sum(surgeon_used.values()) / max(1, minutes),
        overload=_sum_overload(instance, solution),
        minutes_used=dict(theater_used),
    )


def _has_bed(
    instance: Instance,
    present: Mapping[tuple[str, int], list[str]],
    patient: Patient,
    room: Room,
    day: int,
) -> bool:
    if room.id in (patient.incompatible_room_ids or ()):
        return False
    for later in range(day, min(instance.days, day + patient.length_of_stay)):
        genders = present.get((room.id, later), [])
        if len(genders) >= room.capacity or any(gender != patient.gender for gender in genders):
            return False
    return True


def _sum_overload(instance: Instance, solution: Solution) -> dict[tuple[int, str], int]:
    load = nurse_load(instance, solution)
    overload: dict[tuple[int, str], int] = defaultdict(int)
    for nurse in instance.nurses:
        for working in nurse.working_shifts:
            above = load.get((nurse.id, working.day, working.shift), 0) - working.max_load
            if above > 0:
                overload[working.day, working.shift] += above
    return dict(overload)
