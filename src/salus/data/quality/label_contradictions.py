"""Check `label_contradiction`: the same picture, or nearly, under two labels. One of the two is wrong."""

from __future__ import annotations

import numpy as np

from salus.contracts.datasets import QualityFinding
from salus.data.quality.findings import finding
from salus.data.quality.pooling import Pool

NAME = "label_contradiction"


def find_label_contradictions(pool: Pool) -> list[QualityFinding]:
    """A warning that names the samples; a note for tables of few distinct values, where two people may be alike."""
    groups = [group for group in pool.groups if len(np.unique(pool.labels[group])) > 1]
    pairs = pool.pairs[pool.labels[pool.pairs[:, 0]] != pool.labels[pool.pairs[:, 1]]]
    if not groups and not len(pairs):
        return []
    samples = list(dict.fromkeys([*(int(i) for group in groups for i in group), *pairs.ravel().tolist()]))
    return [
        finding(
            NAME,
            "warning" if pool.telling else "note",
            f"{len(groups)} samples are there under more than one label, and {len(pairs)} pairs of nearly the same "
            "pictures differ in their label.",
            f"有 {len(groups)} 个样本带有多个不同标签，另有 {len(pairs)} 对几乎相同的图像标签不同。",
            samples=pool.ids[samples].tolist(),
            count=len(groups) + len(pairs),
        )
    ]
