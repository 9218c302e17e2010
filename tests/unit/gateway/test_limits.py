import asyncio

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from salus.contracts.errors import SalusError
from salus.gateway.errors import answer_salus_error
from salus.gateway.exchange import ExchangeMiddleware
from salus.gateway.limits import LimitsMiddleware


async def _slow(request: Request) -> PlainTextResponse:
    await asyncio.sleep(60)
    return PlainTextResponse("late")


async def _echo(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


async def _broken(request: Request) -> PlainTextResponse:
    raise KeyError("patient 4711")


async def _own_timeout(request: Request) -> PlainTextResponse:
    raise TimeoutError


def _client(*, seconds: float = 5.0) -> TestClient:
    app = Starlette(
        routes=[
            Route("/slow", _slow),
            Route("/echo", _echo, methods=["POST"]),
            Route("/broken", _broken),
            Route("/own", _own_timeout),
        ],
        middleware=[
            Middleware(ExchangeMiddleware),
            Middleware(LimitsMiddleware, max_body_bytes=10, request_timeout_s=seconds),
        ],
        exception_handlers={SalusError: answer_salus_error},
    )
    return TestClient(app)


def test_a_request_that_takes_too_long_is_ended_with_504() -> None:
    late = _client(seconds=0.05).get("/slow")
    assert (late.status_code, late.json()["code"]) == (504, "deadline_exceeded")


def test_a_body_up_to_the_limit_passes() -> None:
    assert _client().post("/echo", content=b"x" * 10).text == "10"
    assert _client().post("/echo", content=iter([b"x" * 5, b"x" * 5])).text == "10"


def test_a_body_beyond_it_does_not_even_without_a_stated_length() -> None:
    assert _client().post("/echo", content=b"x" * 11).status_code == 413
    assert _client().post("/echo", content=iter([b"x" * 5, b"x" * 6])).status_code == 413


def test_a_defect_is_answered_with_the_requests_id() -> None:
    for path in ("/broken", "/own"):
        broken = _client().get(path, headers={"x-request-id": "r-1"})
        assert (broken.status_code, broken.json()["request_id"]) == (500, "r-1")
        assert "4711" not in broken.text
        assert broken.headers["x-content-type-options"] == "nosniff"


async def test_a_caller_who_hangs_up_is_no_defect(capsys: pytest.CaptureFixture[str]) -> None:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await Request(scope, receive).body()

    scope: Scope = {"type": "http", "method": "POST", "path": "/echo", "headers": []}
    await ExchangeMiddleware(app)(scope, receive, send)
    assert sent == []
    assert "internal_error" not in capsys.readouterr().out


async def test_what_is_no_request_passes_untouched() -> None:
    seen: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["type"])

    async def nothing() -> Message:
        return {"type": "lifespan.startup"}

    async def ignore(message: Message) -> None:
        pass

    limited = LimitsMiddleware(app, max_body_bytes=1, request_timeout_s=1)
    await ExchangeMiddleware(limited)({"type": "lifespan"}, nothing, ignore)
    assert seen == ["lifespan"]
