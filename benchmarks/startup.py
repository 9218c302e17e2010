"""How long a person waits for help, and a caller for the first answer: docs/performance/startup.md."""

from __future__ import annotations

import json
import os
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.machine import PAGES, describe_machine

ROUNDS = 5
SERVICE = "breast_cancer.malignancy"
_SALUS = (str(Path(sys.executable).with_name("salus")),)
_LONGEST_WAIT_S = 60.0


def main() -> None:
    """Measure, and write the page."""
    facts = describe_machine(("onnxruntime", "starlette", "typer"), command="python -m benchmarks startup")
    with TemporaryDirectory() as home:
        _run_salus(home, "build", "breast_cancer")
        _run_salus(home, "deploy", SERVICE, "--candidate")
        serving = "import sys, salus.bootstrap.running, salus.gateway.server; "
        serving += "assert not {'torch', 'sklearn', 'onnx', 'scipy'} & set(sys.modules)"
        rows = {
            "`python -c pass`, for comparison": _time(sys.executable, "-c", "pass"),
            "`salus --help`": _time(*_SALUS, "--help"),
            "import of the serving side": _time(sys.executable, "-c", serving),
            f"`salus serve` to the first answer of `{SERVICE}`": _median(lambda: _time_first_answer(home)),
        }
    page = [
        "# Start",
        "",
        f"Medians of {ROUNDS} new processes, in seconds, after one that is not counted.",
        facts,
        "",
        "| what | seconds |",
        "|---|--:|",
        *(f"| {name} | {seconds:.2f} |" for name, seconds in rows.items()),
        "",
        "The first answer includes the verification of the package, its self-test, and one prediction over HTTP. The",
        "serving side loads neither PyTorch nor scikit-learn, which this measurement checks as well.",
        "",
    ]
    (PAGES / "startup.md").write_text("\n".join(page), encoding="utf-8")


def _median(measure: Callable[[], float]) -> float:
    times = [measure() for _ in range(ROUNDS + 1)]
    print("  " + ", ".join(f"{seconds:.2f}" for seconds in times), flush=True)
    return statistics.median(times[1:])


def _time(*command: str) -> float:
    def once() -> float:
        began = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - began

    return _median(once)


def _environment(home: str, **more: str) -> dict[str, str]:
    return {**os.environ, "SALUS_HOME": home, **more}


def _run_salus(home: str, *arguments: str) -> None:
    subprocess.run((*_SALUS, *arguments), check=True, env=_environment(home), stdout=subprocess.DEVNULL)


def _time_first_answer(home: str) -> float:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    address = f"http://127.0.0.1:{port}"
    began = time.perf_counter()
    server = subprocess.Popen(
        (*_SALUS, "serve"),
        env=_environment(home, SALUS_GATEWAY__PORT=port),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        example = json.loads(_fetch(server, f"{address}/api/v1/services/{SERVICE}/example.json"))
        key = (Path(home) / "keys" / "development.key").read_text(encoding="utf-8").strip()
        _fetch(server, f"{address}/v2/models/{SERVICE}/infer", body=json.dumps(example).encode(), key=key)
        return time.perf_counter() - began
    finally:
        server.terminate()
        server.wait(timeout=_LONGEST_WAIT_S)


def _fetch(server: subprocess.Popen[bytes], url: str, *, body: bytes | None = None, key: str = "") -> bytes:
    """The answer, asked for again until the server listens."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"} if key else {}
    request = urllib.request.Request(url, data=body, headers=headers)  # noqa: S310 - an address of this program
    until = time.monotonic() + _LONGEST_WAIT_S
    while True:
        try:
            with urllib.request.urlopen(request) as reply:  # noqa: S310 - as above
                content: bytes = reply.read()
                return content
        except urllib.error.HTTPError:
            raise
        except urllib.error.URLError:
            if server.poll() is not None or time.monotonic() > until:
                raise
            time.sleep(0.005)
