"""A pack of another distribution: scaffolded, installed by an installer, found, conformant, built."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from salus.plugins.scaffolding import write_pack


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The distribution's folder, and where it was installed; nothing is fetched."""
    root = write_pack("gait_speed", tmp_path_factory.mktemp("packs"))
    site = tmp_path_factory.mktemp("site")
    words = [sys.executable, "-m", "uv", "pip", "install", "--offline", "--no-deps", "--no-build-isolation"]
    subprocess.run(
        [*words, "--python", sys.executable, "--target", str(site), str(root)], check=True, capture_output=True
    )
    return root, site


@pytest.fixture
def run(installed: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs Python with the installed pack on its path."""
    monkeypatch.setenv("PYTHONPATH", str(installed[1]))
    monkeypatch.setenv("SALUS_HOME", str(tmp_path / "home"))

    def python(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *words], capture_output=True, text=True, check=False, cwd=tmp_path, timeout=240
        )

    return python


def test_it_is_found_as_salus_own_packs_are(run: Any) -> None:
    done = run("-c", "from salus.cli.app import main; main()", "packs", "--json")
    assert done.returncode == 0, done.stderr
    packs = {each["question"]: each for each in json.loads(done.stdout)}
    assert packs["gait_speed/finding"]["estimators"] == ["linear"]
    assert "breast_cancer/malignancy" in packs


def test_it_passes_its_own_conformance_suite_and_builds(installed: tuple[Path, Path], run: Any) -> None:
    tests = run("-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:cov", "--rootdir", str(installed[0]),
                str(installed[0] / "tests"))  # fmt: skip
    assert tests.returncode == 0, tests.stdout
    built = run("-c", "from salus.cli.app import main; main()", "build", "gait_speed", "--json")
    assert built.returncode == 0, built.stderr
    outcome = json.loads(built.stdout)
    assert outcome["record"]["name"] == "gait_speed.finding"
    assert outcome["unmet_goals"] == []
