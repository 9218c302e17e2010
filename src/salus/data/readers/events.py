"""Observations in time: from records in text (PhysioNet 2012), or from a long table of the user's own."""

from __future__ import annotations

import itertools
import tarfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from salus.contracts.classification import ClassLabel
from salus.contracts.datasets import Split
from salus.contracts.errors import InvalidInput
from salus.contracts.tensors import TensorSpec
from salus.data.readers.labels import class_indices
from salus.data.readers.tables import find_column, read_columns, scalar_column

_HEADER = "Time,Parameter,Value"
_LONG_COLUMNS = ("id", "time", "variable", "value")
_MOST_RECORD_BYTES = 1 << 24


@dataclass(frozen=True)
class Record:
    """One stay as its text tells it.

    Attributes:
        name: The file's name without its ending.
        descriptors: What stands at 00:00 under a descriptor's name, by name; the first value of each.
        hours: (observations,) hours since admission.
        names: The variable of each observation.
        values: (observations,) in the variable's unit.
    """

    name: str
    descriptors: Mapping[str, float]
    hours: NDArray[np.float64]
    names: tuple[str, ...]
    values: NDArray[np.float64]


def read_record(text: str, *, name: str, descriptors: frozenset[str]) -> Record:
    """A record of lines `HH:MM,parameter,value` under the header `Time,Parameter,Value`.

    A line without a parameter is passed over, as the publisher's own reader does.

    Raises:
        InvalidInput: Another header, or a line that is none of these. Names the line's number, never its values.
    """
    lines = text.split()
    if not lines or lines[0] != _HEADER:
        raise InvalidInput(
            f"a record that begins with {_HEADER}", found="another first line", remedy="Check the folder's files."
        )
    first: dict[str, float] = {}
    hours, names, values = [], [], []
    for number, line in enumerate(lines[1:], start=2):
        try:
            time, parameter, value = line.split(",")
            hour, minute = time.split(":")
            at, amount = int(hour) + int(minute) / 60.0, float(value)
        except ValueError:
            raise InvalidInput(
                "lines HH:MM,parameter,value", found=f"another form in line {number}", remedy="Check the record."
            ) from None
        if parameter in descriptors and at == 0.0 and parameter not in first:
            first[parameter] = amount
        elif parameter:
            hours.append(at)
            names.append(parameter)
            values.append(amount)
    return Record(name, first, np.array(hours), tuple(names), np.array(values))


def list_record_texts(path: Path) -> Iterator[tuple[str, str]]:
    """Name and text of each record of a folder or of a tar archive, which is read without unpacking it.

    Args:
        path: A folder that holds `<record>.txt` (other names of letters are passed over), or such a folder packed.

    Raises:
        InvalidInput: The archive is damaged, or a record is implausibly large.
    """
    if path.is_dir():
        for file in sorted(path.glob("*.txt")):
            if file.stem.isdigit():
                yield file.stem, file.read_text(encoding="utf-8")
        return
    try:
        with tarfile.open(path, mode="r:*") as archive:
            for member in archive:
                name = PurePosixPath(member.name)
                stream = archive.extractfile(member) if name.suffix == ".txt" and name.stem.isdigit() else None
                if stream is None:
                    continue
                if member.size > _MOST_RECORD_BYTES:
                    raise InvalidInput(
                        "records of at most 16 MiB", found="a larger one", remedy="Check the archive's source."
                    )
                yield name.stem, stream.read().decode("utf-8")
    except (tarfile.TarError, EOFError, OSError) as error:
        raise InvalidInput(
            "a tar archive of records", found=f"one that does not read ({type(error).__name__})", remedy="Copy it anew."
        ) from error


def events_array(
    hours: NDArray[np.float64], names: Sequence[str], values: NDArray[np.float64], spec: TensorSpec
) -> tuple[NDArray[np.float32], int]:
    """Observations as the model takes them, in the order of time, without artefacts.

    Args:
        hours: (observations,) in the unit of `spec`.
        names: The variable of each.
        values: (observations,) in the variable's unit; NaN is left out.
        spec: An input of `events`.

    Returns:
        FP32 (observations kept, 3): time, index of the variable, value; and how many were left out because the value
        or the time lies outside the signature's range.

    Raises:
        InvalidInput: A variable that the signature does not know.
    """
    index = {variable.name: i for i, variable in enumerate(spec.variables)}
    unknown = sorted(set(names) - set(index))
    if unknown:
        raise InvalidInput(
            f"variables of {spec.name!r} by name",
            found=f"{len(unknown)} others",
            remedy="Rename or leave out what the signature does not list.",
        )
    ranges = np.array([variable.valid_range or (-np.inf, np.inf) for variable in spec.variables])
    code = np.array([index[name] for name in names], dtype=np.intp)
    first, last = spec.valid_range or (-np.inf, np.inf)
    believable = (values >= ranges[code, 0]) & (values <= ranges[code, 1]) & (hours >= first) & (hours <= last)
    rows = np.stack([hours, code.astype(np.float64), values], axis=1)[believable]
    rows = rows[np.lexsort((rows[:, 1], rows[:, 0]))]
    return rows.astype(np.float32), int((~believable & ~np.isnan(values)).sum())


def ragged_column(elements: Iterable[NDArray[np.float32]]) -> NDArray[np.object_]:
    """Arrays of different lengths as one column of a data set."""
    whole = list(elements)
    column = np.empty(len(whole), dtype=object)
    column[:] = whole
    return column


def read_event_tables(folder: Path, inputs: Sequence[TensorSpec], classes: Sequence[ClassLabel]) -> Split:
    """A person's own stays: `events.csv` (id, time, variable, value) and `outcomes.csv` (id, label and the scalars).

    `outcomes.csv` has one row a sample: `id`, `label` (an index or name of a class), a column for each scalar input,
    and where one person has several samples `subject`. Times and values are in the signature's units; a value outside
    the signature's range is left out. A sample without observations stays, with none. Parquet is read as well.

    Raises:
        InvalidInput: A file or a column is missing, a value is no number, or an id of `events.csv` has no outcome.
        MissingDependency: pyarrow is not installed.
    """
    spec = next(spec for spec in inputs if spec.content == "events")
    outcomes = read_columns(_table(folder, "outcomes"))
    events = read_columns(_table(folder, "events"))
    labels = _required(outcomes, "label")
    ids = _required(outcomes, "id")
    position = {name: row for row, name in enumerate(ids)}
    if len(position) != len(ids):
        raise InvalidInput("one row of outcomes.csv an id", found="an id twice", remedy="Give each sample its own id.")
    owner_names, time, variable, value = (_required(events, name) for name in _LONG_COLUMNS)
    if not set(owner_names) <= set(position):
        raise InvalidInput(
            "an outcome for each id of events.csv", found="ids without one", remedy="Add their rows to outcomes.csv."
        )
    owner = np.array([position[name] for name in owner_names], dtype=np.intp)
    hours, amounts = _numbers(time, "time"), _numbers(value, "value")
    order = np.argsort(owner, kind="stable")
    bounds = np.searchsorted(owner[order], np.arange(len(ids) + 1))
    members = [order[start:stop] for start, stop in itertools.pairwise(bounds)]
    column = (events_array(hours[rows], [variable[i] for i in rows], amounts[rows], spec)[0] for rows in members)
    scalars = {other.name: scalar_column(outcomes, other) for other in inputs if other is not spec}
    subject = find_column(outcomes, "subject")
    return Split(
        inputs={**scalars, spec.name: ragged_column(column)},
        labels=class_indices(labels, classes),
        sample_ids=np.array(ids),
        subjects=np.array(ids if subject is None else _required(outcomes, "subject")),
    )


def _table(folder: Path, stem: str) -> Path:
    found = [path for path in (folder / f"{stem}{suffix}" for suffix in (".csv", ".tsv", ".parquet")) if path.is_file()]
    if not found:
        raise InvalidInput(
            f"{stem}.csv in the folder",
            found="no such table",
            remedy="Write events.csv (id, time, variable, value) and outcomes.csv (id, label, one column an input).",
        )
    return found[0]


def _required(columns: Mapping[str, Sequence[str | None]], name: str) -> list[str]:
    found = find_column(columns, name)
    if found is None:
        raise InvalidInput(f"a column {name!r}", found=f"{len(columns)} others", remedy="Add it, or rename a column.")
    texts = [text for text in columns[found[0]] if text is not None]
    if len(texts) != len(columns[found[0]]):
        raise InvalidInput(
            f"a value in every row of {name!r}", found="empty ones", remedy="Fill them or leave them out."
        )
    return texts


def _numbers(texts: Sequence[str], name: str) -> NDArray[np.float64]:
    try:
        return np.array([float(text) for text in texts], dtype=np.float64)
    except ValueError:
        raise InvalidInput(
            f"numbers in the column {name!r} of events.csv",
            found="something else",
            remedy="Write numbers with a point.",
        ) from None
