"""Small hospitals made up from a seed: examples that may travel, and something to test on."""

from __future__ import annotations

import random

from salus.standards.ihtc2024 import (
    Instance,
    Nurse,
    Occupant,
    OperatingTheater,
    Patient,
    Room,
    Surgeon,
    Weights,
    WorkingShift,
)

_SHIFTS = ("early", "late", "night")
_AGES = ("infant", "adult", "elderly")
_LEVELS = 3


def make_instance(seed: int, *, days: int = 7, rooms: int = 3, patients: int = 12, occupants: int = 2) -> Instance:
    """A hospital with two surgeons, two theatres and enough nurses, of which nobody knows the best plan.

    Args:
        seed: Decides everything else.
        days: Length of the period.
        rooms: Each has two or three beds.
        patients: A third of them must be admitted, within days that leave most of the period.
        occupants: At most one a room, so that genders never clash at the beginning.

    Returns:
        An instance; its smallest ones are small enough to be looked through by hand.
    """
    chance = random.Random(seed)  # noqa: S311 - a made-up hospital, no secret
    return Instance(
        days=days,
        skill_levels=_LEVELS,
        shift_types=_SHIFTS,
        age_groups=_AGES,
        occupants=tuple(_make_occupant(chance, index) for index in range(min(occupants, rooms))),
        patients=tuple(_make_patient(chance, index, days, rooms) for index in range(patients)),
        surgeons=tuple(
            Surgeon(id=f"s{index}", max_surgery_time=tuple(chance.choice((240, 360, 480)) for _ in range(days)))
            for index in range(2)
        ),
        operating_theaters=tuple(
            OperatingTheater(id=f"t{index}", availability=tuple(chance.choice((360, 480)) for _ in range(days)))
            for index in range(2)
        ),
        rooms=tuple(Room(id=f"r{index}", capacity=chance.choice((2, 3))) for index in range(rooms)),
        nurses=_make_nurses(chance, days, rooms),
        weights=Weights(
            room_mixed_age=5,
            room_nurse_skill=5,
            continuity_of_care=1,
            nurse_eccessive_workload=5,
            open_operating_theater=20,
            surgeon_transfer=5,
            patient_delay=10,
            unscheduled_optional=200,
        ),
    )


def _make_occupant(chance: random.Random, index: int) -> Occupant:
    stay = chance.randint(1, 3)
    return Occupant(
        id=f"o{index}",
        gender=chance.choice(("A", "B")),
        age_group=chance.choice(_AGES),
        length_of_stay=stay,
        workload_produced=_draw(chance, stay, 1, 3),
        skill_level_required=_draw(chance, stay, 0, _LEVELS - 1),
        room_id=f"r{index}",
    )


def _make_patient(chance: random.Random, index: int, days: int, rooms: int) -> Patient:
    stay = chance.randint(1, 4)
    mandatory = index % 3 == 0
    release = chance.randint(0, max(0, days // 2 - 1))
    unfit = (f"r{chance.randrange(rooms)}",) if rooms > 1 and chance.random() < 0.2 else ()
    return Patient(
        id=f"p{index}",
        mandatory=mandatory,
        gender=chance.choice(("A", "B")),
        age_group=chance.choice(_AGES),
        length_of_stay=stay,
        surgery_release_day=release,
        surgery_due_day=days - 1 if mandatory else None,
        surgery_duration=chance.choice((60, 90, 120)),
        surgeon_id=f"s{chance.randrange(2)}",
        incompatible_room_ids=unfit,
        workload_produced=_draw(chance, stay, 1, 3),
        skill_level_required=_draw(chance, stay, 0, _LEVELS - 1),
    )


def _make_nurses(chance: random.Random, days: int, rooms: int) -> tuple[Nurse, ...]:
    """Teams by shift: one nurse for each two rooms, each team working every day."""
    team = max(1, (rooms + 1) // 2)
    return tuple(
        Nurse(
            id=f"n{index}",
            skill_level=chance.randrange(_LEVELS),
            working_shifts=tuple(
                WorkingShift(day=day, shift=_SHIFTS[index % 3], max_load=chance.choice((6, 8))) for day in range(days)
            ),
        )
        for index in range(3 * team)
    )


def _draw(chance: random.Random, stay: int, low: int, high: int) -> tuple[int, ...]:
    return tuple(chance.randint(low, high) for _ in range(stay * len(_SHIFTS)))
