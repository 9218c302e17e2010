"""A connection to the durable memory: SQLite in a private file, or a PostgreSQL server.

What is kept here was said by or about patients: the SQLite file and its log have mode 0600 from their first byte on,
its folder is the owner's alone, and SQLite overwrites what is deleted (`secure_delete`).
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, select, text
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError, OperationalError
from sqlalchemy.pool import NullPool
from sqlalchemy.sql import column, table

from salus.contracts.errors import Conflict, InvalidInput, MissingDependency, ServiceUnavailable
from salus.records.tables import VERSION_TABLE

HEAD = "j0001"
"""The newest step of `migrations/versions`. Kept here so that an up-to-date memory opens without alembic."""

_BUSY_S = 30.0
_RETRY_S = 0.02
_UPGRADE_LOCK = 0x5A106
_WRITES = "salus_writes"
_WIDER_THAN_OWNER = stat.S_IRWXG | stat.S_IRWXO


def open_records(url: str) -> Engine:
    """An engine for `url`, with the tables brought up to date.

    Texts of the driver's errors quote no parameters.

    Args:
        url: An SQLAlchemy URL: `sqlite:///records.db`, `postgresql+psycopg://user@host/database`.

    Raises:
        InvalidInput: The URL is none, or names another kind of database.
        MissingDependency: The PostgreSQL driver is not installed.
        Conflict: Others may read the file, or a newer Salus made it.
        ServiceUnavailable: The database does not answer.
    """
    engine = _engine(url)
    try:
        with _answering(DatabaseError):
            _prepare(engine)
            _upgrade(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes. On SQLite it is the only one of its kind from its first statement on.

    Raises:
        ServiceUnavailable: The database does not answer, or others write for too long.
    """
    with _answering(), engine.connect() as connection:
        writer = connection.execution_options(**{_WRITES: True})
        with writer.begin():
            yield writer


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that reads.

    Raises:
        ServiceUnavailable: The database does not answer.
    """
    with _answering(), engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def _answering(kind: type[DatabaseError] = OperationalError) -> Iterator[None]:
    """The driver's own words are not passed on: they may quote a value."""
    try:
        yield
    except kind as error:
        raise ServiceUnavailable(
            "an answer from the database of jobs",
            found=type(error.orig).__name__,
            remedy="Check that the home folder can be written, or that the server runs and lets this user in.",
        ) from None


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
        if parsed.drivername in {"postgresql", "postgres"}:
            parsed = parsed.set(drivername="postgresql+psycopg")
        if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
            raise InvalidInput(
                "a URL of SQLite or PostgreSQL", found=parsed.get_backend_name(), remedy="Set jobs.url anew."
            )
        if parsed.get_backend_name() == "sqlite":
            if not parsed.database or parsed.database == ":memory:":
                raise InvalidInput("a file for SQLite", found="none", remedy="Set jobs.url to sqlite:///<file>.")
            _make_private(Path(parsed.database))
            # Nothing stays open between calls: whoever only looked leaves no connection behind.
            return create_engine(parsed, hide_parameters=True, poolclass=NullPool)
        return create_engine(parsed, hide_parameters=True, pool_pre_ping=True)
    except ModuleNotFoundError as error:
        raise MissingDependency(
            "the PostgreSQL driver", found=f"no module {error.name}", remedy="Install salus[postgres]."
        ) from error
    except (ArgumentError, NoSuchModuleError) as error:
        raise InvalidInput(
            "an SQLAlchemy URL such as sqlite:///records.db", found="a text that is none", remedy="Set jobs.url anew."
        ) from error


def _make_private(path: Path) -> None:
    """The file with mode 0600; SQLite gives its log and its index the mode of the file."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    mode = stat.S_IMODE(path.stat().st_mode)
    if os.name == "posix" and mode & _WIDER_THAN_OWNER:
        raise Conflict(
            f"{path.name} to be readable by its owner alone (mode 0600)",
            found=f"mode {mode:04o}",
            remedy=f"It may hold patients' data. If nobody else has read it, run: chmod 600 {path}.",
        )


def _prepare(engine: Engine) -> None:
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver's own BEGIN comes too late; ours is written below
        connection.execute(f"PRAGMA busy_timeout = {int(_BUSY_S * 1000)}")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")

    _use_write_ahead_log(engine)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _use_write_ahead_log(engine: Engine) -> None:
    """Switch the file to a write-ahead log. SQLite does not wait for others here, so it is tried again."""
    deadline = time.monotonic() + _BUSY_S
    while True:
        with engine.connect() as connection:
            if connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal":
                return
            try:
                connection.exec_driver_sql("PRAGMA journal_mode = WAL")
            except OperationalError:
                if time.monotonic() > deadline:
                    raise
        time.sleep(_RETRY_S)


def _upgrade(engine: Engine) -> None:
    with reading(engine) as connection:
        if _revision(connection) == HEAD:
            return
    with writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_LOCK})
        if _revision(connection) != HEAD:
            _run_migrations(connection)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    return connection.scalar(select(column("version_num")).select_from(table(VERSION_TABLE)))


def _run_migrations(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "salus.records:migrations")
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise Conflict(
            f"a database of jobs of version {HEAD} or older",
            found=f"version {_revision(connection)}",
            remedy="It was made by a newer Salus: install that one, or name another database.",
        ) from error
