"""What goes into a package beside the model: an example, and the reference distribution.

Neither holds a person (docs/decisions/0005): rows are means of at least `GROUP` training rows, and the example is a
mean unless the pack's data are open.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from salus.contracts.batches import Array, Batch
from salus.contracts.datasets import Split
from salus.contracts.packages import Histogram, Reference
from salus.contracts.packs import TaskKit
from salus.contracts.regression import Regression
from salus.contracts.survival import TimeToEvent
from salus.contracts.tasks import Task
from salus.contracts.tensors import TensorSpec
from salus.contracts.treatment import Choice

GROUP = 5
MOST_ROWS = 100
BINS = 20
_MOST_EVENTS = 2_000_000


def choose_example(kit: TaskKit, train: Split, validation: Split, answers: Batch) -> dict[str, Array]:
    """One sample, as the kit's policy says.

    Args:
        kit: Says whether a real sample may travel.
        train: For means.
        validation: For a real sample.
        answers: The served outputs on validation data.

    Returns:
        The inputs by name, one sample each.
    """
    finding = len(kit.task.classes) - 1
    if kit.example == "sample":
        chosen = _surest(validation, answers["probabilities"], finding) if kit.task.classes else 0
        return {name: _stack(column[[chosen]]) for name, column in validation.inputs.items()}
    members = np.flatnonzero(train.labels == finding) if kit.task.classes else np.arange(len(train))
    return {spec.name: _mean(spec, train.inputs[spec.name][members]) for spec in kit.task.signature.inputs}


def summarise_training(task: Task, train: Split, answers: Batch) -> Reference:
    """The reference distribution: background rows, histograms of the inputs and of the answers.

    Args:
        task: Names inputs and answers.
        train: The training part.
        answers: The served outputs on validation data.
    """
    scalars = [spec for spec in task.signature.inputs if spec.content in {"scalar", "category"}]
    histograms: dict[str, Histogram] = {}
    for spec in task.signature.inputs:
        column = train.inputs[spec.name]
        if spec.content == "image":
            histograms[f"{spec.name}.mean"] = _histogram(np.array([float(np.mean(picture)) for picture in column]))
            histograms[f"{spec.name}.std"] = _histogram(np.array([float(np.std(picture)) for picture in column]))
        elif spec.content == "events":
            rows = np.concatenate([np.asarray(events, dtype=np.float64) for events in column])
            for index, variable in enumerate(spec.variables):
                histograms[f"{spec.name}.{variable.name}"] = _histogram(rows[rows[:, 1] == index, 2])
        elif spec.content in {"scalar", "category"}:
            histograms[spec.name] = _histogram(column.astype(np.float64))
    outputs = {
        name: _histogram(values, low=0.0 if unit else None, high=1.0 if unit else None)
        for name, values, unit in _told(task, answers)
    }
    categories = frozenset(spec.name for spec in scalars if spec.content == "category")
    columns = {spec.name: train.inputs[spec.name] for spec in scalars}
    background = _average_neighbours(columns, categories) if scalars else {}
    return Reference(background=background, inputs=histograms, outputs=outputs)


def write_request(example: Batch, task: Task) -> dict[str, Any]:
    """The example as a request of the Open Inference Protocol."""
    return {
        "id": "example",
        "inputs": [_write_tensor(spec, example[spec.name]) for spec in task.signature.inputs],
    }


def write_answer(outputs: Batch, task: Task) -> dict[str, Any]:
    """The expected answer in the same form; evidence maps are left out, which a self-test need not repeat."""
    return {
        "id": "example",
        "outputs": [_write_tensor(spec, outputs[spec.name]) for spec in task.signature.outputs if spec.name in outputs],
    }


def _write_tensor(spec: TensorSpec, array: Array) -> dict[str, Any]:
    flat = [None if isinstance(value, float) and math.isnan(value) else value for value in array.ravel().tolist()]
    return {"name": spec.name, "shape": list(array.shape), "datatype": spec.datatype, "data": flat}


def _told(task: Task, answers: Batch) -> Iterator[tuple[str, NDArray[np.float64], bool]]:
    """The answers to watch for drift: name, values, and whether they are probabilities."""
    question = task.question
    if isinstance(question, TimeToEvent):
        for index, horizon in enumerate(question.horizons):
            yield f"risk_{horizon:g}", answers["risk"][:, index].astype(np.float64), True
    elif isinstance(question, Choice):
        for index, option in enumerate(question.options):
            yield option.name, answers["outcome"][:, index].astype(np.float64), False
    elif isinstance(question, Regression):
        yield "value", answers["value"].astype(np.float64), False
    else:
        for index, label in enumerate(task.classes):
            yield label.name, answers["probabilities"][:, index].astype(np.float64), True


def _surest(validation: Split, probabilities: Array, finding: int) -> int:
    of_finding = np.flatnonzero(validation.labels == finding)
    return int(of_finding[np.argmax(probabilities[of_finding, finding].astype(np.float64))])


def _stack(column: Array) -> Array:
    return np.stack(list(column)) if column.dtype == object else column


def _mean(spec: TensorSpec, column: Array) -> Array:
    if spec.content == "category":
        return np.array([_mode(column.astype(np.float64))]).astype(column.dtype)
    if spec.content == "events":
        return _mean_events(spec, column)[np.newaxis]
    if spec.content != "image":
        mean: Array = np.nanmean(column.astype(np.float64), axis=0, keepdims=True).astype(column.dtype)
        return mean
    pictures = list(column)
    height = int(np.median([picture.shape[0] for picture in pictures]))
    width = int(np.median([picture.shape[1] for picture in pictures]))
    total = np.zeros((height, width, pictures[0].shape[2]), dtype=np.float64)
    for picture in pictures:  # nearest neighbour: blur is what a mean is anyway
        rows = (np.arange(height) * picture.shape[0]) // height
        columns = (np.arange(width) * picture.shape[1]) // width
        total += picture[rows][:, columns]
    return np.rint(total / len(pictures))[np.newaxis].astype(np.uint8)


def _mean_events(spec: TensorSpec, column: Array) -> NDArray[np.float32]:
    """(L, 3): per whole unit of time and variable the mean over samples, where at least `GROUP` samples have one."""
    stays = [np.asarray(events, dtype=np.float64) for events in column]
    rows = np.concatenate([np.column_stack([events, np.full(len(events), at)]) for at, events in enumerate(stays)])
    rows = rows[~np.isnan(rows[:, 2])]
    cells: dict[tuple[float, float], list[tuple[float, float]]] = {}
    for time, variable, value, stay in rows[:: max(1, len(rows) // _MOST_EVENTS)]:
        cells.setdefault((float(np.floor(time)), float(variable)), []).append((float(value), float(stay)))
    common = len(stays) / 4
    kept = [
        (time, variable, float(np.mean([value for value, _ in seen])))
        for (time, variable), seen in sorted(cells.items())
        if len({stay for _, stay in seen}) >= max(GROUP, common)
    ]
    fallback = sorted(cells.items(), key=lambda item: -len(item[1]))[: spec.fewest]
    few = [(*cell, float(np.mean([value for value, _ in seen]))) for cell, seen in fallback]
    chosen = kept if len(kept) >= spec.fewest else sorted({*kept, *few})
    return np.array(chosen, dtype=np.float32)


def _mode(values: NDArray[np.float64]) -> float:
    """The most frequent value that is not missing; of several the smallest."""
    known, counts = np.unique(values[~np.isnan(values)], return_counts=True)
    return float(known[np.argmax(counts)])


def _average_neighbours(columns: dict[str, Array], categories: frozenset[str]) -> dict[str, tuple[float | None, ...]]:
    """Microaggregation: rows in the order of their first principal component, in groups of `GROUP` or more.

    Each group becomes one row of means, of `categories` of modes: there is no mean of two categories.
    """
    matrix = np.stack([column.astype(np.float64) for column in columns.values()], axis=1)
    middle = [
        _mode(column) if name in categories else float(np.nanmean(column))
        for name, column in zip(columns, matrix.T, strict=True)
    ]
    filled = np.where(np.isnan(matrix), middle, matrix)
    spread = filled.std(axis=0)
    standard = (filled - filled.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    direction = np.linalg.svd(standard, full_matrices=False)[2][0]
    direction = direction * np.sign(direction[np.argmax(np.abs(direction))])
    order = np.argsort(standard @ direction, kind="stable")
    parts = max(1, min(MOST_ROWS, len(order) // GROUP))
    groups = np.array_split(order, parts)
    rows = {
        name: [_mode(column[group]) if name in categories else column[group].mean() for group in groups]
        for name, column in zip(columns, filled.T, strict=True)
    }
    return {name: tuple(float(np.float32(value)) for value in values) for name, values in rows.items()}


def _histogram(values: NDArray[np.float64], low: float | None = None, high: float | None = None) -> Histogram:
    known = values[~np.isnan(values)]
    if not known.size:
        return Histogram(edges=(0.0, 1.0), counts=(0,), missing=int(values.size))
    bounds = (float(known.min()) if low is None else low, float(known.max()) if high is None else high)
    counts, edges = np.histogram(
        known, bins=BINS, range=bounds if bounds[0] < bounds[1] else (bounds[0], bounds[0] + 1)
    )
    return Histogram(
        edges=tuple(float(edge) for edge in edges),
        counts=tuple(int(count) for count in counts),
        missing=int(values.size - known.size),
    )
