import csv
import tomllib
from pathlib import Path

import pytest

from salus.contracts.errors import Conflict, InvalidInput
from salus.plugins.scaffolding import write_pack


def test_a_distribution_with_one_entry_point_is_written(tmp_path: Path) -> None:
    root = write_pack("heart_failure", tmp_path)
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    assert project["name"] == root.name == "salus-heart-failure"
    assert project["entry-points"]["salus.packs"] == {"heart_failure": "salus_heart_failure.pack:PACK"}
    files = [path for path in root.rglob("*") if path.is_file()]
    assert not any("@" in path.read_text() and "@name@" in path.read_text() for path in files)
    for path in root.rglob("*.py"):
        compile(path.read_text(), str(path), "exec")


def test_its_samples_have_both_classes(tmp_path: Path) -> None:
    root = write_pack("heart_failure", tmp_path)
    with (root / "src" / "salus_heart_failure" / "samples.csv").open(newline="") as file:
        labels = [row["label"] for row in csv.DictReader(file)]
    assert min(labels.count("absent"), labels.count("present")) >= 20


@pytest.mark.parametrize("name", ["", "a", "Heart", "heart-failure", "1heart", "../heart", "x" * 60])
def test_a_name_that_no_pack_may_have_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        write_pack(name, tmp_path)
    assert not list(tmp_path.iterdir())


def test_nothing_is_written_over(tmp_path: Path) -> None:
    write_pack("heart_failure", tmp_path)
    with pytest.raises(Conflict):
        write_pack("heart_failure", tmp_path)
