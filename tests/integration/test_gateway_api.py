"""`/api/v1` in process: real packages, real engine, real explainers."""

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx2
import numpy as np
import pytest
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from salus.contracts.errors import ServiceUnavailable
from salus.gateway.app import create_app
from salus.gateway.settings import GatewaySettings
from salus.standards.images import read_picture, write_png

TABLE, PICTURES = "specimen.larger", "specimen.bright"
API = "/api/v1"
WHITE = write_png(np.full((9, 7, 1), 255, np.uint8))
BLACK = write_png(np.zeros((5, 5, 3), np.uint8))


@pytest.fixture
def http(house: Any) -> Iterator[TestClient]:
    with TestClient(house.app(), headers={"x-api-key": house.key}) as client:
        yield client


def test_services_are_listed_with_their_headline(http: TestClient) -> None:
    services = http.get(f"{API}/services").json()["services"]
    assert [(each["name"], each["content"]) for each in services] == [(PICTURES, "image"), (TABLE, "table")]
    table = services[1]
    assert [measure["name"] for measure in table["headline"]] == ["auroc", "sensitivity", "specificity"]
    assert (table["headline_part"], table["ready"], table["demonstration"]) == ("validation", True, True)
    assert set(table["title"]) == {"en", "zh"}


def test_a_service_is_described_with_an_example_that_can_be_sent(http: TestClient) -> None:
    detail = http.get(f"{API}/services/{TABLE}").json()
    assert detail["task"]["question"]["classes"][1]["name"] == "a_larger"
    assert detail["calibration"] == {"temperature": 1.0, "threshold": 0.5, "threshold_rule": "youden", "coverage": 0.9}
    assert detail["quality"]["findings"]
    answer = http.post(f"{API}/services/{TABLE}/predictions", json={"samples": [detail["example"]["inputs"]]})
    assert answer.status_code == 200
    pictures = http.get(f"{API}/services/{PICTURES}").json()
    png = http.get(pictures["example"]["image_url"])
    assert png.headers["content-type"] == "image/png"
    assert read_picture(png.content).pixels.shape == (8, 16, 1)
    sent = http.post(f"{API}/services/{PICTURES}/predictions", files={"image": png.content})
    assert sent.status_code == 200


@pytest.mark.parametrize(("language", "word"), [("en", "second"), ("zh", "数")])
def test_the_card_is_read_in_both_languages(http: TestClient, language: str, word: str) -> None:
    card = http.get(f"{API}/services/{TABLE}/card", params={"language": language})
    assert card.headers["content-type"] == "text/markdown; charset=utf-8"
    assert word in card.text
    assert http.get(f"{API}/services/{TABLE}/card?language=xx").status_code == 400


def test_a_table_is_answered_in_full(http: TestClient) -> None:
    body = {"samples": [{"a": 1, "b": 0.0}, {"a": 0.5, "b": 0.5}, {"a": None, "b": 0.1}], "request_id": "ward-7"}
    view = http.post(f"{API}/services/{TABLE}/predictions", json=body).json()
    assert (view["request_id"], view["service"], view["status"]) == ("ward-7", TABLE, "preliminary")
    assert (view["threshold"], view["threshold_rule"]) == (0.5, "youden")
    assert view["operating_point"]["part"] == "validation"
    assert view["operating_point"]["sensitivity"]["interval"]
    called, ambiguous, missing = view["samples"]
    assert called["decision"]["class"] == "a_larger"
    assert called["natural_frequency"] == {"count": 100, "of": 100}
    assert called["prediction_set"] == ["a_larger"]
    assert called["probabilities"][1]["probability"] == pytest.approx(1 / (1 + np.exp(-10)))
    assert (ambiguous["abstention"]["reason"], ambiguous["probabilities"]) == ("ambiguous", None)
    assert missing["abstention"]["reason"] == "missing_value"
    assert view["provenance"]["reviewed"] is False
    assert view["method"] is None


def test_a_tables_explanation_sums_to_its_output(http: TestClient) -> None:
    body = {"samples": [{"a": 0.9, "b": 0.1}, {"a": None, "b": 0.1}]}
    view = http.post(f"{API}/services/{TABLE}/explanations", json=body).json()
    explained, missing = view["samples"]
    assert missing["explanation"] is None
    reasons = explained["explanation"]
    total = reasons["base"] + sum(part["amount"] for part in reasons["contributions"])
    assert total == pytest.approx(reasons["output"], abs=1e-4)
    assert reasons["target"] == "a_larger"
    assert {part["title"]["en"] for part in reasons["contributions"]} == {"first number", "second number"}
    assert view["method"]


def test_pictures_of_different_sizes_are_explained_in_their_order(http: TestClient) -> None:
    files = [("image", ("white.png", WHITE)), ("image", ("black.png", BLACK))]
    view = http.post(f"{API}/services/{PICTURES}/explanations", files=files).json()
    assert [sample["decision"]["class"] for sample in view["samples"]] == ["a_larger", "b_larger"]
    white = view["samples"][0]
    assert (white["image"]["width"], white["image"]["height"]) == (7, 9)
    assert white["image"]["png"].startswith("data:image/png;base64,")
    heatmap = white["explanation"]["heatmap"]
    assert (heatmap["height"], heatmap["width"]) == (9, 7)
    assert np.array(heatmap["values"]).min() == 1.0
    assert np.array(view["samples"][1]["explanation"]["heatmap"]["values"]).max() == 0.0


@pytest.mark.parametrize(
    ("service", "content", "status"),
    [
        (TABLE, {"json": {"samples": []}}, 400),
        (TABLE, {"json": {"samples": [{"a": 1}]}}, 400),
        (TABLE, {"json": {"samples": [{"a": 1, "b": 0, "c": 0}]}}, 400),
        (TABLE, {"json": {"samples": [{"a": False, "b": 0}]}}, 400),
        (TABLE, {"json": {"samples": [{"a": 1, "b": 0}], "more": 1}}, 400),
        (TABLE, {"json": {"samples": [{"a": 1, "b": 0}], "request_id": ""}}, 400),
        (TABLE, {"json": {"samples": [{"a": 1, "b": 0}] * 65}}, 400),
        (TABLE, {"content": b"{", "headers": {"content-type": "application/json"}}, 400),
        (TABLE, {"files": {"image": WHITE}}, 415),
        (PICTURES, {"json": {"samples": []}}, 415),
        (PICTURES, {"files": {"picture": WHITE}}, 400),
        (PICTURES, {"files": {"image": b"no picture"}}, 400),
        (PICTURES, {"files": {"image": WHITE[:-40]}}, 400),
        (PICTURES, {"content": b"x", "headers": {"content-type": "multipart/form-data"}}, 400),
        (PICTURES, {"content": b"x", "headers": {"content-type": "multipart/form-data; boundary=b"}}, 400),
        ("nobody", {"json": {}}, 404),
    ],
)
def test_what_does_not_fit_is_refused_with_a_problem(
    http: TestClient, service: str, content: dict[str, Any], status: int
) -> None:
    for noun in ("predictions", "explanations"):
        refused = http.post(f"{API}/services/{service}/{noun}", **content)
        assert refused.status_code == status
        problem = refused.json()
        assert refused.headers["content-type"] == "application/problem+json"
        assert problem["status"] == status
        assert problem["expected"]
        assert problem["found"]
        assert problem["remedy"]
        assert problem["request_id"] == refused.headers["x-request-id"]


def test_answers_need_a_key_and_the_catalogue_does_not(house: Any) -> None:
    stranger = TestClient(house.app())
    assert stranger.get(f"{API}/services").status_code == 200
    assert stranger.get("/metrics").status_code == 200
    for method, path in (
        ("POST", f"{API}/services/{TABLE}/predictions"),
        ("POST", f"{API}/services/{TABLE}/explanations"),
        ("GET", f"{API}/packages"),
        ("POST", f"/v2/models/{TABLE}/infer"),
    ):
        refused = stranger.request(method, path)
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"].startswith("Bearer")


def test_a_closed_catalogue_needs_a_key_but_health_stays_open(house: Any) -> None:
    stranger = TestClient(house.app(GatewaySettings(port=0, public_catalogue=False)))
    for path in (f"{API}/services", f"{API}/services/{TABLE}", "/metrics", "/v2", f"{API}/openapi.json"):
        assert stranger.get(path).status_code == 401
    assert stranger.get(f"{API}/health").status_code == 200
    assert stranger.get("/v2/health/ready").status_code == 200
    assert stranger.get(f"{API}/services", headers={"authorization": f"bearer {house.key}"}).status_code == 200


def test_a_key_without_the_role_is_forbidden(house: Any) -> None:
    key = house.keys.issue("approver", roles={"approver"})
    refused = TestClient(house.app(), headers={"x-api-key": key}).post(f"{API}/services/{TABLE}/predictions")
    assert refused.status_code == 403


def test_packages_are_read_from_the_registry(http: TestClient) -> None:
    records = http.get(f"{API}/packages").json()["packages"]
    assert {record["name"] for record in records} == {TABLE, PICTURES}
    assert http.get(f"{API}/packages/{TABLE}/1").json()["stage"] == "candidate"
    assert http.get(f"{API}/packages/{TABLE}/9").status_code == 404


def test_health_and_metrics(http: TestClient) -> None:
    health = http.get(f"{API}/health").json()
    assert health["status"] == "ready"
    assert {service["name"] for service in health["services"]} == {TABLE, PICTURES}
    http.post(f"{API}/services/{TABLE}/predictions", json={"samples": [{"a": 1, "b": 0}]})
    metrics = http.get("/metrics")
    assert metrics.headers["content-type"].startswith("text/plain")
    assert f'salus_requests_total{{call="predict",service="{TABLE}"}} 1.0' in metrics.text


def test_a_closing_gateway_is_not_ready(house: Any) -> None:
    client = TestClient(house.app(), headers={"x-api-key": house.key})
    asyncio.run(house.services.close())
    assert client.get(f"{API}/health").status_code == 503
    assert client.get("/v2/health/ready").status_code == 400
    assert client.get(f"/v2/models/{TABLE}/ready").status_code == 400
    refused = client.post(f"{API}/services/{TABLE}/predictions", json={"samples": [{"a": 1, "b": 0}]})
    assert refused.status_code == 503
    assert refused.json()["code"] == ServiceUnavailable.code


def test_a_body_beyond_the_limit_is_refused_stated_or_streamed(house: Any) -> None:
    settings = GatewaySettings(port=0, max_body_bytes=1000)
    client = TestClient(house.app(settings), headers={"x-api-key": house.key, "content-type": "application/json"})

    def stream() -> Iterator[bytes]:
        yield from [b" " * 400] * 5

    for content in (b" " * 1001, stream()):
        refused = client.post(f"{API}/services/{TABLE}/predictions", content=content)
        assert refused.status_code == 413
        assert refused.json()["code"] == "body_too_large"


def test_unknown_paths_and_methods_are_told_in_the_paths_own_form(http: TestClient) -> None:
    missing = http.get(f"{API}/nothing")
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")
    wrong = http.delete(f"{API}/services")
    assert wrong.status_code == 405
    assert "GET" in wrong.headers["allow"]
    assert "error" in http.get("/v2/nothing").json()
    assert "error" in http.get(f"/v2/models/{TABLE}/infer").json()


def test_every_answer_carries_its_id_and_security_headers(http: TestClient) -> None:
    named = http.get(f"{API}/services", headers={"x-request-id": "trace-1"})
    assert named.headers["x-request-id"] == "trace-1"
    assert named.headers["x-content-type-options"] == "nosniff"
    assert named.headers["cache-control"] == "no-store"
    assert "default-src 'self'" in named.headers["content-security-policy"]
    assert "access-control-allow-origin" not in http.get(f"{API}/services", headers={"origin": "http://x"}).headers
    forged = http.get(f"{API}/services", headers={"x-request-id": "a b\tc"})
    assert forged.headers["x-request-id"] != "a b\tc"


def test_the_console_takes_what_no_route_takes(house: Any) -> None:
    app = create_app(
        services=house.services,
        keys=house.keys,
        registry=house.registry,
        settings=GatewaySettings(port=0),
        metrics=house.metrics,
        version="0.1.0",
        console=PlainTextResponse("console"),
    )
    assert TestClient(app).get("/").text == "console"
    assert TestClient(app).get(f"{API}/health").json()["version"] == "0.1.0"


def test_served_over_both_protocols_equals(http: TestClient) -> None:
    rest = http.post(f"{API}/services/{TABLE}/predictions", json={"samples": [{"a": 0.9, "b": 0.1}]}).json()
    tensors = [{"name": n, "datatype": "FP32", "shape": [1], "data": [v]} for n, v in (("a", 0.9), ("b", 0.1))]
    response: httpx2.Response = http.post(f"/v2/models/{TABLE}/versions/1/infer", json={"inputs": tensors})
    outputs = {tensor["name"]: tensor["data"] for tensor in response.json()["outputs"]}
    assert outputs["probabilities"][1] == rest["samples"][0]["probabilities"][1]["probability"]


def test_a_header_length_that_is_no_number_is_refused(http: TestClient) -> None:
    refused = http.post(f"/v2/models/{TABLE}/infer", content=b"{}", headers={"inference-header-content-length": "-1"})
    assert refused.status_code == 400
