"""From deployments to a listening gateway."""

from __future__ import annotations

from dataclasses import dataclass

from salus import __version__
from salus.bootstrap.answering import make_engine
from salus.bootstrap.house import House
from salus.bootstrap.jobs import open_jobs
from salus.bootstrap.packages import find_package
from salus.console.application import create_console
from salus.contracts.errors import Conflict, SalusError
from salus.gateway.app import Gateway, create_app
from salus.observability.metrics import Metrics
from salus.registry.entries import Deployment
from salus.serving.catalogue import ServiceCatalogue
from salus.workflows.deploy_model import start_services


@dataclass(frozen=True)
class FurnishedGateway:
    """A gateway that is ready to listen.

    Attributes:
        app: The application; it closes the services when it stops.
        services: Those that started.
        failures: A line for each deployment that did not start.
    """

    app: Gateway
    services: ServiceCatalogue
    failures: tuple[str, ...]


def deploy_package(
    reference: str, *, service: str | None, allow_candidate: bool, house: House | None = None
) -> Deployment:
    """Let a package keep the promise of a service, from the next start of the gateway on.

    Args:
        reference: `NAME` or `NAME:WHICH`.
        service: The service's name; None for the package's.
        allow_candidate: Whether a version that nobody has approved may be served.
        house: None for the one that the environment describes.

    Raises:
        NotFound: No such package.
        PackageRejected: It does not satisfy the trust policy.
        Conflict: It is a candidate and candidates are not allowed, it is retired, or not the one that was recorded.
    """
    here = house or House()
    record, _ = find_package(here, reference)
    if record.stage == "candidate" and not allow_candidate:
        raise Conflict(
            f"an approved package instead of {record.name} version {record.version}",
            found="a candidate",
            remedy=f"Approve it (salus packages promote {record.name}:{record.version} --why '…') or say --candidate.",
        )
    return here.registry.deploy(service or record.name, record.name, record.version, who=here.actor)


def furnish_gateway(house: House) -> FurnishedGateway:
    """Start every deployed service and make the application; a service that does not start is left out and named."""
    metrics = Metrics()
    services, failed = start_services(house.registry, make_engine(house), metrics)
    app = create_app(
        services=services,
        keys=house.keys,
        registry=house.registry,
        settings=house.settings.gateway,
        metrics=metrics,
        version=__version__,
        jobs=open_jobs(house),
        console=create_console(),
    )
    return FurnishedGateway(app, services, tuple(_describe(*each) for each in failed))


def _describe(deployment: Deployment, error: Exception) -> str:
    why = str(error) if isinstance(error, SalusError) else f"{type(error).__name__}: {error}"
    return f"{deployment.service} (version {deployment.version}) does not start: {why}"
