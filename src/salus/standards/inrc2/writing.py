"""Writes INRC-II instances and rosters, in the layout of the competition's own files (arXiv:1501.04177, section 4)."""

from __future__ import annotations

import msgspec

from salus.standards.inrc2.documents import DAYS, Instance, Limits, NurseHistory, Roster, Scenario, Week
from salus.standards.inrc2.reading import InstanceDocument, RosterDocument


def write_instance(instance: Instance) -> str:
    """The instance as one JSON document of official texts."""
    return pack_instance(
        write_scenario(instance.scenario),
        write_history(instance.scenario, instance.first_week, instance.history),
        tuple(write_week(instance.scenario, week) for week in instance.weeks),
    )


def pack_instance(scenario: str, history: str, weeks: tuple[str, ...]) -> str:
    """One JSON document that holds official texts, unchanged and unread."""
    return _format(InstanceDocument(format="inrc2", scenario=scenario, history=history, weeks=weeks))


def pack_roster(weeks: tuple[str, ...]) -> str:
    """One JSON document that holds official solution texts, unchanged and unread."""
    return _format(RosterDocument(format="inrc2", weeks=weeks))


def write_roster(roster: Roster, instance: Instance) -> str:
    """The roster as one JSON document of official texts, by nurse (in the scenario's order) and day."""
    order = {nurse.name: index for index, nurse in enumerate(instance.scenario.nurses)}
    texts = []
    for week in range(len(instance.weeks)):
        entries = sorted(
            (entry for entry in roster.assignments if entry.day // len(DAYS) == week),
            key=lambda entry: (order[entry.nurse], entry.day),
        )
        lines = [f"{entry.nurse} {DAYS[entry.day % len(DAYS)]} {entry.shift} {entry.skill}" for entry in entries]
        head = ["SOLUTION", f"{instance.first_week + week} {instance.scenario.name}", ""]
        texts.append(_join([*head, f"ASSIGNMENTS = {len(lines)}", *lines]))
    return pack_roster(tuple(texts))


def write_scenario(scenario: Scenario) -> str:
    """The text of a scenario."""
    after = {shift.name: [b for a, b in scenario.forbidden if a == shift.name] for shift in scenario.shift_types}
    return _join(
        [
            f"SCENARIO = {scenario.name}",
            "",
            f"WEEKS = {scenario.weeks}",
            "",
            f"SKILLS = {len(scenario.skills)}",
            *scenario.skills,
            "",
            f"SHIFT_TYPES = {len(scenario.shift_types)}",
            *(f"{shift.name} {_limits(shift.consecutive)}" for shift in scenario.shift_types),
            "",
            "FORBIDDEN_SHIFT_TYPES_SUCCESSIONS",
            *(" ".join([name, str(len(names)), *names]) for name, names in after.items()),
            "",
            f"CONTRACTS = {len(scenario.contracts)}",
            *(
                f"{contract.name} {_limits(contract.assignments)} {_limits(contract.working_days)} "
                f"{_limits(contract.days_off)} {contract.working_weekends} {int(contract.complete_weekends)}"
                for contract in scenario.contracts
            ),
            "",
            f"NURSES = {len(scenario.nurses)}",
            *(
                " ".join([nurse.name, nurse.contract, str(len(nurse.skills)), *nurse.skills])
                for nurse in scenario.nurses
            ),
        ]
    )


def write_history(scenario: Scenario, week: int, history: tuple[NurseHistory, ...]) -> str:
    """The text of a history."""
    lines = [
        f"{entry.nurse} {entry.assignments} {entry.working_weekends} {entry.last_shift or 'None'} "
        f"{entry.consecutive_assignments} {entry.consecutive_working_days} {entry.consecutive_days_off}"
        for entry in history
    ]
    return _join(["HISTORY", f"{week} {scenario.name}", "", "NURSE_HISTORY", *lines])


def write_week(scenario: Scenario, week: Week) -> str:
    """The text of a week's data."""
    return _join(
        [
            "WEEK_DATA",
            scenario.name,
            "",
            "REQUIREMENTS",
            *(
                " ".join([entry.shift, entry.skill, *(_limits(limits) for limits in entry.by_day)])
                for entry in week.requirements
            ),
            "",
            f"SHIFT_OFF_REQUESTS = {len(week.requests)}",
            *(f"{entry.nurse} {entry.shift or 'Any'} {DAYS[entry.day]}" for entry in week.requests),
        ]
    )


def _limits(limits: Limits) -> str:
    return f"({limits.least},{limits.most})"


def _join(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"


def _format(document: InstanceDocument | RosterDocument) -> str:
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode()
