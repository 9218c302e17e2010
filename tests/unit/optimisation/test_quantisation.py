"""The backbone becomes integer arithmetic; what stands around it stays float."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper

from salus.contracts.errors import UnsupportedInput
from salus.contracts.tensors import TensorSpec
from salus.contracts.text import LocalizedText
from salus.networks.image_classifier import ImageClassifier
from salus.networks.predictor import TorchPredictor
from salus.networks.preprocessing import ImagePreprocessing
from salus.networks.residual import ResidualNetwork
from salus.optimisation.canonical import to_bytes
from salus.optimisation.export import export_core
from salus.optimisation.graph_predictor import GraphPredictor
from salus.optimisation.parity import compare
from salus.optimisation.quantisation import find_quantisable, quantise

IMAGE = TensorSpec(
    name="image", datatype="UINT8", shape=(-1, -1, -1, 1), title=LocalizedText("image", "图像"), content="image"
)


def pictures() -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.object_]]]:
    rng = np.random.default_rng(0)
    column = np.empty(24, dtype=object)
    for index in range(24):
        shape = (28, 28, 1) if index % 3 else (40, 33, 1)
        column[index] = rng.integers(0, 256, shape).astype(np.uint8)
    return {"image": column}


def export(backbone: torch.nn.Module) -> tuple[TorchPredictor, onnx.ModelProto]:
    module = ImageClassifier(ImagePreprocessing((28, 28), in_channels=1, channels=1), backbone)
    predictor = TorchPredictor(module, input_names=("image",), outputs=("logits", "evidence"))
    sample = {"image": np.zeros((1, 28, 28, 1), np.uint8)}
    return predictor, export_core(predictor.graph_source(), (IMAGE,), sample=sample)


@pytest.fixture(scope="module")
def residual() -> tuple[TorchPredictor, onnx.ModelProto]:
    torch.manual_seed(0)
    return export(ResidualNetwork(2, widths=(16, 32), blocks=(1, 1)))


def test_every_convolution_runs_on_integers_and_stays_near_the_float_answer(
    residual: tuple[TorchPredictor, onnx.ModelProto],
) -> None:
    predictor, core = residual
    quantised = quantise(core, pictures())
    by_output = {output: node.op_type for node in quantised.graph.node for output in node.output}
    for node in quantised.graph.node:
        if node.op_type == "Conv":
            assert by_output[node.input[0]] == "DequantizeLinear"
            assert by_output[node.input[1]] == "DequantizeLinear"
        if node.op_type == "MatMul":
            assert "DequantizeLinear" not in {by_output.get(name) for name in node.input}
    (logits,) = compare(predictor, GraphPredictor(to_bytes(quantised)), pictures(), outputs=("logits",))
    assert 0 < logits.largest < 0.05
    assert len(to_bytes(quantised)) < 0.5 * len(to_bytes(core))


def test_the_same_calibration_data_gives_the_same_bytes(residual: tuple[TorchPredictor, onnx.ModelProto]) -> None:
    _, core = residual
    before = to_bytes(core)
    first, second = (to_bytes(quantise(core, pictures(), samples=9)) for _ in range(2))
    assert first == second
    assert to_bytes(core) == before
    assert b"/tmp" not in first


def dense_graph() -> onnx.GraphProto:
    """A dense layer of 3x3 before the convolution, a wide and a small one behind it, and one for evidence alone."""
    shapes = {"first": (3, 3), "filters": (8, 1, 3, 3), "wide": (128, 64), "last": (64, 2), "aside": (128, 64)}
    steps = [
        ("MatMul", ["x", "first"], "resized"),
        ("Conv", ["resized", "filters"], "maps"),
        ("Relu", ["maps"], "active"),
        ("Flatten", ["active"], "flat"),
        ("Gemm", ["flat", "wide"], "hidden"),
        ("Gemm", ["hidden", "last"], "logits"),
        ("Gemm", ["flat", "aside"], "evidence"),
    ]
    return helper.make_graph(
        [helper.make_node(kind, inputs, [output], name=output) for kind, inputs, output in steps],
        "dense",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 1, 6, 6])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", 2]) for name in ("logits", "evidence")],
        [helper.make_tensor(n, TensorProto.FLOAT, s, np.zeros(np.prod(s)).tolist()) for n, s in shapes.items()],
    )


def test_a_wide_dense_layer_is_quantised_and_the_classifier_is_not() -> None:
    assert find_quantisable(dense_graph()) == ["maps", "active", "hidden"]


def test_a_graph_without_wide_layers_is_refused_with_the_reason() -> None:
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["logits"])],
        "linear",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 3])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", 2])],
        [helper.make_tensor("w", TensorProto.FLOAT, [3, 2], [0.0] * 6)],
    )
    core = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    with pytest.raises(UnsupportedInput, match="float32"):
        quantise(core, {"x": np.zeros((4, 3), np.float32)})


def test_what_only_the_evidence_needs_is_left_alone(residual: tuple[TorchPredictor, onnx.ModelProto]) -> None:
    _, core = residual
    needed = {"logits"}
    for node in reversed(core.graph.node):
        if needed.intersection(node.output):
            needed.update(node.input)
    aside = {node.name for node in core.graph.node if not needed.intersection(node.output)}
    assert aside
    assert aside.isdisjoint(find_quantisable(core.graph))
