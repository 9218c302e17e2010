"""Who, when, where? The question of a plan, and the promise of a solver. Nothing here is learned."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import msgspec

from salus.contracts.predictors import Json
from salus.contracts.tensors import TensorSpec
from salus.contracts.text import LocalizedText


class CostTerm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One soft constraint, by the name that the format gives it: `ElectiveUnscheduledPatients`."""

    name: str
    title: LocalizedText


class Planning(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="planning"):
    """A timetable with as little cost as can be found in the time given.

    Attributes:
        formats: Names of the document formats that the solver reads and writes: `ihtc2024`.
        costs: The soft constraints, in the order of the output `costs`.
        time_limit_s: Seconds that a question may take unless it says otherwise.
    """

    formats: tuple[str, ...]
    costs: tuple[CostTerm, ...]
    time_limit_s: float


class PlanBar(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that occupies a row of a plan's picture from `start` to `end` (in the chart's unit)."""

    row: str
    start: float
    end: float
    label: str
    kind: str


class PlanChart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A Gantt chart (`bars`) or a load by row and step (`load`, as a share of what is allowed; above 1 is too much).

    Attributes:
        name: `rooms`, `theatres`, `nurses`.
        title: In words.
        unit: What the horizontal axis counts: `day`, `shift`, `minute`.
        length: Its length.
        rows: Names of the rows, in order.
        bars: What occupies them.
        load: (rows, steps); empty for a Gantt chart.
    """

    name: str
    title: LocalizedText
    unit: str
    length: float
    rows: tuple[str, ...]
    bars: tuple[PlanBar, ...] = ()
    load: tuple[tuple[float, ...], ...] = ()


class PlanChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that a repair moved, and why."""

    subject: str
    before: str
    after: str
    why: LocalizedText


class WhatIf(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the cost would be if one thing were otherwise: `one more theatre hour on day 3`."""

    name: str
    title: LocalizedText
    cost: float
    saved: float


class Plan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A plan with its reckoning.

    Attributes:
        solution: The plan in the document's own format, as JSON or text.
        cost: The sum of `costs`.
        costs: Weighted cost by soft constraint.
        violations: Broken hard constraints by name; none that is 0.
        bound: A proven lower bound of the cost; None where none is known.
        changes: What differs from the previous plan, where there was one.
        binding: What keeps the cost from falling, most costly first, in words.
        charts: Pictures to draw.
        what_if: What one thing more would save, where it was asked for.
        seed: Decided what was left to chance.
        iterations: Moves that were tried.
    """

    solution: str
    cost: float
    costs: dict[str, float]
    violations: dict[str, int]
    bound: float | None = None
    changes: tuple[PlanChange, ...] = ()
    binding: tuple[LocalizedText, ...] = ()
    charts: tuple[PlanChart, ...] = ()
    what_if: tuple[WhatIf, ...] = ()
    seed: int = 0
    iterations: int = 0


@dataclass(frozen=True)
class PlanQuestion:
    """What to plan.

    Attributes:
        instance: The document.
        previous: The plan of before, to be repaired with few changes; None plans anew.
        keep: What a change of the previous plan costs beside the soft constraints, per changed assignment; 0 takes
            the previous plan as a start alone.
        time_limit_s: Seconds; None takes the task's own.
        seed: Decides what is left to chance.
        threads: How many may run.
        iterations: Stop after so many moves whatever the clock says: the same answer on every machine. None: no limit.
    """

    instance: str
    previous: str | None = None
    keep: float = 0.0
    time_limit_s: float | None = None
    seed: int = 0
    threads: int = 1
    iterations: int | None = None


class Watch(Protocol):
    """Looks on while a solver works."""

    def improved(self, plan: Plan, *, elapsed_s: float) -> None:
        """A better plan was found; its charts may be left out."""

    def cancelled(self) -> bool:
        """Whether to stop and answer with the best plan so far; asked about ten times a second."""
        ...


class Solver(Protocol):
    """Plans. Pure but for the clock: a question with `iterations` gives the same plan each time."""

    def check(self, instance: str) -> str:
        """The name of the document's format, if it can be planned. Raises InvalidInput with what is wrong."""
        ...

    def solve(self, question: PlanQuestion, watch: Watch) -> Plan:
        """The best plan found in the time given.

        Raises:
            InvalidInput: The instance or the previous plan cannot be read.
            Conflict: No plan keeps all hard constraints, or none was found in time.
        """
        ...

    def reckon(self, instance: str, solution: str) -> Plan:
        """A given plan with its costs, violations and charts. Raises InvalidInput where it cannot be read."""
        ...

    def ask_what_if(self, question: PlanQuestion, plan: Plan, watch: Watch) -> tuple[WhatIf, ...]:
        """What the cost would be if one thing were otherwise, each solved again from `plan`; most saving first."""
        ...


SolverFactory = Callable[[Mapping[str, Json]], Solver]
"""Settings by name to a solver; an unknown name raises InvalidInput."""


def planning_inputs() -> tuple[TensorSpec, ...]:
    """The inputs of every planning service: documents as UTF-8."""
    return (
        TensorSpec(
            name="instance",
            datatype="BYTES",
            shape=(-1,),
            title=LocalizedText("what is to be planned", "待排程实例"),
            content="document",
        ),
        TensorSpec(
            name="previous",
            datatype="BYTES",
            shape=(-1,),
            title=LocalizedText("the plan of before; empty to plan anew", "先前的排程；为空则重新排程"),
            content="document",
        ),
        TensorSpec(
            name="time_limit_s",
            datatype="FP32",
            shape=(-1,),
            title=LocalizedText("seconds that planning may take", "排程可用时间（秒）"),
            content="scalar",
            unit="s",
            valid_range=(0.1, 86400.0),
        ),
        TensorSpec(
            name="seed",
            datatype="INT64",
            shape=(-1,),
            title=LocalizedText("seed of what is left to chance", "随机种子"),
            content="scalar",
            valid_range=(0.0, 2147483647.0),
        ),
    )


def planning_outputs(question: Planning) -> tuple[TensorSpec, ...]:
    """The outputs of every planning service, for C soft constraints."""
    return (
        TensorSpec(
            name="plan",
            datatype="BYTES",
            shape=(-1,),
            title=LocalizedText(
                "the plan with its reckoning, as JSON (contracts.planning.Plan)", "排程及其核算（JSON）"
            ),
            content="document",
        ),
        TensorSpec(
            name="solution",
            datatype="BYTES",
            shape=(-1,),
            title=LocalizedText("the plan in the document's own format", "原格式的排程"),
            content="document",
        ),
        TensorSpec(
            name="cost",
            datatype="FP64",
            shape=(-1,),
            title=LocalizedText("sum of the soft constraints", "软约束总代价"),
            unit="1",
        ),
        TensorSpec(
            name="costs",
            datatype="FP64",
            shape=(-1, len(question.costs)),
            title=LocalizedText("cost of each soft constraint", "各软约束的代价"),
            unit="1",
        ),
        TensorSpec(
            name="violations",
            datatype="INT64",
            shape=(-1,),
            title=LocalizedText("broken hard constraints", "违反的硬约束数"),
        ),
    )
