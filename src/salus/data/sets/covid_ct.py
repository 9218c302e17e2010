"""COVID-CT: slices cut from figures, with the publisher's division (arXiv:2003.13865).

The subject rule. The files name no patients. What a name tells is where the picture was cut from, and one figure shows
one patient or few:

- names of the form `2020.03.04.20031047-p13-84%2.png` (an article's identifier, a page, a figure, a panel) belong to
  the *article*: pages and figures of one article may show one patient;
- all other names belong to the *name group* before `%`: `35%0.jpg`, `35%1.jpg` are panels of figure 35.

The rule keeps together more than need be, never less than the names allow. By it the publisher's division puts parts
of an article and of a name group on two sides; the quality report says so.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from salus.contracts.datasets import Dataset, Split
from salus.contracts.errors import InvalidInput
from salus.contracts.packs import DataRequest
from salus.data.catalogue import Located, find_entry, locate, verify
from salus.data.digest import dataset_digest
from salus.data.readers.images import read_pictures
from salus.data.readers.stacks import stack_pictures
from salus.standards.images import describe_picture, reduce_picture

LONGEST_SIDE = 256
"""Pictures are reduced to this longest side, in pixels; never enlarged."""

_ARTICLE = re.compile(r"^(?P<article>.+?)-p\d+-")
_LABELS = {"NonCOVID": 0, "COVID": 1}
_PARTS = {"train": "train", "val": "validation", "test": "test"}


@dataclass(frozen=True)
class _Row:
    """One picture: where it lies and what is known of its original."""

    path: Path
    name: str
    part: str
    label: int
    width: int
    height: int
    mode: str


def read(request: DataRequest, seed: int, *, channels: int = 1) -> Dataset:
    """COVID-CT as its publisher divided it.

    Args:
        request: Where copies may lie. Nothing is fetched: the licence is unclear.
        seed: Unused; the publisher divides.
        channels: 1 for grey, 3 for grey repeated.

    Returns:
        The data set; input `image`, ragged, longest side at most 256 pixels; labels 0 NonCOVID, 1 COVID; attributes
        `orig_width`, `orig_height`, `orig_mode`, `orig_ext`, `source`. The test part is there where the copy has it.

    Raises:
        DataUnavailable: No copy.
        ChecksumMismatch: A copy whose files are not those that were promised.
    """
    del seed
    entry = find_entry("covid-ct")
    located = locate(entry, (*request.data_dirs, request.cache_dir))
    verify(located)
    rows = _reduced_rows(located) if located.layout.name == "reduced" else _upstream_rows(located.folder)
    parts = {
        part: _read_part([row for row in rows if row.part == part], channels)
        for part in dict.fromkeys(row.part for row in rows)
    }
    return Dataset(
        source=entry.source,
        digest=dataset_digest(parts),
        train=parts["train"],
        validation=parts["validation"],
        test=parts.get("test"),
    )


def subject_of(original_name: str) -> str:
    """The group that must not be divided, by the rule above.

    Example:
        >>> subject_of("2020.03.04.20031047-p13-84%2.png"), subject_of("35%1.jpg")
        ('article 2020.03.04.20031047', 'name 35')
    """
    match = _ARTICLE.match(original_name)
    if match:
        return f"article {match['article']}"
    return f"name {Path(original_name).stem.partition('%')[0]}"


def source_of(original_name: str) -> str:
    """Where the name says that a picture was cut from: `article`, or `numbered` for names that are only a number."""
    return "article" if _ARTICLE.match(original_name) else "numbered"


def _read_part(rows: Sequence[_Row], channels: int) -> Split:
    pictures = [
        reduce_picture(picture, longest=LONGEST_SIDE)
        for picture in read_pictures([row.path for row in rows], channels=channels)
    ]
    names = [row.name for row in rows]
    return Split(
        inputs={"image": stack_pictures(pictures)},
        labels=np.array([row.label for row in rows], dtype=np.int64),
        sample_ids=_unique(rows),
        subjects=np.array([subject_of(name) for name in names]),
        attributes={
            "orig_width": np.array([float(row.width) for row in rows]),
            "orig_height": np.array([float(row.height) for row in rows]),
            "orig_mode": np.array([row.mode for row in rows]),
            "orig_ext": np.array([Path(name).suffix.casefold() for name in names]),
            "source": np.array([source_of(name) for name in names]),
        },
    )


def _unique(rows: Sequence[_Row]) -> NDArray[np.str_]:
    """Names that say class and original name; both classes hold names such as `1.png`."""
    classes = {label: name for name, label in _LABELS.items()}
    return np.array([f"{classes[row.label]}/{row.name}" for row in rows])


def _reduced_rows(located: Located) -> list[_Row]:
    """The copy with a manifest that keeps the originals' names, sizes and modes."""
    with (located.folder / "manifest.csv").open(encoding="utf-8", newline="") as stream:
        return [
            _Row(
                path=located.folder / row["file"],
                name=row["original_name"],
                part=_PARTS[row["split"]],
                label=int(row["label"]),
                width=int(row["orig_width"]),
                height=int(row["orig_height"]),
                mode=row["orig_mode"],
            )
            for row in csv.DictReader(stream)
        ]


def _upstream_rows(folder: Path) -> list[_Row]:
    """The publisher's repository: pictures by class, and text files that list each part."""
    rows = []
    for label_name, label in _LABELS.items():
        pictures = folder / "Images-processed" / f"CT_{label_name}"
        for prefix, part in _PARTS.items():
            for name in _listed(folder / "Data-split", f"{prefix}CT_{label_name}.txt", required=part != "test"):
                path = pictures / name
                width, height, mode = describe_picture(path.read_bytes()) if path.is_file() else (0, 0, "")
                if not width:
                    raise InvalidInput(
                        f"every listed picture in {pictures.name}",
                        found=f"one missing of the part {part}",
                        remedy="Unpack the publisher's archive of pictures again.",
                    )
                rows.append(_Row(path=path, name=name, part=part, label=label, width=width, height=height, mode=mode))
    return rows


def _listed(folder: Path, name: str, *, required: bool) -> list[str]:
    found = sorted(folder.rglob(name))
    if not found:
        if required:
            raise InvalidInput(
                f"{name} under {folder.name}", found="none", remedy="Copy the publisher's whole repository."
            )
        return []
    return [line.strip() for line in found[0].read_text(encoding="utf-8").splitlines() if line.strip()]
