"""Packages by name and version, what may be done with them, and who did it.

A package's stage goes one way: candidate, approved, retired. History can be added to and never changed; the database
itself refuses it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, func, insert, select, update

from salus.contracts.errors import Conflict, GateNotMet, InvalidInput, NotFound
from salus.contracts.packages import Lineage, ModelPackage
from salus.contracts.predictors import Json
from salus.contracts.reports import UnmetGoal
from salus.modelpackage.folders import copy_package
from salus.modelpackage.layout import is_name, is_version
from salus.registry.database import open_database, reading, writing
from salus.registry.entries import STAGES, Deployment, HistoryEntry, PackageRecord, Stage
from salus.registry.folders import digest_folder, newest_folder
from salus.registry.rows import (
    aliases_of,
    choose_row,
    digest_lineage,
    find_rows,
    lock_row,
    make_deployment,
    make_record,
    package_values,
)
from salus.registry.tables import ALIASES, DEPLOYMENTS, HISTORY, PACKAGES

_ALIAS = re.compile(r"[a-z][a-z0-9_-]{0,63}")


def utc_now() -> datetime:
    """The time, with its zone."""
    return datetime.now(UTC)


class ModelRegistry:
    """The registry.

    Processes may share one: each change is a transaction. Folders are made before rows, so a row always has its
    folder; a process that dies in between leaves a folder that the next `add` of the same package takes up.

    Args:
        url: See `open_database`.
        packages_dir: Where the packages are: `<packages_dir>/<name>/<version>/`.
        clock: Tells the time of what is done.

    Raises:
        InvalidInput: The URL is none.
        MissingDependency: The database's driver is not installed.
        ServiceUnavailable: The database does not answer.
        Conflict: The registry was made by a newer version.
    """

    def __init__(self, url: str, packages_dir: Path, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._engine = open_database(url)
        self._packages_dir = packages_dir
        self._clock = clock

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def package_directory(self, name: str, version: str) -> Path:
        """The folder of a package, whether it exists or not."""
        if not (is_name(name) and is_version(version)):
            raise InvalidInput(
                "a package's name and version", found=f"{name!r}, {version!r}", remedy="See: salus packages list."
            )
        return self._packages_dir / name / version

    def add(self, package: ModelPackage, *, who: str, build_record: Mapping[str, Json]) -> PackageRecord:
        """Take up a verified package as a candidate. Adding the same package twice is adding it once.

        A package whose folder stands elsewhere is copied into the registry's own folder.

        Args:
            package: As `open_package` or `write_package` returned it.
            who: Who adds it.
            build_record: See `PackageRecord`.

        Raises:
            Conflict: Another package has this name and version.
            PackageRejected: The package was altered since it was opened.
        """
        name, version = package.manifest.name, package.manifest.version
        known = self._find(name, version)
        if known is None:
            self._keep_folder(package)
            try:
                with writing(self._engine) as connection:
                    values = package_values(package, build_record, who=who, at=self._now())
                    connection.execute(insert(PACKAGES).values(values))
                    self._note(connection, name, int(version), who=who, what="added")
            except Conflict:
                known = self._find(name, version)
                if known is None:
                    raise
        if known is not None and known.digest != package.digest:
            raise self._taken(package)
        return self.get(name, version)

    def next_version(self, name: str) -> str:
        """One more than the highest version of `name`, folders that nobody added included. Nothing is reserved."""
        with reading(self._engine) as connection:
            newest = connection.scalar(select(func.max(PACKAGES.c.version)).where(PACKAGES.c.name == name))
        return str(max(newest or 0, newest_folder(self._packages_dir / name)) + 1)

    def find_same_lineage(self, name: str, lineage: Lineage) -> PackageRecord | None:
        """The newest package `name` that was made in exactly this way, or None.

        A rebuild takes its version, and then is the same package, byte for byte.
        """
        with reading(self._engine) as connection:
            rows = find_rows(connection, PACKAGES.c.name == name, PACKAGES.c.lineage_digest == digest_lineage(lineage))
            return make_record(connection, rows[-1]) if rows else None

    def find_trained_on(self, dataset_digest: str) -> tuple[PackageRecord, ...]:
        """Every package that was trained on the data with this digest: what a withdrawn data set taints."""
        with reading(self._engine) as connection:
            rows = find_rows(connection, PACKAGES.c.dataset_digest == dataset_digest)
            return tuple(make_record(connection, row) for row in rows)

    def get(self, name: str, which: str | None = None) -> PackageRecord:
        """One package.

        Args:
            name: Its name.
            which: A version, an alias, or a stage (the newest in it); None for the newest approved one, else the
                newest candidate.

        Raises:
            NotFound: There is none.
        """
        with reading(self._engine) as connection:
            rows = find_rows(connection, PACKAGES.c.name == name)
            chosen = choose_row(connection, rows, name, which)
            if chosen is not None:
                return make_record(connection, chosen)
        versions = ", ".join(str(row.version) for row in rows)
        raise NotFound(
            f"a package {name!r}" + (f" {which!r}" if which else ""),
            found=f"the versions {versions}" if versions else "no version of it",
            remedy="See: salus packages list.",
        )

    def list_packages(self, *, name: str | None = None, stage: Stage | None = None) -> tuple[PackageRecord, ...]:
        """All packages, or those of one name or stage, by name and version."""
        conditions = [] if name is None else [PACKAGES.c.name == name]
        if stage is not None:
            conditions.append(PACKAGES.c.stage == stage)
        with reading(self._engine) as connection:
            return tuple(make_record(connection, row) for row in find_rows(connection, *conditions))

    def approve(
        self, name: str, version: str, *, who: str, why: str, unmet_goals: Iterable[UnmetGoal]
    ) -> PackageRecord:
        """Make a candidate an approved package.

        Args:
            name: The package's name.
            version: Its version.
            who: Who answers for it.
            why: The reason; not empty.
            unmet_goals: What the release gate found.

        Raises:
            GateNotMet: There are unmet goals. There is no way around it.
            Conflict: It is no candidate.
            NotFound: There is no such package.
        """
        unmet = tuple(unmet_goals)
        if unmet:
            raise GateNotMet(
                "; ".join(f"{goal.measure} {goal.asked}" for goal in unmet),
                found="; ".join(f"{goal.measure} {goal.found}" for goal in unmet),
                remedy="Improve the model, or change the task's goals in its pack and build anew.",
            )
        return self._move(name, version, ("candidate", "approved"), who=who, why=why)

    def retire(self, name: str, version: str, *, who: str, why: str) -> PackageRecord:
        """Take an approved package out of use, and its aliases from it.

        Raises:
            Conflict: It is not approved, or it is deployed.
            NotFound: There is no such package.
        """
        return self._move(name, version, ("approved", "retired"), who=who, why=why)

    def set_alias(self, name: str, alias: str, version: str, *, who: str) -> None:
        """Let `alias` point to a version, wherever it pointed before.

        Raises:
            InvalidInput: The alias is no plain word, or is a stage's name.
            Conflict: The package is retired.
            NotFound: There is no such package.
        """
        if not _ALIAS.fullmatch(alias) or alias in STAGES:
            raise InvalidInput(
                "a plain lower-case word that is no stage", found=f"{alias!r}", remedy="Choose one such as 'stable'."
            )
        with writing(self._engine) as connection:
            row = lock_row(connection, name, version)
            if row.stage == "retired":
                raise _wrong_stage(name, version, "a package in use", row.stage)
            self._remove_alias(connection, name, alias, who)
            connection.execute(insert(ALIASES).values(name=name, alias=alias, version=row.version))
            self._note(connection, name, row.version, who=who, what=f"alias {alias} set")

    def history(self, name: str, version: str) -> tuple[HistoryEntry, ...]:
        """What was done to a package, oldest first.

        Raises:
            NotFound: There is no such package.
        """
        number = int(self.get(name, version).version)
        query = select(HISTORY).where(HISTORY.c.name == name, HISTORY.c.version == number).order_by(HISTORY.c.id)
        with reading(self._engine) as connection:
            return tuple(
                HistoryEntry(at=row.at, who=row.who, what=row.what, why=row.why) for row in connection.execute(query)
            )

    def deploy(self, service: str, name: str, version: str, *, who: str) -> Deployment:
        """Let a package keep the promise of `service`, in place of the one that did.

        Raises:
            InvalidInput: The service's name is none.
            Conflict: The package is retired.
            NotFound: There is no such package.
        """
        if not is_name(service):
            raise InvalidInput(
                "a service's name such as 'chest_xray.pneumonia'", found=f"{service!r}", remedy="Choose another."
            )
        with writing(self._engine) as connection:
            row = lock_row(connection, name, version)
            if row.stage == "retired":
                raise _wrong_stage(name, version, "a package in use", row.stage)
            before = connection.execute(select(DEPLOYMENTS).where(DEPLOYMENTS.c.service == service)).first()
            if before is not None and (before.name, before.version) == (name, row.version):
                return make_deployment(before)
            if before is not None:
                self._take_down(connection, before, who)
            values = {"service": service, "name": name, "version": row.version, "at": self._now(), "who": who}
            connection.execute(insert(DEPLOYMENTS).values(values))
            self._note(connection, name, row.version, who=who, what=f"deployed as {service}")
            return Deployment(service=service, name=name, version=version, at=str(values["at"]), who=who)

    def undeploy(self, service: str, *, who: str) -> None:
        """Let no package keep the promise of `service`.

        Raises:
            NotFound: There is no such service.
        """
        with writing(self._engine) as connection:
            before = connection.execute(select(DEPLOYMENTS).where(DEPLOYMENTS.c.service == service)).first()
            if before is None:
                raise NotFound(f"a service {service!r}", found="none", remedy="See: salus deploy --list.")
            self._take_down(connection, before, who)

    def list_deployments(self) -> tuple[Deployment, ...]:
        """Which package keeps which service's promise, by the service's name."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(DEPLOYMENTS).order_by(DEPLOYMENTS.c.service))
            return tuple(make_deployment(row) for row in rows)

    def _find(self, name: str, version: str) -> PackageRecord | None:
        with reading(self._engine) as connection:
            rows = find_rows(connection, PACKAGES.c.name == name, PACKAGES.c.version == int(version))
            return make_record(connection, rows[0]) if rows else None

    def _keep_folder(self, package: ModelPackage) -> None:
        home = self.package_directory(package.manifest.name, package.manifest.version)
        if home.resolve() == package.directory.resolve():
            return
        try:
            copy_package(package, home)
        except Conflict:
            if digest_folder(home) != package.digest:
                raise self._taken(package) from None

    def _taken(self, package: ModelPackage) -> Conflict:
        name, version = package.manifest.name, package.manifest.version
        return Conflict(
            f"the name {name} and version {version} for the package with digest {package.digest[:12]}",
            found="another package of that name and version",
            remedy=f"Give it the version {self.next_version(name)}.",
        )

    def _move(self, name: str, version: str, stages: tuple[Stage, Stage], *, who: str, why: str) -> PackageRecord:
        before, after = stages
        if not why.strip():
            raise InvalidInput(f"a reason why {name} {version} is {after}", found="none", remedy="Give one.")
        with writing(self._engine) as connection:
            row = lock_row(connection, name, version)
            if row.stage != before:
                raise _wrong_stage(name, version, f"a package of the stage {before}", row.stage)
            here = and_(PACKAGES.c.name == name, PACKAGES.c.version == row.version)
            if after == "retired":
                self._end_use(connection, row, who)
            connection.execute(update(PACKAGES).where(here).values(stage=after))
            self._note(connection, name, row.version, who=who, what=after, why=why)
        return self.get(name, version)

    def _end_use(self, connection: Connection, row: Row[Any], who: str) -> None:
        services = connection.scalars(
            select(DEPLOYMENTS.c.service).where(DEPLOYMENTS.c.name == row.name, DEPLOYMENTS.c.version == row.version)
        ).all()
        if services:
            raise Conflict(
                f"{row.name} {row.version} to be deployed nowhere",
                found=f"the services {', '.join(services)}",
                remedy="Deploy another version there first.",
            )
        for alias in aliases_of(connection, row.name, row.version):
            self._remove_alias(connection, row.name, alias, who)

    def _remove_alias(self, connection: Connection, name: str, alias: str, who: str) -> None:
        here = and_(ALIASES.c.name == name, ALIASES.c.alias == alias)
        version = connection.scalar(select(ALIASES.c.version).where(here))
        if version is not None:
            connection.execute(delete(ALIASES).where(here))
            self._note(connection, name, version, who=who, what=f"alias {alias} removed")

    def _take_down(self, connection: Connection, before: Row[Any], who: str) -> None:
        connection.execute(delete(DEPLOYMENTS).where(DEPLOYMENTS.c.service == before.service))
        self._note(connection, before.name, before.version, who=who, what=f"undeployed from {before.service}")

    def _note(self, connection: Connection, name: str, version: int, *, who: str, what: str, why: str = "") -> None:
        values = {"name": name, "version": version, "at": self._now(), "who": who, "what": what, "why": why}
        connection.execute(insert(HISTORY).values(values))

    def _now(self) -> str:
        return self._clock().astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _wrong_stage(name: str, version: str, expected: str, stage: str) -> Conflict:
    return Conflict(
        f"{expected} in {name} {version}",
        found=f"the stage {stage}",
        remedy="A package goes from candidate to approved to retired, one step at a time and never back.",
    )
