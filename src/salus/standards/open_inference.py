"""Open Inference Protocol, version 2, over REST: reading requests, writing answers.

Source: https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md, with the
binary tensor extension
https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_binary_data.md.

Strict: an unknown datatype, a number that its datatype cannot hold, a Boolean where a number belongs, data that do not
fit the shape, bytes left over: all are refused with what was expected and what was found. A missing number is `null`
in JSON and NaN in binary. Options that would change the answer and are not offered (shared memory, the classification
extension, sequences) are refused, not ignored.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec

from salus.contracts.batches import Array
from salus.contracts.errors import UnsupportedInput
from salus.contracts.predictors import Json
from salus.contracts.services import InferenceRequest, Prediction, ServiceDescription
from salus.contracts.tensors import Datatype, TensorSpec
from salus.standards.open_inference_tensors import (
    MOST_ELEMENTS,
    datatype_of,
    datatype_of_array,
    read_binary_tensor,
    read_json_tensor,
    unfit,
    write_binary_tensor,
    write_json_tensor,
)

HEADER_LENGTH = "Inference-Header-Content-Length"
"""The HTTP header that holds the length of the JSON part where binary tensors follow it."""

EXTENSIONS = ("binary_tensor_data",)
_MOST_TENSORS = 4096
_MOST_ID_CHARACTERS = 128
_REFUSED_OPTIONS = ("shared_memory_region", "classification", "sequence_id")

Parameters = dict[str, bool | int | float | str]


_T = TypeVar("_T")


class _Tensor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    datatype: str
    shape: list[int]
    parameters: Parameters = {}
    data: msgspec.Raw = msgspec.Raw(b"")


class _WantedOutput(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    parameters: Parameters = {}


class _Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    inputs: list[_Tensor]
    id: str | None = None
    parameters: Parameters = {}
    outputs: list[_WantedOutput] = []


class _Response(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    model_name: str
    outputs: list[_Tensor]
    model_version: str = ""
    id: str = ""
    parameters: Parameters = {}


@dataclass(frozen=True)
class BinaryOutputs:
    """Which outputs the caller wants as binary tensors.

    Attributes:
        by_default: What holds for outputs that are not named (`binary_data_output`).
        by_name: What was asked of single outputs (`binary_data`).
    """

    by_default: bool = False
    by_name: Mapping[str, bool] = field(default_factory=dict)

    def wants(self, name: str) -> bool:
        """Whether the output `name` is wanted in binary."""
        return self.by_name.get(name, self.by_default)


@dataclass(frozen=True)
class InferExchange:
    """A request as it was read, with the form that its answer must have."""

    request: InferenceRequest
    binary: BinaryOutputs


@dataclass(frozen=True)
class Message:
    """A body to send. `header_length` is the length of its JSON part, None where all of it is JSON."""

    content: bytes
    header_length: int | None = None


@dataclass(frozen=True)
class InferResponse:
    """An answer as it was read.

    Attributes:
        model_name: The service.
        model_version: The version of its package.
        request_id: The request's id.
        outputs: By name.
        parameters: Flat facts: provenance and abstentions.
    """

    model_name: str
    model_version: str
    request_id: str
    outputs: Mapping[str, Array]
    parameters: Parameters


def read_infer_request(
    body: bytes | Mapping[str, Any], header_length: int | None = None, *, most_elements: int = MOST_ELEMENTS
) -> InferenceRequest:
    """Read the body of `POST /v2/models/<model>/infer`.

    Args:
        body: The body, or its JSON document.
        header_length: Length of the JSON part in bytes, where binary tensors follow it.
        most_elements: Largest number of elements of all inputs together.

    Raises:
        InvalidInput: Not a request of the protocol.
        UnsupportedInput: It asks for an extension that is not offered.

    Example:
        >>> tensor = {"name": "age", "datatype": "FP32", "shape": [2], "data": [61.5, None]}
        >>> read_infer_request({"inputs": [tensor]}).inputs["age"].tolist()
        [61.5, nan]
    """
    return read_infer_exchange(body, header_length, most_elements=most_elements).request


def read_infer_exchange(
    body: bytes | Mapping[str, Any], header_length: int | None = None, *, most_elements: int = MOST_ELEMENTS
) -> InferExchange:
    """The same, with which outputs are wanted in binary. Raises as `read_infer_request`."""
    header, binary = _split(body, header_length)
    document = _decode(header, _Request)
    _refuse_options([document.parameters])
    _refuse_options(tensor.parameters for tensor in document.inputs)
    _refuse_options(output.parameters for output in document.outputs)
    if document.id is not None and len(document.id) > _MOST_ID_CHARACTERS:
        raise unfit(f"an id of at most {_MOST_ID_CHARACTERS} characters", f"{len(document.id)}")
    names = tuple(output.name for output in document.outputs)
    if len(set(names)) != len(names):
        raise unfit("each output asked for once", "one asked for twice")
    wanted = {
        output.name: _flag(output.parameters, "binary_data", default=False)
        for output in document.outputs
        if "binary_data" in output.parameters
    }
    request = InferenceRequest(
        inputs=_read_tensors(document.inputs, binary, most_elements), request_id=document.id or None, outputs=names
    )
    return InferExchange(
        request, BinaryOutputs(_flag(document.parameters, "binary_data_output", default=False), wanted)
    )


def write_infer_request(request: InferenceRequest, *, binary: bool = False) -> Message:
    """Write the body of an inference request.

    Args:
        request: Rectangular inputs; BYTES as object arrays of `bytes`.
        binary: True writes the tensors, and asks for the outputs, in the binary extension.
    """
    tensors, tail = _write_tensors(request.inputs, BinaryOutputs(by_default=binary))
    document: dict[str, Json] = {"inputs": tensors}
    if request.request_id is not None:
        document["id"] = request.request_id
    if request.outputs:
        document["outputs"] = [{"name": name} for name in request.outputs]
    if binary:
        document["parameters"] = {"binary_data_output": True}
    return _message(document, tail)


def write_infer_response(prediction: Prediction, *, binary: BinaryOutputs | None = None) -> Message:
    """Write the answer to an inference request.

    Abstentions and provenance are parameters of the response, flat as the protocol asks: `salus_abstention_<sample>`
    holds the reason, with `_message` and `_message_zh` the words; `salus_status` says that no person has signed the
    answer. The outputs of an abstained sample are null (floating), false (Boolean) or -1 (whole numbers).

    Args:
        prediction: The answer; its outputs are written in their order.
        binary: Which outputs are wanted in binary; None for none.
    """
    tensors, tail = _write_tensors(prediction.outputs, binary or BinaryOutputs())
    document: dict[str, Json] = {
        "model_name": prediction.provenance.service,
        "model_version": prediction.provenance.version,
        "id": prediction.request_id,
        "parameters": dict(_facts_of(prediction)),
        "outputs": tensors,
    }
    return _message(document, tail)


def read_infer_response(
    body: bytes | Mapping[str, Any], header_length: int | None = None, *, most_elements: int = MOST_ELEMENTS
) -> InferResponse:
    """Read an answer. Raises as `read_infer_request`."""
    header, binary = _split(body, header_length)
    document = _decode(header, _Response)
    return InferResponse(
        model_name=document.model_name,
        model_version=document.model_version,
        request_id=document.id,
        outputs=_read_tensors(document.outputs, binary, most_elements),
        parameters=document.parameters,
    )


def write_server_metadata(version: str) -> dict[str, Json]:
    """The document of `GET /v2`. `version` is that of Salus."""
    return {"name": "salus", "version": version, "extensions": list(EXTENSIONS)}


def write_model_metadata(description: ServiceDescription) -> dict[str, Json]:
    """The document of `GET /v2/models/<model>`."""
    signature = description.manifest.task.signature
    return {
        "name": description.name,
        "versions": [description.manifest.version],
        "platform": "salus_solver" if description.manifest.task.kind == "planning" else "onnxruntime_onnx",
        "inputs": _write_specs(signature.inputs),
        "outputs": _write_specs(signature.outputs),
    }


def _write_specs(specs: Iterable[TensorSpec]) -> list[Json]:
    return [{"name": spec.name, "datatype": spec.datatype, "shape": list(spec.shape)} for spec in specs]


def _facts_of(prediction: Prediction) -> Parameters:
    facts: Parameters = {"salus_status": "final" if prediction.provenance.reviewed else "preliminary"}
    for name, value in msgspec.structs.asdict(prediction.provenance).items():
        facts[f"salus_{name}"] = value
    for index, abstention in enumerate(prediction.abstentions):
        if abstention is not None:
            facts[f"salus_abstention_{index}"] = abstention.reason
            facts[f"salus_abstention_{index}_message"] = abstention.message.en
            facts[f"salus_abstention_{index}_message_zh"] = abstention.message.zh
    for index, names in enumerate(prediction.contraindications):
        if names:
            facts[f"salus_contraindications_{index}"] = " ".join(names)
    return facts


def _split(body: bytes | Mapping[str, Any], header_length: int | None) -> tuple[bytes, memoryview]:
    if not isinstance(body, bytes):
        return msgspec.json.encode(body), memoryview(b"")
    if header_length is None:
        return body, memoryview(b"")
    if not 0 < header_length <= len(body):
        raise unfit(f"a {HEADER_LENGTH} between 1 and the length of the body ({len(body)})", f"{header_length}")
    return body[:header_length], memoryview(body)[header_length:]


def _decode(content: bytes, kind: type[_T]) -> _T:
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        found = str(error) if isinstance(error, msgspec.ValidationError) else "text that is not JSON"
        raise unfit("a document of the Open Inference Protocol, version 2", found[:200]) from error


def _refuse_options(options: Iterable[Parameters]) -> None:
    for parameters in options:
        for name in _REFUSED_OPTIONS:
            if parameters.get(name) not in {None, 0, ""}:
                raise UnsupportedInput(
                    "the protocol with its binary extension alone",
                    found=f"the option {name!r}",
                    remedy="Send the request without it.",
                )


def _flag(parameters: Parameters, name: str, *, default: bool) -> bool:
    value = parameters.get(name, default)
    if not isinstance(value, bool):
        raise unfit(f"true or false for {name!r}", type(value).__name__)
    return value


def _read_tensors(tensors: list[_Tensor], binary: memoryview, most_elements: int) -> dict[str, Array]:
    if not tensors or len(tensors) > _MOST_TENSORS:
        raise unfit(f"1 to {_MOST_TENSORS} tensors", f"{len(tensors)}")
    arrays: dict[str, Array] = {}
    room, start = most_elements, 0
    for tensor in tensors:
        if tensor.name in arrays:
            raise unfit("each tensor once", f"{tensor.name[:64]!r} twice")
        size = tensor.parameters.get("binary_data_size")
        data = bytes(tensor.data)
        if (size is None) == (data == b""):
            raise unfit(f"either data or binary_data_size for {tensor.name[:64]!r}", "both or neither")
        datatype, shape = datatype_of(tensor.datatype, tensor.name), tuple(tensor.shape)
        if size is None:
            array = read_json_tensor(tensor.name, datatype, shape, data, most_elements=room)
        else:
            stop = _binary_end(size, start, len(binary))
            array = read_binary_tensor(tensor.name, datatype, shape, binary[start:stop], most_elements=room)
            start = stop
        arrays[tensor.name] = array
        room -= array.size
    if start != len(binary):
        raise unfit(f"{start} bytes of binary data, as the tensors say", f"{len(binary)}")
    return arrays


def _binary_end(size: object, start: int, available: int) -> int:
    if not isinstance(size, int) or isinstance(size, bool) or size < 0 or start + size > available:
        raise unfit("binary_data_size to be a number of bytes that follow", "another value")
    return start + size


def _write_tensors(arrays: Mapping[str, Array], binary: BinaryOutputs) -> tuple[list[Json], list[bytes]]:
    tensors: list[Json] = []
    tail: list[bytes] = []
    for name, array in arrays.items():
        datatype: Datatype = datatype_of_array(array, name)
        tensor: dict[str, Json] = {"name": name, "datatype": datatype, "shape": list(array.shape)}
        if binary.wants(name):
            content = write_binary_tensor(array, datatype)
            tensor["parameters"] = {"binary_data_size": len(content)}
            tail.append(content)
        else:
            tensor["data"] = write_json_tensor(array, datatype, name)
        tensors.append(tensor)
    return tensors, tail


def _message(document: dict[str, Json], tail: list[bytes]) -> Message:
    header = msgspec.json.encode(document)
    return Message(header + b"".join(tail), len(header)) if tail else Message(header)
