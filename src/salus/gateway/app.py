"""The gateway as an ASGI application (https://asgi.readthedocs.io): routes, limits, errors, the console."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount
from starlette.types import ASGIApp

from salus.contracts.errors import SalusError
from salus.gateway.api_routes import ApiRoutes
from salus.gateway.authentication import Doorkeeper, KeyDirectory
from salus.gateway.dependencies import Dependencies, RegistryView
from salus.gateway.errors import answer_http_exception, answer_salus_error
from salus.gateway.exchange import ExchangeMiddleware
from salus.gateway.job_routes import JobRoutes, open_desk
from salus.gateway.limits import LimitsMiddleware
from salus.gateway.open_inference_routes import OpenInferenceRoutes
from salus.gateway.settings import GatewaySettings
from salus.observability.metrics import Metrics
from salus.records.job_store import JobStore
from salus.serving.catalogue import ServiceCatalogue

Gateway = Starlette
"""What `create_app` makes: an ASGI application. Named here, so that those who hand it on name no web framework."""


def create_app(
    *,
    services: ServiceCatalogue,
    keys: KeyDirectory,
    registry: RegistryView,
    settings: GatewaySettings,
    metrics: Metrics,
    version: str,
    jobs: JobStore | None = None,
    console: ASGIApp | None = None,
) -> Gateway:
    """Make the application. It closes the services when it shuts down.

    There is no cross-origin access (CORS): a page of another site cannot ask a service with a reader's key.

    Args:
        services: What is deployed; may grow while the application runs.
        keys: Whose key is whose.
        registry: Packages by name and version.
        settings: Limits, and whether the catalogue is public.
        metrics: Figures to publish.
        version: Of Salus.
        jobs: Questions that take minutes; None takes none up.
        console: Serves `/` and everything that no route takes; None for none.
    """
    dependencies = Dependencies(
        services=services,
        registry=registry,
        doorkeeper=Doorkeeper(keys, settings.public_catalogue),
        settings=settings,
        metrics=metrics,
        version=version,
    )
    routes: list[BaseRoute] = [*OpenInferenceRoutes(dependencies).routes(), *ApiRoutes(dependencies).routes()]
    desk = None if jobs is None else open_desk(jobs, dependencies)
    if desk is not None:
        routes += JobRoutes(dependencies, desk).routes()
    if console is not None:
        routes.append(Mount("/", app=console))

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        if desk is not None:
            desk.runner.start()
        yield
        if desk is not None:
            await desk.runner.close()
            desk.store.close()
        await services.close()

    app = Starlette(
        routes=routes,
        middleware=[
            Middleware(ExchangeMiddleware),
            Middleware(
                LimitsMiddleware,
                max_body_bytes=settings.max_body_bytes,
                request_timeout_s=settings.request_timeout_s,
            ),
        ],
        exception_handlers={SalusError: answer_salus_error, HTTPException: answer_http_exception},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    return app
