"""Serving from the terminal: what is printed once the gateway answers."""

from __future__ import annotations

from salus.bootstrap.house import House
from salus.bootstrap.running import furnish_gateway
from salus.cli.output import strong, warn, write
from salus.contracts.services import ModelService
from salus.gateway.server import serve
from salus.gateway.service_views import Content, content_of
from salus.observability.logs import configure_logs
from salus.serving.catalogue import ServiceCatalogue


def serve_house(house: House, *, json: bool) -> None:
    """Serve until stopped.

    Args:
        house: Whose services.
        json: Whether logs are JSON lines.

    Raises:
        Conflict: The address is taken.
    """
    configure_logs(form="json" if json else "console")
    gateway = furnish_gateway(house)
    for line in gateway.failures:
        warn(line)
    key = house.development_key()
    serve(
        gateway.app, house.settings.gateway, announce=lambda address: announce_gateway(address, key, gateway.services)
    )


def announce_gateway(address: str, key: str, services: ServiceCatalogue) -> None:
    """Print the address, the key, and commands to try."""
    write("")
    write(f"Salus serves at  {strong(address)}")
    write(f"Page with key    {address}/#key={key}")
    write(f"Development key  {key}")
    write("")
    if not len(services):
        write("Nothing is deployed: `salus up` builds and serves what can be, `salus deploy NAME` what was built.")
        return
    write("Try:")
    write("")
    for command in try_commands(address, key, services):
        write(f"  {command}")
        write("")


def try_commands(address: str, key: str, services: ServiceCatalogue) -> list[str]:
    """Three commands that work when pasted: list, answer over the Open Inference Protocol, explain.

    Args:
        address: Of the gateway.
        key: May ask.
        services: At least one.
    """
    names = [service.describe().name for service in services]
    pictures = [service.describe().name for service in services if _content_of(service) == "image"]
    tables = [service.describe().name for service in services if _content_of(service) == "table"]
    asked, explained = (tables or names)[0], (pictures or names)[0]
    root, allowed = f"{address}/api/v1/services", f"-H 'Authorization: Bearer {key}'"
    as_json = f"{allowed} -H 'Content-Type: application/json' -d @-"
    if pictures:
        explain = (
            f"curl -s {root}/{explained}/example.png | curl -s {allowed} -F image=@- {root}/{explained}/explanations"
        )
    else:
        explain = f"curl -s '{root}/{explained}/card?language=en'"
    return [
        f"curl -s {root}",
        f"curl -s {root}/{asked}/example.json | curl -s {as_json} {address}/v2/models/{asked}/infer",
        explain,
    ]


def _content_of(service: ModelService) -> Content:
    return content_of(service.describe().manifest.task.signature)
