"""Several processes on one registry."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from salus.contracts.packages import ModelPackage
from salus.registry.store import ModelRegistry

_ADD = """
import sys
from pathlib import Path
from salus.contracts.errors import Conflict
from salus.modelpackage.reading import open_package
from salus.registry.store import ModelRegistry
from salus.security.trust import TrustPolicy

url, packages, who, *folders = sys.argv[1:]
registry = ModelRegistry(url, Path(packages))
for folder in folders:
    package = open_package(Path(folder), trust=TrustPolicy(require_signature=False))
    try:
        registry.add(package, who=who, build_record={})
    except Conflict:
        print("conflict")
registry.close()
"""


def run_together(url: str, packages: Path, folders: list[list[Path]]) -> list[str]:
    """A process for each list of folders, all started at once; what they print."""
    running = [
        subprocess.Popen(
            [sys.executable, "-c", _ADD, url, str(packages), f"process-{n}", *map(str, each)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for n, each in enumerate(folders)
    ]
    answers = [process.communicate(timeout=120) for process in running]
    assert [process.returncode for process in running] == [0] * len(running), answers
    return [out for out, _ in answers]


def test_processes_that_open_and_add_at_once_lose_nothing(
    url: str, tmp_path: Path, make: Callable[..., ModelPackage]
) -> None:
    """Three processes make the tables at once, then add one package in common and two of their own each."""
    common = make("1").directory
    own = [[make(str(2 + 2 * n)).directory, make(str(3 + 2 * n)).directory] for n in range(3)]
    packages = tmp_path / "home" / "packages"
    assert run_together(url, packages, [[common, *each] for each in own]) == [""] * 3
    registry = ModelRegistry(url, packages)
    assert [record.version for record in registry.list_packages()] == [str(n) for n in range(1, 8)]
    assert len(registry.history("specimen.larger", "1")) == 1
    assert sorted(each.name for each in (packages / "specimen.larger").iterdir()) == [str(n) for n in range(1, 8)]
    registry.close()


def test_of_processes_that_add_different_packages_under_one_version_one_wins(
    url: str, tmp_path: Path, make: Callable[..., ModelPackage]
) -> None:
    rivals = [make("1", seed=n) for n in range(2)]
    packages = tmp_path / "home" / "packages"
    answers = run_together(url, packages, [[rival.directory] for rival in rivals])
    assert sorted(answers) == ["", "conflict\n"]
    registry = ModelRegistry(url, packages)
    (record,) = registry.list_packages()
    winner = rivals[answers.index("")]
    assert record.digest == winner.digest
    manifest = json.loads((packages / "specimen.larger" / "1" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["lineage"]["seed"] == winner.manifest.lineage.seed
    registry.close()
