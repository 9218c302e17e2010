"""From the words of a command to data."""

from __future__ import annotations

from pathlib import Path

from salus.bootstrap.house import House
from salus.contracts.datasets import QualityReport
from salus.contracts.errors import DataUnavailable, InvalidInput
from salus.contracts.progress import Progress
from salus.data.catalogue import CatalogueEntry, find_entry, list_entries, locate
from salus.plugins.discovery import find_kit


def find_copies() -> list[dict[str, str]]:
    """Every entry of the catalogue, with the folder of its copy (empty: none is at hand)."""
    house = House()
    return [
        {
            "name": entry.name,
            "title": entry.source.title.en,
            "licence": entry.source.licence,
            "copy": _copy(entry, house),
        }
        for entry in list_entries()
    ]


def describe_entry(name: str) -> dict[str, str]:
    """What there is to know of an entry."""
    entry = find_entry(name)
    source = entry.source
    return {
        "name": source.name,
        "title": f"{source.title.en} · {source.title.zh}",
        "publisher": source.url or "none: generated, or carried by a library",
        "licence": source.licence,
        "citation": source.citation,
        "copy": _copy(entry, House()) or entry.remedy.en,
        **{f"note {number}": note.en for number, note in enumerate(entry.notes, start=1)},
    }


def fetch_entry(name: str, progress: Progress) -> Path:
    """Fetch a data set into the home folder, or find the copy that is at hand. Raises as `fetching.fetch`."""
    from salus.data.fetching import fetch

    request = House().data_request(progress)
    entry = find_entry(name)
    if not entry.layouts:
        raise InvalidInput(
            "a data set that is kept as files", found=f"{name}, which is {entry.remedy.en}", remedy="Nothing to fetch."
        )
    try:
        return locate(entry, (*request.data_dirs, request.cache_dir)).folder
    except DataUnavailable:
        return fetch(entry, request.cache_dir, progress, offline=request.offline).folder


def check_question(question: str, *, seed: int, allow: frozenset[str]) -> QualityReport:
    """The quality report of a task's data, refusals included."""
    from salus.data.quality.checking import check_dataset

    _, kit = find_kit(question)
    dataset = kit.read_dataset(House().data_request(), seed)
    return check_dataset(dataset, task=kit.task, allow=allow)


def deidentify_files(source: Path, target: Path) -> list[dict[str, str]]:
    """De-identify a file, or every file of a folder, into `target`, named by their new instance UIDs.

    Raises:
        InvalidInput: A file is no DICOM; nothing of it is written.
    """
    import secrets

    from salus.security.private_files import create_private
    from salus.standards.dicom.deidentification import deidentify
    from salus.standards.dicom.reading import read_dataset

    key = create_private(House().settings.home / "keys" / "pseudonyms.key", secrets.token_bytes(32))
    files = sorted(path for path in source.rglob("*") if path.is_file()) if source.is_dir() else [source]
    done = []
    for path in files:
        result = deidentify(read_dataset(path.read_bytes()), key=key)
        written = target / f"{result.dataset.SOPInstanceUID}.dcm"
        target.mkdir(parents=True, exist_ok=True)
        result.dataset.save_as(written)
        done.append(
            {
                "file": path.name,
                "written": written.name,
                "warnings": " ".join(warning.en for warning in result.warnings),
            }
        )
    return done


def _copy(entry: CatalogueEntry, house: House) -> str:
    if not entry.layouts:
        return "always there"
    request = house.data_request()
    try:
        return str(locate(entry, (*request.data_dirs, request.cache_dir)).folder)
    except DataUnavailable:
        return ""
