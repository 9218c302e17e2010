"""Jobs that run sixty times as fast as they say, over the routes of `/api/v1`: polled, streamed, stopped, answered."""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from .fake_answers import view_of
from .fake_kind_answers import answer_plan
from .fake_kinds import KIND_SERVICES

KEY_HEADER = "Bearer a-key-for-tests"
_SPEED = 60.0
_TICK_S = 0.05
_BOUND = 3105.0


@dataclass
class FakeJob:
    """A job, and when it began by the clock of the machine."""

    id: str
    sample: dict[str, Any]
    began: float = field(default_factory=time.monotonic)
    stopped: float | None = None
    created_at: str = field(default_factory=lambda: datetime.now(UTC).isoformat())

    @property
    def limit_s(self) -> float:
        return float(self.sample.get("time_limit_s") or 60.0)

    @property
    def elapsed_s(self) -> float:
        until = time.monotonic() if self.stopped is None else self.stopped
        return min(self.limit_s, (until - self.began) * _SPEED)

    @property
    def state(self) -> str:
        if self.stopped is not None:
            return "cancelled"
        return "done" if self.elapsed_s >= self.limit_s else "running"

    def describe(self) -> dict[str, Any]:
        """The job as JSON."""
        elapsed, ended = self.elapsed_s, self.state != "running"
        history = [[round(at, 2), _cost_at(at)] for at in _improvements(elapsed)]
        progress = {
            "elapsed_s": elapsed,
            "limit_s": self.limit_s,
            "done": None,
            "of": None,
            "cost": history[-1][1] if history else None,
            "bound": _BOUND,
            "history": history,
        }
        return {
            "id": self.id,
            "service": "hospital_scheduling.ward",
            "state": self.state,
            "created_at": self.created_at,
            "started_at": self.created_at,
            "finished_at": self.created_at if ended else None,
            "expires_at": None,
            "progress": progress,
            "error": None,
            "result_url": f"/api/v1/jobs/{self.id}/result" if ended else None,
        }


def _cost_at(elapsed: float) -> float:
    return float(round(3180 + 5400 * math.exp(-elapsed / 9)))


def _improvements(until: float) -> list[float]:
    moments = [0.4 * 1.18**step for step in range(40)]
    return [moment for moment in moments if moment <= until]


def _job(request: Request) -> FakeJob | None:
    jobs: dict[str, FakeJob] = request.app.state.jobs
    return jobs.get(request.path_params["id"])


def _refuse(request: Request) -> Response | None:
    if request.headers.get("authorization") == KEY_HEADER:
        return None
    return JSONResponse({"title": "unauthenticated", "code": "unauthenticated"}, status_code=401)


def _unknown() -> Response:
    body = {"title": "not found", "code": "not_found", "expected": "the id of a job", "found": "an unknown id"}
    return JSONResponse(body, status_code=404, media_type="application/problem+json")


async def _submit(request: Request) -> Response:
    refusal = _refuse(request)
    if refusal is not None:
        return refusal
    body = await request.json()
    jobs: dict[str, FakeJob] = request.app.state.jobs
    token = request.headers.get("idempotency-key", "")
    job = jobs.setdefault(f"job-{token[:12]}", FakeJob(id=f"job-{token[:12]}", sample=body["samples"][0]))
    return JSONResponse(job.describe(), status_code=202, headers={"Location": f"/api/v1/jobs/{job.id}"})


async def _list(request: Request) -> Response:
    jobs: dict[str, FakeJob] = request.app.state.jobs
    return _refuse(request) or JSONResponse({"jobs": [job.describe() for job in jobs.values()], "next": None})


async def _read(request: Request) -> Response:
    job = _job(request)
    return _refuse(request) or (_unknown() if job is None else JSONResponse(job.describe()))


async def _cancel(request: Request) -> Response:
    job = _job(request)
    if job is None:
        return _unknown()
    job.stopped = time.monotonic()
    return _refuse(request) or JSONResponse(job.describe(), status_code=202)


async def _result(request: Request) -> Response:
    job = _job(request)
    if job is None:
        return _unknown()
    if job.state == "running":
        return JSONResponse({"title": "conflict", "code": "conflict"}, status_code=409)
    planner = KIND_SERVICES[-1]
    return _refuse(request) or JSONResponse(
        view_of(planner, [answer_plan(job.sample, _cost_at(_improvements(job.elapsed_s)[-1]))])
    )


async def _events(request: Request) -> Response:
    job = _job(request)
    if job is None:
        return _unknown()

    async def tell() -> AsyncIterator[str]:
        yield ": open\n\n"
        while job.state == "running":
            yield f"event: progress\ndata: {json.dumps(job.describe())}\n\n"
            await asyncio.sleep(_TICK_S)
        yield f"event: done\ndata: {json.dumps(job.describe())}\n\n"

    return _refuse(request) or StreamingResponse(tell(), media_type="text/event-stream")


JOB_ROUTES = (
    Route("/api/v1/services/{name}/jobs", _submit, methods=["POST"]),
    Route("/api/v1/jobs", _list),
    Route("/api/v1/jobs/{id}", _read),
    Route("/api/v1/jobs/{id}/cancel", _cancel, methods=["POST"]),
    Route("/api/v1/jobs/{id}/result", _result),
    Route("/api/v1/jobs/{id}/events", _events),
)
