"""The calibration tail gives exactly the outputs of a served classifier."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper

from salus.contracts.batches import Array
from salus.contracts.classification import ClassLabel, classification_outputs
from salus.contracts.errors import InvalidInput
from salus.contracts.reports import Calibration
from salus.contracts.tensors import NUMPY_NAMES
from salus.contracts.text import LocalizedText
from salus.optimisation.canonical import to_bytes
from salus.optimisation.graph_predictor import GraphPredictor
from salus.optimisation.postprocessing import append_calibration


def core_graph(classes: int, *, evidence: bool) -> onnx.ModelProto:
    """Hands its input on as raw logits; the evidence is the input, put on a 1x1 grid."""
    nodes = [helper.make_node("Identity", ["x"], ["logits"])]
    outputs = [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", classes])]
    constants = []
    if evidence:
        constants = [helper.make_tensor("axes", TensorProto.INT64, [2], [2, 3])]
        nodes.append(helper.make_node("Unsqueeze", ["logits", "axes"], ["evidence"]))
        outputs.append(helper.make_tensor_value_info("evidence", TensorProto.FLOAT, ["N", classes, 1, 1]))
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", classes])]
    graph = helper.make_graph(nodes, "core", inputs, outputs, constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)])


def calibration(classes: int, *, members: int = 3, threshold: float | None = None) -> Calibration:
    return Calibration(
        temperature=2.0,
        bias=tuple(0.1 * k for k in range(classes)),
        threshold=threshold,
        threshold_rule=None if threshold is None else "youden",
        conformal_quantile=0.75,
        coverage=0.9,
        ensemble=tuple((1.0 + row, *(0.05 * row * k for k in range(classes))) for row in range(members)),
    )


@pytest.mark.parametrize(("classes", "evidence"), [(2, True), (2, False), (4, True)])
def test_the_outputs_are_those_of_the_contract_in_name_order_type_and_shape(classes: int, evidence: bool) -> None:
    labels = tuple(ClassLabel(name=f"c{k}", title=LocalizedText("c", "c")) for k in range(classes))
    promised = classification_outputs(labels, evidence=evidence)
    threshold = 0.5 if classes == 2 else None
    served = append_calibration(
        core_graph(classes, evidence=evidence), calibration(classes, threshold=threshold), evidence=evidence
    )
    graph = GraphPredictor(to_bytes(served))
    answers = graph.predict({"x": np.zeros((3, classes), np.float32)})
    assert list(answers) == [spec.name for spec in promised]
    for spec, value in zip(promised, served.graph.output, strict=True):
        answer = answers[spec.name]
        assert answer.dtype == np.dtype(NUMPY_NAMES[spec.datatype])
        assert len(answer) == 3
        assert all(want in (-1, have) for want, have in zip(spec.shape, answer.shape, strict=True))
        assert value.type.tensor_type.shape.dim[0].dim_param == "N"


def test_evidence_that_is_not_served_is_not_computed() -> None:
    served = append_calibration(core_graph(2, evidence=True), calibration(2, threshold=0.5), evidence=False)
    assert "axes" not in {constant.name for constant in served.graph.initializer}


def numbers(answer: Array) -> NDArray[np.float64]:
    return np.asarray(answer, dtype=np.float64)


def test_the_numbers_follow_the_formula() -> None:
    served = append_calibration(core_graph(2, evidence=False), calibration(2, threshold=0.6), evidence=False)
    answers = GraphPredictor(to_bytes(served)).predict({"x": np.array([[0.0, 3.0], [0.0, -3.0]], np.float32)})
    odds = np.array([1.6, -1.4])
    p = 1 / (1 + np.exp(-odds))
    np.testing.assert_allclose(numbers(answers["logits"]), [[0.0, 1.6], [0.0, -1.4]], atol=1e-6)
    np.testing.assert_allclose(numbers(answers["probabilities"])[:, 1], p, atol=1e-6)
    assert answers["decision"].tolist() == [1, 0]
    assert answers["prediction_set"].tolist() == [[False, True], [True, False]]
    low, high = 1 / (1 + np.exp(-(3.0 / 3 + 0.1))), 1 / (1 + np.exp(-3.0))
    np.testing.assert_allclose(numbers(answers["probability_interval"])[0, 1], [low, high], atol=1e-6)


def test_without_an_ensemble_the_interval_is_the_point() -> None:
    served = append_calibration(core_graph(3, evidence=False), calibration(3, members=0), evidence=False)
    answers = GraphPredictor(to_bytes(served)).predict({"x": np.array([[0.0, 1.0, 2.0]], np.float32)})
    np.testing.assert_array_equal(answers["probability_interval"][..., 0], answers["probabilities"])
    np.testing.assert_array_equal(answers["probability_interval"][..., 1], answers["probabilities"])
    assert answers["decision"].tolist() == [2]


def test_a_calibration_of_another_number_of_classes_is_refused() -> None:
    with pytest.raises(InvalidInput, match="calibration of 2 classes"):
        append_calibration(core_graph(2, evidence=False), calibration(3), evidence=False)


def test_evidence_of_a_model_that_has_none_is_refused() -> None:
    with pytest.raises(InvalidInput, match="evidence"):
        append_calibration(core_graph(2, evidence=False), calibration(2), evidence=True)


def test_the_core_is_left_as_it_was() -> None:
    core = core_graph(2, evidence=True)
    before = core.SerializeToString()
    append_calibration(core, calibration(2, threshold=0.5), evidence=False)
    assert core.SerializeToString() == before


def test_the_course_is_calibrated_as_the_answer_is_and_unknown_where_it_is_unknown() -> None:
    model = core_graph(2, evidence=False)
    graph = model.graph
    graph.input.append(helper.make_tensor_value_info("steps", TensorProto.FLOAT, ["N", 3, 2]))
    graph.node.append(helper.make_node("Identity", ["steps"], ["course_logits"]))
    graph.output.append(helper.make_tensor_value_info("course_logits", TensorProto.FLOAT, ["N", 3, 2]))
    served = GraphPredictor(to_bytes(append_calibration(model, calibration(2, threshold=0.5), evidence=False)))
    last = np.array([[0.5, -1.0], [2.0, 3.0]], np.float32)
    steps = np.stack([np.full_like(last, np.nan), last[::-1], last], axis=1)
    answers = served.predict({"x": last, "steps": steps})
    assert answers["course"].shape == (2, 3)
    assert np.isnan(numbers(answers["course"][:, 0])).all()
    np.testing.assert_allclose(numbers(answers["course"][:, 2]), numbers(answers["probabilities"][:, 1]), rtol=1e-6)
    np.testing.assert_allclose(numbers(answers["course"][:, 1]), numbers(answers["probabilities"][::-1, 1]), rtol=1e-6)
