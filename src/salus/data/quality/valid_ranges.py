"""Check `out_of_range`: numbers that the task does not believe."""

from __future__ import annotations

import numpy as np

from salus.contracts.datasets import Dataset, QualityFinding
from salus.contracts.tasks import Task
from salus.data.quality.findings import PART_TITLES, finding

NAME = "out_of_range"


def find_out_of_range(dataset: Dataset, task: Task) -> list[QualityFinding]:
    """A warning a part and column in which values lie outside the input's valid range (or are infinite)."""
    found = []
    for part_name, part in dataset.parts().items():
        for spec in task.signature.inputs:
            column = part.inputs[spec.name]
            if spec.valid_range is None or column.dtype.kind not in "iuf" or column.ndim != 1:
                continue
            low, high = spec.valid_range
            numbers = column.astype(np.float64)
            outside = ((numbers < low) | (numbers > high)) & ~np.isnan(numbers)
            if not outside.any():
                continue
            count = int(outside.sum())
            unit = "" if spec.unit in {None, "1"} else f" {spec.unit}"
            found.append(
                finding(
                    NAME,
                    "warning",
                    f"{spec.name} lies outside {low:g} to {high:g}{unit} in {count} samples of {part_name}.",
                    f"{PART_TITLES.get(part_name, part_name)}中有 {count} 个样本的 {spec.name} 超出 "
                    f"{low:g} 至 {high:g}{unit}。",
                    samples=part.sample_ids[outside].tolist(),
                )
            )
    return found
