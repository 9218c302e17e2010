"""Instances with a little more of something: one more nurse, one more skill, one more weekend."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from salus.contracts.text import LocalizedText
from salus.planning.inrc2.binding import count_lacking
from salus.standards.inrc2.documents import Contract, Instance, Nurse, NurseHistory, Roster


@dataclass(frozen=True)
class Relief:
    """An instance that is a little easier than the one asked about.

    Attributes:
        name: Stable: `nurse`, `skill`, `weekend`.
        title: What is added, and where.
        instance: With it.
    """

    name: str
    title: LocalizedText
    instance: Instance


def list_reliefs(instance: Instance, roster: Roster) -> Iterator[Relief]:
    """One relief of each kind, where the roster is tightest."""
    lacking = count_lacking(instance, roster)
    scarce = min(lacking, key=lambda pair: (-lacking[pair], pair))[1] if lacking else instance.scenario.skills[0]
    fullest = max(instance.scenario.contracts, key=lambda contract: (contract.assignments.most, contract.name))
    yield _add_nurse(instance, scarce, fullest)
    learner = _find_learner(instance, scarce)
    if learner is not None:
        yield _add_skill(instance, scarce, learner)
    yield _add_weekend(instance)


def _add_nurse(instance: Instance, skill: str, contract: Contract) -> Relief:
    """A nurse on the fullest contract, with the skills of a colleague who has the scarce one, rested."""
    able = [nurse.skills for nurse in instance.scenario.nurses if skill in nurse.skills]
    skills = max(able, key=lambda names: (len(names), names), default=(skill,))
    names = {nurse.name for nurse in instance.scenario.nurses}
    name = next(f"more{index}" for index in range(len(names) + 1) if f"more{index}" not in names)
    rested = NurseHistory(name, 0, 0, None, 0, 0, contract.days_off.least)
    return Relief(
        "nurse",
        LocalizedText(
            f"one more nurse ({contract.name}: {', '.join(skills)})",
            f"增加一名护士（{contract.name}：{'、'.join(skills)}）",
        ),
        msgspec.structs.replace(
            instance,
            scenario=msgspec.structs.replace(
                instance.scenario, nurses=(*instance.scenario.nurses, Nurse(name, contract.name, skills))
            ),
            history=(*instance.history, rested),
        ),
    )


def _find_learner(instance: Instance, skill: str) -> Nurse | None:
    """Who of those without the skill may work most, the first of several."""
    most = {contract.name: contract.assignments.most for contract in instance.scenario.contracts}
    others = [nurse for nurse in instance.scenario.nurses if skill not in nurse.skills]
    return max(others, key=lambda nurse: most[nurse.contract], default=None)


def _add_skill(instance: Instance, skill: str, learner: Nurse) -> Relief:
    nurses = tuple(
        msgspec.structs.replace(nurse, skills=(*nurse.skills, skill)) if nurse == learner else nurse
        for nurse in instance.scenario.nurses
    )
    return Relief(
        "skill",
        LocalizedText(f"{learner.name} learns {skill}", f"{learner.name} 掌握技能 {skill}"),
        msgspec.structs.replace(instance, scenario=msgspec.structs.replace(instance.scenario, nurses=nurses)),
    )


def _add_weekend(instance: Instance) -> Relief:
    contracts = tuple(
        msgspec.structs.replace(contract, working_weekends=contract.working_weekends + 1)
        for contract in instance.scenario.contracts
    )
    return Relief(
        "weekend",
        LocalizedText("one more working weekend for every nurse", "每名护士增加一个工作周末"),
        msgspec.structs.replace(instance, scenario=msgspec.structs.replace(instance.scenario, contracts=contracts)),
    )
