"""What is deployed, by name."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Protocol

from salus.contracts.errors import Conflict, NotFound
from salus.contracts.packages import ModelPackage
from salus.contracts.reports import Calibration
from salus.contracts.services import ModelService


class DeployedService(ModelService, Protocol):
    """A model service with the package that its documents (card, reports, pictures) are read from."""

    @property
    def package(self) -> ModelPackage:
        """The package."""
        ...

    @property
    def calibration(self) -> Calibration | None:
        """Its calibration, with the threshold; None for others than classifiers."""
        ...

    @property
    def waiting(self) -> int:
        """Samples that wait for a replica now."""
        ...

    async def close(self) -> None:
        """Finish what is in flight, then refuse."""
        ...


class ServiceCatalogue:
    """The deployed services. Iterates in the order of their names.

    Example:
        >>> len(ServiceCatalogue())
        0
    """

    def __init__(self) -> None:
        self._services: dict[str, DeployedService] = {}

    def add(self, service: DeployedService) -> None:
        """Deploy `service` under its name.

        Raises:
            Conflict: The name is taken.
        """
        name = service.describe().name
        if name in self._services:
            raise Conflict(f"a new name instead of {name!r}", found="one that is taken", remedy="Choose another name.")
        self._services[name] = service

    def get(self, name: str, *, version: str | None = None) -> DeployedService:
        """The service called `name`, in `version` of its package (None: whichever runs).

        Raises:
            NotFound: No such service, or another version of its package runs.
        """
        service = self._services.get(name)
        if service is None:
            known = ", ".join(sorted(self._services)) or "none yet"
            raise NotFound(f"a deployed service ({known})", found="another name", remedy="List the services.")
        running = service.describe().manifest.version
        if version is not None and version != running:
            raise NotFound(f"version {running} of {name}", found="another version", remedy="Ask for the one that runs.")
        return service

    def __iter__(self) -> Iterator[DeployedService]:
        return iter([self._services[name] for name in sorted(self._services)])

    def __len__(self) -> int:
        return len(self._services)

    def ready(self) -> bool:
        """Whether every deployed service answers; True where none is deployed."""
        return all(service.ready() for service in self)

    async def close(self) -> None:
        """Close every service."""
        await asyncio.gather(*(service.close() for service in self))
