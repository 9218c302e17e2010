"""The calibration tail: from raw logits to the five served outputs, inside the graph.

`salus.evaluation.calibration.apply_calibration` is the NumPy twin; a property test holds the two together.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from salus.contracts.errors import InvalidInput
from salus.contracts.reports import Calibration
from salus.optimisation.canonical import BATCH_AXIS, canonicalise, remove_unused, rename_tensor

_TAILS = (0.025, 0.975)
_RAW = "raw_logits"


def append_calibration(core: onnx.ModelProto, calibration: Calibration, *, evidence: bool) -> onnx.ModelProto:
    """The served graph: the core with its logits calibrated and the answers of `classification_outputs`.

    With T, b the temperature and the biases: `logits` = raw / T + b; `probabilities` = softmax(logits);
    `probability_interval` = the ensemble's rows floor(0.025 (R-1)) and ceil(0.975 (R-1)) of softmax(raw / T_r + b_r),
    sorted per class, widened to hold the point; `decision` = 1 where p_1 >= threshold, or the most probable class
    where there is no threshold; `prediction_set` = p >= 1 - conformal quantile. All in float32.

    Args:
        core: A graph with the output `logits`, uncalibrated, FP32 (N, K), opset 18 or later.
        calibration: For the same number of classes.
        evidence: Whether the output `evidence` is served; False removes what only it needs. A core with an output
            `course_logits`, FP32 (N, C, 2), serves `course`, the finding's probability at each time, NaN where they
            are NaN.

    Returns:
        A new graph; the core's inputs, and exactly the outputs of `classification_outputs`, in order.

    Raises:
        InvalidInput: The core lacks an output, or the number of classes differs.
    """
    outputs = {value.name: value for value in core.graph.output}
    wanted = {"logits", "evidence"} if evidence else {"logits"}
    if not wanted <= outputs.keys():
        raise InvalidInput(
            f"a core graph with the outputs {', '.join(sorted(wanted))}",
            found=", ".join(outputs),
            remedy="Ask for evidence only of a model that gives it.",
        )
    classes = outputs["logits"].type.tensor_type.shape.dim[1].dim_value
    if classes != len(calibration.bias):
        raise InvalidInput(
            f"a calibration of {classes} classes",
            found=f"{len(calibration.bias)}",
            remedy="Fit the calibration on logits of this model.",
        )
    served = onnx.ModelProto()
    served.CopyFrom(core)
    graph = served.graph
    heatmap = [outputs["evidence"]] if evidence else []
    rename_tensor(graph, "logits", _RAW)
    tail = _Tail()
    _add_answers(tail, calibration)
    course = _add_course(tail, outputs)
    graph.node.extend(tail.nodes)
    graph.initializer.extend(tail.constants)
    del graph.output[:]
    graph.output.extend([*_describe_outputs(classes), *heatmap, *course])
    remove_unused(graph)
    served = canonicalise(served, name="model")
    onnx.checker.check_model(served)
    return served


class _Tail:
    """Collects nodes and constants under the prefix `calibration/`."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, name: str, value: NDArray[np.generic]) -> str:
        self.constants.append(numpy_helper.from_array(value, f"calibration/{name}"))
        return self.constants[-1].name

    def add(self, operator: str, inputs: Sequence[str], output: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(operator, list(inputs), [output], **attributes))
        return output


def _add_answers(tail: _Tail, calibration: Calibration) -> None:
    temperature = tail.constant("temperature", np.array(calibration.temperature, dtype=np.float32))
    bias = tail.constant("bias", np.array(calibration.bias, dtype=np.float32))
    tail.add("Div", [_RAW, temperature], "calibration/scaled")
    tail.add("Add", ["calibration/scaled", bias], "logits")
    tail.add("Softmax", ["logits"], "probabilities", axis=1)
    _add_interval(tail, calibration)
    if calibration.threshold is None:
        tail.add("ArgMax", ["probabilities"], "decision", axis=1, keepdims=0)
    else:
        finding = tail.constant("finding", np.array(1, dtype=np.int64))
        threshold = tail.constant("threshold", np.array(calibration.threshold, dtype=np.float32))
        tail.add("Gather", ["probabilities", finding], "calibration/positive", axis=1)
        tail.add("GreaterOrEqual", ["calibration/positive", threshold], "calibration/called")
        tail.add("Cast", ["calibration/called"], "decision", to=TensorProto.INT64)
    least = tail.constant("least", np.array(1.0 - calibration.conformal_quantile, dtype=np.float32))
    tail.add("GreaterOrEqual", ["probabilities", least], "prediction_set")


def _add_course(tail: _Tail, outputs: Mapping[str, onnx.ValueInfoProto]) -> list[onnx.ValueInfoProto]:
    """`course` by the same temperature and biases, where the core tells logits over time."""
    if "course_logits" not in outputs:
        return []
    tail.add("Div", ["course_logits", "calibration/temperature"], "calibration/course_scaled")
    tail.add("Add", ["calibration/course_scaled", "calibration/bias"], "calibration/course_shifted")
    tail.add("Softmax", ["calibration/course_shifted"], "calibration/course_probabilities", axis=2)
    finding = tail.constant("course_finding", np.array(1, dtype=np.int64))
    tail.add("Gather", ["calibration/course_probabilities", finding], "course", axis=2)
    times = outputs["course_logits"].type.tensor_type.shape.dim[1].dim_value
    return [helper.make_tensor_value_info("course", TensorProto.FLOAT, [BATCH_AXIS, times])]


def _add_interval(tail: _Tail, calibration: Calibration) -> None:
    low = high = "probabilities"
    if calibration.ensemble:
        rows = np.array(calibration.ensemble, dtype=np.float32)
        axis = tail.constant("members_axis", np.array([1], dtype=np.int64))
        temperatures = tail.constant("member_temperatures", rows[None, :, :1])
        biases = tail.constant("member_biases", rows[None, :, 1:])
        tail.add("Unsqueeze", [_RAW, axis], "calibration/raw_members")
        tail.add("Div", ["calibration/raw_members", temperatures], "calibration/scaled_members")
        tail.add("Add", ["calibration/scaled_members", biases], "calibration/member_logits")
        tail.add("Softmax", ["calibration/member_logits"], "calibration/members", axis=2)
        low_row, high_row = _interval_rows(len(rows))
        smallest = _add_ranked(tail, "low", rank=low_row + 1, largest=0)
        largest = _add_ranked(tail, "high", rank=len(rows) - high_row, largest=1)
        low = tail.add("Min", [smallest, "probabilities"], "calibration/low")
        high = tail.add("Max", [largest, "probabilities"], "calibration/high")
    ends = tail.constant("ends_axis", np.array([2], dtype=np.int64))
    for name, value in (("low", low), ("high", high)):
        tail.add("Unsqueeze", [value, ends], f"calibration/{name}_end")
    tail.add("Concat", ["calibration/low_end", "calibration/high_end"], "probability_interval", axis=2)


def _add_ranked(tail: _Tail, name: str, *, rank: int, largest: int) -> str:
    """The `rank`-th smallest (or largest) member of each class, counted from 1: (N, K)."""
    count = tail.constant(f"{name}_count", np.array([rank], dtype=np.int64))
    last = tail.constant(f"{name}_last", np.array(rank - 1, dtype=np.int64))
    outputs = [f"calibration/{name}_members", f"calibration/{name}_positions"]
    tail.nodes.append(
        helper.make_node("TopK", ["calibration/members", count], outputs, axis=1, largest=largest, sorted=1)
    )
    return tail.add("Gather", [outputs[0], last], f"calibration/{name}_member", axis=1)


def _interval_rows(count: int) -> tuple[int, int]:
    return math.floor(_TAILS[0] * (count - 1)), math.ceil(_TAILS[1] * (count - 1))


def _describe_outputs(classes: int) -> list[onnx.ValueInfoProto]:
    described: tuple[tuple[str, int, list[int]], ...] = (
        ("probabilities", TensorProto.FLOAT, [classes]),
        ("probability_interval", TensorProto.FLOAT, [classes, 2]),
        ("decision", TensorProto.INT64, []),
        ("prediction_set", TensorProto.BOOL, [classes]),
        ("logits", TensorProto.FLOAT, [classes]),
    )
    return [helper.make_tensor_value_info(name, datatype, [BATCH_AXIS, *shape]) for name, datatype, shape in described]
