"""From a verified package that plans to a running service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from salus.contracts.packages import ModelPackage
from salus.contracts.text import LocalizedText
from salus.serving.packaged_service import PackagedService, now
from salus.serving.solver_backend import SolverBackend
from salus.serving.solver_pool import SolverPool


@dataclass(frozen=True)
class SolverOptions:
    """How plans are made.

    Attributes:
        processes: Solver processes of one service that run at the same time.
        max_waiting: Questions outside of jobs that may wait for one.
        synchronous_s: Longest time limit that is answered outside of a job.
    """

    processes: int = 1
    max_waiting: int = 4
    synchronous_s: float = 30.0


def deploy_solver(
    package: ModelPackage,
    *,
    backend: SolverBackend,
    stage: str,
    name: str | None = None,
    notices: tuple[LocalizedText, ...] = (),
    options: SolverOptions | None = None,
    clock: Callable[[], datetime] = now,
) -> PackagedService:
    """Put guard, processes and provenance around a package that plans. Its answers explain themselves.

    Args:
        package: Verified.
        backend: Knows the installed solvers.
        stage: The package's stage in the registry.
        name: The service's name; None for the package's.
        notices: Statements that belong on every page of the service.
        options: How plans are made; None for the defaults.
        clock: Tells the time, with its zone.

    Raises:
        MissingDependency: The pack whose solver it is is not installed.
        PackageRejected: It is no package that plans.
    """
    chosen = options or SolverOptions()
    pool = SolverPool(
        backend.load(package),
        processes=chosen.processes,
        max_waiting=chosen.max_waiting,
        synchronous_s=chosen.synchronous_s,
    )
    return PackagedService(
        name=name or package.manifest.name,
        package=package,
        pool=pool,
        explainer=None,
        calibration=None,
        backend=backend.title,
        stage=stage,
        notices=notices,
        clock=clock,
    )
