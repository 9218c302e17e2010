"""Serving from the terminal: what is printed once the gateway answers."""

from __future__ import annotations

from salus.bootstrap.house import House
from salus.bootstrap.running import describe_failures, make_gateway
from salus.cli.output import strong, warn, write
from salus.gateway.server import serve
from salus.observability.logs import configure_logs
from salus.serving.catalogue import ServiceCatalogue


def serve_house(house: House, *, json: bool) -> None:
    """Serve until stopped."""
    configure_logs(form="json" if json else "console")
    app, services, failed = make_gateway(house)
    for line in describe_failures(failed):
        warn(line)
    key = house.development_key()
    serve(app, house.settings.gateway, announce=lambda address: _announce(address, key, services))


def _announce(address: str, key: str, services: ServiceCatalogue) -> None:
    write("")
    write(f"Salus serves at  {strong(address)}")
    write(f"Page with key    {address}/#key={key}")
    write(f"Development key  {key}")
    names = [service.describe().name for service in services]
    if not names:
        write("Nothing is deployed yet: salus up builds and serves what can be")
        return
    write("")
    write("Try:")
    write("")
    for command in try_commands(address, key, services):
        write(f"  {command}")
        write("")


def try_commands(address: str, key: str, services: ServiceCatalogue) -> list[str]:
    """Three commands that work when pasted: list, answer, explain."""
    service = next(iter(services)).describe()
    picture = next(
        (each.describe().name for each in services if _takes_pictures(each.describe().manifest.task.signature.inputs)),
        None,
    )
    body = (
        f"-H 'Content-Type: application/json' -d \"$(curl -s {address}/api/v1/services/{service.name}/example.json)\""
    )
    commands = [
        f"curl -s {address}/api/v1/services",
        f"curl -s -H 'Authorization: Bearer {key}' {body} {address}/v2/models/{service.name}/infer",
    ]
    if picture is None:
        return [*commands, f"curl -s {address}/api/v1/services/{service.name}/card"]
    fetch = f"curl -s -o example.png {address}/api/v1/services/{picture}/example.png"
    ask = f"curl -s -H 'Authorization: Bearer {key}' -F image=@example.png"
    return [*commands, f"{fetch} && {ask} {address}/api/v1/services/{picture}/predictions"]


def _takes_pictures(inputs: tuple[object, ...]) -> bool:
    return any(getattr(spec, "content", "") == "image" for spec in inputs)
