"""Instances and reference solutions of the Integrated Healthcare Timetabling Competition 2024."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Mapping
from pathlib import Path

from salus.contracts.packs import DataRequest
from salus.data.copies import locate, verify
from salus.data.entries_scheduling import ENTRIES

_ENTRY = next(entry for entry in ENTRIES if entry.name == "ihtc2024")


def read_instances(request: DataRequest) -> Mapping[str, tuple[str, float | None]]:
    """The public instances i01 to i15 with the best cost known, by name.

    Raises:
        DataUnavailable: No copy.
        ChecksumMismatch: The copy is another one.
    """
    folder = _find(request)
    with (folder / "best_known.csv").open(encoding="utf-8", newline="") as stream:
        best = {row["instance"]: float(row["best_known_cost"]) for row in csv.DictReader(stream)}
    documents = _read_archive(folder / "instances_i01_i15.zip")
    return {name: (text, best.get(name)) for name, text in documents.items()}


def read_references(request: DataRequest) -> Mapping[str, tuple[str, str]]:
    """The test instances test01 to test10, each with a solution that the organisers published, by name.

    Raises:
        DataUnavailable: No copy.
        ChecksumMismatch: The copy is another one.
    """
    documents = _read_archive(_find(request) / "instances_test01_10_with_solutions.zip")
    return {name: (text, documents[f"sol_{name}"]) for name, text in documents.items() if f"sol_{name}" in documents}


def _find(request: DataRequest) -> Path:
    located = locate(_ENTRY, request.data_dirs)
    verify(located)
    return located.folder


def _read_archive(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as archive:
        names = sorted(name for name in archive.namelist() if name.endswith(".json") and "/" not in name)
        return {Path(name).stem: archive.read(name).decode("utf-8") for name in names}
