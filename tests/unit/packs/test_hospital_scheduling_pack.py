from __future__ import annotations

from pathlib import Path

import pytest

from salus.contracts.errors import DataUnavailable
from salus.contracts.packs import DataRequest, SolverKit
from salus.contracts.planning import Planning
from salus.contracts.progress import Silence
from salus.planning.ihtc.binding import COST_TITLES
from salus.planning.ihtc.evaluation import COSTS
from salus.testing.packs import check_pack
from salus_packs.hospital_scheduling.pack import PACK
from salus_packs.hospital_scheduling.task import TASK


def _kit() -> SolverKit:
    kit = PACK.kit("timetable")
    assert isinstance(kit, SolverKit)
    return kit


def test_the_pack_keeps_every_promise_of_a_pack_and_plans_its_example_twice_alike() -> None:
    check_pack(PACK, solve=True)


def test_the_costs_are_those_of_the_competition() -> None:
    assert isinstance(TASK.question, Planning)
    assert tuple(term.name for term in TASK.question.costs) == COSTS == tuple(COST_TITLES)


def test_without_a_copy_the_instances_are_unavailable(tmp_path: Path) -> None:
    request = DataRequest(data_dirs=(tmp_path,), cache_dir=tmp_path, offline=True, progress=Silence())
    with pytest.raises(DataUnavailable):
        _kit().read_instances(request)


@pytest.mark.data("ihtc2024")
def test_the_instances_are_read_with_the_best_cost_known(data_dir: Path, tmp_path: Path) -> None:
    request = DataRequest(data_dirs=(data_dir.parent,), cache_dir=tmp_path, offline=True, progress=Silence())
    instances = _kit().read_instances(request)
    assert list(instances) == [f"i{number:02}" for number in range(1, 16)]
    assert instances["i01"][1] == 3842.0
    solver = _kit().solver({})
    assert {solver.check(document) for document, _ in instances.values()} == {"ihtc2024"}


@pytest.mark.data("ihtc2024")
def test_the_reference_plans_are_reckoned_whole(data_dir: Path, tmp_path: Path) -> None:
    from salus.data.sets.ihtc2024 import read_references

    request = DataRequest(data_dirs=(data_dir.parent,), cache_dir=tmp_path, offline=True, progress=Silence())
    references = read_references(request)
    assert len(references) == 10
    solver = _kit().solver({})
    plan = solver.reckon(*references["test01"])
    assert (plan.cost, plan.violations) == (3177.0, {})
