"""How large a request may be and how long it may take: pure ASGI around an app of the same shape."""

from __future__ import annotations

import asyncio

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from salus.contracts.errors import DeadlineExceeded
from salus.gateway.errors import BodyTooLarge, write_error


class LimitsMiddleware:
    """Refuses bodies that are too large, stated or streamed, and ends requests that take too long.

    Args:
        app: What is wrapped.
        max_body_bytes: Largest body.
        request_timeout_s: Longest time from the request to its answer.
    """

    def __init__(self, app: ASGIApp, *, max_body_bytes: int, request_timeout_s: float) -> None:
        self._app = app
        self._max_body_bytes = max_body_bytes
        self._request_timeout_s = request_timeout_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run one exchange within its limits."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        stated = Headers(scope=scope).get("content-length", "")
        if stated.isdecimal() and int(stated) > self._max_body_bytes:
            await self._refuse(scope, receive, send, self._too_large())
            return
        started = False

        async def note_start(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            async with asyncio.timeout(self._request_timeout_s) as limit:
                await self._app(scope, self._counting(receive), note_start)
        except TimeoutError:
            if started or not limit.expired():
                raise
            late = DeadlineExceeded(
                f"an answer within {self._request_timeout_s:g} s",
                found="one that takes longer",
                remedy="Send fewer samples at a time, or ask again when there is less to do.",
            )
            await self._refuse(scope, receive, send, late)

    def _counting(self, receive: Receive) -> Receive:
        taken = 0

        async def receive_counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self._max_body_bytes:
                raise self._too_large()
            return message

        return receive_counted

    def _too_large(self) -> BodyTooLarge:
        return BodyTooLarge(
            f"a body of at most {self._max_body_bytes} bytes",
            found="a larger one",
            remedy="Send fewer or smaller samples at a time.",
        )

    @staticmethod
    async def _refuse(scope: Scope, receive: Receive, send: Send, error: BodyTooLarge | DeadlineExceeded) -> None:
        response = write_error(error, path=scope["path"], request_id=scope["state"]["request_id"])
        await response(scope, receive, send)
