"""What holds for every exchange: an id, security headers, a line in the log, and an answer even to a defect."""

from __future__ import annotations

import re
import time
import uuid

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from salus.gateway.errors import write_defect

REQUEST_ID_HEADER = "x-request-id"
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")

SECURITY_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "content-security-policy": (
        "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; script-src 'self'; connect-src 'self'; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
}
"""Sent with every response, unless the handler set the header itself."""


class ExchangeMiddleware:
    """Names each request, and finishes each response.

    Pure ASGI around an app of the same shape. The id is the caller's `X-Request-Id` where it is well formed; it is
    echoed, logged, and part of every error. Logged are method, route pattern, status and duration: never a path
    parameter's content beyond the service's name, never a body.

    Args:
        app: What is wrapped.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run one exchange."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(REQUEST_ID_HEADER, "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        began = time.perf_counter()
        status = 0

        async def finish(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(message["status"])
                headers = MutableHeaders(scope=message)
                headers[REQUEST_ID_HEADER] = request_id
                for name, value in SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
                if scope["path"].startswith(("/api/", "/v2")):
                    headers.setdefault("cache-control", "no-store")
            await send(message)

        try:
            await self._app(scope, receive, finish)
        except ClientDisconnect:
            return  # nobody is there to be answered
        except Exception as error:
            if status:
                raise
            response = write_defect(error, path=scope["path"], request_id=request_id)
            await response(scope, receive, finish)
        finally:
            structlog.get_logger().info(
                "request",
                request_id=request_id,
                method=scope["method"],
                route=_route_of(scope),
                status=status,
                duration_ms=round(1000 * (time.perf_counter() - began), 2),
            )


def _route_of(scope: Scope) -> str:
    route = scope.get("route")
    return str(getattr(route, "path", "unmatched"))
