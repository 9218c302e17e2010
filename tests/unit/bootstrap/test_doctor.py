import socket
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from salus.bootstrap import doctor
from salus.bootstrap.house import House
from salus.contracts.packs import Pack


def _by_part(house: House) -> dict[str, doctor.Finding]:
    return {finding.part: finding for finding in doctor.examine(house)}


def test_a_packs_own_data_set_is_no_fault(house: House, toy_pack: Pack) -> None:
    found = _by_part(house)
    assert (found["data toy"].state, found["data toy"].found) == ("ok", "kept by its pack")
    assert found["packs"].found == "toy"


def test_a_pack_that_is_none_is_told(house: House, install_packs: Callable[..., None]) -> None:
    install_packs("not a pack", names=("odd",))
    found = _by_part(house)
    assert found["packs"].state == "broken"
    assert "odd" not in found


def test_a_registry_that_does_not_answer_is_told(house: House, toy_pack: Pack) -> None:
    away = replace(house.settings, registry=replace(house.settings.registry, url="nonsense://"))
    assert _by_part(House(away))["registry"].state == "broken"


def test_missing_extras_say_how_to_install_them(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_EXTRAS", {"imaging": ("pydicom", "no-such-library")})
    found = _by_part(house)["extra imaging"]
    assert (found.state, found.found, found.remedy) == ("missing", "no-such-library", "pip install 'salus[imaging]'")


def test_a_full_disk_is_told(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_LEAST_FREE_GIB", sys.maxsize)
    assert _by_part(house)["disk"].state == "broken"


def test_the_page_and_a_copy_are_found_where_they_are(
    house: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "pneumoniamnist").mkdir()
    (tmp_path / "pneumoniamnist" / "pneumoniamnist.npz").write_bytes(b"")
    here = House(replace(house.settings, data=replace(house.settings.data, dirs=(str(tmp_path),))))
    assert _by_part(here)["data pneumoniamnist"].found == str(tmp_path / "pneumoniamnist")
    monkeypatch.setattr(doctor, "__file__", str(tmp_path / "bootstrap" / "doctor.py"))
    assert _by_part(here)["page"].state == "missing"


def test_an_address_in_use_is_told(house: House) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        busy = House(replace(house.settings, gateway=replace(house.settings.gateway, port=port)))
        assert "in use" in _by_part(busy)["address"].found
    assert "free" in _by_part(busy)["address"].found
