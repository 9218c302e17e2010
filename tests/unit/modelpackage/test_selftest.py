from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest

from salus.contracts.batches import Batch
from salus.contracts.errors import PackageRejected
from salus.contracts.packages import ModelPackage
from salus.modelpackage.reading import read_model
from salus.modelpackage.selftest import self_test
from salus.modelpackage.specimen import make_specimen_draft
from salus.modelpackage.writing import write_package


class Loaded:
    """The package's graph in ONNX Runtime, with outputs changed on the way out."""

    def __init__(self, package: ModelPackage, **changes: Any) -> None:
        self._session = onnxruntime.InferenceSession(read_model(package), providers=["CPUExecutionProvider"])
        self._changes = changes

    def predict(self, batch: Batch) -> Batch:
        names = [output.name for output in self._session.get_outputs()]
        answer = dict(zip(names, self._session.run(None, dict(batch)), strict=True))
        for name, change in self._changes.items():
            answer[name] = change(answer[name])
        return {name: array for name, array in answer.items() if array is not None}


def written(tmp_path: Path, **changes: Any) -> ModelPackage:
    return write_package(replace(make_specimen_draft(), **changes), tmp_path / "changed", signer=None)


def test_a_package_answers_its_own_example(package: ModelPackage) -> None:
    self_test(package, Loaded(package))
    self_test(package, Loaded(package, probabilities=lambda p: p + 1e-4), variant="float32")


@pytest.mark.parametrize(
    ("name", "change", "reason"),
    [
        ("probabilities", lambda p: p + 0.01, "a difference of 0.01"),
        ("probabilities", lambda p: p * np.nan, "within"),
        ("logits", lambda a: a[:-1], "shape"),
        ("decision", lambda d: 1 - d, "3 of 3 values"),
        ("prediction_set", lambda s: ~s, "6 of 6 values"),
        ("logits", lambda _: None, "the output logits"),
    ],
)
def test_another_answer_is_refused(package: ModelPackage, name: str, change: Any, reason: str) -> None:
    with pytest.raises(PackageRejected, match=reason):
        self_test(package, Loaded(package, **{name: change}))


def test_another_variant_is_held_to_the_probabilities_within_its_recorded_difference(tmp_path: Path) -> None:
    draft = make_specimen_draft()
    int8 = replace(draft.variants[0], name="int8", max_abs_difference=0.05)
    package = written(tmp_path, variants=(*draft.variants, int8))
    coarse = Loaded(package, probabilities=lambda p: p + 0.04, decision=lambda d: 1 - d)
    self_test(package, coarse, variant="int8")
    with pytest.raises(PackageRejected, match="probabilities within"):
        self_test(package, coarse)
    with pytest.raises(PackageRejected, match="probabilities within"):
        self_test(package, Loaded(package, probabilities=lambda p: p + 0.06), variant="int8")


def test_null_in_an_example_is_nan_to_the_model_and_nan_in_the_answer(tmp_path: Path) -> None:
    request = {"inputs": [{"name": n, "datatype": "FP32", "shape": [1], "data": [None]} for n in ("a", "b")]}
    answer = {"outputs": [{"name": "probabilities", "datatype": "FP32", "shape": [1, 2], "data": [float("nan"), None]}]}
    package = written(tmp_path, request=request, answer=answer)
    self_test(package, Loaded(package))


@pytest.mark.parametrize(
    "tensor",
    [
        {"name": "a", "datatype": "FP64", "shape": [1], "data": [1.0]},
        {"name": "a", "datatype": "FP32", "shape": [2], "data": [1.0]},
        {"name": "a", "datatype": "FP32", "shape": [1], "data": ["one"]},
        {"name": "a", "datatype": "FP32", "shape": [1], "data": 7},
        {"name": "a", "datatype": "FP32", "shape": None, "data": [[1.0], [2.0, 3.0]]},
        {"name": "a", "datatype": "FP32"},
    ],
)
def test_an_example_that_does_not_fit_the_signature_is_refused(tmp_path: Path, tensor: dict[str, Any]) -> None:
    package = written(tmp_path, request={"inputs": [tensor]})
    with pytest.raises(PackageRejected, match="tensors of the signature"):
        self_test(package, Loaded(package))


def test_evidence_is_compared_only_where_the_predictor_answers_it(tmp_path: Path) -> None:
    import msgspec

    from salus.contracts.classification import classification_outputs
    from salus.contracts.tensors import Signature

    draft = make_specimen_draft()
    outputs = classification_outputs(draft.task.classes, evidence=True)
    task = msgspec.structs.replace(draft.task, signature=Signature(draft.task.signature.inputs, outputs))
    tensor = {"name": "evidence", "datatype": "FP32", "shape": [1, 2, 1, 1], "data": [0.0, 1.0]}
    answer = {"outputs": [*draft.answer["outputs"], tensor]}
    package = written(tmp_path, task=task, answer=answer)
    self_test(package, Loaded(package))

    class Showing(Loaded):
        def predict(self, batch: Batch) -> Batch:
            return {**super().predict(batch), "evidence": np.zeros((1, 2, 1, 1), np.float32)}

    with pytest.raises(PackageRejected, match="evidence within"):
        self_test(package, Showing(package))
