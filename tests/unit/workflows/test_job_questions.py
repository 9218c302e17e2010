from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from salus.contracts.batches import Array
from salus.contracts.errors import ServiceUnavailable
from salus.contracts.services import InferenceRequest
from salus.workflows.job_questions import JobQuestion, decode_question, encode_question

_KINDS = st.sampled_from(["float32", "float64", "int64", "uint8", "bool", "float16", ">f4"])
_PLAIN = _KINDS.flatmap(lambda kind: arrays.arrays(kind, arrays.array_shapes(max_dims=3, max_side=4)))


def _ragged(elements: list[Any]) -> Array:
    column = np.empty(len(elements), dtype=object)
    for index, element in enumerate(elements):
        column[index] = element
    return column


_COLUMNS = st.one_of(_PLAIN, st.lists(st.binary(max_size=9)).map(_ragged), st.lists(_PLAIN, max_size=3).map(_ragged))


def _same(one: Array, other: Array) -> bool:
    if one.dtype == object:
        pairs = list(zip(one, other, strict=True))
        return all(a == b if isinstance(a, bytes) else _same(a, b) for a, b in pairs)
    native = one.astype(one.dtype.newbyteorder("="))
    return native.dtype == other.dtype and native.shape == other.shape and native.tobytes() == other.tobytes()


@given(st.dictionaries(st.text(max_size=5), _COLUMNS, min_size=1, max_size=3), st.none() | st.text(max_size=5))
def test_a_question_comes_back_as_it_was_kept(inputs: dict[str, Array], request_id: str | None) -> None:
    question = JobQuestion(InferenceRequest(inputs, request_id, ("probabilities",)), b'["note"]')
    back = decode_question(encode_question(question))
    assert (back.request.request_id, back.request.outputs, back.notes) == (request_id, ("probabilities",), b'["note"]')
    assert set(back.request.inputs) == set(inputs)
    assert all(_same(inputs[name], back.request.inputs[name]) for name in inputs)


def test_equal_questions_are_equal_bytes() -> None:
    def ask() -> bytes:
        return encode_question(JobQuestion(InferenceRequest({"a": np.arange(3), "b": _ragged([b"x"])})))

    assert ask() == ask()


@pytest.mark.parametrize("content", [b"", b"\x80\x04pickle", msgspec.msgpack.encode({"inputs": {"a": 3}})])
def test_other_bytes_are_refused(content: bytes) -> None:
    with pytest.raises(ServiceUnavailable):
        decode_question(content)
