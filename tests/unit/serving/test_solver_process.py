"""What a solver does in its own process harms nobody else."""

import io
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from salus.contracts.errors import Conflict, DeadlineExceeded, InvalidInput, ServiceUnavailable
from salus.contracts.planning import Plan, PlanQuestion
from salus.serving.solver_process import Ready, Stop, read_message, write_message
from salus.serving.solver_process_keeper import IsolatedSolver, SolverLimits, Unwatched, name_factory
from salus.testing.one_machine import OneMachineSolver, make_one_machine_kit, make_one_machine_solver, order_by_smith

KIT = make_one_machine_kit()
_MISBEHAVING = """
import ctypes, os, time
from salus.contracts.errors import Conflict
from salus.contracts.planning import Plan

class Misbehaving:
    def __init__(self, way):
        self.way = way

    def solve(self, question, watch):
        print("noise on standard output")
        watch.improved(Plan(solution="first", cost=3.0, costs={}, violations={}), elapsed_s=0.0)
        time.sleep(0.5)
        if self.way == "crash":
            ctypes.string_at(0)
        if self.way == "leave":
            os._exit(7)
        if self.way == "defect":
            raise RuntimeError("the patient's name")
        if self.way == "conflict":
            raise Conflict("a plan", found="none", remedy="Give it more time.")
        while True:  # listens to nobody
            time.sleep(0.05)

def make(settings):
    if settings["way"] == "never":
        time.sleep(3600)
    return Misbehaving(settings["way"])
"""
_LIMITS = SolverLimits(start_s=30.0, grace_s=0.3, longest_s=30.0)
Make = Callable[..., IsolatedSolver]


@pytest.fixture
def misbehaving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    (tmp_path / "misbehaving_solver.py").write_text(_MISBEHAVING)
    monkeypatch.syspath_prepend(str(tmp_path))
    return lambda way, limits=_LIMITS: IsolatedSolver("misbehaving_solver:make", {"way": way}, limits=limits)


class _Looker:
    def __init__(self, *, stop_after: int | None = None) -> None:
        self.plans: list[Plan] = []
        self._stop_after = stop_after

    def improved(self, plan: Plan, *, elapsed_s: float) -> None:
        self.plans.append(plan)

    def cancelled(self) -> bool:
        return self._stop_after is not None and len(self.plans) >= self._stop_after


def _ask(**changes: object) -> PlanQuestion:
    return PlanQuestion(**{"instance": KIT.example(), "time_limit_s": 1.0, **changes})  # type: ignore[arg-type]


def test_the_answer_is_that_of_the_solver_in_this_process() -> None:
    isolated, plain = IsolatedSolver(name_factory(KIT.solver), {}), OneMachineSolver()
    question = _ask(iterations=300, time_limit_s=None, seed=4)
    plan = isolated.solve(question, Unwatched())
    assert plan == plain.solve(question, Unwatched())
    assert isolated.check(KIT.example()) == plain.check(KIT.example())
    assert isolated.reckon(KIT.example(), plan.solution) == plain.reckon(KIT.example(), plan.solution)
    assert isolated.ask_what_if(question, plan, Unwatched()) == plain.ask_what_if(question, plan, Unwatched())


def test_better_plans_are_told_while_it_works_and_the_last_is_the_answer() -> None:
    looker = _Looker()
    plan = IsolatedSolver(name_factory(KIT.solver), {"pause_s": 0.1}).solve(_ask(), looker)
    costs = [each.cost for each in looker.plans]
    assert costs
    assert costs == sorted(costs, reverse=True)
    assert plan.cost == order_by_smith(KIT.example())


def test_a_stopped_solver_answers_with_the_best_plan_so_far() -> None:
    began = time.monotonic()
    plan = IsolatedSolver(name_factory(KIT.solver), {"pause_s": 0.1}).solve(
        _ask(time_limit_s=600.0), _Looker(stop_after=1)
    )
    assert plan.charts
    assert time.monotonic() - began < 300


@pytest.mark.parametrize("way", ["crash", "leave"])
def test_a_solver_that_ends_its_process_is_told_and_harms_nobody(misbehaving: Make, way: str) -> None:
    with pytest.raises(ServiceUnavailable, match="ended by itself"):
        misbehaving(way).solve(_ask(), Unwatched())


def test_a_solver_that_listens_to_nobody_is_ended_and_its_best_plan_kept(misbehaving: Make) -> None:
    assert misbehaving("endless").solve(_ask(time_limit_s=0.1), Unwatched()).solution == "first"
    assert misbehaving("endless").solve(_ask(time_limit_s=600.0), _Looker(stop_after=1)).solution == "first"


def test_a_solver_that_never_begins_is_ended(misbehaving: Make) -> None:
    with pytest.raises(DeadlineExceeded):
        misbehaving("never", SolverLimits(start_s=1.0, grace_s=0.1)).solve(_ask(), Unwatched())


def test_a_defect_is_told_by_its_place_without_its_text(misbehaving: Make) -> None:
    with pytest.raises(ServiceUnavailable, match=r"RuntimeError.*misbehaving_solver.py") as error:
        misbehaving("defect").solve(_ask(), Unwatched())
    assert "patient" not in str(error.value)


def test_an_error_raised_on_purpose_comes_through_as_it_is(misbehaving: Make) -> None:
    with pytest.raises(Conflict, match="more time"):
        misbehaving("conflict").solve(_ask(), Unwatched())
    with pytest.raises(InvalidInput, match="errands"):
        IsolatedSolver(name_factory(KIT.solver), {}).check("{}")
    with pytest.raises(InvalidInput, match="pause_s"):
        IsolatedSolver(name_factory(KIT.solver), {"speed": 2}).check(KIT.example())


def test_a_factory_that_no_other_process_finds_is_refused() -> None:
    assert name_factory(make_one_machine_solver) == "salus.testing.one_machine:make_one_machine_solver"
    for factory in (lambda settings: None, _Looker().improved):
        with pytest.raises(InvalidInput, match="plain function"):
            name_factory(factory)


def test_messages_come_back_as_they_were_written_and_half_ones_are_none() -> None:
    stream = io.BytesIO()
    write_message(stream, Stop())
    write_message(stream, Ready())
    whole = stream.getvalue()
    stream.seek(0)
    assert msgspec.json.decode(read_message(stream) or b"", type=Stop) == Stop()
    assert msgspec.json.decode(read_message(stream) or b"", type=Ready) == Ready()
    assert read_message(stream) is None
    assert read_message(io.BytesIO(whole[:6])) is None


def test_the_solvers_process_loads_nothing_that_serves() -> None:
    import subprocess

    program = "import sys, salus.serving.solver_process; print(sorted({m.partition('.')[0] for m in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert not {"onnxruntime", "starlette", "torch", "sqlalchemy"} & set(loaded.split("'"))
