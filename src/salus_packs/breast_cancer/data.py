"""Data of the pack: the Wisconsin set that scikit-learn carries, or a CSV of the user's own."""

from __future__ import annotations

from pathlib import Path

from salus.contracts.datasets import Dataset, Split
from salus.contracts.packs import DataRequest
from salus_packs.breast_cancer.task import TASK


def read_dataset(request: DataRequest, seed: int) -> Dataset:
    """The 569 aspirates, divided 60 / 20 / 20 from `seed`."""
    from salus.data.sets.wisconsin import read

    return read(request, seed)


def read_folder(path: Path) -> Split:
    """A CSV or Parquet table with the thirty measurements by name and a column `label`."""
    from salus.data.readers.tables import read_labelled_table

    return read_labelled_table(path, inputs=TASK.signature.inputs, classes=TASK.classes)
