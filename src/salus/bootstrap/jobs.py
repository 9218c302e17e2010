"""Where jobs are kept, the solvers that are installed, and what the operator can do about jobs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from salus.bootstrap.house import House
from salus.contracts.jobs import Job
from salus.security.private_files import create_private, replace_private
from salus.serving.solver_deployment import SolverOptions

if TYPE_CHECKING:
    from salus.records.job_store import JobPage, JobStore


def open_jobs(house: House) -> JobStore:
    """The jobs of this installation. Raises as `JobStore`."""
    from salus.records.job_store import JobStore

    settings = house.settings.jobs
    url = settings.url or f"sqlite:///{house.settings.home / 'records' / 'jobs.db'}"
    return JobStore(url, settings)


def make_solver_options(house: House) -> SolverOptions:
    """How plans are made, by the settings."""
    settings = house.settings.jobs
    return SolverOptions(processes=settings.solver_processes, synchronous_s=settings.synchronous_s)


def list_jobs(*, service: str | None, cursor: str | None, house: House | None = None) -> JobPage:
    """Everybody's jobs, newest first. Raises InvalidInput where the cursor is none."""
    with _store(house) as store:
        return store.list_jobs(None, service=service, cursor=cursor)


def show_job(job: str, *, house: House | None = None) -> Job:
    """One job, whoever's it is. Raises NotFound where there is none."""
    with _store(house) as store:
        return store.get(job, None)


def cancel_job(job: str, *, house: House | None = None) -> Job:
    """Stop a job, whoever's it is; a running gateway ends it within about a second.

    Raises NotFound where there is none.
    """
    with _store(house) as store:
        return store.ask_to_cancel(job, None)


def write_result(job: str, path: Path, *, overwrite: bool = False, house: House | None = None) -> None:
    """Write the answer of a job to a private file (mode 0600): it was said about patients.

    Raises:
        NotFound: There is no such job.
        Expired: The answer was deleted.
        Conflict: There is no answer.
    """
    with _store(house) as store:
        content = store.read_result(job, None)
    (replace_private if overwrite else create_private)(path, content)


@contextmanager
def _store(house: House | None) -> Iterator[JobStore]:
    store = open_jobs(house or House())
    try:
        yield store
    finally:
        store.close()
