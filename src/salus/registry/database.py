"""A connection to the registry's database: SQLite in a file, or a PostgreSQL server."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, select, text
from sqlalchemy.exc import ArgumentError, DatabaseError, IntegrityError, NoSuchModuleError, OperationalError
from sqlalchemy.sql import column, table

from salus.contracts.errors import Conflict, InvalidInput, MissingDependency, ServiceUnavailable

HEAD = "r0001"
"""The newest step of `migrations/versions`. Kept here so that an up-to-date registry opens without alembic."""

_BUSY_S = 30.0
_RETRY_S = 0.02
_UPGRADE_LOCK = 0x5A105
_WRITES = "salus_writes"


def open_database(url: str) -> Engine:
    """An engine for `url`, with the tables brought up to date.

    SQLite runs with a write-ahead log (readers and one writer do not wait for each other), waits up to 30 s for
    another writer, and checks foreign keys.

    Args:
        url: An SQLAlchemy URL: `sqlite:///registry.sqlite`, `postgresql+psycopg://user@host/database`.

    Raises:
        InvalidInput: The URL is none, or names another kind of database.
        MissingDependency: The PostgreSQL driver is not installed.
        ServiceUnavailable: The database does not answer.
    """
    engine = _engine(url)
    try:
        with _answering(engine, DatabaseError):
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
        Conflict: Another process made the same thing first.
        ServiceUnavailable: The database does not answer, or others write for too long.
    """
    try:
        with _answering(engine), engine.connect() as connection:
            writer = connection.execution_options(**{_WRITES: True})
            with writer.begin():
                yield writer
    except IntegrityError as error:
        raise Conflict(
            "nobody else to make this change", found="another process that was faster", remedy="Look, and try again."
        ) from error


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that reads.

    Raises:
        ServiceUnavailable: The database does not answer.
    """
    with _answering(engine), engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def _answering(engine: Engine, kind: type[DatabaseError] = OperationalError) -> Iterator[None]:
    try:
        yield
    except kind as error:
        raise ServiceUnavailable(
            f"an answer from the registry's database ({engine.url.render_as_string(hide_password=True)})",
            found=str(error.orig).partition("\n")[0][:200],
            remedy="Check that the file's folder can be written, or that the server runs and lets this user in.",
        ) from error


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
        if parsed.drivername in {"postgresql", "postgres"}:
            parsed = parsed.set(drivername="postgresql+psycopg")
        if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
            raise InvalidInput(
                "a URL of SQLite or PostgreSQL", found=parsed.get_backend_name(), remedy="Set registry.url anew."
            )
        if parsed.get_backend_name() == "sqlite":
            if not parsed.database or parsed.database == ":memory:":
                raise InvalidInput("a file for SQLite", found="none", remedy="Set registry.url to sqlite:///<file>.")
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        return create_engine(parsed, pool_pre_ping=parsed.get_backend_name() == "postgresql")
    except ModuleNotFoundError as error:
        raise MissingDependency(
            "the PostgreSQL driver", found=f"no module {error.name}", remedy="Install salus[postgres]."
        ) from error
    except (ArgumentError, NoSuchModuleError) as error:
        raise InvalidInput(
            "an SQLAlchemy URL such as sqlite:///registry.sqlite",
            found="a text that is none",
            remedy="Set registry.url anew.",
        ) from error


def _prepare(engine: Engine) -> None:
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        # The driver's own BEGIN comes too late and takes the write lock later still; ours is written below.
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {int(_BUSY_S * 1000)}")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")

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
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.scalar(select(column("version_num")).select_from(table("alembic_version")))


def _run_migrations(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "salus.registry:migrations")
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise Conflict(
            f"a registry of version {HEAD} or older",
            found=f"version {_revision(connection)}",
            remedy="It was made by a newer Salus: install that one, or name another registry.",
        ) from error
