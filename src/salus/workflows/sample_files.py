"""Samples in files: pictures, rows of a table, observations over time, FHIR Bundles, documents."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from salus.contracts.batches import Array
from salus.contracts.errors import InvalidInput
from salus.contracts.planning import Planning
from salus.contracts.tasks import Task
from salus.contracts.tensors import NUMPY_NAMES, Signature, TensorSpec
from salus.contracts.text import LocalizedText
from salus.data.readers.events import events_array, ragged_column
from salus.data.readers.tables import Columns, find_column, read_columns, scalar_column
from salus.standards.fhir.notes import write_notes
from salus.standards.fhir.observations import read_observations
from salus.standards.images import read_any_picture, sniff
from salus.workflows.named_files import find_files

TABLES = frozenset({".csv", ".parquet", ".pq", ".tsv"})
BESIDE_EVENTS = ("scalars", "outcomes")
"""Names, without ending, of the table beside a long one that holds the scalar inputs by `id`."""
_SNIFFED_BYTES = 65536
_WANTED = {
    "image": "a PNG, JPEG or DICOM file",
    "events": "a long table (id, time, variable, value) or a FHIR Bundle (JSON)",
    "document": "a JSON document",
    "table": "a table (CSV or Parquet) or a FHIR Bundle (JSON)",
}


@dataclass(frozen=True)
class FileSamples:
    """What one file holds.

    Attributes:
        inputs: Every input of the signature; axis 0 counts the samples.
        names: What each sample is called below the file's name; empty where the file is one sample.
        notes: What was passed over in reading, per sample.
    """

    inputs: Mapping[str, Array]
    names: tuple[str, ...]
    notes: tuple[tuple[LocalizedText, ...], ...]


def list_samples(path: Path, task: Task) -> dict[str, Path]:
    """The file, or those of a folder and those below it that may hold samples of `task`, by their names below it.

    Raises:
        InvalidInput: There is nothing under this name, or nothing in it that can be read.
    """
    files = find_files(path)
    if path.is_file():
        return files
    kind = _kind_of(task.signature)
    chosen = {name: file for name, file in files.items() if _may_hold(file, kind)}
    if not chosen:
        raise InvalidInput(
            f"{_WANTED[kind]} for {task.name}, or a folder of them",
            found=f"{len(files)} files, none of that kind",
            remedy=f"Check the path {path}.",
        )
    return chosen


def read_samples(path: Path, task: Task, given: Mapping[str, Array] | None = None) -> FileSamples:
    """The samples in one file.

    Args:
        path: A file as `list_samples` gives it.
        task: Whose inputs are read.
        given: Inputs that are not in the file, (1,) each: the same for every sample.

    Raises:
        InvalidInput: The file is of another kind, or cannot be read as inputs of the task.
        UnsupportedInput: A picture or Bundle that this installation cannot read.
    """
    kind = _kind_of(task.signature)
    if given and kind != "document":
        raise InvalidInput(
            f"all inputs of {task.name} in the file", found="others beside it", remedy="Write them into the file."
        )
    if not _may_hold(path, kind):
        found = "a table" if _is_table(path) else "another file"
        raise InvalidInput(
            f"{_WANTED[kind]} for {task.name}", found=found, remedy="Choose another file, or another package."
        )
    if kind == "image":
        (spec,) = task.signature.inputs
        picture = read_any_picture(path.read_bytes(), window=spec.window, channels=spec.shape[3])
        return FileSamples({spec.name: picture.pixels[np.newaxis]}, (), (picture.warnings,))
    if kind == "document":
        return FileSamples(_read_document(path, task, given or {}), (), ((),))
    if not _is_table(path):
        return _read_bundle(path, task.signature)
    columns = read_columns(path)
    if kind == "events":
        return _read_events(columns, path, task.signature)
    inputs = {spec.name: _in_datatype(scalar_column(columns, spec), spec) for spec in task.signature.inputs}
    count = len(next(iter(inputs.values())))
    return FileSamples(inputs, tuple(str(row + 1) for row in range(count)), ((),) * count)


def _kind_of(signature: Signature) -> str:
    found = {spec.content for spec in signature.inputs}
    return next((kind for kind in ("image", "document", "events") if kind in found), "table")


def _is_table(path: Path) -> bool:
    return path.suffix.casefold() in TABLES


def _may_hold(path: Path, kind: str) -> bool:
    if kind == "image":
        with path.open("rb") as file:
            return sniff(file.read(256)) is not None
    if path.suffix.casefold() == ".json":
        return kind == "document" or _is_fhir(path)
    return kind != "document" and _is_table(path) and not (kind == "events" and path.stem in BESIDE_EVENTS)


def _is_fhir(path: Path) -> bool:
    with path.open("rb") as file:
        return b'"resourceType"' in file.read(_SNIFFED_BYTES)


def _read_bundle(path: Path, signature: Signature) -> FileSamples:
    observed = read_observations(path.read_bytes(), signature)
    return FileSamples(observed.inputs, (), (write_notes(observed.ignored),))


def _read_document(path: Path, task: Task, given: Mapping[str, Array]) -> dict[str, Array]:
    """The document as the first document input; the others from `given`, or as the question says."""
    defaults: dict[str, object] = {"seed": 0}
    if isinstance(task.question, Planning):
        defaults["time_limit_s"] = task.question.time_limit_s
    documents = [spec for spec in task.signature.inputs if spec.content == "document"]
    inputs: dict[str, Array] = {}
    for spec in task.signature.inputs:
        kind = np.dtype(NUMPY_NAMES[spec.datatype])
        if spec is documents[0]:
            inputs[spec.name] = np.array([path.read_bytes()], dtype=object)
        elif spec.name in given:
            inputs[spec.name] = given[spec.name]
        elif spec.content == "document":
            inputs[spec.name] = np.array([b""], dtype=object)
        elif spec.name in defaults:
            inputs[spec.name] = np.array([defaults[spec.name]]).astype(kind)
        else:
            raise InvalidInput(f"a value of {spec.name!r}", found="none", remedy=f"Say it: --input {spec.name}=VALUE.")
    return inputs


def _read_events(columns: Columns, path: Path, signature: Signature) -> FileSamples:
    """Samples of a long table in the order in which their ids first occur.

    Scalars stand in the same table (the first value of each id counts) or in one called `scalars` or `outcomes` beside
    it. As in training, values outside the signature's ranges are artefacts: they are left out, and that is told.
    """
    spec = next(each for each in signature.inputs if each.content == "events")
    variable = _column(columns, "variable")
    owners = _column(columns, "id") if find_column(columns, "id") is not None else ["1"] * len(variable)
    names = tuple(dict.fromkeys(owners))
    place = {name: index for index, name in enumerate(names)}
    times, values = (_numbers(columns, name, unit) for name, unit in (("time", spec.unit), ("value", None)))
    owner = np.array([place[name] for name in owners], dtype=np.intp)
    order = np.argsort(owner, kind="stable")
    members = [
        order[start:stop]
        for start, stop in itertools.pairwise(np.searchsorted(owner[order], np.arange(len(names) + 1)))
    ]
    read = [events_array(times[rows], [variable[row] for row in rows], values[rows], spec) for rows in members]
    inputs: dict[str, Array] = {spec.name: ragged_column(rows for rows, _ in read)}
    first = np.array([rows[0] for rows in members], dtype=np.intp)
    for other in signature.inputs:
        if other is not spec:
            inputs[other.name] = _scalars(columns, path, other, names, first)
    return FileSamples(inputs, names, tuple(_tell_artefacts(left_out) for _, left_out in read))


def _scalars(columns: Columns, path: Path, spec: TensorSpec, names: Sequence[str], first: NDArray[np.intp]) -> Array:
    if find_column(columns, spec.name) is not None:
        return _in_datatype(scalar_column(columns, spec)[first], spec)
    beside = [path.with_name(f"{stem}{path.suffix}") for stem in BESIDE_EVENTS]
    found = next((file for file in beside if file.is_file()), None)
    if found is None:
        raise InvalidInput(
            f"a column {spec.name!r}",
            found="none, and no table of scalars",
            remedy=f"Add it, or a table {beside[0].name} with `id` and the scalar inputs beside it.",
        )
    table = read_columns(found)
    rows = {name: row for row, name in enumerate(_column(table, "id"))}
    absent = sum(name not in rows for name in names)
    if absent:
        raise InvalidInput(
            f"a row of {found.name} for each id", found=f"{absent} ids without one", remedy="Add their rows."
        )
    return _in_datatype(scalar_column(table, spec)[[rows[name] for name in names]], spec)


def _in_datatype(column: NDArray[np.float32], spec: TensorSpec) -> Array:
    kind = np.dtype(NUMPY_NAMES[spec.datatype])
    if kind.kind != "f" and (np.isnan(column).any() or (column != np.floor(column)).any()):
        raise InvalidInput(
            f"a whole number in every row of {spec.name!r}", found="another or none", remedy="Fill in the column."
        )
    return column.astype(kind)


def _column(columns: Columns, name: str) -> list[str]:
    found = find_column(columns, name)
    texts = [] if found is None else [text for text in columns[found[0]] if text is not None]
    if found is None or len(texts) != len(columns[found[0]]):
        raise InvalidInput(
            f"a column {name!r} with a value in every row",
            found="none" if found is None else "empty ones",
            remedy="Write a long table: id, time, variable, value.",
        )
    return texts


def _numbers(columns: Columns, name: str, unit: str | None) -> NDArray[np.float64]:
    spec = TensorSpec(
        name=name, datatype="FP32", shape=(-1,), title=LocalizedText(name, name), content="scalar", unit=unit
    )
    return np.asarray(scalar_column(columns, spec), dtype=np.float64)


def _tell_artefacts(count: int) -> tuple[LocalizedText, ...]:
    if not count:
        return ()
    return (
        LocalizedText(
            f"Not used: {count} observations outside the range that the model accepts.",
            f"未使用：{count} 条超出模型可接受范围的观测。",
        ),
    )
