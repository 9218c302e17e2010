from typing import Any

import numpy as np
import pytest
from starlette.requests import Request

from salus.contracts.errors import InvalidInput, UnsupportedInput
from salus.contracts.tensors import Datatype, Signature, TensorSpec
from salus.contracts.text import LocalizedText
from salus.gateway.questions import read_question


def _request(body: bytes) -> Request:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    headers = [(b"content-type", b"application/json; charset=utf-8")]
    return Request({"type": "http", "method": "POST", "headers": headers, "state": {"request_id": "r-1"}}, receive)


def _signature(datatype: Datatype) -> Signature:
    spec = TensorSpec(
        name="x", datatype=datatype, shape=(-1,), title=LocalizedText("x", "变量"), content="scalar", missing="model"
    )
    return Signature((spec,), (spec,))


@pytest.mark.parametrize("datatype", ["FP32", "FP64", "INT64", "UINT8", "BOOL"])
async def test_rows_become_columns_of_the_signatures_datatype(datatype: Datatype) -> None:
    question = await read_question(_request(b'{"samples": [{"x": 1}, {"x": 0}]}'), _signature(datatype), max_samples=5)
    x = question.request.inputs["x"]
    assert x.tolist() == [1, 0]
    assert x.dtype.name == {"FP32": "float32", "FP64": "float64"}.get(datatype, datatype.lower())
    assert question.request.request_id == "r-1"
    assert question.pictures == ()


async def test_null_is_nan() -> None:
    question = await read_question(_request(b'{"samples": [{"x": null}]}'), _signature("FP32"), max_samples=5)
    assert np.isnan(question.request.inputs["x"].astype(np.float32)).all()


@pytest.mark.parametrize(
    ("datatype", "value"),
    [("INT64", "null"), ("INT64", "0.5"), ("UINT8", "256"), ("UINT8", "-1"), ("BOOL", "2"), ("INT64", "9.3e18")],
)
async def test_what_a_whole_number_cannot_hold_is_refused(datatype: Datatype, value: str) -> None:
    body = f'{{"samples": [{{"x": {value}}}]}}'.encode()
    with pytest.raises(InvalidInput, match=datatype):
        await read_question(_request(body), _signature(datatype), max_samples=5)


async def test_text_inputs_are_for_the_other_protocol() -> None:
    with pytest.raises(UnsupportedInput, match="/v2"):
        await read_question(_request(b'{"samples": [{"x": 1}]}'), _signature("BYTES"), max_samples=5)
