"""What a repair moved, and why."""

from __future__ import annotations

import msgspec

from salus.contracts.planning import PlanChange
from salus.contracts.text import LocalizedText
from salus.planning.ihtc.evaluation import evaluate, list_stays, name_nurses
from salus.standards.ihtc2024 import Instance, Placement, Solution

MOST_TRIED_BACK = 60
"""Moved patients who are put back for trial, to see what that would break or cost; the others are told without."""

_GONE = LocalizedText("no longer in the instance", "已不在实例中")
_NEW = LocalizedText("was not in the previous plan", "先前的排程中没有")
_OFF = LocalizedText("the nurse does not work this shift any more", "该护士已不上此班")
_LIGHTER = LocalizedText("the rest of the plan is cheaper so", "这样整体代价更低")
_BREAKS = {
    "RoomGenderMix": LocalizedText("the old room is now used by the other gender", "原病房现由另一性别使用"),
    "PatientRoomCompatibility": LocalizedText("the old room does not suit any more", "原病房已不适合"),
    "SurgeonOvertime": LocalizedText("the surgeon has no time on the old day", "原日期外科医生已无时间"),
    "OperatingTheaterOvertime": LocalizedText("the old theatre has no time on the old day", "原日期原手术室已无时间"),
    "AdmissionDay": LocalizedText("the old day is not allowed any more", "原日期已不允许"),
    "RoomCapacity": LocalizedText("the old room is full", "原病房已满"),
    "UncoveredRoom": LocalizedText("the old room has no nurse then", "原病房当时没有护士"),
    "MandatoryUnscheduledPatients": LocalizedText("the patient must be admitted", "该患者必须入院"),
}


def list_changes(instance: Instance, before: Solution, after: Solution) -> tuple[PlanChange, ...]:
    """What differs: first patients, then nurses of rooms that are occupied in both plans.

    Args:
        instance: Of the new plan; what it does not know of the old one is gone.
        before: The previous plan.
        after: The new one, of `instance`.
    """
    return (*_list_moved(instance, before, after), *_list_handed_over(instance, before, after))


def _list_moved(instance: Instance, before: Solution, after: Solution) -> list[PlanChange]:
    old = {placement.id: placement for placement in before.patients}
    known = {patient.id for patient in instance.patients}
    cost = evaluate(instance, after).cost
    changes, tried = [], 0
    for placement in after.patients:
        previous = old.get(placement.id)
        if previous is not None and _tell(previous) == _tell(placement):
            continue
        if previous is None:
            why = _NEW
        elif tried < MOST_TRIED_BACK:
            tried += 1
            why = _try_back(instance, after, previous, cost)
        else:
            why = _LIGHTER
        text = "–" if previous is None else _tell(previous)
        changes.append(PlanChange(subject=placement.id, before=text, after=_tell(placement), why=why))
    changes += [
        PlanChange(subject=previous.id, before=_tell(previous), after="–", why=_GONE)
        for previous in before.patients
        if previous.id not in known
    ]
    return changes


def _try_back(instance: Instance, after: Solution, previous: Placement, cost: int) -> LocalizedText:
    if previous.admission_day != "none" and (
        previous.room not in {room.id for room in instance.rooms}
        or previous.operating_theater not in {theater.id for theater in instance.operating_theaters}
        or not 0 <= previous.admission_day < instance.days
    ):
        return _GONE
    others = (previous if placement.id == previous.id else placement for placement in after.patients)
    reckoning = evaluate(instance, msgspec.structs.replace(after, patients=tuple(others)))
    for name, reason in _BREAKS.items():
        if reckoning.violations[name]:
            return reason
    saved = reckoning.cost - cost
    if saved > 0:
        return LocalizedText(f"putting the patient back would cost {saved} more", f"放回原处会多花 {saved}")
    return _LIGHTER


def _list_handed_over(instance: Instance, before: Solution, after: Solution) -> list[PlanChange]:
    at_work = {(nurse.id, working.day, working.shift) for nurse in instance.nurses for working in nurse.working_shifts}
    old, new = name_nurses(before), name_nurses(after)
    occupied = {(stay.room, day) for stay in list_stays(instance, after) for day in stay.days(instance.days)}
    order = {name: index for index, name in enumerate(instance.shift_types)}
    changes = []
    for room, day, shift in sorted(new, key=lambda key: (key[1], order[key[2]], key[0])):
        nurse, previous = new[room, day, shift], old.get((room, day, shift))
        if previous is None or previous == nurse or (room, day) not in occupied:
            continue
        why = _LIGHTER if (previous, day, shift) in at_work else _OFF
        changes.append(PlanChange(subject=f"{room} · {day} · {shift}", before=previous, after=nurse, why=why))
    return changes


def _tell(placement: Placement) -> str:
    if placement.admission_day == "none":
        return "none"
    return f"{placement.admission_day} · {placement.room} · {placement.operating_theater}"
