"""One Salus for all pages: a home folder with a package that is built and deployed, a running gateway, and data."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
_START_TIMEOUT_S = 120
_PRINTED = re.compile(r"Salus serves at\s+(http://\S+).*?Development key\s+(\S+)", re.DOTALL)


@dataclass(frozen=True)
class Installation:
    """Where the pages' blocks are run.

    Attributes:
        address: Of the gateway: `http://127.0.0.1:…`.
        key: May ask.
        environment: For subprocesses.
        material: Files that blocks name, copied into each page's folder.
    """

    address: str
    key: str
    environment: dict[str, str]
    material: Path

    def adapt(self, text: str) -> str:
        """`text` with this installation's address and key for the ones that the pages print."""
        text = text.replace("127.0.0.1:8080", self.address.removeprefix("http://"))
        return re.sub(r"\bKEY\b", self.key, text)

    def prepare(self, folder: Path) -> None:
        """Put the material into a page's folder."""
        shutil.copytree(self.material, folder, dirs_exist_ok=True)


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("docs")
    home, material = folder / "home", folder / "material"
    material.mkdir()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("SALUS_", "COV_"))}
    environment |= {
        "SALUS_HOME": str(home),
        "SALUS_DATA__OFFLINE": "true",
        "SALUS_GATEWAY__PORT": "0",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    _salus(environment, "build", "breast_cancer", "--seed", "1")
    _salus(environment, "deploy", "breast_cancer.malignancy", "--candidate")
    package = home / "packages" / "breast_cancer.malignancy" / "1"
    for name in ("manifest.json", "signature.json"):
        shutil.copy(package / name, material / name)
    _write_table(material / "my-table.csv")
    shutil.copy(material / "my-table.csv", material / "table.csv")
    log = folder / "serve.log"
    with log.open("w") as output:
        server = subprocess.Popen(["salus", "serve"], env=environment, stdout=output, stderr=subprocess.STDOUT)
    try:
        address, key = _wait_for_address(server, log)
        yield Installation(address, key, environment, material)
    finally:
        server.terminate()
        server.wait(timeout=60)


def _salus(environment: dict[str, str], *words: str) -> None:
    done = subprocess.run(["salus", *words], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def _wait_for_address(server: subprocess.Popen[bytes], log: Path) -> tuple[str, str]:
    until = time.monotonic() + _START_TIMEOUT_S
    while time.monotonic() < until and server.poll() is None:
        printed = _PRINTED.search(log.read_text(encoding="utf-8"))
        if printed:
            return printed[1], printed[2]
        time.sleep(0.05)
    raise AssertionError(f"the gateway did not start:\n{log.read_text(encoding='utf-8')}")


def _write_table(path: Path) -> None:
    """Forty labelled rows of the set that scikit-learn carries, as a hospital might have them."""
    from sklearn.datasets import load_breast_cancer

    from salus_packs.breast_cancer.task import TASK

    values, target = load_breast_cancer(return_X_y=True)
    chosen = np.arange(0, len(target), 14)
    header = ",".join([*(spec.name for spec in TASK.signature.inputs), "label"])
    rows = [",".join([*map(str, values[row]), "benign" if target[row] else "malignant"]) for row in chosen]
    path.write_text("\n".join([header, *rows, ""]), encoding="utf-8")
