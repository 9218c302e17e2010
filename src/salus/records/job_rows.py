"""From rows to jobs and back; times as text that sorts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, insert, select, update

from salus.contracts import errors
from salus.contracts.errors import SalusError
from salus.contracts.jobs import Job, JobFailure, JobProgress
from salus.records.tables import DOCUMENTS, JOBS

Clock = Callable[[], datetime]
QUESTION, RESULT, INCUMBENT, PART = "question", "result", "incumbent", "part."
"""Names of a job's documents; `PART` and five digits name the answers to its first samples, the next, and so on."""


def utc_now() -> datetime:
    """The time in UTC."""
    return datetime.now(UTC)


def write_time(moment: datetime) -> str:
    """ISO 8601 in UTC with milliseconds; texts of times sort as the times do."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def make_job(row: Row[Any]) -> Job:
    """The job that a row says."""
    return Job(
        id=row.id,
        service=row.service,
        owner=row.owner,
        state=row.state,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        expires_at=row.expires_at,
        progress=msgspec.json.decode(row.progress, type=JobProgress),
        failure=None if row.failure is None else msgspec.json.decode(row.failure, type=JobFailure),
        has_result=row.has_result,
        revision=row.revision,
    )


def make_error(failure: JobFailure) -> SalusError:
    """The error that a failure was."""
    known: dict[str, type[SalusError]] = {
        kind.code: kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, SalusError)
    }
    return known.get(failure.code, SalusError)(failure.expected, found=failure.found, remedy=failure.remedy)


def write_json(value: object) -> str:
    """A record as JSON."""
    return msgspec.json.encode(value).decode("utf-8")


def change_job(connection: Connection, row: Row[Any], **values: object) -> Row[Any]:
    """Change some columns of a job, count its revision up, and read it back."""
    connection.execute(update(JOBS).where(JOBS.c.id == row.id).values(revision=row.revision + 1, **values))
    return connection.execute(select(JOBS).where(JOBS.c.id == row.id)).one()


def put_document(connection: Connection, job: str, name: str, content: bytes) -> None:
    """Write a document of a job, in place of the one that it may have."""
    connection.execute(delete(DOCUMENTS).where(DOCUMENTS.c.job == job, DOCUMENTS.c.name == name))
    connection.execute(insert(DOCUMENTS).values(job=job, name=name, content=content))


def get_document(connection: Connection, job: str, name: str) -> bytes | None:
    """A document of a job, or None."""
    content = connection.scalar(select(DOCUMENTS.c.content).where(DOCUMENTS.c.job == job, DOCUMENTS.c.name == name))
    return None if content is None else bytes(content)


def drop_documents(connection: Connection, job: str, *, keep: frozenset[str] = frozenset()) -> None:
    """Delete the documents of a job but those that are called in `keep`."""
    connection.execute(delete(DOCUMENTS).where(DOCUMENTS.c.job == job, DOCUMENTS.c.name.notin_(keep)))
