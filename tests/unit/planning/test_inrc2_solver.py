from __future__ import annotations

import json

import msgspec
import pytest

from salus.contracts.errors import Conflict, InvalidInput
from salus.contracts.planning import Plan, PlanQuestion
from salus.planning.inrc2.evaluation import COSTS, evaluate
from salus.planning.inrc2.generation import make_instance
from salus.planning.inrc2.solver import Inrc2Solver, make_solver
from salus.standards.inrc2.documents import Instance, Limits
from salus.standards.inrc2.reading import read_instance, read_roster
from salus.standards.inrc2.writing import write_instance
from salus_packs.hospital_scheduling.rostering import QUESTION, ROSTERING

_MOVES = 40_000


class _Spectator:
    """Keeps the news, and cancels after so many questions."""

    def __init__(self, *, patience: int = 1_000_000) -> None:
        self.news: list[tuple[float, Plan]] = []
        self._left = patience

    def improved(self, plan: Plan, *, elapsed_s: float) -> None:
        self.news.append((elapsed_s, plan))

    def cancelled(self) -> bool:
        self._left -= 1
        return self._left <= 0


@pytest.fixture(scope="module")
def instance() -> Instance:
    return make_instance(7)


@pytest.fixture(scope="module")
def plan(instance: Instance) -> Plan:
    return _solve(instance)


def _ask(instance: Instance, *, previous: Plan | None = None, keep: float = 0.0, moves: int = _MOVES) -> PlanQuestion:
    solution = None if previous is None else previous.solution
    return PlanQuestion(instance=write_instance(instance), previous=solution, keep=keep, seed=3, iterations=moves)


def _solve(instance: Instance, *, previous: Plan | None = None, keep: float = 0.0) -> Plan:
    return Inrc2Solver().solve(_ask(instance, previous=previous, keep=keep), _Spectator())


def test_a_plan_is_reckoned_up_by_the_plain_evaluator(instance: Instance, plan: Plan) -> None:
    reckoning = evaluate(instance, read_roster(plan.solution))
    assert plan.cost == reckoning.cost == sum(plan.costs.values())
    assert tuple(plan.costs) == COSTS == tuple(term.name for term in QUESTION.costs)
    assert plan.violations == {}
    assert plan.bound is not None
    assert plan.bound <= plan.cost
    assert (plan.seed, plan.iterations) == (3, _MOVES)


def test_a_plan_of_so_many_moves_is_the_same_each_time(instance: Instance, plan: Plan) -> None:
    assert _solve(instance) == plan


def test_reckoning_a_plan_gives_the_plan(instance: Instance, plan: Plan) -> None:
    reckoned = Inrc2Solver().reckon(write_instance(instance), plan.solution)
    assert reckoned == msgspec.structs.replace(plan, seed=0, iterations=0)


def test_each_assignment_is_drawn_once(instance: Instance, plan: Plan) -> None:
    charts = {chart.name: chart for chart in plan.charts}
    assert set(charts) == {"nurses", "cover"}
    roster = read_roster(plan.solution)
    assert sum(bar.end - bar.start for bar in charts["nurses"].bars) == len(roster.assignments)
    assert {bar.row for bar in charts["nurses"].bars} <= set(charts["nurses"].rows)
    assert len(charts["cover"].load) == len(charts["cover"].rows)
    assert {len(row) for row in charts["cover"].load} == {instance.days}


def test_what_binds_is_told_by_its_cost(plan: Plan) -> None:
    costs = sorted((cost for cost in plan.costs.values() if cost), reverse=True)
    told = [int(text.en.split(": ")[1].split(" ")[0]) for text in plan.binding]
    assert told == costs


def test_news_only_get_better(instance: Instance) -> None:
    spectator = _Spectator()
    Inrc2Solver().solve(_ask(instance), spectator)
    costs = [plan.cost for _, plan in spectator.news]
    assert costs
    assert costs == sorted(costs, reverse=True)


def test_a_cancelled_search_answers_with_the_best_so_far(instance: Instance) -> None:
    plan = Inrc2Solver().solve(_ask(instance, moves=50_000_000), _Spectator(patience=3))
    assert plan.violations == {}
    assert plan.iterations < 50_000_000


def test_a_nurse_who_falls_ill_is_replaced_with_few_changes(instance: Instance, plan: Plan) -> None:
    ill = instance.scenario.nurses[4].name
    without = _without(instance, ill)
    repaired = _solve(without, previous=plan, keep=20.0)
    anew = _solve(without)
    assert repaired.violations == {}
    assert repaired.changes[-1].subject == ill
    assert len(repaired.changes) - 1 < _count_differing(plan, anew, ill)
    moved = {change.subject.split(" · ")[0] for change in repaired.changes}
    assert moved <= {nurse.name for nurse in instance.scenario.nurses}
    assert all(change.why.en and change.why.zh for change in repaired.changes)


def test_nothing_is_told_to_have_changed_where_nothing_has(instance: Instance, plan: Plan) -> None:
    assert _solve(instance, previous=plan, keep=1e5).changes == ()


def test_what_if_tells_of_a_nurse_a_skill_and_a_weekend(instance: Instance, plan: Plan) -> None:
    answers = Inrc2Solver().ask_what_if(_ask(instance, moves=200_000), plan, _Spectator())
    assert {answer.name for answer in answers} == {"nurse", "skill", "weekend"}
    assert [answer.saved for answer in answers] == sorted((answer.saved for answer in answers), reverse=True)
    assert all(answer.saved >= 0 for answer in answers)


def test_a_ward_that_cannot_be_staffed_is_a_conflict(instance: Instance) -> None:
    week = instance.weeks[0]
    greedy = tuple(
        msgspec.structs.replace(entry, by_day=tuple(Limits(9, 9) for _ in entry.by_day)) for entry in week.requirements
    )
    weeks = (msgspec.structs.replace(week, requirements=greedy), *instance.weeks[1:])
    with pytest.raises(Conflict):
        _solve(msgspec.structs.replace(instance, weeks=weeks))


def test_what_cannot_be_read_is_refused(instance: Instance) -> None:
    solver = Inrc2Solver()
    assert solver.check(write_instance(instance)) == "inrc2"
    with pytest.raises(InvalidInput):
        solver.check("{}")
    with pytest.raises(InvalidInput):
        solver.reckon(write_instance(instance), "{}")
    with pytest.raises(InvalidInput):
        solver.solve(_ask(instance, keep=-1.0), _Spectator())


def test_settings_are_given_by_name() -> None:
    make_solver({"hot": 10.0, "time_limit_s": 5})
    for settings in ({"heat": 1.0}, {"hot": 0.0}, {"hot": True}, {"hot": "warm"}):
        with pytest.raises(InvalidInput):
            make_solver(settings)


def test_the_kits_example_can_be_planned() -> None:
    example = ROSTERING.example()
    assert ROSTERING.solver({}).check(example) == "inrc2"
    plan = ROSTERING.solver({}).solve(PlanQuestion(instance=example, iterations=_MOVES), _Spectator())
    assert plan.violations == {}
    assert json.loads(plan.solution)["format"] == "inrc2"
    assert read_instance(example).days == 14


def _without(instance: Instance, name: str) -> Instance:
    nurses = tuple(nurse for nurse in instance.scenario.nurses if nurse.name != name)
    weeks = tuple(
        msgspec.structs.replace(week, requests=tuple(entry for entry in week.requests if entry.nurse != name))
        for week in instance.weeks
    )
    return msgspec.structs.replace(
        instance,
        scenario=msgspec.structs.replace(instance.scenario, nurses=nurses),
        history=tuple(entry for entry in instance.history if entry.nurse != name),
        weeks=weeks,
    )


def _count_differing(before: Plan, after: Plan, ill: str) -> int:
    old = {entry for entry in read_roster(before.solution).assignments if entry.nurse != ill}
    new = set(read_roster(after.solution).assignments)
    return len({(entry.nurse, entry.day) for entry in old ^ new})
