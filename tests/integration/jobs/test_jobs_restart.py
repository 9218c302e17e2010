"""A job outlives its gateway: killed without warning, or stopped in good order."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
import pytest

from salus.records.job_store import JobStore
from salus.records.settings import JobSettings
from salus.testing.one_machine import Errand, order_by_smith, write_errands

from .conftest import TABLE, Planner, ask_rows
from .planning_gateway import SERVICE

_PROGRAM = Path(__file__).with_name("planning_gateway.py")
_LIMIT_S = 12.0


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def _gateway(home: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    program = subprocess.Popen(
        [sys.executable, "-m", "tests.integration.jobs.planning_gateway", str(home), str(port), "0.3"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=_PROGRAM.parents[3],
    )
    try:
        assert program.stdout is not None
        assert program.stdout.readline().startswith("http://")
        yield program
    finally:
        program.kill()
        program.wait()
        if program.stdout is not None:
            program.stdout.close()


def _long_instance() -> str:
    rng = np.random.default_rng(0)
    return write_errands([Errand(float(rng.integers(1, 60)), float(rng.integers(1, 20))) for _ in range(60)])


def _solver_processes() -> set[int]:
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if b"salus.serving.solver_process" in (folder / "cmdline").read_bytes():
                found.add(int(folder.name))
        except OSError:
            continue  # it has ended meanwhile
    return found


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
def test_a_plan_goes_on_from_the_best_one_after_its_gateway_was_killed(planner: Planner) -> None:
    port, instance = _free_port(), _long_instance()
    before = _solver_processes()
    with httpx2.Client(
        base_url=f"http://127.0.0.1:{port}", headers={"authorization": f"Bearer {planner.alice}"}
    ) as http:
        with _gateway(planner.home, port) as program:
            sample = {"instance": instance, "previous": "", "time_limit_s": _LIMIT_S, "seed": 1}
            job = http.post(f"/api/v1/services/{SERVICE}/jobs", json={"samples": [sample]}).json()
            found = _wait(http, job["id"], lambda known: len(known["progress"]["history"]) >= 4)
            os.kill(program.pid, signal.SIGKILL)
            program.wait()
        assert found["state"] == "running"
        _until(lambda: _solver_processes() <= before)
        with _gateway(planner.home, port):
            ended = _wait(http, job["id"], lambda known: known["state"] not in {"queued", "running"})
            plan = http.get(ended["result_url"]).json()["samples"][0]["plan"]
    assert ended["state"] == "done"
    assert ended["started_at"] == found["started_at"]
    assert plan["cost"] <= found["progress"]["cost"]
    assert plan["cost"] >= order_by_smith(instance)
    history = ended["progress"]["history"]
    assert history[: len(found["progress"]["history"])] == found["progress"]["history"]
    assert [cost for _, cost in history] == sorted((cost for _, cost in history), reverse=True)
    assert ended["progress"]["elapsed_s"] < 2 * _LIMIT_S


def test_a_gateway_that_stops_hands_its_job_back_with_the_best_plan(planner: Planner) -> None:
    http = planner.open(slow=True)
    sample = {"instance": _long_instance(), "previous": "", "time_limit_s": 600, "seed": 1}
    job = http.post(f"/api/v1/services/{SERVICE}/jobs", json={"samples": [sample]}).json()["id"]
    found = _wait(http, job, lambda known: bool(known["progress"]["history"]))
    planner.stack.close()
    store = JobStore(f"sqlite:///{planner.home / 'records' / 'jobs.db'}", JobSettings())
    kept = store.get(job, "alice")
    store.close()
    assert kept.state == "queued"
    assert kept.progress.cost is not None
    assert kept.progress.cost <= found["progress"]["cost"]
    again = planner.open(slow=True)
    _wait(again, job, lambda known: known["progress"]["elapsed_s"] > kept.progress.elapsed_s)
    again.post(f"/api/v1/jobs/{job}/cancel")
    ended = _wait(again, job, lambda known: known["state"] == "cancelled")
    assert again.get(ended["result_url"]).json()["samples"][0]["plan"]["cost"] <= kept.progress.cost


def test_a_job_that_waited_is_done_by_the_next_gateway(planner: Planner) -> None:
    http = planner.open(slow=True)
    sample = {"instance": _long_instance(), "previous": "", "time_limit_s": 600, "seed": 1}
    first = http.post(f"/api/v1/services/{SERVICE}/jobs", json={"samples": [sample]}).json()["id"]
    second = http.post(f"/api/v1/services/{TABLE}/jobs", json=ask_rows(3)).json()["id"]
    http.post(f"/api/v1/jobs/{first}/cancel")
    planner.stack.close()
    again = planner.open()
    assert _wait(again, second, lambda known: known["state"] == "done")["progress"]["done"] == 3


def _wait(http: Any, job: str, fits: Any) -> dict[str, Any]:
    for _ in range(1200):
        known: dict[str, Any] = http.get(f"/api/v1/jobs/{job}").json()
        if fits(known):
            return known
        time.sleep(0.05)
    raise AssertionError(f"the job does not come there: {known['state']}")


def _until(fits: Any) -> None:
    for _ in range(400):
        if fits():
            return
        time.sleep(0.05)
    raise AssertionError("it does not come there")
