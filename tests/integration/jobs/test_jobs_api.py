"""Jobs over REST."""

import json
import stat
import time
from typing import Any

import pytest
from starlette.testclient import TestClient

from salus.testing.one_machine import order_by_smith

from .conftest import TABLE, Planner, ask_plan, ask_rows
from .planning_gateway import KIT, SERVICE

JOBS = f"/api/v1/services/{SERVICE}/jobs"


def _until_ended(http: TestClient, job: str) -> dict[str, Any]:
    for _ in range(600):
        known: dict[str, Any] = http.get(f"/api/v1/jobs/{job}").json()
        if known["state"] not in {"queued", "running"}:
            return known
        time.sleep(0.05)
    raise AssertionError("the job does not end")


def _until_running(http: TestClient, job: str) -> dict[str, Any]:
    for _ in range(600):
        known: dict[str, Any] = http.get(f"/api/v1/jobs/{job}").json()
        if known["progress"]["cost"] is not None or known["state"] not in {"queued", "running"}:
            return known
        time.sleep(0.05)
    raise AssertionError("the job does not begin")


def test_a_plan_is_a_job_with_location_progress_and_a_result(planner: Planner) -> None:
    http = planner.open()
    taken = http.post(JOBS, json=ask_plan())
    assert taken.status_code == 202
    assert taken.json()["state"] == "queued"
    assert taken.headers["location"] == f"/api/v1/jobs/{taken.json()['id']}"
    job = _until_ended(http, taken.json()["id"])
    assert (job["state"], job["service"], job["error"]) == ("done", SERVICE, None)
    assert job["created_at"] <= job["started_at"] <= job["finished_at"] < job["expires_at"]
    best = order_by_smith(KIT.example())
    assert job["progress"]["cost"] == best
    assert job["progress"]["limit_s"] == 1.0
    assert [cost for _, cost in job["progress"]["history"]][-1] == best
    view = http.get(job["result_url"]).json()
    assert view["request_id"] == job["id"]
    (sample,) = view["samples"]
    assert sample["plan"]["cost"] == best
    assert sample["plan"]["charts"][0]["name"] == "machine"
    assert view["provenance"]["backend"] == "solver in a process of its own"


def test_a_batch_is_answered_as_predictions_answer_it(planner: Planner) -> None:
    http = planner.open()
    job = http.post(f"/api/v1/services/{TABLE}/jobs", json=ask_rows(150)).json()
    ended = _until_ended(http, job["id"])
    assert (ended["state"], ended["progress"]["done"], ended["progress"]["of"]) == ("done", 150, 150)
    result = http.get(ended["result_url"]).json()
    at_once = http.post(f"/api/v1/services/{TABLE}/predictions", json=ask_rows(2)).json()
    assert len(result["samples"]) == 150
    assert result["samples"][:2] == at_once["samples"]
    assert result["samples"][148:] == at_once["samples"]


def test_a_job_is_its_callers_own(planner: Planner) -> None:
    http = planner.open()
    job = http.post(JOBS, json=ask_plan()).json()["id"]
    other = {"authorization": f"Bearer {planner.bob}"}
    for method, path in (("GET", ""), ("GET", "/result"), ("GET", "/events"), ("POST", "/cancel")):
        answer = http.request(method, f"/api/v1/jobs/{job}{path}", headers=other)
        assert answer.status_code == 404, path
        assert answer.json()["code"] == "not_found"
    assert http.get("/api/v1/jobs", headers=other).json() == {"jobs": [], "cursor": None}
    assert http.get("/api/v1/jobs", headers={"authorization": "Bearer nobody"}).status_code == 401
    assert [each["id"] for each in http.get("/api/v1/jobs").json()["jobs"]] == [job]
    assert http.get(f"/api/v1/jobs?service={TABLE}").json()["jobs"] == []


def test_an_idempotency_key_gives_the_same_job_again_and_none_for_another_question(planner: Planner) -> None:
    http = planner.open()
    named = {"idempotency-key": "ward-7-roster"}
    first = http.post(JOBS, json=ask_plan(), headers=named).json()
    again = http.post(JOBS, json=ask_plan(), headers=named)
    assert (again.status_code, again.json()["id"]) == (202, first["id"])
    other = http.post(JOBS, json=ask_plan(seed=9), headers=named)
    assert (other.status_code, other.json()["code"]) == (409, "conflict")
    theirs = http.post(JOBS, json=ask_plan(), headers={**named, "authorization": f"Bearer {planner.bob}"})
    assert theirs.json()["id"] != first["id"]


def test_a_cancelled_plan_keeps_the_best_one_found_until_then(planner: Planner) -> None:
    http = planner.open(slow=True)
    job = http.post(JOBS, json=ask_plan(time_limit_s=600)).json()["id"]
    _until_running(http, job)
    assert http.post(f"/api/v1/jobs/{job}/cancel").status_code == 202
    ended = _until_ended(http, job)
    assert ended["state"] == "cancelled"
    assert http.get(ended["result_url"]).json()["samples"][0]["plan"]["cost"] >= order_by_smith(KIT.example())
    assert http.post(f"/api/v1/jobs/{job}/cancel").json()["state"] == "cancelled"


def test_a_job_that_waits_is_cancelled_at_once_and_has_no_result(planner: Planner) -> None:
    http = planner.open(slow=True)
    running = http.post(JOBS, json=ask_plan(time_limit_s=600)).json()["id"]
    waiting = http.post(JOBS, json=ask_plan(time_limit_s=600)).json()["id"]
    early = http.get(f"/api/v1/jobs/{waiting}/result")
    assert (early.status_code, early.json()["code"]) == (409, "conflict")
    assert http.post(f"/api/v1/jobs/{waiting}/cancel").json()["state"] == "cancelled"
    assert http.get(f"/api/v1/jobs/{waiting}/result").status_code == 409
    http.post(f"/api/v1/jobs/{running}/cancel")


def test_a_caller_may_have_so_many_open_jobs_and_no_more(planner: Planner) -> None:
    http = planner.open(slow=True)
    jobs = [http.post(JOBS, json=ask_plan(time_limit_s=600)).json()["id"] for _ in range(3)]
    refused = http.post(JOBS, json=ask_plan())
    assert (refused.status_code, refused.json()["code"]) == (429, "overloaded")
    for job in jobs:
        http.post(f"/api/v1/jobs/{job}/cancel")


def test_a_question_that_cannot_be_answered_fails_its_job_with_a_problem(planner: Planner) -> None:
    http = planner.open()
    body = ask_plan()
    body["samples"][0]["instance"] = "{}"
    ended = _until_ended(http, http.post(JOBS, json=body).json()["id"])
    assert (ended["state"], ended["result_url"]) == ("failed", None)
    assert (ended["error"]["code"], ended["error"]["status"]) == ("invalid_input", 400)
    refused = http.post(JOBS, json={"samples": [*ask_plan()["samples"], *ask_plan()["samples"]]})
    assert (refused.status_code, refused.json()["expected"]) == (400, "one plan in a job")


def test_a_short_plan_is_answered_at_once_and_a_long_one_is_pointed_to_jobs(planner: Planner) -> None:
    http = planner.open()
    answer = http.post(f"/api/v1/services/{SERVICE}/predictions", json=ask_plan(time_limit_s=2))
    assert answer.json()["samples"][0]["plan"]["cost"] == order_by_smith(KIT.example())
    refused = http.post(f"/api/v1/services/{SERVICE}/predictions", json=ask_plan(time_limit_s=60))
    assert refused.status_code == 400
    assert "/jobs" in refused.json()["remedy"]


def test_the_open_inference_protocol_plans_too(planner: Planner) -> None:
    http = planner.open()
    data = [("instance", "BYTES", KIT.example()), ("previous", "BYTES", ""), ("time_limit_s", "FP32", 1.0)]
    tensors = [{"name": n, "datatype": d, "shape": [1], "data": [v]} for n, d, v in [*data, ("seed", "INT64", 3)]]
    answer = http.post(f"/v2/models/{SERVICE}/infer", json={"inputs": tensors}).json()
    outputs = {each["name"]: each["data"] for each in answer["outputs"]}
    assert outputs["cost"] == [order_by_smith(KIT.example())]
    assert outputs["violations"] == [0]
    assert sorted(json.loads(outputs["solution"][0])) == [0, 1, 2, 3]


def _events(text: str) -> list[tuple[str, str, dict[str, Any]]]:
    blocks = [block.split("\n") for block in text.split("\n\n") if "data:" in block]
    fields = [dict(line.split(": ", 1) for line in block) for block in blocks]
    return [(each["id"], each["event"], json.loads(each["data"])) for each in fields]


def test_events_tell_each_change_once_and_end_with_the_job(planner: Planner) -> None:
    http = planner.open()
    job = http.post(JOBS, json=ask_plan()).json()["id"]
    answer = http.get(f"/api/v1/jobs/{job}/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = _events(answer.text)
    assert [kind for _, kind, _ in events[:-1]] == ["progress"] * (len(events) - 1)
    assert (events[-1][1], events[-1][2]["state"]) == ("done", "done")
    numbers = [int(number) for number, _, _ in events]
    assert numbers == sorted(set(numbers))
    again = http.get(f"/api/v1/jobs/{job}/events", headers={"last-event-id": events[-1][0]})
    assert _events(again.text) == []


def test_no_value_of_a_patient_is_in_progress_logs_or_open_files(
    planner: Planner, capsys: pytest.CaptureFixture[str]
) -> None:
    http = planner.open()
    body = ask_plan()
    body["samples"][0]["instance"] = json.dumps({"errands": [{"minutes": 31337.5, "weight": 1.0}]})
    job = http.post(JOBS, json=body).json()["id"]
    ended = _until_ended(http, job)
    assert "minutes" not in json.dumps(ended)
    printed = capsys.readouterr()
    assert "31337.5" not in printed.out + printed.err
    folder = planner.home / "records"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_figures_tell_of_jobs(planner: Planner) -> None:
    http = planner.open()
    _until_ended(http, http.post(JOBS, json=ask_plan()).json()["id"])
    figures = http.get("/metrics").text
    assert f'salus_jobs_ended_total{{service="{SERVICE}",state="done"}} 1.0' in figures
    assert f'salus_job_seconds_count{{service="{SERVICE}"}} 1.0' in figures


def test_a_document_that_is_no_page_is_refused(planner: Planner) -> None:
    http = planner.open()
    assert http.get("/api/v1/jobs?cursor=nonsense").status_code == 400
    assert http.get("/api/v1/jobs/nonsense").status_code == 404
    assert http.post("/api/v1/services/none/jobs", json=ask_plan()).status_code == 404


def test_the_description_has_every_route_with_an_example(planner: Planner) -> None:
    paths = planner.open().get("/api/v1/openapi.json").json()["paths"]
    described = {path: sorted(operations) for path, operations in paths.items() if "/jobs" in path}
    assert described == {
        "/api/v1/services/{name}/jobs": ["post"],
        "/api/v1/jobs": ["get"],
        "/api/v1/jobs/{job}": ["get"],
        "/api/v1/jobs/{job}/result": ["get"],
        "/api/v1/jobs/{job}/events": ["get"],
        "/api/v1/jobs/{job}/cancel": ["post"],
    }
