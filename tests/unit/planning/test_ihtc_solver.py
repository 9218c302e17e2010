from __future__ import annotations

import itertools
import json

import msgspec
import pytest

from salus.contracts.errors import Conflict, InvalidInput
from salus.contracts.planning import Plan, PlanQuestion
from salus.planning.ihtc.evaluation import COSTS, evaluate
from salus.planning.ihtc.generation import make_instance
from salus.planning.ihtc.solver import IhtcSolver, make_solver
from salus.standards.ihtc2024 import Instance, read_instance, read_solution, write_instance

MOVES = 30_000


class Onlooker:
    """Keeps the news, and cancels after so many of them."""

    def __init__(self, *, patience: int = 1_000_000) -> None:
        self.news: list[tuple[float, Plan]] = []
        self.asked = 0
        self._patience = patience

    def improved(self, plan: Plan, *, elapsed_s: float) -> None:
        self.news.append((elapsed_s, plan))

    def cancelled(self) -> bool:
        self.asked += 1
        return self.asked >= self._patience


@pytest.fixture(scope="module")
def instance() -> Instance:
    return make_instance(7, rooms=4, patients=20)


@pytest.fixture(scope="module")
def plan(instance: Instance) -> Plan:
    return _solve(instance)


def _solve(instance: Instance, *, previous: Plan | None = None, keep: float = 0.0, moves: int = MOVES) -> Plan:
    question = PlanQuestion(
        instance=write_instance(instance),
        previous=None if previous is None else previous.solution,
        keep=keep,
        seed=3,
        iterations=moves,
    )
    return IhtcSolver().solve(question, Onlooker())


def test_a_plan_is_reckoned_by_the_plain_evaluator(instance: Instance, plan: Plan) -> None:
    reckoning = evaluate(instance, read_solution(plan.solution))
    assert plan.cost == reckoning.cost == sum(plan.costs.values())
    assert tuple(plan.costs) == COSTS
    assert plan.violations == {}
    assert plan.bound is not None
    assert plan.bound <= plan.cost
    assert (plan.seed, plan.iterations) == (3, MOVES)


def test_a_plan_can_be_drawn(instance: Instance, plan: Plan) -> None:
    charts = {chart.name: chart for chart in plan.charts}
    assert set(charts) == {"rooms", "theatres", "nurses"}
    admitted = sum(entry.admission_day != "none" for entry in read_solution(plan.solution).patients)
    assert len(charts["rooms"].bars) == admitted + len(instance.occupants)
    assert len(charts["theatres"].bars) == admitted
    for chart in plan.charts:
        assert {bar.row for bar in chart.bars} <= set(chart.rows)
        assert all(0 <= bar.start < bar.end <= chart.length for bar in chart.bars)
    load = charts["nurses"].load
    assert len(load) == len(instance.nurses)
    assert {len(row) for row in load} == {instance.days * len(instance.shift_types)}


def test_surgeries_of_a_theatre_follow_each_other(plan: Plan) -> None:
    theatres = next(chart for chart in plan.charts if chart.name == "theatres")
    for row in theatres.rows:
        bars = sorted((bar for bar in theatres.bars if bar.row == row), key=lambda bar: bar.start)
        assert bars[0].start == 0
        assert all(one.end == two.start for one, two in itertools.pairwise(bars))


def test_what_binds_is_told_in_the_order_of_its_cost(plan: Plan) -> None:
    costs = sorted((cost for cost in plan.costs.values() if cost), reverse=True)
    assert len(plan.binding) == len(costs)
    for sentence, cost in zip(plan.binding, costs, strict=True):
        assert f" {cost:.0f} (" in sentence.en


def test_reckoning_a_plan_gives_it_back_with_the_same_costs(instance: Instance, plan: Plan) -> None:
    again = IhtcSolver().reckon(write_instance(instance), plan.solution)
    assert (again.costs, again.violations, again.charts) == (plan.costs, plan.violations, plan.charts)
    assert again.solution == plan.solution


def test_reckoning_tells_what_is_broken(instance: Instance) -> None:
    plan = IhtcSolver().reckon(write_instance(instance), '{"patients": [], "nurses": []}')
    assert plan.violations["MandatoryUnscheduledPatients"] == sum(entry.mandatory for entry in instance.patients)
    assert 0 not in plan.violations.values()


def test_check_names_the_format_and_refuses_what_is_none(instance: Instance) -> None:
    solver = IhtcSolver()
    assert solver.check(write_instance(instance)) == "ihtc2024"
    with pytest.raises(InvalidInput):
        solver.check("{}")


def test_an_unchanged_plan_that_is_dear_to_change_stays(instance: Instance, plan: Plan) -> None:
    again = _solve(instance, previous=plan, keep=10_000)
    assert again.changes == ()
    assert again.cost == plan.cost


def test_a_late_cancellation_changes_little_and_is_told(instance: Instance, plan: Plan) -> None:
    admitted = next(entry.id for entry in read_solution(plan.solution).patients if entry.admission_day != "none")
    fewer = tuple(patient for patient in instance.patients if patient.id != admitted)
    repaired = _solve(msgspec.structs.replace(instance, patients=fewer), previous=plan, keep=1000)
    assert [change.subject for change in repaired.changes] == [admitted]
    assert repaired.changes[0].why.en == "no longer in the instance"


def test_an_emergency_is_admitted_and_told(instance: Instance, plan: Plan) -> None:
    emergency = msgspec.structs.replace(
        instance.patients[0], id="emergency", mandatory=True, surgery_release_day=1, surgery_due_day=2
    )
    more = msgspec.structs.replace(instance, patients=(*instance.patients, emergency))
    repaired = _solve(more, previous=plan, keep=20)
    placed = {entry.id: entry for entry in read_solution(repaired.solution).patients}
    assert placed["emergency"].admission_day in {1, 2}
    assert "was not in the previous plan" in {change.why.en for change in repaired.changes}
    assert all(change.why.en and change.why.zh for change in repaired.changes)


def test_a_nurse_who_falls_ill_hands_over(instance: Instance, plan: Plan) -> None:
    ill = next(
        (rounds.id, assignment)
        for rounds in read_solution(plan.solution).nurses
        for assignment in rounds.assignments
        if assignment.rooms
    )
    name, missed = ill
    rosters = tuple(
        msgspec.structs.replace(
            nurse,
            working_shifts=tuple(
                entry for entry in nurse.working_shifts if (entry.day, entry.shift) != (missed.day, missed.shift)
            ),
        )
        if nurse.id == name
        else nurse
        for nurse in instance.nurses
    )
    repaired = _solve(msgspec.structs.replace(instance, nurses=rosters), previous=plan, keep=1000)
    told = [change for change in repaired.changes if change.before == name]
    assert len(told) == len(missed.rooms)
    assert {change.why.en for change in told} == {"the nurse does not work this shift any more"}


def test_fewer_changes_are_made_the_dearer_they_are(instance: Instance, plan: Plan) -> None:
    fewer = msgspec.structs.replace(instance, patients=instance.patients[1:])
    changes = [len(_solve(fewer, previous=plan, keep=keep).changes) for keep in (0.0, 0.5, 500.0)]
    assert changes[0] >= changes[1] >= changes[2]


def test_a_hospital_without_a_place_for_somebody_is_a_conflict(instance: Instance) -> None:
    impossible = msgspec.structs.replace(instance.patients[0], mandatory=True, surgery_release_day=3, surgery_due_day=2)
    with pytest.raises(Conflict):
        _solve(msgspec.structs.replace(instance, patients=(impossible, *instance.patients[1:])), moves=2000)


def test_news_are_at_least_half_a_second_apart_and_ever_better(instance: Instance) -> None:
    onlooker, seconds = Onlooker(), iter(range(10_000))
    solver = IhtcSolver(clock=lambda: next(seconds) / 10)
    solver.solve(PlanQuestion(instance=write_instance(instance), time_limit_s=5.0), onlooker)
    times = [elapsed for elapsed, _ in onlooker.news]
    costs = [news.cost for _, news in onlooker.news]
    assert times
    assert all(later - earlier >= 0.5 for earlier, later in itertools.pairwise(times))
    assert costs == sorted(set(costs), reverse=True)


def test_who_cancels_gets_the_best_so_far(instance: Instance) -> None:
    onlooker = Onlooker(patience=5)
    plan = IhtcSolver().solve(PlanQuestion(instance=write_instance(instance), time_limit_s=600.0), onlooker)
    assert plan.violations == {}
    assert onlooker.asked == 5


def test_relief_never_costs_more(instance: Instance, plan: Plan) -> None:
    question = PlanQuestion(instance=write_instance(instance), iterations=MOVES, seed=1)
    answers = IhtcSolver().ask_what_if(question, plan, Onlooker())
    assert {answer.name for answer in answers} >= {"nurse", "theatre_hour", "bed"}
    assert all(answer.saved >= 0 and answer.cost <= plan.cost for answer in answers)
    assert [answer.saved for answer in answers] == sorted((answer.saved for answer in answers), reverse=True)


def test_settings_are_named_and_positive() -> None:
    make_solver({"hot": 10, "time_limit_s": 5})
    for settings in ({"heat": 1.0}, {"hot": 0}, {"hot": "much"}, {"hot": True}):
        with pytest.raises(InvalidInput):
            make_solver(settings)


@pytest.mark.parametrize("keep", [-1.0, float("nan"), float("inf")])
def test_a_change_cannot_cost_less_than_nothing(instance: Instance, plan: Plan, keep: float) -> None:
    with pytest.raises(InvalidInput):
        _solve(instance, previous=plan, keep=keep)


def test_an_instance_without_anybody_is_planned_at_once() -> None:
    nobody = msgspec.structs.replace(make_instance(1), patients=(), occupants=())
    plan = _solve(nobody, moves=500)
    assert plan.cost == 0


def test_documents_may_carry_more_than_is_read(instance: Instance) -> None:
    document = json.loads(write_instance(instance)) | {"remark": "made up"}
    assert read_instance(json.dumps(document)) == instance
