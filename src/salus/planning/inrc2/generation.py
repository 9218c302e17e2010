"""Small wards made up from a seed: examples that may travel, and something to test on."""

from __future__ import annotations

import random

from salus.standards.inrc2.documents import (
    DAYS,
    Contract,
    Instance,
    Limits,
    Nurse,
    NurseHistory,
    OffRequest,
    Requirement,
    Scenario,
    ShiftType,
    Week,
)

_SKILLS = ("HeadNurse", "Nurse")
_SHIFTS = (
    ShiftType("Early", Limits(2, 5)),
    ShiftType("Late", Limits(2, 3)),
    ShiftType("Night", Limits(3, 5)),
)
_FORBIDDEN = (("Late", "Early"), ("Night", "Early"), ("Night", "Late"))


def make_instance(seed: int, *, weeks: int = 2, nurses: int = 8) -> Instance:
    """A ward with three shifts, two skills and two contracts, of which nobody knows the best roster.

    Args:
        seed: Decides everything else.
        weeks: To be planned, from the beginning of the period.
        nurses: Every third is a head nurse too; with fewer than six the least cover may be out of reach.

    Returns:
        An instance; where Early, Late and Night need one nurse each, two for some days at best.
    """
    chance = random.Random(seed)  # noqa: S311 - a made-up ward, no secret
    contracts = (
        Contract("FullTime", Limits(4 * weeks, 5 * weeks), Limits(3, 5), Limits(2, 3), (weeks + 1) // 2, True),
        Contract("PartTime", Limits(2 * weeks, 4 * weeks), Limits(2, 4), Limits(2, 5), (weeks + 1) // 2, False),
    )
    staff = tuple(
        Nurse(f"N{index}", chance.choice(contracts).name, _SKILLS if index % 3 == 0 else _SKILLS[1:])
        for index in range(nurses)
    )
    return Instance(
        scenario=Scenario(f"ward{seed}", weeks, _SKILLS, _SHIFTS, _FORBIDDEN, contracts, staff),
        first_week=0,
        history=tuple(_make_history(chance, nurse.name) for nurse in staff),
        weeks=tuple(_make_week(chance, staff) for _ in range(weeks)),
    )


def _make_history(chance: random.Random, name: str) -> NurseHistory:
    if chance.random() < 0.5:
        return NurseHistory(name, 0, 0, None, 0, 0, chance.randint(1, 4))
    run = chance.randint(1, 5)
    return NurseHistory(name, 0, 0, chance.choice(_SHIFTS).name, chance.randint(1, run), run, 0)


def _make_week(chance: random.Random, staff: tuple[Nurse, ...]) -> Week:
    requirements = []
    for shift in _SHIFTS:
        for skill in _SKILLS:
            by_day = []
            for _ in DAYS:
                least = int(skill == "Nurse" and chance.random() < 0.8)
                by_day.append(Limits(least, least + (chance.random() < 0.3)))
            requirements.append(Requirement(shift.name, skill, tuple(by_day)))
    requests = [
        OffRequest(nurse.name, chance.choice((None, *(shift.name for shift in _SHIFTS))), chance.randrange(len(DAYS)))
        for nurse in staff
        if chance.random() < 0.4
    ]
    return Week(tuple(requirements), tuple(requests))
