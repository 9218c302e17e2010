"""NumPy files: NPZ archives and folders of NPY files, under the many names that people give their arrays."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from salus.contracts.batches import Array
from salus.contracts.errors import InvalidInput

MAX_BYTES = 16 << 30
"""Largest sum of the arrays of one NPZ when unpacked: 16 GiB."""

_Part = TypeVar("_Part")
_IMAGE_WORDS = {"images", "image", "imgs", "img", "x", "data", "inputs", "input", "pixels", "features"}
_LABEL_WORDS = {"labels", "label", "y", "target", "targets", "classes", "class", "truth"}
_PART_NAMES = {"valid": "validation", "val": "validation", "dev": "validation", "training": "train", "testing": "test"}


@dataclass(frozen=True)
class LabelledArrays:
    """Pictures (or other values) and their labels as a file holds them; axis 0 counts the samples of both."""

    values: Array
    labels: Array


def read_labelled_arrays(path: Path) -> dict[str, LabelledArrays]:
    """The labelled parts of an `.npz`, or of a folder of `.npy` files.

    A name is read as words: one says which of the two it is (`images`, `x`, `data`, … or `labels`, `y`, `target`, …),
    the others name the part (`train_images`, `x_train`, `val_labels`). Nothing pickled is read.

    Args:
        path: The archive, or the folder.

    Returns:
        By part: `train`, `validation`, `test`, any other name; `` where the names say none.

    Raises:
        InvalidInput: No pair of values and labels, two for one part, pickled or damaged content, too large.
    """
    arrays = _read_folder(path) if path.is_dir() else read_npz(path)
    values: dict[str, Array] = {}
    labels: dict[str, Array] = {}
    for name, array in arrays.items():
        role, part = _parse_name(name)
        if role is None:
            continue
        chosen = values if role == "values" else labels
        if part in chosen:
            raise InvalidInput(
                f"one array of {role} for the part {part!r}",
                found="two",
                remedy="Name them differently, such as train_images and test_images.",
            )
        chosen[part] = array
    pairs = {part: LabelledArrays(values[part], labels[part]) for part in values if part in labels}
    if not pairs:
        raise InvalidInput(
            "an array of pictures and one of labels, such as `images` and `labels` or `test_images` and `test_labels`",
            found=f"arrays called {', '.join(sorted(arrays)) or '(none)'}",
            remedy="Rename the arrays.",
        )
    for part, pair in pairs.items():
        _check_pair(part, pair)
    return pairs


def read_npz(path: Path) -> dict[str, Array]:
    """Every array of an NPZ archive.

    Raises:
        InvalidInput: Not an NPZ, damaged, pickled, or larger than `MAX_BYTES` when unpacked.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(member.file_size for member in archive.infolist())
        if size > MAX_BYTES:
            raise InvalidInput(
                f"arrays of at most {MAX_BYTES} bytes", found=f"{size}", remedy="Divide the archive into several."
            )
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except (zipfile.BadZipFile, ValueError, OSError, EOFError) as error:
        raise _unreadable(path, error) from error


def _read_folder(folder: Path) -> dict[str, Array]:
    arrays: dict[str, Array] = {}
    for path in sorted(folder.glob("*.npy")):
        try:
            arrays[path.stem] = np.load(path, allow_pickle=False)
        except (ValueError, OSError, EOFError) as error:
            raise _unreadable(path, error) from error
    return arrays


def _unreadable(path: Path, error: Exception) -> InvalidInput:
    return InvalidInput(
        "a NumPy file without pickled objects",
        found=f"{path.name}, which does not read ({type(error).__name__})",
        remedy="Save plain arrays with numpy.save or numpy.savez.",
    )


def _parse_name(name: str) -> tuple[str | None, str]:
    """What the array is (`values`, `labels` or None) and which part it belongs to."""
    words = [word for word in re.split(r"[^a-z0-9]+", name.casefold()) if word]
    for role, known in (("labels", _LABEL_WORDS), ("values", _IMAGE_WORDS)):
        for word in words:
            if word in known:
                rest = [_PART_NAMES.get(other, other) for other in words if other != word]
                return role, "_".join(rest)
    return None, ""


def _check_pair(part: str, pair: LabelledArrays) -> None:
    if pair.values.ndim < 1 or pair.labels.ndim < 1 or pair.values.shape[0] != pair.labels.shape[0]:
        raise InvalidInput(
            f"as many labels as samples in the part {part or '(unnamed)'!r}",
            found=f"shapes {pair.values.shape} and {pair.labels.shape}",
            remedy="Check which arrays belong together.",
        )


def choose_part(parts: Mapping[str, _Part], part: str | None) -> tuple[str, _Part]:
    """The part that is asked for; without one the only part, else `test`, else `validation`.

    Raises:
        InvalidInput: There is no such part, or nothing says which one is meant.
    """
    wanted = None if part is None else _PART_NAMES.get(part.casefold(), part.casefold())
    if wanted is not None and wanted in parts:
        return wanted, parts[wanted]
    if wanted is None:
        if len(parts) == 1:
            return next(iter(parts.items()))
        for name in ("test", "validation"):
            if name in parts:
                return name, parts[name]
    raise InvalidInput(
        f"the part {part!r}" if part else "a part called test or validation, or one part alone",
        found=f"parts {', '.join(name or '(unnamed)' for name in parts)}",
        remedy="Name one of the parts.",
    )
