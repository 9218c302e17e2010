"""Check `missing_values`: numbers that are not there."""

from __future__ import annotations

import numpy as np

from salus.contracts.datasets import Dataset, QualityFinding
from salus.contracts.tasks import Task
from salus.data.quality.findings import PART_TITLES, finding

NAME = "missing_values"


def find_missing_values(dataset: Dataset, task: Task) -> list[QualityFinding]:
    """One finding a part and column of numbers in which some are missing (NaN).

    A note where the task says that the model handles them, else a warning: such samples will be rejected or answered
    by an abstention, but they would be learned from.
    """
    found = []
    for part_name, part in dataset.parts().items():
        for spec in task.signature.inputs:
            column = part.inputs[spec.name]
            if column.dtype.kind != "f" or column.ndim != 1:
                continue
            missing = np.isnan(column)
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
