"""Folders of pictures: with a manifest that names them, or with one subfolder a class."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from salus.contracts.classification import ClassLabel
from salus.contracts.errors import InvalidInput
from salus.data.readers.labels import are_names, class_indices
from salus.standards.images import read_any_picture

PICTURE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".dcm", ".dicom"})
"""Ends of file names that are taken for pictures."""

_FILE_COLUMNS = ("file", "image", "path", "filename", "file_name", "image_path", "name")
_LABEL_COLUMNS = ("class", "label", "target", "y", "diagnosis", "finding")
_PART_COLUMNS = ("split", "part", "subset", "partition", "fold")
_MANIFESTS = ("manifest.csv", "labels.csv", "index.csv", "annotations.csv")


@dataclass(frozen=True)
class PictureList:
    """Pictures on disk and what is known about each.

    Attributes:
        paths: Where each lies.
        names: A name of each, unique, relative to the folder.
        labels: (pictures,) class index of each.
        columns: Every column of the manifest by header, in lower case; empty where there is no manifest.
    """

    paths: tuple[Path, ...]
    names: tuple[str, ...]
    labels: NDArray[np.int64]
    columns: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def parts(self) -> dict[str, PictureList]:
        """The pictures by the manifest's split column; all under `` where there is none."""
        column = next((self.columns[name] for name in _PART_COLUMNS if name in self.columns), None)
        if column is None:
            return {"": self}
        spelled = {"val": "validation", "valid": "validation", "training": "train"}
        named = [spelled.get(part.casefold(), part.casefold()) for part in column]
        return {part: self.take([i for i, other in enumerate(named) if other == part]) for part in dict.fromkeys(named)}

    def take(self, indices: Sequence[int]) -> PictureList:
        """The pictures at `indices`."""
        return PictureList(
            paths=tuple(self.paths[i] for i in indices),
            names=tuple(self.names[i] for i in indices),
            labels=self.labels[np.asarray(indices, dtype=np.intp)],
            columns={name: tuple(column[i] for i in indices) for name, column in self.columns.items()},
        )


def find_manifest(folder: Path) -> Path | None:
    """The manifest of a folder: one of the usual names, or its only CSV file that has a column of files."""
    for name in _MANIFESTS:
        if (folder / name).is_file():
            return folder / name
    tables = [path for path in sorted(folder.glob("*.csv")) if _file_column(_read_manifest(path)) is not None]
    return tables[0] if len(tables) == 1 else None


def list_by_manifest(manifest: Path, classes: Sequence[ClassLabel]) -> PictureList:
    """The pictures that a manifest names.

    Columns: the file (`file`, `image`, `path`, `filename`, `name`, …) and the label (`class`, `label`, `target`, …).
    A column of class names goes before one of indices; where both are there they must agree.

    Raises:
        InvalidInput: A column is missing, a label unknown, a file absent, outside the folder, or named twice.
    """
    columns = _read_manifest(manifest)
    files = _file_column(columns)
    if files is None:
        raise InvalidInput(
            f"a column of files ({', '.join(_FILE_COLUMNS)}) in {manifest.name}",
            found=f"columns {', '.join(columns)}",
            remedy="Rename the column that names the pictures.",
        )
    root = manifest.parent.resolve()
    paths = []
    for row, name in enumerate(columns[files]):
        path = _picture_path(root, name)
        if path is None:
            raise InvalidInput(
                f"every file of {manifest.name} in its folder",
                found=f"none for row {row + 1}",
                remedy="Name the files relative to the manifest.",
            )
        paths.append(path)
    names = tuple(columns[files])
    if len(set(names)) != len(names):
        raise InvalidInput("each file once", found=f"one twice in {manifest.name}", remedy="Remove the second line.")
    return PictureList(
        paths=tuple(paths), names=names, labels=_manifest_labels(columns, classes, manifest.name), columns=columns
    )


def list_by_class_folder(folder: Path, classes: Sequence[ClassLabel]) -> PictureList:
    """The pictures of a folder with one subfolder a class, named by the class or its index.

    Raises:
        InvalidInput: No subfolder is named by a class, or there are no pictures in them.
    """
    paths: list[Path] = []
    labels: list[int] = []
    for subfolder in sorted(path for path in folder.iterdir() if path.is_dir()):
        try:
            label = int(class_indices([subfolder.name], classes)[0])
        except InvalidInput:
            continue
        found = sorted(_pictures_in(subfolder))
        paths.extend(found)
        labels.extend([label] * len(found))
    if not paths:
        raise InvalidInput(
            f"subfolders named by the classes ({', '.join(label.name for label in classes)}) with pictures in them",
            found="none",
            remedy="Sort the pictures into such subfolders, or add a manifest.csv with the columns file and label.",
        )
    names = tuple(path.relative_to(folder).as_posix() for path in paths)
    return PictureList(paths=tuple(paths), names=names, labels=np.array(labels, dtype=np.int64))


def read_pictures(
    paths: Sequence[Path], *, channels: int, window: tuple[float, float] | None = None
) -> list[NDArray[np.uint8]]:
    """The pictures at `paths`, each (height, width, channels) uint8.

    Args:
        paths: PNG, JPEG or DICOM files.
        channels: 1 or 3.
        window: Centre and width in Hounsfield units, for DICOM CT.

    Raises:
        InvalidInput: A file is no picture; its position is named, not its content.
    """
    pictures = []
    for index, path in enumerate(paths):
        try:
            pictures.append(read_any_picture(path.read_bytes(), window=window, channels=channels).pixels)
        except InvalidInput as error:
            raise type(error)(
                error.expected, found=f"{error.found} (picture {index + 1})", remedy=error.remedy
            ) from error
    return pictures


def _pictures_in(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.suffix.casefold() in PICTURE_SUFFIXES and path.is_file())


def _read_manifest(path: Path) -> dict[str, tuple[str, ...]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream)
            header = [name.strip().casefold() for name in next(reader, [])]
            rows = [row for row in reader if any(cell.strip() for cell in row)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput(
            "a CSV table in UTF-8", found=f"{path.name}, which does not read", remedy="Save it as CSV in UTF-8."
        ) from error
    if any(len(row) != len(header) for row in rows):
        raise InvalidInput(
            f"{len(header)} fields in every line of {path.name}", found="another number", remedy="Mend the table."
        )
    return {name: tuple(row[i].strip() for row in rows) for i, name in enumerate(header)}


def _file_column(columns: dict[str, tuple[str, ...]]) -> str | None:
    return next((name for name in _FILE_COLUMNS if name in columns), None)


def _picture_path(root: Path, name: str) -> Path | None:
    """Where the named file lies: beside the manifest or in its `images` folder, never outside."""
    for candidate in (root / name, root / "images" / name):
        path = candidate.resolve()
        if path.is_file() and path.is_relative_to(root):
            return path
    return None


def _manifest_labels(
    columns: dict[str, tuple[str, ...]], classes: Sequence[ClassLabel], manifest: str
) -> NDArray[np.int64]:
    present = [name for name in _LABEL_COLUMNS if name in columns]
    if not present:
        raise InvalidInput(
            f"a column of labels ({', '.join(_LABEL_COLUMNS)}) in {manifest}",
            found=f"columns {', '.join(columns)}",
            remedy="Add the class of each picture.",
        )
    named = [name for name in present if are_names(columns[name], classes)]
    chosen = class_indices(columns[(named or present)[0]], classes)
    for other in present:
        try:
            indices = class_indices(columns[other], classes)
        except InvalidInput:
            continue
        if not np.array_equal(indices, chosen):
            raise InvalidInput(
                f"label columns of {manifest} that agree",
                found=f"{int((indices != chosen).sum())} rows where {(named or present)[0]!r} and {other!r} differ",
                remedy="Remove the column that is wrong; check the order of the classes.",
            )
    return chosen
