"""Stopping loses nothing that was accepted."""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from salus.contracts.errors import Conflict
from salus.gateway.server import serve_in_background
from salus.gateway.settings import GatewaySettings

_PROGRAM = """
import asyncio, sys
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from salus.gateway.server import serve
from salus.gateway.settings import GatewaySettings

async def slow(request):
    print("accepted", flush=True)
    await asyncio.sleep(1)
    return PlainTextResponse("finished")

app = Starlette(routes=[Route("/slow", slow)])
serve(app, GatewaySettings(port=0), announce=lambda address: print(address, flush=True))
print("stopped", flush=True)
"""


def test_leaving_the_context_finishes_a_slow_request_then_closes_the_services() -> None:
    accepted, release = threading.Event(), threading.Event()
    events: list[str] = []

    async def slow(request: Request) -> PlainTextResponse:
        import asyncio

        accepted.set()
        await asyncio.to_thread(release.wait, 10)
        events.append("answered")
        return PlainTextResponse("finished")

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        events.append("closed")

    app = Starlette(routes=[Route("/slow", slow)], lifespan=lifespan)
    answers: list[str] = []
    with serve_in_background(app, GatewaySettings(port=0)) as address:
        asking = threading.Thread(target=lambda: answers.append(httpx2.get(f"{address}/slow", timeout=20).text))
        asking.start()
        assert accepted.wait(10)
        threading.Timer(0.3, release.set).start()
    asking.join(10)
    assert answers == ["finished"]
    assert events == ["answered", "closed"]
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(f"{address}/slow")


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGTERM")
def test_a_terminated_process_finishes_what_it_accepted() -> None:
    with subprocess.Popen([sys.executable, "-c", _PROGRAM], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        answers: list[str] = []
        asking = threading.Thread(target=lambda: answers.append(httpx2.get(f"{address}/slow", timeout=20).text))
        asking.start()
        assert process.stdout.readline().strip() == "accepted"
        process.terminate()
        asking.join(20)
        assert answers == ["finished"]
        assert process.stdout.readline().strip() == "stopped"
        deadline = time.monotonic() + 20
        while process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        assert process.returncode == 0


def test_a_taken_address_is_a_conflict_that_names_the_setting() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        settings = GatewaySettings(port=other.getsockname()[1])
        with pytest.raises(Conflict, match="SALUS_GATEWAY__PORT"), serve_in_background(Starlette(), settings):
            pass
