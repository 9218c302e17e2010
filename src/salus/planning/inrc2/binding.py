"""What keeps the cost from falling, in words."""

from __future__ import annotations

from collections import Counter

from salus.contracts.text import LocalizedText
from salus.planning.inrc2.evaluation import Reckoning, count_staff
from salus.standards.inrc2.documents import Instance, Roster

COST_TITLES = {
    "OptimalCoverage": LocalizedText("nurses fewer than the best number", "低于最佳人数"),
    "ConsecutiveShifts": LocalizedText("runs of one shift type too long or too short", "同班次连续天数过多或过少"),
    "ConsecutiveWorkingDays": LocalizedText("runs of working days too long or too short", "连续工作天数过多或过少"),
    "ConsecutiveDaysOff": LocalizedText("runs of days off too long or too short", "连续休息天数过多或过少"),
    "Preferences": LocalizedText("wishes that are not met", "未满足的意愿"),
    "CompleteWeekends": LocalizedText("half weekends", "不完整周末"),
    "TotalAssignments": LocalizedText("assignments beside the contract", "总班次超出合同范围"),
    "TotalWorkingWeekends": LocalizedText("working weekends beyond the contract", "工作周末超出合同"),
}
"""The soft constraints in words, by name."""

_NOTHING = ("", "")


def explain_binding(instance: Instance, roster: Roster, reckoning: Reckoning) -> tuple[LocalizedText, ...]:
    """One sentence a soft constraint that costs something, the most costly first.

    It says how much of the cost it is and what it runs up against; it does not claim that easing it would save as much
    (`Solver.ask_what_if` tries that).
    """
    details = {
        "OptimalCoverage": _scarcest(instance, roster),
        "TotalAssignments": _use_of_contracts(instance, roster),
    }
    total = max(1, reckoning.cost)
    sentences = []
    for name, cost in sorted(reckoning.costs.items(), key=lambda item: -item[1]):
        if cost == 0:
            continue
        count, title = reckoning.counts[name], COST_TITLES[name]
        detail_en, detail_zh = details.get(name, _NOTHING)
        sentences.append(
            LocalizedText(
                f"{title.en}: {cost} ({cost / total:.0%} of the cost; {count} units).{detail_en}",
                f"{title.zh}：{cost}（占总代价 {cost / total:.0%}；{count} 个单位）。{detail_zh}",
            )
        )
    return tuple(sentences)


def count_lacking(instance: Instance, roster: Roster) -> Counter[tuple[str, str]]:
    """Nurses fewer than the best number, over all days, by (shift type, skill); those of 0 are left out."""
    staff = count_staff(roster)
    lacking: Counter[tuple[str, str]] = Counter()
    for day, shift, skill, limits in instance.list_requirements():
        fewer = limits.most - staff.get((day, shift, skill), 0)
        if fewer > 0:
            lacking[shift, skill] += fewer
    return lacking


def _scarcest(instance: Instance, roster: Roster) -> tuple[str, str]:
    lacking = count_lacking(instance, roster)
    if not lacking:
        return _NOTHING
    (shift, skill), count = min(lacking.items(), key=lambda item: (-item[1], item[0]))
    return (
        f" Most are lacking in {shift} · {skill}: {count} of {sum(lacking.values())}.",
        f"缺口最大的是 {shift} · {skill}：{sum(lacking.values())} 个缺口中占 {count} 个。",
    )


def _use_of_contracts(instance: Instance, roster: Roster) -> tuple[str, str]:
    contracts = {contract.name: contract for contract in instance.scenario.contracts}
    done = Counter(entry.nurse for entry in roster.assignments)
    over = short = 0
    for nurse, history in zip(instance.scenario.nurses, instance.history, strict=True):
        total, limits = history.assignments + done[nurse.name], contracts[nurse.contract].assignments
        over += max(0, total - limits.most)
        short += max(0, limits.least - total)
    return (
        f" {over} above what contracts allow, {short} below what they promise.",
        f"超出合同上限 {over} 班，低于合同下限 {short} 班。",
    )
