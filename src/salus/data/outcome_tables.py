"""Rows of a table with what came of them: times, outcomes, values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from salus.contracts.datasets import Split
from salus.contracts.errors import InvalidInput
from salus.contracts.tensors import TensorSpec
from salus.contracts.text import LocalizedText
from salus.data.readers.tables import Columns, find_column, read_columns, scalar_column

_ID_COLUMNS = ("id", "sample_id", "sample")
_SUBJECT_COLUMNS = ("subject", "subject_id", "patient", "patient_id")
_GROUP = "group."


def read_outcome_table(
    path: Path,
    inputs: Sequence[TensorSpec],
    *,
    label: str | None,
    targets: Mapping[str, str],
    labels: Sequence[LocalizedText] = (),
) -> Split:
    """A CSV or Parquet table as a part of a data set whose truth is more than a class.

    Beside the inputs there may be `id`, `subject` (the person of a row) and any number of `group.<name>` columns,
    which become subgroups. A row without an outcome is refused: unknown outcomes are not guessed.

    Args:
        path: The table.
        inputs: The signature's scalar inputs; each is a column.
        label: The column of `Split.labels`: whole numbers, or words of `labels`. None: all 0.
        targets: Names in `Split.targets` by the column that holds each.
        labels: The meaning of each label, where words are allowed.

    Raises:
        InvalidInput: A column is missing, or holds something else than numbers. Names the column, never the value.
        MissingDependency: pyarrow is not installed.
    """
    columns = read_columns(path)
    values = {spec.name: scalar_column(columns, spec) for spec in inputs}
    count = len(next(iter(values.values())))
    names = np.array([f"row-{row + 1}" for row in range(count)])
    ids, subjects = _texts(columns, _ID_COLUMNS), _texts(columns, _SUBJECT_COLUMNS)
    found = np.zeros(count) if label is None else _outcome(columns, label, labels)
    if (found != np.round(found)).any() or (found.size and found.min() < 0):
        raise InvalidInput(
            f"whole numbers from 0 in the column {label!r}", found="others", remedy="Write 0 and 1, or the names."
        )
    return Split(
        inputs=values,
        labels=found.astype(np.int64),
        sample_ids=ids if ids is not None and len(np.unique(ids)) == count else names,
        subjects=names if subjects is None else subjects,
        groups={name[len(_GROUP) :]: _filled(columns[name]) for name in columns if name.startswith(_GROUP)},
        targets={name: _outcome(columns, column, ()) for name, column in targets.items()},
    )


def _outcome(columns: Columns, name: str, words: Sequence[LocalizedText]) -> NDArray[np.float64]:
    spec = TensorSpec(
        name=name,
        datatype="FP32",
        shape=(-1,),
        title=LocalizedText(name, name),
        content="category" if words else "scalar",
        categories=tuple(words),
    )
    header = find_column(columns, name)
    if header is not None and header[1] is not None:
        columns = {name: columns[header[0]]}  # the unit of an outcome is the task's; it is told beside the header
    values = scalar_column(columns, spec).astype(np.float64)
    missing = int(np.isnan(values).sum())
    if missing:
        raise InvalidInput(
            f"a number in every row of the column {name!r}",
            found=f"none in {missing} rows",
            remedy="Leave out rows whose outcome is not known.",
        )
    return values


def _texts(columns: Columns, names: Sequence[str]) -> NDArray[np.str_] | None:
    lower = {name.casefold(): name for name in columns}
    found = next((lower[name] for name in names if name in lower), None)
    return None if found is None else _filled(columns[found])


def _filled(column: Sequence[str | None]) -> NDArray[np.str_]:
    return np.array([value or "" for value in column], dtype=np.str_)
