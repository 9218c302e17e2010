"""Checks `leak.subject`, `leak.exact_duplicate` and `leak.near_duplicate`: the same on two sides of the division.

What a model has seen in training it need not recognise in validation; each of these makes it look better than it is.
"""

from __future__ import annotations

import numpy as np

from salus.contracts.datasets import QualityFinding
from salus.data.quality.findings import finding
from salus.data.quality.pooling import Pool, same_values

SUBJECT = "leak.subject"
EXACT = "leak.exact_duplicate"
NEAR = "leak.near_duplicate"


def find_leaks(pool: Pool) -> list[QualityFinding]:
    """Refusals; for tables of few distinct values, where equal rows may be two people, exact duplicates are a note."""
    return [*_subjects(pool), *_exact(pool), *_near(pool)]


def _subjects(pool: Pool) -> list[QualityFinding]:
    groups = [group for group in same_values(pool.subjects) if len(np.unique(pool.part[group])) > 1]
    if not groups:
        return []
    samples = np.concatenate(groups)
    return [
        finding(
            SUBJECT,
            "refusal",
            f"{len(groups)} subjects ({len(samples)} samples) stand in more than one part.",
            f"有 {len(groups)} 位受试者（{len(samples)} 个样本）同时出现在多个部分。",
            samples=pool.ids[samples].tolist(),
            count=len(groups),
        )
    ]


def _exact(pool: Pool) -> list[QualityFinding]:
    groups = [group for group in pool.groups if len(np.unique(pool.part[group])) > 1]
    if not groups:
        return []
    return [
        finding(
            EXACT,
            "refusal" if pool.telling else "note",
            f"{len(groups)} samples stand in more than one part, exactly the same.",
            f"有 {len(groups)} 个样本以完全相同的形式出现在多个部分。",
            samples=pool.ids[np.concatenate(groups)].tolist(),
            count=len(groups),
        )
    ]


def _near(pool: Pool) -> list[QualityFinding]:
    crossing = pool.pairs[pool.part[pool.pairs[:, 0]] != pool.part[pool.pairs[:, 1]]]
    if not len(crossing):
        return []
    return [
        finding(
            NEAR,
            "refusal",
            f"{len(crossing)} pairs of pictures that are nearly the same stand on two sides of the division.",
            f"有 {len(crossing)} 对几乎相同的图像分处划分的两侧。",
            samples=pool.ids[list(dict.fromkeys(crossing.ravel().tolist()))].tolist(),
            count=len(crossing),
        )
    ]
