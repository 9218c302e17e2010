"""Jobs and their documents."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "j0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("service", sa.String(100), nullable=False),
        sa.Column("owner", sa.String(200), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("started_at", sa.String(32)),
        sa.Column("finished_at", sa.String(32)),
        sa.Column("expires_at", sa.String(32)),
        sa.Column("progress", sa.Text, nullable=False),
        sa.Column("failure", sa.Text),
        sa.Column("has_result", sa.Boolean, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("idempotency", sa.String(64)),
        sa.Column("question_digest", sa.String(64), nullable=False),
        sa.Column("cancel_asked", sa.Boolean, nullable=False),
        sa.Column("worker", sa.String(64)),
        sa.Column("leased_until", sa.String(32)),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.UniqueConstraint("owner", "idempotency", name="one_job_a_key"),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'done', 'failed', 'cancelled', 'expired')", name="known_job_state"
        ),
    )
    op.create_index("jobs_by_state", "jobs", ["state", "created_at"])
    op.create_index("jobs_by_owner", "jobs", ["owner", "created_at"])
    op.create_table(
        "job_documents",
        sa.Column("job", sa.String(32), primary_key=True),
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
