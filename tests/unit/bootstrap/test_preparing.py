"""What `salus up` does before it serves, with packs whose builds are quick."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from salus.bootstrap.house import House
from salus.bootstrap.preparing import Prepared, prepare_services
from salus.bootstrap.running import furnish_gateway
from salus.contracts.datasets import Dataset
from salus.contracts.errors import DataUnavailable, MissingDependency
from salus.contracts.packs import DataRequest, Pack, TaskKit
from salus.contracts.progress import Silence
from salus.contracts.tasks import Goal
from salus.contracts.text import LocalizedText


class _Away:
    """Data that cannot be had until `there` is set; notes whether the network might have been used."""

    def __init__(self, kit: TaskKit) -> None:
        self._kit = kit
        self.there = False
        self.asked_offline: list[bool] = []

    def read(self, request: DataRequest, seed: int) -> Dataset:
        self.asked_offline.append(request.offline)
        if not self.there:
            raise DataUnavailable("a copy of pneumoniamnist", found="none", remedy="Try again later.")
        return self._kit.read_dataset(request, seed)


def _pack(name: str, kit: TaskKit, **changes: Any) -> Pack:
    task = msgspec.structs.replace(kit.task, **{k: changes.pop(k) for k in ("demonstration", "goals") if k in changes})
    return Pack(name, LocalizedText(name, "包"), (replace(kit, task=task, **changes),))


def _prepare(house: House) -> dict[str, Prepared]:
    done: list[Prepared] = []
    prepare_services(house, Silence(), done.append)
    return {each.question: each for each in done}


@pytest.fixture
def online(house: House) -> House:
    return House(replace(house.settings, data=replace(house.settings.data, offline=False)))


def test_what_is_missing_is_built_approved_and_deployed_once(
    house: House, toy_kit: TaskKit, install_packs: Callable[..., None]
) -> None:
    install_packs(_pack("toy", toy_kit), _pack("show", toy_kit, demonstration=True))
    assert _prepare(house) == {"toy/dosage": Prepared("toy/dosage", "built")}
    (deployment,) = house.registry.list_deployments()
    assert (deployment.service, house.registry.get("toy.dosage").stage) == ("toy.dosage", "approved")
    assert _prepare(house) == {"toy/dosage": Prepared("toy/dosage", "served")}
    assert len(house.registry.list_packages()) == 1


def test_a_model_that_misses_its_goal_is_served_as_a_candidate(
    house: House, toy_kit: TaskKit, install_packs: Callable[..., None]
) -> None:
    install_packs(_pack("toy", toy_kit, goals=(Goal(measure="auroc", at_least=1.0),)))
    assert _prepare(house)["toy/dosage"].state == "built"
    assert house.registry.get("toy.dosage").stage == "candidate"
    gateway = furnish_gateway(house)
    (service,) = gateway.services
    assert any("Candidate" in notice.en for notice in service.describe().notices)


def test_without_data_a_demonstration_stands_in_and_the_network_is_asked_once(
    online: House, toy_kit: TaskKit, install_packs: Callable[..., None]
) -> None:
    away = _Away(toy_kit)
    real = _pack("toy", toy_kit, read_dataset=away.read, dataset="pneumoniamnist")
    install_packs(real, _pack("show", toy_kit, demonstration=True))
    first = _prepare(online)
    assert (first["toy/dosage"].state, first["show/dosage"].state) == ("left out", "built")
    assert "salus data fetch pneumoniamnist" in first["toy/dosage"].reason
    second = _prepare(online)
    assert (second["toy/dosage"].state, second["show/dosage"].state) == ("left out", "served")
    assert away.asked_offline == [False, True]
    away.there = True
    assert _prepare(online)["toy/dosage"].state == "built"
    assert not list((online.settings.home / "data").glob("*.unavailable"))


def test_what_fails_is_left_out_with_its_reason_and_keeps_nobody_else_from_serving(
    house: House, toy_kit: TaskKit, install_packs: Callable[..., None]
) -> None:
    def read(request: DataRequest, seed: int) -> Dataset:
        raise MissingDependency("a library", found="none", remedy="Install it.")

    unknown = _Away(toy_kit)
    install_packs(
        _pack("a", toy_kit, read_dataset=read),
        _pack("b", toy_kit, read_dataset=unknown.read, dataset="a set of one's own"),
        _pack("c", toy_kit),
    )
    done = _prepare(house)
    assert [each.state for each in done.values()] == ["left out", "left out", "built"]
    assert "Install it." in done["a/dosage"].reason
    assert done["b/dosage"].reason.endswith("Try again later.")


def test_an_altered_package_is_said_and_does_not_start(
    house: House, toy_kit: TaskKit, install_packs: Callable[..., None]
) -> None:
    install_packs(_pack("toy", toy_kit), _pack("show", toy_kit, demonstration=True))
    _prepare(house)
    model = Path(house.registry.package_directory("toy.dosage", "1")) / "model.onnx"
    model.write_bytes(model.read_bytes()[:-1])
    done = _prepare(house)
    assert (done["toy/dosage"].state, done["show/dosage"].state) == ("left out", "built")
    gateway = furnish_gateway(house)
    assert [service.describe().name for service in gateway.services] == ["show.dosage"]
    (line,) = gateway.failures
    assert line.startswith("toy.dosage (version 1) does not start: expected ")
