"""A torch module as an ONNX graph, with free axes (torch.onnx.export through torch.export)."""

from __future__ import annotations

import inspect
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import numpy as np
import onnx
import torch
from numpy.typing import NDArray

from salus.contracts.batches import Array, Batch
from salus.contracts.errors import InvalidInput
from salus.contracts.predictors import GraphSource
from salus.contracts.tensors import NUMPY_NAMES, TensorSpec
from salus.optimisation.canonical import BATCH_AXIS, OPSET, canonicalise

_EXPORTER_LOG = "torch.onnx._internal.exporter._registration"


def export_torch(source: GraphSource, inputs: tuple[TensorSpec, ...], *, sample: Batch) -> onnx.ModelProto:
    """Translate a module whose forward takes the inputs in order and returns one tensor or a tuple of them.

    The module is translated in evaluation mode and left in the mode in which it was found.

    Args:
        source: Its model is a torch module on the CPU.
        inputs: The signature's inputs, in the order of the module's arguments.
        sample: Gives the lengths of free axes an example.

    Raises:
        InvalidInput: The model is no module, or torch cannot translate it with these free axes.
    """
    module = source.model
    if not isinstance(module, torch.nn.Module):
        raise InvalidInput("a torch module", found=type(module).__name__, remedy="Name the right framework.")
    example = tuple(torch.from_numpy(array) for array in _example(inputs, sample))
    free = tuple({axis: torch.export.Dim.DYNAMIC for axis, n in enumerate(s.shape) if n == -1} for s in inputs)
    was_training = module.training
    module.eval()
    try:
        with _quiet():
            program = torch.onnx.export(
                module,
                example,
                dynamo=True,
                input_names=[spec.name for spec in inputs],
                output_names=list(source.outputs),
                dynamic_shapes=(free,) if _takes_any_number(module) else free,
                opset_version=OPSET,
                external_data=False,
                verbose=False,
            )
    except torch.onnx.OnnxExporterError as error:
        raise InvalidInput(
            "a module that torch.export can trace with the signature's free axes",
            found=f"{type(module).__name__}, which cannot be traced: {type(error.__cause__ or error).__name__}",
            remedy="See the cause below; make the axis fixed in the signature or the module free of Python branches.",
        ) from error
    finally:
        module.train(was_training)
    model = canonicalise(cast("torch.onnx.ONNXProgram", program).model_proto, name="model")
    _name_axes(model.graph, inputs)
    onnx.checker.check_model(model)
    return model


def _example(inputs: tuple[TensorSpec, ...], sample: Batch) -> list[NDArray[np.generic]]:
    """Two samples whose free axes all differ in length and exceed 1, so that the tracer takes none for fixed or equal.

    Two samples where one is given: the one, twice.
    """
    arrays = []
    for spec in inputs:
        array: Array = np.asarray(sample[spec.name])
        if array.ndim != len(spec.shape):
            raise InvalidInput(
                f"{len(spec.shape)} axes for {spec.name!r}",
                found=f"{array.ndim}",
                remedy="Give rectangular samples as the signature says.",
            )
        array = np.resize(array[:2], (2, *array.shape[1:])).astype(NUMPY_NAMES[spec.datatype])
        taken = {2}
        for axis, length in enumerate(spec.shape[1:], start=1):
            if length == -1:
                wanted = array.shape[axis]
                while wanted in taken or wanted < 2:
                    wanted += 1
                taken.add(wanted)
                padding = [(0, wanted - array.shape[axis] if at == axis else 0) for at in range(array.ndim)]
                array = np.pad(array, padding, mode="edge")
        arrays.append(np.ascontiguousarray(array))
    return arrays


def _takes_any_number(module: torch.nn.Module) -> bool:
    """Whether the forward takes `*columns`; the tracer then wants the axes of all of them as one argument's."""
    parameters = inspect.signature(module.forward).parameters.values()
    return any(parameter.kind is inspect.Parameter.VAR_POSITIONAL for parameter in parameters)


def _name_axes(graph: onnx.GraphProto, inputs: tuple[TensorSpec, ...]) -> None:
    """Free axes by stable names: `N` for the samples, `<tensor>_<axis>` for the rest."""
    names: dict[str, str] = {}
    for spec, value in zip(inputs, graph.input, strict=True):
        for axis, dimension in enumerate(value.type.tensor_type.shape.dim):
            if spec.shape[axis] == -1:
                names.setdefault(dimension.dim_param, BATCH_AXIS if axis == 0 else f"{spec.name}_{axis}")
    for value in (*graph.input, *graph.output):
        for axis, dimension in enumerate(value.type.tensor_type.shape.dim):
            if dimension.HasField("dim_param"):
                dimension.dim_param = names.get(dimension.dim_param, f"{value.name}_{axis}")


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the exporter from telling that torchvision is absent, and from warning about its own internals."""
    log = logging.getLogger(_EXPORTER_LOG)
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", category=FutureWarning)
            warnings.filterwarnings("ignore", category=DeprecationWarning)
            yield
    finally:
        log.setLevel(level)
