import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import delete, text, update
from sqlalchemy.exc import IntegrityError

from salus.contracts.errors import Conflict, InvalidInput, MissingDependency, ServiceUnavailable
from salus.contracts.packages import ModelPackage
from salus.registry.database import HEAD, open_database, reading, writing
from salus.registry.store import ModelRegistry
from salus.registry.tables import HISTORY, METADATA

Make = Callable[..., ModelPackage]


def test_the_newest_step_is_the_one_that_the_code_expects() -> None:
    config = Config()
    config.set_main_option("script_location", "salus.registry:migrations")
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


def test_the_steps_make_the_tables_that_the_queries_use(url: str) -> None:
    engine = open_database(url)
    with reading(engine) as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    engine.dispose()


def test_a_registry_that_is_up_to_date_opens_without_alembic(url: str) -> None:
    open_database(url).dispose()
    program = (
        "import sys; from salus.registry.database import open_database; "
        f"open_database({url!r}).dispose(); sys.exit('alembic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_sqlite_runs_with_a_write_ahead_log_and_foreign_keys(url: str) -> None:
    engine = open_database(url)
    with reading(engine) as connection:
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert connection.scalar(text("PRAGMA foreign_keys")) == 1
        assert connection.scalar(text("PRAGMA busy_timeout")) == 30_000
    engine.dispose()


def test_the_database_itself_refuses_to_change_history(registry: ModelRegistry, make: Make, url: str) -> None:
    registry.add(make(), who="ada", build_record={})
    engine = open_database(url)
    for change in (update(HISTORY).values(who="eve"), delete(HISTORY)):
        with pytest.raises(Conflict) as caught, writing(engine) as connection:
            connection.execute(change)
        assert isinstance(caught.value.__cause__, IntegrityError)
        assert "append only" in str(caught.value.__cause__)
    engine.dispose()
    assert registry.history("specimen.larger", "1")[0].who == "ada"


def test_a_registry_of_a_newer_version_is_refused(url: str) -> None:
    engine = open_database(url)
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'r9999'"))
    engine.dispose()
    with pytest.raises(Conflict, match="newer Salus"):
        open_database(url)


@pytest.mark.parametrize(
    "url", ["", "no url", "mysql://host/db", "oracle+fantasy://host", "sqlite://", "sqlite:///:memory:"]
)
def test_a_url_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput):
        open_database(url)


def test_a_file_that_cannot_be_opened_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(ServiceUnavailable, match="unable to open"):
        open_database(f"sqlite:///{tmp_path}/folder")


def test_a_file_that_is_no_database_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"something else, " * 100)
    with pytest.raises(ServiceUnavailable, match="not a database"):
        open_database(f"sqlite:///{tmp_path}/file")


def test_a_server_that_does_not_answer_is_said_so_without_its_password() -> None:
    with pytest.raises(ServiceUnavailable) as caught:
        open_database("postgresql://ada:secret@127.0.0.1:1/registry")
    assert "secret" not in str(caught.value)


def test_a_missing_driver_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingDependency, match=r"salus\[postgres\]"):
        open_database("postgresql://host/registry")
