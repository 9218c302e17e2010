"""Checks `duplicate.exact` and `duplicate.near`: the same sample more than once in one part."""

from __future__ import annotations

import numpy as np

from salus.contracts.datasets import QualityFinding
from salus.data.quality.findings import PART_TITLES, finding
from salus.data.quality.pooling import Pool

EXACT = "duplicate.exact"
NEAR = "duplicate.near"


def find_duplicates(pool: Pool) -> list[QualityFinding]:
    """A warning a part that holds the same sample twice, or nearly; a note for tables of few distinct values."""
    return [found for index, name in enumerate(pool.part_names) for found in _in_part(pool, index, name)]


def _in_part(pool: Pool, index: int, name: str) -> list[QualityFinding]:
    found = []
    name_zh = PART_TITLES.get(name, name)
    groups = [inside for group in pool.groups if len(inside := group[pool.part[group] == index]) > 1]
    if groups:
        extra = sum(len(group) - 1 for group in groups)
        found.append(
            finding(
                EXACT,
                "warning" if pool.telling else "note",
                f"{extra} samples of {name} repeat another one exactly ({len(groups)} groups).",
                f"{name_zh}中有 {extra} 个样本与另一样本完全相同（{len(groups)} 组）。",
                samples=pool.ids[np.concatenate(groups)].tolist(),
                count=extra,
            )
        )
    pairs = pool.pairs[(pool.part[pool.pairs] == index).all(axis=1)]
    if len(pairs):
        same = int((pool.subjects[pairs[:, 0]] == pool.subjects[pairs[:, 1]]).sum())
        found.append(
            finding(
                NEAR,
                "warning",
                f"{len(pairs)} pairs of pictures of {name} are nearly the same ({same} of them of one subject).",
                f"{name_zh}中有 {len(pairs)} 对几乎相同的图像（其中 {same} 对属于同一受试者）。",
                samples=pool.ids[list(dict.fromkeys(pairs.ravel().tolist()))].tolist(),
                count=len(pairs),
            )
        )
    return found
