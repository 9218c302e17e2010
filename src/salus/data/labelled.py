"""A folder or file of the user's own, labelled, as a `Split`: for `salus evaluate` and for packs.

Liberal in form, strict in content: many layouts are recognised, but a label that is no class, a column that is no
number or a picture that does not read is refused, never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from salus.contracts.classification import ClassLabel
from salus.contracts.datasets import Split
from salus.contracts.errors import InvalidInput
from salus.contracts.tensors import TensorSpec
from salus.data.readers.arrays import choose_part, read_labelled_arrays
from salus.data.readers.images import (
    PictureList,
    find_manifest,
    list_by_class_folder,
    list_by_manifest,
    read_pictures,
)
from salus.data.readers.labels import class_indices
from salus.data.readers.stacks import picture_stack, stack_pictures
from salus.data.readers.tables import read_columns, scalar_column

_SUBJECT_COLUMNS = ("subject", "subject_id", "patient", "patient_id", "case", "case_id")
_GROUP_COLUMNS = ("sex", "gender", "age_group", "source", "site", "scanner", "ethnicity")
_LABEL_COLUMNS = ("label", "class", "target", "diagnosis", "y", "outcome")
_ID_COLUMNS = ("sample_id", "id", "name")
_PART_COLUMNS = ("split", "part", "subset")
_TABLE_SUFFIXES = {".csv", ".tsv", ".parquet", ".pq"}


def read_labelled_folder(
    path: Path,
    *,
    classes: Sequence[ClassLabel],
    input_name: str = "image",
    channels: int = 1,
    window: tuple[float, float] | None = None,
    part: str | None = None,
) -> Split:
    """Labelled pictures in any of the usual forms.

    Recognised, in this order: an `.npz` file, or a folder with one; a folder of `.npy` files (`images.npy` and
    `labels.npy`, `x.npy` and `y.npy`, `test_images.npy` …); a folder with a manifest (`manifest.csv`, `labels.csv`)
    or the manifest itself; a folder with one subfolder a class, or with such subfolders in a subfolder named by the
    part.

    Args:
        path: The file or folder.
        classes: In the order of the model's probabilities.
        input_name: What the model calls the picture.
        channels: 1 or 3.
        window: Centre and width in Hounsfield units, for DICOM CT.
        part: Which part, where there are several; without it `test`, else `validation`, else the only one.

    Returns:
        The samples. Where the files name no subjects, each sample is its own.

    Raises:
        InvalidInput: None of these forms, or content that does not fit.
    """
    archive = _only_archive(path)
    if archive is not None or (path.is_dir() and any(path.glob("*.npy"))):
        _, arrays = choose_part(read_labelled_arrays(archive or path), part)
        labels = class_indices(arrays.labels, classes)
        pictures = picture_stack(arrays.values, channels=channels)
        return _anonymous_split({input_name: pictures}, labels)
    listed = _list_pictures(path, classes, part)
    pixels = read_pictures(listed.paths, channels=channels, window=window)
    return Split(
        inputs={input_name: stack_pictures(pixels)},
        labels=listed.labels,
        sample_ids=np.array(listed.names),
        subjects=np.array(_first_of(listed.columns, _SUBJECT_COLUMNS) or listed.names),
        groups=_groups(listed.columns),
        attributes=_attributes(listed),
    )


def read_labelled_table(
    path: Path,
    inputs: Sequence[TensorSpec],
    classes: Sequence[ClassLabel],
    *,
    label_column: str | None = None,
    part: str | None = None,
) -> Split:
    """Labelled rows of a CSV or Parquet table.

    Args:
        path: The table, or a folder with one table.
        inputs: The signature's scalar inputs; each is a column.
        classes: In the order of the model's probabilities.
        label_column: The column of labels; without it `label`, `class`, `target`, `diagnosis`, `y` or `outcome`.
        part: Which rows, where there is a column `split`, `part` or `subset`.

    Raises:
        InvalidInput: A column is missing or holds something that is no number, or a label is no class.
        MissingDependency: pyarrow is not installed.
    """
    columns = read_columns(_only_table(path))
    lower = {name.casefold(): name for name in columns}
    label = next((lower[name] for name in ((label_column or "").casefold(), *_LABEL_COLUMNS) if name in lower), None)
    if label is None:
        raise InvalidInput(
            f"a column of labels ({label_column or ', '.join(_LABEL_COLUMNS)})",
            found=f"{len(columns)} other columns",
            remedy="Add the class of each row.",
        )
    texts = {name.casefold(): [value or "" for value in column] for name, column in columns.items()}
    split = _split_of_table(texts, {spec.name: scalar_column(columns, spec) for spec in inputs}, label, classes)
    parts = _rows_by_part(texts)
    return split if parts is None else split.take(choose_part(parts, part)[1])


def _split_of_table(
    texts: Mapping[str, Sequence[str]],
    values: Mapping[str, NDArray[np.float32]],
    label: str,
    classes: Sequence[ClassLabel],
) -> Split:
    labels = class_indices(texts[label.casefold()], classes)
    names = [f"row-{row + 1}" for row in range(len(labels))]
    ids = _first_of(texts, _ID_COLUMNS)
    return Split(
        inputs=values,
        labels=labels,
        sample_ids=np.array(ids if ids is not None and len(set(ids)) == len(names) else names),
        subjects=np.array(_first_of(texts, _SUBJECT_COLUMNS) or names),
        groups={name: column for name, column in _groups(texts).items() if name not in values},
    )


def _rows_by_part(texts: Mapping[str, Sequence[str]]) -> dict[str, NDArray[np.intp]] | None:
    column = _first_of(texts, _PART_COLUMNS)
    if column is None:
        return None
    spelled = {"val": "validation", "valid": "validation", "training": "train"}
    named = np.array([spelled.get(name.casefold(), name.casefold()) for name in column])
    return {str(name): np.flatnonzero(named == name) for name in dict.fromkeys(named)}


def _list_pictures(path: Path, classes: Sequence[ClassLabel], part: str | None) -> PictureList:
    manifest = path if path.is_file() else find_manifest(path) if path.is_dir() else None
    if manifest is not None:
        return choose_part(list_by_manifest(manifest, classes).parts(), part)[1]
    if not path.is_dir():
        raise InvalidInput(
            "a folder of labelled pictures, an .npz file or a manifest",
            found="nothing under this name",
            remedy="Check the path.",
        )
    for name in (part, "test", "validation", "val"):
        if name and (path / name).is_dir():
            return list_by_class_folder(path / name, classes)
    return list_by_class_folder(path, classes)


def _only_archive(path: Path) -> Path | None:
    if path.is_file():
        return path if path.suffix.casefold() == ".npz" else None
    archives = sorted(path.glob("*.npz"))
    if len(archives) > 1:
        raise InvalidInput("one .npz file", found=f"{len(archives)}", remedy="Name the file instead of the folder.")
    return archives[0] if archives else None


def _only_table(path: Path) -> Path:
    if path.is_file():
        return path
    tables = [found for found in sorted(path.glob("*")) if found.suffix.casefold() in _TABLE_SUFFIXES]
    if len(tables) != 1:
        raise InvalidInput("one table", found=f"{len(tables)}", remedy="Name the file instead of the folder.")
    return tables[0]


def _anonymous_split(inputs: Mapping[str, NDArray[np.uint8]], labels: NDArray[np.int64]) -> Split:
    names = np.array([f"sample-{index:06d}" for index in range(len(labels))])
    return Split(inputs=inputs, labels=labels, sample_ids=names, subjects=names)


def _first_of(columns: Mapping[str, Sequence[str]], names: Sequence[str]) -> list[str] | None:
    return next((list(columns[name]) for name in names if name in columns), None)


def _groups(columns: Mapping[str, Sequence[str]]) -> dict[str, NDArray[np.str_]]:
    return {name: np.array(columns[name]) for name in _GROUP_COLUMNS if name in columns}


def _attributes(listed: PictureList) -> dict[str, NDArray[np.generic]]:
    """The file type, and what the manifest says about the originals (`orig_…`)."""
    kinds: dict[str, NDArray[np.generic]] = {"extension": np.array([path.suffix.casefold() for path in listed.paths])}
    for name, column in listed.columns.items():
        if name.startswith("orig_") and not name.endswith("sha256"):
            kinds[name] = _numbers_or_texts(column)
    return kinds


def _numbers_or_texts(column: Sequence[str]) -> NDArray[np.generic]:
    try:
        return np.array([float(value) for value in column])
    except ValueError:
        return np.array(column)
