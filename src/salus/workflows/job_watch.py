"""How far a job has come, told from the threads that do the work and read by the one that keeps its lease."""

from __future__ import annotations

import threading
import time

import msgspec

from salus.contracts.jobs import JobProgress
from salus.contracts.planning import Plan

MOST_HISTORY = 400
"""Plans that a history tells of; where there are more, every other one but the last is left out."""


class JobWatch:
    """Looks on while a job is worked on. Safe to be called from several threads.

    Args:
        before: How far earlier work has come; its seconds count on.
        start: The best plan of earlier work; None where there is none.
    """

    def __init__(self, before: JobProgress, start: Plan | None = None) -> None:
        self._before = before
        self._began = time.monotonic()
        self._lock = threading.Lock()
        self._progress = before
        self._best = start
        self._fresh = False
        self._stop = threading.Event()

    def improved(self, plan: Plan, *, elapsed_s: float) -> None:
        """A better plan was found, `elapsed_s` seconds into this piece of work."""
        with self._lock:
            if self._best is not None and plan.cost >= self._best.cost:
                return  # not better than what earlier work had found
            self._best, self._fresh = plan, True
            history = (*self._progress.history, (round(self._before.elapsed_s + elapsed_s, 3), plan.cost))
            self._progress = msgspec.structs.replace(
                self._progress, cost=plan.cost, bound=plan.bound, history=_thin(history)
            )

    def answered(self, samples: int) -> None:
        """So many samples more are answered."""
        with self._lock:
            self._progress = msgspec.structs.replace(self._progress, done=(self._progress.done or 0) + samples)

    def stop(self) -> None:
        """Ask the solver to stop."""
        self._stop.set()

    def cancelled(self) -> bool:
        """Whether it was asked."""
        return self._stop.is_set()

    def progress(self) -> JobProgress:
        """How far the job has come now."""
        with self._lock:
            elapsed = self._before.elapsed_s + time.monotonic() - self._began
            return msgspec.structs.replace(self._progress, elapsed_s=round(elapsed, 3))

    def fresh_plan(self) -> bytes | None:
        """The best plan as JSON, where it is better than the last that was asked for; else None."""
        with self._lock:
            if not self._fresh or self._best is None:
                return None
            self._fresh = False
            return msgspec.json.encode(self._best)


def _thin(history: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
    return history if len(history) <= MOST_HISTORY else (*history[:-1:2], history[-1])
