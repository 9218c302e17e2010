"""A question that takes minutes: handed in, watched, stopped, and answered later."""

from __future__ import annotations

from typing import Literal, get_args

import msgspec

JobState = Literal["queued", "running", "done", "failed", "cancelled", "expired"]
JOB_STATES: tuple[JobState, ...] = get_args(JobState)
ENDED: frozenset[JobState] = frozenset({"done", "failed", "cancelled", "expired"})
"""States that a job does not leave, but for `expired`, which follows the others when its documents are deleted."""


class JobProgress(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far a job has come. Holds figures alone, never anything of a patient.

    Attributes:
        elapsed_s: Seconds of work so far, those before a restart included.
        limit_s: Seconds that the work may take; None where it is not limited by the question.
        done: Samples that are answered; None for a plan.
        of: Samples in all; None for a plan.
        cost: Of the best plan so far; None where there is none yet.
        bound: A proven lower bound of the cost; None where none is known.
        history: (elapsed seconds, cost) of the best plans, in order; thinned where there are many.
    """

    elapsed_s: float = 0.0
    limit_s: float | None = None
    done: int | None = None
    of: int | None = None
    cost: float | None = None
    bound: float | None = None
    history: tuple[tuple[float, float], ...] = ()


class JobFailure(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why there is no answer: the fields of a `SalusError`."""

    code: str
    expected: str
    found: str
    remedy: str


class Job(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A job as it stands.

    Attributes:
        id: 32 hexadecimal digits that nobody can guess.
        service: Who is asked.
        owner: Name of the caller who handed it in; nobody else sees it.
        state: Where it stands.
        created_at: When it was handed in: ISO 8601, UTC, as all times here.
        started_at: When work on it began; None before.
        finished_at: When it ended; None before.
        expires_at: When its question and its answer are deleted; None before it has ended.
        progress: How far it has come.
        failure: Why it failed; None else.
        has_result: Whether an answer can be fetched. A plan that was cancelled has the best one found until then.
        revision: Counts up with every change.
    """

    id: str
    service: str
    owner: str
    state: JobState
    created_at: str
    started_at: str | None = None
    finished_at: str | None = None
    expires_at: str | None = None
    progress: JobProgress = JobProgress()
    failure: JobFailure | None = None
    has_result: bool = False
    revision: int = 0

    @property
    def ended(self) -> bool:
        """Whether nothing more happens to it but that it expires."""
        return self.state in ENDED
