"""The served graph's calibration and its NumPy twin agree."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from onnx import TensorProto, helper

from salus.contracts.reports import Calibration
from salus.evaluation.calibration import apply_calibration
from salus.optimisation.canonical import to_bytes
from salus.optimisation.graph_predictor import GraphPredictor
from salus.optimisation.postprocessing import append_calibration

_temperatures = st.floats(0.0625, 20.0, width=32)
_biases = st.floats(-5.0, 5.0, width=32)


@st.composite
def _cases(draw: st.DrawFn) -> tuple[Calibration, NDArray[np.float32]]:
    classes = draw(st.integers(2, 5))
    row = st.tuples(_temperatures, *[_biases] * classes)
    temperature, *bias = draw(row)
    made = Calibration(
        temperature=temperature,
        bias=tuple(bias),
        threshold=draw(st.floats(0.0, 1.0, width=32)) if classes == 2 else None,
        threshold_rule="youden" if classes == 2 else None,
        conformal_quantile=draw(st.floats(0.0, 1.0)),
        coverage=0.9,
        ensemble=tuple(draw(st.lists(row, max_size=60))),
    )
    samples = draw(st.integers(1, 6))
    numbers = st.floats(-30.0, 30.0, width=32)
    logits = draw(st.lists(numbers, min_size=samples * classes, max_size=samples * classes))
    return made, np.array(logits, dtype=np.float32).reshape(samples, classes)


@settings(deadline=None, max_examples=150)
@given(_cases())
def test_the_graph_answers_as_apply_calibration(case: tuple[Calibration, NDArray[np.float32]]) -> None:
    calibration, logits = case
    classes = logits.shape[1]
    graph = helper.make_graph(
        [helper.make_node("Identity", ["x"], ["logits"])],
        "core",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", classes])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", classes])],
    )
    core = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)])
    served = GraphPredictor(to_bytes(append_calibration(core, calibration, evidence=False)))
    found, expected = served.predict({"x": logits}), apply_calibration(logits, calibration)
    assert found.keys() == expected.keys()
    for name in ("probabilities", "probability_interval", "logits"):
        actual, desired = (np.asarray(answers[name], dtype=np.float64) for answers in (found, expected))
        np.testing.assert_allclose(actual, desired, rtol=1e-5, atol=2e-6, err_msg=name)
    point = expected["probabilities"].astype(np.float64)
    if calibration.threshold is not None:
        clear = np.abs(point[:, 1] - calibration.threshold) > 1e-5
    else:
        ranked = np.sort(point, axis=1)
        clear = ranked[:, -1] - ranked[:, -2] > 1e-5
    np.testing.assert_array_equal(found["decision"][clear], expected["decision"][clear])
    apart = np.abs(point - (1.0 - calibration.conformal_quantile)) > 1e-5
    np.testing.assert_array_equal(found["prediction_set"][apart], expected["prediction_set"][apart])
