"""`/api/v1/…/jobs`: questions that take minutes: handed in (202), looked at, followed, stopped, and answered later.

A job is the caller's own: to everybody else it is not there. Its events are server-sent events
(https://html.spec.whatwg.org/multipage/server-sent-events.html): an event's id is the job's revision, so that whoever
comes back with `Last-Event-ID` is told nothing twice. A stream ends by itself after a while, before the gateway's own
limit, and clients come back.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import msgspec
import numpy as np
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from salus.contracts.errors import InvalidInput
from salus.contracts.jobs import Job, JobProgress
from salus.contracts.services import Caller, InferenceRequest
from salus.contracts.tasks import Task
from salus.gateway.dependencies import Dependencies
from salus.gateway.errors import request_id_of
from salus.gateway.job_views import ROOT, PredictionWriter, view_job, view_page
from salus.gateway.questions import Question, read_question
from salus.records.job_store import JobStore
from salus.workflows.job_questions import JobQuestion, encode_question
from salus.workflows.run_job import JobRunner

HEARTBEAT_S = 5.0
"""Seconds without news after which a stream says that it is still there."""
STREAM_S = 15.0
"""Seconds after which a stream ends; shorter than the grace that the gateway is given to stop."""
_LOOK_S = 0.5
_MOST_LISTED = 50
_JSON = "application/json"


@dataclass(frozen=True)
class JobDesk:
    """Takes jobs up and has them worked on.

    Attributes:
        store: The jobs.
        runner: Works on them.
    """

    store: JobStore
    runner: JobRunner


def open_desk(store: JobStore, dependencies: Dependencies) -> JobDesk:
    """A desk whose jobs are asked of the deployed services and answered as `/predictions` answers."""
    writer = PredictionWriter(dependencies.services, dependencies.shelf)
    return JobDesk(store, JobRunner(store, dependencies.services, writer, dependencies.metrics.jobs))


class JobRoutes:
    """The handlers.

    Args:
        dependencies: What they work with.
        desk: Takes the jobs up.
    """

    def __init__(self, dependencies: Dependencies, desk: JobDesk) -> None:
        self._house = dependencies
        self._store = desk.store
        self._runner = desk.runner

    def routes(self) -> list[Route]:
        """All routes."""
        job = f"{ROOT}/{{job}}"
        return [
            Route("/api/v1/services/{name}/jobs", self.submit, methods=["POST"]),
            Route(ROOT, self.list_jobs),
            Route(job, self.describe),
            Route(f"{job}/result", self.read_result),
            Route(f"{job}/events", self.follow),
            Route(f"{job}/cancel", self.cancel, methods=["POST"]),
        ]

    async def submit(self, request: Request) -> Response:
        """Take a question up, and say where to look for its answer."""
        caller = self._house.doorkeeper.admit(request, "predict")
        service = self._house.services.get(request.path_params["name"])
        task = service.describe().manifest.task
        most = self._store.settings.most_samples
        question = await read_question(request, task.signature, max_samples=most)
        progress = _first_progress(question, task)
        asked = JobQuestion(_asked(request, question), msgspec.json.encode(question.notes))
        kept = await asyncio.to_thread(encode_question, asked)
        job = await asyncio.to_thread(
            self._store.submit,
            service.describe().name,
            caller.name,
            kept,
            token=request.headers.get("idempotency-key"),
            progress=progress,
        )
        self._runner.wake()
        return _answer(job, status=202, headers={"location": f"{ROOT}/{job.id}"})

    async def list_jobs(self, request: Request) -> Response:
        """The caller's jobs, newest first."""
        caller = self._admit(request)
        page = await asyncio.to_thread(
            self._store.list_jobs,
            caller.name,
            service=request.query_params.get("service"),
            cursor=request.query_params.get("cursor"),
            most=_MOST_LISTED,
        )
        return Response(msgspec.json.encode(view_page(page)), media_type=_JSON)

    async def describe(self, request: Request) -> Response:
        """How a job stands."""
        return _answer(await self._find(request))

    async def read_result(self, request: Request) -> Response:
        """The answer of a job."""
        caller = self._admit(request)
        content = await asyncio.to_thread(self._store.read_result, request.path_params["job"], caller.name)
        return Response(content, media_type=_JSON)

    async def cancel(self, request: Request) -> Response:
        """Stop a job."""
        caller = self._admit(request)
        job = await asyncio.to_thread(self._store.ask_to_cancel, request.path_params["job"], caller.name)
        return _answer(job, status=200 if job.ended else 202)

    async def follow(self, request: Request) -> Response:
        """How a job goes on, as server-sent events."""
        job = await self._find(request)
        seen = request.headers.get("last-event-id", "").strip()
        return StreamingResponse(
            self._tell(job, seen),
            media_type="text/event-stream",
            headers={"cache-control": "no-store", "x-accel-buffering": "no"},
        )

    async def _tell(self, job: Job, seen: str) -> AsyncIterator[bytes]:
        began = heard = time.monotonic()
        yield b"retry: 1000\n\n"
        while True:
            if str(job.revision) != seen:
                yield _event(job)
                seen, heard = str(job.revision), time.monotonic()
            now = time.monotonic()
            if job.ended or now - began > min(STREAM_S, self._house.settings.request_timeout_s / 2):
                return
            if now - heard > HEARTBEAT_S:
                heard = now
                yield b": still here\n\n"
            await asyncio.sleep(_LOOK_S)
            job = await asyncio.to_thread(self._store.get, job.id, job.owner)

    async def _find(self, request: Request) -> Job:
        caller = self._admit(request)
        return await asyncio.to_thread(self._store.get, request.path_params["job"], caller.name)

    def _admit(self, request: Request) -> Caller:
        return self._house.doorkeeper.admit(request, "predict")


def _first_progress(question: Question, task: Task) -> JobProgress:
    """What is known before work begins: the samples in all, or the time that a plan may take.

    Raises:
        InvalidInput: Several plans in one job.
    """
    inputs = question.request.inputs
    count = len(next(iter(inputs.values())))
    if task.kind != "planning":
        return JobProgress(done=0, of=count)
    if count != 1:
        raise InvalidInput("one plan in a job", found=f"{count}", remedy="Hand in a job for each.")
    return JobProgress(limit_s=float(np.asarray(inputs["time_limit_s"], np.float64)[0]))


def _asked(request: Request, question: Question) -> InferenceRequest:
    """The request, without the name that was made up here: the same question again must be the same."""
    asked = question.request
    return replace(asked, request_id=None) if asked.request_id == request_id_of(request) else asked


def _event(job: Job) -> bytes:
    kind = "done" if job.ended else "progress"
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (job.revision, kind.encode(), msgspec.json.encode(view_job(job)))


def _answer(job: Job, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode(view_job(job)), status, headers, media_type=_JSON)
