"""Jobs as those who work on them meet them: take one up for a while, give signs of life, hand the answer in.

A lease is a promise with an end: whoever holds it renews it; when it ends, because the worker or its machine died,
another takes the job up where its last sign of life left it. Every change by a worker is refused once its lease has
gone to another.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, or_, select

from salus.contracts.errors import SalusError, ServiceUnavailable
from salus.contracts.jobs import Job, JobFailure, JobProgress, JobState
from salus.records.database import writing
from salus.records.job_rows import (
    INCUMBENT,
    PART,
    QUESTION,
    RESULT,
    change_job,
    drop_documents,
    get_document,
    make_job,
    put_document,
    write_json,
    write_time,
)
from salus.records.job_store import JobStore
from salus.records.tables import DOCUMENTS, JOBS


@dataclass(frozen=True)
class ClaimedJob:
    """A job to work on.

    Attributes:
        job: As it stands; its progress is that of the work before.
        question: What is asked.
        incumbent: The best plan of the work before; None where there is none.
        parts: Answers to the first samples, from the work before.
    """

    job: Job
    question: bytes
    incumbent: bytes | None
    parts: tuple[bytes, ...]


@dataclass(frozen=True)
class Sign:
    """What a sign of life is answered with: whether the lease still holds, and whether to stop."""

    held: bool
    cancel: bool


class JobLeases:
    """The worker's side of a `JobStore`. Calls block.

    Args:
        store: The jobs.
        worker: Names whoever works; no two may have the same name.
    """

    def __init__(self, store: JobStore, worker: str) -> None:
        self._store = store
        self._worker = worker

    def claim(self) -> ClaimedJob | None:
        """The oldest job that waits or whose worker gives no sign of life, if there is one.

        One that was taken up too often is failed instead, and one that its owner stopped meanwhile is cancelled.
        """
        while True:
            with writing(self._store.engine) as connection:
                row = self._next(connection)
                if row is None:
                    return None
                if row.cancel_asked:
                    drop_documents(connection, row.id)
                    self._end(connection, row, "cancelled")
                    continue
                if row.attempts >= self._store.settings.attempts:
                    drop_documents(connection, row.id)
                    self._end(connection, row, "failed", failure=write_json(_given_up(row.attempts)))
                    continue
                return self._take(connection, row)

    def beat(self, job: str, progress: JobProgress, *, incumbent: bytes | None = None) -> Sign:
        """Give a sign of life, with how far the work has come and the best plan where it is a new one."""
        with writing(self._store.engine) as connection:
            row = self._held(connection, job)
            if row is None:
                return Sign(held=False, cancel=True)
            if incumbent is not None:
                put_document(connection, job, INCUMBENT, incumbent)
            change_job(connection, row, progress=write_json(progress), leased_until=self._until())
            return Sign(held=True, cancel=row.cancel_asked)

    def add_part(self, job: str, place: int, answer: bytes, progress: JobProgress) -> Sign:
        """Keep the answer to some of the samples; `place` counts such answers from 0."""
        with writing(self._store.engine) as connection:
            row = self._held(connection, job)
            if row is None:
                return Sign(held=False, cancel=True)
            put_document(connection, job, f"{PART}{place:05d}", answer)
            change_job(connection, row, progress=write_json(progress), leased_until=self._until())
            return Sign(held=True, cancel=row.cancel_asked)

    def finish(self, job: str, answer: bytes, progress: JobProgress, *, cancelled: bool = False) -> bool:
        """Hand the answer in. False where the lease has gone: then nothing is changed."""
        with writing(self._store.engine) as connection:
            row = self._held(connection, job)
            if row is None:
                return False
            put_document(connection, job, RESULT, answer)
            drop_documents(connection, job, keep=frozenset({RESULT}))
            state: JobState = "cancelled" if cancelled else "done"
            self._end(connection, row, state, progress=write_json(progress), has_result=True)
            return True

    def fail(self, job: str, error: SalusError, progress: JobProgress) -> bool:
        """Say why there is no answer. False where the lease has gone."""
        failure = JobFailure(code=error.code, expected=error.expected, found=error.found, remedy=error.remedy)
        with writing(self._store.engine) as connection:
            row = self._held(connection, job)
            if row is not None:
                drop_documents(connection, job)
                self._end(connection, row, "failed", progress=write_json(progress), failure=write_json(failure))
            return row is not None

    def stop(self, job: str, progress: JobProgress) -> bool:
        """End a job that its owner stopped before there was an answer. False where the lease has gone."""
        with writing(self._store.engine) as connection:
            row = self._held(connection, job)
            if row is not None:
                drop_documents(connection, job)
                self._end(connection, row, "cancelled", progress=write_json(progress))
            return row is not None

    def give_back(self, job: str, progress: JobProgress, *, incumbent: bytes | None = None) -> bool:
        """Let another go on: the gateway stops. It does not count as an attempt. False where the lease has gone."""
        with writing(self._store.engine) as connection:
            row = self._held(connection, job)
            if row is None:
                return False
            if incumbent is not None:
                put_document(connection, job, INCUMBENT, incumbent)
            change_job(
                connection,
                row,
                state="queued",
                progress=write_json(progress),
                worker=None,
                leased_until=None,
                attempts=row.attempts - 1,
            )
            return True

    def _next(self, connection: Connection) -> Row[Any] | None:
        stale = (JOBS.c.state == "running") & (JOBS.c.leased_until < write_time(self._store.clock()))
        query = select(JOBS).where(or_(JOBS.c.state == "queued", stale)).order_by(JOBS.c.created_at, JOBS.c.id).limit(1)
        return connection.execute(query.with_for_update(skip_locked=True)).first()

    def _take(self, connection: Connection, row: Row[Any]) -> ClaimedJob:
        taken = change_job(
            connection,
            row,
            state="running",
            started_at=row.started_at or write_time(self._store.clock()),
            worker=self._worker,
            leased_until=self._until(),
            attempts=row.attempts + 1,
        )
        parts = connection.scalars(
            select(DOCUMENTS.c.content)
            .where(DOCUMENTS.c.job == row.id, DOCUMENTS.c.name.startswith(PART))
            .order_by(DOCUMENTS.c.name)
        )
        return ClaimedJob(
            job=make_job(taken),
            question=get_document(connection, row.id, QUESTION) or b"",
            incumbent=get_document(connection, row.id, INCUMBENT),
            parts=tuple(bytes(part) for part in parts),
        )

    def _held(self, connection: Connection, job: str) -> Row[Any] | None:
        mine = (JOBS.c.id == job) & (JOBS.c.worker == self._worker) & (JOBS.c.state == "running")
        return connection.execute(select(JOBS).where(mine).with_for_update()).first()

    def _end(self, connection: Connection, row: Row[Any], state: JobState, **values: object) -> None:
        now = self._store.clock()
        change_job(
            connection,
            row,
            state=state,
            finished_at=write_time(now),
            expires_at=write_time(now + timedelta(days=self._store.settings.keep_days)),
            worker=None,
            leased_until=None,
            **values,
        )

    def _until(self) -> str:
        moment: datetime = self._store.clock() + timedelta(seconds=self._store.settings.lease_s)
        return write_time(moment)


def _given_up(attempts: int) -> JobFailure:
    error = ServiceUnavailable(
        "work that comes to its end",
        found=f"{attempts} times that it was begun and broke off",
        remedy="Ask for less at a time, or look at the gateway's log.",
    )
    return JobFailure(code=error.code, expected=error.expected, found=error.found, remedy=error.remedy)
