"""A labelled folder or table of the user's own, as a data set that can be trained on."""

from __future__ import annotations

from salus.contracts.datasets import Dataset, DatasetSource, Split
from salus.contracts.text import LocalizedText
from salus.data.digest import dataset_digest
from salus.data.splitting import split_by_subject

FRACTIONS = {"train": 0.6, "validation": 0.2, "test": 0.2}
"""Share of the samples by part."""


def divide_own(split: Split, *, name: str, seed: int) -> Dataset:
    """Divide labelled samples 60 : 20 : 20 by subject.

    Args:
        split: All samples.
        name: What to call the data; part of the package's lineage, so no path and nobody's name.
        seed: Of the division.

    Raises:
        InvalidInput: Fewer than three subjects.
    """
    indices = split_by_subject(split.subjects, split.labels, fractions=FRACTIONS, seed=seed)
    parts = {part: split.take(chosen) for part, chosen in indices.items()}
    return Dataset(
        source=DatasetSource(
            name=name,
            title=LocalizedText(f"own data ({name})", f"自有数据（{name}）"),
            url="",
            licence="not stated",
            citation="",
        ),
        digest=dataset_digest(parts),
        train=parts["train"],
        validation=parts["validation"],
        test=parts["test"],
    )
