"""What every route works with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from salus.gateway.authentication import Doorkeeper
from salus.gateway.documents import DocumentShelf
from salus.gateway.settings import GatewaySettings
from salus.observability.metrics import Metrics
from salus.registry.entries import PackageRecord
from salus.serving.catalogue import ServiceCatalogue


class RegistryView(Protocol):
    """What the gateway reads of the registry; `registry.store.ModelRegistry` is one. Called off the event loop."""

    def list_packages(self) -> tuple[PackageRecord, ...]:
        """All packages."""
        ...

    def get(self, name: str, which: str | None = None) -> PackageRecord:
        """One package.

        Raises:
            NotFound: There is none.
        """
        ...


@dataclass(frozen=True)
class Dependencies:
    """Handed to each routes file.

    Attributes:
        services: What is deployed.
        registry: Packages by name and version.
        doorkeeper: Lets callers in.
        settings: Limits.
        metrics: Figures to publish.
        version: Of Salus.
        shelf: Documents of the packages, kept once read.
    """

    services: ServiceCatalogue
    registry: RegistryView
    doorkeeper: Doorkeeper
    settings: GatewaySettings
    metrics: Metrics
    version: str
    shelf: DocumentShelf = field(default_factory=DocumentShelf)
