import stat
from pathlib import Path
from typing import Any

import pytest

from salus.contracts.errors import Conflict, Expired, InvalidInput, NotFound, Overloaded, ServiceUnavailable
from salus.contracts.jobs import JobProgress
from salus.records.database import open_records, reading
from salus.records.job_leases import JobLeases
from salus.records.job_store import JobStore
from salus.records.settings import JobSettings
from salus.records.tables import DOCUMENTS, METADATA


def test_a_job_is_handed_in_once_and_stays(store: JobStore, url: str) -> None:
    job = store.submit("wards.roster", "ward-7", b"question", progress=JobProgress(limit_s=60.0))
    other = JobStore(url, JobSettings())
    assert other.get(job.id, "ward-7") == job
    other.close()
    assert (job.state, job.progress.limit_s, job.created_at) == ("queued", 60.0, "2026-03-01T12:00:00.000Z")


def test_nobody_else_sees_a_job_and_the_operator_does(store: JobStore) -> None:
    job = store.submit("s", "alice", b"q")
    for ask in (store.get, store.ask_to_cancel, store.read_result):
        with pytest.raises(NotFound):
            ask(job.id, "bob")
    assert store.list_jobs("bob").jobs == ()
    assert store.get(job.id, None) == job
    with pytest.raises(NotFound):
        store.get("x" * 1000, None)


def test_pages_hold_every_job_once_newest_first(store: JobStore, clock: Any) -> None:
    ids = []
    for index in range(4):
        ids.append(store.submit("even" if index % 2 == 0 else "odd", f"c{index}", b"q").id)
        clock.pass_time(seconds=index % 2)  # some have the same time
    found: list[str] = []
    cursor = None
    while True:
        page = store.list_jobs(None, cursor=cursor, most=1)
        found += [job.id for job in page.jobs]
        cursor = page.cursor
        if cursor is None:
            break
    assert sorted(found) == sorted(ids)
    times = [store.get(job, None).created_at for job in found]
    assert times == sorted(times, reverse=True)
    assert {job.service for job in store.list_jobs(None, service="odd").jobs} == {"odd"}
    with pytest.raises(InvalidInput):
        store.list_jobs(None, cursor="nonsense")


def test_the_same_token_is_the_same_job_for_the_same_question_alone(store: JobStore) -> None:
    job = store.submit("s", "alice", b"q", token="t")
    assert store.submit("s", "alice", b"q", token="t") == job
    assert store.submit("s", "bob", b"q", token="t").id != job.id
    for service, question in (("s", b"other"), ("other", b"q")):
        with pytest.raises(Conflict):
            store.submit(service, "alice", question, token="t")
    for token in ("", "t" * 256):
        with pytest.raises(InvalidInput):
            store.submit("s", "alice", b"q", token=token)


def test_open_jobs_of_a_caller_are_bounded_and_ended_ones_do_not_count(store: JobStore) -> None:
    jobs = [store.submit("s", "alice", b"q") for _ in range(4)]
    with pytest.raises(Overloaded):
        store.submit("s", "alice", b"q")
    store.submit("s", "bob", b"q")
    store.ask_to_cancel(jobs[0].id, "alice")
    store.submit("s", "alice", b"q")


def test_results_expire_are_deleted_and_at_last_the_job_is_forgotten(store: JobStore, clock: Any) -> None:
    job = store.submit("s", "alice", b"the question")
    leases = JobLeases(store, "w")
    claimed = leases.claim()
    assert claimed is not None
    leases.finish(job.id, b"the answer", JobProgress())
    assert store.read_result(job.id, "alice") == b"the answer"
    clock.pass_time(days=6.9)
    assert store.expire() == 0
    clock.pass_time(days=0.2)
    assert store.expire() == 1
    assert (store.get(job.id, "alice").state, store.get(job.id, "alice").has_result) == ("expired", False)
    with pytest.raises(Expired):
        store.read_result(job.id, "alice")
    with reading(store.engine) as connection:
        assert connection.execute(DOCUMENTS.select()).all() == []
    clock.pass_time(days=7)
    assert store.expire() == 0
    with pytest.raises(NotFound):
        store.get(job.id, "alice")


def test_a_deleted_answer_leaves_no_bytes_in_the_file(store: JobStore, clock: Any, tmp_path: Path) -> None:
    secret = b"blood pressure of a patient" * 50
    job = store.submit("s", "alice", secret)
    leases = JobLeases(store, "w")
    leases.claim()
    leases.finish(job.id, secret, JobProgress())
    clock.pass_time(days=8)
    store.expire()
    store.close()
    for path in (tmp_path / "records").iterdir():
        assert b"blood pressure" not in path.read_bytes(), path.name


def test_every_file_is_the_owners_alone(store: JobStore, tmp_path: Path) -> None:
    with reading(store.engine):  # the log is there while somebody looks
        store.submit("s", "alice", b"q")
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "records").iterdir()}
    assert len(modes) == 3
    assert set(modes.values()) == {0o600}


def test_a_file_that_others_may_read_is_refused(store: JobStore, url: str, tmp_path: Path) -> None:
    (tmp_path / "records" / "jobs.db").chmod(0o640)
    with pytest.raises(Conflict, match="0600"):
        JobStore(url, JobSettings())


def test_counts_by_state_name_every_state(store: JobStore) -> None:
    store.submit("s", "alice", b"q")
    store.ask_to_cancel(store.submit("s", "alice", b"q").id, "alice")
    counts = {state: count for state, count in store.count_by_state().items() if count}
    assert counts == {"queued": 1, "cancelled": 1}


def test_the_steps_make_the_tables_that_queries_see(url: str) -> None:
    from sqlalchemy import inspect

    engine = open_records(url)
    found = inspect(engine)
    for table in METADATA.sorted_tables:
        columns = {column["name"]: column["nullable"] for column in found.get_columns(table.name)}
        assert columns == {column.name: column.nullable for column in table.columns}
        indices = {str(index["name"]) for index in found.get_indexes(table.name)}
        assert {str(index.name) for index in table.indexes} == indices
    engine.dispose()


@pytest.mark.parametrize("url", ["nonsense", "mysql://host/database", "sqlite://"])
def test_a_url_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput):
        open_records(url)


def test_a_file_that_is_no_database_is_told_without_its_content(tmp_path: Path) -> None:
    path = tmp_path / "jobs.db"
    path.write_bytes(b"a patient's letter" * 100)
    path.chmod(0o600)
    with pytest.raises(ServiceUnavailable) as error:
        open_records(f"sqlite:///{path}")
    assert "letter" not in str(error.value)


@pytest.mark.parametrize("change", [{"concurrent": 0}, {"lease_s": 0.0}, {"solver_processes": 0}, {"keep_days": -1.0}])
def test_settings_without_sense_are_refused(change: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="jobs"):
        JobSettings(**change)  # type: ignore[arg-type]  # counts and times alike
