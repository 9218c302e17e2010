"""The registry on a real PostgreSQL server, which is started for the tests and stopped after them."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, delete, text, update
from sqlalchemy.exc import DBAPIError

from salus.contracts.errors import Conflict, GateNotMet, SalusError
from salus.contracts.reports import UnmetGoal
from salus.modelpackage.specimen import make_specimen_draft
from salus.modelpackage.writing import write_package
from salus.registry.store import ModelRegistry
from salus.registry.tables import HISTORY, METADATA

pytestmark = pytest.mark.component("postgresql")
NAME = "specimen.larger"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The URL of a fresh server on a Unix socket; PostgreSQL does not run as root, so root hands it to `postgres`."""
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    owner = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    if os.geteuid() == 0:
        shutil.chown(folder, owner, owner)

    def run(*command: str) -> None:
        subprocess.run(
            command,
            check=True,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            user=owner if os.geteuid() == 0 else None,
            group=owner if os.geteuid() == 0 else None,
            extra_groups=[] if os.geteuid() == 0 else None,
        )

    data, control = str(folder / "data"), str(programs / "pg_ctl")
    run(str(programs / "initdb"), "-D", data, "-U", "salus", "-A", "trust", "-E", "UTF8", "--no-sync")
    options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
    run(control, "-D", data, "-l", str(folder / "log"), "-o", options, "-w", "start")
    try:
        yield f"postgresql://salus@/postgres?host={folder}"
    finally:
        run(control, "-D", data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder)


@pytest.fixture
def url(server: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """A fresh database on the server."""
    name = f"test_{abs(hash(request.node.name))}"
    engine = create_engine(server.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield server.replace("/postgres?", f"/{name}?")
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


@pytest.fixture
def registry(url: str, tmp_path: Path) -> Iterator[ModelRegistry]:
    opened = ModelRegistry(url, tmp_path / "packages")
    yield opened
    opened.close()


def add(registry: ModelRegistry, folder: Path, version: str, seed: int = 0) -> str:
    package = write_package(make_specimen_draft(version, seed=seed), folder, signer=None)
    return registry.add(package, who="ada", build_record={"seconds": 1.5, "模型": "是"}).digest


def test_a_package_goes_its_way_on_a_server(registry: ModelRegistry, tmp_path: Path) -> None:
    add(registry, tmp_path / "a", "1")
    add(registry, tmp_path / "b", "10", seed=1)
    assert registry.next_version(NAME) == "11"
    assert registry.get(NAME, "1").build_record == {"seconds": 1.5, "模型": "是"}
    with pytest.raises(Conflict, match="Give it the version 11"):
        add(registry, tmp_path / "c", "1", seed=2)
    with pytest.raises(GateNotMet):
        registry.approve(NAME, "1", who="ada", why="x", unmet_goals=[UnmetGoal("auroc", "asked", "found")])
    registry.approve(NAME, "1", who="ada", why="met", unmet_goals=())
    registry.set_alias(NAME, "stable", "1", who="ada")
    registry.deploy("service", NAME, "1", who="ada")
    registry.deploy("service", NAME, "10", who="ada")
    registry.retire(NAME, "1", who="ada", why="old")
    assert [each.version for each in registry.list_deployments()] == ["10"]
    assert [entry.what for entry in registry.history(NAME, "1")] == [
        "added",
        "approved",
        "alias stable set",
        "deployed as service",
        "undeployed from service",
        "alias stable removed",
        "retired",
    ]
    lineage = make_specimen_draft(seed=1).lineage
    found = registry.find_same_lineage(NAME, lineage)
    assert found is not None
    assert found.version == "10"
    assert len(registry.find_trained_on("0" * 64)) == 2


def test_the_steps_make_the_tables_that_the_queries_use(registry: ModelRegistry, url: str) -> None:
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    engine.dispose()


def test_the_server_itself_refuses_to_change_history(registry: ModelRegistry, url: str, tmp_path: Path) -> None:
    add(registry, tmp_path / "a", "1")
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    for change in (update(HISTORY).values(who="eve"), delete(HISTORY), text("TRUNCATE history")):
        with pytest.raises(DBAPIError, match="append only"), engine.begin() as connection:
            connection.execute(change)
    engine.dispose()
    assert registry.history(NAME, "1")[0].who == "ada"


def test_those_who_open_and_add_at_once_lose_nothing(url: str, tmp_path: Path) -> None:
    """Six registries make the tables at once, add one package in common and one each, and deploy to one service."""
    common = write_package(make_specimen_draft("1"), tmp_path / "common", signer=None)
    own = [write_package(make_specimen_draft(str(2 + n)), tmp_path / f"own-{n}", signer=None) for n in range(6)]

    def work(number: int) -> list[SalusError]:
        registry = ModelRegistry(url, tmp_path / "packages")
        lost: list[SalusError] = []
        registry.add(common, who=f"thread-{number}", build_record={})
        registry.add(own[number], who=f"thread-{number}", build_record={})
        try:
            registry.deploy("service", NAME, str(2 + number), who=f"thread-{number}")
        except Conflict as error:
            lost.append(error)
        registry.close()
        return lost

    with ThreadPoolExecutor(6) as pool:
        lost = [error for errors in pool.map(work, range(6)) for error in errors]
    registry = ModelRegistry(url, tmp_path / "packages")
    assert [record.version for record in registry.list_packages()] == [str(n) for n in range(1, 8)]
    assert len(registry.history(NAME, "1")) == 1
    assert len(registry.list_deployments()) == 1
    assert all("faster" in error.found for error in lost)
    registry.close()
