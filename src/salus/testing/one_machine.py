"""The smallest solver that is one: which job goes first on one machine, so that the weighted waiting is least.

What the documentation shows, and what tests and new packs run; its plain twin is Smith's rule (W. E. Smith, Naval
Research Logistics Quarterly 3:59-66, 1956): by falling weight a unit of time the order is the best.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from itertools import pairwise

import msgspec
import numpy as np

from salus.contracts.errors import InvalidInput
from salus.contracts.packs import DataRequest, SolverKit
from salus.contracts.planning import (
    CostTerm,
    Plan,
    PlanBar,
    PlanChart,
    Planning,
    PlanQuestion,
    Solver,
    Watch,
    WhatIf,
    planning_inputs,
    planning_outputs,
)
from salus.contracts.predictors import Json
from salus.contracts.tasks import Task
from salus.contracts.tensors import Signature
from salus.contracts.text import LocalizedText

_MOVES_BETWEEN_LOOKS = 64
_FORMAT = "one-machine"


class Errand(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something to be done: its length in minutes and the weight of its waiting."""

    minutes: float
    weight: float


class OneMachineSolver:
    """Swaps neighbours while that helps, from a random order on: a local search without wit.

    Args:
        pause_s: Seconds to rest after each look around; makes a slow solver of it, for tests of what waits for one.
    """

    def __init__(self, *, pause_s: float = 0.0) -> None:
        self._pause_s = pause_s

    def check(self, instance: str) -> str:
        """The format's name. Raises InvalidInput where the instance is none."""
        _read(instance)
        return _FORMAT

    def solve(self, question: PlanQuestion, watch: Watch) -> Plan:
        """The best order found. Raises InvalidInput where instance or previous plan is none."""
        errands = _read(question.instance)
        rng = np.random.default_rng(question.seed)
        order = _read_order(question.previous, len(errands)) if question.previous else list(range(len(errands)))
        if not question.previous:
            rng.shuffle(order)
        best = _cost(errands, order)
        began, moves = time.monotonic(), 0
        watch.improved(_plan(errands, order, question.seed, moves), elapsed_s=0.0)
        while not watch.cancelled() and moves < (question.iterations or 10**9):
            if question.time_limit_s is not None and time.monotonic() - began >= question.time_limit_s:
                break
            found = False
            for _ in range(_MOVES_BETWEEN_LOOKS):
                moves += 1
                place = int(rng.integers(0, max(1, len(order) - 1)))
                other = [*order[:place], *order[place : place + 2][::-1], *order[place + 2 :]]
                if _cost(errands, other) < best:
                    order, best, found = other, _cost(errands, other), True
                if moves == question.iterations:
                    break
            if found:
                watch.improved(_plan(errands, order, question.seed, moves), elapsed_s=time.monotonic() - began)
            time.sleep(self._pause_s)
            if question.iterations is None and not self._pause_s and _settled(errands, order):
                break
        return _with_chart(errands, order, _plan(errands, order, question.seed, moves))

    def reckon(self, instance: str, solution: str) -> Plan:
        """A given order with its cost. Raises InvalidInput where either cannot be read."""
        errands = _read(instance)
        order = _read_order(solution, len(errands))
        return _with_chart(errands, order, _plan(errands, order, 0, 0))

    def ask_what_if(self, question: PlanQuestion, plan: Plan, watch: Watch) -> tuple[WhatIf, ...]:  # noqa: ARG002 -- it is done at once
        """What half as long an errand would save, for the one that saves most."""
        errands = _read(question.instance)
        order = _read_order(plan.solution, len(errands))
        saved = []
        for index, errand in enumerate(errands):
            shorter = [*errands[:index], Errand(errand.minutes / 2, errand.weight), *errands[index + 1 :]]
            cost = _cost(shorter, order)
            saved.append(
                WhatIf(
                    name=f"half_{index}",
                    title=LocalizedText(f"errand {index} in half the time", f"任务 {index} 用时减半"),
                    cost=cost,
                    saved=plan.cost - cost,
                )
            )
        return tuple(sorted(saved, key=lambda each: -each.saved)[:1])


def make_one_machine_solver(settings: Mapping[str, Json]) -> Solver:
    """The factory. Raises InvalidInput for a setting that there is not."""
    unknown = sorted(set(settings) - {"pause_s"})
    if unknown:
        raise InvalidInput("the setting pause_s alone", found=", ".join(unknown), remedy="Leave it out.")
    pause = settings.get("pause_s", 0.0)
    return OneMachineSolver(pause_s=float(pause) if isinstance(pause, int | float) else 0.0)


def make_one_machine_kit() -> SolverKit:
    """A kit of it, with three instances whose best cost is known."""
    question = Planning(
        formats=(_FORMAT,),
        costs=(CostTerm(name="Waiting", title=LocalizedText("weighted waiting", "加权等待")),),
        time_limit_s=5.0,
    )
    task = Task(
        name="order",
        title=LocalizedText("In which order?", "按什么顺序？"),
        question=question,
        signature=Signature(planning_inputs(), planning_outputs(question)),
        intended_use=LocalizedText("Tests and documentation.", "测试与文档。"),
        limits=LocalizedText("Everything else.", "其他一切。"),
        demonstration=True,
    )
    return SolverKit(
        task=task,
        solver=make_one_machine_solver,
        read_instances=_read_published,
        dataset="one-machine",
        example=lambda: write_errands([Errand(5, 1), Errand(1, 3), Errand(3, 3), Errand(2, 1)]),
        trial_iterations=500,
        prepare=False,
    )


def write_errands(errands: Sequence[Errand]) -> str:
    """An instance."""
    return msgspec.json.encode({"errands": errands}).decode()


def order_by_smith(instance: str) -> float:
    """The least cost, by Smith's rule."""
    errands = _read(instance)
    return _cost(errands, sorted(range(len(errands)), key=lambda index: errands[index].minutes / errands[index].weight))


def _read_published(request: DataRequest) -> dict[str, tuple[str, float | None]]:  # noqa: ARG001 -- they are made up
    instances: dict[str, tuple[str, float | None]] = {}
    for seed in range(3):
        rng = np.random.default_rng(seed)
        errands = [Errand(float(rng.integers(1, 30)), float(rng.integers(1, 9))) for _ in range(8)]
        text = write_errands(errands)
        instances[f"m{seed:02d}"] = (text, order_by_smith(text))
    return instances


def _read(instance: str) -> list[Errand]:
    try:
        return msgspec.json.decode(instance, type=dict[str, list[Errand]])["errands"]
    except (msgspec.DecodeError, KeyError) as error:
        raise InvalidInput(
            '{"errands": [{"minutes": …, "weight": …}, …]}', found="another document", remedy="See the example."
        ) from error


def _read_order(solution: str, count: int) -> list[int]:
    try:
        order = msgspec.json.decode(solution, type=list[int])
    except msgspec.DecodeError as error:
        raise InvalidInput("an order as a list", found="another document", remedy="See the example.") from error
    if sorted(order) != list(range(count)):
        raise InvalidInput(f"each of {count} errands once", found="another order", remedy="See the example.")
    return order


def _cost(errands: Sequence[Errand], order: Sequence[int]) -> float:
    clock, cost = 0.0, 0.0
    for index in order:
        clock += errands[index].minutes
        cost += clock * errands[index].weight
    return cost


def _settled(errands: Sequence[Errand], order: Sequence[int]) -> bool:
    """Whether no swap of neighbours helps any more."""
    ratios = [errands[index].minutes / errands[index].weight for index in order]
    return all(one <= other for one, other in pairwise(ratios))


def _plan(errands: Sequence[Errand], order: Sequence[int], seed: int, moves: int) -> Plan:
    cost = _cost(errands, order)
    return Plan(
        solution=msgspec.json.encode(list(order)).decode(),
        cost=cost,
        costs={"Waiting": cost},
        violations={},
        seed=seed,
        iterations=moves,
    )


def _with_chart(errands: Sequence[Errand], order: Sequence[int], plan: Plan) -> Plan:
    bars, clock = [], 0.0
    for index in order:
        end = clock + errands[index].minutes
        bars.append(PlanBar(row="machine", start=clock, end=end, label=str(index), kind="errand"))
        clock = end
    chart = PlanChart(
        name="machine",
        title=LocalizedText("machine", "机器"),
        unit="minute",
        length=clock,
        rows=("machine",),
        bars=tuple(bars),
    )
    return msgspec.structs.replace(plan, charts=(chart,))
