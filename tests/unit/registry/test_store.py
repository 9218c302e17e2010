from collections.abc import Callable
from pathlib import Path

import pytest

from salus.contracts.errors import Conflict, GateNotMet, InvalidInput, NotFound, PackageRejected
from salus.contracts.packages import ModelPackage
from salus.contracts.reports import UnmetGoal
from salus.modelpackage.reading import open_package
from salus.registry.store import ModelRegistry
from salus.security.trust import TrustPolicy

Make = Callable[..., ModelPackage]
NAME = "specimen.larger"


def approve(registry: ModelRegistry, version: str) -> None:
    registry.approve(NAME, version, who="ada", why="goals met", unmet_goals=())


def test_an_added_package_is_a_candidate_with_its_facts(registry: ModelRegistry, make: Make) -> None:
    package = make()
    record = registry.add(package, who="ada", build_record={"seconds": 12.5, "machine": {"cores": 2}})
    assert record == registry.get(NAME, "1")
    assert (record.name, record.version, record.digest, record.stage) == (NAME, "1", package.digest, "candidate")
    assert (record.added_by, record.signer, record.aliases) == ("ada", None, ())
    assert record.build_record == {"seconds": 12.5, "machine": {"cores": 2}}
    assert record.facts.title == package.manifest.title
    assert record.facts.demonstration
    assert record.facts.variants == ("float32",)
    assert record.added_at == "2026-03-01T12:00:01.000Z"


def test_a_package_from_elsewhere_is_copied_into_the_registry(registry: ModelRegistry, make: Make) -> None:
    package = make()
    registry.add(package, who="ada", build_record={})
    copy = open_package(registry.package_directory(NAME, "1"), trust=TrustPolicy(require_signature=False))
    assert copy.digest == package.digest
    assert package.directory.is_dir()


def test_a_package_that_stands_in_the_registry_already_stays_there(registry: ModelRegistry, make: Make) -> None:
    package = make()
    home = registry.package_directory(NAME, "1")
    home.parent.mkdir(parents=True)
    package.directory.rename(home)
    registry.add(open_package(home, trust=TrustPolicy(require_signature=False)), who="ada", build_record={})
    assert [each.name for each in home.parent.iterdir()] == ["1"]


def test_the_same_package_added_twice_is_the_same_record(registry: ModelRegistry, make: Make) -> None:
    first = registry.add(make(), who="ada", build_record={"seconds": 1})
    second = registry.add(make(), who="bob", build_record={"seconds": 2})
    assert first == second
    assert len(registry.history(NAME, "1")) == 1


def test_another_package_under_a_taken_version_is_a_conflict(registry: ModelRegistry, make: Make) -> None:
    registry.add(make(), who="ada", build_record={})
    with pytest.raises(Conflict, match="Give it the version 2"):
        registry.add(make(seed=1), who="ada", build_record={})
    assert len(registry.list_packages()) == 1


def test_a_folder_that_a_dead_process_left_is_taken_up_or_stepped_over(registry: ModelRegistry, make: Make) -> None:
    left = make("1")
    home = registry.package_directory(NAME, "1")
    home.parent.mkdir(parents=True)
    left.directory.rename(home)
    assert registry.next_version(NAME) == "2"
    with pytest.raises(Conflict, match="Give it the version 2"):
        registry.add(make("1", seed=1), who="ada", build_record={})
    assert registry.add(make("1"), who="ada", build_record={}).version == "1"


def test_a_package_that_changed_since_it_was_opened_is_not_added(registry: ModelRegistry, make: Make) -> None:
    package = make()
    (package.directory / "model.onnx").write_bytes(b"other")
    with pytest.raises(PackageRejected):
        registry.add(package, who="ada", build_record={})
    assert registry.list_packages() == ()


def test_versions_count_up_as_numbers(registry: ModelRegistry, make: Make) -> None:
    assert registry.next_version(NAME) == "1"
    for version in ("9", "10", "2"):
        registry.add(make(version), who="ada", build_record={})
    assert registry.next_version(NAME) == "11"
    assert registry.next_version("another.task") == "1"
    assert [record.version for record in registry.list_packages()] == ["2", "9", "10"]


def test_the_same_lineage_is_found_and_another_is_not(registry: ModelRegistry, make: Make) -> None:
    package = make("1", seed=3)
    assert registry.find_same_lineage(NAME, package.manifest.lineage) is None
    registry.add(package, who="ada", build_record={})
    registry.add(make("2", seed=4), who="ada", build_record={})
    registry.add(make("3", seed=3), who="ada", build_record={})
    found = registry.find_same_lineage(NAME, package.manifest.lineage)
    assert found is not None
    assert found.version == "3"
    assert registry.find_same_lineage("another.task", package.manifest.lineage) is None
    assert registry.find_same_lineage(NAME, make(seed=5).manifest.lineage) is None


def test_everything_that_was_trained_on_a_data_set_is_found(registry: ModelRegistry, make: Make) -> None:
    registry.add(make("1"), who="ada", build_record={})
    registry.add(make("2", name="specimen.other"), who="ada", build_record={})
    found = registry.find_trained_on("0" * 64)
    assert [(record.name, record.version) for record in found] == [(NAME, "1"), ("specimen.other", "2")]
    assert registry.find_trained_on("1" * 64) == ()


def test_the_stages_go_one_way(registry: ModelRegistry, make: Make) -> None:
    registry.add(make(), who="ada", build_record={})
    with pytest.raises(Conflict, match="one step at a time"):
        registry.retire(NAME, "1", who="ada", why="old")
    assert registry.approve(NAME, "1", who="ada", why="good", unmet_goals=()).stage == "approved"
    with pytest.raises(Conflict, match="one step at a time"):
        registry.approve(NAME, "1", who="ada", why="again", unmet_goals=())
    assert registry.retire(NAME, "1", who="ada", why="old").stage == "retired"
    for move in (lambda: registry.retire(NAME, "1", who="a", why="b"), lambda: approve(registry, "1")):
        with pytest.raises(Conflict, match="one step at a time"):
            move()


def test_approval_is_refused_while_a_goal_is_unmet(registry: ModelRegistry, make: Make) -> None:
    registry.add(make(), who="ada", build_record={})
    unmet = UnmetGoal("auroc", "lower bound at least 0.97", "0.951")
    with pytest.raises(GateNotMet, match=r"auroc lower bound at least 0\.97"):
        registry.approve(NAME, "1", who="ada", why="please", unmet_goals=[unmet])
    assert registry.get(NAME, "1").stage == "candidate"
    assert len(registry.history(NAME, "1")) == 1


@pytest.mark.parametrize("why", ["", "  "])
def test_a_decision_needs_a_reason(registry: ModelRegistry, make: Make, why: str) -> None:
    registry.add(make(), who="ada", build_record={})
    with pytest.raises(InvalidInput, match="a reason why"):
        registry.approve(NAME, "1", who="ada", why=why, unmet_goals=())


def test_a_package_is_found_by_version_alias_stage_or_by_what_is_best(registry: ModelRegistry, make: Make) -> None:
    for version in ("1", "2", "3", "4"):
        registry.add(make(version), who="ada", build_record={})
    assert registry.get(NAME).version == "4"
    for version in ("1", "2", "3"):
        approve(registry, version)
    registry.retire(NAME, "1", who="ada", why="old")
    registry.set_alias(NAME, "stable", "2", who="ada")
    answers = {
        which: registry.get(NAME, which).version for which in ("stable", "candidate", "approved", "retired", "2")
    }
    assert answers == {"stable": "2", "candidate": "4", "approved": "3", "retired": "1", "2": "2"}
    assert registry.get(NAME).version == "3"
    assert [record.version for record in registry.list_packages(stage="approved")] == ["2", "3"]
    assert [record.version for record in registry.list_packages(name=NAME)] == ["1", "2", "3", "4"]
    assert registry.list_packages(name="another.task") == ()


@pytest.mark.parametrize("which", ["5", "0", "stable", "", "'; DROP TABLE packages; --", "approved"])
def test_what_is_not_there_is_not_found(registry: ModelRegistry, make: Make, which: str) -> None:
    registry.add(make(), who="ada", build_record={})
    with pytest.raises(NotFound, match="the versions 1"):
        registry.get(NAME, which)


def test_an_unknown_name_is_not_found_anywhere(registry: ModelRegistry) -> None:
    for attempt in (
        lambda: registry.get("a.b"),
        lambda: registry.history("a.b", "1"),
        lambda: registry.approve("a.b", "1", who="ada", why="x", unmet_goals=()),
        lambda: registry.retire("a.b", "x", who="ada", why="x"),
        lambda: registry.set_alias("a.b", "stable", "1", who="ada"),
        lambda: registry.deploy("service", "a.b", "1", who="ada"),
        lambda: registry.undeploy("service", who="ada"),
    ):
        with pytest.raises(NotFound):
            attempt()
    with pytest.raises(InvalidInput):
        registry.package_directory("../up", "1")


def test_an_alias_moves_and_its_record_follows(registry: ModelRegistry, make: Make) -> None:
    registry.add(make("1"), who="ada", build_record={})
    registry.add(make("2"), who="ada", build_record={})
    registry.set_alias(NAME, "stable", "1", who="ada")
    registry.set_alias(NAME, "beta", "1", who="ada")
    registry.set_alias(NAME, "stable", "2", who="bob")
    assert registry.get(NAME, "1").aliases == ("beta",)
    assert registry.get(NAME, "2").aliases == ("stable",)
    assert [entry.what for entry in registry.history(NAME, "1")] == [
        "added",
        "alias stable set",
        "alias beta set",
        "alias stable removed",
    ]


@pytest.mark.parametrize("alias", ["1", "Approved", "approved", "candidate", "retired", "", "a b", "x" * 65])
def test_an_alias_is_a_plain_word_and_no_stage(registry: ModelRegistry, make: Make, alias: str) -> None:
    registry.add(make(), who="ada", build_record={})
    with pytest.raises(InvalidInput, match="plain lower-case word"):
        registry.set_alias(NAME, alias, "1", who="ada")


def test_a_retired_package_has_no_alias_and_no_service(registry: ModelRegistry, make: Make) -> None:
    registry.add(make(), who="ada", build_record={})
    approve(registry, "1")
    registry.set_alias(NAME, "stable", "1", who="ada")
    registry.deploy("service", NAME, "1", who="ada")
    with pytest.raises(Conflict, match="the services service"):
        registry.retire(NAME, "1", who="ada", why="old")
    registry.undeploy("service", who="ada")
    assert registry.retire(NAME, "1", who="ada", why="old").aliases == ()
    with pytest.raises(Conflict, match="the stage retired"):
        registry.set_alias(NAME, "stable", "1", who="ada")
    with pytest.raises(Conflict, match="the stage retired"):
        registry.deploy("service", NAME, "1", who="ada")


def test_history_says_who_when_what_and_why(registry: ModelRegistry, make: Make) -> None:
    registry.add(make(), who="ada", build_record={})
    registry.approve(NAME, "1", who="bob", why="goals met on the test part", unmet_goals=())
    first, second = registry.history(NAME, "1")
    assert (first.who, first.what, first.why) == ("ada", "added", "")
    assert (second.who, second.what, second.why) == ("bob", "approved", "goals met on the test part")
    assert first.at < second.at
    assert second.at.endswith("Z")


def test_a_service_is_kept_by_one_package_at_a_time(registry: ModelRegistry, make: Make) -> None:
    registry.add(make("1"), who="ada", build_record={})
    registry.add(make("2"), who="ada", build_record={})
    first = registry.deploy("service", NAME, "1", who="ada")
    assert registry.deploy("service", NAME, "1", who="bob") == first
    registry.deploy("other", NAME, "1", who="ada")
    second = registry.deploy("service", NAME, "2", who="bob")
    assert [(each.service, each.version) for each in registry.list_deployments()] == [("other", "1"), ("service", "2")]
    assert second in registry.list_deployments()
    assert [entry.what for entry in registry.history(NAME, "1")][-1] == "undeployed from service"
    registry.undeploy("service", who="ada")
    assert [each.service for each in registry.list_deployments()] == ["other"]
    with pytest.raises(InvalidInput, match="a service's name"):
        registry.deploy("No Name", NAME, "1", who="ada")


def test_what_was_done_is_there_when_the_registry_is_opened_again(
    registry: ModelRegistry, make: Make, url: str, tmp_path: Path
) -> None:
    record = registry.add(make(), who="ada", build_record={})
    registry.close()
    again = ModelRegistry(url, tmp_path / "home" / "packages")
    assert again.get(NAME) == record
    assert again.approve(NAME, "1", who="ada", why="x", unmet_goals=()).stage == "approved"
    again.close()
