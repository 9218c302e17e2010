"""Copies of data sets: in which forms they may lie, where they are found, whether they are what was promised.

A copy is looked for in the folders that the user names; nothing is downloaded here (see `fetching`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from salus.contracts.datasets import DatasetSource
from salus.contracts.errors import ChecksumMismatch, DataUnavailable
from salus.contracts.text import LocalizedText


@dataclass(frozen=True)
class DataFile:
    """One file of a copy.

    Attributes:
        path: Relative to the copy's folder, with `/`.
        sha256: Its SHA-256 (hex); None where the publisher states another checksum or none.
        md5: Its MD5 (hex) where that is all that the publisher states. Guards against damage, not against malice.
        url: Where the publisher offers it; None where it cannot be fetched as one file.
    """

    path: str
    sha256: str | None = None
    md5: str | None = None
    url: str | None = None


@dataclass(frozen=True)
class Layout:
    """One form in which copies of a data set are found.

    Attributes:
        name: What its reader calls it.
        folders: Folders, relative to a data folder, where such a copy may lie; `.` for the data folder itself.
        files: What must be there. A folder may be named, ending in `/`.
        checksums: A file in the form of `sha256sum` that lists every other file; itself checked by its `DataFile`.
    """

    name: str
    folders: tuple[str, ...]
    files: tuple[DataFile, ...]
    checksums: str | None = None


@dataclass(frozen=True)
class CatalogueEntry:
    """A data set.

    Attributes:
        source: Name, title, publisher, licence, citation.
        reader: The module in `salus.data` that reads it, such as `sets.covid_ct`; empty where it is for tests alone.
        layouts: Forms of a copy, the preferred first; empty where the data are generated or inside a library.
        notes: What one has to know before using it.
        remedy: How to get a copy.
    """

    source: DatasetSource
    reader: str
    layouts: tuple[Layout, ...]
    notes: tuple[LocalizedText, ...]
    remedy: LocalizedText

    @property
    def name(self) -> str:
        """The catalogue's name of the set."""
        return self.source.name

    def fetchable(self) -> Layout | None:
        """The layout of which every file has a URL and a checksum, or None."""
        return next(
            (
                layout
                for layout in self.layouts
                if layout.files and all(file.url and (file.sha256 or file.md5) for file in layout.files)
            ),
            None,
        )


@dataclass(frozen=True)
class Located:
    """A copy that was found. Its files are there; `verify` says whether they are the right ones."""

    folder: Path
    layout: Layout


def locate(entry: CatalogueEntry, data_dirs: Sequence[Path]) -> Located:
    """The first copy of a data set in `data_dirs`; the preferred layout goes before the order of the folders.

    Raises:
        DataUnavailable: No copy in any known form.
    """
    for layout in entry.layouts:
        for data_dir in data_dirs:
            for folder in (data_dir / name for name in layout.folders):
                if all(_is_there(folder, file) for file in layout.files):
                    return Located(folder=folder, layout=layout)
    forms = "; ".join(
        f"{' or '.join(layout.folders)} with {', '.join(file.path for file in layout.files)}"
        for layout in entry.layouts
    )
    raise DataUnavailable(
        f"a copy of {entry.name} ({forms or 'no copies are kept of it'})",
        found=f"none in {len(data_dirs)} data folders",
        remedy=entry.remedy.en,
    )


def verify(located: Located) -> int:
    """Compare every file of a copy that has a checksum.

    Returns:
        How many files were compared; 0 where the layout states no checksum.

    Raises:
        ChecksumMismatch: A file is not the one that was promised, or a listed one is missing.
    """
    compared = 0
    for file in located.layout.files:
        compared += check_file(located.folder / file.path, file)
    if located.layout.checksums is not None:
        lines = (located.folder / located.layout.checksums).read_text(encoding="utf-8").splitlines()
        for line in lines:
            digest, _, name = line.partition("  ")
            compared += check_file(located.folder / name, DataFile(path=name, sha256=digest))
    return compared


def check_file(path: Path, file: DataFile) -> bool:
    """Compare one file with its checksum.

    Args:
        path: Where the file lies.
        file: What was promised of it.

    Returns:
        Whether there was a checksum to compare with.

    Raises:
        ChecksumMismatch: It is another file, or none.
    """
    promised, algorithm = (file.sha256, "sha256") if file.sha256 else (file.md5, "md5")
    if promised is None:
        return False
    if not path.is_file():
        raise ChecksumMismatch(f"the file {file.path}", found="none", remedy="Fetch or copy the data set again.")
    with path.open("rb") as stream:
        found = hashlib.file_digest(stream, lambda: hashlib.new(algorithm, usedforsecurity=False)).hexdigest()
    if found != promised.lower():
        raise ChecksumMismatch(
            f"{algorithm} {promised} of {file.path}", found=found, remedy="Fetch or copy the data set again."
        )
    return True


def _is_there(folder: Path, file: DataFile) -> bool:
    path = folder / file.path
    return path.is_dir() if file.path.endswith("/") else path.is_file()
