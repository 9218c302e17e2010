"""The walk from data to a package, on a small set; the path on real data is walked in tests/integration."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from salus.bootstrap.house import House
from salus.contracts.batches import Batch
from salus.contracts.datasets import Dataset, Split
from salus.contracts.errors import Conflict, InvalidInput, NotFound, PackageRejected
from salus.contracts.packages import ModelPackage
from salus.contracts.packs import DataRequest, Pack, TaskKit
from salus.contracts.predictors import FitOptions, Json, Predictor
from salus.workflows.build_model import BuildRequest, build_model
from salus.workflows.model_forms import choose_forms
from salus.workflows.release_model import approve_package, judge_release
from salus.workflows.search_recipe import SearchRequest, search_recipe
from salus.workflows.workshop import Workshop, package_name, package_question


class _Watched:
    """Progress that remembers whether it was left open."""

    def __init__(self) -> None:
        self.open = False

    def begin(self, label: str, total: int | None) -> None:
        self.open = True

    def advance(self, steps: int = 1, **measures: float) -> None:
        return None

    def end(self) -> None:
        self.open = False


@pytest.fixture
def workshop(house: House) -> Workshop:
    return replace(house.workshop(_Watched()), code="0.1.0")


def test_a_rebuild_is_the_same_version_and_another_seed_another_one(
    toy_pack: Pack, toy_kit: TaskKit, workshop: Workshop
) -> None:
    request = BuildRequest(pack=toy_pack, kit=toy_kit)
    first = build_model(request, workshop)
    assert (first.record.version, first.rebuilt, first.unmet) == ("1", False, ())
    assert first.package.manifest.lineage.recipe["forms"] == ["int8"]
    assert {"fit_s", "build_s", "forms", "skipped_forms"} <= set(first.record.build_record)
    again = build_model(replace(request, forms=("int8", "int8")), workshop)
    assert (again.record, again.rebuilt) == (first.record, True)
    assert build_model(replace(request, seed=1), workshop).record.version == "2"
    approved = approve_package(first.record, workshop, why="tests")
    assert (approved.stage, judge_release(approved, workshop)) == ("approved", ())


class _Constant:
    """An estimator whose logits can be chosen, and that cannot be exported."""

    recipe: Mapping[str, Json] = {"constant": True}

    def fit(self, train: Split, validation: Split, *, rng: np.random.Generator) -> Predictor:
        return self

    def predict(self, batch: Batch) -> Batch:
        dose = np.asarray(batch["dose"], np.float32)
        return {"logits": np.stack([-dose, dose], axis=1)}


def test_a_model_that_cannot_be_exported_is_refused_and_progress_is_closed(
    toy_pack: Pack, toy_kit: TaskKit, workshop: Workshop
) -> None:
    kit = replace(toy_kit, estimators={"constant": lambda options: _Constant()})
    with pytest.raises(InvalidInput, match="_Constant, which cannot"):
        build_model(BuildRequest(pack=toy_pack, kit=kit), workshop)
    assert isinstance(workshop.progress, _Watched)
    assert not workshop.progress.open
    assert workshop.registry.list_packages() == ()


class _Broken:
    """An engine that gives wrong answers."""

    name = "broken"

    def load(self, package: ModelPackage, *, variant: str | None = None, device: str = "cpu") -> Predictor:
        return self

    load_full = load

    def predict(self, batch: Batch) -> Batch:
        return {"probabilities": np.array([[0.5, 0.5]], np.float32)}


def test_what_the_engine_cannot_serve_is_not_taken_up(toy_pack: Pack, toy_kit: TaskKit, workshop: Workshop) -> None:
    request = BuildRequest(pack=toy_pack, kit=toy_kit)
    with pytest.raises(PackageRejected):
        build_model(request, replace(workshop, backend=_Broken()))
    assert workshop.registry.list_packages() == ()
    assert not (workshop.packages_dir / "toy.dosage").exists()


def test_a_rebuild_that_gives_other_bytes_is_told(toy_pack: Pack, toy_kit: TaskKit, workshop: Workshop) -> None:
    request = BuildRequest(pack=toy_pack, kit=toy_kit)
    build_model(request, workshop)
    kit = toy_kit

    def other(data: DataRequest, seed: int) -> Dataset:
        whole = kit.read_dataset(data, seed)
        return replace(whole, validation=whole.validation.take(np.arange(len(whole.validation))[::-1]))

    with pytest.raises(Conflict, match="the same bytes from the same lineage"):
        build_model(replace(request, kit=replace(kit, read_dataset=other)), workshop)


def test_forms_are_put_in_one_order_and_unknown_ones_refused() -> None:
    assert choose_forms(["student", "int8", "int8"]) == ("int8", "student")
    assert choose_forms([]) == ()
    with pytest.raises(InvalidInput, match="'int4'"):
        choose_forms(["int8", "int4"])


def test_a_packages_name_and_its_question_are_each_others_inverse(toy_pack: Pack, toy_kit: TaskKit) -> None:
    assert package_name(toy_pack, toy_kit) == "toy.dosage"
    assert package_question("toy.dosage") == "toy/dosage"


def _search(pack: Pack, kit: TaskKit, **changes: object) -> SearchRequest:
    request = SearchRequest(pack=pack, kit=kit, estimator=None, trials=1, seed=0, options=FitOptions())
    return replace(request, **changes)  # type: ignore[arg-type]  # names are those of the request


def test_a_search_needs_something_to_search_and_every_class(
    toy_pack: Pack, toy_kit: TaskKit, workshop: Workshop
) -> None:
    kit = toy_kit
    with pytest.raises(InvalidInput, match="none declared"):
        search_recipe(_search(toy_pack, replace(kit, search_space=None)), workshop)
    with pytest.raises(NotFound, match="linear"):
        search_recipe(_search(toy_pack, kit, estimator="oracle"), workshop)

    def one_class(data: DataRequest, seed: int) -> Dataset:
        whole = kit.read_dataset(data, seed)
        return replace(whole, validation=whole.validation.take(np.flatnonzero(whole.validation.labels == 1)))

    with pytest.raises(InvalidInput, match="one class or no event"):
        search_recipe(_search(toy_pack, replace(kit, read_dataset=one_class)), workshop)
    assert isinstance(workshop.progress, _Watched)
    assert not workshop.progress.open
