"""A solver is measured and packaged, not trained."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from salus.bootstrap.house import House
from salus.contracts.errors import DataUnavailable, InvalidInput, PackageRejected, QualityRefused
from salus.contracts.packs import DataRequest, Pack, SolverKit
from salus.contracts.planning import Plan
from salus.contracts.progress import Silence
from salus.contracts.text import LocalizedText
from salus.modelpackage.reading import list_pictures, read_card, read_model, read_quality
from salus.modelpackage.solver_files import decode_solver
from salus.testing.one_machine import OneMachineSolver, make_one_machine_kit, order_by_smith, write_errands
from salus.workflows.build_solver import (
    UNREADABLE,
    SolverBuildRequest,
    build_solver,
    evaluate_solver,
)
from salus.workflows.measure_solver import PlannedInstance, plan_instances, report_plans
from salus.workflows.workshop import Workshop

KIT = make_one_machine_kit()


def _request(kit: SolverKit = KIT, **changes: object) -> SolverBuildRequest:
    pack = Pack(name="errands", title=LocalizedText("Errands", "差事"), kits=(kit,))
    return replace(SolverBuildRequest(pack=pack, kit=kit), **changes)  # type: ignore[arg-type]  # fields by name


@pytest.fixture
def workshop(house: House) -> Workshop:
    return replace(house.workshop(), code="0.1.0+tests")


def test_a_build_measures_files_and_a_rebuild_is_the_same_package(workshop: Workshop) -> None:
    outcome = build_solver(_request(), workshop)
    manifest = outcome.package.manifest
    assert (manifest.name, manifest.default_variant, manifest.explainer) == ("errands.order", "solver", "what_if")
    assert [variant.file for variant in manifest.variants] == ["solver.json"]
    assert not any(entry.path.endswith(".onnx") for entry in manifest.files)
    assert decode_solver(read_model(outcome.package)).package_name == "errands.order"
    (report,) = outcome.reports
    gap, solved = report.measure("gap"), report.measure("solved")
    assert gap is not None
    assert solved is not None
    assert (gap.value, solved.value, solved.samples, report.part) == (0.0, 1.0, 3, "validation")
    assert "m00" in read_card(outcome.package, "en")
    assert list_pictures(outcome.package) == ()
    again = build_solver(_request(), workshop, solver=OneMachineSolver())  # in this process: no difference
    assert again.rebuilt
    assert again.package.digest == outcome.package.digest


def _absent(request: DataRequest) -> Mapping[str, tuple[str, float | None]]:
    raise DataUnavailable("instances", found="none", remedy="Fetch them.")


def test_without_instances_it_is_built_on_the_example_and_says_so(workshop: Workshop) -> None:
    outcome = build_solver(_request(replace(KIT, read_instances=_absent)), workshop, solver=OneMachineSolver())
    (report,) = outcome.reports
    assert (report.part, report.samples, report.measures[0].value) == ("example", 1, None)
    (finding,) = read_quality(outcome.package).findings
    assert (finding.check, finding.severity) == ("instances.absent", "warning")


def _one_broken(request: DataRequest) -> Mapping[str, tuple[str, float | None]]:
    return {"broken": ("{}", 1.0), "whole": (KIT.example(), order_by_smith(KIT.example()))}


def test_instances_that_cannot_be_read_stop_a_build_unless_they_are_left_out_by_name(workshop: Workshop) -> None:
    kit = replace(KIT, read_instances=_one_broken)
    with pytest.raises(QualityRefused, match="broken"):
        build_solver(_request(kit), workshop, solver=OneMachineSolver())
    outcome = build_solver(_request(kit, allow=frozenset({UNREADABLE})), workshop, solver=OneMachineSolver())
    assert outcome.reports[0].samples == 1
    assert outcome.quality.allowed == (UNREADABLE,)


def test_an_unknown_setting_is_refused_and_a_known_one_travels(workshop: Workshop) -> None:
    with pytest.raises(InvalidInput, match="pause_s"):
        build_solver(_request(settings={"speed": 3}), workshop)
    outcome = build_solver(_request(replace(KIT, read_instances=_absent), settings={"pause_s": 0.001}), workshop)
    assert decode_solver(read_model(outcome.package)).settings == {"pause_s": 0.001}


def test_an_evaluation_compares_instances_of_ones_own_with_the_published_cost(
    workshop: Workshop, tmp_path: Path
) -> None:
    package = build_solver(_request(replace(KIT, read_instances=_absent)), workshop, solver=OneMachineSolver()).package
    folder = tmp_path / "mine"
    folder.mkdir()
    published = KIT.read_instances(workshop.data)
    (folder / "m01.json").write_text(published["m01"][0])
    (folder / "own.json").write_text(KIT.example())
    report = evaluate_solver(package, KIT, folder, workshop, seed=0, time_limit_s=0.5)
    assert report.measure("gap", "instance=m01") is not None
    own = report.measure("gap", "instance=own")
    assert own is not None
    assert (report.part, report.samples, own.value) == ("mine", 2, None)
    (folder / "broken.json").write_text("{}")
    with pytest.raises(InvalidInput, match="broken"):
        evaluate_solver(package, KIT, folder, workshop, seed=0, time_limit_s=0.5)


def test_an_engine_of_graphs_does_not_run_a_solver(house: House, workshop: Workshop) -> None:
    package = build_solver(_request(replace(KIT, read_instances=_absent)), workshop, solver=OneMachineSolver()).package
    with pytest.raises(PackageRejected):
        house.backend.load(package)


def _planned(name: str, cost: float | None, reference: float | None, broken: int = 0) -> PlannedInstance:
    plan = None if cost is None else Plan(solution="", cost=cost, costs={}, violations={"Overlap": broken})
    return PlannedInstance(name, plan, reference)


def test_gaps_are_means_over_what_keeps_every_constraint() -> None:
    planned = (
        _planned("a", 110.0, 100.0),
        _planned("b", 130.0, 100.0),
        _planned("broken", 1.0, 100.0, broken=2),
        _planned("unknown", 5.0, None),
        _planned("none", None, 100.0),
    )
    report = report_plans(planned, part="validation", seed=0)
    values = {measure.name: measure for measure in report.measures if measure.subgroup is None}
    assert values["gap"].value == pytest.approx(0.2)
    assert values["gap"].samples == 2
    assert (values["violations"].value, values["solved"].value) == (2.0, 0.6)


def test_intervals_are_those_of_a_plain_bootstrap_and_of_clopper_and_pearson() -> None:
    planned = tuple(_planned(str(number), 100.0 + number, 100.0) for number in range(20))
    report = report_plans(planned, part="validation", seed=3, resamples=500)
    gap, solved = report.measure("gap"), report.measure("solved")
    assert gap is not None
    assert gap.interval is not None
    rng, means = np.random.default_rng(3), []
    drawn = rng.integers(0, 20, (500, 20))
    means = [float(np.mean([number / 100 for number in row])) for row in drawn]
    assert gap.interval.low == pytest.approx(np.quantile(means, 0.025))
    assert gap.interval.high == pytest.approx(np.quantile(means, 0.975))
    assert solved is not None
    assert solved.interval is not None
    assert solved.interval.low == pytest.approx(0.025 ** (1 / 20))
    assert solved.interval.high == 1.0


def test_planning_instances_tells_which_cannot_be_read() -> None:
    instances: dict[str, tuple[str, float | None]] = {"a": (KIT.example(), None), "b": ("{}", None)}
    planned = plan_instances(OneMachineSolver(), instances, Silence(), seed=0, iterations=10)
    assert [(each.name, each.readable, each.solved) for each in planned] == [("a", True, True), ("b", False, False)]
    with pytest.raises(InvalidInput):
        report_plans((), part="none", seed=0)


def test_smiths_rule_is_the_best_of_all_orders() -> None:
    from itertools import permutations

    from salus.testing.one_machine import Errand

    text = write_errands([Errand(5, 2), Errand(1, 3), Errand(4, 3), Errand(2, 1)])
    solver = OneMachineSolver()
    costs = [solver.reckon(text, str(list(order))).cost for order in permutations(range(4))]
    assert order_by_smith(text) == min(costs)
