"""The PhysioNet/CinC Challenge 2012: 4,000 stays in intensive care, the first 48 hours, and who died in hospital.

Silva, Moody, Scott, Celi, Mark, "Predicting in-hospital mortality of ICU patients", Comput Cardiol 39:245 (2012).
A descriptor of -1 is missing, as is one outside its range (a height of 2 cm); observations outside the ranges of
`physionet2012_inputs` are left out. Weight stands among the descriptors (at admission) and among the variables.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from salus.contracts.datasets import Dataset, Split
from salus.contracts.errors import InvalidInput
from salus.contracts.packs import DataRequest
from salus.data.catalogue import find_entry, locate
from salus.data.digest import dataset_digest
from salus.data.readers.events import Record, events_array, list_record_texts, ragged_column, read_record
from salus.data.sets.physionet2012_inputs import INPUTS
from salus.data.splitting import split_by_subject

FRACTIONS = {"train": 0.7, "validation": 0.15, "test": 0.15}
"""Share of the stays by part. The publisher names no patients beside stays; each stay is taken for its own."""

_DESCRIPTORS = frozenset({"RecordID", "Age", "Gender", "Height", "ICUType", "Weight"})
_OUTCOME = "In-hospital_death"
_EVENTS = INPUTS[-1]


def read(request: DataRequest, seed: int) -> Dataset:
    """Set A, divided 70 : 15 : 15 by the seed.

    Raises:
        DataUnavailable: No copy in the data folders.
        InvalidInput: A file is not in the challenge's form.
    """
    entry = find_entry("physionet2012")
    folder = locate(entry, request.data_dirs).folder
    whole = read_challenge_folder(folder)
    indices = split_by_subject(whole.subjects, whole.labels, fractions=FRACTIONS, seed=seed)
    parts = {part: whole.take(chosen) for part, chosen in indices.items()}
    return Dataset(
        source=entry.source,
        digest=dataset_digest(parts),
        train=parts["train"],
        validation=parts["validation"],
        test=parts["test"],
    )


def is_challenge_folder(folder: Path) -> bool:
    """Whether a folder holds an outcomes file of the challenge."""
    return folder.is_dir() and any(folder.glob("Outcomes-*.txt"))


def read_challenge_folder(folder: Path) -> Split:
    """A folder laid out as the challenge's: `Outcomes-x.txt` beside the records.

    The records may lie in the folder itself, in a subfolder (`set-b/`), or packed (`set-b.tar.xz`, read as it is).

    Returns:
        The stays in the order of their record numbers; label 1 for death in hospital. Groups: `sex`, `age_band`,
        `icu_type`.

    Raises:
        InvalidInput: No outcomes file or more than one, a record without an outcome, or another form.
    """
    outcomes = _read_outcomes(folder)
    records = {
        name: read_record(text, name=name, descriptors=_DESCRIPTORS)
        for source in _record_sources(folder)
        for name, text in list_record_texts(source)
    }
    if not records or set(records) != set(outcomes):
        raise InvalidInput(
            "one record for each row of the outcomes file",
            found=f"{len(records)} records and {len(outcomes)} outcomes, of which "
            f"{len(set(records) & set(outcomes))} belong together",
            remedy="Put the records beside their own outcomes file.",
        )
    return split_records([records[name] for name in sorted(records)], outcomes)


def split_records(records: Iterable[Record], outcomes: Mapping[str, int]) -> Split:
    """Records as samples.

    Args:
        records: In the order wanted.
        outcomes: 1 for death in hospital, by record.
    """
    chosen = list(records)
    age, gender, height, weight, icu = (
        np.array([record.descriptors.get(name, np.nan) for record in chosen])
        for name in ("Age", "Gender", "Height", "Weight", "ICUType")
    )
    columns = {"age": age, "sex": gender, "height": height, "weight": weight, "icu_type": icu - 1.0}
    scalars = {spec.name: _believable(columns[spec.name], spec.valid_range) for spec in INPUTS if spec is not _EVENTS}
    names = np.array([record.name for record in chosen])
    events = [events_array(record.hours, record.names, record.values, _EVENTS)[0] for record in chosen]
    return Split(
        inputs={**scalars, _EVENTS.name: ragged_column(events)},
        labels=np.array([outcomes[record.name] for record in chosen], dtype=np.int64),
        sample_ids=names,
        subjects=names,
        groups={
            "sex": _words(scalars["sex"], ("female", "male")),
            "age_band": _words(np.digitize(age, [65.0, 80.0]), ("under_65", "65_to_79", "80_and_over")),
            "icu_type": _words(scalars["icu_type"], ("coronary", "cardiac_surgery", "medical", "surgical")),
        },
        attributes={"record_number": names.astype(np.int64)},
    )


def _read_outcomes(folder: Path) -> dict[str, int]:
    found = sorted(folder.glob("Outcomes-*.txt"))
    if len(found) != 1:
        raise InvalidInput("one file Outcomes-*.txt", found=f"{len(found)}", remedy="Name one set's own folder.")
    with found[0].open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    if not rows or not {"RecordID", _OUTCOME} <= set(rows[0]) or any(row[_OUTCOME] not in {"0", "1"} for row in rows):
        raise InvalidInput(
            f"columns RecordID and {_OUTCOME} (0 or 1)", found="others", remedy="Check the outcomes file."
        )
    return {row["RecordID"]: int(row[_OUTCOME]) for row in rows}


def _record_sources(folder: Path) -> list[Path]:
    archives = [path for path in sorted(folder.iterdir()) if path.is_file() and ".tar" in path.suffixes]
    folders = [folder, *(path for path in sorted(folder.iterdir()) if path.is_dir())]
    holding = [path for path in folders if any(file.stem.isdigit() for file in path.glob("*.txt"))]
    return holding or archives


def _believable(values: NDArray[np.float64], valid_range: tuple[float, float] | None) -> NDArray[np.float32]:
    low, high = valid_range or (-np.inf, np.inf)
    return np.where((values >= low) & (values <= high), values, np.nan).astype(np.float32)


def _words(index: NDArray[np.generic], words: tuple[str, ...]) -> NDArray[np.str_]:
    numbers = np.asarray(index, dtype=np.float64)
    known = np.nan_to_num(numbers, nan=len(words)).astype(np.intp)
    return np.array([*words, "unknown"])[known]
