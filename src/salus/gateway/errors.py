"""The one table from errors to HTTP, and the three forms in which they are written.

`/v2` answers `{"error": …}` as the Open Inference Protocol says; a caller who asks for FHIR is answered an
OperationOutcome, everybody else problem details (RFC 9457).
An error that is no SalusError is a defect: the caller gets an id, the log gets the place, neither gets the text.
"""

from __future__ import annotations

from http import HTTPStatus

import msgspec
import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from salus.contracts import errors
from salus.contracts.errors import SalusError
from salus.gateway.negotiation import FHIR_JSON, wants_fhir
from salus.observability.logs import describe_place
from salus.standards.fhir.answers import write_operation_outcome


class BodyTooLarge(errors.InvalidInput):
    """The body of a request is larger than the gateway takes."""

    code = "body_too_large"


STATUS: dict[type[SalusError], HTTPStatus] = {
    errors.InvalidInput: HTTPStatus.BAD_REQUEST,
    errors.UnsupportedInput: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    BodyTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.Expired: HTTPStatus.GONE,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.GateNotMet: HTTPStatus.CONFLICT,
    errors.DataUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.ChecksumMismatch: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.QualityRefused: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.PackageRejected: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.MissingDependency: HTTPStatus.NOT_IMPLEMENTED,
    errors.Unauthenticated: HTTPStatus.UNAUTHORIZED,
    errors.Forbidden: HTTPStatus.FORBIDDEN,
    errors.Overloaded: HTTPStatus.TOO_MANY_REQUESTS,
    errors.DeadlineExceeded: HTTPStatus.GATEWAY_TIMEOUT,
    errors.ServiceUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    SalusError: HTTPStatus.INTERNAL_SERVER_ERROR,
}
"""HTTP status of each error; a kind that is not listed has that of its nearest parent."""

_TYPE_PREFIX = "urn:salus:error:"
_HEADERS: dict[HTTPStatus, dict[str, str]] = {
    HTTPStatus.UNAUTHORIZED: {"www-authenticate": 'Bearer realm="salus"'},
    HTTPStatus.TOO_MANY_REQUESTS: {"retry-after": "1"},
    HTTPStatus.SERVICE_UNAVAILABLE: {"retry-after": "5"},
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: {"connection": "close"},
}


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Problem details (RFC 9457).

    Attributes:
        type: Names the kind of problem: `urn:salus:error:` and the code.
        title: The status in words.
        status: The HTTP status.
        detail: Expected, found and remedy in one text.
        code: The error's code.
        expected: What would have been right.
        found: What was there instead; never a patient's value.
        remedy: What to do.
        instance: Names the request: `urn:salus:request:` and its id.
        request_id: The request's id, to give to support.
    """

    type: str
    title: str
    status: int
    detail: str
    code: str
    expected: str
    found: str
    remedy: str
    instance: str
    request_id: str


def status_of(error: SalusError) -> HTTPStatus:
    """The HTTP status of `error`."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def write_error(
    error: SalusError, *, path: str, request_id: str, status: HTTPStatus | None = None, accept: str = ""
) -> Response:
    """The response that says `error`, in the form that `path` speaks or the caller accepts."""
    code = status_of(error) if status is None else status
    headers = dict(_HEADERS.get(code, {}))
    if path == "/v2" or path.startswith("/v2/"):
        body = msgspec.json.encode({"error": f"{error} [{error.code}, request {request_id}]"})
        return Response(body, code, headers, media_type="application/json")
    if wants_fhir(accept):
        return Response(msgspec.json.encode(write_operation_outcome(error)), code, headers, media_type=FHIR_JSON)
    problem = Problem(
        type=_TYPE_PREFIX + error.code,
        title=code.phrase,
        status=int(code),
        detail=str(error),
        code=error.code,
        expected=error.expected,
        found=error.found,
        remedy=error.remedy,
        instance=f"urn:salus:request:{request_id}",
        request_id=request_id,
    )
    return Response(msgspec.json.encode(problem), code, headers, media_type="application/problem+json")


async def answer_salus_error(request: Request, error: Exception) -> Response:
    """Starlette's handler for what was raised on purpose."""
    if not isinstance(error, SalusError):
        raise error
    accept = request.headers.get("accept", "")
    return write_error(error, path=request.url.path, request_id=request_id_of(request), accept=accept)


async def answer_http_exception(request: Request, error: Exception) -> Response:
    """Starlette's handler for what the router itself refuses: no such path, no such method, a broken form."""
    if not isinstance(error, HTTPException):
        raise error
    status = HTTPStatus(error.status_code)
    if status is HTTPStatus.NOT_FOUND:
        meant: SalusError = errors.NotFound(
            "a path of this gateway", found="another path", remedy="See /api/v1/openapi.json for what there is."
        )
    else:
        meant = errors.InvalidInput(
            f"a request that does not end in {status.phrase!r}",
            found=f"{request.method} with a body or method that this path does not take",
            remedy="See /api/v1/openapi.json for what it takes.",
        )
    response = write_error(meant, path=request.url.path, request_id=request_id_of(request), status=status)
    response.headers.update(dict(error.headers or {}))
    return response


async def answer_unknown_error(request: Request, error: Exception) -> Response:
    """Starlette's handler for defects: an id for the caller, the place for the log."""
    return write_defect(error, path=request.url.path, request_id=request_id_of(request))


def write_defect(error: BaseException, *, path: str, request_id: str) -> Response:
    """Log where `error` was raised, and make the response that names only the request's id."""
    structlog.get_logger().error(
        "internal_error", request_id=request_id, error=type(error).__name__, where=describe_place(error)
    )
    hidden = SalusError(
        "an answer",
        found="an internal error",
        remedy=f"Report it to the operator with the request's id {request_id}.",
    )
    return write_error(hidden, path=path, request_id=request_id)


def request_id_of(request: Request) -> str:
    """The id that the request came with or was given."""
    return str(request.scope.get("state", {}).get("request_id", "unknown"))
