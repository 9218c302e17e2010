"""The second question: which roster of the nurses costs least? Its kit, its solver and its instances.

Problem and costs are those of the Second International Nurse Rostering Competition, all weeks known at once
(arXiv:1501.04177).
"""

from __future__ import annotations

from collections.abc import Mapping

from salus.contracts.packs import DataRequest, SolverKit
from salus.contracts.planning import CostTerm, Planning, Solver, planning_inputs, planning_outputs
from salus.contracts.predictors import Json
from salus.contracts.tasks import Goal, Task
from salus.contracts.tensors import Signature
from salus.contracts.text import LocalizedText

EXAMPLE_SEED = 2015
"""The made-up ward of the example; the competition's instances state no terms, so they do not travel."""

QUESTION = Planning(
    formats=("inrc2",),
    costs=(
        CostTerm(name="OptimalCoverage", title=LocalizedText("nurses fewer than the best number", "低于最佳人数")),
        CostTerm(name="ConsecutiveShifts", title=LocalizedText("runs of one shift type", "同班次连续天数")),
        CostTerm(name="ConsecutiveWorkingDays", title=LocalizedText("runs of working days", "连续工作天数")),
        CostTerm(name="ConsecutiveDaysOff", title=LocalizedText("runs of days off", "连续休息天数")),
        CostTerm(name="Preferences", title=LocalizedText("wishes that are not met", "未满足的意愿")),
        CostTerm(name="CompleteWeekends", title=LocalizedText("half weekends", "不完整周末")),
        CostTerm(name="TotalAssignments", title=LocalizedText("assignments beside the contract", "总班次超出合同范围")),
        CostTerm(name="TotalWorkingWeekends", title=LocalizedText("weekends beyond the contract", "工作周末超出合同")),
    ),
    time_limit_s=300.0,
)

TASK = Task(
    name="nurse_roster",
    title=LocalizedText("Which roster of these nurses costs least?", "这些护士怎样排班代价最低？"),
    question=QUESTION,
    signature=Signature(inputs=planning_inputs(), outputs=planning_outputs(QUESTION)),
    intended_use=LocalizedText(
        "A proposal for those who roster the nurses of a ward for some weeks, and its repair when somebody falls ill. "
        "A person reads it, changes it and answers for it.",
        "为负责病区护士数周排班的人员提供建议，并在有人缺勤时修复排班。由人员审阅、修改并负责。",
    ),
    limits=LocalizedText(
        "It knows what the instance says and nothing else: no law on working hours, no fairness between nurses, no "
        "leave that is granted (a wish may be passed over, at a cost). Costs are weights that somebody chose. It must "
        "not be imposed on nurses without their say.",
        "它只了解实例中的内容：不了解劳动法规、护士之间的公平性和已批准的休假（意愿可能以代价为由被忽略）。代价是人为设定的权重。"
        "不得在护士没有发言权的情况下强制执行。",
    ),
    goals=(
        Goal(measure="violations", at_most=0.0),
        Goal(measure="solved", at_least=0.75),
        Goal(measure="gap", at_most=0.5),
    ),
)


def make_solver(settings: Mapping[str, Json]) -> Solver:
    """Simulated annealing over all weeks at once. Raises InvalidInput for an unknown setting."""
    from salus.planning.inrc2.solver import make_solver as make

    return make(settings)


def read_instances(request: DataRequest) -> Mapping[str, tuple[str, float | None]]:
    """The competition's instances with the best cost published in 2017. Raises DataUnavailable."""
    from salus.data.sets.inrc2 import read_instances as read

    return read(request)


def make_example() -> str:
    """Two weeks of a made-up ward of eight nurses."""
    from salus.planning.inrc2.generation import make_instance
    from salus.standards.inrc2.writing import write_instance

    return write_instance(make_instance(EXAMPLE_SEED))


ROSTERING = SolverKit(
    task=TASK,
    solver=make_solver,
    read_instances=read_instances,
    dataset="inrc2",
    example=make_example,
    trial_iterations=40_000_000,
    prepare=False,
)
