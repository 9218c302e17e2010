"""A scikit-learn or LightGBM classifier as an ONNX graph, one input per feature."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from salus.contracts.errors import UnsupportedInput
from salus.contracts.predictors import GraphSource
from salus.contracts.tensors import NUMPY_NAMES, TensorSpec
from salus.optimisation.canonical import BATCH_AXIS, ML_OPSET, canonicalise, rename_tensor

_TARGET_OPSET = 18
_FEATURES = "features"
_SCORES = "scores"
_SMALLEST_PROBABILITY = 1e-7


def export_sklearn(source: GraphSource, inputs: tuple[TensorSpec, ...]) -> onnx.ModelProto:
    """Translate a classifier over a (samples, features) matrix whose columns are the inputs in order.

    Prelude: each input (N,) becomes a column of an FP32 matrix; NaN stays NaN. Body: skl2onnx's translation, or
    `lightgbm_trees` for LightGBM, up to raw scores. Logits, FP32 (N, K): with two classes [0, log-odds]; else the
    scores themselves. A classifier without a decision function gives log(max(p, 1e-7)), of two classes the
    difference.

    ONNX computes in float32 what scikit-learn computes in float64: the predictor must round its features to float32
    before it predicts, as the served inputs are.

    Args:
        source: Its model is a fitted classifier, a pipeline that ends in one, or an `LGBMClassifier`.
        inputs: Scalars or categories.

    Raises:
        UnsupportedInput: The classifier has no translation.
    """
    model: Any = source.model
    if not hasattr(model, "classes_"):
        raise UnsupportedInput(
            "a fitted classifier", found=type(model).__name__, remedy="Fit it, or use another model."
        )
    count = len(model.classes_)
    graph = onnx.GraphProto(name="model")
    graph.input.extend(
        helper.make_tensor_value_info(
            spec.name, helper.np_dtype_to_tensor_dtype(np.dtype(NUMPY_NAMES[spec.datatype])), [BATCH_AXIS]
        )
        for spec in inputs
    )
    _add_prelude(graph, inputs)
    steps = list(model.steps) if hasattr(model, "steps") else [("classifier", model)]
    classifier = steps[-1][1]
    if type(classifier).__module__.partition(".")[0] == "lightgbm":
        _add_lightgbm(graph, steps, features=len(inputs))
        _add_logits(graph, _SCORES, classes=count, rule="log_odds" if count == 2 else "scores")
    else:
        raw = hasattr(classifier, "decision_function")
        _add_body(graph, _convert(model, len(inputs), {"zipmap": False, **({"raw_scores": True} if raw else {})}))
        rule = ("last_column" if count == 2 else "scores") if raw else "probabilities"
        _add_logits(graph, _SCORES, classes=count, rule=rule)
    graph.output.append(helper.make_tensor_value_info("logits", TensorProto.FLOAT, [BATCH_AXIS, count]))
    opsets = [helper.make_opsetid("", _TARGET_OPSET), helper.make_opsetid("ai.onnx.ml", ML_OPSET)]
    exported = canonicalise(helper.make_model(graph, opset_imports=opsets), name="model")
    onnx.checker.check_model(exported)
    return exported


def _add_prelude(graph: onnx.GraphProto, inputs: tuple[TensorSpec, ...]) -> None:
    graph.initializer.append(_constant("prelude/axis", np.array([1], dtype=np.int64)))
    columns = []
    for spec in inputs:
        column = f"prelude/{spec.name}"
        cast = spec.name
        if spec.datatype != "FP32":
            cast = f"{column}/cast"
            graph.node.append(helper.make_node("Cast", [spec.name], [cast], to=TensorProto.FLOAT))
        graph.node.append(helper.make_node("Unsqueeze", [cast, "prelude/axis"], [column]))
        columns.append(column)
    graph.node.append(helper.make_node("Concat", columns, [_FEATURES], axis=1))


def _add_lightgbm(graph: onnx.GraphProto, steps: list[tuple[str, Any]], *, features: int) -> None:
    from salus.optimisation.lightgbm_trees import lightgbm_scores

    matrix = _FEATURES
    if len(steps) > 1:
        from sklearn.pipeline import Pipeline

        matrix = "transformed"
        _add_body(graph, _convert(Pipeline(steps[:-1]), features, {}), result=matrix)
    graph.node.append(lightgbm_scores(steps[-1][1].booster_, features=matrix, scores=_SCORES))


def _convert(model: Any, features: int, options: dict[str, bool]) -> onnx.ModelProto:
    from skl2onnx import convert_sklearn
    from skl2onnx.common.data_types import FloatTensorType
    from skl2onnx.common.exceptions import MissingShapeCalculator

    last = model.steps[-1][1] if hasattr(model, "steps") else model
    try:
        converted: onnx.ModelProto = convert_sklearn(
            model,
            name="body",
            initial_types=[(_FEATURES, FloatTensorType([None, features]))],
            target_opset={"": _TARGET_OPSET, "ai.onnx.ml": ML_OPSET},
            options={id(last): options} if options else None,
        )
    except MissingShapeCalculator as error:
        raise UnsupportedInput(
            "a classifier that skl2onnx can translate",
            found=type(last).__name__,
            remedy="Use a linear model, a tree ensemble, or LightGBM.",
        ) from error
    return converted


def _add_body(graph: onnx.GraphProto, body: onnx.ModelProto, *, result: str = _SCORES) -> None:
    """Splice a converted graph in; its last output becomes `result`."""
    prefixed = onnx.compose.add_prefix(body, "body/")
    inner = prefixed.graph
    rename_tensor(inner, inner.input[0].name, _FEATURES)
    rename_tensor(inner, inner.output[-1].name, result)
    graph.node.extend(inner.node)
    graph.initializer.extend(inner.initializer)


def _add_logits(graph: onnx.GraphProto, scores: str, *, classes: int, rule: str) -> None:
    """From what the body gives to logits (N, K)."""
    nodes, constants = graph.node, graph.initializer
    if rule == "probabilities":
        constants.append(_constant("logits/least", np.array(_SMALLEST_PROBABILITY, dtype=np.float32)))
        nodes.append(helper.make_node("Max", [scores, "logits/least"], ["logits/safe"]))
        nodes.append(helper.make_node("Log", ["logits/safe"], ["logits/log"]))
        if classes > 2:
            nodes.append(helper.make_node("Identity", ["logits/log"], ["logits"]))
            return
        constants.append(_constant("logits/contrast", np.array([[-1.0], [1.0]], dtype=np.float32)))
        nodes.append(helper.make_node("MatMul", ["logits/log", "logits/contrast"], ["logits/odds"]))
        _add_zero_column(graph, "logits/odds")
    elif rule == "last_column":
        constants.append(_constant("logits/last", np.array([1], dtype=np.int64)))
        nodes.append(helper.make_node("Gather", [scores, "logits/last"], ["logits/odds"], axis=1))
        _add_zero_column(graph, "logits/odds")
    elif rule == "log_odds":
        _add_zero_column(graph, scores)
    else:
        nodes.append(helper.make_node("Identity", [scores], ["logits"]))


def _add_zero_column(graph: onnx.GraphProto, odds: str) -> None:
    graph.node.append(helper.make_node("Shape", [odds], ["logits/shape"]))
    zero = numpy_helper.from_array(np.zeros(1, dtype=np.float32))
    graph.node.append(helper.make_node("ConstantOfShape", ["logits/shape"], ["logits/zero"], value=zero))
    graph.node.append(helper.make_node("Concat", ["logits/zero", odds], ["logits"], axis=1))


def _constant(name: str, array: np.ndarray[Any, Any]) -> onnx.TensorProto:
    return numpy_helper.from_array(array, name)
