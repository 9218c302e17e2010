"""What the protocol's writer writes, its reader reads: `read(write(x)) == x`, in JSON and in binary."""

import msgspec
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from salus.contracts.batches import Array
from salus.contracts.errors import InvalidInput
from salus.contracts.services import InferenceRequest, Prediction, Provenance
from salus.contracts.tensors import NUMPY_NAMES
from salus.standards.open_inference import (
    BinaryOutputs,
    read_infer_exchange,
    read_infer_request,
    read_infer_response,
    write_infer_request,
    write_infer_response,
)

_SHAPES = npst.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=4)
_NAMES = st.text(min_size=1, max_size=8)


@st.composite
def _arrays(draw: st.DrawFn) -> Array:
    datatype = draw(st.sampled_from(sorted(NUMPY_NAMES)))
    shape = draw(_SHAPES)
    if datatype == "BYTES":
        texts = draw(st.lists(st.text(max_size=5), min_size=int(np.prod(shape)), max_size=int(np.prod(shape))))
        array = np.empty(len(texts), dtype=object)
        array[:] = [text.encode() for text in texts]
        return array.reshape(shape)
    dtype = np.dtype(NUMPY_NAMES[datatype])
    elements = npst.from_dtype(dtype, allow_infinity=False, allow_nan=True) if dtype.kind == "f" else None
    drawn: Array = draw(npst.arrays(dtype, shape, elements=elements))
    return drawn


_BATCHES = st.dictionaries(_NAMES, _arrays(), min_size=1, max_size=4)


def _assert_equal(found: Array, expected: Array) -> None:
    assert found.dtype == expected.dtype
    assert found.shape == expected.shape
    np.testing.assert_array_equal(found, expected)


@settings(max_examples=150, deadline=None)
@given(inputs=_BATCHES, request_id=st.none() | st.text(min_size=1, max_size=64), outputs=st.sets(_NAMES, max_size=3),
       binary=st.booleans())  # fmt: skip
def test_a_request_survives_the_wire(
    inputs: dict[str, Array], request_id: str | None, outputs: set[str], binary: bool
) -> None:
    request = InferenceRequest(inputs, request_id=request_id, outputs=tuple(sorted(outputs)))
    message = write_infer_request(request, binary=binary)
    exchange = read_infer_exchange(message.content, message.header_length)
    assert (exchange.request.request_id, exchange.request.outputs) == (request.request_id, request.outputs)
    assert exchange.binary.by_default is binary
    assert list(exchange.request.inputs) == list(inputs)
    for name, array in inputs.items():
        _assert_equal(exchange.request.inputs[name], array)


@settings(max_examples=100, deadline=None)
@given(outputs=_BATCHES, binary=st.sets(_NAMES, max_size=4), by_default=st.booleans())
def test_an_answer_survives_the_wire(outputs: dict[str, Array], binary: set[str], by_default: bool) -> None:
    provenance = Provenance(
        service="s", package="p", version="1", digest="", variant="", backend="", dataset_digest="",
        demonstration=False, reviewed=True, answered_at="",
    )  # fmt: skip
    chosen = BinaryOutputs(by_default, dict.fromkeys(binary, not by_default))
    message = write_infer_response(Prediction("id", outputs, (), provenance), binary=chosen)
    response = read_infer_response(message.content, message.header_length)
    assert response.parameters["salus_status"] == "final"
    for name, array in outputs.items():
        _assert_equal(response.outputs[name], array)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(datatype=st.sampled_from([*sorted(NUMPY_NAMES), "NONE"]), shape=st.lists(st.integers(-1, 3), max_size=3),
       data=_JSON)  # fmt: skip
def test_whatever_is_sent_is_read_or_refused_as_invalid(datatype: str, shape: list[int], data: object) -> None:
    document = {"inputs": [{"name": "x", "datatype": datatype, "shape": shape, "data": data}]}
    try:
        array = read_infer_request(document).inputs["x"]
    except InvalidInput:
        return
    assert array.shape == tuple(shape)


@settings(max_examples=200, deadline=None)
@given(content=st.binary(max_size=60), length=st.none() | st.integers(-2, 80), size=st.integers(-1, 20))
def test_no_bytes_crash_the_reader(content: bytes, length: int | None, size: int) -> None:
    tensor = {"name": "x", "datatype": "BYTES", "shape": [2], "parameters": {"binary_data_size": size}}
    header = msgspec.json.encode({"inputs": [tensor]})
    for body, header_length in ((content, length), (header + content, len(header))):
        try:
            read_infer_request(body, header_length)
        except InvalidInput:
            continue
