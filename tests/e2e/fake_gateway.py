"""A gateway that has trained nothing: `/api/v1` in its real shapes under the real console. Keeps the tests fast."""

from __future__ import annotations

import io
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from PIL import Image, ImageDraw, UnidentifiedImageError
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route

from salus.console.application import create_console

from .fake_answers import answer_picture, answer_table, draw_chest, view_of, write_png
from .fake_jobs import JOB_ROUTES
from .fake_kind_answers import answer_kind
from .fake_kinds import KIND_SERVICES
from .fake_services import SERVICES, FakeService

KEY = "a-key-for-tests"
ALL_SERVICES = (*SERVICES, *KIND_SERVICES)
_REQUEST_ID = "0199f3a2-5b1e-7c44-9d0e-6a1f2b3c4d5e"


def _problem(status: int, code: str, expected: str, found: str, remedy: str) -> JSONResponse:
    body = {
        "type": f"/problems/{code}",
        "title": code.replace("_", " "),
        "status": status,
        "detail": f"expected {expected}; found {found}. {remedy}",
        "code": code,
        "expected": expected,
        "found": found,
        "remedy": remedy,
        "instance": _REQUEST_ID,
    }
    return JSONResponse(body, status_code=status, media_type="application/problem+json")


def _service(request: Request) -> FakeService | None:
    return next((s for s in ALL_SERVICES if s.name == request.path_params["name"]), None)


def _unknown() -> JSONResponse:
    return _problem(404, "not_found", "the name of a service", "an unknown name", "See GET /api/v1/services.")


async def _list(request: Request) -> Response:
    services = [] if request.app.state.empty else [service.summary() for service in ALL_SERVICES]
    return JSONResponse({"services": services})


async def _describe(request: Request) -> Response:
    service = _service(request)
    return _unknown() if service is None else JSONResponse(service.detail())


async def _card(request: Request) -> Response:
    return PlainTextResponse(f"# {request.path_params['name']}\n", media_type="text/markdown")


async def _example(request: Request) -> Response:
    size = 28 if request.path_params["name"].startswith("chest_xray") else 256
    return Response(write_png(draw_chest(size)), media_type="image/png")


async def _picture(request: Request) -> Response:
    picture = Image.new("L", (640, 480), 255)
    draw = ImageDraw.Draw(picture)
    draw.line([(80, 420), (100, 120), (200, 70), (600, 50)], fill=60, width=4)
    draw.rectangle([(80, 40), (600, 420)], outline=120, width=2)
    stream = io.BytesIO()
    picture.save(stream, format="PNG")
    return Response(stream.getvalue(), media_type="image/png")


async def _answer_samples(request: Request, service: FakeService) -> list[dict[str, Any]]:
    """Of a Bundle, what the example's answer would be: reading FHIR is not faked here."""
    if request.headers.get("content-type") == "application/fhir+json":
        return [answer_kind(service, service.example)]
    answer = answer_kind if service in KIND_SERVICES else answer_table
    return [answer(service, sample) for sample in (await request.json())["samples"]]


async def _explain(request: Request) -> Response:
    service = _service(request)
    if service is None:
        return _unknown()
    if request.headers.get("authorization") != f"Bearer {KEY}":
        return _problem(401, "unauthenticated", "a key in the header Authorization", "no known key", "Send a key.")
    if not service.is_image:
        return JSONResponse(view_of(service, await _answer_samples(request, service)))
    async with request.form() as form:
        uploads = [part for part in form.getlist("image") if isinstance(part, UploadFile)]
        contents = [await part.read() for part in uploads]
    samples = []
    for content in contents:
        try:
            samples.append(answer_picture(service, Image.open(io.BytesIO(content))))
        except UnidentifiedImageError:
            found = f"{len(content)} bytes of another kind"
            return _problem(422, "invalid_input", "a PNG, JPEG or DICOM file", found, "Export the picture as PNG.")
    return JSONResponse(view_of(service, samples))


def create_fake_gateway(*, empty: bool = False) -> Starlette:
    """The fake API under the real console; `empty` deploys nothing."""
    root = "/api/v1/services"
    app = Starlette(
        routes=[
            Route(root, _list),
            Route(f"{root}/{{name}}", _describe),
            Route(f"{root}/{{name}}/card", _card),
            Route(f"{root}/{{name}}/example.png", _example),
            Route(f"{root}/{{name}}/pictures/{{picture}}.png", _picture),
            Route(f"{root}/{{name}}/explanations", _explain, methods=["POST"]),
            Route(f"{root}/{{name}}/predictions", _explain, methods=["POST"]),
            *JOB_ROUTES,
            Mount("/", app=create_console()),
        ]
    )
    app.state.empty = empty
    app.state.jobs = {}
    return app


@contextmanager
def serving(app: Starlette) -> Iterator[str]:
    """Serve `app` on a free port of this machine; yields its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listener.close()
