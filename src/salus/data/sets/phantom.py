"""The generated chest phantom as a data set; see `salus.data.phantom` for what is drawn."""

from __future__ import annotations

from salus.contracts.datasets import Dataset, Split
from salus.contracts.packs import DataRequest
from salus.data.catalogue import find_entry
from salus.data.digest import dataset_digest
from salus.data.phantom import generate_phantom

COUNTS = {"train": 600, "validation": 150, "test": 150}
"""Pictures of the generated data set by part."""


def read(request: DataRequest, seed: int) -> Dataset:
    """The generated data set: 600 pictures to learn from, 150 to choose by, 150 to test.

    Args:
        request: Unused; nothing is read.
        seed: Of the generation.

    Returns:
        The data set; input `image` of shape (N, 64, 64, 1); labels 0 clear, 1 opacity.
    """
    del request
    phantom = generate_phantom(sum(COUNTS.values()), seed=seed)
    parts: dict[str, Split] = {}
    start = 0
    for part, count in COUNTS.items():
        chosen = slice(start, start + count)
        parts[part] = Split(
            inputs={"image": phantom.images[chosen]},
            labels=phantom.labels[chosen],
            sample_ids=phantom.subjects[chosen],
            subjects=phantom.subjects[chosen],
        )
        start += count
    return Dataset(
        source=find_entry("phantom").source,
        digest=dataset_digest(parts),
        train=parts["train"],
        validation=parts["validation"],
        test=parts["test"],
    )
