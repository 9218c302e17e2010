"""Static INT8 by quantise/dequantise pairs (QDQ), calibrated on training data.

x is stored as q = clip(round(x / s) + z) with a scale s and a zero point z per tensor, or per output channel for
weights (Jacob et al., "Quantization and training of neural networks for efficient integer-arithmetic-only inference",
CVPR 2018). Activations are unsigned and weights signed (U8S8), the form of the VNNI instructions; on x86 without
VNNI, U8S8 sums can saturate and are slower: measure there.

What is quantised: convolutions, wide dense layers, and the additions, rectifiers and pools between them, so that a
residual block stays in INT8 from end to end. What stays FP32: the preprocessing (its resize is a matrix product of
two computed tensors, before the first convolution), small dense layers such as the last classifier, whatever only the
evidence needs, and the calibration tail, which is appended afterwards.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import onnx

from salus.contracts.batches import Array, Batch, rectangular_parts
from salus.contracts.errors import UnsupportedInput
from salus.optimisation.canonical import canonicalise

PRECISION = "INT8 (QDQ, U8S8)"
SMALLEST_DENSE_LAYER = 4096
"""Dense layers with fewer weights stay FP32: too little to win, and the classifier is among them."""

_PASSING = frozenset({"Add", "Relu", "MaxPool", "AveragePool"})
_WEIGHTED = frozenset({"Conv", "Gemm", "MatMul"})


def quantise(core: onnx.ModelProto, training: Batch, *, samples: int = 256, most: int = 16) -> onnx.ModelProto:
    """The core graph with its backbone in INT8; inputs and outputs are as before.

    Ranges are the smallest and largest value of each tensor over the calibration samples, which are taken evenly from
    the training part, without chance: the same data give the same bytes.

    Args:
        core: The float core graph.
        training: Inputs of the training part; ragged columns are allowed.
        samples: How many of them to calibrate on, at most.
        most: Samples at a time.

    Raises:
        UnsupportedInput: The graph has nothing to quantise, as trees and small linear models have not.
    """
    from onnxruntime.quantization import CalibrationMethod, QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    if not find_quantisable(core.graph):
        raise UnsupportedInput(
            f"convolutions, or dense layers of at least {SMALLEST_DENSE_LAYER} weights",
            found="none in this graph",
            remedy="Serve it in float32; integer arithmetic would not make it faster.",
        )
    with TemporaryDirectory() as name, _quiet():
        folder = Path(name)
        prepared, quantised = folder / "prepared.onnx", folder / "quantised.onnx"
        onnx.save(core, folder / "core.onnx")
        quant_pre_process(folder / "core.onnx", prepared, skip_symbolic_shape=_has_opaque_reductions(core.graph))
        nodes = find_quantisable(onnx.load(prepared).graph)
        quantize_static(
            prepared,
            quantised,
            _reader(core, training, samples=samples, most=most),
            quant_format=QuantFormat.QDQ,
            nodes_to_quantize=nodes,
            op_types_to_quantize=sorted(_WEIGHTED | _PASSING),
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=False,
            calibrate_method=CalibrationMethod.MinMax,
        )
        return canonicalise(onnx.load(quantised), name="model")


def find_quantisable(graph: onnx.GraphProto) -> list[str]:
    """Names of the nodes to quantise, in the graph's order.

    They lead to `logits`; a dense layer is wide, and where there are convolutions comes after one; an addition,
    rectifier or pool reads something quantised.
    """
    widths = {c.name: int(np.prod(c.dims)) for c in graph.initializer}
    leading = _leading_to(graph, "logits")
    has_convolutions = any(node.op_type == "Conv" for node in graph.node)
    after_convolution: set[str] = set()
    quantised: set[str] = set()
    chosen = []
    for node in graph.node:
        behind = node.op_type == "Conv" or not after_convolution.isdisjoint(node.input)
        if behind:
            after_convolution.update(node.output)
        if not leading.intersection(node.output):
            continue
        if node.op_type == "Conv":
            take = node.input[1] in widths
        elif node.op_type in _WEIGHTED:
            wide = widths.get(node.input[1], 0) >= SMALLEST_DENSE_LAYER
            take = wide and (behind or not has_convolutions)
        else:
            take = node.op_type in _PASSING and not quantised.isdisjoint(node.input)
        if take:
            quantised.update(node.output)
            chosen.append(node.name)
    return chosen


def _has_opaque_reductions(graph: onnx.GraphProto) -> bool:
    """Whether ONNX Runtime's symbolic shape inference would fail: it knows no ReduceMax with axes as an input."""
    return any(node.op_type in {"ReduceMax", "ReduceMin"} for node in graph.node)


def _leading_to(graph: onnx.GraphProto, output: str) -> set[str]:
    """Names of all tensors that `output` is computed from, itself included."""
    leading = {output}
    for node in reversed(graph.node):
        if leading.intersection(node.output):
            leading.update(node.input)
    return leading


def _reader(core: onnx.ModelProto, training: Batch, *, samples: int, most: int) -> Any:
    from onnxruntime.quantization import CalibrationDataReader

    class Reader(CalibrationDataReader):  # type: ignore[misc]  # onnxruntime is untyped
        def __init__(self, parts: Iterator[dict[str, Array]]) -> None:
            self._parts = parts

        def get_next(self) -> dict[str, Array] | None:
            return next(self._parts, None)

    names = [value.name for value in core.graph.input]
    total = len(training[names[0]])
    chosen = np.unique(np.linspace(0, total - 1, min(samples, total)).round().astype(np.intp))
    picked = {name: training[name][chosen] for name in names}
    return Reader(part for _, part in rectangular_parts(picked, most=most))


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the quantiser's advice out of the log."""
    log = logging.getLogger()
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(level)
