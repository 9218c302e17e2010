"""Work on jobs, with services that misbehave."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from prometheus_client import CollectorRegistry

from salus.contracts.batches import count_samples
from salus.contracts.errors import InvalidInput, Overloaded
from salus.contracts.jobs import Job, JobProgress
from salus.contracts.services import Caller, InferenceRequest, Prediction, Provenance
from salus.modelpackage.specimen import make_specimen_draft
from salus.observability.job_metrics import JobMetrics
from salus.records.job_leases import JobLeases
from salus.records.job_store import JobStore
from salus.records.settings import JobSettings
from salus.serving.catalogue import ServiceCatalogue
from salus.workflows.job_questions import JobQuestion, encode_question
from salus.workflows.run_job import SAMPLES_TOGETHER, JobRunner

_NAME = "fake.rows"
_PROVENANCE = Provenance(
    service=_NAME,
    package=_NAME,
    version="1",
    digest="0",
    variant="float32",
    backend="fake",
    dataset_digest="0",
    demonstration=False,
    reviewed=False,
    answered_at="2026-01-01T00:00:00Z",
)


class FakeService:
    """Answers each row by itself, as `behave` allows."""

    def __init__(self, behave: Callable[[int], Any]) -> None:
        self._behave = behave
        self.asked: list[int] = []
        self.callers: set[str] = set()
        self.task = make_specimen_draft().task

    def describe(self) -> Any:
        class _Named:
            name = _NAME
            manifest = type("Manifest", (), {"task": self.task, "version": "1"})()

        return _Named()

    def ready(self) -> bool:
        return True

    async def predict(self, request: InferenceRequest, caller: Caller) -> Prediction:
        count = count_samples(request.inputs)
        self.asked.append(count)
        self.callers.add(caller.name)
        outcome = self._behave(len(self.asked))
        if isinstance(outcome, Exception):
            raise outcome
        if outcome is not None:
            await outcome
        return Prediction(request.request_id or "?", {"x": request.inputs["x"]}, (None,) * count, _PROVENANCE)


class FakeWriter:
    """Writes rows as a list."""

    async def write(self, service: str, request: InferenceRequest, prediction: Prediction, notes: bytes) -> bytes:
        rows = np.asarray(prediction.outputs["x"], np.int64).tolist()
        return json.dumps({"rows": rows, "notes": json.loads(notes), "id": prediction.request_id}).encode()

    def join(self, answers: Sequence[bytes]) -> bytes:
        decoded = [json.loads(answer) for answer in answers]
        rows = [row for each in decoded for row in each["rows"]]
        return json.dumps(
            {**decoded[0], "rows": rows, "notes": [n for each in decoded for n in each["notes"]]}
        ).encode()


@pytest.fixture
def store(tmp_path: Path) -> Any:
    opened = JobStore(f"sqlite:///{tmp_path / 'jobs.db'}", JobSettings(lease_s=1.0, longest_s=60.0))
    yield opened
    opened.close()


def _submit(store: JobStore, count: int) -> Job:
    notes = json.dumps([f"note {row}" for row in range(count)]).encode()
    question = encode_question(JobQuestion(InferenceRequest({"x": np.arange(count)}), notes))
    return store.submit(_NAME, "alice", question, progress=JobProgress(done=0, of=count))


@asynccontextmanager
async def _running(store: JobStore, service: FakeService) -> AsyncIterator[JobRunner]:
    catalogue = ServiceCatalogue()
    catalogue.add(service)  # type: ignore[arg-type]  # a fake has no package
    runner = JobRunner(store, catalogue, FakeWriter(), JobMetrics(CollectorRegistry()), look_s=0.05)
    runner.start()
    try:
        yield runner
    finally:
        await runner.close()
        await runner.close()


async def _asked(service: FakeService) -> None:
    for _ in range(1000):
        if service.asked:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("the service is not asked")


async def _ended(store: JobStore, job: Job) -> Job:
    for _ in range(1000):
        known = store.get(job.id, None)
        if known.ended:
            return known
        await asyncio.sleep(0.02)
    raise AssertionError("the job does not end")


async def test_a_batch_is_asked_in_parts_in_its_callers_name_and_joined_in_order(store: JobStore) -> None:
    service, job = FakeService(lambda _: None), _submit(store, 2 * SAMPLES_TOGETHER + 3)
    async with _running(store, service):
        ended = await _ended(store, job)
    assert (ended.state, service.asked, service.callers) == ("done", [64, 64, 3], {"alice"})
    result = json.loads(store.read_result(job.id, "alice"))
    assert result["rows"] == list(range(131))
    assert result["notes"] == [f"note {row}" for row in range(131)]
    assert result["id"] == job.id


async def test_a_batch_goes_on_behind_the_parts_that_are_answered(store: JobStore) -> None:
    job = _submit(store, 3 * SAMPLES_TOGETHER)
    dead = JobLeases(store, "dead")
    dead.claim()
    first = json.dumps({"rows": [-1] * 64, "notes": ["kept"], "id": "dead"}).encode()
    dead.add_part(job.id, 0, first, JobProgress(elapsed_s=1.0, done=64, of=192))
    service = FakeService(lambda _: None)
    async with _running(store, service):
        ended = await _ended(store, job)
    assert (service.asked, ended.progress.done) == ([64, 64], 192)
    assert json.loads(store.read_result(job.id, "alice"))["rows"] == [-1] * 64 + list(range(64, 192))


async def test_an_error_fails_the_job_and_the_next_is_taken_up(store: JobStore) -> None:
    wrong = InvalidInput("rows", found="none", remedy="Send some.")
    service = FakeService(lambda call: wrong if call == 1 else None)
    one, other = _submit(store, 1), _submit(store, 2)
    async with _running(store, service):
        failed, done = await _ended(store, one), await _ended(store, other)
    assert failed.failure is not None
    assert (failed.state, failed.failure.code, done.state) == ("failed", "invalid_input", "done")


async def test_a_defect_fails_the_job_without_its_text(store: JobStore, capsys: pytest.CaptureFixture[str]) -> None:
    service = FakeService(lambda _: RuntimeError("the patient's name"))
    job = _submit(store, 1)
    async with _running(store, service):
        failed = await _ended(store, job)
    assert failed.failure is not None
    assert failed.failure.code == "internal"
    assert job.id in failed.failure.remedy
    printed = capsys.readouterr()
    assert "patient" not in printed.out + printed.err + repr(failed)


async def test_a_busy_service_is_asked_again(store: JobStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("salus.workflows.run_job._RETRY_S", 0.01)
    busy = Overloaded("fewer", found="more", remedy="Wait.")
    service, job = FakeService(lambda call: busy if call < 4 else None), _submit(store, 1)
    async with _running(store, service):
        assert (await _ended(store, job)).state == "done"
    assert service.asked == [1, 1, 1, 1]


async def test_a_job_of_a_service_that_is_gone_fails(store: JobStore) -> None:
    job = store.submit("another.service", "alice", b"")
    async with _running(store, FakeService(lambda _: None)):
        failed = await _ended(store, job)
    assert failed.failure is not None
    assert failed.failure.code == "not_found"


async def test_a_batch_that_its_owner_stops_ends_without_an_answer(store: JobStore) -> None:
    service, job = FakeService(lambda _: asyncio.sleep(60)), _submit(store, 1)
    async with _running(store, service):
        await _asked(service)
        store.ask_to_cancel(job.id, "alice")
        ended = await _ended(store, job)
    assert (ended.state, ended.has_result) == ("cancelled", False)


async def test_a_runner_that_ends_hands_its_job_back(store: JobStore) -> None:
    service, job = FakeService(lambda _: asyncio.sleep(60)), _submit(store, 1)
    async with _running(store, service):
        await _asked(service)
    assert store.get(job.id, None).state == "queued"


async def test_a_job_that_takes_too_long_fails(store: JobStore) -> None:
    store.settings = JobSettings(lease_s=1.0, longest_s=1.0)
    service, job = FakeService(lambda _: asyncio.sleep(60)), _submit(store, 1)
    async with _running(store, service):
        failed = await _ended(store, job)
    assert failed.failure is not None
    assert failed.failure.code == "deadline_exceeded"
