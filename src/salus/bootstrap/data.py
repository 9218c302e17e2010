"""From the words of a command to data."""

from __future__ import annotations

import secrets
from pathlib import Path

from salus.bootstrap.house import House
from salus.contracts.datasets import QualityReport
from salus.contracts.errors import DataUnavailable, InvalidInput
from salus.contracts.progress import Progress
from salus.data.catalogue import CatalogueEntry, find_entry, list_entries, locate
from salus.plugins.discovery import find_learned_kit
from salus.security.private_files import create_private
from salus.workflows.deidentify_files import DeidentifiedFile, deidentify_files


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
    """What there is to know of an entry. Raises NotFound where there is none."""
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
    """Fetch a data set into the home folder, or find the copy that is at hand.

    Raises:
        NotFound: No such data set.
        InvalidInput: It is kept in no files.
        DataUnavailable, ChecksumMismatch: As `fetching.fetch`.
    """
    from salus.data.fetching import fetch

    request = House().data_request(progress)
    entry = find_entry(name)
    if not entry.layouts:
        raise InvalidInput(
            "a data set that is kept as files", found=f"{name}, which needs none", remedy=entry.remedy.en
        )
    try:
        return locate(entry, (*request.data_dirs, request.cache_dir)).folder
    except DataUnavailable:
        return fetch(entry, request.cache_dir, progress, offline=request.offline).folder


def check_question(question: str, *, seed: int, allow: frozenset[str], progress: Progress) -> QualityReport:
    """The quality report of a task's data, refusals included.

    Args:
        question: `PACK/TASK`, or `PACK` alone where the pack has one task.
        seed: Of a build; a division that is the publisher's or fixed does not follow it.
        allow: Checks whose refusals are overridden.
        progress: Told about downloads.

    Raises:
        NotFound: No such pack or task.
        DataUnavailable: The data are not at hand.
    """
    from salus.data.quality.checking import check_dataset

    _, kit = find_learned_kit(question)
    try:
        dataset = kit.read_dataset(House().data_request(progress), seed)
    finally:
        progress.end()
    return check_dataset(dataset, task=kit.task, allow=allow)


def deidentify(source: Path, target: Path, progress: Progress) -> tuple[DeidentifiedFile, ...]:
    """De-identify DICOM files with this installation's own pseudonyms. Raises as `deidentify_files`."""
    key = create_private(House().settings.home / "keys" / "pseudonyms.key", secrets.token_bytes(32))
    return deidentify_files(source, target, key=key, progress=progress)


def _copy(entry: CatalogueEntry, house: House) -> str:
    if not entry.layouts:
        return "always there"
    request = house.data_request()
    try:
        return str(locate(entry, (*request.data_dirs, request.cache_dir)).folder)
    except DataUnavailable:
        return ""
