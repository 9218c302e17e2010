"""How well a solver plans instances whose best known cost is published: gap, broken constraints, share solved.

The gap of an instance is cost / reference - 1, as in the rule of the timetabling competitions
(https://ihtc2024.github.io). Intervals: percentile bootstrap over the instances (Efron 1979); of the share solved the
exact interval of Clopper and Pearson (Biometrika 26:404-413, 1934).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from salus.contracts.errors import Conflict, InvalidInput
from salus.contracts.planning import Plan, PlanQuestion, Solver, Watch
from salus.contracts.progress import Progress
from salus.contracts.reports import EvaluationReport, Interval, Measure
from salus.serving.solver_process_keeper import Unwatched

_LEVEL = 0.95
Instances = Mapping[str, tuple[str, float | None]]
"""Documents with the cost of a reference plan (None where none is known), by name."""


_Reduce = Callable[[NDArray[np.float64]], NDArray[np.float64]]


@dataclass(frozen=True)
class PlannedInstance:
    """What came of one instance.

    Attributes:
        name: Of the instance.
        plan: None where none was found.
        reference: The cost of a reference plan; None where it is not known.
        readable: False where the solver could not read the instance.
    """

    name: str
    plan: Plan | None
    reference: float | None
    readable: bool = True

    @property
    def gap(self) -> float | None:
        """Cost / reference - 1; None where either is not known or constraints are broken."""
        if self.plan is None or not self.reference or self.broken:
            return None
        return self.plan.cost / self.reference - 1

    @property
    def broken(self) -> int:
        """Broken hard constraints of the plan; 0 where there is none."""
        return 0 if self.plan is None else sum(self.plan.violations.values())

    @property
    def solved(self) -> bool:
        """Whether there is a plan that keeps every hard constraint."""
        return self.plan is not None and not self.broken


def plan_instances(
    solver: Solver,
    instances: Instances,
    progress: Progress,
    *,
    seed: int,
    iterations: int | None = None,
    time_limit_s: float | None = None,
    threads: int = 1,
    watch: Watch | None = None,
) -> tuple[PlannedInstance, ...]:
    """Plan each instance; one that no plan was found for, or that cannot be read, is told as such.

    Args:
        solver: Plans.
        instances: By name.
        progress: Told about each.
        seed: Decides what is left to chance.
        iterations: Moves on each: the same plans on every machine. None plans by the clock.
        time_limit_s: Seconds on each, where it is planned by the clock.
        threads: That the solver may use.
        watch: Looks on; None for nobody.
    """
    progress.begin("plan", len(instances))
    planned = []
    for name, (document, reference) in instances.items():
        question = PlanQuestion(
            instance=document, time_limit_s=time_limit_s, seed=seed, threads=threads, iterations=iterations
        )
        try:
            plan = solver.solve(question, watch or Unwatched())
        except (Conflict, InvalidInput) as error:
            planned.append(PlannedInstance(name, None, reference, readable=isinstance(error, Conflict)))
        else:
            planned.append(PlannedInstance(name, plan, reference))
        progress.advance()
    progress.end()
    return tuple(planned)


def report_plans(
    planned: tuple[PlannedInstance, ...], *, part: str, seed: int, resamples: int = 1000
) -> EvaluationReport:
    """The measures `gap` (mean), `violations` (most), `solved` (share), and the gap of each instance as a subgroup.

    Args:
        planned: At least one.
        part: What the instances are called.
        seed: Of the bootstrap.
        resamples: Of the bootstrap.

    Raises:
        InvalidInput: No instance.
    """
    if not planned:
        raise InvalidInput("at least one instance", found="none", remedy="Name a folder with instances.")
    gaps = np.array([each.gap for each in planned if each.gap is not None], dtype=np.float64)
    broken = np.array([each.broken for each in planned if each.plan is not None], dtype=np.float64)
    solved = sum(each.solved for each in planned)
    return EvaluationReport(
        part=part,
        samples=len(planned),
        measures=(
            _measure("gap", gaps, _mean, seed, resamples),
            _measure("violations", broken, _most, seed, resamples),
            Measure(
                name="solved",
                value=solved / len(planned),
                interval=_exact_interval(solved, len(planned)),
                samples=len(planned),
            ),
            *(
                Measure(name="gap", value=each.gap, interval=None, samples=1, subgroup=f"instance={each.name}")
                for each in planned
            ),
        ),
    )


def _mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(values.mean(axis=-1))


def _most(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(values.max(axis=-1))


def _measure(name: str, values: NDArray[np.float64], reduce: _Reduce, seed: int, resamples: int) -> Measure:
    if not values.size:
        return Measure(name=name, value=None, interval=None, samples=0)
    drawn = values[np.random.default_rng(seed).integers(0, values.size, (resamples, values.size))]
    ends = np.quantile(reduce(drawn), [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
    interval = Interval(float(ends[0]), float(ends[1]), _LEVEL) if values.size > 1 else None
    return Measure(name=name, value=float(reduce(values)), interval=interval, samples=int(values.size))


def _exact_interval(successes: int, count: int) -> Interval:
    from scipy.stats import beta

    tail = (1 - _LEVEL) / 2
    low = float(beta.ppf(tail, successes, count - successes + 1)) if successes else 0.0
    high = float(beta.ppf(1 - tail, successes + 1, count - successes)) if successes < count else 1.0
    return Interval(low, high, _LEVEL)
