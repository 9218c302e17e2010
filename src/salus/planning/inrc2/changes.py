"""What a repair moved, and why."""

from __future__ import annotations

import msgspec

from salus.contracts.planning import PlanChange
from salus.contracts.text import LocalizedText
from salus.planning.inrc2.evaluation import evaluate
from salus.standards.inrc2.documents import DAYS, Assignment, Instance, Roster

MOST_TRIED_BACK = 60
"""Changed days that are put back for trial, to see what that would break or cost; the others are told without."""

_GONE = LocalizedText("no longer in the instance", "已不在实例中")
_NEW = LocalizedText("was not in the previous plan", "先前的排班中没有")
_LIGHTER = LocalizedText("the rest of the plan is cheaper so", "这样整体代价更低")
_BREAKS = {
    "UnderStaffing": LocalizedText("a shift would lack a nurse that it must have", "否则某班次将低于最低人数"),
    "ShiftSuccessions": LocalizedText("the old shift may not stand beside its neighbours now", "原班次与相邻班次冲突"),
    "MissingSkill": LocalizedText("the nurse has not the skill any more", "该护士已不具备所需技能"),
}


def list_changes(instance: Instance, before: Roster, after: Roster) -> tuple[PlanChange, ...]:
    """Each day of a nurse that differs, by nurse and day; then the nurses who are gone, and those who are new.

    Args:
        instance: Of the new plan; what it does not know of the old one is gone.
        before: The previous plan.
        after: The new one, of `instance`.
    """
    old, new = _by_day(before), _by_day(after)
    planned = {nurse for nurse, _ in old}
    cost = evaluate(instance, after).cost
    changes: list[PlanChange] = []
    for nurse in instance.scenario.nurses:
        if nurse.name not in planned:
            days = sum(name == nurse.name for name, _ in new)
            if days:
                changes.append(PlanChange(subject=nurse.name, before="–", after=f"{days}", why=_NEW))
            continue
        for day in range(instance.days):
            was, now = old.get((nurse.name, day)), new.get((nurse.name, day))
            if was != now:
                why = _try_back(instance, after, was, now, cost) if len(changes) < MOST_TRIED_BACK else _LIGHTER
                subject = f"{nurse.name} · {day // len(DAYS) + 1} · {DAYS[day % len(DAYS)]}"
                changes.append(PlanChange(subject=subject, before=_tell(was), after=_tell(now), why=why))
    names = {nurse.name for nurse in instance.scenario.nurses}
    changes += [PlanChange(subject=name, before="…", after="–", why=_GONE) for name in sorted(planned - names)]
    return tuple(changes)


def _by_day(roster: Roster) -> dict[tuple[str, int], Assignment]:
    return {(entry.nurse, entry.day): entry for entry in roster.assignments}


def _try_back(
    instance: Instance, after: Roster, was: Assignment | None, now: Assignment | None, cost: int
) -> LocalizedText:
    """Why one day is otherwise: what having it as before would break or cost, all else as in the new plan."""
    if was is not None and (
        was.shift not in {shift.name for shift in instance.scenario.shift_types}
        or was.skill not in instance.scenario.skills
    ):
        return _GONE
    others = tuple(entry for entry in after.assignments if entry != now)
    reckoning = evaluate(
        instance, msgspec.structs.replace(after, assignments=others if was is None else (*others, was))
    )
    for name, reason in _BREAKS.items():
        if reckoning.violations[name]:
            return reason
    more = reckoning.cost - cost
    if more > 0:
        return LocalizedText(f"having it as before would cost {more} more", f"恢复原样会多花 {more}")
    return _LIGHTER


def _tell(entry: Assignment | None) -> str:
    return "off" if entry is None else f"{entry.shift} · {entry.skill}"
