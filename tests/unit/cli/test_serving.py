"""What is printed once the gateway answers, and that it can be pasted; the gateway itself listens for real."""

import shlex
import signal
import subprocess
import threading
from collections.abc import Callable
from typing import Any

import pytest

from salus.bootstrap.house import House
from salus.bootstrap.running import deploy_package, furnish_gateway
from salus.cli import serving
from salus.contracts.packs import Pack
from salus.gateway.server import serve_in_background

NAME = "specimen.larger"


@pytest.fixture
def anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALUS_GATEWAY__PORT", "0")


def test_the_three_commands_work_when_pasted(
    anywhere: None, salus: Any, house: House, add_specimen: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    add_specimen()
    deploy_package(NAME, service=None, allow_candidate=True, house=house)
    gateway = furnish_gateway(House())
    with serve_in_background(gateway.app, House().settings.gateway) as address:
        key = house.development_key()
        serving.announce_gateway(address, key, gateway.services)
        commands = serving.try_commands(address, key, gateway.services)
        answers = [
            subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True, timeout=60).stdout
            for command in commands
        ]
    shown = capsys.readouterr().out
    assert all(f"  {command}\n" in shown for command in commands)
    assert f"{address}/#key={key}" in shown
    assert NAME in answers[0]
    assert '"probabilities"' in answers[1]
    assert answers[2].startswith("# ")
    assert all(shlex.split(command)[0] == "curl" for command in commands)


def test_where_nothing_is_deployed_it_says_how_to_begin(
    anywhere: None, house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    gateway = furnish_gateway(house)
    serving.announce_gateway("http://127.0.0.1:1", "key", gateway.services)
    assert "salus up" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["serve", "up"])
def test_the_gateway_listens_until_it_is_told_to_stop(
    anywhere: None, salus: Callable[..., Any], toy_pack: Pack, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """`up` builds the toy first. The signal is sent as soon as the address is announced."""
    announce = serving.announce_gateway

    def announce_and_stop(*details: Any) -> None:
        announce(*details)
        threading.Timer(0.05, signal.raise_signal, [signal.SIGTERM]).start()

    monkeypatch.setattr(serving, "announce_gateway", announce_and_stop)
    ran = salus(command)
    assert ran.code == 0
    assert "Salus serves at  http://127.0.0.1:" in ran.out
    if command == "up":
        assert ran.out.startswith("built     toy/dosage\n")


def test_a_service_that_does_not_start_is_told_and_the_others_are_served(
    anywhere: None, salus: Callable[..., Any], house: House, add_specimen: Callable[..., Any], monkeypatch: Any
) -> None:
    add_specimen()
    deploy_package(NAME, service=None, allow_candidate=True, house=house)
    (house.packages_dir / NAME / "1" / "CARD.md").unlink()

    def stop(app: object, settings: object, *, announce: Callable[[str], None]) -> None:
        announce("http://127.0.0.1:1")

    monkeypatch.setattr(serving, "serve", stop)
    ran = salus("serve", "--json")
    assert ran.err.startswith(f"{NAME} (version 1) does not start: ")
    assert "Nothing is deployed" in ran.out


def test_a_taken_address_ends_with_17(
    anywhere: None, salus: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener:
        monkeypatch.setenv("SALUS_GATEWAY__PORT", str(listener.getsockname()[1]))
        assert salus("serve").code == 17
