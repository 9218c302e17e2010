import threading
from collections.abc import Callable
from typing import Any

from salus.contracts.errors import InvalidInput
from salus.contracts.jobs import JobFailure, JobProgress
from salus.records.job_leases import ClaimedJob, JobLeases
from salus.records.job_rows import make_error
from salus.records.job_store import JobStore

Worker = Callable[[str], JobLeases]


def _claim(leases: JobLeases) -> ClaimedJob:
    claimed = leases.claim()
    assert claimed is not None
    return claimed


def test_jobs_are_taken_up_in_order_each_by_one_worker(store: JobStore, worker: Worker, clock: Any) -> None:
    first = store.submit("s", "alice", b"one")
    clock.pass_time(seconds=1)
    second = store.submit("s", "bob", b"two")
    taken = [_claim(worker("a")), _claim(worker("b"))]
    assert [(each.job.id, each.question) for each in taken] == [(first.id, b"one"), (second.id, b"two")]
    assert worker("c").claim() is None
    assert store.get(first.id, None).state == "running"


def test_many_workers_at_once_take_each_job_once(store: JobStore, worker: Worker) -> None:
    ids = {store.submit("s", f"caller-{number}", b"q").id for number in range(12)}
    taken: list[str] = []

    def work(name: str) -> None:
        while (claimed := worker(name).claim()) is not None:
            taken.append(claimed.job.id)

    threads = [threading.Thread(target=work, args=(f"w{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(ids)


def test_a_job_whose_worker_is_silent_goes_to_another_with_all_that_was_kept(
    store: JobStore, worker: Worker, clock: Any
) -> None:
    job = store.submit("s", "alice", b"q")
    one, other = worker("one"), worker("other")
    _claim(one)
    one.beat(job.id, JobProgress(elapsed_s=3.0, cost=9.0), incumbent=b"plan")
    one.add_part(job.id, 1, b"second", JobProgress(elapsed_s=4.0))
    one.add_part(job.id, 0, b"first", JobProgress(elapsed_s=5.0))
    clock.pass_time(seconds=9)
    assert other.claim() is None
    clock.pass_time(seconds=2)
    claimed = _claim(other)
    assert (claimed.incumbent, claimed.parts, claimed.job.progress.elapsed_s) == (b"plan", (b"first", b"second"), 5.0)


def test_whoever_lost_the_lease_changes_nothing(store: JobStore, worker: Worker, clock: Any) -> None:
    job = store.submit("s", "alice", b"q")
    one, other = worker("one"), worker("other")
    _claim(one)
    clock.pass_time(seconds=11)
    _claim(other)
    before = store.get(job.id, None)
    assert not one.beat(job.id, JobProgress(cost=1.0), incumbent=b"late").held
    assert not one.add_part(job.id, 0, b"late", JobProgress()).held
    assert not one.finish(job.id, b"late", JobProgress())
    assert not one.fail(job.id, InvalidInput("a", found="b", remedy="c"), JobProgress())
    assert not one.stop(job.id, JobProgress())
    assert not one.give_back(job.id, JobProgress())
    assert store.get(job.id, None) == before
    assert other.finish(job.id, b"answer", JobProgress())
    assert store.read_result(job.id, "alice") == b"answer"


def test_a_sign_of_life_tells_that_the_owner_wants_it_stopped(store: JobStore, worker: Worker) -> None:
    job = store.submit("s", "alice", b"q")
    leases = worker("w")
    _claim(leases)
    assert not leases.beat(job.id, JobProgress()).cancel
    store.ask_to_cancel(job.id, "alice")
    assert leases.beat(job.id, JobProgress()).cancel
    assert leases.stop(job.id, JobProgress())
    assert store.get(job.id, None).state == "cancelled"


def test_a_cancelled_job_of_a_dead_worker_is_not_begun_again(store: JobStore, worker: Worker, clock: Any) -> None:
    job = store.submit("s", "alice", b"q")
    _claim(worker("dead"))
    store.ask_to_cancel(job.id, "alice")
    clock.pass_time(seconds=11)
    assert worker("other").claim() is None
    assert store.get(job.id, None).state == "cancelled"


def test_a_job_that_ends_its_workers_is_given_up(store: JobStore, worker: Worker, clock: Any) -> None:
    job = store.submit("s", "alice", b"q")
    for number in range(3):
        _claim(worker(f"w{number}"))
        clock.pass_time(seconds=11)
    assert worker("w3").claim() is None
    failed = store.get(job.id, None)
    assert failed.failure is not None
    assert (failed.state, failed.failure.code) == ("failed", "service_unavailable")


def test_a_job_that_is_handed_back_does_not_wear_out(store: JobStore, worker: Worker) -> None:
    job = store.submit("s", "alice", b"q")
    for number in range(10):
        leases = worker(f"w{number}")
        _claim(leases)
        assert leases.give_back(job.id, JobProgress(elapsed_s=float(number)), incumbent=b"%d" % number)
    assert _claim(worker("last")).incumbent == b"9"


def test_a_failure_is_the_error_again() -> None:
    error = make_error(JobFailure(code="invalid_input", expected="a", found="b", remedy="c"))
    assert (type(error), error.expected, error.found, error.remedy) == (InvalidInput, "a", "b", "c")


def test_every_change_counts_the_revision_up(store: JobStore, worker: Worker) -> None:
    job = store.submit("s", "alice", b"q")
    leases = worker("w")
    revisions = [job.revision]
    revisions.append(_claim(leases).job.revision)
    leases.beat(job.id, JobProgress(elapsed_s=1.0))
    revisions.append(store.get(job.id, None).revision)
    leases.finish(job.id, b"a", JobProgress(elapsed_s=2.0))
    revisions.append(store.get(job.id, None).revision)
    assert revisions == [0, 1, 2, 3]
