"""The unmodified `tritonclient.http` against a gateway that really listens."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
import pytest
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException

TABLE, PICTURES = "specimen.larger", "specimen.bright"


@pytest.fixture
def client(listening: Callable[..., AbstractContextManager[str]]) -> Iterator[Any]:
    with listening() as address, triton.InferenceServerClient(address.removeprefix("http://")) as connected:
        yield connected


@pytest.fixture
def headers(house: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {house.key}"}


def _inputs(*, binary: bool) -> list[Any]:
    tensors = []
    for name, values in (("a", [1.0, 0.5]), ("b", [0.0, 0.5])):
        tensor = triton.InferInput(name, [2], "FP32")
        tensor.set_data_from_numpy(np.array(values, np.float32), binary_data=binary)
        tensors.append(tensor)
    return tensors


def test_health_and_metadata_are_read(client: Any) -> None:
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready(TABLE)
    assert client.is_model_ready(TABLE, "1")
    assert not client.is_model_ready(TABLE, "9")
    assert client.get_server_metadata()["extensions"] == ["binary_tensor_data"]
    metadata = client.get_model_metadata(TABLE)
    assert [tensor["name"] for tensor in metadata["inputs"]] == ["a", "b"]
    assert metadata["versions"] == ["1"]


@pytest.mark.parametrize("binary_in", [True, False])
@pytest.mark.parametrize("binary_out", [True, False])
def test_tables_are_answered_in_json_and_binary(
    client: Any, headers: dict[str, str], binary_in: bool, binary_out: bool
) -> None:
    outputs = [triton.InferRequestedOutput(name, binary_data=binary_out) for name in ("probabilities", "decision")]
    answer = client.infer(TABLE, _inputs(binary=binary_in), outputs=outputs, headers=headers, request_id="r-7")
    probabilities = answer.as_numpy("probabilities")
    assert probabilities[0, 1] == pytest.approx(1 / (1 + np.exp(-10)), abs=1e-6)
    assert np.isnan(probabilities[1]).all()
    assert answer.as_numpy("decision").tolist() == [1, -1]
    response = answer.get_response()
    assert response["id"] == "r-7"
    assert response["parameters"]["salus_abstention_1"] == "ambiguous"
    assert "salus_abstention_0" not in response["parameters"]
    assert response["parameters"]["salus_demonstration"] is True


def test_the_default_binary_form_and_all_outputs(client: Any, headers: dict[str, str]) -> None:
    answer = client.infer(TABLE, _inputs(binary=True), headers=headers)
    assert answer.as_numpy("prediction_set").dtype == np.bool_
    assert answer.as_numpy("logits").shape == (2, 2)


def test_pictures_are_answered_with_their_evidence_when_it_is_asked_for(client: Any, headers: dict[str, str]) -> None:
    tensor = triton.InferInput("image", [2, 6, 5, 1], "UINT8")
    tensor.set_data_from_numpy(np.concatenate([np.zeros((1, 6, 5, 1)), np.full((1, 6, 5, 1), 255)]).astype(np.uint8))
    asked = [triton.InferRequestedOutput(name) for name in ("decision", "evidence")]
    answer = client.infer(PICTURES, [tensor], outputs=asked, headers=headers)
    assert answer.as_numpy("decision").tolist() == [0, 1]
    assert answer.as_numpy("evidence").shape == (2, 2, 6, 5)


def test_asynchronous_requests_are_answered(client: Any, headers: dict[str, str]) -> None:
    asked = [client.async_infer(TABLE, _inputs(binary=True), headers=headers) for _ in range(8)]
    assert all(each.get_result().as_numpy("decision").tolist() == [1, -1] for each in asked)


def test_errors_come_as_the_client_expects_them(client: Any, headers: dict[str, str]) -> None:
    with pytest.raises(InferenceServerException, match=r"\[401\].*a key"):
        client.infer(TABLE, _inputs(binary=True))
    with pytest.raises(InferenceServerException, match="deployed service"):
        client.infer("nobody", _inputs(binary=True), headers=headers)
    with pytest.raises(InferenceServerException, match="none for b"):
        client.infer(TABLE, _inputs(binary=True)[:1], headers=headers)
    with pytest.raises(InferenceServerException, match="without compression"):
        client.infer(TABLE, _inputs(binary=True), headers=headers, request_compression_algorithm="gzip")
