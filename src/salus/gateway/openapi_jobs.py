"""The part of the description of `/api/v1` that tells of jobs, with an example on each operation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from salus.contracts.jobs import JobProgress
from salus.gateway.job_views import ROOT, JobListView, JobView

STRUCTURES: tuple[type, ...] = (JobView, JobListView)
_ID = "3f2b9c1d7e6a45c08d1b2a3c4d5e6f70"
_RUNNING = JobView(
    id=_ID,
    service="hospital_scheduling.timetable",
    state="running",
    created_at="2026-11-21T09:30:00.000Z",
    started_at="2026-11-21T09:30:00.120Z",
    finished_at=None,
    expires_at=None,
    progress=JobProgress(elapsed_s=42.5, limit_s=600.0, cost=3120.0, history=((1.2, 5240.0), (40.1, 3120.0))),
    error=None,
    result_url=None,
)
_DONE = msgspec.structs.replace(
    _RUNNING,
    state="done",
    finished_at="2026-11-21T09:40:01.300Z",
    expires_at="2026-11-28T09:40:01.300Z",
    progress=JobProgress(elapsed_s=600.4, limit_s=600.0, cost=2890.0, history=((1.2, 5240.0), (590.0, 2890.0))),
    result_url=f"{ROOT}/{_ID}/result",
)
_KEY_NEEDED: list[dict[str, list[str]]] = [{"bearer": []}, {"apiKey": []}]


def describe_jobs(ask: Mapping[str, Any]) -> dict[str, Any]:
    """The paths.

    Args:
        ask: The operation that answers at once; its body is a job's too, its answer a job's result.
    """
    job = {"name": "job", "in": "path", "required": True, "schema": {"type": "string"}, "example": _ID}
    problem = ask["responses"]["default"]
    done, running = _json("JobView", _DONE), _json("JobView", _RUNNING)
    stream = {
        "schema": {"type": "string"},
        "example": 'id: 7\nevent: progress\ndata: {"id": "3f2b…", "state": "running", …}\n\n',
    }
    result = ask["responses"]["200"]["content"]["application/json"]
    listing = _json("JobListView", JobListView((_DONE,), None))
    return {
        "/api/v1/services/{name}/jobs": {"post": _submission(ask, running)},
        ROOT: {"get": _operation("listJobs", "The caller's jobs", "200", listing, problem, *_filters())},
        f"{ROOT}/{{job}}": {"get": _operation("describeJob", "How a job stands", "200", done, problem, job)},
        f"{ROOT}/{{job}}/result": {
            "get": _operation(
                "readJobResult",
                "The answer of a job: 409 before there is one, 410 when it was deleted",
                "200",
                {"application/json": result},
                problem,
                job,
            )
        },
        f"{ROOT}/{{job}}/events": {
            "get": _operation(
                "followJob",
                "How a job goes on: events `progress` and `done`; the stream ends now and then, come back",
                "200",
                {"text/event-stream": stream},
                problem,
                job,
            )
        },
        f"{ROOT}/{{job}}/cancel": {"post": _cancellation(done, running, problem, job)},
    }


def _submission(ask: Mapping[str, Any], content: Mapping[str, Any]) -> dict[str, Any]:
    token = {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "The caller's own name for this question; handed in again it gives the same job again.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255},
        "example": "7d1c9d0e-8a43-4c53-9f3e-0f6d0a5a2b11",
    }
    location = {"description": "Where to look for the job", "schema": {"type": "string"}, "example": f"{ROOT}/{_ID}"}
    taken = {"description": "Taken up", "headers": {"Location": location}, "content": content}
    return {
        "operationId": "submitJob",
        "summary": "Hand in a question that takes minutes: a plan, or many samples",
        "parameters": [*ask["parameters"], token],
        "requestBody": ask["requestBody"],
        "responses": {"202": taken, "default": ask["responses"]["default"]},
        "security": _KEY_NEEDED,
    }


def _cancellation(
    done: Mapping[str, Any], running: Mapping[str, Any], problem: Mapping[str, Any], job: Mapping[str, Any]
) -> dict[str, Any]:
    operation = _operation("cancelJob", "Stop a job", "200", done, problem, job)
    operation["responses"]["200"]["description"] = "It has ended"
    operation["responses"]["202"] = {"description": "It will end in a moment", "content": running}
    return operation


def _filters() -> list[dict[str, Any]]:
    return [
        {"name": "service", "in": "query", "schema": {"type": "string"}, "example": _RUNNING.service},
        {"name": "cursor", "in": "query", "schema": {"type": "string"}, "example": f"2026-11-21T09:30:00.000Z~{_ID}"},
    ]


def _operation(
    name: str, summary: str, status: str, content: Mapping[str, Any], problem: Mapping[str, Any], *parameters: Any
) -> dict[str, Any]:
    return {
        "operationId": name,
        "summary": summary,
        "parameters": list(parameters),
        "responses": {status: {"description": "Done", "content": content}, "default": problem},
        "security": _KEY_NEEDED,
    }


def _json(schema: str, example: object) -> dict[str, Any]:
    reference = {"$ref": f"#/components/schemas/{schema}"}
    return {"application/json": {"schema": reference, "example": msgspec.to_builtins(example)}}
