"""What `salus up` does before it serves: build, approve and deploy what is not yet."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from salus.bootstrap.building import BuildOptions, run_build
from salus.bootstrap.house import House
from salus.bootstrap.packages import find_package
from salus.bootstrap.running import deploy_package
from salus.contracts.errors import DataUnavailable, GateNotMet, NotFound, SalusError
from salus.contracts.packs import Pack, SolverKit, TaskKit
from salus.contracts.progress import Progress
from salus.data.catalogue import find_entry
from salus.plugins.discovery import find_packs
from salus.registry.entries import PackageRecord
from salus.workflows.release_model import approve_package
from salus.workflows.workshop import package_name

_WHY = "gate met; approved by `salus up` for this machine"


@dataclass(frozen=True)
class Prepared:
    """What was done for one task.

    Attributes:
        question: `PACK/TASK`.
        state: `served` as before, `built` now, or `left out`.
        reason: Why it is left out, and what to do about it; else empty.
    """

    question: str
    state: Literal["served", "built", "left out"]
    reason: str = ""


def prepare_services(house: House, progress: Progress, tell: Callable[[Prepared], None]) -> None:
    """Build, approve and deploy what is not yet, for every installed task that is meant for it (`prepare` of its kit).

    What cannot be built or served is left out, and does not keep the others from it. Demonstrations are prepared only
    where another task is left out. A data set whose download has failed once is not asked for again until
    `salus data fetch` has brought it or a copy is at hand, so that a later start does not wait for a network.

    Args:
        house: Where.
        progress: Told about each build.
        tell: Told about each task.

    Raises:
        InvalidInput: An installed pack is none.
    """
    kits = [(pack, kit) for pack in find_packs().values() for kit in pack.kits if kit.prepare]
    complete = True
    for pack, kit in kits:
        if not kit.task.demonstration:
            outcome = _prepare(house, pack, kit, progress)
            tell(outcome)
            complete = complete and outcome.state != "left out"
    if not complete:
        for pack, kit in kits:
            if kit.task.demonstration:
                tell(_prepare(house, pack, kit, progress))


def _prepare(house: House, pack: Pack, kit: TaskKit | SolverKit, progress: Progress) -> Prepared:
    name, question = package_name(pack, kit), f"{pack.name}/{kit.task.name}"
    deployed = {each.service: each for each in house.registry.list_deployments()}.get(name)
    try:
        if deployed is not None:
            find_package(house, f"{deployed.name}:{deployed.version}")  # altered or gone: better said now
            return Prepared(question, "served")
        record = _approve(house, _find_or_build(house, question, kit, name, progress))
        deploy_package(f"{record.name}:{record.version}", service=name, allow_candidate=True, house=house)
    except SalusError as error:
        return Prepared(question, "left out", f"{error}{_how_to_fetch(kit, error)}")
    return Prepared(question, "built")


def _find_or_build(
    house: House, question: str, kit: TaskKit | SolverKit, name: str, progress: Progress
) -> PackageRecord:
    with suppress(NotFound):
        return house.registry.get(name)
    failed = _failure_mark(house, kit)
    here = _offline(house) if failed.exists() else house
    try:
        record = run_build(question, BuildOptions(), progress, here).record
    except DataUnavailable as error:
        failed.parent.mkdir(parents=True, exist_ok=True)
        failed.write_text(f"{error}\n", encoding="utf-8")
        raise
    failed.unlink(missing_ok=True)
    return record


def _approve(house: House, record: PackageRecord) -> PackageRecord:
    """The record, approved if it is a candidate that the gate lets pass."""
    if record.stage == "candidate":
        with suppress(GateNotMet):  # it is then served as a candidate, and says so
            return approve_package(record, house.workshop(), why=_WHY)
    return record


def _failure_mark(house: House, kit: TaskKit | SolverKit) -> Path:
    """A file that is there when the data set could not be had; it holds the reason."""
    return house.settings.home / "data" / f"{kit.dataset}.unavailable"


def _offline(house: House) -> House:
    return House(replace(house.settings, data=replace(house.settings.data, offline=True)))


def _how_to_fetch(kit: TaskKit | SolverKit, error: SalusError) -> str:
    """How to get the data set that is missing, where the error does not say it itself."""
    if isinstance(error, DataUnavailable):
        with suppress(NotFound):  # a pack's own data set is in no catalogue
            remedy = find_entry(kit.dataset).remedy.en
            return "" if remedy in str(error) else f" {remedy}"
    return ""
