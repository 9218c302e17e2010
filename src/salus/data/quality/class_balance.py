"""Check `class_balance`: classes that are rare or absent."""

from __future__ import annotations

import numpy as np

from salus.contracts.datasets import Dataset, QualityFinding
from salus.contracts.tasks import Task
from salus.data.quality.findings import PART_TITLES, finding

NAME = "class_balance"

RARE_SHARE = 0.05
"""Below this share a class is rare."""

UNEVEN_SHARE = 0.3
"""Below this share of what an even division would give, a class is uneven."""


def class_shares(dataset: Dataset, task: Task) -> dict[str, dict[str, float]]:
    """Share of each class (by index, as text) by part, from 0 to 1; 0 for every class of an empty part."""
    count = len(task.classes)
    return {
        name: {str(index): float(np.mean(part.labels == index)) if len(part) else 0.0 for index in range(count)}
        for name, part in dataset.parts().items()
    }


def find_imbalance(dataset: Dataset, task: Task) -> list[QualityFinding]:
    """A refusal where a class is absent from a part, a warning where it is rare, a note where classes are uneven."""
    found = []
    for part_name, shares in class_shares(dataset, task).items():
        part_zh = PART_TITLES.get(part_name, part_name)
        for index, label in enumerate(task.classes):
            share = shares[str(index)]
            if share == 0.0:
                found.append(
                    finding(
                        NAME,
                        "refusal",
                        f"{part_name} has no sample of the class {label.name}.",
                        f"{part_zh}中没有“{label.title.zh}”类的样本。",
                    )
                )
            elif share < max(RARE_SHARE, UNEVEN_SHARE / len(task.classes)):
                rare = share < RARE_SHARE
                found.append(
                    finding(
                        NAME,
                        "warning" if rare else "note",
                        f"{label.name} makes up {share:.1%} of {part_name}.",
                        f"{part_zh}中“{label.title.zh}”类占 {share:.1%}。",
                        count=round(share * len(dataset.parts()[part_name])),
                    )
                )
    return found
