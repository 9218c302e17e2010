"""Data of the pack: the Wisconsin set that scikit-learn carries, or a CSV of the user's own."""

from __future__ import annotations

from pathlib import Path

from salus.contracts.datasets import Dataset, Split
from salus.contracts.packs import DataRequest
from salus_packs.breast_cancer.task import TASK

DIVISION_SEED = 42
"""The publisher divides nothing, so the division is fixed here, apart from the seed of a training: a test part that
moved with it could be chosen by its result. The number is the customary one; docs/performance/results.md shows how much
the figures depend on it."""


def read_dataset(request: DataRequest, seed: int) -> Dataset:  # noqa: ARG001 - the division does not follow it
    """The 569 aspirates, divided 60 / 20 / 20, always alike."""
    from salus.data.sets.wisconsin import read

    return read(request, DIVISION_SEED)


def read_folder(path: Path) -> Split:
    """A CSV or Parquet table with the thirty measurements by name and a column `label`."""
    from salus.data.labelled import read_labelled_table

    return read_labelled_table(path, TASK.signature.inputs, TASK.classes)
