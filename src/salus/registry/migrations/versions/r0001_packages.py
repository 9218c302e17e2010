"""Packages, aliases, history and deployments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0001"
down_revision = None

_POSTGRESQL_GUARD = """
CREATE FUNCTION salus_history_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'history is append only';
END
$$
"""


def upgrade() -> None:
    """Make the tables, and let nobody change or remove a line of history."""
    op.create_table(
        "packages",
        sa.Column("name", sa.String(100), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("stage", sa.String(16), nullable=False),
        sa.Column("signer", sa.String(80), nullable=True),
        sa.Column("dataset_digest", sa.String(64), nullable=False, index=True),
        sa.Column("lineage_digest", sa.String(64), nullable=False, index=True),
        sa.Column("facts", sa.Text, nullable=False),
        sa.Column("build_record", sa.Text, nullable=False),
        sa.Column("added_at", sa.String(32), nullable=False),
        sa.Column("added_by", sa.String(200), nullable=False),
        sa.CheckConstraint("stage IN ('candidate', 'approved', 'retired')", name="known_stage"),
        sa.CheckConstraint("version > 0", name="version_from_one"),
    )
    op.create_table(
        "aliases",
        sa.Column("name", sa.String(100), primary_key=True),
        sa.Column("alias", sa.String(64), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["name", "version"], ["packages.name", "packages.version"]),
    )
    op.create_table(
        "history",
        sa.Column("id", sa.Integer, sa.Identity(always=True), primary_key=True),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("what", sa.String(200), nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["name", "version"], ["packages.name", "packages.version"]),
    )
    op.create_index("history_of_package", "history", ["name", "version"])
    op.create_table(
        "deployments",
        sa.Column("service", sa.String(100), primary_key=True),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("who", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(["name", "version"], ["packages.name", "packages.version"]),
    )
    _guard_history()


def _guard_history() -> None:
    if op.get_context().dialect.name == "postgresql":
        op.execute(_POSTGRESQL_GUARD)
        op.execute(
            "CREATE TRIGGER history_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON history "
            "FOR EACH STATEMENT EXECUTE FUNCTION salus_history_is_append_only()"
        )
        return
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER history_no_{change.lower()} BEFORE {change} ON history "
            "BEGIN SELECT RAISE(ABORT, 'history is append only'); END"
        )
