"""What a roster costs and what it breaks, by the rules of INRC-II; plain, and trusted.

Follows arXiv:1501.04177, section 2: hard constraints H1 to H4, soft constraints S1 to S7 with their weights. Weeks are
reckoned up all at once. At the borders: a run that the history began goes on, and pays for days above the greatest
length only as far as they are planned here; one that the history ended too soon pays for what is missing; the last
run of the period is never too short. It shares nothing with the search, whose sums it checks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from salus.standards.inrc2.documents import Contract, Instance, Limits, NurseHistory, Roster

VIOLATIONS = ("SingleAssignment", "UnderStaffing", "ShiftSuccessions", "MissingSkill")
"""The hard constraints H1 to H4."""

WEIGHTS = {
    "OptimalCoverage": 30,
    "ConsecutiveShifts": 15,
    "ConsecutiveWorkingDays": 30,
    "ConsecutiveDaysOff": 30,
    "Preferences": 10,
    "CompleteWeekends": 30,
    "TotalAssignments": 20,
    "TotalWorkingWeekends": 30,
}
"""The soft constraints S1, S2 (by shift type, and over all), S3 to S7, and what one unit of each costs."""

COSTS = tuple(WEIGHTS)
"""Their names, in order."""

_SATURDAY, _SUNDAY, _WEEK = 5, 6, 7


@dataclass(frozen=True)
class Reckoning:
    """What a roster costs and breaks.

    Attributes:
        counts: Units by soft constraint.
        violations: Units by hard constraint.
        by_nurse: Weighted cost by nurse; what the weeks lack (`OptimalCoverage`) is nobody's.
    """

    counts: dict[str, int]
    violations: dict[str, int]
    by_nurse: dict[str, int]

    @property
    def costs(self) -> dict[str, int]:
        """Weighted cost by soft constraint."""
        return {name: WEIGHTS[name] * self.counts[name] for name in COSTS}

    @property
    def cost(self) -> int:
        """The sum of the costs."""
        return sum(self.costs.values())

    @property
    def feasible(self) -> bool:
        """Whether no hard constraint is broken."""
        return not any(self.violations.values())


def evaluate(instance: Instance, roster: Roster) -> Reckoning:
    """Reckon up a roster that `check_roster` lets pass.

    Returns:
        Costs and violations. Of several assignments of a nurse on one day, the last one counts for the nurse's own
        constraints; all of them staff their shifts.
    """
    counts, violations = dict.fromkeys(COSTS, 0), dict.fromkeys(VIOLATIONS, 0)
    _reckon_staff(instance, roster, counts, violations)
    contracts = {contract.name: contract for contract in instance.scenario.contracts}
    lines = list_lines(instance, roster)
    by_nurse = {}
    for nurse, history in zip(instance.scenario.nurses, instance.history, strict=True):
        line = lines[nurse.name]
        own = _count_line(instance, contracts[nurse.contract], history, line)
        own["Preferences"] = sum(
            line[day] is not None and request.shift in {None, line[day]}
            for day, request in instance.list_requests()
            if request.nurse == nurse.name
        )
        for name, count in own.items():
            counts[name] += count
        by_nurse[nurse.name] = sum(WEIGHTS[name] * count for name, count in own.items())
        known = zip([history.last_shift, *line], line, strict=False)
        violations["ShiftSuccessions"] += sum(pair in instance.scenario.forbidden for pair in known)
    return Reckoning(counts, violations, by_nurse)


def list_lines(instance: Instance, roster: Roster) -> dict[str, list[str | None]]:
    """The shift type of each nurse on each day; None where they are off."""
    lines: dict[str, list[str | None]] = {nurse.name: [None] * instance.days for nurse in instance.scenario.nurses}
    for assignment in roster.assignments:
        lines[assignment.nurse][assignment.day] = assignment.shift
    return lines


def count_staff(roster: Roster) -> Mapping[tuple[int, str, str], int]:
    """Nurses by (day, shift type, skill)."""
    return Counter((entry.day, entry.shift, entry.skill) for entry in roster.assignments)


def _reckon_staff(instance: Instance, roster: Roster, counts: dict[str, int], violations: dict[str, int]) -> None:
    skills = {nurse.name: nurse.skills for nurse in instance.scenario.nurses}
    staff = count_staff(roster)
    for day, shift, skill, limits in instance.list_requirements():
        there = staff.get((day, shift, skill), 0)
        violations["UnderStaffing"] += max(0, limits.least - there)
        counts["OptimalCoverage"] += max(0, limits.most - there)
    per_day = Counter((entry.nurse, entry.day) for entry in roster.assignments)
    violations["SingleAssignment"] = sum(count - 1 for count in per_day.values())
    violations["MissingSkill"] = sum(entry.skill not in skills[entry.nurse] for entry in roster.assignments)


def _count_line(
    instance: Instance, contract: Contract, history: NurseHistory, line: Sequence[str | None]
) -> dict[str, int]:
    """Units of the constraints on one nurse's days."""
    worked = [shift is not None for shift in line]
    weekends = [worked[day + _SATURDAY] + worked[day + _SUNDAY] for day in range(0, len(line), _WEEK)]
    total = history.assignments + sum(worked)
    at_work: Sequence[str | None] = ["work" if on else None for on in worked]
    off: Sequence[str | None] = [None if on else "off" for on in worked]
    days = {"work": contract.working_days}, {"off": contract.days_off}
    last = None if history.last_shift is None else "work"
    shifts = {shift.name: shift.consecutive for shift in instance.scenario.shift_types}
    return {
        "ConsecutiveShifts": _count_runs(line, shifts, history.last_shift, history.consecutive_assignments),
        "ConsecutiveWorkingDays": _count_runs(at_work, days[0], last, history.consecutive_working_days),
        "ConsecutiveDaysOff": _count_runs(off, days[1], "off" if last is None else None, history.consecutive_days_off),
        "CompleteWeekends": sum(days_on == 1 for days_on in weekends) if contract.complete_weekends else 0,
        "TotalAssignments": max(0, contract.assignments.least - total, total - contract.assignments.most),
        "TotalWorkingWeekends": max(
            0, history.working_weekends + sum(days_on > 0 for days_on in weekends) - contract.working_weekends
        ),
    }


def _count_runs(line: Sequence[str | None], limits: Mapping[str, Limits], last: str | None, before: int) -> int:
    """Days by which runs are too long or too short.

    Args:
        line: What the runs are of, by day; None where it does not matter.
        limits: Of each kind of run.
        last: What the history ends with.
        before: Length of the run of `last` in the history.
    """
    runs = [(kind, len(list(days))) for kind, days in groupby(line)]
    units, carried = 0, 0
    if last is not None:
        if runs[0][0] == last:
            carried = before
        else:
            units += max(0, limits[last].least - before)
    for index, (kind, length) in enumerate(runs):
        if kind is None:
            continue
        past = carried if index == 0 else 0
        units += max(0, past + length - limits[kind].most) - max(0, past - limits[kind].most)
        if index < len(runs) - 1:
            units += max(0, limits[kind].least - past - length)
    return units
