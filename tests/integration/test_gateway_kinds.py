"""Every kind of question over HTTP: `/api/v1`, FHIR and the Open Inference Protocol; answered by arithmetic."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
import pytest
from starlette.testclient import TestClient

from salus.client.client import Client
from salus.contracts.explanations import Explainer
from salus.contracts.packages import ModelPackage
from salus.explanation.choosing import make_explainer
from salus.gateway.service_views import HEADLINE
from salus.modelpackage.reading import read_calibration, read_reference
from salus.modelpackage.writing import write_package
from salus.serving.batching_pool import BatchingPool
from salus.serving.in_process_pool import InProcessPool
from salus.serving.metered_service import MeteredService
from salus.serving.packaged_service import PackagedService
from salus.testing.kinds import KINDS, Kind, KindPredictor, make_kind_draft

API = "/api/v1"
FHIR = "application/fhir+json"
_CONTENT = {
    "events": "events",
    "survival": "table",
    "treatment": "table",
    "regression": "table",
    "planning": "document",
}


def _explainer_of(package: ModelPackage) -> Explainer:
    return make_explainer(package.manifest.explainer, read_reference(package), package.manifest.task)


@pytest.fixture
def http(house: Any, tmp_path: Path) -> Iterator[TestClient]:
    for kind in KINDS:
        package = write_package(make_kind_draft(kind), tmp_path / "kinds" / kind, signer=None)
        service = PackagedService(
            name=kind,
            package=package,
            pool=BatchingPool(InProcessPool(KindPredictor(kind))),
            explainer=None if kind == "planning" else _explainer_of(package),
            calibration=read_calibration(package),
            backend="arithmetic",
            stage="candidate",
        )
        house.services.add(MeteredService(service, house.metrics))
    with TestClient(house.app(), headers={"x-api-key": house.key}) as client:
        yield client


def _predict(http: TestClient, kind: str, *samples: dict[str, Any]) -> Any:
    answer = http.post(f"{API}/services/{kind}/predictions", json={"samples": samples})
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("kind", KINDS)
def test_a_service_of_every_kind_is_described_with_an_example_that_can_be_sent(http: TestClient, kind: Kind) -> None:
    detail = http.get(f"{API}/services/{kind}").json()
    assert detail["content"] == _CONTENT[kind]
    assert detail["kind"] == ("classification" if kind == "events" else kind)
    assert detail["task"]["question"]["kind"] == detail["kind"]
    assert (detail["calibration"] is not None) == (kind == "events")
    assert {measure["name"] for measure in detail["headline"]} <= set(HEADLINE[detail["kind"]])
    (sample,) = _predict(http, kind, detail["example"]["inputs"])["samples"]
    assert sample["abstention"] is None


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_served_over_the_open_inference_protocol(http: TestClient, kind: Kind) -> None:
    example = http.get(f"{API}/services/{kind}/example.json").json()
    answer = http.post(f"/v2/models/{kind}/infer", json=example)
    assert answer.status_code == 200, answer.text
    outputs = {tensor["name"]: tensor for tensor in answer.json()["outputs"]}
    expected = make_kind_draft(kind).answer["outputs"]
    assert [outputs[tensor["name"]] for tensor in expected if tensor["name"] != "course"] == [
        tensor for tensor in expected if tensor["name"] != "course"
    ]


def test_stays_are_answered_with_their_course(http: TestClient) -> None:
    known = [{"time": hour, "variable": "HR", "value": 140.0} for hour in (1, 7)]
    view = _predict(http, "events", {"age": 50, "observations": known}, {"age": 50, "observations": known[:1]})
    alarmed, unknown = view["samples"]
    assert alarmed["decision"]["class"] == "alarmed"
    assert [point["time"] for point in alarmed["course"]] == [6.0, 12.0]
    assert (unknown["abstention"]["reason"], unknown["course"]) == ("too_little_known", None)


def test_rules_and_overlap_are_told_with_the_choice(http: TestClient) -> None:
    people = [{"age": age, "pregnant": pregnant} for age, pregnant in ((50, 0), (85, 0), (0.5, 1), (100, None))]
    view = _predict(http, "treatment", *people)
    assert [sample["choice"]["ranking"] for sample in view["samples"]] == [
        ["strong", "mild", "none"], ["mild", "none"], [], [],
    ]  # fmt: skip
    assert [sample["abstention"] and sample["abstention"]["reason"] for sample in view["samples"]] == [
        None, None, "contraindicated", "poor_overlap",
    ]  # fmt: skip
    old = {option["option"]: option for option in view["samples"][1]["choice"]["options"]}
    assert old["strong"]["outcome"] is None
    assert [rule["name"] for rule in old["strong"]["contraindications"]] == ["too_old"]
    assert view["samples"][3]["choice"]["options"][0]["propensity"] == pytest.approx(0.99)
    asked = {"age": [0.5], "pregnant": [1.0]}
    inputs = [{"name": n, "datatype": "FP32", "shape": [1], "data": values} for n, values in asked.items()]
    facts = http.post("/v2/models/treatment/infer", json={"inputs": inputs}).json()["parameters"]
    assert facts["salus_contraindications_0"] == "pregnancy pregnancy_mild infancy"


def test_a_plan_is_told_with_its_reckoning(http: TestClient) -> None:
    sample = {"instance": {"days": 7}, "previous": None, "time_limit_s": 5, "seed": 0}
    (answered,) = _predict(http, "planning", sample)["samples"]
    assert answered["plan"]["solution"] == '{"days":7}'
    assert (answered["plan"]["cost"], answered["plan"]["bound"]) == (12.0, 10.0)
    told = http.post(f"{API}/services/planning/explanations", json={"samples": [sample]}).json()
    assert told["samples"][0]["plan"]["cost"] == 12.0
    assert told["samples"][0]["explanation"] is None
    assert "solved again" in told["method"]


def test_a_choice_is_told_in_plain_words_in_both_languages(http: TestClient) -> None:
    body = {"samples": [{"age": 85, "pregnant": 0}, {"age": 50, "pregnant": 0}]}
    for language, words in (("en", "What is expected under each option"), ("zh", "各方案下的预期结局")):
        url = f"{API}/services/treatment/predictions?language={language}"
        answer = http.post(url, json=body, headers={"accept": "text/markdown"})
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/markdown")
        assert answer.headers["content-language"] == language
        assert answer.text.count(words) == 2
    url = f"{API}/services/treatment/predictions?language=fr"
    assert http.post(url, json=body, headers={"accept": "text/markdown"}).status_code == 400


@pytest.mark.parametrize(
    ("kind", "target"), [("events", "alarmed"), ("survival", None), ("treatment", "strong"), ("regression", None)]
)
def test_reasons_add_up_to_what_they_explain(http: TestClient, kind: str, target: str | None) -> None:
    example = http.get(f"{API}/services/{kind}").json()["example"]["inputs"]
    view = http.post(f"{API}/services/{kind}/explanations", json={"samples": [example]}).json()
    reasons = view["samples"][0]["explanation"]
    total = reasons["base"] + sum(part["amount"] for part in reasons["contributions"])
    assert total == pytest.approx(reasons["output"], abs=1e-4)
    assert reasons["target"] == target
    assert set(reasons["quantity"]) == {"en", "zh"}
    assert (reasons["strip"] is not None) == (kind == "events")
    assert (view["samples"][0]["course"] is not None) == (kind == "events")


def _bundle(*values: tuple[str, float, str, str]) -> dict[str, Any]:
    entries = [
        {
            "resource": {
                "resourceType": "Observation",
                "id": f"o{index}",
                "status": "final",
                "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
                "subject": {"reference": "Patient/p1"},
                "effectiveDateTime": time,
                "valueQuantity": {"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit},
            }
        }
        for index, (code, value, unit, time) in enumerate(values)
    ]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


_STAY = _bundle(
    ("30525-0", 61, "a", "2026-11-20T08:00:00+08:00"),
    ("8867-4", 140, "/min", "2026-11-20T08:00:00+08:00"),
    ("8867-4", 150, "/min", "2026-11-20T15:00:00+08:00"),
    ("9999-9", 1, "1", "2026-11-20T15:00:00+08:00"),
)


def test_a_bundle_of_observations_is_answered_as_json_with_what_was_not_used(http: TestClient) -> None:
    answer = http.post(f"{API}/services/events/predictions", json=_STAY, headers={"content-type": FHIR})
    assert answer.status_code == 200, answer.text
    (sample,) = answer.json()["samples"]
    assert sample["decision"]["class"] == "alarmed"
    assert any("1 observations" in warning["en"] for warning in sample["warnings"])


def test_a_bundle_is_answered_in_fhir_when_that_is_accepted(http: TestClient) -> None:
    headers = {"content-type": FHIR, "accept": FHIR}
    answer = http.post(f"{API}/services/events/predictions", json=_STAY, headers=headers)
    assert answer.headers["content-type"].startswith(FHIR)
    resource = answer.json()
    assert (resource["resourceType"], resource["status"]) == ("RiskAssessment", "preliminary")
    assert resource["subject"] == {"reference": "Patient/p1"}
    several = http.post(
        f"{API}/services/regression/predictions", json={"samples": [{"age": 50}, {"age": 60}]}, headers={"accept": FHIR}
    ).json()
    assert several["resourceType"] == "Bundle"
    assert [entry["resource"]["resourceType"] for entry in several["entry"]] == ["GuidanceResponse"] * 2


def test_an_error_is_told_in_fhir_to_those_who_speak_it(http: TestClient) -> None:
    headers = {"content-type": FHIR, "accept": FHIR}
    refused = http.post(f"{API}/services/events/predictions", json=_bundle(), headers=headers)
    assert refused.status_code == 400
    assert refused.json()["resourceType"] == "OperationOutcome"
    plan: dict[str, Any] = {"instance": {}, "previous": None, "time_limit_s": 5, "seed": 0}
    unknown = http.post(f"{API}/services/planning/predictions", json={"samples": [plan]}, headers={"accept": FHIR})
    assert (unknown.status_code, unknown.json()["resourceType"]) == (415, "OperationOutcome")


@pytest.mark.parametrize(
    ("kind", "sample"),
    [
        ("events", {"age": 50, "observations": [{"time": 1, "variable": "Temp", "value": 37}]}),
        ("events", {"age": 50, "observations": None}),
        ("planning", {"instance": 3, "previous": None, "time_limit_s": 5, "seed": 0}),
        ("planning", {"instance": {}, "previous": None, "time_limit_s": None, "seed": 0}),
        ("survival", {"age": []}),
    ],
)
def test_a_sample_of_another_form_is_refused(http: TestClient, kind: str, sample: dict[str, Any]) -> None:
    assert http.post(f"{API}/services/{kind}/predictions", json={"samples": [sample]}).status_code == 400


def test_the_client_reads_every_kind(http: TestClient) -> None:
    def carry(request: httpx2.Request) -> httpx2.Response:
        request.read()
        answer = http.request(
            request.method,
            request.url.path,
            content=request.content,
            headers={"content-type": request.headers.get("content-type", "")},
        )
        return httpx2.Response(answer.status_code, content=answer.content)

    with Client("http://gateway", transport=httpx2.MockTransport(carry)) as client:
        details = {kind: client.service(kind) for kind in KINDS}
        answers = {kind: client.predict(kind, samples=[details[kind].example_row]).samples[0] for kind in KINDS}
        stay = client.predict("events", bundle=_STAY).samples[0]
    assert stay.probability("alarmed") == pytest.approx(1.0, abs=1e-3)
    assert answers["events"].course is not None
    assert answers["survival"].survival is not None
    assert answers["survival"].survival.risk(60.0) is None
    assert answers["treatment"].choice is not None
    assert answers["treatment"].choice.option("strong").outcome == pytest.approx(32.5)
    assert answers["regression"].value is not None
    assert answers["planning"].plan is not None
    assert np.isclose(answers["planning"].plan.cost, 12.0)
