"""The client, in the manner of httpx: `Client` waits, `AsyncClient` is awaited; both only carry `calls`."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Self, TypeVar

import httpx2

from salus.client import calls
from salus.client.calls import Bundle, Call, Image, Question, Row
from salus.client.jobs import AsyncJobCalls, JobCalls
from salus.client.problems import read_late, read_problem, read_unreachable
from salus.client.results import Answer, ServiceDetail, ServiceSummary
from salus.contracts.text import Language

T = TypeVar("T")
_TIMEOUT_S = 60.0


class Client(JobCalls):
    """Asks a gateway.

    Args:
        base_url: The gateway's address.
        key: A key; None reads a public catalogue alone.
        timeout_s: Longest wait for an answer.
        transport: Carries the requests; None for the network. Handed in by tests.

    Example:
        >>> import numpy as np
        >>> from salus.client.client import Client
        >>> def answer(request):  # stands in for a gateway
        ...     return httpx2.Response(200, json={"services": []})
        >>> with Client("http://127.0.0.1:8080", transport=httpx2.MockTransport(answer)) as client:
        ...     client.services()
        ()
    """

    def __init__(
        self,
        base_url: str,
        *,
        key: str | None = None,
        timeout_s: float = _TIMEOUT_S,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self._http = httpx2.Client(base_url=base_url, headers=_headers(key), timeout=timeout_s, transport=transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def services(self) -> tuple[ServiceSummary, ...]:
        """All services. Raises the errors of `salus.contracts.errors`, as every call does."""
        return self._send(calls.list_services())

    def service(self, name: str) -> ServiceDetail:
        """All about one service.

        Raises:
            NotFound: There is none of that name.
        """
        return self._send(calls.describe_service(name))

    def card(self, name: str, language: Language = "en") -> str:
        """A service's card, as Markdown."""
        return self._send(calls.read_card(name, language))

    def predict(
        self,
        service: str,
        *,
        image: Image | Sequence[Image] | None = None,
        samples: Sequence[Row] | None = None,
        bundle: Bundle | None = None,
        request_id: str | None = None,
    ) -> Answer:
        """Ask for an answer.

        Args:
            service: The service's name.
            image: One picture or several, for services that take pictures.
            samples: Samples, for all other services: numbers, observations over time, documents by input.
            bundle: One patient's observations in FHIR R4, for services whose inputs have codes.
            request_id: A name for the request (with `samples` only); None lets the gateway make one.

        Raises:
            InvalidInput: The request does not fit the service.
            Unauthenticated: No key, or nobody's.
            Overloaded: Try again later.
            DeadlineExceeded: No answer in time.
            ServiceUnavailable: The gateway cannot be reached, or the service does not answer.
        """
        question = Question(image=image, samples=samples, bundle=bundle, request_id=request_id)
        return self._send(calls.ask(service, "predictions", question))

    def explain(
        self,
        service: str,
        *,
        image: Image | Sequence[Image] | None = None,
        samples: Sequence[Row] | None = None,
        bundle: Bundle | None = None,
        request_id: str | None = None,
    ) -> Answer:
        """Ask for an answer with its reasons. Arguments and errors as `predict`."""
        question = Question(image=image, samples=samples, bundle=bundle, request_id=request_id)
        return self._send(calls.ask(service, "explanations", question))

    def _send(self, call: Call[T]) -> T:
        try:
            response = self._http.request(call.method, call.path, **call.options())
        except httpx2.TimeoutException as error:
            raise read_late(error) from error
        except httpx2.TransportError as error:
            raise read_unreachable(error) from error
        return _read(call, response)


class AsyncClient(AsyncJobCalls):
    """The same, to be awaited. Arguments, results and errors as `Client`.

    Example:
        >>> import asyncio
        >>> def answer(request):  # stands in for a gateway
        ...     return httpx2.Response(200, text="# Card")
        >>> async def read():
        ...     async with AsyncClient("http://127.0.0.1:8080", transport=httpx2.MockTransport(answer)) as client:
        ...         return await client.card("breast_cancer.malignancy")
        >>> asyncio.run(read())
        '# Card'
    """

    def __init__(
        self,
        base_url: str,
        *,
        key: str | None = None,
        timeout_s: float = _TIMEOUT_S,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._http = httpx2.AsyncClient(
            base_url=base_url, headers=_headers(key), timeout=timeout_s, transport=transport
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.aclose()

    async def services(self) -> tuple[ServiceSummary, ...]:
        """All services."""
        return await self._send(calls.list_services())

    async def service(self, name: str) -> ServiceDetail:
        """All about one service."""
        return await self._send(calls.describe_service(name))

    async def card(self, name: str, language: Language = "en") -> str:
        """A service's card, as Markdown."""
        return await self._send(calls.read_card(name, language))

    async def predict(
        self,
        service: str,
        *,
        image: Image | Sequence[Image] | None = None,
        samples: Sequence[Row] | None = None,
        bundle: Bundle | None = None,
        request_id: str | None = None,
    ) -> Answer:
        """Ask for an answer."""
        question = Question(image=image, samples=samples, bundle=bundle, request_id=request_id)
        return await self._send(calls.ask(service, "predictions", question))

    async def explain(
        self,
        service: str,
        *,
        image: Image | Sequence[Image] | None = None,
        samples: Sequence[Row] | None = None,
        bundle: Bundle | None = None,
        request_id: str | None = None,
    ) -> Answer:
        """Ask for an answer with its reasons."""
        question = Question(image=image, samples=samples, bundle=bundle, request_id=request_id)
        return await self._send(calls.ask(service, "explanations", question))

    async def _send(self, call: Call[T]) -> T:
        try:
            response = await self._http.request(call.method, call.path, **call.options())
        except httpx2.TimeoutException as error:
            raise read_late(error) from error
        except httpx2.TransportError as error:
            raise read_unreachable(error) from error
        return _read(call, response)


def _headers(key: str | None) -> dict[str, str]:
    return {} if key is None else {"authorization": f"Bearer {key}"}


def _read(call: Call[T], response: httpx2.Response) -> T:
    if response.status_code >= 300:
        raise read_problem(response.status_code, response.content)
    return call.read(response.content)
