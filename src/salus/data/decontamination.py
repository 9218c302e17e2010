"""Training without what it must not have seen: the other way out of a leak than allowing it.

The publisher's validation and test parts stay as they are, so that figures remain comparable; what they share with
training leaves training.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from salus.contracts.datasets import Dataset
from salus.contracts.tasks import Task
from salus.data.digest import dataset_digest
from salus.data.quality.pooling import Pool, pool_parts, same_values


def remove_leaks(dataset: Dataset, task: Task) -> Dataset:
    """The data set without the samples of an earlier part that stand in a later one as well.

    A sample leaves `train` where its subject, its exact copy or its near-duplicate is in `validation` or `test`, and
    leaves `validation` where one of these is in `test`. The digest is made anew.

    Args:
        dataset: Already divided.
        task: Says which inputs are pictures.

    Returns:
        The data set itself where nothing leaks, else a smaller one.
    """
    pool = pool_parts(dataset, task)
    leaving = _leaving(pool)
    if not leaving.any():
        return dataset
    parts = {
        name: part.take(np.flatnonzero(~leaving[pool.part == index]))
        for index, (name, part) in enumerate(dataset.parts().items())
    }
    return replace(
        dataset,
        digest=dataset_digest(parts),
        train=parts["train"],
        validation=parts["validation"],
        test=parts.get("test"),
    )


def _leaving(pool: Pool) -> NDArray[np.bool_]:
    """(samples,) True where a later part has the same."""
    leaving = np.zeros(len(pool.part), dtype=np.bool_)
    copies = pool.groups if pool.telling else ()
    for group in (*same_values(pool.subjects), *copies, *pool.pairs):
        leaving[group] |= pool.part[group] < pool.part[group].max()
    return leaving
