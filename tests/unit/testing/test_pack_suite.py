from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from salus.contracts.batches import Array, Batch
from salus.contracts.classification import Classification, ClassLabel, classification_outputs
from salus.contracts.datasets import Dataset, DatasetSource, Split
from salus.contracts.errors import InvalidInput
from salus.contracts.packs import DataRequest, Pack, TaskKit
from salus.contracts.predictors import Estimator, FitOptions, GraphSource, Json, Predictor
from salus.contracts.tasks import Task
from salus.contracts.tensors import Signature, TensorSpec
from salus.contracts.text import LocalizedText
from salus.testing.failures import NotConformant
from salus.testing.packs import check_listing, check_pack

_CLASSES = (
    ClassLabel(name="no", title=LocalizedText("no", "否")),
    ClassLabel(name="yes", title=LocalizedText("yes", "是")),
)
_TASK = Task(
    name="larger",
    title=LocalizedText("Is it large?", "是否较大？"),
    signature=Signature(
        inputs=(
            TensorSpec(
                name="x", datatype="FP32", shape=(-1,), title=LocalizedText("number", "数"), content="scalar", unit="1"
            ),
        ),
        outputs=classification_outputs(_CLASSES, evidence=False),
    ),
    question=Classification(classes=_CLASSES),
    intended_use=LocalizedText("Tests.", "测试。"),
    limits=LocalizedText("Nothing else.", "仅此而已。"),
)


class _Line:
    def __init__(self, middle: float, noise: float) -> None:
        self._middle, self._noise = middle, noise

    def predict(self, batch: Batch) -> dict[str, Array]:
        z = (batch["x"].astype(np.float64) - self._middle + self._noise).astype(np.float32)
        return {"logits": np.stack([-z, z], axis=1)}

    def graph_source(self) -> GraphSource:
        return GraphSource(framework="sklearn", model=self)


class _Learner:
    def __init__(self, options: FitOptions, *, chance: bool = False) -> None:
        if set(options.hyperparameters) - {"shift"}:
            raise InvalidInput("the hyperparameter shift", found="another", remedy="Leave it out.")
        self._options, self._chance = options, chance

    @property
    def recipe(self) -> Mapping[str, Json]:
        return {"shift": 0.0, "epochs": self._options.epochs}

    def fit(self, train: Split, validation: Split, *, rng: np.random.Generator) -> Predictor:
        noise = float(np.random.default_rng().random()) if self._chance else float(rng.random())
        return _Line(float(train.inputs["x"].astype(np.float64).mean()), noise)


def _refuse(*_: object) -> Any:
    raise AssertionError("data must not be read here")


def _kit(**changes: Any) -> TaskKit:
    kit = TaskKit(
        task=_TASK,
        dataset="numbers",
        read_dataset=_refuse,
        read_folder=_refuse,
        estimators={"line": _Learner},
        explainer="shapley",
    )
    return replace(kit, **changes)


def _pack(kit: TaskKit, **changes: Any) -> Pack:
    return replace(Pack(name="numbers", title=LocalizedText("Numbers", "数字"), kits=(kit,)), **changes)


def _dataset() -> Dataset:
    x = np.linspace(-1, 1, 60, dtype=np.float32)
    names = np.array([f"s{i}" for i in range(60)])
    whole = Split(inputs={"x": x}, labels=(x > 0).astype(np.int64), sample_ids=names, subjects=names)
    source = DatasetSource(
        name="numbers", title=LocalizedText("Numbers", "数字"), url="", licence="CC0-1.0", citation="", synthetic=True
    )
    order = np.random.default_rng(0).permutation(60)
    return Dataset(source=source, digest="0" * 64, train=whole.take(order[:40]), validation=whole.take(order[40:]))


def test_a_good_pack_passes_with_data_and_without() -> None:
    check_pack(_pack(_kit()))
    check_pack(
        _pack(_kit()), datasets={"larger": _dataset()}, trials={"line": FitOptions(hyperparameters={"shift": 1.0})}
    )


def _task(**changes: Any) -> Task:
    return msgspec.structs.replace(_TASK, **changes)


def _ignores_unknown(options: FitOptions) -> Estimator:
    return _Learner(FitOptions())


def _with_evidence() -> Task:
    outputs = classification_outputs(_CLASSES, evidence=True)
    return _task(signature=Signature(_TASK.signature.inputs, outputs[:-1][::-1]))


@pytest.mark.parametrize(
    ("pack", "found"),
    [
        (_pack(_kit(), name="Num bers"), "pack name"),
        (_pack(_kit(), title=LocalizedText("Numbers", "numbers")), "Chinese text"),
        (_pack(_kit(), title=LocalizedText("数字", "数字")), "English text"),
        (_pack(_kit(), title=LocalizedText("Numbers!", "数字")), "exclamation"),
        (_pack(_kit(), kits=()), "at least one task"),
        (_pack(_kit(task=_task(name="is larger"))), "task name"),
        (_pack(_kit(task=_task(question=Classification(classes=_CLASSES[:1])))), "two classes"),
        (_pack(_kit(task=_with_evidence())), "outputs of a classification"),
        (_pack(_kit(explainer="evidence_map")), "evidence"),
        (_pack(_kit(threshold_rule="luck")), "threshold rule"),
        (_pack(_kit(licence=" ")), "licence"),
        (_pack(_kit(estimators={})), "an estimator"),
        (_pack(_kit(estimators={"line": _ignores_unknown})), "unknown hyperparameter"),
    ],
)
def test_a_faulty_pack_is_caught(pack: Pack, found: str) -> None:
    with pytest.raises(NotConformant, match=found):
        check_pack(pack)


def test_an_estimator_whose_chance_does_not_come_from_the_seed_is_caught() -> None:
    kit = _kit(estimators={"line": lambda options: _Learner(options, chance=True)})
    with pytest.raises(NotConformant, match="same logits"):
        check_pack(_pack(kit), datasets={"larger": _dataset()})


def test_a_recipe_that_json_cannot_write_is_caught() -> None:
    class Odd(_Learner):
        @property
        def recipe(self) -> Mapping[str, Json]:
            return {"widths": (1, 2)}  # type: ignore[dict-item]  # the fault

    with pytest.raises(NotConformant, match="JSON"):
        check_pack(_pack(_kit(estimators={"line": Odd})))


def test_data_of_another_datatype_are_caught() -> None:
    dataset = _dataset()
    train = replace(dataset.train, inputs={"x": dataset.train.inputs["x"].astype(np.float64)})
    with pytest.raises(NotConformant, match="FP32"):
        check_pack(_pack(_kit()), datasets={"larger": replace(dataset, train=train)})


def test_listing_that_imports_model_code_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "heavy_pack.py").write_text("import scipy\nPACK = 1\n", encoding="utf-8")
    (tmp_path / "light_pack.py").write_text("PACK = 1\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    check_listing("light_pack:PACK")
    with pytest.raises(NotConformant, match="scipy"):
        check_listing("heavy_pack:PACK")
    with pytest.raises(NotConformant, match="importable"):
        check_listing("absent_pack:PACK")


def test_a_data_request_is_never_made_by_the_suite(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="must not be read"):
        _kit().read_dataset(DataRequest((), tmp_path, True, FitOptions().progress), 0)
