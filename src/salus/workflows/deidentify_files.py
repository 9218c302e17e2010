"""DICOM files without what names a person, written beside the originals, which are left as they are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from salus.contracts.progress import Progress
from salus.contracts.text import LocalizedText
from salus.workflows.named_files import find_files, naming


@dataclass(frozen=True)
class DeidentifiedFile:
    """One file.

    Attributes:
        source: The original's name below the given folder.
        written: The new file's name: its new instance UID.
        warnings: What a person should look at, such as text that may be burnt into the pixels.
    """

    source: str
    written: str
    warnings: tuple[LocalizedText, ...]


def deidentify_files(source: Path, target: Path, *, key: bytes, progress: Progress) -> tuple[DeidentifiedFile, ...]:
    """De-identify a file, or every file of a folder, by the Basic Profile of PS3.15 Annex E.

    Args:
        source: A DICOM file, or a folder of them.
        target: Folder for the new files; made where it is not there.
        key: Makes the pseudonyms: the same key gives the same person the same pseudonym.
        progress: Told about each file.

    Raises:
        InvalidInput: A file is no DICOM. Nothing of it is written; the files before it are.
        MissingDependency: The extra `imaging` is not installed.
    """
    files = find_files(source)
    progress.begin("de-identify", len(files))
    done = []
    try:
        for name, path in files.items():
            done.append(_deidentify(name, path, target, key))
            progress.advance()
    finally:
        progress.end()
    return tuple(done)


def _deidentify(name: str, path: Path, target: Path, key: bytes) -> DeidentifiedFile:
    from salus.standards.dicom.deidentification import deidentify
    from salus.standards.dicom.reading import read_dataset

    with naming(name):
        result = deidentify(read_dataset(path.read_bytes()), key=key)
    written = target / f"{result.dataset.SOPInstanceUID}.dcm"
    target.mkdir(parents=True, exist_ok=True)
    result.dataset.save_as(written)
    return DeidentifiedFile(name, written.name, tuple(result.warnings))
