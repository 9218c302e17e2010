"""Instances of the Second International Nurse Rostering Competition, with published bounds and costs."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from salus.contracts.packs import DataRequest
from salus.data.copies import locate, verify
from salus.data.entries_scheduling import ENTRIES
from salus.standards.inrc2.writing import pack_instance, pack_roster

_ENTRY = next(entry for entry in ENTRIES if entry.name == "inrc2")


@dataclass(frozen=True)
class Published:
    """What Legrain, Omer and Rosat (2017) published of an instance, all weeks known at once.

    Attributes:
        bound: Lower bound of the cost.
        best: Least cost that they found.
        search: Cost that their adaptive large-neighbourhood search found.
    """

    bound: float
    best: float
    search: float


def read_instances(request: DataRequest) -> Mapping[str, tuple[str, float | None]]:
    """Those instances of four and eight weeks whose files are there, with the best cost published in 2017, by name.

    Raises:
        DataUnavailable: No copy.
        ChecksumMismatch: The copy is another one.
    """
    texts = _read_archive(_find(request))
    published = read_published(request)
    held = {name.split("/")[0] for name in texts}
    return {
        name: (_pack(texts, name), published[name].best) for name in sorted(published) if name.split("_")[0] in held
    }


def read_published(request: DataRequest) -> Mapping[str, Published]:
    """Bounds and costs by instance, `n030w4_1_6-2-9-1`: scenario, history, weeks.

    Raises:
        DataUnavailable: No copy.
        ChecksumMismatch: The copy is another one.
    """
    with (_find(request) / "published_results.csv").open(encoding="utf-8", newline="") as stream:
        return {
            row["instance_history_weeks"]: Published(
                float(row["static_LB"]), float(row["static_UB_best"]), float(row["static_ALNS"])
            )
            for row in csv.DictReader(stream)
        }


def read_references(request: DataRequest) -> Mapping[str, tuple[str, str]]:
    """The test instances with the rosters that came with them, planned week by week, by name.

    Raises:
        DataUnavailable: No copy.
        ChecksumMismatch: The copy is another one.
    """
    texts = _read_archive(_find(request))
    folders = sorted({str(Path(name).parent) for name in texts if Path(name).name.startswith("Sol-")})
    references = {}
    for folder in folders:
        scenario, solution = folder.split("/")
        history, weeks = solution.removeprefix("Solution_H_").split("-WD_")
        rosters = tuple(
            texts[f"{folder}/Sol-{scenario}-{week}-{index}.txt"] for index, week in enumerate(weeks.split("-"))
        )
        name = f"{scenario}_{history}_{weeks}"
        references[name] = (_pack(texts, name), pack_roster(rosters))
    return references


def _pack(texts: Mapping[str, str], name: str) -> str:
    scenario, history, weeks = name.split("_")
    return pack_instance(
        texts[f"{scenario}/Sc-{scenario}.txt"],
        texts[f"{scenario}/H0-{scenario}-{history}.txt"],
        tuple(texts[f"{scenario}/WD-{scenario}-{week}.txt"] for week in weeks.split("-")),
    )


def _find(request: DataRequest) -> Path:
    located = locate(_ENTRY, request.data_dirs)
    verify(located)
    return located.folder


def _read_archive(folder: Path) -> dict[str, str]:
    with zipfile.ZipFile(folder / "inrc2_train_instances.zip") as archive:
        names = sorted(name for name in archive.namelist() if name.endswith(".txt"))
        return {name: archive.read(name).decode("utf-8") for name in names}
