"""How jobs are kept and worked on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class JobSettings:
    """How questions that take minutes are kept and worked on."""

    url: str = ""
    """SQLAlchemy URL of a database that several hosts share; empty: SQLite in the home folder, mode 0600."""
    concurrent: int = 1
    """Jobs that one gateway works on at the same time."""
    waiting_per_caller: int = 16
    """Jobs of one caller that may be queued or running; one more is refused with 429."""
    most_samples: int = 10_000
    """Most samples in one job."""
    keep_days: float = 7.0
    """Days after its end that a job's question and answer are deleted."""
    longest_s: float = 86_400.0
    """Longest time that one job may be worked on, restarts included."""
    lease_s: float = 15.0
    """A job whose worker gives no sign for so long is taken up by another, or by the same after a restart."""
    attempts: int = 5
    """How often work on a job is begun before it counts as failed."""
    synchronous_s: float = 30.0
    """Longest time limit of a plan that is answered at once instead of as a job; below gateway.request_timeout_s."""
    solver_processes: int = 1
    """Solver processes that run at the same time."""
    solver_threads: int = 0
    """Threads that one solver process may use; 0: as many as this process may, at most four."""

    def __post_init__(self) -> None:
        counts = (self.concurrent, self.waiting_per_caller, self.most_samples, self.attempts)
        times = (self.keep_days, self.longest_s, self.lease_s, self.synchronous_s)
        if min(counts) < 1 or self.solver_processes < 1 or self.solver_threads < 0 or min(times) <= 0:
            raise ValueError("expected counts of at least 1 and times above 0 for jobs")
