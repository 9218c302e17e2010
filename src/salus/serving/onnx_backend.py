"""ONNX Runtime runs the package's graph (https://onnxruntime.ai); PyTorch is not needed.

Two sessions serve a graph with optional outputs: one without them and without the nodes behind them, and one whole.
Fetching fewer outputs of a single session saves nothing in ONNX Runtime's inference build, see `onnx_graph`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, cast

import numpy as np
import onnxruntime
from onnxruntime.capi.onnxruntime_pybind11_state import InvalidArgument, InvalidGraph, InvalidProtobuf

from salus.contracts.batches import Array, Batch
from salus.contracts.errors import InvalidInput, MissingDependency, PackageRejected
from salus.contracts.packages import ModelPackage
from salus.contracts.predictors import Predictor
from salus.contracts.services import OPTIONAL_OUTPUTS
from salus.contracts.tensors import NUMPY_NAMES, Datatype, Signature, TensorSpec
from salus.modelpackage.onnx_files import check_onnx
from salus.modelpackage.reading import read_model
from salus.serving.onnx_graph import without_outputs
from salus.serving.threads import count_usable_cores

_GRAPH_TYPES: dict[str, Datatype] = {
    "tensor(bool)": "BOOL",
    "tensor(uint8)": "UINT8",
    "tensor(uint16)": "UINT16",
    "tensor(uint32)": "UINT32",
    "tensor(uint64)": "UINT64",
    "tensor(int8)": "INT8",
    "tensor(int16)": "INT16",
    "tensor(int32)": "INT32",
    "tensor(int64)": "INT64",
    "tensor(float16)": "FP16",
    "tensor(float)": "FP32",
    "tensor(double)": "FP64",
    "tensor(string)": "BYTES",
}
_PROVIDERS = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}


class OnnxBackend:
    """Loads packages into ONNX Runtime.

    Args:
        threads: Threads of each session; 0 takes the cores that the process may really use.

    Attributes:
        name: `onnxruntime`.
        title: The same with its version, for provenance.
        threads: Threads of each session.

    Example:
        >>> OnnxBackend(threads=1).threads
        1
    """

    name = "onnxruntime"

    def __init__(self, *, threads: int = 0) -> None:
        self.threads = threads or count_usable_cores()
        self.title = f"onnxruntime {onnxruntime.__version__}"

    def load(self, package: ModelPackage, *, variant: str | None = None, device: str = "cpu") -> Predictor:
        """Load one variant; the predictor answers every output but the optional ones.

        Raises:
            NotFound: The package has no such variant.
            PackageRejected: The graph was altered since the package was verified, keeps data in other files, or
                does not have the task's signature.
            MissingDependency: This installation of ONNX Runtime cannot use `device`.
        """
        return self._load(package, variant, device, without=OPTIONAL_OUTPUTS)

    def load_full(self, package: ModelPackage, *, variant: str | None = None, device: str = "cpu") -> Predictor:
        """The same, answering every output. Raises as `load`."""
        return self._load(package, variant, device, without=frozenset())

    def _load(
        self, package: ModelPackage, variant: str | None, device: str, *, without: frozenset[str]
    ) -> OnnxPredictor:
        content = _read_graph(package, variant)
        signature = package.manifest.task.signature
        left_out = without & {spec.name for spec in signature.outputs}
        kept = Signature(signature.inputs, tuple(s for s in signature.outputs if s.name not in left_out))
        try:
            graph = without_outputs(content, left_out) if left_out else content
            session = onnxruntime.InferenceSession(graph, self._options(), providers=[_provider_of(device)])
        except (InvalidGraph, InvalidProtobuf, InvalidArgument, ValueError) as error:
            raise _rejected(
                "a graph that ONNX Runtime can load", f"one that fails with {type(error).__name__}"
            ) from error
        _compare("input", kept.inputs, session.get_inputs())
        _compare("output", kept.outputs, session.get_outputs())
        return OnnxPredictor(session=session, signature=kept)

    def _options(self) -> Any:  # onnxruntime ships no types
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self.threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 4  # errors come as exceptions; a second voice would pass the log's filter
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.add_session_config_entry("session.inter_op.allow_spinning", "0")
        return options


@dataclass(frozen=True)
class OnnxPredictor:
    """One loaded graph. Safe to call from several threads at once.

    Attributes:
        session: ONNX Runtime's session.
        signature: Inputs of the task, and those of its outputs that this graph answers.
    """

    session: Any
    signature: Signature

    def predict(self, batch: Batch) -> Batch:
        """Run the graph.

        Raises:
            InvalidInput: Other names, datatypes or shapes than the signature's.
        """
        feeds = _check_feeds(batch, self.signature.inputs)
        names = [spec.name for spec in self.signature.outputs]
        try:
            answers = cast("Sequence[Array]", self.session.run(names, feeds))
        except InvalidArgument as error:
            shapes = {name: array.shape for name, array in feeds.items()}
            raise InvalidInput(
                "shapes that the graph can work on",
                found=f"shapes {shapes}",
                remedy="Send samples of a size that the model was made for.",
            ) from error
        return dict(zip(names, answers, strict=True))


def _read_graph(package: ModelPackage, variant: str | None) -> bytes:
    """The graph's bytes, compared with the manifest once more and free of references to other files."""
    content = read_model(package, variant)
    check_onnx(BytesIO(content), len(content), variant or package.manifest.default_variant)
    return content


def _compare(side: str, specs: Sequence[TensorSpec], nodes: Sequence[Any]) -> None:
    """Refuse a graph whose tensors are not those of the signature.

    Free axes may have any name. An output may be of one size where the signature leaves it free (the grid of an
    evidence map), but for axis 0, which counts the samples.
    """
    found = {node.name: (_GRAPH_TYPES.get(node.type), node.shape) for node in nodes}
    for spec in specs:
        datatype, shape = found.pop(spec.name, (None, None))
        fits = (
            datatype == spec.datatype
            and shape is not None
            and len(shape) == len(spec.shape)
            and all(
                not isinstance(had, int) or had == asked or (side == "output" and asked == -1 and axis > 0)
                for axis, (had, asked) in enumerate(zip(shape, spec.shape, strict=True))
            )
        )
        if not fits:
            raise _rejected(f"the {side} {spec.name!r} as {spec.datatype} {spec.shape}", f"{datatype} {shape}")
    if found and side == "input":
        raise _rejected(f"the signature's {side}s alone", f"also {sorted(found)}")


def _check_feeds(batch: Batch, specs: Sequence[TensorSpec]) -> Mapping[str, Array]:
    names = [spec.name for spec in specs]
    if set(batch) != set(names):
        raise InvalidInput(
            f"the inputs {names}", found=f"{sorted(batch)}", remedy="Send each input of the signature once."
        )
    for spec in specs:
        array = batch[spec.name]
        fits = len(array.shape) == len(spec.shape) and all(
            asked in {-1, had} for had, asked in zip(array.shape, spec.shape, strict=True)
        )
        if array.dtype != np.dtype(NUMPY_NAMES[spec.datatype]) or not fits:
            raise InvalidInput(
                f"{spec.name!r} as {spec.datatype} of shape {spec.shape}",
                found=f"{array.dtype} of shape {array.shape}",
                remedy="Send it as the signature says.",
            )
    counts = {batch[name].shape[0] for name in names}
    if len(counts) != 1:
        raise InvalidInput(
            "inputs of one number of samples", found=f"{sorted(counts)}", remedy="Send each sample's inputs together."
        )
    return {name: np.ascontiguousarray(batch[name]) for name in names}


def _provider_of(device: str) -> str:
    provider = _PROVIDERS.get(device)
    if provider is None or provider not in onnxruntime.get_available_providers():
        raise MissingDependency(
            f"an installation of ONNX Runtime that can use the device {device!r}",
            found=f"one with {', '.join(onnxruntime.get_available_providers())}",
            remedy="Choose the device `cpu`, or install the matching build of ONNX Runtime.",
        )
    return provider


def _rejected(expected: str, found: str) -> PackageRejected:
    return PackageRejected(expected, found=found, remedy="Build the package again, or get it anew from its publisher.")
