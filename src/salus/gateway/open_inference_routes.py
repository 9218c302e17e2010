"""`/v2`: the Open Inference Protocol over REST.

https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md; the unmodified
`tritonclient.http` is a client of it. Handlers are plain, without a model class per request.
"""

from __future__ import annotations

from dataclasses import replace

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from salus.contracts.errors import InvalidInput, UnsupportedInput
from salus.contracts.predictors import Json
from salus.gateway.dependencies import Dependencies
from salus.gateway.errors import request_id_of
from salus.serving.catalogue import DeployedService
from salus.standards.open_inference import (
    HEADER_LENGTH,
    read_infer_exchange,
    write_infer_response,
    write_model_metadata,
    write_server_metadata,
)

_NOT_READY = 400
"""The protocol asks for a status of the 400s where something is not ready."""
_JSON = "application/json"


class OpenInferenceRoutes:
    """The handlers.

    Args:
        dependencies: What they work with.
    """

    def __init__(self, dependencies: Dependencies) -> None:
        self._house = dependencies

    def routes(self) -> list[Route]:
        """All routes of the protocol."""
        routes = [
            Route("/v2", self.server_metadata),
            Route("/v2/health/live", self.server_live),
            Route("/v2/health/ready", self.server_ready),
        ]
        for model in ("/v2/models/{model}", "/v2/models/{model}/versions/{version}"):
            routes += [
                Route(model, self.model_metadata),
                Route(f"{model}/ready", self.model_ready),
                Route(f"{model}/infer", self.infer, methods=["POST"]),
            ]
        return routes

    async def server_metadata(self, request: Request) -> Response:
        """Name, version and extensions of the server."""
        self._house.doorkeeper.admit_reader(request)
        return _answer(write_server_metadata(self._house.version))

    async def server_live(self, request: Request) -> Response:  # noqa: ARG002 -- always open, for orchestrators
        """Whether the process answers."""
        return _answer({"live": True})

    async def server_ready(self, request: Request) -> Response:  # noqa: ARG002
        """Whether every deployed service answers."""
        ready = self._house.services.ready()
        return _answer({"ready": ready}, 200 if ready else _NOT_READY)

    async def model_metadata(self, request: Request) -> Response:
        """The tensors of a service."""
        self._house.doorkeeper.admit_reader(request)
        return _answer(write_model_metadata(self._service(request).describe()))

    async def model_ready(self, request: Request) -> Response:
        """Whether a service answers."""
        service = self._service(request)
        ready = service.ready()
        return _answer({"name": service.describe().name, "ready": ready}, 200 if ready else _NOT_READY)

    async def infer(self, request: Request) -> Response:
        """Answer."""
        caller = self._house.doorkeeper.admit(request, "predict")
        service = self._service(request)
        if request.headers.get("content-encoding", "identity").lower() != "identity":
            raise UnsupportedInput("a body as it is", found="a compressed one", remedy="Send it without compression.")
        exchange = read_infer_exchange(await request.body(), _header_length(request))
        asked = replace(exchange.request, request_id=exchange.request.request_id or request_id_of(request))
        prediction = await service.predict(asked, caller)
        message = write_infer_response(prediction, binary=exchange.binary)
        if message.header_length is None:
            return Response(message.content, media_type=_JSON)
        return Response(
            message.content,
            headers={HEADER_LENGTH: str(message.header_length)},
            media_type="application/octet-stream",
        )

    def _service(self, request: Request) -> DeployedService:
        return self._house.services.get(request.path_params["model"], version=request.path_params.get("version"))


def _header_length(request: Request) -> int | None:
    text = request.headers.get(HEADER_LENGTH)
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise InvalidInput(
            f"a whole number in the header {HEADER_LENGTH}", found="another text", remedy="Send the JSON part's length."
        )
    return int(text)


def _answer(document: dict[str, Json], status: int = 200) -> Response:
    return Response(msgspec.json.encode(document), status, media_type=_JSON)
