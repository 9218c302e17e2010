"""A torch module's graph answers as the module does, for every free length."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from torch import Tensor, nn

from salus.contracts.errors import InvalidInput
from salus.contracts.predictors import GraphSource
from salus.contracts.tensors import TensorSpec
from salus.contracts.text import LocalizedText
from salus.networks.image_classifier import ImageClassifier
from salus.networks.listings import FlattenedDenseCnn
from salus.networks.predictor import TorchPredictor
from salus.networks.preprocessing import Aspect, ImagePreprocessing
from salus.networks.residual import ResidualNetwork
from salus.optimisation.canonical import to_bytes
from salus.optimisation.export import export_core
from salus.optimisation.graph_predictor import GraphPredictor
from salus.optimisation.parity import compare

IMAGE = TensorSpec(
    name="image", datatype="UINT8", shape=(-1, -1, -1, 1), title=LocalizedText("image", "图像"), content="image"
)
SAMPLE = {"image": np.zeros((1, 30, 30, 1), dtype=np.uint8)}


def predictor(backbone: nn.Module, *, aspect: Aspect = "stretch") -> TorchPredictor:
    module = ImageClassifier(ImagePreprocessing((28, 28), in_channels=1, channels=1, aspect=aspect), backbone)
    return TorchPredictor(module, input_names=("image",), outputs=("logits", "evidence"))


def small_residual() -> ResidualNetwork:
    torch.manual_seed(0)
    net = ResidualNetwork(2, widths=(8, 16), blocks=(1, 1))
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean = torch.rand(module.num_features) - 0.5
            module.running_var = torch.rand(module.num_features) + 0.5
    return net


def small_listing() -> FlattenedDenseCnn:
    torch.manual_seed(1)
    return FlattenedDenseCnn(size=28, in_channels=1, stages=((8, True), (8, True)), hidden=16, classes=2)


@pytest.mark.parametrize("make", [small_residual, small_listing])
def test_the_graph_answers_as_the_module_for_one_to_eight_pictures_of_28_to_200_pixels(make: object) -> None:
    assert callable(make)
    original = predictor(make(), aspect="pad")
    graph = GraphPredictor(to_bytes(export_core(original.graph_source(), (IMAGE,), sample=SAMPLE)))
    rng = np.random.default_rng(2)
    for count, height, width in [(1, 28, 28), (2, 200, 28), (3, 77, 131), (5, 28, 29), (8, 200, 200)]:
        batch = {"image": rng.integers(0, 256, (count, height, width, 1)).astype(np.uint8)}
        for difference in compare(original, graph, batch, outputs=("logits", "evidence")):
            assert difference.largest <= 1e-4


@pytest.fixture(scope="module")
def exported() -> onnx.ModelProto:
    return export_core(predictor(small_residual()).graph_source(), (IMAGE,), sample=SAMPLE)


def test_inputs_and_outputs_carry_the_signatures_names_and_free_axes(exported: onnx.ModelProto) -> None:
    axes = {
        value.name: [dim.dim_param or dim.dim_value for dim in value.type.tensor_type.shape.dim]
        for value in (*exported.graph.input, *exported.graph.output)
    }
    assert axes == {
        "image": ["N", "image_1", "image_2", 1],
        "logits": ["N", 2],
        "evidence": ["N", 2, 14, 14],
    }


def test_two_exports_are_the_same_bytes_and_hold_no_trace_of_their_making(exported: onnx.ModelProto) -> None:
    sample = {"image": np.ones((4, 61, 45, 1), dtype=np.uint8)}
    again = export_core(predictor(small_residual()).graph_source(), (IMAGE,), sample=sample)
    assert to_bytes(again) == to_bytes(exported)
    assert not any((again.doc_string, again.graph.doc_string, again.metadata_props, again.graph.value_info))
    assert not any(node.doc_string or node.metadata_props for node in again.graph.node)
    for trace in (b"/home", b"/root", b"site-packages", b".py"):
        assert trace not in to_bytes(again)


LINEAR = TensorSpec(name="x", datatype="FP32", shape=(-1, 3), title=LocalizedText("x", "x"))
IN_A_PROCESS = """
import hashlib, numpy as np, torch
from torch import nn
from salus.contracts.predictors import GraphSource
from salus.contracts.tensors import TensorSpec
from salus.contracts.text import LocalizedText
from salus.optimisation.canonical import to_bytes
from salus.optimisation.export import export_core
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
spec = TensorSpec(name="x", datatype="FP32", shape=(-1, 3), title=LocalizedText("x", "x"))
model = export_core(GraphSource("torch", net), (spec,), sample={"x": np.zeros((1, 3), np.float32)})
print(hashlib.sha256(to_bytes(model)).hexdigest())
"""


def test_another_process_exports_the_same_bytes(tmp_path: Path) -> None:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
    model = export_core(GraphSource("torch", net), (LINEAR,), sample={"x": np.zeros((1, 3), np.float32)})
    other = subprocess.run(
        [sys.executable, "-c", IN_A_PROCESS],
        env={"PYTHONHASHSEED": "1234", "PYTHONPATH": os.pathsep.join(sys.path), "HOME": str(tmp_path)},
        capture_output=True,
        check=True,
        text=True,
    )
    assert other.stdout.strip() == hashlib.sha256(to_bytes(model)).hexdigest()


def test_exporting_leaves_the_module_in_its_mode() -> None:
    net = nn.Sequential(nn.Linear(3, 2), nn.Dropout()).train()
    model = export_core(GraphSource("torch", net), (LINEAR,), sample={"x": np.zeros((1, 3), np.float32)})
    assert net.training
    assert "Dropout" not in {node.op_type for node in model.graph.node}


class DecidesByValue(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x if float(x.sum()) > 0 else -x


def test_a_module_that_branches_on_values_is_refused() -> None:
    with pytest.raises(InvalidInput, match="cannot be traced"):
        export_core(GraphSource("torch", DecidesByValue()), (LINEAR,), sample={"x": np.zeros((1, 3), np.float32)})


@pytest.mark.parametrize(
    ("source", "sample"),
    [
        (GraphSource("torch", "no module"), SAMPLE),
        (GraphSource("torch", nn.Identity()), {}),
        (GraphSource("torch", nn.Identity()), {"image": np.zeros((2, 3), np.uint8)}),
    ],
)
def test_a_source_or_sample_that_does_not_fit_the_signature_is_refused(
    source: GraphSource, sample: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]
) -> None:
    with pytest.raises(InvalidInput):
        export_core(source, (IMAGE,), sample=sample)


def test_a_graph_with_local_functions_is_refused() -> None:
    from salus.optimisation.canonical import canonicalise

    model = onnx.ModelProto()
    model.functions.add()
    with pytest.raises(ValueError, match="local functions"):
        canonicalise(model, name="model")
