"""Check `missing_values`: numbers that are not there."""

from __future__ import annotations

import numpy as np

from salus.contracts.batches import Array
from salus.contracts.datasets import Dataset, QualityFinding
from salus.contracts.tasks import Task
from salus.data.quality.findings import PART_TITLES, finding

NAME = "missing_values"


def find_missing_values(dataset: Dataset, task: Task) -> list[QualityFinding]:
    """One finding a part and column in which some are missing: NaN, or fewer observations than the fewest judged.

    A note where the task says that the model handles them, else a warning: such samples will be rejected or answered
    by an abstention, but they would be learned from.
    """
    found = []
    for part_name, part in dataset.parts().items():
        for spec in task.signature.inputs:
            column = part.inputs[spec.name]
            if spec.content == "events":
                missing = np.array([_count_observations(rows) < spec.fewest for rows in column], dtype=np.bool_)
            elif column.dtype.kind == "f" and column.ndim == 1:
                missing = np.isnan(column)
            else:
                continue
            if not missing.any():
                continue
            count, share = int(missing.sum()), float(missing.mean())
            found.append(
                finding(
                    NAME,
                    "note" if spec.missing == "model" else "warning",
                    f"{spec.name} is missing in {count} of {len(part)} samples of {part_name} ({share:.1%}).",
                    f"{PART_TITLES.get(part_name, part_name)}的 {len(part)} 个样本中有 {count} 个缺少 {spec.name}"
                    f"（{share:.1%}）。",
                    samples=part.sample_ids[missing].tolist(),
                )
            )
    return found


def _count_observations(rows: Array) -> int:
    """Rows of one sample's observations that are not padding."""
    return int((~np.isnan(np.asarray(rows, dtype=np.float64)).any(axis=1)).sum())
