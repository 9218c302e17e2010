"""The real data of the DeepSurv experiments (Katzman et al., BMC Med Res Methodol 18:24, 2018): four survival sets.

The files name their columns; where a name contradicts the column's own values the values are believed, and the column
is read as what it is:

- `support`: the columns `white_blood_cells` (110 to 181, median 137) and `serum_sodium` (0 to 200, median 11) hold
  serum sodium in mmol/L and white cells in 10^9/L; the names are exchanged.
- `gbsg`: the column `tumour_grade` of the test part agrees row by row with the size categories (up to 20, 20 to 50,
  above 50 mm) of the trial's published data, and with its grades in no order; it is read as the size category.
- `whas`: the columns' meaning is not published; they stay x0 to x5. Most of its rows stand there several times, and 229
  of the 328 test rows are also in the training file, with the same times. Equal rows are therefore one subject.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from salus.contracts.datasets import Dataset, Split
from salus.contracts.packs import DataRequest
from salus.data.catalogue import find_entry
from salus.data.copies import locate, verify
from salus.data.digest import dataset_digest
from salus.data.readers.tables import read_columns
from salus.data.splitting import split_by_subject

SetName = Literal["whas", "support", "metabric", "gbsg"]
VALIDATION_SHARE = 0.2
"""Of the publisher's training file; its subjects are drawn by the build's seed."""

_FILES: dict[SetName, str] = {
    "whas": "whas",
    "support": "support",
    "metabric": "metabric_IHC4_clinical",
    "gbsg": "gbsg_cancer",
}
_RENAMED: dict[SetName, dict[str, str]] = {
    "support": {"white_blood_cells": "serum_sodium", "serum_sodium": "white_blood_cells"},
    "gbsg": {"tumour_grade": "tumour_size"},
}


def read(request: DataRequest, seed: int, name: SetName) -> Dataset:
    """One of the four, its training file divided by subject and event; the test file is the publisher's.

    Args:
        request: Where to look.
        seed: Of the division into training and validation part.
        name: Which.

    Raises:
        DataUnavailable: No copy is at hand.
        ChecksumMismatch: A file is not the publisher's.
    """
    entry = find_entry("survival-deepsurv")
    located = locate(entry, request.data_dirs)
    verify(located)
    learned, test = (_read_part(located.folder, name, part) for part in ("train", "test"))
    fractions = {"train": 1 - VALIDATION_SHARE, "validation": VALIDATION_SHARE}
    indices = split_by_subject(learned.subjects, learned.labels, fractions=fractions, seed=seed)
    parts = {**{part: learned.take(chosen) for part, chosen in indices.items()}, "test": test}
    return Dataset(
        source=entry.source,
        digest=dataset_digest(parts),
        train=parts["train"],
        validation=parts["validation"],
        test=test,
    )


def _read_part(folder: Path, name: SetName, part: str) -> Split:
    columns = read_columns(folder / f"{_FILES[name]}_{part}.csv")
    values = {key: np.array([np.nan if v is None else float(v) for v in column]) for key, column in columns.items()}
    time, event = values.pop("time"), values.pop("event")
    renamed = _RENAMED.get(name, {})
    ids = np.array([f"{name}-{part}-{row + 1:05d}" for row in range(time.size)])
    return Split(
        inputs={renamed.get(key, key): column.astype(np.float32) for key, column in values.items()},
        labels=event.astype(np.int64),
        sample_ids=ids,
        subjects=_subjects(np.stack([*values.values(), time, event], axis=1), name) if name == "whas" else ids,
        targets={"time": time},
    )


def _subjects(rows: NDArray[np.float64], name: str) -> NDArray[np.str_]:
    """The same name for equal rows, whichever part they stand in."""
    import hashlib

    digests = [hashlib.sha256(row.astype("<f8").tobytes()).hexdigest()[:16] for row in rows]
    return np.array([f"{name}-{digest}" for digest in digests])
