"""The German Breast Cancer Study Group 2 trial: 686 women with node-positive breast cancer, inside lifelines.

Schumacher et al., Journal of Clinical Oncology 12:2086-2093 (1994). Times from randomisation to recurrence or death are
published in days and read in months of 30.4375 days.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from salus.contracts.datasets import Dataset, Split
from salus.contracts.errors import MissingDependency
from salus.contracts.packs import DataRequest
from salus.data.catalogue import find_entry
from salus.data.digest import dataset_digest
from salus.data.splitting import split_by_subject

FRACTIONS = {"train": 0.6, "validation": 0.2, "test": 0.2}
"""Share of the women by part."""

DAYS_PER_MONTH = 30.4375
_GRADES = {"I": 0, "II": 1, "III": 2}
_NUMBERS = {
    "age": "age",
    "tsize": "tumour_size",
    "pnodes": "positive_nodes",
    "progrec": "progesterone_receptor",
    "estrec": "oestrogen_receptor",
}


def read(request: DataRequest, seed: int) -> Dataset:
    """The trial, divided by event.

    Args:
        request: Not needed: the data come with lifelines.
        seed: Of the division.

    Raises:
        MissingDependency: lifelines is not installed.
    """
    del request
    try:
        from lifelines.datasets import load_gbsg2
    except ImportError as error:
        raise MissingDependency(
            "lifelines, which holds the data", found="no such library", remedy="pip install 'salus[train]'"
        ) from error
    whole = _as_split(load_gbsg2())
    indices = split_by_subject(whole.subjects, whole.labels, fractions=FRACTIONS, seed=seed)
    parts = {part: whole.take(chosen) for part, chosen in indices.items()}
    return Dataset(
        source=find_entry("gbsg2").source,
        digest=dataset_digest(parts),
        train=parts["train"],
        validation=parts["validation"],
        test=parts["test"],
    )


def _as_split(table: Any) -> Split:
    names = np.array([f"woman-{row + 1:03d}" for row in range(len(table))])
    post = table["menostat"].to_numpy() == "Post"
    inputs = {name: table[column].to_numpy().astype(np.float32) for column, name in _NUMBERS.items()}
    inputs["hormone_treatment"] = (table["horTh"].to_numpy() == "yes").astype(np.float32)
    inputs["menopause"] = post.astype(np.float32)
    inputs["tumour_grade"] = np.array([_GRADES[grade] for grade in table["tgrade"]], dtype=np.float32)
    return Split(
        inputs=inputs,
        labels=table["cens"].to_numpy().astype(np.int64),
        sample_ids=names,
        subjects=names,
        groups={"menopause": np.where(post, "after", "before")},
        targets={"time": table["time"].to_numpy().astype(np.float64) / DAYS_PER_MONTH},
    )
