from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from salus.contracts.batches import Array, Batch
from salus.contracts.packs import DataRequest, TaskKit
from salus.contracts.predictors import FitOptions
from salus.contracts.progress import Silence
from salus.contracts.survival import TimeToEvent
from salus_packs.survival.pack import PACK
from salus_packs.survival.progression import PROGRESSION, VARIABLES, curves_after_each_visit


def request(tmp_path: Path, *data_dirs: Path) -> DataRequest:
    return DataRequest(data_dirs=data_dirs, cache_dir=tmp_path, offline=True, progress=Silence())


def kit_of(name: str) -> TaskKit:
    kit = PACK.kit(name)
    assert isinstance(kit, TaskKit)
    return kit


def test_the_task_that_is_always_there_comes_first_and_its_data_fit_its_inputs(tmp_path: Path) -> None:
    kit = PACK.kits[0]
    assert isinstance(kit, TaskKit)
    assert kit.task.name == "breast_cancer"

    dataset = kit.read_dataset(request(tmp_path), 7)

    assert set(dataset.train.inputs) == {spec.name for spec in kit.task.signature.inputs}
    for spec in kit.task.signature.inputs:
        values = dataset.train.inputs[spec.name]
        low, high = spec.valid_range or (0, len(spec.categories) - 1)
        assert low <= values.min() <= values.max() <= high, spec.name


@pytest.mark.data("survival-deepsurv")
@pytest.mark.parametrize("name", ["whas", "support", "metabric", "rotterdam_gbsg"])
def test_the_published_sets_fit_their_tasks(name: str, data_dir: Path, tmp_path: Path) -> None:
    kit = kit_of(name)
    dataset = kit.mended(kit.read_dataset(request(tmp_path, data_dir.parent), 0))

    for part in dataset.parts().values():
        assert set(part.inputs) == {spec.name for spec in kit.task.signature.inputs}
        for spec in kit.task.signature.inputs:
            low, high = spec.valid_range or (0, len(spec.categories) - 1)
            assert low <= part.inputs[spec.name].min() <= part.inputs[spec.name].max() <= high, spec.name
    assert not set(dataset.train.subjects) & set(dataset.test.subjects if dataset.test else ())
    question = kit.task.question
    assert isinstance(question, TimeToEvent)
    assert question.times[-1] < dataset.train.targets["time"].max()


@pytest.mark.parametrize("name", [kit.task.name for kit in PACK.kits])
def test_every_estimator_can_be_made(name: str) -> None:
    kit = kit_of(name)

    kinds = [factory(FitOptions()).recipe["kind"] for factory in kit.estimators.values()]

    assert kinds[0] == "Ensemble"
    assert "Cox" in kinds


def test_a_table_of_ones_own_is_read_with_times_and_events(tmp_path: Path) -> None:
    kit = kit_of("breast_cancer")
    names = [spec.name for spec in kit.task.signature.inputs]
    header = ",".join([*names, "time", "event", "group.centre"])
    path = tmp_path / "mine.csv"
    path.write_text(f"{header}\n50,1,0,20,II,3,10,20,12.5,1,a\n60,0,1,35,III,1,,5,30,0,b\n", encoding="utf-8")

    split = kit.read_folder(path)

    assert split.targets["time"].tolist() == [12.5, 30.0]
    assert split.labels.tolist() == [1, 0]
    assert split.inputs["tumour_grade"].tolist() == [1.0, 2.0]
    assert np.isnan(split.inputs["progesterone_receptor"][1])
    assert split.groups["centre"].tolist() == ["a", "b"]


class CountingPredictor:
    """Answers how many observations it was given."""

    def predict(self, batch: Batch) -> dict[str, Array]:
        steps = len(PROGRESSION.question.times)
        seen = float(batch["events"].shape[1])
        return {
            "survival": np.full((1, steps), 1 / seen, np.float32),
            "survival_band": np.full((1, steps, 2), 1 / seen, np.float32),
        }


def test_a_curve_is_told_after_each_visit_from_what_was_known_then() -> None:
    events = np.array([[1.0, 0, 3.0], [0.0, 0, 2.0], [0.0, 1, 5.0], [np.nan] * 3], dtype=np.float32)

    curves = curves_after_each_visit(CountingPredictor(), events, {"age": 50.0, "female": 1.0, "penicillamine": 0.0})

    assert [curve.visit_time for curve in curves] == [0.0, 1.0]
    assert [round(1 / float(curve.survival[0])) for curve in curves] == [2, 3]
    assert curves[0].band.shape == (len(PROGRESSION.question.times), 2)


def test_the_variables_of_progression_are_those_of_its_data() -> None:
    from salus.data.sets import pbc2

    assert tuple(variable.name for variable in VARIABLES) == pbc2.VARIABLES
