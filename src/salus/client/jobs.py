"""Questions that take minutes, from Python: handed in, watched, stopped, and their answers fetched."""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import TypeVar
from urllib.parse import quote, urlencode

import httpx2
import msgspec

from salus.client.calls import ROOT, Bundle, Call, Image, Question, Row, ask
from salus.client.problems import find_error_types, read_problem, read_unfit_answer, read_unreachable
from salus.client.results import Answer
from salus.contracts.errors import DeadlineExceeded, SalusError
from salus.contracts.jobs import ENDED, JobProgress, JobState

T = TypeVar("T")
LOOK_S = 1.0
"""Seconds between two looks at a job that is waited for."""
_MOST_BREAKS = 5


class JobError(msgspec.Struct, frozen=True):
    """Why a job failed, as problem details (RFC 9457)."""

    code: str
    expected: str
    found: str
    remedy: str


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A job as it stands. Unknown fields of newer gateways are ignored."""

    id: str
    service: str
    state: JobState
    created_at: str
    progress: JobProgress
    started_at: str | None = None
    finished_at: str | None = None
    expires_at: str | None = None
    error: JobError | None = None
    result_url: str | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing more happens to it."""
        return self.state in ENDED

    def raise_failure(self) -> None:
        """Raise the error that a failed job met; return where it did not fail."""
        if self.error is not None:
            kind = find_error_types().get(self.error.code, SalusError)
            raise kind(self.error.expected, found=self.error.found, remedy=self.error.remedy)


class JobPage(msgspec.Struct, frozen=True):
    """Some jobs, newest first. `cursor` asks for the next page; None on the last."""

    jobs: tuple[Job, ...]
    cursor: str | None = None


def submit(service: str, question: Question, token: str | None) -> Call[Job]:
    """Hand a question in. Raises InvalidInput as `ask`."""
    asked = ask(service, "jobs", question)
    return Call(
        asked.method,
        asked.path,
        _read_job,
        content=asked.content,
        files=asked.files,
        content_type=asked.content_type,
        headers=() if token is None else (("idempotency-key", token),),
    )


def describe(job: str) -> Call[Job]:
    """How a job stands."""
    return Call("GET", _path(job), _read_job)


def list_jobs(service: str | None, cursor: str | None) -> Call[JobPage]:
    """The caller's jobs."""
    query = urlencode({name: value for name, value in (("service", service), ("cursor", cursor)) if value is not None})
    return Call("GET", f"{ROOT}/jobs?{query}", lambda body: _decode(body, JobPage))


def cancel(job: str) -> Call[Job]:
    """Stop a job."""
    return Call("POST", f"{_path(job)}/cancel", _read_job)


def fetch(job: str) -> Call[Answer]:
    """The answer of a job."""
    return Call("GET", f"{_path(job)}/result", lambda body: _decode(body, Answer))


class JobCalls(ABC):
    """What a `Client` can do about jobs. Every call raises the errors of `salus.contracts.errors`."""

    _http: httpx2.Client

    @abstractmethod
    def _send(self, call: Call[T]) -> T: ...

    def submit_job(
        self,
        service: str,
        *,
        image: Image | Sequence[Image] | None = None,
        samples: Sequence[Row] | None = None,
        bundle: Bundle | None = None,
        request_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> Job:
        """Hand in a question that takes minutes: a plan, or many samples.

        Args:
            service: The service's name.
            image: As `predict`.
            samples: As `predict`.
            bundle: As `predict`.
            request_id: As `predict`.
            idempotency_key: A name of your own for the question; handed in again it gives the same job again.

        Raises:
            InvalidInput: The question does not fit the service.
            Overloaded: Too many of your jobs wait.
            Conflict: The key was given to another question.
        """
        question = Question(image=image, samples=samples, bundle=bundle, request_id=request_id)
        return self._send(submit(service, question, idempotency_key))

    def jobs(self, service: str | None = None, *, cursor: str | None = None) -> JobPage:
        """Your jobs, newest first; `cursor` from a page before."""
        return self._send(list_jobs(service, cursor))

    def job(self, job: str) -> Job:
        """How a job stands. Raises NotFound where it is not yours."""
        return self._send(describe(job))

    def cancel(self, job: str) -> Job:
        """Stop a job; a plan keeps the best one found until then as its result."""
        return self._send(cancel(job))

    def result(self, job: str) -> Answer:
        """The answer of a job.

        Raises:
            Conflict: There is none yet, or there will be none.
            Expired: It was deleted when its time had come.
        """
        return self._send(fetch(job))

    def wait(self, job: str, *, timeout_s: float | None = None) -> Job:
        """The job once it has ended.

        Raises:
            DeadlineExceeded: It has not after `timeout_s` seconds. It goes on.
        """
        give_up = None if timeout_s is None else time.monotonic() + timeout_s
        while not (known := self.job(job)).ended:
            if give_up is not None and time.monotonic() >= give_up:
                raise _late(known)
            time.sleep(LOOK_S)
        return known

    def events(self, job: str) -> Iterator[Job]:
        """The job each time that it changes, until it has ended."""
        reader, ended = _EventReader(job), False
        while not ended:
            try:
                with self._http.stream("GET", reader.path, headers=reader.headers()) as response:
                    if response.status_code >= 300:
                        raise read_problem(response.status_code, response.read())
                    for line in response.iter_lines():
                        known = reader.read(line)
                        if known is not None:
                            ended = known.ended
                            yield known
            except httpx2.TransportError as error:
                reader.broken(error)
            if not ended:
                time.sleep(LOOK_S)


class AsyncJobCalls(ABC):
    """The same, to be awaited. Arguments, results and errors as `JobCalls`."""

    _http: httpx2.AsyncClient

    @abstractmethod
    async def _send(self, call: Call[T]) -> T: ...

    async def submit_job(
        self,
        service: str,
        *,
        image: Image | Sequence[Image] | None = None,
        samples: Sequence[Row] | None = None,
        bundle: Bundle | None = None,
        request_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> Job:
        """Hand in a question that takes minutes."""
        question = Question(image=image, samples=samples, bundle=bundle, request_id=request_id)
        return await self._send(submit(service, question, idempotency_key))

    async def jobs(self, service: str | None = None, *, cursor: str | None = None) -> JobPage:
        """Your jobs, newest first."""
        return await self._send(list_jobs(service, cursor))

    async def job(self, job: str) -> Job:
        """How a job stands."""
        return await self._send(describe(job))

    async def cancel(self, job: str) -> Job:
        """Stop a job."""
        return await self._send(cancel(job))

    async def result(self, job: str) -> Answer:
        """The answer of a job."""
        return await self._send(fetch(job))

    async def wait(self, job: str, *, timeout_s: float | None = None) -> Job:
        """The job once it has ended."""
        give_up = None if timeout_s is None else time.monotonic() + timeout_s
        while not (known := await self.job(job)).ended:
            if give_up is not None and time.monotonic() >= give_up:
                raise _late(known)
            await asyncio.sleep(LOOK_S)
        return known

    async def events(self, job: str) -> AsyncIterator[Job]:
        """The job each time that it changes, until it has ended."""
        reader, ended = _EventReader(job), False
        while not ended:
            try:
                async with self._http.stream("GET", reader.path, headers=reader.headers()) as response:
                    if response.status_code >= 300:
                        raise read_problem(response.status_code, await response.aread())
                    async for line in response.aiter_lines():
                        known = reader.read(line)
                        if known is not None:
                            ended = known.ended
                            yield known
            except httpx2.TransportError as error:
                reader.broken(error)
            if not ended:
                await asyncio.sleep(LOOK_S)


class _EventReader:
    """Server-sent events of one job, line by line, over as many connections as it takes.

    https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
    """

    def __init__(self, job: str) -> None:
        self.path = f"{_path(job)}/events"
        self._seen, self._id, self._data = "", "", ""
        self._breaks = 0

    def headers(self) -> dict[str, str]:
        """Of the next connection: it goes on behind the last event."""
        self._id = self._data = ""
        last = {"last-event-id": self._seen} if self._seen else {}
        return {"accept": "text/event-stream", **last}

    def read(self, line: str) -> Job | None:
        """The job that an event tells, at the empty line that ends it."""
        if line:
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if name == "data":
                self._data += value
            elif name == "id":
                self._id = value
            return None
        if not self._data:
            return None
        job = _read_job(self._data.encode("utf-8"))
        self._seen, self._data, self._breaks = self._id, "", 0
        return job

    def broken(self, error: Exception) -> None:
        """The connection broke. Raises ServiceUnavailable after several without news."""
        self._breaks += 1
        if self._breaks >= _MOST_BREAKS:
            raise read_unreachable(error) from error


def _late(job: Job) -> DeadlineExceeded:
    return DeadlineExceeded(
        "a job that has ended", found=f"one that is {job.state}", remedy="Wait longer, or cancel it; it goes on."
    )


def _path(job: str) -> str:
    return f"{ROOT}/jobs/{quote(job, safe='')}"


def _read_job(body: bytes) -> Job:
    return _decode(body, Job)


def _decode(body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise read_unfit_answer(error) from error
