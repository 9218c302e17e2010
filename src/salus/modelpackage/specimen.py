"""The smallest complete package: what the documentation shows, and what tests and new backends run.

It asks which of two numbers is larger. Its graph is assembled here by hand, so that nothing but this file is needed
to make it: `logits = (0, a - b)`, then what every classifier answers (`classification_outputs`).
"""

from __future__ import annotations

import math
import struct
from typing import Any

from salus.contracts.classification import Classification, ClassLabel, classification_outputs
from salus.contracts.datasets import DatasetSource, QualityFinding, QualityReport
from salus.contracts.packages import Histogram, Lineage, Reference
from salus.contracts.reports import Calibration, EvaluationReport, Interval, Measure
from salus.contracts.tasks import Goal, Task
from salus.contracts.tensors import Signature, TensorSpec
from salus.contracts.text import LocalizedText
from salus.modelpackage.writing import PackageDraft, VariantDraft

CONFORMAL_QUANTILE = 0.8
_FLOAT, _INT64, _BOOL = 1, 7, 9
_OPSET, _IR_VERSION = 17, 8


SPECIMEN_CALIBRATION = Calibration(
    temperature=1.0,
    bias=(0.0, 0.0),
    threshold=0.5,
    threshold_rule="youden",
    conformal_quantile=CONFORMAL_QUANTILE,
    coverage=0.9,
    ensemble=((1.0, 0.0, 0.0),),
)


def make_specimen_draft(version: str = "1", *, seed: int = 0) -> PackageDraft:
    """A draft that is complete; another `seed` is another lineage.

    Example:
        >>> make_specimen_draft().name
        'specimen.larger'
    """
    rows = ((0.5, 0.25), (0.25, 0.5), (0.5, 0.5))
    return PackageDraft(
        name="specimen.larger",
        version=version,
        title=LocalizedText("Which number is larger", "哪个数更大"),
        task=_task(),
        variants=(_variant("float32"),),
        default_variant="float32",
        explainer="shapley",
        lineage=_lineage(seed),
        licence="Apache-2.0",
        calibration=SPECIMEN_CALIBRATION,
        reports=(_report(),),
        quality=_quality(),
        request=_request(rows),
        answer=_answer(rows),
        reference=Reference(
            background={"a": (0.5, 0.25), "b": (0.25, 0.5)},
            inputs={name: Histogram(edges=(0.0, 0.5, 1.0), counts=(1, 1)) for name in ("a", "b")},
            outputs={"a_larger": Histogram(edges=(0.0, 0.5, 1.0), counts=(2, 2))},
        ),
    )


def make_specimen_graph() -> bytes:
    """The specimen's ONNX model."""
    initializers = (
        _tensor("columns", _INT64, (1,), struct.pack("<q", 1)),
        _tensor("pair", _INT64, (1,), struct.pack("<q", 2)),
        _tensor("half", _FLOAT, (), struct.pack("<f", 0.5)),
        _tensor("kept", _FLOAT, (), struct.pack("<f", 1 - CONFORMAL_QUANTILE)),
        _tensor("finding", _INT64, (), struct.pack("<q", 1)),
    )
    nodes = (
        _node("Sub", ("a", "b"), "difference"),
        _node("Sub", ("a", "a"), "zero"),
        _node("Unsqueeze", ("zero", "columns"), "zero_column"),
        _node("Unsqueeze", ("difference", "columns"), "difference_column"),
        _node("Concat", ("zero_column", "difference_column"), "logits", axis=1),
        _node("Softmax", ("logits",), "probabilities", axis=1),
        _node("Unsqueeze", ("probabilities", "pair"), "bound"),
        _node("Concat", ("bound", "bound"), "probability_interval", axis=2),
        _node("Gather", ("probabilities", "finding"), "finding_probability", axis=1),
        _node("GreaterOrEqual", ("finding_probability", "half"), "called"),
        _node("Cast", ("called",), "decision", to=_INT64),
        _node("GreaterOrEqual", ("probabilities", "kept"), "prediction_set"),
    )
    outputs = (
        _value("probabilities", _FLOAT, ("samples", 2)),
        _value("probability_interval", _FLOAT, ("samples", 2, 2)),
        _value("decision", _INT64, ("samples",)),
        _value("prediction_set", _BOOL, ("samples", 2)),
        _value("logits", _FLOAT, ("samples", 2)),
    )
    graph = b"".join(
        (
            *(_bytes(1, node) for node in nodes),
            _text(2, "specimen"),
            *(_bytes(5, tensor) for tensor in initializers),
            *(_bytes(11, _value(name, _FLOAT, ("samples",))) for name in ("a", "b")),
            *(_bytes(12, value) for value in outputs),
        )
    )
    opset = _text(1, "") + _number(2, _OPSET)
    return _number(1, _IR_VERSION) + _text(2, "salus") + _bytes(7, graph) + _bytes(8, opset)


def _task() -> Task:
    inputs = tuple(
        TensorSpec(
            name=name,
            datatype="FP32",
            shape=(-1,),
            title=LocalizedText(en, zh),
            content="scalar",
            unit="1",
            valid_range=(0.0, 1.0),
            missing="abstain",
        )
        for name, en, zh in (("a", "first number", "第一个数"), ("b", "second number", "第二个数"))
    )
    classes = (
        ClassLabel(name="b_larger", title=LocalizedText("the second is larger", "第二个更大")),
        ClassLabel(name="a_larger", title=LocalizedText("the first is larger", "第一个更大")),
    )
    return Task(
        name="larger",
        title=LocalizedText("Which of two numbers is larger?", "两个数中哪个更大？"),
        signature=Signature(inputs=inputs, outputs=classification_outputs(classes, evidence=False)),
        question=Classification(classes=classes),
        intended_use=LocalizedText("To show what a package holds.", "用于展示模型包的内容。"),
        limits=LocalizedText("For nothing else.", "不得用于其他用途。"),
        goals=(Goal(measure="auroc", at_least=0.4),),
        demonstration=True,
    )


def _variant(name: str) -> VariantDraft:
    return VariantDraft(
        name=name,
        precision="FP32",
        max_abs_difference=0.0,
        measure="auroc",
        loss=0.0,
        loss_interval=(0.0, 0.0),
        within_tolerance=True,
        model=make_specimen_graph(),
    )


def _lineage(seed: int) -> Lineage:
    source = DatasetSource(
        name="specimen",
        title=LocalizedText("Pairs of numbers", "数对"),
        url="",
        licence="CC0-1.0",
        citation="",
        synthetic=True,
    )
    return Lineage(
        dataset=source,
        dataset_digest="0" * 64,
        samples={"train": 2, "validation": 4},
        code="0.1.0",
        pack="specimen",
        estimator="difference",
        seed=seed,
        recipe={"weights": [1.0, -1.0]},
    )


def _report() -> EvaluationReport:
    """What the graph does on (a, b) = (1, 0), (0, 1), (1, 0), (0, 1), one of them labelled against the rule."""
    figures = {
        "auroc": (0.75, 0.5, 1.0),
        "sensitivity": (0.5, 0.0, 1.0),
        "specificity": (1.0, 1.0, 1.0),
        "ppv": (1.0, 1.0, 1.0),
    }
    measures = [
        Measure(name=name, value=value, interval=Interval(low, high), samples=4)
        for name, (value, low, high) in figures.items()
    ]
    undefined = Measure(name="auroc", value=None, interval=None, samples=1, subgroup="kind=odd")
    return EvaluationReport(
        part="validation",
        samples=4,
        classes=("b_larger", "a_larger"),
        threshold=0.5,
        measures=(*measures, undefined),
        confusion=((2, 0), (1, 1)),
    )


def _quality() -> QualityReport:
    finding = QualityFinding(
        check="size.few_samples",
        severity="warning",
        message=LocalizedText("6 samples in all", "共 6 个样本"),
        count=6,
    )
    return QualityReport(
        dataset="specimen",
        digest="0" * 64,
        samples={"train": 2, "validation": 4},
        balance={"train": {"0": 0.5, "1": 0.5}, "validation": {"0": 0.5, "1": 0.5}},
        findings=(finding,),
    )


def _request(rows: tuple[tuple[float, float], ...]) -> dict[str, Any]:
    columns = zip(("a", "b"), zip(*rows, strict=True), strict=True)
    return {"id": "example", "inputs": [_tensor_body(name, "FP32", [len(rows)], list(data)) for name, data in columns]}


def _answer(rows: tuple[tuple[float, float], ...]) -> dict[str, Any]:
    count = len(rows)
    finding = [1 / (1 + math.exp(b - a)) for a, b in rows]
    probabilities = [p for second in finding for p in (1 - second, second)]
    return {
        "id": "example",
        "outputs": [
            _tensor_body("probabilities", "FP32", [count, 2], probabilities),
            _tensor_body("probability_interval", "FP32", [count, 2, 2], [p for p in probabilities for _ in range(2)]),
            _tensor_body("decision", "INT64", [count], [int(p >= 0.5) for p in finding]),
            _tensor_body("prediction_set", "BOOL", [count, 2], [p >= 1 - CONFORMAL_QUANTILE for p in probabilities]),
            _tensor_body("logits", "FP32", [count, 2], [logit for a, b in rows for logit in (0.0, a - b)]),
        ],
    }


def _tensor_body(name: str, datatype: str, shape: list[int], data: list[Any]) -> dict[str, Any]:
    return {"name": name, "datatype": datatype, "shape": shape, "data": data}


def _varint(value: int) -> bytes:
    """A number in base 128, least significant group first (protobuf.dev/programming-guides/encoding)."""
    groups = []
    while value > 0x7F:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*groups, value])


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _text(field: int, text: str) -> bytes:
    return _bytes(field, text.encode("utf-8"))


def _tensor(name: str, datatype: int, shape: tuple[int, ...], raw: bytes) -> bytes:
    dims = b"".join(_number(1, length) for length in shape)
    return dims + _number(2, datatype) + _text(8, name) + _bytes(9, raw)


def _node(operator: str, inputs: tuple[str, ...], output: str, **attributes: int) -> bytes:
    fields = [_text(1, name) for name in inputs]
    fields += [_text(2, output), _text(4, operator)]
    fields += [_bytes(5, _text(1, name) + _number(3, value) + _number(20, 2)) for name, value in attributes.items()]
    return b"".join(fields)


def _value(name: str, datatype: int, shape: tuple[str | int, ...]) -> bytes:
    dims = (_number(1, length) if isinstance(length, int) else _text(2, length) for length in shape)
    tensor = _number(1, datatype) + _bytes(2, b"".join(_bytes(1, dim) for dim in dims))
    return _text(1, name) + _bytes(2, _bytes(1, tensor))
