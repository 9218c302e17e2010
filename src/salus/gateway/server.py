"""Listening: uvicorn, started from the program, stopped without losing what is in flight."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from salus.contracts.errors import Conflict
from salus.gateway.settings import GatewaySettings

_START_TIMEOUT_S = 30.0


class _Announcing(uvicorn.Server):
    """Says when it listens, and returns after a signal (uvicorn's own would let the signal end the process)."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            self._announce()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on SIGINT and SIGTERM for as long as the server runs; elsewhere than in the main thread, on none."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def serve(app: ASGIApp, settings: GatewaySettings, *, announce: Callable[[str], None]) -> None:
    """Listen until SIGINT or SIGTERM; then take no more, finish what is in flight, and return.

    Args:
        app: The gateway.
        settings: Where to listen and how long to wait at the end.
        announce: Told the address once it answers.

    Raises:
        Conflict: The address is taken.
    """
    with _listen(settings) as listener:
        address = _address_of(listener)
        _Announcing(_config(app, settings), lambda: announce(address)).run(sockets=[listener])


@contextmanager
def serve_in_background(app: ASGIApp, settings: GatewaySettings) -> Iterator[str]:
    """Listen in a thread for as long as the context is open; yields the address. For tests, notebooks and docs.

    Leaving the context finishes what is in flight, as `serve` does.

    Raises:
        Conflict: The address is taken.
    """
    with _listen(settings) as listener:
        listening = threading.Event()
        server = _Announcing(_config(app, settings), listening.set)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="salus-gateway")
        thread.start()
        try:
            if not listening.wait(_START_TIMEOUT_S):
                raise Conflict("a gateway that starts", found="one that does not", remedy="Look at the log.")
            yield _address_of(listener)
        finally:
            server.should_exit = True
            thread.join()


def _config(app: ASGIApp, settings: GatewaySettings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        timeout_graceful_shutdown=settings.shutdown_grace_s,
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
    )


@contextmanager
def _listen(settings: GatewaySettings) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((settings.host, settings.port))
        except OSError as error:
            raise Conflict(
                f"a free address {settings.host}:{settings.port}",
                found=f"one that cannot be listened on ({error.strerror})",
                remedy="Stop the other program, or set SALUS_GATEWAY__PORT.",
            ) from error
        yield listener


def _address_of(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
