"""Each row once: repeated rows count a person several times and make intervals too narrow."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from salus.contracts.datasets import Dataset, Split
from salus.data.digest import dataset_digest


def remove_repeats(dataset: Dataset) -> Dataset:
    """The data set with one sample of each subject in each part, the first; the digest is made anew.

    For data in which a subject's samples are copies of one another, not measurements at several times.
    """
    parts = {name: _once(part) for name, part in dataset.parts().items()}
    if all(len(parts[name]) == len(part) for name, part in dataset.parts().items()):
        return dataset
    return replace(
        dataset,
        digest=dataset_digest(parts),
        train=parts["train"],
        validation=parts["validation"],
        test=parts.get("test"),
    )


def _once(part: Split) -> Split:
    return part.take(np.sort(np.unique(part.subjects, return_index=True)[1]))
