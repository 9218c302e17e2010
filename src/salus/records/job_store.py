"""Jobs as those who hand them in meet them: hand in, look, stop, fetch the answer; and their expiry."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, and_, delete, func, insert, or_, select, text

from salus.contracts.errors import Conflict, Expired, InvalidInput, NotFound, Overloaded
from salus.contracts.jobs import JOB_STATES, Job, JobProgress, JobState
from salus.records.database import open_records, reading, writing
from salus.records.job_rows import (
    QUESTION,
    RESULT,
    Clock,
    change_job,
    drop_documents,
    get_document,
    make_job,
    put_document,
    utc_now,
    write_json,
    write_time,
)
from salus.records.settings import JobSettings
from salus.records.tables import JOBS

_OPEN = ("queued", "running")
_SUBMIT_LOCK = 0x5A107
_LONGEST_TOKEN = 255


@dataclass(frozen=True)
class JobPage:
    """Some jobs, newest first. `cursor` asks for those after them; None where there are no more."""

    jobs: tuple[Job, ...]
    cursor: str | None


class JobStore:
    """The jobs of an installation.

    A job belongs to the caller who handed it in; for everybody else it is not there. Questions and answers are kept
    apart from the rest, are in no listing, and are deleted when the job expires. Calls block: use them off the event
    loop.

    Args:
        url: See `open_records`.
        settings: Limits and times.
        clock: Tells the time.

    Raises:
        Conflict: Others may read the file, or a newer Salus made it.
        InvalidInput: The URL is none.
        MissingDependency: The database's driver is not installed.
        ServiceUnavailable: The database does not answer.

    Example:
        >>> from pathlib import Path
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     store = JobStore(f"sqlite:///{Path(folder) / 'records.db'}", JobSettings())
        ...     job = store.submit("wards.roster", "ward-7", b"question")
        ...     state = store.get(job.id, "ward-7").state
        ...     store.close()
        >>> state
        'queued'
    """

    def __init__(self, url: str, settings: JobSettings, *, clock: Clock = utc_now) -> None:
        self.engine: Engine = open_records(url)
        self.settings = settings
        self.clock = clock

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    def submit(
        self,
        service: str,
        owner: str,
        question: bytes,
        *,
        token: str | None = None,
        progress: JobProgress | None = None,
    ) -> Job:
        """Take a job up.

        Args:
            service: Who is asked.
            owner: Who asks.
            question: What is asked, as whoever works on it reads it.
            token: The caller's own name for this question: handed in again, it gives the same job again.
            progress: What is known before work begins, such as the time limit.

        Raises:
            Overloaded: The caller has as many open jobs as it may.
            Conflict: The token was given to another question.
            InvalidInput: The token is empty or too long.
        """
        digest = hashlib.sha256(service.encode() + b"\0" + question).hexdigest()
        key = None if token is None else _hash_token(token)
        with writing(self.engine) as connection:
            self._lock(connection)
            known = None if key is None else self._find(connection, JOBS.c.owner == owner, JOBS.c.idempotency == key)
            if known is not None:
                return _same_question(known, digest)
            self._require_room(connection, owner)
            values = {
                "id": uuid.uuid4().hex,
                "service": service,
                "owner": owner,
                "state": "queued",
                "created_at": write_time(self.clock()),
                "progress": write_json(progress or JobProgress()),
                "has_result": False,
                "revision": 0,
                "idempotency": key,
                "question_digest": digest,
                "cancel_asked": False,
                "attempts": 0,
            }
            connection.execute(insert(JOBS).values(values))
            put_document(connection, str(values["id"]), QUESTION, question)
            return make_job(self._require(connection, str(values["id"]), owner))

    def get(self, job: str, owner: str | None) -> Job:
        """One job.

        Args:
            job: Its id.
            owner: Whose it must be; None for the operator of the installation, who sees all.

        Raises:
            NotFound: There is none, or it is somebody else's.
        """
        with reading(self.engine) as connection:
            return make_job(self._require(connection, job, owner))

    def list_jobs(
        self, owner: str | None, *, service: str | None = None, cursor: str | None = None, most: int = 50
    ) -> JobPage:
        """Jobs, newest first.

        Args:
            owner: Whose; None for everybody's.
            service: Of one service; None for all.
            cursor: From a page before; None for the first.
            most: Most jobs of a page.

        Raises:
            InvalidInput: The cursor is none.
        """
        conditions: list[ColumnElement[bool]] = [] if owner is None else [JOBS.c.owner == owner]
        if service is not None:
            conditions.append(JOBS.c.service == service)
        if cursor is not None:
            at, last = _read_cursor(cursor)
            conditions.append(or_(JOBS.c.created_at < at, and_(JOBS.c.created_at == at, JOBS.c.id < last)))
        query = select(JOBS).where(*conditions).order_by(JOBS.c.created_at.desc(), JOBS.c.id.desc()).limit(most + 1)
        with reading(self.engine) as connection:
            found = [make_job(row) for row in connection.execute(query)]
        more = len(found) > most
        page = tuple(found[:most])
        return JobPage(page, f"{page[-1].created_at}~{page[-1].id}" if more else None)

    def ask_to_cancel(self, job: str, owner: str | None) -> Job:
        """Stop a job: at once where it waits, within about a second where it is worked on. One that ended stays.

        Raises:
            NotFound: There is none, or it is somebody else's.
        """
        with writing(self.engine) as connection:
            row = self._require(connection, job, owner)
            if row.state == "queued":
                now = self.clock()
                drop_documents(connection, row.id)
                row = change_job(
                    connection,
                    row,
                    state="cancelled",
                    finished_at=write_time(now),
                    expires_at=write_time(now + timedelta(days=self.settings.keep_days)),
                )
            elif row.state == "running" and not row.cancel_asked:
                row = change_job(connection, row, cancel_asked=True)
            return make_job(row)

    def read_result(self, job: str, owner: str | None) -> bytes:
        """The answer.

        Raises:
            NotFound: There is no such job, or it is somebody else's.
            Expired: It was deleted when its time had come.
            Conflict: There is no answer: the job goes on, failed, or was stopped before there was one.
        """
        with reading(self.engine) as connection:
            row = self._require(connection, job, owner)
            content = get_document(connection, row.id, RESULT) if row.has_result else None
        if content is not None:
            return content
        if row.state == "expired":
            raise Expired("an answer that is still kept", found="one that was deleted", remedy="Ask again.")
        raise Conflict(
            "a job with an answer",
            found=f"one that is {row.state}",
            remedy="Wait until it is done." if row.state in _OPEN else "Look at the job's error, and ask again.",
        )

    def expire(self) -> int:
        """Delete questions and answers whose time has come, and what is left of a job as long again after that.

        Returns:
            How many jobs expired now.
        """
        now = self.clock()
        ended = JOBS.c.state.in_(("done", "failed", "cancelled"))
        long_ago = write_time(now - timedelta(days=self.settings.keep_days))
        with writing(self.engine) as connection:
            due = connection.execute(select(JOBS).where(ended, JOBS.c.expires_at <= write_time(now))).all()
            for row in due:
                drop_documents(connection, row.id)
                change_job(connection, row, state="expired", has_result=False)
            connection.execute(delete(JOBS).where(JOBS.c.state == "expired", JOBS.c.expires_at <= long_ago))
        return len(due)

    def count_by_state(self) -> dict[JobState, int]:
        """How many jobs are in each state."""
        query = select(JOBS.c.state, func.count()).group_by(JOBS.c.state)
        with reading(self.engine) as connection:
            found = {str(state): int(count) for state, count in connection.execute(query)}
        return {state: found.get(state, 0) for state in JOB_STATES}

    def _require_room(self, connection: Connection, owner: str) -> None:
        most = self.settings.waiting_per_caller
        query = select(func.count()).select_from(JOBS).where(JOBS.c.owner == owner, JOBS.c.state.in_(_OPEN))
        waiting = connection.scalar(query) or 0
        if waiting >= most:
            raise Overloaded(
                f"at most {most} jobs of a caller that are queued or running",
                found=f"{waiting}",
                remedy="Wait until one has ended, or cancel one.",
            )

    def _lock(self, connection: Connection) -> None:
        """One submission at a time, so that limits and tokens hold between hosts; SQLite has one writer anyway."""
        if self.engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _SUBMIT_LOCK})

    def _require(self, connection: Connection, job: str, owner: str | None) -> Row[Any]:
        conditions = [JOBS.c.id == job[:64]]
        if owner is not None:
            conditions.append(JOBS.c.owner == owner)
        row = self._find(connection, *conditions)
        if row is None:
            raise NotFound("a job of this caller", found="none of that id", remedy="List your jobs.")
        return row

    @staticmethod
    def _find(connection: Connection, *conditions: ColumnElement[bool]) -> Row[Any] | None:
        return connection.execute(select(JOBS).where(*conditions)).first()


def _same_question(known: Row[Any], digest: str) -> Job:
    if known.question_digest != digest:
        raise Conflict(
            "one question for each idempotency key",
            found="another question under a key that was used",
            remedy="Make a new key for each question.",
        )
    return make_job(known)


def _hash_token(token: str) -> str:
    if not 1 <= len(token) <= _LONGEST_TOKEN:
        raise InvalidInput(
            f"an idempotency key of 1 to {_LONGEST_TOKEN} characters", found=f"{len(token)}", remedy="Use a UUID."
        )
    return hashlib.sha256(token.encode("utf-8", errors="surrogatepass")).hexdigest()


def _read_cursor(cursor: str) -> tuple[str, str]:
    at, tilde, job = cursor.partition("~")
    if not tilde or len(cursor) > 128:
        raise InvalidInput("the cursor of a page", found="another text", remedy="Ask for the first page.")
    return at, job
