"""A predictor's inside as an ONNX graph: the signature's inputs to raw logits, and evidence where there is some."""

from __future__ import annotations

from typing import TYPE_CHECKING

from salus.contracts.batches import Batch
from salus.contracts.errors import InvalidInput
from salus.contracts.predictors import GraphSource
from salus.contracts.tensors import TensorSpec

if TYPE_CHECKING:
    import onnx


def export_core(source: GraphSource, inputs: tuple[TensorSpec, ...], *, sample: Batch) -> onnx.ModelProto:
    """Translate a predictor.

    The graph's inputs are those of the signature, by name, datatype and order; every axis that the signature leaves
    free is free. Its outputs are those that `source` names, `logits` uncalibrated. The same source gives the same
    bytes, and the graph holds no path and no name of the machine that made it.

    Args:
        source: The predictor's inside.
        inputs: The signature's inputs.
        sample: At least one sample of each input, rectangular; only its shapes matter.

    Raises:
        InvalidInput: The model cannot be translated, or the sample lacks an input.
    """
    missing = [spec.name for spec in inputs if spec.name not in sample]
    if missing:
        raise InvalidInput(
            "a sample of every input of the signature",
            found=f"a batch without {', '.join(missing)}",
            remedy="Give one sample of the training part.",
        )
    if source.framework == "torch":
        from salus.optimisation.export_torch import export_torch

        return export_torch(source, inputs, sample=sample)
    from salus.optimisation.export_sklearn import export_sklearn

    return export_sklearn(source, inputs)
