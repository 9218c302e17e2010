"""The registry's tables as queries see them. `migrations/` makes them."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKeyConstraint, Identity, Index, Integer, MetaData, String, Table, Text

METADATA = MetaData()

PACKAGES = Table(
    "packages",
    METADATA,
    Column("name", String(100), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("stage", String(16), nullable=False),
    Column("signer", String(80)),
    Column("dataset_digest", String(64), nullable=False, index=True),
    Column("lineage_digest", String(64), nullable=False, index=True),
    Column("facts", Text, nullable=False),
    Column("build_record", Text, nullable=False),
    Column("added_at", String(32), nullable=False),
    Column("added_by", String(200), nullable=False),
)
ALIASES = Table(
    "aliases",
    METADATA,
    Column("name", String(100), primary_key=True),
    Column("alias", String(64), primary_key=True),
    Column("version", Integer, nullable=False),
    ForeignKeyConstraint(["name", "version"], ["packages.name", "packages.version"]),
)
HISTORY = Table(
    "history",
    METADATA,
    Column("id", Integer, Identity(always=True), primary_key=True),
    Column("name", String(100), nullable=False),
    Column("version", Integer, nullable=False),
    Column("at", String(32), nullable=False),
    Column("who", String(200), nullable=False),
    Column("what", String(200), nullable=False),
    Column("why", Text, nullable=False),
    ForeignKeyConstraint(["name", "version"], ["packages.name", "packages.version"]),
    Index("history_of_package", "name", "version"),
)
DEPLOYMENTS = Table(
    "deployments",
    METADATA,
    Column("service", String(100), primary_key=True),
    Column("name", String(100), nullable=False),
    Column("version", Integer, nullable=False),
    Column("at", String(32), nullable=False),
    Column("who", String(200), nullable=False),
    ForeignKeyConstraint(["name", "version"], ["packages.name", "packages.version"]),
)
