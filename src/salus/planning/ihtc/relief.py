"""Instances with a little more of something: one more nurse, theatre hour, surgeon hour or bed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from salus.contracts.text import LocalizedText
from salus.planning.ihtc.tightness import Tightness
from salus.standards.ihtc2024 import Instance, Nurse, WorkingShift

HOUR = 60
"""Minutes."""


@dataclass(frozen=True)
class Relief:
    """An instance that is a little easier than the one asked about.

    Attributes:
        name: Stable: `nurse`, `theatre_hour`, `surgeon_hour`, `bed`.
        title: What is added, and where.
        instance: With it.
    """

    name: str
    title: LocalizedText
    instance: Instance


def list_reliefs(instance: Instance, tightness: Tightness) -> Iterator[Relief]:
    """One relief of each kind, where the plan is tightest."""
    if instance.nurses:
        yield _add_nurse(instance, tightness)
    if instance.operating_theaters:
        yield _add_theater_hour(instance, tightness)
    if instance.surgeons and tightness.surgeons:
        yield _add_surgeon_hour(instance, tightness)
    yield _add_bed(instance)


def _add_nurse(instance: Instance, tightness: Tightness) -> Relief:
    """A nurse of the highest level in the shift that exceeds most (or the first), who bears what others there bear."""
    first = (0, instance.shift_types[0])
    day, shift = max(tightness.overload, key=lambda key: (tightness.overload[key], -key[0]), default=first)
    limits = [
        working.max_load
        for nurse in instance.nurses
        for working in nurse.working_shifts
        if (working.day, working.shift) == (day, shift)
    ]
    names = {nurse.id for nurse in instance.nurses}
    name = next(f"more{index}" for index in range(len(names) + 1) if f"more{index}" not in names)
    nurse = Nurse(
        id=name,
        skill_level=instance.skill_levels - 1,
        working_shifts=(WorkingShift(day=day, shift=shift, max_load=max(limits, default=10)),),
    )
    return Relief(
        "nurse",
        LocalizedText(f"one more nurse in the shift {shift} of day {day}", f"第 {day} 天 {shift} 增加一名护士"),
        msgspec.structs.replace(instance, nurses=(*instance.nurses, nurse)),
    )


def _add_theater_hour(instance: Instance, tightness: Tightness) -> Relief:
    """An hour for the theatre that is nearest its end, on the day on which most have to wait for a theatre."""
    days = range(instance.days)
    if tightness.theaters:
        days = range(day := max(tightness.theaters, key=lambda key: (tightness.theaters[key], -key)), day + 1)
    chosen, day = max(
        ((theater, day) for day in days for theater in instance.operating_theaters),
        key=lambda key: tightness.minutes_used.get((key[0].id, key[1]), 0) / max(1, key[0].availability[key[1]]),
    )
    availability = _one_more(chosen.availability, day, HOUR)
    theaters = tuple(
        msgspec.structs.replace(theater, availability=availability) if theater.id == chosen.id else theater
        for theater in instance.operating_theaters
    )
    return Relief(
        "theatre_hour",
        LocalizedText(
            f"one more hour of theatre {chosen.id} on day {day}", f"第 {day} 天手术室 {chosen.id} 增加一小时"
        ),
        msgspec.structs.replace(instance, operating_theaters=theaters),
    )


def _add_surgeon_hour(instance: Instance, tightness: Tightness) -> Relief:
    name, day = max(tightness.surgeons, key=lambda key: (tightness.surgeons[key], key))
    surgeons = tuple(
        msgspec.structs.replace(surgeon, max_surgery_time=_one_more(surgeon.max_surgery_time, day, HOUR))
        if surgeon.id == name
        else surgeon
        for surgeon in instance.surgeons
    )
    return Relief(
        "surgeon_hour",
        LocalizedText(f"one more hour of surgeon {name} on day {day}", f"第 {day} 天外科医生 {name} 增加一小时"),
        msgspec.structs.replace(instance, surgeons=surgeons),
    )


def _add_bed(instance: Instance) -> Relief:
    smallest = min(instance.rooms, key=lambda room: room.capacity)
    rooms = tuple(
        msgspec.structs.replace(room, capacity=room.capacity + 1) if room.id == smallest.id else room
        for room in instance.rooms
    )
    return Relief(
        "bed",
        LocalizedText(f"one more bed in room {smallest.id}", f"病房 {smallest.id} 增加一张床"),
        msgspec.structs.replace(instance, rooms=rooms),
    )


def _one_more(row: tuple[int, ...], place: int, amount: int) -> tuple[int, ...]:
    return tuple(value + amount * (index == place) for index, value in enumerate(row))
