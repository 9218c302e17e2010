"""What keeps the cost from falling, in words."""

from __future__ import annotations

from salus.contracts.text import LocalizedText
from salus.planning.ihtc.evaluation import Reckoning
from salus.planning.ihtc.tightness import Obstacle, Tightness
from salus.standards.ihtc2024 import Instance

COST_TITLES = {
    "RoomAgeMix": LocalizedText("age groups mixed in a room", "病房年龄混住"),
    "RoomSkillLevel": LocalizedText("nurses less skilled than needed", "护士技能不足"),
    "ContinuityOfCare": LocalizedText("different nurses per patient", "护理连续性"),
    "ExcessiveNurseWorkload": LocalizedText("nurses' excessive workload", "护士超负荷"),
    "OpenOperatingTheater": LocalizedText("open theatres", "开放手术室"),
    "SurgeonTransfer": LocalizedText("surgeons between theatres", "外科医生转台"),
    "PatientDelay": LocalizedText("days of waiting", "入院延迟"),
    "ElectiveUnscheduledPatients": LocalizedText("patients left for later", "未安排的择期患者"),
}
"""The soft constraints in words, by the competition's names."""

_OBSTACLES: dict[Obstacle, LocalizedText] = {
    "surgeon": LocalizedText("the surgeon's minutes", "外科医生时间"),
    "theater": LocalizedText("theatre minutes", "手术室时间"),
    "room": LocalizedText("a bed in a fitting room", "合适病房的床位"),
}

_NOTHING = ("", "")


def explain_binding(instance: Instance, reckoning: Reckoning, tightness: Tightness) -> tuple[LocalizedText, ...]:
    """One sentence a soft constraint that costs something, the most costly first.

    It says how much of the cost it is and what it runs up against; it does not claim that easing it would save as much
    (`Solver.ask_what_if` tries that).
    """
    details = {
        "ElectiveUnscheduledPatients": _waiting(tightness),
        "PatientDelay": _used(tightness),
        "ExcessiveNurseWorkload": _overload(tightness),
        "OpenOperatingTheater": _open_theaters(instance, tightness),
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


def _waiting(tightness: Tightness) -> tuple[str, str]:
    total = sum(tightness.obstacles.values())
    if total == 0:
        return _NOTHING
    ranked = sorted(tightness.obstacles.items(), key=lambda item: -item[1])
    english = ", ".join(f"{_OBSTACLES[name].en} on {count / total:.0%}" for name, count in ranked)
    chinese = "、".join(f"{_OBSTACLES[name].zh} {count / total:.0%}" for name, count in ranked)
    return (
        f" Of the days on which they might come, what is missing first: {english}.",
        f"在其可入院的日子里，首先缺少的是：{chinese}。",
    )


def _used(tightness: Tightness) -> tuple[str, str]:
    return (
        f" Used: {tightness.beds:.0%} of the bed-days, {tightness.surgeon_minutes:.0%} of the surgeons' minutes.",
        f"已用床日 {tightness.beds:.0%}，外科医生时间 {tightness.surgeon_minutes:.0%}。",
    )


def _overload(tightness: Tightness) -> tuple[str, str]:
    if not tightness.overload:
        return _NOTHING
    day, shift = max(tightness.overload, key=lambda key: (tightness.overload[key], -key[0]))
    most = tightness.overload[day, shift]
    return (
        f" The tightest shift is {shift} of day {day}, {most} above what its nurses can bear.",
        f"最紧张的班次为第 {day} 天 {shift}，超出可承受量 {most}。",
    )


def _open_theaters(instance: Instance, tightness: Tightness) -> tuple[str, str]:
    available = {theater.id: theater.availability for theater in instance.operating_theaters}
    minutes = sum(available[theater][day] for theater, day in tightness.minutes_used)
    share = sum(tightness.minutes_used.values()) / max(1, minutes)
    return (f" Open theatres are used to {share:.0%}.", f"开放手术室的利用率为 {share:.0%}。")
