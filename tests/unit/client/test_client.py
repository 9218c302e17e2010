import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import numpy as np
import pytest

from salus.client.client import AsyncClient, Client
from salus.client.problems import find_error_types
from salus.client.results import Answer
from salus.contracts.errors import (
    DeadlineExceeded,
    InvalidInput,
    NotFound,
    Overloaded,
    SalusError,
    ServiceUnavailable,
)
from salus.standards.images import read_picture

_ANSWER = {
    "request_id": "r", "service": "s", "version": "1", "status": "preliminary", "threshold": 0.5,
    "threshold_rule": "youden", "operating_point": None, "method": None, "unknown_field_of_a_newer_gateway": 1,
    "samples": [
        {
            "decision": {"class": "ill", "title": {"en": "ill", "zh": "病"}},
            "probabilities": [
                {"class": "ill", "title": {"en": "ill", "zh": "病"}, "probability": 0.9, "interval": [0.8, 0.95]}
            ],
            "prediction_set": ["ill"], "abstention": None, "natural_frequency": {"count": 90, "of": 100},
        },
        {
            "decision": None, "probabilities": None, "prediction_set": None, "natural_frequency": None,
            "abstention": {"reason": "ambiguous", "message": {"en": "Both.", "zh": "两者。"}},
        },
    ],
    "provenance": {
        "service": "s", "package": "p", "version": "1", "digest": "d", "variant": "v", "backend": "b",
        "dataset_digest": "e", "demonstration": False, "reviewed": False, "answered_at": "2026-11-21T09:30:00+00:00",
    },
}  # fmt: skip
Handler = Callable[[httpx2.Request], httpx2.Response]


def _client(handler: Handler) -> Client:
    return Client("http://gateway", key="k", transport=httpx2.MockTransport(handler))


def _answering(seen: list[httpx2.Request]) -> Handler:
    def handle(request: httpx2.Request) -> httpx2.Response:
        request.read()
        seen.append(request)
        return httpx2.Response(200, json=_ANSWER)

    return handle


def _check(answer: Answer) -> None:
    first, second = answer.samples
    assert first.decision is not None
    assert first.decision.name == "ill"
    assert first.probability("ill") == 0.9
    assert second.abstention is not None
    assert (second.abstention.reason, second.probability("ill")) == ("ambiguous", None)
    with pytest.raises(KeyError):
        first.probability("well")


def test_rows_are_sent_as_json_with_the_key() -> None:
    seen: list[httpx2.Request] = []
    with _client(_answering(seen)) as client:
        _check(client.predict("a.b", samples=[{"x": 1.0, "y": None}], request_id="r-1"))
    (request,) = seen
    assert request.url.path == "/api/v1/services/a.b/predictions"
    assert request.headers["authorization"] == "Bearer k"
    assert json.loads(request.content) == {"samples": [{"x": 1.0, "y": None}], "request_id": "r-1"}


def test_pictures_are_sent_as_a_form_from_path_bytes_or_pixels(tmp_path: Path) -> None:
    seen: list[httpx2.Request] = []
    path = tmp_path / "a.png"
    path.write_bytes(b"from the path")
    pixels = np.full((2, 3), 7, np.uint8)
    with _client(_answering(seen)) as client:
        client.explain("s", image=[path, str(path), b"from bytes", pixels])
        client.explain("s", image=pixels)
    body = seen[0].content
    assert seen[0].url.path == "/api/v1/services/s/explanations"
    assert body.count(b'name="image"') == 4
    assert body.count(b"from the path") == 2
    assert b"from bytes" in body
    png = seen[1].content.partition(b"\r\n\r\n")[2].rpartition(b"\r\n--")[0]
    assert read_picture(png).pixels[:, :, 0].tolist() == pixels.tolist()


def test_observations_are_sent_as_a_bundle_from_path_bytes_or_values(tmp_path: Path) -> None:
    seen: list[httpx2.Request] = []
    bundle = {"resourceType": "Bundle", "type": "collection"}
    (tmp_path / "bundle.json").write_text(json.dumps(bundle))
    with _client(_answering(seen)) as client:
        client.predict("s", bundle=bundle)
        client.explain("s", bundle=json.dumps(bundle).encode())
        client.predict("s", bundle=tmp_path / "bundle.json")
    assert [json.loads(request.content) for request in seen] == [bundle] * 3
    assert {request.headers["content-type"] for request in seen} == {"application/fhir+json"}


def test_observations_and_documents_are_sent_as_they_are() -> None:
    seen: list[httpx2.Request] = []
    sample: dict[str, Any] = {"age": 61, "observations": [{"time": 1.5, "variable": "HR", "value": 80.0}]}
    with _client(_answering(seen)) as client:
        client.predict("s", samples=[sample])
    assert json.loads(seen[0].content) == {"samples": [sample]}


@pytest.mark.parametrize(
    "question",
    [
        {},
        {"image": b"x", "samples": []},
        {"samples": [], "bundle": b"{}"},
        {"bundle": Path("does/not/exist.json")},
        {"image": np.zeros((2, 2))},
        {"image": Path("does/not/exist.png")},
    ],
)
def test_a_question_that_cannot_be_sent_is_refused_before_it_is(question: dict[str, object]) -> None:
    def unreachable(request: httpx2.Request) -> httpx2.Response:
        raise AssertionError

    with _client(unreachable) as client, pytest.raises(InvalidInput):
        client.predict("s", **question)  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize(("code", "kind"), sorted(find_error_types().items()))
def test_every_error_of_the_gateway_is_raised_as_it_was(code: str, kind: type[SalusError]) -> None:
    problem = {"code": code, "expected": "a", "found": "b", "remedy": "c", "status": 400, "type": "t"}
    with _client(lambda request: httpx2.Response(400, json=problem)) as client, pytest.raises(SalusError) as caught:
        client.services()
    assert type(caught.value) is kind
    assert (caught.value.expected, caught.value.found, caught.value.remedy) == ("a", "b", "c")


@pytest.mark.parametrize(("status", "kind"), [(404, InvalidInput), (502, ServiceUnavailable)])
def test_an_error_of_something_else_is_read_by_its_status(status: int, kind: type[SalusError]) -> None:
    with _client(lambda request: httpx2.Response(status, text="proxy")) as client, pytest.raises(kind):
        client.services()


def test_an_unknown_code_is_read_by_its_status() -> None:
    problem = {"code": "body_too_large", "expected": "a", "found": "b", "remedy": "c"}
    with _client(lambda r: httpx2.Response(413, json=problem)) as client, pytest.raises(InvalidInput, match="found b"):
        client.services()


@pytest.mark.parametrize(
    ("error", "kind"), [(httpx2.ReadTimeout, DeadlineExceeded), (httpx2.ConnectError, ServiceUnavailable)]
)
async def test_a_gateway_that_does_not_answer_is_told(
    error: type[httpx2.TransportError], kind: type[SalusError]
) -> None:
    def fail(request: httpx2.Request) -> httpx2.Response:
        raise error("no answer")

    with _client(fail) as client, pytest.raises(kind):
        client.services()
    async with AsyncClient("http://gateway", transport=httpx2.MockTransport(fail)) as awaited:
        with pytest.raises(kind):
            await awaited.services()


def test_an_answer_of_another_form_is_no_answer() -> None:
    with _client(lambda request: httpx2.Response(200, text="<html>")) as client, pytest.raises(ServiceUnavailable):
        client.services()
    with _client(lambda request: httpx2.Response(200, json={})) as client, pytest.raises(ServiceUnavailable):
        client.predict("s", samples=[{}])


def test_a_name_cannot_leave_its_path() -> None:
    seen: list[httpx2.Request] = []

    def handle(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        problem = {"code": NotFound.code, "expected": "a", "found": "b", "remedy": "c"}
        return httpx2.Response(404, json=problem)

    with _client(handle) as client, pytest.raises(NotFound):
        client.service("../packages?x=1")
    assert seen[0].url.raw_path == b"/api/v1/services/..%2Fpackages%3Fx%3D1"


async def test_the_awaited_client_is_the_same() -> None:
    seen: list[httpx2.Request] = []
    transport = httpx2.MockTransport(_answering(seen))
    async with AsyncClient("http://gateway", key="k", transport=transport) as client:
        _check(await client.predict("s", samples=[{"x": 1}]))
        _check(await client.explain("s", image=b"picture"))
    assert [request.url.path.rpartition("/")[2] for request in seen] == ["predictions", "explanations"]
    assert all(request.headers["authorization"] == "Bearer k" for request in seen)


async def test_an_overloaded_gateway_is_told_to_the_awaited_client() -> None:
    problem = {"code": Overloaded.code, "expected": "a", "found": "b", "remedy": "c"}
    transport = httpx2.MockTransport(lambda request: httpx2.Response(429, json=problem))
    async with AsyncClient("http://gateway", transport=transport) as client:
        with pytest.raises(Overloaded):
            await client.service("s")


def test_results_are_frozen() -> None:
    answer = msgspec.convert(_ANSWER, Answer)
    with pytest.raises(AttributeError):
        answer.status = "final"  # type: ignore[misc]  # wrong on purpose
