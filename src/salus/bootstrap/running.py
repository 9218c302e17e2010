"""From deployments to a listening gateway."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from salus import __version__
from salus.bootstrap.answering import make_engine
from salus.bootstrap.building import BuildOptions, run_build
from salus.bootstrap.house import House
from salus.bootstrap.packages import split_reference
from salus.contracts.errors import (
    Conflict,
    DataUnavailable,
    GateNotMet,
    MissingDependency,
    NotFound,
    QualityRefused,
    SalusError,
)
from salus.contracts.packs import Pack, TaskKit
from salus.contracts.progress import Progress
from salus.plugins.discovery import find_packs
from salus.registry.entries import Deployment
from salus.serving.catalogue import ServiceCatalogue
from salus.workflows.deploy_model import start_services
from salus.workflows.release_model import approve_package
from salus.workflows.workshop import package_name

if TYPE_CHECKING:
    from starlette.applications import Starlette


@dataclass(frozen=True)
class Prepared:
    """What `prepare_services` did for one task: `served`, `built`, or `left out` with the reason and the remedy."""

    question: str
    state: str
    reason: str = ""


def deploy_package(
    reference: str, *, service: str | None, allow_candidate: bool, house: House | None = None
) -> Deployment:
    """Let a package keep the promise of a service, from the next start of the gateway on.

    Raises:
        NotFound: No such package.
        Conflict: It is a candidate and candidates are not allowed, or it is retired.
    """
    here = house or House()
    record = here.registry.get(*split_reference(reference))
    if record.stage == "candidate" and not allow_candidate:
        raise Conflict(
            f"an approved package instead of {record.name} version {record.version}",
            found="a candidate",
            remedy=f"Approve it (salus packages promote {record.name}:{record.version} --why '…') or say --candidate.",
        )
    return here.registry.deploy(service or record.name, record.name, record.version, who=here.workshop().actor)


def make_gateway(house: House) -> tuple[Starlette, ServiceCatalogue, list[tuple[Deployment, Exception]]]:
    """The application with every deployed service, and the deployments that did not start."""
    from salus.console.application import create_console
    from salus.gateway.app import create_app
    from salus.observability.metrics import Metrics

    services, failed = start_services(house.registry, make_engine(house))
    app = create_app(
        services=services,
        keys=house.keys,
        registry=house.registry,
        settings=house.settings.gateway,
        metrics=Metrics(),
        version=__version__,
        console=create_console(),
    )
    return app, services, failed


def prepare_services(house: House, progress: Progress, tell: Callable[[Prepared], None]) -> None:
    """Build, approve and deploy what is not yet, for every installed task.

    Demonstrations are prepared only where the data of another task are not at hand.

    Args:
        house: Where.
        progress: Told about each build.
        tell: Told about each task.
    """
    kits = [(pack, kit) for pack in find_packs().values() for kit in pack.kits]
    left_out = [
        question
        for pack, kit in kits
        if not kit.task.demonstration
        for question in _prepare(house, pack, kit, progress, tell)
    ]
    if left_out:
        for pack, kit in kits:
            if kit.task.demonstration:
                _prepare(house, pack, kit, progress, tell)


def _prepare(
    house: House, pack: Pack, kit: TaskKit, progress: Progress, tell: Callable[[Prepared], None]
) -> Sequence[str]:
    """Returns the question if it is left out."""
    name, question = package_name(pack, kit), f"{pack.name}/{kit.task.name}"
    if name in {deployment.service for deployment in house.registry.list_deployments()}:
        tell(Prepared(question, "served"))
        return ()
    try:
        reference = _approve(house, question, name, progress)
        deploy_package(reference, service=name, allow_candidate=True, house=house)
    except (DataUnavailable, QualityRefused, MissingDependency) as error:
        tell(Prepared(question, "left out", str(error)))
        return (question,)
    tell(Prepared(question, "built"))
    return ()


def _approve(house: House, question: str, name: str, progress: Progress) -> str:
    """An approved version of the package if the gate lets it pass, else the candidate."""
    try:
        record = house.registry.get(name)
    except NotFound:
        record = run_build(question, BuildOptions(), progress, house).record
    if record.stage == "candidate":
        with suppress(GateNotMet):  # it is then served as a candidate, and says so
            record = approve_package(record, house.workshop(), why="gate met; approved by `salus up` for this machine")
    return f"{record.name}:{record.version}"


def describe_failures(failed: Sequence[tuple[Deployment, Exception]]) -> list[str]:
    """A line for each deployment that did not start."""
    return [
        f"{deployment.service} (version {deployment.version}) does not start: "
        + (str(error) if isinstance(error, SalusError) else f"{type(error).__name__}: {error}")
        for deployment, error in failed
    ]
