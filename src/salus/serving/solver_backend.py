"""The engine of packages that plan: asks the installed pack for its solver and lets it work in a process of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import msgspec
import numpy as np

from salus.contracts.batches import Array, Batch, count_samples
from salus.contracts.errors import MissingDependency, PackageRejected
from salus.contracts.packages import ModelPackage
from salus.contracts.packs import SolverKit
from salus.contracts.planning import Plan, Planning, PlanQuestion, Solver, Watch
from salus.modelpackage.reading import read_example, read_model
from salus.modelpackage.solver_files import SolverFile, decode_solver
from salus.serving.solver_process_keeper import IsolatedSolver, SolverLimits, Unwatched, name_factory

KEEP = 10.0
"""What a change of a previous plan costs beside the soft constraints, where a request brings one."""


class SolverBackend:
    """Loads packages that plan.

    Args:
        kits: The installed solver kits by the name of their package: `hospital_scheduling.timetable`.
        threads: Threads of one solver.
        limits: How long a solver's process is borne; None for the defaults.

    Attributes:
        name: `solver`.
        title: The same in words, for provenance.

    Example:
        >>> SolverBackend({}).name
        'solver'
    """

    name = "solver"

    def __init__(self, kits: Mapping[str, SolverKit], *, threads: int = 1, limits: SolverLimits | None = None) -> None:
        self._kits = dict(kits)
        self._threads = threads
        self._limits = limits or SolverLimits()
        self.title = "solver in a process of its own"

    def load(self, package: ModelPackage, *, variant: str | None = None, device: str = "cpu") -> SolverPredictor:
        """The package's solver as a predictor.

        Raises:
            NotFound: The package has no such variant.
            MissingDependency: The pack whose solver it is is not installed.
            PackageRejected: It is no package that plans.
        """
        if device not in {"cpu", "auto"}:
            raise MissingDependency("the device cpu", found=device, remedy="Solvers run on processors alone.")
        question = package.manifest.task.question
        if not isinstance(question, Planning):
            raise PackageRejected(
                "a package that plans", found=f"one of the kind {package.manifest.task.kind}", remedy="Use its engine."
            )
        file = decode_solver(read_model(package, variant))
        kit = self._kits.get(file.package_name)
        if kit is None:
            raise MissingDependency(
                f"the installed pack {file.pack} with its solver {file.task}",
                found=", ".join(sorted(self._kits)) or "no solver",
                remedy=f"Install the distribution that brings the pack {file.pack}.",
            )
        solver = IsolatedSolver(
            name_factory(kit.solver), file.settings, limits=self._limits, time_limit_s=question.time_limit_s
        )
        return SolverPredictor(
            solver=solver, question=question, threads=self._threads, file=file, example=_read_example(package)
        )

    def load_full(self, package: ModelPackage, *, variant: str | None = None, device: str = "cpu") -> SolverPredictor:
        """The same: nothing of a plan is optional. Raises as `load`."""
        return self.load(package, variant=variant, device=device)


@dataclass(frozen=True)
class _Stopping:
    """Stops where `watch` says so; plans of eased instances are none of its business."""

    watch: Watch

    def improved(self, plan: Plan, *, elapsed_s: float) -> None:
        """Say nothing."""

    def cancelled(self) -> bool:
        return self.watch.cancelled()


@dataclass(frozen=True)
class SolverPredictor:
    """A solver as a predictor over `planning_inputs` and `planning_outputs`.

    The package's own example is planned with a fixed number of moves instead of by the clock, so that the package's
    self-test finds the same plan on every machine; every other question takes the time that it is given.

    Attributes:
        solver: Plans.
        question: Names the soft constraints.
        threads: Threads of the solver.
        file: The package's `solver.json`.
        example: The inputs of the package's own example.
    """

    solver: Solver
    question: Planning
    threads: int
    file: SolverFile
    example: tuple[object, ...]

    def predict(self, batch: Batch) -> dict[str, Array]:
        """Plan each row, one after the other. Raises as the solver."""
        return self.write([self.solve(self.read(batch, row), Unwatched()) for row in range(count_samples(batch))])

    def solve(self, question: PlanQuestion, watch: Watch, *, explain: bool = False) -> Plan:
        """Plan while somebody looks on: by the number of moves where one is given, else by the clock.

        With `explain` the plan tells too what one thing more would save, which takes the solver some time beside.
        Raises as the solver.
        """
        by_moves = question.iterations is not None
        asked = replace(question, time_limit_s=None) if by_moves else question
        plan = self.solver.solve(asked, watch)
        if not explain or watch.cancelled():
            return plan
        return msgspec.structs.replace(plan, what_if=self.solver.ask_what_if(asked, plan, _Stopping(watch)))

    def read(self, batch: Batch, row: int) -> PlanQuestion:
        """What row `row` of a batch asks."""
        inputs = {name: batch[name][row] for name in ("instance", "previous", "time_limit_s", "seed")}
        previous = _text(inputs["previous"])
        limit = float(np.asarray(inputs["time_limit_s"], dtype=np.float64))
        is_example = _identity(inputs) == self.example
        return PlanQuestion(
            instance=_text(inputs["instance"]),
            previous=previous or None,
            keep=KEEP if previous else 0.0,
            time_limit_s=None if np.isnan(limit) else limit,
            seed=int(np.asarray(inputs["seed"], dtype=np.int64)),
            threads=1 if is_example else self.threads,
            iterations=self.file.example_iterations if is_example else None,
        )

    def write(self, plans: list[Plan]) -> dict[str, Array]:
        """The served outputs of some plans."""
        return write_plans(plans, self.question)


def write_plans(plans: list[Plan], question: Planning) -> dict[str, Array]:
    """The served outputs (`planning_outputs`) of some plans, a row each."""
    names = [term.name for term in question.costs]
    documents, solutions = np.empty(len(plans), dtype=object), np.empty(len(plans), dtype=object)
    for row, plan in enumerate(plans):
        documents[row] = msgspec.json.encode(plan)
        solutions[row] = plan.solution.encode()
    costs = [[plan.costs.get(name, float("nan")) for name in names] for plan in plans]
    return {
        "plan": documents,
        "solution": solutions,
        "cost": np.array([plan.cost for plan in plans], dtype=np.float64),
        "costs": np.array(costs, dtype=np.float64).reshape(len(plans), len(names)),
        "violations": np.array([sum(plan.violations.values()) for plan in plans], dtype=np.int64),
    }


def _read_example(package: ModelPackage) -> tuple[object, ...]:
    request, _ = read_example(package)
    inputs = {tensor["name"]: tensor["data"][0] for tensor in request["inputs"]}
    return _identity(inputs)


def _identity(inputs: Mapping[str, object]) -> tuple[object, ...]:
    return (
        _text(inputs["instance"]),
        _text(inputs["previous"]),
        float(np.float32(np.asarray(inputs["time_limit_s"], dtype=np.float64))),
        int(np.asarray(inputs["seed"], dtype=np.int64)),
    )


def _text(value: object) -> str:
    return value.decode("utf-8", errors="replace") if isinstance(value, bytes) else str(value)
