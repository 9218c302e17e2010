"""Pictures of a roster: who works what on which day, and how well the shifts are staffed."""

from __future__ import annotations

from itertools import groupby

from salus.contracts.planning import PlanBar, PlanChart
from salus.contracts.text import LocalizedText
from salus.planning.inrc2.evaluation import count_staff
from salus.standards.inrc2.documents import Instance, Roster


def draw_charts(instance: Instance, roster: Roster) -> tuple[PlanChart, ...]:
    """Nurses by day, and staff of each shift and skill by day."""
    return (_draw_nurses(instance, roster), _draw_cover(instance, roster))


def _draw_nurses(instance: Instance, roster: Roster) -> PlanChart:
    """A bar for each run of days with the same shift and skill; the kind is the shift."""
    work: dict[str, dict[int, tuple[str, str]]] = {nurse.name: {} for nurse in instance.scenario.nurses}
    for entry in roster.assignments:
        work[entry.nurse][entry.day] = entry.shift, entry.skill
    bars = []
    for name, days in work.items():
        start = 0
        for what, run in groupby(range(instance.days), days.get):
            end = start + len(list(run))
            if what is not None:
                label = f"{what[0]} · {what[1]}"
                bars.append(PlanBar(row=name, start=float(start), end=float(end), label=label, kind=what[0]))
            start = end
    return PlanChart(
        name="nurses",
        title=LocalizedText("nurses and the shifts that they work", "护士及其班次"),
        unit="day",
        length=float(instance.days),
        rows=tuple(work),
        bars=tuple(bars),
    )


def _draw_cover(instance: Instance, roster: Roster) -> PlanChart:
    """Nurses of each shift and skill as a share of the best number; where that is 0, one more than who is there."""
    staff = count_staff(roster)
    best = {(day, shift, skill): limits.most for day, shift, skill, limits in instance.list_requirements()}
    asked = {(shift, skill) for _, shift, skill in [*best, *staff]}
    shifts, skills = [shift.name for shift in instance.scenario.shift_types], instance.scenario.skills
    pairs = [(shift, skill) for shift in shifts for skill in skills if (shift, skill) in asked]
    load = []
    for shift, skill in pairs:
        there = [staff.get((day, shift, skill), 0) for day in range(instance.days)]
        wanted = [best.get((day, shift, skill), 0) for day in range(instance.days)]
        shares = zip(there, wanted, strict=True)
        load.append(tuple(float(count / most if most else count and 1 + count) for count, most in shares))
    return PlanChart(
        name="cover",
        title=LocalizedText("staff of the shifts, as a share of the best number", "各班次人员配备（占最佳人数的比例）"),
        unit="day",
        length=float(instance.days),
        rows=tuple(f"{shift} · {skill}" for shift, skill in pairs),
        load=tuple(load),
    )
