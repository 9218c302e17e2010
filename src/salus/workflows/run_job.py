"""Work on jobs: take one up, ask its service, tell how it goes, hand the answer in.

A job is asked of the very service that everybody asks, so that guard, abstention, provenance and counting are the
same. What dies with the process is taken up again by its lease: a plan from the best one found until then and for the
time that is left, a batch from the first sample that has no answer yet.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

import msgspec
import structlog

from salus.contracts.batches import count_samples, take_samples
from salus.contracts.errors import DeadlineExceeded, Overloaded, SalusError, ServiceUnavailable
from salus.contracts.jobs import JobProgress, JobState
from salus.contracts.planning import Plan
from salus.contracts.services import Caller, InferenceRequest, Prediction
from salus.observability.job_metrics import JobMetrics
from salus.observability.logs import describe_place
from salus.records.job_leases import ClaimedJob, JobLeases
from salus.records.job_store import JobStore
from salus.serving.catalogue import DeployedService, ServiceCatalogue
from salus.serving.solver_pool import LongWork, watching
from salus.workflows.job_questions import JobQuestion, decode_question
from salus.workflows.job_watch import JobWatch

SAMPLES_TOGETHER = 64
"""Samples of a batch that are asked together; their answers are kept as soon as they are there."""
_LOOK_S = 1.0
_SWEEP_S = 30.0
_RETRY_S = 1.0


class AnswerWriter(Protocol):
    """Writes answers in the form in which they are fetched."""

    async def write(self, service: str, request: InferenceRequest, prediction: Prediction, notes: bytes) -> bytes:
        """The answer of `service` to some samples; `notes` are those of the question, of all its samples."""
        ...

    def join(self, answers: Sequence[bytes]) -> bytes:
        """Answers to the first samples, the next, and so on, as one answer."""
        ...


@dataclass(frozen=True)
class _Work:
    """One job while it is worked on."""

    claimed: ClaimedJob
    question: JobQuestion
    service: DeployedService
    watch: JobWatch
    plans: bool
    start: Plan | None

    @property
    def id(self) -> str:
        return self.claimed.job.id

    @property
    def request(self) -> InferenceRequest:
        """The question, by the job's id where the caller gave it no name."""
        asked = self.question.request
        return InferenceRequest(asked.inputs, asked.request_id or self.id, asked.outputs)


class JobRunner:
    """Works on the jobs of a store, so many at a time.

    Args:
        store: The jobs.
        services: Who is asked.
        writer: Writes the answers.
        metrics: Where to count.
        look_s: Seconds between two looks for jobs, and between two signs of life.
    """

    def __init__(
        self,
        store: JobStore,
        services: ServiceCatalogue,
        writer: AnswerWriter,
        metrics: JobMetrics,
        *,
        look_s: float = _LOOK_S,
    ) -> None:
        self._store = store
        self._leases = JobLeases(store, secrets.token_hex(16))
        self._services = services
        self._writer = writer
        self._metrics = metrics
        self._look_s = min(look_s, store.settings.lease_s / 3)
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin, on the running event loop."""
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(self._go_on()) for _ in range(self._store.settings.concurrent)]
        self._tasks.append(loop.create_task(self._sweep()))

    def wake(self) -> None:
        """There is a new job: do not wait for the next look."""
        self._wake.set()

    async def close(self) -> None:
        """Hand back what is worked on, with what was found until now, and end. Closing twice is allowed."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    async def _go_on(self) -> None:
        while True:
            self._wake.clear()
            try:
                claimed = await asyncio.to_thread(self._leases.claim)
                if claimed is not None:
                    await self._work_on(claimed)
                    continue
            except Exception as error:  # noqa: BLE001 -- a database that is away for a while must not end the worker
                _log(error)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), self._look_s)

    async def _sweep(self) -> None:
        while True:
            try:
                await asyncio.to_thread(self._store.expire)
                self._metrics.count(await asyncio.to_thread(self._store.count_by_state))
            except Exception as error:  # noqa: BLE001 -- as above
                _log(error)
            await asyncio.sleep(_SWEEP_S)

    async def _work_on(self, claimed: ClaimedJob) -> None:
        job = claimed.job
        if job.progress.elapsed_s > 0:
            self._metrics.resumed()
        try:
            work = self._prepare(claimed)
        except Exception as error:  # noqa: BLE001 -- whatever is wrong with one job ends that job alone
            await self._fail(job.id, job.service, error, job.progress)
            return
        answering = asyncio.create_task(self._answer(work))
        attending = asyncio.create_task(self._attend(work, answering))
        try:
            await asyncio.wait([answering])
        except asyncio.CancelledError:
            answering.cancel()
            await asyncio.wait([answering])
            attending.cancel()
            plan = work.watch.fresh_plan()
            await asyncio.to_thread(self._leases.give_back, work.id, work.watch.progress(), incumbent=plan)
            raise
        attending.cancel()
        await asyncio.wait([attending])
        await self._hand_in(work, answering)

    def _prepare(self, claimed: ClaimedJob) -> _Work:
        job = claimed.job
        service = self._services.get(job.service)
        question = decode_question(claimed.question)
        plans = service.describe().manifest.task.kind == "planning"
        start = None if claimed.incumbent is None else msgspec.json.decode(claimed.incumbent, type=Plan)
        before = job.progress
        if not plans:
            done = len(claimed.parts) * SAMPLES_TOGETHER
            count = count_samples(question.request.inputs)
            before = msgspec.structs.replace(before, done=min(done, count), of=count)
        return _Work(claimed, question, service, JobWatch(before, start), plans, start)

    async def _answer(self, work: _Work) -> bytes:
        longest = self._store.settings.longest_s
        try:
            async with asyncio.timeout(max(1.0, longest - work.claimed.job.progress.elapsed_s)):
                return await (self._plan(work) if work.plans else self._answer_batch(work))
        except TimeoutError:
            raise DeadlineExceeded(
                f"an answer within {longest:g} s of work", found="none yet", remedy="Ask for less at a time."
            ) from None

    async def _plan(self, work: _Work) -> bytes:
        request = work.request
        long_work = LongWork(watch=work.watch, start=work.start, spent_s=work.claimed.job.progress.elapsed_s)
        with watching(long_work):
            explanation = await work.service.explain(request, Caller(work.claimed.job.owner))
        prediction = explanation.prediction
        return await self._writer.write(work.claimed.job.service, request, prediction, work.question.notes)

    async def _answer_batch(self, work: _Work) -> bytes:
        request, parts = work.request, list(work.claimed.parts)
        count = count_samples(request.inputs)
        for place in range(len(parts), -(-count // SAMPLES_TOGETHER)):
            rows = range(place * SAMPLES_TOGETHER, min(count, (place + 1) * SAMPLES_TOGETHER))
            some = InferenceRequest(take_samples(request.inputs, rows), request.request_id, request.outputs)
            prediction = await _ask_in_turn(work.service, some, Caller(work.claimed.job.owner))
            notes = _notes_of(work.question.notes, rows)
            parts.append(await self._writer.write(work.claimed.job.service, some, prediction, notes))
            work.watch.answered(len(rows))
            await asyncio.to_thread(self._leases.add_part, work.id, place, parts[-1], work.watch.progress())
        return self._writer.join(parts)

    async def _attend(self, work: _Work, answering: asyncio.Task[bytes]) -> None:
        """Give signs of life; stop the work where its owner says so, or where another has taken it up."""
        while True:
            await asyncio.sleep(self._look_s)
            try:
                sign = await asyncio.to_thread(
                    self._leases.beat, work.id, work.watch.progress(), incumbent=work.watch.fresh_plan()
                )
            except ServiceUnavailable as error:
                _log(error)  # the lease outlives a short absence of the database
                continue
            if not sign.held or (sign.cancel and not work.plans):
                work.watch.stop()
                answering.cancel()
            elif sign.cancel:
                work.watch.stop()  # the solver answers with the best plan so far

    async def _hand_in(self, work: _Work, answering: asyncio.Task[bytes]) -> None:
        progress, service = work.watch.progress(), work.claimed.job.service
        stopped = work.watch.cancelled()
        error = None if answering.cancelled() else answering.exception()
        if answering.cancelled() or (stopped and error is not None):
            if await asyncio.to_thread(self._leases.stop, work.id, progress):
                self._note(service, "cancelled", progress)
        elif error is not None:
            await self._fail(work.id, service, error, progress)
        elif await asyncio.to_thread(self._leases.finish, work.id, answering.result(), progress, cancelled=stopped):
            self._note(service, "cancelled" if stopped else "done", progress)

    async def _fail(self, job: str, service: str, error: BaseException, progress: JobProgress) -> None:
        told = error
        if not isinstance(told, SalusError):
            _log(error)
            told = SalusError("an answer", found="an internal error", remedy=f"Report the job's id {job}.")
        if await asyncio.to_thread(self._leases.fail, job, told, progress):
            self._note(service, "failed", progress)

    def _note(self, service: str, state: JobState, progress: JobProgress) -> None:
        self._metrics.ended(service, state, seconds=progress.elapsed_s)
        structlog.get_logger().info(
            "job", service=service, stage=state, duration_ms=round(1000 * progress.elapsed_s), samples=progress.of
        )


async def _ask_in_turn(service: DeployedService, request: InferenceRequest, caller: Caller) -> Prediction:
    """The answer; where others are asked at the same time, the job waits its turn."""
    while True:
        try:
            return await service.predict(request, caller)
        except Overloaded:
            await asyncio.sleep(_RETRY_S)


def _notes_of(notes: bytes, rows: range) -> bytes:
    """The notes on some samples: of a list that has one entry a sample, those entries."""
    decoded = msgspec.json.decode(notes)
    return msgspec.json.encode(decoded[rows.start : rows.stop]) if isinstance(decoded, list) else notes


def _log(error: BaseException) -> None:
    structlog.get_logger().error("internal_error", error=type(error).__name__, where=describe_place(error))
