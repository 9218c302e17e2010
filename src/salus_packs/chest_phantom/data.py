"""Data of the pack: pictures that are generated from the seed, or such pictures from a folder."""

from __future__ import annotations

from pathlib import Path

from salus.contracts.datasets import Dataset, Split
from salus.contracts.packs import DataRequest
from salus_packs.chest_phantom.task import CLASSES


def read_dataset(request: DataRequest, seed: int) -> Dataset:
    """Phantoms generated from `seed`, in three parts."""
    from salus.data.sets.phantom import read

    return read(request, seed)


def read_folder(path: Path) -> Split:
    """Labelled arrays or pictures; see `salus.data.labelled`."""
    from salus.data.labelled import read_labelled_folder

    return read_labelled_folder(path, classes=CLASSES)
