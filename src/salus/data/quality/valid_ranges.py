"""Check `out_of_range`: numbers that the task does not believe."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from salus.contracts.batches import Array
from salus.contracts.datasets import Dataset, QualityFinding, Split
from salus.contracts.tasks import Task
from salus.contracts.tensors import TensorSpec
from salus.data.quality.findings import PART_TITLES, finding

NAME = "out_of_range"


def find_out_of_range(dataset: Dataset, task: Task) -> list[QualityFinding]:
    """A warning a part and column in which values lie outside the input's valid range (or are infinite)."""
    found = []
    for part_name, part in dataset.parts().items():
        for spec in task.signature.inputs:
            column = part.inputs[spec.name]
            if spec.content == "events":
                found += _events_out_of_range(spec, column, part, part_name)
            elif spec.valid_range is not None and column.dtype.kind in "iuf" and column.ndim == 1:
                outside = _outside(column.astype(np.float64), spec.valid_range)
                found += _report(spec.name, spec.unit, spec.valid_range, part.sample_ids[outside], part_name)
    return found


def _events_out_of_range(spec: TensorSpec, column: Array, part: Split, part_name: str) -> list[QualityFinding]:
    """One finding for the times, and one a variable."""
    owner = np.repeat(np.arange(len(column)), [len(rows) for rows in column])
    rows = np.concatenate([np.asarray(rows, dtype=np.float64).reshape(-1, 3) for rows in column])
    told = [(f"{spec.name}: time", spec.unit, spec.valid_range, np.ones(len(rows), dtype=np.bool_), rows[:, 0])]
    told += [
        (f"{spec.name}: {variable.name}", variable.unit, variable.valid_range, rows[:, 1] == index, rows[:, 2])
        for index, variable in enumerate(spec.variables)
    ]
    found = []
    for name, unit, valid_range, member, values in told:
        if valid_range is not None:
            samples = np.unique(owner[member & _outside(values, valid_range)])
            found += _report(name, unit, valid_range, part.sample_ids[samples], part_name)
    return found


def _outside(numbers: NDArray[np.float64], valid_range: tuple[float, float]) -> NDArray[np.bool_]:
    low, high = valid_range
    return np.asarray(((numbers < low) | (numbers > high)) & ~np.isnan(numbers), dtype=np.bool_)


def _report(
    name: str, unit: str | None, valid_range: tuple[float, float], samples: NDArray[np.str_], part_name: str
) -> list[QualityFinding]:
    if not len(samples):
        return []
    low, high = valid_range
    suffix = "" if unit in {None, "1"} else f" {unit}"
    return [
        finding(
            NAME,
            "warning",
            f"{name} lies outside {low:g} to {high:g}{suffix} in {len(samples)} samples of {part_name}.",
            f"{PART_TITLES.get(part_name, part_name)}中有 {len(samples)} 个样本的 {name} 超出 "
            f"{low:g} 至 {high:g}{suffix}。",
            samples=samples.tolist(),
        )
    ]
