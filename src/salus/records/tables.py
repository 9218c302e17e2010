"""The tables of the durable memory as queries see them. `migrations/` makes them."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, LargeBinary, MetaData, String, Table, Text, UniqueConstraint

METADATA = MetaData()
VERSION_TABLE = "records_version"
"""Where alembic notes its step; a name of its own, so that registry and records may share a database."""

JOBS = Table(
    "jobs",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("service", String(100), nullable=False),
    Column("owner", String(200), nullable=False),
    Column("state", String(16), nullable=False),
    Column("created_at", String(32), nullable=False),
    Column("started_at", String(32)),
    Column("finished_at", String(32)),
    Column("expires_at", String(32)),
    Column("progress", Text, nullable=False),
    Column("failure", Text),
    Column("has_result", Boolean, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("idempotency", String(64)),
    Column("question_digest", String(64), nullable=False),
    Column("cancel_asked", Boolean, nullable=False),
    Column("worker", String(64)),
    Column("leased_until", String(32)),
    Column("attempts", Integer, nullable=False),
    UniqueConstraint("owner", "idempotency", name="one_job_a_key"),
    Index("jobs_by_state", "state", "created_at"),
    Index("jobs_by_owner", "owner", "created_at"),
)
DOCUMENTS = Table(
    "job_documents",
    METADATA,
    Column("job", String(32), primary_key=True),
    Column("name", String(32), primary_key=True),
    Column("content", LargeBinary, nullable=False),
)
