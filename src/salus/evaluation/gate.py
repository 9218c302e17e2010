"""The release gate: a goal is met when the worse bound of its measure's interval reaches it."""

from __future__ import annotations

from collections.abc import Iterable

from salus.contracts.reports import EvaluationReport, UnmetGoal
from salus.contracts.tasks import Goal


def find_unmet_goals(report: EvaluationReport, goals: Iterable[Goal]) -> tuple[UnmetGoal, ...]:
    """The goals that `report` does not meet, in their order.

    `at_least` looks at the lower bound and `at_most` at the upper one. A measure that is missing, has no value or has
    no interval is unmet: what was not measured is not good.
    """
    return tuple(unmet for goal in goals if (unmet := _judge(report, goal)) is not None)


def _judge(report: EvaluationReport, goal: Goal) -> UnmetGoal | None:
    name = goal.measure if goal.subgroup is None else f"{goal.measure} of {goal.subgroup}"
    asked, end = _in_words(goal)
    found = report.measure(goal.measure, goal.subgroup)
    if found is None:
        return UnmetGoal(name, asked, f"not measured on {report.part}")
    if found.value is None or found.interval is None:
        return UnmetGoal(name, asked, f"not defined on {found.samples} samples of {report.part}")
    if goal.at_least is not None and found.interval.low >= goal.at_least:
        return None
    if goal.at_most is not None and found.interval.high <= goal.at_most:
        return None
    bound = found.interval.low if goal.at_least is not None else found.interval.high
    return UnmetGoal(name, asked, f"{end} bound {bound:.4f} (value {found.value:.4f}) on {report.part}")


def _in_words(goal: Goal) -> tuple[str, str]:
    if goal.at_least is not None:
        return f"lower bound at least {goal.at_least:g}", "lower"
    return f"upper bound at most {goal.at_most:g}", "upper"
