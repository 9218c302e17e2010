"""`/api/v1`: services, answers, explanations and packages, for the console and for callers of our own."""

from __future__ import annotations

import asyncio
from typing import get_args

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from salus.contracts.errors import InvalidInput
from salus.contracts.text import Language
from salus.explanation.plain_language import write_choice_card
from salus.gateway.answer_views import view_explanation, view_prediction
from salus.gateway.dependencies import Dependencies
from salus.gateway.documents import PackageDocuments
from salus.gateway.fhir_exchange import write_fhir_answer
from salus.gateway.house_views import Health, PackageList, ServiceHealth
from salus.gateway.negotiation import MARKDOWN, wants_card, wants_fhir
from salus.gateway.openapi import build_openapi
from salus.gateway.questions import read_question
from salus.gateway.service_views import SummaryList, detail, summarise
from salus.serving.catalogue import DeployedService

ROOT = "/api/v1"
_LANGUAGES: tuple[Language, ...] = get_args(Language)


class ApiRoutes:
    """The handlers.

    Args:
        dependencies: What they work with.
    """

    def __init__(self, dependencies: Dependencies) -> None:
        self._house = dependencies
        self._openapi = msgspec.json.encode(build_openapi(dependencies.version, dependencies.settings))

    def routes(self) -> list[Route]:
        """All routes."""
        service = f"{ROOT}/services/{{name}}"
        return [
            Route(f"{ROOT}/openapi.json", self.openapi),
            Route(f"{ROOT}/health", self.health),
            Route(f"{ROOT}/services", self.list_services),
            Route(service, self.describe_service),
            Route(f"{service}/card", self.read_card),
            Route(f"{service}/example.json", self.read_example_request),
            Route(f"{service}/example.png", self.read_example_picture),
            Route(f"{service}/pictures/{{picture}}.png", self.read_picture),
            Route(f"{service}/predictions", self.predict, methods=["POST"]),
            Route(f"{service}/explanations", self.explain, methods=["POST"]),
            Route(f"{ROOT}/packages", self.list_packages),
            Route(f"{ROOT}/packages/{{name}}/{{version}}", self.describe_package),
            Route("/metrics", self.read_metrics),
        ]

    async def openapi(self, request: Request) -> Response:
        """The description of these routes (OpenAPI 3.1)."""
        self._house.doorkeeper.admit_reader(request)
        return _json(self._openapi)

    async def health(self, request: Request) -> Response:  # noqa: ARG002 -- always open, for orchestrators
        """Whether every service answers."""
        services = tuple(ServiceHealth(s.describe().name, s.ready()) for s in self._house.services)
        ready = self._house.services.ready()
        body = Health(status="ready" if ready else "unavailable", version=self._house.version, services=services)
        return _json(msgspec.json.encode(body), 200 if ready else 503)

    async def list_services(self, request: Request) -> Response:
        """All services."""
        self._house.doorkeeper.admit_reader(request)
        found = [summarise(service, await self._documents(service)) for service in self._house.services]
        return _json(msgspec.json.encode(SummaryList(tuple(found))))

    async def describe_service(self, request: Request) -> Response:
        """All about one service."""
        service, documents = await self._read(request)
        root = f"{ROOT}/services/{service.describe().name}"
        return _json(msgspec.json.encode(detail(service, documents, service.calibration, root)))

    async def read_card(self, request: Request) -> Response:
        """A service's card, as Markdown."""
        _, documents = await self._read(request)
        language = _language_of(request)
        text = await asyncio.to_thread(documents.card, language)
        return Response(text, media_type=MARKDOWN, headers={"content-language": language})

    async def read_example_request(self, request: Request) -> Response:
        """A request to try the service with over the Open Inference Protocol: the package's own example."""
        _, documents = await self._read(request)
        return _json(msgspec.json.encode(await asyncio.to_thread(documents.example_request)))

    async def read_example_picture(self, request: Request) -> Response:
        """A picture to try the service with."""
        _, documents = await self._read(request)
        return Response(await asyncio.to_thread(documents.example_picture), media_type="image/png")

    async def read_picture(self, request: Request) -> Response:
        """A figure of the evaluation."""
        _, documents = await self._read(request)
        content = await asyncio.to_thread(documents.picture, request.path_params["picture"])
        return Response(content, media_type="image/png")

    async def predict(self, request: Request) -> Response:
        """Answer, as JSON of ours, as FHIR, or (a choice) as a card in plain words, whichever the caller accepts."""
        caller = self._house.doorkeeper.admit(request, "predict")
        service, documents = await self._find(request)
        task = service.describe().manifest.task
        question = await read_question(request, task.signature, max_samples=self._house.settings.max_samples)
        accept = request.headers.get("accept", "")
        language = _language_of(request)
        prediction = await service.predict(question.request, caller)
        if wants_fhir(accept):
            return write_fhir_answer(task, prediction, question)
        if wants_card(accept) and task.kind == "treatment":
            cards = [write_choice_card(task, prediction, at, language) for at in range(len(prediction.abstentions))]
            return Response("\n---\n\n".join(cards), media_type=MARKDOWN, headers={"content-language": language})
        report = documents.report("validation")
        view = view_prediction(prediction, task, service.calibration, report, warnings=question.notes)
        return _json(msgspec.json.encode(view))

    async def explain(self, request: Request) -> Response:
        """Answer, with reasons."""
        caller = self._house.doorkeeper.admit(request, "explain")
        service, documents = await self._find(request)
        task = service.describe().manifest.task
        question = await read_question(request, task.signature, max_samples=self._house.settings.max_samples)
        explanation = await service.explain(question.request, caller)
        view = await asyncio.to_thread(
            view_explanation,
            explanation,
            task,
            service.calibration,
            documents.report("validation"),
            warnings=question.notes,
            pictures=question.pictures,
        )
        return _json(msgspec.json.encode(view))

    async def list_packages(self, request: Request) -> Response:
        """All packages that the registry knows."""
        self._house.doorkeeper.admit(request, "read_packages")
        records = await asyncio.to_thread(self._house.registry.list_packages)
        return _json(msgspec.json.encode(PackageList(records)))

    async def describe_package(self, request: Request) -> Response:
        """One package."""
        self._house.doorkeeper.admit(request, "read_packages")
        name, version = request.path_params["name"], request.path_params["version"]
        return _json(msgspec.json.encode(await asyncio.to_thread(self._house.registry.get, name, version)))

    async def read_metrics(self, request: Request) -> Response:
        """Figures for Prometheus."""
        self._house.doorkeeper.admit_reader(request)
        return Response(self._house.metrics.write(), headers={"content-type": self._house.metrics.content_type})

    async def _read(self, request: Request) -> tuple[DeployedService, PackageDocuments]:
        self._house.doorkeeper.admit_reader(request)
        return await self._find(request)

    async def _find(self, request: Request) -> tuple[DeployedService, PackageDocuments]:
        service = self._house.services.get(request.path_params["name"])
        return service, await self._documents(service)

    async def _documents(self, service: DeployedService) -> PackageDocuments:
        return await self._house.shelf.of(service.package)


def _language_of(request: Request) -> Language:
    language = request.query_params.get("language", "en")
    for known in _LANGUAGES:
        if language == known:
            return known
    raise InvalidInput(f"a language of {', '.join(_LANGUAGES)}", found="another one", remedy="Choose one of them.")


def _json(content: bytes, status: int = 200) -> Response:
    return Response(content, status, media_type="application/json")
