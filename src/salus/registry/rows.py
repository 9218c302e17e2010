"""From rows to records and back."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, select

from salus.contracts.errors import NotFound
from salus.contracts.packages import Lineage, ModelPackage
from salus.contracts.predictors import Json
from salus.modelpackage.layout import is_version
from salus.registry.entries import STAGES, Deployment, PackageFacts, PackageRecord
from salus.registry.tables import ALIASES, PACKAGES


def digest_lineage(lineage: Lineage) -> str:
    """SHA-256 (hex) of the lineage as JSON with sorted keys: equal for equal lineages."""
    return hashlib.sha256(msgspec.json.encode(lineage, order="sorted")).hexdigest()


def find_rows(connection: Connection, *conditions: ColumnElement[bool]) -> Sequence[Row[Any]]:
    """The packages that satisfy all `conditions`, by name and version."""
    return connection.execute(select(PACKAGES).where(*conditions).order_by(PACKAGES.c.name, PACKAGES.c.version)).all()


def lock_row(connection: Connection, name: str, version: str) -> Row[Any]:
    """The package's row, kept from other writers until the transaction ends.

    Raises:
        NotFound: There is no such package.
    """
    number = int(version) if is_version(version) else 0
    query = select(PACKAGES).where(PACKAGES.c.name == name, PACKAGES.c.version == number).with_for_update()
    row = connection.execute(query).first()
    if row is None:
        raise NotFound(f"the package {name!r} {version!r}", found="none", remedy="See: salus packages list.")
    return row


def choose_row(connection: Connection, rows: Sequence[Row[Any]], name: str, which: str | None) -> Row[Any] | None:
    """Of the rows of `name`, oldest first, the one that `which` means; see `ModelRegistry.get`."""
    if which is None:
        return _newest(rows, "approved") or _newest(rows, "candidate")
    if which in STAGES:
        return _newest(rows, which)
    number = int(which) if is_version(which) else _aliased(connection, name, which)
    return next((row for row in rows if row.version == number), None)


def aliases_of(connection: Connection, name: str, version: int) -> tuple[str, ...]:
    """The names that point to a package, sorted."""
    query = select(ALIASES.c.alias).where(ALIASES.c.name == name, ALIASES.c.version == version)
    return tuple(connection.scalars(query.order_by(ALIASES.c.alias)))


def make_record(connection: Connection, row: Row[Any]) -> PackageRecord:
    """The record that a row says."""
    return PackageRecord(
        name=row.name,
        version=str(row.version),
        digest=row.digest,
        stage=row.stage,
        signer=row.signer,
        dataset_digest=row.dataset_digest,
        facts=msgspec.json.decode(row.facts, type=PackageFacts),
        aliases=aliases_of(connection, row.name, row.version),
        build_record=msgspec.json.decode(row.build_record, type=dict[str, Any]),
        added_at=row.added_at,
        added_by=row.added_by,
    )


def make_deployment(row: Row[Any]) -> Deployment:
    """The deployment that a row says."""
    return Deployment(service=row.service, name=row.name, version=str(row.version), at=row.at, who=row.who)


def package_values(
    package: ModelPackage, build_record: Mapping[str, Json], *, who: str, at: str
) -> dict[str, str | int | None]:
    """The row of a new candidate."""
    manifest = package.manifest
    facts = PackageFacts(
        title=manifest.title,
        task=manifest.task.name,
        dataset=manifest.lineage.dataset.name,
        estimator=manifest.lineage.estimator,
        variants=tuple(variant.name for variant in manifest.variants),
        default_variant=manifest.default_variant,
        demonstration=manifest.task.demonstration,
    )
    return {
        "name": manifest.name,
        "version": int(manifest.version),
        "digest": package.digest,
        "stage": "candidate",
        "signer": package.signer,
        "dataset_digest": manifest.lineage.dataset_digest,
        "lineage_digest": digest_lineage(manifest.lineage),
        "facts": msgspec.json.encode(facts, order="sorted").decode("utf-8"),
        "build_record": msgspec.json.encode(dict(build_record), order="sorted").decode("utf-8"),
        "added_at": at,
        "added_by": who,
    }


def _newest(rows: Sequence[Row[Any]], stage: str) -> Row[Any] | None:
    return next((row for row in reversed(rows) if row.stage == stage), None)


def _aliased(connection: Connection, name: str, alias: str) -> int | None:
    return connection.scalar(select(ALIASES.c.version).where(ALIASES.c.name == name, ALIASES.c.alias == alias))
