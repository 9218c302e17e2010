"""Pictures of a timetable: rooms, theatres, and how much the nurses bear."""

from __future__ import annotations

from collections import defaultdict

from salus.contracts.planning import PlanBar, PlanChart
from salus.contracts.text import LocalizedText
from salus.planning.ihtc.evaluation import list_stays, name_nurses
from salus.standards.ihtc2024 import Instance, Patient, Solution


def draw_charts(instance: Instance, solution: Solution) -> tuple[PlanChart, ...]:
    """Rooms by day, theatres by minute, nurses by shift."""
    return (_draw_rooms(instance, solution), _draw_theaters(instance, solution), _draw_nurses(instance, solution))


def _draw_rooms(instance: Instance, solution: Solution) -> PlanChart:
    """Each stay as a bar; the row is the room, the kind the gender and whether the patient is there already."""
    bars = []
    for stay in list_stays(instance, solution):
        days = stay.days(instance.days)
        if len(days):
            kind = "occupant" if stay.patient is None else "mandatory" if _mandatory(stay.person) else "elective"
            bars.append(
                PlanBar(
                    row=stay.room,
                    start=float(days.start),
                    end=float(days.stop),
                    label=f"{stay.person.id} ({stay.person.gender})",
                    kind=kind,
                )
            )
    return PlanChart(
        name="rooms",
        title=LocalizedText("rooms and who stays in them", "病房与住院患者"),
        unit="day",
        length=float(instance.days),
        rows=tuple(room.id for room in instance.rooms),
        bars=tuple(sorted(bars, key=lambda bar: (bar.row, bar.start, bar.label))),
    )


def _draw_theaters(instance: Instance, solution: Solution) -> PlanChart:
    """Surgeries one after the other, by surgeon; a row is a theatre on a day. Their order is not part of the plan."""
    patients = {patient.id: patient for patient in instance.patients}
    cases: dict[tuple[str, int], list[Patient]] = defaultdict(list)
    for placement in solution.patients:
        if placement.admission_day != "none" and placement.operating_theater is not None:
            cases[placement.operating_theater, placement.admission_day].append(patients[placement.id])
    bars, rows = [], []
    for day in range(instance.days):
        for theater in instance.operating_theaters:
            row, minute = f"{theater.id} · {day}", 0
            if (theater.id, day) not in cases:
                continue
            rows.append(row)
            for patient in sorted(cases[theater.id, day], key=lambda entry: (entry.surgeon_id, entry.id)):
                end = minute + patient.surgery_duration
                label = f"{patient.id} ({patient.surgeon_id})"
                bars.append(PlanBar(row=row, start=float(minute), end=float(end), label=label, kind=patient.surgeon_id))
                minute = end
    longest = max((minute for theater in instance.operating_theaters for minute in theater.availability), default=0)
    return PlanChart(
        name="theatres",
        title=LocalizedText("theatres by day, surgeries one after the other", "各日手术室及依次进行的手术"),
        unit="minute",
        length=max([float(longest), *(bar.end for bar in bars)]),
        rows=tuple(rows),
        bars=tuple(bars),
    )


def _draw_nurses(instance: Instance, solution: Solution) -> PlanChart:
    """Workload of each nurse and shift as a share of what they can bear; 0 where they are not there."""
    shifts = {name: index for index, name in enumerate(instance.shift_types)}
    load = nurse_load(instance, solution)
    rows = []
    for nurse in instance.nurses:
        row = [0.0] * (instance.days * len(shifts))
        for working in nurse.working_shifts:
            share = load.get((nurse.id, working.day, working.shift), 0) / max(1, working.max_load)
            row[working.day * len(shifts) + shifts[working.shift]] = share
        rows.append(tuple(row))
    return PlanChart(
        name="nurses",
        title=LocalizedText(
            "workload of the nurses, as a share of what they can bear", "护士工作量（占可承受量的比例）"
        ),
        unit="shift",
        length=float(instance.days * len(shifts)),
        rows=tuple(nurse.id for nurse in instance.nurses),
        load=tuple(rows),
    )


def nurse_load(instance: Instance, solution: Solution) -> dict[tuple[str, int, str], int]:
    """Workload by (nurse, day, shift)."""
    nurses = name_nurses(solution)
    load: dict[tuple[str, int, str], int] = defaultdict(int)
    for stay in list_stays(instance, solution):
        for day in stay.days(instance.days):
            for index, shift in enumerate(instance.shift_types):
                nurse = nurses.get((stay.room, day, shift))
                if nurse is not None:
                    step = (day - stay.first_day) * len(instance.shift_types) + index
                    load[nurse, day, shift] += stay.person.workload_produced[step]
    return load


def _mandatory(person: object) -> bool:
    return isinstance(person, Patient) and person.mandatory
