"""`salus jobs`, on a home folder of its own."""

import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from salus.bootstrap.house import House
from salus.bootstrap.jobs import open_jobs
from salus.contracts.jobs import Job, JobProgress
from salus.records.job_leases import JobLeases

Salus = Callable[..., Any]


@pytest.fixture
def done(house: House) -> Job:
    store = open_jobs(house)
    job = store.submit("wards.roster", "ward-7", b"question")
    leases = JobLeases(store, "w")
    leases.claim()
    leases.finish(job.id, b'{"samples": []}', JobProgress(elapsed_s=12.0, cost=7.0))
    store.close()
    return job


def test_jobs_are_listed_and_shown(salus: Salus, done: Job) -> None:
    listed = salus("jobs", "list")
    assert (listed.code, done.id in listed.out, "ward-7" in listed.out) == (0, True, True)
    (job,) = json.loads(salus("jobs", "list", "--json").out)["jobs"]
    assert (job["id"], job["state"]) == (done.id, "done")
    shown = salus("jobs", "show", done.id)
    assert "cost of the best plan" in shown.out
    assert json.loads(salus("jobs", "show", done.id, "--json").out)["progress"]["cost"] == 7.0
    assert salus("jobs", "show", "none").code == 16


def test_a_result_is_written_to_a_private_file_and_over_none(salus: Salus, done: Job, tmp_path: Path) -> None:
    out = tmp_path / "answer.json"
    assert salus("jobs", "result", done.id, "--out", out).code == 0
    assert out.read_bytes() == b'{"samples": []}'
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert salus("jobs", "result", done.id, "--out", out).code == 17
    assert salus("jobs", "result", done.id, "--out", out, "--overwrite").code == 0


def test_a_job_that_waits_is_cancelled(salus: Salus, house: House) -> None:
    store = open_jobs(house)
    job = store.submit("wards.roster", "ward-7", b"question")
    store.close()
    assert json.loads(salus("jobs", "cancel", job.id, "--json").out)["state"] == "cancelled"
    refused = salus("jobs", "result", job.id, "--out", "answer.json")
    assert (refused.code, "cancelled" in refused.err) == (17, True)
