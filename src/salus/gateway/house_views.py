"""What `/api/v1/health` and `/api/v1/packages` say, as JSON."""

from __future__ import annotations

from typing import Literal

import msgspec

from salus.registry.entries import PackageRecord


class ServiceHealth(msgspec.Struct, frozen=True):
    """Whether one service answers."""

    name: str
    ready: bool


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the gateway and every service answer. `version` is that of Salus."""

    status: Literal["ready", "unavailable"]
    version: str
    services: tuple[ServiceHealth, ...]


class PackageList(msgspec.Struct, frozen=True):
    """The packages that the registry knows."""

    packages: tuple[PackageRecord, ...]
