"""What all tests share: real data and components, or one plain line that says which were not there."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

_COMPONENTS = {
    "postgresql": lambda: any(Path("/usr/lib/postgresql").glob("*/bin/postgres")),
    "chromium": lambda: shutil.which("chromium") is not None,
    "dcmtk": lambda: shutil.which("dcmdump") is not None,
}
_absent: set[str] = set()


def data_folder(name: str) -> Path | None:
    """The local copy of the data set `name`, or None."""
    for folder in os.environ.get("SALUS_DATA_DIR", "").split(os.pathsep):
        if folder and (Path(folder) / name).is_dir():
            return Path(folder) / name
    return None


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("data"):
        if data_folder(marker.args[0]) is None:
            _absent.add(f"data set {marker.args[0]}")
            pytest.skip(f"no local copy of the data set {marker.args[0]} (SALUS_DATA_DIR)")
    for marker in item.iter_markers("component"):
        if not _COMPONENTS[marker.args[0]]():
            _absent.add(f"component {marker.args[0]}")
            if os.environ.get("CI") == "true":
                pytest.fail(f"in CI {marker.args[0]} must be installed: run tools/install_components.sh")
            pytest.skip(f"{marker.args[0]} is not installed (tools/install_components.sh)")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _absent:
        terminalreporter.write_line("Not run, because missing here: " + ", ".join(sorted(_absent)) + ".")


@pytest.fixture
def data_dir(request: pytest.FixtureRequest) -> Path:
    """The folder of the data set that the test's `data` marker names."""
    marker = request.node.get_closest_marker("data")
    assert marker is not None, "a test that takes data_dir carries the marker data(name)"
    folder = data_folder(marker.args[0])
    assert folder is not None
    return folder
