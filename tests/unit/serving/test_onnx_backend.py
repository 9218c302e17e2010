from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from salus.contracts.errors import InvalidInput, MissingDependency, NotFound, PackageRejected
from salus.contracts.packages import ModelPackage
from salus.modelpackage.specimen import make_specimen_draft, make_specimen_graph
from salus.modelpackage.writing import write_package
from salus.serving.onnx_backend import OnnxBackend
from salus.testing.backends import check_backend


def _with_graph(directory: Path, graph: bytes) -> ModelPackage:
    draft = make_specimen_draft()
    return write_package(replace(draft, variants=(replace(draft.variants[0], model=graph),)), directory, signer=None)


def test_the_backend_keeps_every_promise_of_a_backend(package: ModelPackage) -> None:
    check_backend(OnnxBackend(threads=1), package)


def test_it_answers_as_the_formula_says(package: ModelPackage) -> None:
    a, b = np.array([0.9, 0.1], np.float32), np.array([0.2, 0.6], np.float32)
    answer = OnnxBackend(threads=1).load(package).predict({"b": b, "a": a})
    found = np.asarray(answer["probabilities"], np.float64)[:, 1]
    np.testing.assert_allclose(found, 1 / (1 + np.exp(b - a)), atol=1e-6)
    assert answer["decision"].tolist() == [1, 0]


@pytest.mark.parametrize(
    "batch",
    [
        {"a": np.zeros(1, np.float32)},
        {"a": np.zeros(1, np.float32), "b": np.zeros(1, np.float32), "c": np.zeros(1, np.float32)},
        {"a": np.zeros(1, np.float64), "b": np.zeros(1, np.float32)},
        {"a": np.zeros((1, 1), np.float32), "b": np.zeros(1, np.float32)},
        {"a": np.zeros(3, np.float32), "b": np.zeros(2, np.float32)},
    ],
)
def test_a_batch_that_does_not_fit_the_graph_is_refused(package: ModelPackage, batch: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        OnnxBackend(threads=1).load(package).predict(batch)  # type: ignore[arg-type]  # arrays of mixed types


def test_a_file_that_changed_after_it_was_verified_is_refused(package: ModelPackage) -> None:
    content = bytearray(package.model_path().read_bytes())
    content[-1] ^= 1
    package.model_path().write_bytes(content)
    with pytest.raises(PackageRejected):
        OnnxBackend(threads=1).load(package)


def test_a_graph_without_the_signatures_tensors_is_refused(tmp_path: Path) -> None:
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        [helper.make_node("Add", ["a", "b"], ["logits"])],
        "g",
        [value("a", TensorProto.FLOAT, ["n"]), value("b", TensorProto.FLOAT, ["n"])],
        [value("logits", TensorProto.FLOAT, ["n"])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    with pytest.raises(PackageRejected, match="probabilities"):
        OnnxBackend(threads=1).load(_with_graph(tmp_path / "package", model.SerializeToString()))


def test_a_graph_with_one_more_input_is_refused(tmp_path: Path) -> None:
    model = onnx.ModelProto.FromString(make_specimen_graph())
    model.graph.input.append(helper.make_tensor_value_info("c", TensorProto.FLOAT, ["n"]))
    with pytest.raises(PackageRejected, match="inputs alone"):
        OnnxBackend(threads=1).load(_with_graph(tmp_path / "package", model.SerializeToString()))


def test_a_graph_that_no_engine_can_run_is_refused(tmp_path: Path) -> None:
    model = onnx.ModelProto.FromString(make_specimen_graph())
    model.graph.node[0].op_type = "NoSuchOperator"
    with pytest.raises(PackageRejected):
        OnnxBackend(threads=1).load(_with_graph(tmp_path / "package", model.SerializeToString()))


def test_an_unknown_variant_is_not_found(package: ModelPackage) -> None:
    with pytest.raises(NotFound, match="float32"):
        OnnxBackend(threads=1).load(package, variant="int8")


@pytest.mark.parametrize("device", ["tpu", "cuda"])
def test_a_device_that_the_engine_cannot_use_is_refused(package: ModelPackage, device: str) -> None:
    import onnxruntime

    if device == "cuda" and "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("this build can use the device")
    with pytest.raises(MissingDependency):
        OnnxBackend(threads=1).load(package, device=device)


def test_threads_default_to_the_usable_cores() -> None:
    assert OnnxBackend().threads >= 1
    assert OnnxBackend(threads=3).threads == 3


def test_optional_outputs_are_left_out_unless_asked_for(package: ModelPackage) -> None:
    model = onnx.ModelProto.FromString(make_specimen_graph())
    model.graph.node.append(helper.make_node("Identity", ["probability_interval"], ["evidence"]))
    model.graph.output.append(helper.make_tensor_value_info("evidence", TensorProto.FLOAT, ["n", 2, 2]))
    draft = make_specimen_draft()
    interval = draft.task.signature.output("probability_interval")
    assert interval is not None
    signature = msgspec.structs.replace(
        draft.task.signature,
        outputs=(*draft.task.signature.outputs, msgspec.structs.replace(interval, name="evidence")),
    )
    full = write_package(
        replace(
            draft,
            task=msgspec.structs.replace(draft.task, signature=signature),
            variants=(replace(draft.variants[0], model=model.SerializeToString()),),
        ),
        package.directory.with_name("full"),
        signer=None,
    )
    batch = {"a": np.array([0.5], np.float32), "b": np.array([0.25], np.float32)}
    backend = OnnxBackend(threads=1)
    lean_answer, full_answer = backend.load(full).predict(batch), backend.load_full(full).predict(batch)
    assert set(full_answer) - set(lean_answer) == {"evidence"}
    for name, array in lean_answer.items():
        np.testing.assert_array_equal(array, full_answer[name])
