"""Plans behind one door, as jobs and outside of them."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from salus.contracts.batches import Array
from salus.contracts.datasets import DatasetSource, QualityReport
from salus.contracts.errors import (
    InvalidInput,
    MissingDependency,
    NotFound,
    Overloaded,
    PackageRejected,
    ServiceUnavailable,
)
from salus.contracts.packages import Lineage, ModelPackage
from salus.contracts.packs import Pack
from salus.contracts.planning import Plan, PlanQuestion, Solver, Watch, WhatIf, planning_outputs
from salus.contracts.reports import EvaluationReport
from salus.contracts.text import LocalizedText
from salus.modelpackage.selftest import self_test
from salus.modelpackage.solver_files import SolverFile
from salus.modelpackage.writing import write_package
from salus.serving.solver_backend import KEEP, SolverBackend, SolverPredictor
from salus.serving.solver_pool import LongWork, SolverPool, watching
from salus.serving.solver_process_keeper import Unwatched
from salus.testing.batches import require_signature
from salus.testing.one_machine import OneMachineSolver, make_one_machine_kit, order_by_smith
from salus.workflows.build_solver import SolverBuildRequest, draft_solver

KIT = make_one_machine_kit()
PACK = Pack(name="errands", title=LocalizedText("Errands", "差事"), kits=(KIT,))
SERVICE = "errands.order"


@pytest.fixture
def planner_package(tmp_path: Path) -> ModelPackage:
    source = DatasetSource(name="m", title=LocalizedText("m", "m"), url="", licence="CC0-1.0", citation="")
    lineage = Lineage(
        dataset=source,
        dataset_digest="0" * 64,
        samples={},
        code="t",
        pack="errands",
        estimator="solver",
        seed=0,
        recipe={},
    )
    draft = draft_solver(
        SolverBuildRequest(pack=PACK, kit=KIT),
        OneMachineSolver(),
        version="1",
        lineage=lineage,
        quality=QualityReport(dataset="m", digest="0" * 64, samples={}, balance={}, findings=()),
        report=EvaluationReport(part="validation", samples=3, measures=()),
    )
    return write_package(draft, tmp_path / "planner", signer=None)


class FakeSolver:
    """Waits until it is let go or stopped; answers with the question's own numbers."""

    def __init__(self) -> None:
        import threading

        self.asked: list[PlanQuestion] = []
        self.gate = threading.Event()
        self.stopped = 0
        self.cost = 5.0

    def check(self, instance: str) -> str:
        return "fake"

    def solve(self, question: PlanQuestion, watch: Watch) -> Plan:
        self.asked.append(question)
        watch.improved(Plan(solution="s", cost=9.0, costs={}, violations={}), elapsed_s=0.0)
        while not self.gate.wait(0.01):
            if watch.cancelled():
                self.stopped += 1
                break
        return Plan(solution="s", cost=self.cost, costs={"Waiting": self.cost}, violations={"Overlap": 2})

    def reckon(self, instance: str, solution: str) -> Plan:
        raise NotImplementedError

    def ask_what_if(self, question: PlanQuestion, plan: Plan, watch: Watch) -> tuple[WhatIf, ...]:
        title = LocalizedText("one more nurse", "多一名护士")
        return (WhatIf(name="nurse", title=title, cost=plan.cost - 1, saved=1.0),)


def _predictor(solver: Solver) -> SolverPredictor:
    file = SolverFile(pack="errands", task="order", settings={}, example_iterations=100)
    return SolverPredictor(
        solver=solver, question=KIT.question, threads=2, file=file, example=("the example", "", 10.0, 0)
    )


def _batch(**changes: Any) -> dict[str, Array]:
    row: Mapping[str, Any] = {"instance": b"i", "previous": b"", "time_limit_s": 2.0, "seed": 7, **changes}
    texts = {name: np.array([row[name]], dtype=object) for name in ("instance", "previous")}
    limit, seed = np.array([row["time_limit_s"]], np.float32), np.array([row["seed"]], np.int64)
    return {**texts, "time_limit_s": limit, "seed": seed}


async def _turn(fits: Any) -> None:
    for _ in range(1000):
        if fits():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it does not come there")


def test_a_package_is_planned_by_the_installed_packs_solver(planner_package: ModelPackage) -> None:
    backend = SolverBackend({SERVICE: KIT})
    predictor = backend.load(planner_package)
    self_test(planner_package, predictor)
    inputs = _batch(instance=KIT.example().encode(), seed=3)
    outputs = predictor.predict(inputs)
    specs = {spec.name: spec for spec in planning_outputs(KIT.question)}
    require_signature(outputs, specs, samples=1, law="the outputs of a plan")
    assert outputs["cost"].tolist() == [order_by_smith(KIT.example())]
    assert json.loads(outputs["plan"][0])["solution"].encode() == outputs["solution"][0]
    with pytest.raises(NotFound):
        backend.load(planner_package, variant="float32")
    with pytest.raises(MissingDependency, match="errands"):
        SolverBackend({}).load(planner_package)
    with pytest.raises(MissingDependency):
        backend.load(planner_package, device="cuda")


def test_what_one_thing_more_would_save_is_told_where_it_is_asked_for() -> None:
    solver = FakeSolver()
    solver.gate.set()
    predictor = _predictor(solver)
    question = predictor.read(_batch(), 0)
    assert predictor.solve(question, Unwatched()).what_if == ()
    told = predictor.solve(question, Unwatched(), explain=True).what_if
    assert [(entry.name, entry.saved) for entry in told] == [("nurse", 1.0)]


def test_a_package_that_does_not_plan_is_refused(package: ModelPackage) -> None:
    with pytest.raises(PackageRejected):
        SolverBackend({}).load(package)


def test_rows_are_read_as_questions() -> None:
    predictor = _predictor(FakeSolver())
    plain = predictor.read(_batch(), 0)
    assert plain == PlanQuestion(instance="i", time_limit_s=2.0, seed=7, threads=2)
    repair = predictor.read(_batch(previous=b"p"), 0)
    assert (repair.previous, repair.keep) == ("p", KEEP)
    example = predictor.read(_batch(instance=b"the example", time_limit_s=10.0, seed=0), 0)
    assert (example.iterations, example.threads) == (100, 1)
    assert predictor.read(_batch(instance=b"the example", time_limit_s=10.0, seed=1), 0).iterations is None


def test_costs_and_violations_are_written_in_the_order_of_the_question() -> None:
    plan = Plan(solution="s", cost=4.0, costs={"Waiting": 4.0}, violations={"A": 1, "B": 2})
    outputs = _predictor(FakeSolver()).write([plan])
    assert (outputs["costs"].tolist(), outputs["violations"].tolist()) == ([[4.0]], [3])


async def test_only_so_many_plan_at_a_time_and_wait() -> None:
    solver = FakeSolver()
    pool = SolverPool(_predictor(solver), processes=1, max_waiting=1)
    asked = [asyncio.create_task(pool.submit(_batch(seed=seed))) for seed in (1, 2)]
    await _turn(lambda: len(solver.asked) == 1)
    with pytest.raises(Overloaded):
        await pool.submit(_batch())
    solver.gate.set()
    answers = await asyncio.gather(*asked)
    assert [answer["cost"].tolist() for answer in answers] == [[5.0], [5.0]]
    await pool.close()
    await pool.close()
    with pytest.raises(ServiceUnavailable):
        await pool.submit(_batch())


async def test_what_may_take_long_is_answered_as_a_job_alone() -> None:
    solver = FakeSolver()
    solver.gate.set()
    pool = SolverPool(_predictor(solver), synchronous_s=3.0)
    with pytest.raises(InvalidInput, match="jobs"):
        await pool.submit(_batch(time_limit_s=3.5))
    with watching(LongWork(watch=Seen())):
        await pool.submit(_batch(time_limit_s=3.5))
    with pytest.raises(InvalidInput):
        await pool.submit(_batch(time_limit_s=3.5))
    await pool.submit(_batch(time_limit_s=3.0))
    await pool.close()


async def test_a_solver_that_nobody_waits_for_is_stopped() -> None:
    solver = FakeSolver()
    pool = SolverPool(_predictor(solver))
    asked = asyncio.create_task(pool.submit(_batch()))
    await _turn(lambda: bool(solver.asked))
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert solver.stopped == 1
    solver.gate.set()
    await pool.submit(_batch())
    await pool.close()


class Seen:
    """Looks on."""

    def __init__(self, *, stop: bool = False) -> None:
        self.plans: list[float] = []
        self.stop = stop

    def improved(self, plan: Plan, *, elapsed_s: float) -> None:
        self.plans.append(plan.cost)

    def cancelled(self) -> bool:
        return self.stop


async def _go_on(start: Plan | None, *, spent_s: float, **changes: Any) -> tuple[FakeSolver, Plan]:
    import msgspec

    solver = FakeSolver()
    solver.gate.set()
    pool = SolverPool(_predictor(solver))
    with watching(LongWork(watch=Seen(), start=start, spent_s=spent_s)):
        outputs = await pool.submit(_batch(**{"time_limit_s": 100.0, **changes}))
    await pool.close()
    return solver, msgspec.json.decode(outputs["plan"][0], type=Plan)


async def test_work_that_broke_off_goes_on_from_its_best_plan_for_the_time_that_is_left() -> None:
    start = Plan(solution="best", cost=6.0, costs={}, violations={})
    solver, plan = await _go_on(start, spent_s=70.0)
    (asked,) = solver.asked
    assert (asked.previous, asked.keep, asked.time_limit_s) == ("best", 0.0, 30.0)
    assert plan.cost == 5.0
    solver, _ = await _go_on(start, spent_s=1000.0)
    assert solver.asked[0].time_limit_s == 1.0


async def test_work_that_finds_nothing_better_keeps_what_it_had() -> None:
    start = Plan(solution="best", cost=4.0, costs={}, violations={})
    _, plan = await _go_on(start, spent_s=10.0)
    assert plan == start


async def test_a_repair_goes_on_from_the_plan_that_is_to_be_kept() -> None:
    start = Plan(solution="best", cost=6.0, costs={}, violations={})
    solver, _ = await _go_on(start, spent_s=10.0, previous=b"yesterday")
    assert (solver.asked[0].previous, solver.asked[0].keep) == ("yesterday", KEEP)
