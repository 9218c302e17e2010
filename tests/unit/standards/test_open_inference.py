import msgspec
import numpy as np
import pytest

from salus.contracts.batches import Batch
from salus.contracts.errors import InvalidInput, UnsupportedInput
from salus.contracts.services import Abstention, InferenceRequest, Prediction, Provenance
from salus.contracts.text import LocalizedText
from salus.standards.open_inference import (
    BinaryOutputs,
    read_infer_exchange,
    read_infer_request,
    read_infer_response,
    write_infer_request,
    write_infer_response,
    write_server_metadata,
)

_PROVENANCE = Provenance(
    service="s",
    package="p.t",
    version="3",
    digest="d",
    variant="int8",
    backend="onnxruntime 1",
    dataset_digest="e",
    demonstration=True,
    reviewed=False,
    answered_at="2026-11-21T09:30:00+00:00",
)


def _tensor(datatype: str, shape: list[int], data: object, **more: object) -> dict[str, object]:
    return {"name": "x", "datatype": datatype, "shape": shape, "data": data, **more}


def _read(*tensors: dict[str, object]) -> Batch:
    return read_infer_request({"inputs": list(tensors)}).inputs


def test_the_protocols_own_example_is_read() -> None:
    body = b"""{"id": "42", "inputs": [
        {"name": "input0", "shape": [2, 2], "datatype": "UINT32", "data": [1, 2, 3, 4]},
        {"name": "input1", "shape": [3], "datatype": "BOOL", "data": [true]}
    ], "outputs": [{"name": "output0"}]}"""
    with pytest.raises(InvalidInput, match="3 values"):
        read_infer_request(body)
    request = read_infer_request(body.replace(b"[true]", b"[true, false, true]"))
    assert request.request_id == "42"
    assert request.outputs == ("output0",)
    assert request.inputs["input0"].tolist() == [[1, 2], [3, 4]]
    assert request.inputs["input0"].dtype == np.uint32
    assert request.inputs["input1"].tolist() == [True, False, True]


def test_nested_and_flat_data_are_the_same() -> None:
    flat, nested = _tensor("INT8", [2, 2], [1, 2, 3, 4]), _tensor("INT8", [2, 2], [[1, 2], [3, 4]])
    assert _read(flat)["x"].tolist() == _read(nested)["x"].tolist() == [[1, 2], [3, 4]]


def test_null_is_nan_in_floats_alone() -> None:
    assert np.isnan(_read(_tensor("FP16", [2], [None, 1]))["x"].astype(np.float32)).tolist() == [True, False]
    with pytest.raises(InvalidInput, match="INT64"):
        _read(_tensor("INT64", [1], [None]))


def test_text_is_read_as_bytes() -> None:
    assert _read(_tensor("BYTES", [2], ["é", ""]))["x"].tolist() == ["é".encode(), b""]


@pytest.mark.parametrize(
    ("datatype", "value"),
    [
        ("UINT8", 256), ("UINT8", -1), ("INT8", 128), ("UINT16", 65536), ("UINT32", 2**32), ("UINT64", 2**64),
        ("INT64", 2**63), ("INT64", -(2**70)), ("FP16", 1e5), ("FP32", 1e39),
    ],
)  # fmt: skip
def test_a_number_beyond_its_datatype_is_refused(datatype: str, value: float) -> None:
    with pytest.raises(InvalidInput, match="beyond its range"):
        _read(_tensor(datatype, [1], [value]))


@pytest.mark.parametrize(
    ("datatype", "value"),
    [("INT32", False), ("FP32", True), ("INT32", 1.5), ("INT32", "1"), ("BOOL", 1), ("BYTES", 1), ("FP64", "nan")],
)
def test_false_is_no_integer_and_text_is_no_number(datatype: str, value: object) -> None:
    with pytest.raises(InvalidInput, match=datatype):
        _read(_tensor(datatype, [1], [value]))


@pytest.mark.parametrize(
    ("tensor", "words"),
    [
        (_tensor("BF16", [1], [1]), "datatype"),
        (_tensor("INT8", [-1], [1]), "axes"),
        (_tensor("INT8", [], []), "axes"),
        (_tensor("INT8", [1] * 9, [1]), "axes"),
        (_tensor("INT8", [2**40], [1]), "at most"),
        (_tensor("INT8", [2, 2], [[1, 2, 3], [4]]), "nested"),
        (_tensor("INT8", [2, 2], [[1, 2], [3]]), "nested"),
        (_tensor("INT8", [2, 2], [[[1], [2]], [[3], [4]]]), "INT8"),
        (_tensor("INT8", [1], [1], parameters={"binary_data_size": 1}), "either"),
        ({"name": "x", "datatype": "INT8", "shape": [1]}, "either"),
        (_tensor("INT8", [1], [1], extra=1), "extra"),
        (_tensor("INT8", [1], [1], parameters={"nested": {"a": 1}}), "parameters"),
    ],
)
def test_a_tensor_that_the_protocol_does_not_allow_is_refused(tensor: dict[str, object], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        _read(tensor)


def test_a_tensor_twice_or_none_at_all_is_refused() -> None:
    with pytest.raises(InvalidInput, match="twice"):
        _read(_tensor("INT8", [1], [1]), _tensor("INT8", [1], [1]))
    with pytest.raises(InvalidInput, match="tensors"):
        _read()


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b'{"inputs": {}}', b"[" * 100_000])
def test_what_is_no_request_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidInput, match="Open Inference Protocol"):
        read_infer_request(body)


def test_an_id_of_unbounded_length_is_refused() -> None:
    with pytest.raises(InvalidInput, match="128"):
        read_infer_request({"id": "x" * 129, "inputs": [_tensor("INT8", [1], [1])]})


@pytest.mark.parametrize("option", ["classification", "shared_memory_region", "sequence_id"])
def test_options_that_would_change_the_answer_are_refused_not_ignored(option: str) -> None:
    output = {"name": "probabilities", "parameters": {option: 3}}
    with pytest.raises(UnsupportedInput, match=option):
        read_infer_request({"inputs": [_tensor("INT8", [1], [1])], "outputs": [output]})


def test_an_output_asked_for_twice_is_refused() -> None:
    with pytest.raises(InvalidInput, match="twice"):
        read_infer_request({"inputs": [_tensor("INT8", [1], [1])], "outputs": [{"name": "a"}, {"name": "a"}]})


def test_limits_count_all_inputs_together() -> None:
    first, second = _tensor("INT8", [3], [1, 2, 3]), {**_tensor("INT8", [3], [1, 2, 3]), "name": "y"}
    with pytest.raises(InvalidInput, match="at most 2"):
        read_infer_request({"inputs": [first, second]}, most_elements=5)


def _binary(size: object, content: bytes, datatype: str = "FP32", shape: tuple[int, ...] = (1,)) -> tuple[bytes, int]:
    tensor = {"name": "x", "datatype": datatype, "shape": list(shape), "parameters": {"binary_data_size": size}}
    header = msgspec.json.encode({"inputs": [tensor]})
    return header + content, len(header)


def test_binary_tensors_are_read_little_endian() -> None:
    body, length = _binary(8, np.array([1.5, np.nan], "<f4").tobytes(), shape=(2,))
    x = read_infer_request(body, length).inputs["x"]
    assert x[0] == np.float32(1.5)
    assert np.isnan(x[1:].astype(np.float32)).all()
    text, length = _binary(9, b"\x02\x00\x00\x00\xff\x00\x00\x00\x00\x00"[:9], "BYTES", (2,))
    with pytest.raises(InvalidInput, match="elements"):
        read_infer_request(text, length)


@pytest.mark.parametrize(
    ("size", "content", "datatype"),
    [
        (3, b"abc", "FP32"),
        (4, b"abc", "FP32"),
        (-1, b"", "FP32"),
        (4, b"abcde", "FP32"),
        (True, b"a", "FP32"),
        ("4", b"abcd", "FP32"),
        (1, b"\x02", "BOOL"),
        (4, b"\x05\x00\x00\x00", "BYTES"),
        (3, b"\x05\x00\x00", "BYTES"),
        (6, b"\x01\x00\x00\x00ab", "BYTES"),
    ],
)
def test_binary_data_that_do_not_fit_are_refused(size: object, content: bytes, datatype: str) -> None:
    body, length = _binary(size, content, datatype)
    with pytest.raises(InvalidInput):
        read_infer_request(body, length)


@pytest.mark.parametrize("length", [0, -1, 10**6])
def test_a_header_length_beyond_the_body_is_refused(length: int) -> None:
    with pytest.raises(InvalidInput, match="Inference-Header-Content-Length"):
        read_infer_request(_binary(4, b"abcd")[0], length)


def test_which_outputs_are_wanted_in_binary_is_read() -> None:
    outputs = [{"name": "a", "parameters": {"binary_data": False}}, {"name": "b"}]
    document = {
        "inputs": [_tensor("INT8", [1], [1])],
        "outputs": outputs,
        "parameters": {"binary_data_output": True},
    }
    binary = read_infer_exchange(document).binary
    assert (binary.wants("a"), binary.wants("b"), binary.wants("c")) == (False, True, True)
    with pytest.raises(InvalidInput, match="true or false"):
        read_infer_exchange({**document, "parameters": {"binary_data_output": 1}})


def _prediction(outputs: Batch) -> Prediction:
    reason = Abstention("ambiguous", LocalizedText("Both remain possible.", "均不能排除。"))
    return Prediction("r", outputs, (None, reason), _PROVENANCE)


def test_abstentions_and_provenance_are_flat_parameters() -> None:
    outputs: Batch = {"p": np.array([[0.25], [np.nan]], np.float32), "d": np.array([1, -1])}
    response = read_infer_response(write_infer_response(_prediction(outputs)).content)
    assert (response.model_name, response.model_version, response.request_id) == ("s", "3", "r")
    parameters = response.parameters
    assert parameters["salus_abstention_1"] == "ambiguous"
    assert parameters["salus_abstention_1_message"] == "Both remain possible."
    assert parameters["salus_abstention_1_message_zh"] == "均不能排除。"
    assert "salus_abstention_0" not in parameters
    assert (parameters["salus_status"], parameters["salus_demonstration"]) == ("preliminary", True)
    assert response.outputs["d"].tolist() == [1, -1]


def test_outputs_wanted_in_binary_follow_the_json() -> None:
    outputs: Batch = {"p": np.array([[0.25], [np.nan]], np.float32), "d": np.array([True, False])}
    message = write_infer_response(_prediction(outputs), binary=BinaryOutputs(by_name={"p": True}))
    assert message.header_length is not None
    assert len(message.content) == message.header_length + 8
    response = read_infer_response(message.content, message.header_length)
    np.testing.assert_array_equal(response.outputs["p"], outputs["p"])
    assert response.outputs["d"].tolist() == [True, False]


def test_infinity_has_no_json_and_is_not_written_as_missing() -> None:
    with pytest.raises(ValueError, match="infinite"):
        write_infer_response(_prediction({"p": np.array([np.inf, 0], np.float32)}))


def test_an_array_that_the_protocol_cannot_name_is_refused() -> None:
    with pytest.raises(InvalidInput, match="complex"):
        write_infer_request(InferenceRequest({"x": np.zeros(1, np.complex64)}))


def test_the_server_names_its_extensions() -> None:
    assert write_server_metadata("1.0")["extensions"] == ["binary_tensor_data"]
