"""What a timetable costs and what it breaks, by the competition's own rules and names; plain, and trusted.

Follows the problem specification of IHTC 2024 (https://ihtc2024.github.io), sections "Hard constraints" and "Soft
constraints". It shares nothing with the search, whose sums it checks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from salus.standards.ihtc2024 import Instance, Occupant, Patient, Solution, Weights

VIOLATIONS = (
    "RoomGenderMix",
    "PatientRoomCompatibility",
    "SurgeonOvertime",
    "OperatingTheaterOvertime",
    "MandatoryUnscheduledPatients",
    "AdmissionDay",
    "RoomCapacity",
    "NursePresence",
    "UncoveredRoom",
)
"""The hard constraints, in the order of the competition's validator."""

COSTS = (
    "RoomAgeMix",
    "RoomSkillLevel",
    "ContinuityOfCare",
    "ExcessiveNurseWorkload",
    "OpenOperatingTheater",
    "SurgeonTransfer",
    "PatientDelay",
    "ElectiveUnscheduledPatients",
)
"""The soft constraints, in the order of the competition's validator."""


@dataclass(frozen=True)
class Stay:
    """Someone in a room.

    Attributes:
        person: Who.
        patient: Their index among the patients; None for an occupant.
        room: Where.
        first_day: The day of admission; 0 for an occupant.
    """

    person: Occupant | Patient
    patient: int | None
    room: str
    first_day: int

    def days(self, period: int) -> range:
        """The days in the room within a period of so many days."""
        return range(self.first_day, min(period, self.first_day + self.person.length_of_stay))


@dataclass(frozen=True)
class Reckoning:
    """What a timetable costs and breaks.

    Attributes:
        costs: Weighted cost by soft constraint.
        counts: The same without weights.
        violations: By hard constraint: units by which it is broken.
    """

    costs: dict[str, int]
    counts: dict[str, int]
    violations: dict[str, int]

    @property
    def cost(self) -> int:
        """The sum of the costs."""
        return sum(self.costs.values())

    @property
    def feasible(self) -> bool:
        """Whether no hard constraint is broken."""
        return not any(self.violations.values())


def weight_by_cost(weights: Weights) -> dict[str, int]:
    """The weight of each soft constraint, by its name."""
    return {
        "RoomAgeMix": weights.room_mixed_age,
        "RoomSkillLevel": weights.room_nurse_skill,
        "ContinuityOfCare": weights.continuity_of_care,
        "ExcessiveNurseWorkload": weights.nurse_eccessive_workload,
        "OpenOperatingTheater": weights.open_operating_theater,
        "SurgeonTransfer": weights.surgeon_transfer,
        "PatientDelay": weights.patient_delay,
        "ElectiveUnscheduledPatients": weights.unscheduled_optional,
    }


def list_stays(instance: Instance, solution: Solution) -> tuple[Stay, ...]:
    """Who is in which room from when: the occupants, then the admitted patients in the solution's order."""
    index = {patient.id: position for position, patient in enumerate(instance.patients)}
    stays = [Stay(occupant, None, occupant.room_id, 0) for occupant in instance.occupants]
    for placement in solution.patients:
        if placement.admission_day != "none" and placement.room is not None:
            patient = index[placement.id]
            stays.append(Stay(instance.patients[patient], patient, placement.room, placement.admission_day))
    return tuple(stays)


def name_nurses(solution: Solution) -> dict[tuple[str, int, str], str]:
    """The nurse of each (room, day, shift) that has one."""
    return {
        (room, assignment.day, assignment.shift): rounds.id
        for rounds in solution.nurses
        for assignment in rounds.assignments
        for room in assignment.rooms
    }


def evaluate(instance: Instance, solution: Solution) -> Reckoning:
    """Reckon up a solution that `check_solution` lets pass.

    Returns:
        Costs and violations; a nurse outside their roster counts as `NursePresence`, has no limit of workload there,
        and still cares.
    """
    stays = list_stays(instance, solution)
    counts = dict.fromkeys(COSTS, 0)
    violations = dict.fromkeys(VIOLATIONS, 0)
    _reckon_patients(instance, stays, counts, violations)
    _reckon_theaters(instance, solution, counts, violations)
    _reckon_rooms(instance, stays, counts, violations)
    _reckon_care(instance, solution, stays, counts, violations)
    weights = weight_by_cost(instance.weights)
    return Reckoning({name: weights[name] * counts[name] for name in COSTS}, counts, violations)


def _reckon_patients(
    instance: Instance, stays: tuple[Stay, ...], counts: dict[str, int], violations: dict[str, int]
) -> None:
    stay_of = {stay.patient: stay for stay in stays if stay.patient is not None}
    for index, patient in enumerate(instance.patients):
        stay = stay_of.get(index)
        if stay is None:
            if patient.mandatory:
                violations["MandatoryUnscheduledPatients"] += 1
            else:
                counts["ElectiveUnscheduledPatients"] += 1
            continue
        last = patient.surgery_due_day if patient.mandatory and patient.surgery_due_day is not None else instance.days
        violations["AdmissionDay"] += not patient.surgery_release_day <= stay.first_day <= last
        violations["PatientRoomCompatibility"] += stay.room in (patient.incompatible_room_ids or ())
        counts["PatientDelay"] += max(0, stay.first_day - patient.surgery_release_day)


def _reckon_theaters(
    instance: Instance, solution: Solution, counts: dict[str, int], violations: dict[str, int]
) -> None:
    patients = {patient.id: patient for patient in instance.patients}
    theater_minutes: dict[tuple[str, int], int] = defaultdict(int)
    surgeon_minutes: dict[tuple[str, int], int] = defaultdict(int)
    theaters_of: dict[tuple[str, int], set[str]] = defaultdict(set)
    for placement in solution.patients:
        if placement.admission_day != "none" and placement.operating_theater is not None:
            patient, day = patients[placement.id], placement.admission_day
            theater_minutes[placement.operating_theater, day] += patient.surgery_duration
            surgeon_minutes[patient.surgeon_id, day] += patient.surgery_duration
            theaters_of[patient.surgeon_id, day].add(placement.operating_theater)
    availability = {theater.id: theater.availability for theater in instance.operating_theaters}
    longest = {surgeon.id: surgeon.max_surgery_time for surgeon in instance.surgeons}
    for (theater, day), minutes in theater_minutes.items():
        violations["OperatingTheaterOvertime"] += max(0, minutes - availability[theater][day])
    for (surgeon, day), minutes in surgeon_minutes.items():
        violations["SurgeonOvertime"] += max(0, minutes - longest[surgeon][day])
    counts["OpenOperatingTheater"] = len(theater_minutes)
    counts["SurgeonTransfer"] = sum(len(theaters) - 1 for theaters in theaters_of.values())


def _reckon_rooms(
    instance: Instance, stays: tuple[Stay, ...], counts: dict[str, int], violations: dict[str, int]
) -> None:
    capacity = {room.id: room.capacity for room in instance.rooms}
    age = {group: position for position, group in enumerate(instance.age_groups)}
    for (room, _), present in _people_by_room_and_day(instance, stays).items():
        genders = [stay.person.gender for stay in present]
        ages = [age[stay.person.age_group] for stay in present]
        violations["RoomCapacity"] += max(0, len(present) - capacity[room])
        violations["RoomGenderMix"] += min(genders.count("A"), genders.count("B"))
        counts["RoomAgeMix"] += max(ages) - min(ages)


def _reckon_care(
    instance: Instance,
    solution: Solution,
    stays: tuple[Stay, ...],
    counts: dict[str, int],
    violations: dict[str, int],
) -> None:
    nurses = name_nurses(solution)
    skill = {nurse.id: nurse.skill_level for nurse in instance.nurses}
    limit = {
        (nurse.id, working.day, working.shift): working.max_load
        for nurse in instance.nurses
        for working in nurse.working_shifts
    }
    violations["NursePresence"] = sum((nurse, day, shift) not in limit for (_, day, shift), nurse in nurses.items())
    load: dict[tuple[str, int, str], int] = defaultdict(int)
    carers: dict[Stay, set[str]] = defaultdict(set)
    for (room, day), present in _people_by_room_and_day(instance, stays).items():
        for index, shift in enumerate(instance.shift_types):
            nurse = nurses.get((room, day, shift))
            if nurse is None:
                violations["UncoveredRoom"] += 1
                continue
            for stay in present:
                step = (day - stay.first_day) * len(instance.shift_types) + index
                counts["RoomSkillLevel"] += max(0, stay.person.skill_level_required[step] - skill[nurse])
                load[nurse, day, shift] += stay.person.workload_produced[step]
                carers[stay].add(nurse)
    counts["ContinuityOfCare"] = sum(len(names) for names in carers.values())
    counts["ExcessiveNurseWorkload"] = sum(max(0, load[key] - limit[key]) for key in load if key in limit)


def _people_by_room_and_day(instance: Instance, stays: tuple[Stay, ...]) -> dict[tuple[str, int], list[Stay]]:
    people: dict[tuple[str, int], list[Stay]] = defaultdict(list)
    for stay, day in _stay_days(instance, stays):
        people[stay.room, day].append(stay)
    return people


def _stay_days(instance: Instance, stays: tuple[Stay, ...]) -> Iterator[tuple[Stay, int]]:
    for stay in stays:
        for day in stay.days(instance.days):
            yield stay, day
