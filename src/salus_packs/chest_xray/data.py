"""Data of the pack: PneumoniaMNIST by its publisher's division, or pictures of the user's own."""

from __future__ import annotations

from pathlib import Path

from salus.contracts.datasets import Dataset, Split
from salus.contracts.packs import DataRequest
from salus_packs.chest_xray.task import CLASSES, TASK


def read_dataset(request: DataRequest, seed: int) -> Dataset:
    """The publisher's training and validation parts; its test part where a copy holds it."""
    from salus.data.sets.pneumoniamnist import read

    return read(request, seed)


def read_folder(path: Path) -> Split:
    """Labelled arrays or pictures; see `salus.data.labelled`."""
    from salus.data.labelled import read_labelled_folder

    return read_labelled_folder(path, classes=CLASSES)


def mend(dataset: Dataset) -> Dataset:
    """Take out of the training part what also stands in another part; the publisher's other parts stay whole."""
    from salus.data.decontamination import remove_leaks

    return remove_leaks(dataset, TASK)
