"""Data of the pack: set A of the PhysioNet 2012 challenge, or stays of the user's own."""

from __future__ import annotations

from pathlib import Path

from salus.contracts.datasets import Dataset, Split
from salus.contracts.packs import DataRequest
from salus_packs.icu_risk.task import CLASSES, INPUTS

DIVISION_SEED = 2012
"""The publisher divides set A no further, so the division is fixed here, apart from the seed of a training: a test
part that moved with it could be chosen by its result. The number is the challenge's year."""


def read_dataset(request: DataRequest, seed: int) -> Dataset:  # noqa: ARG001 - the division does not follow it
    """The 4,000 stays of set A, divided 70 : 15 : 15, always alike."""
    from salus.data.sets.physionet2012 import read

    return read(request, DIVISION_SEED)


def read_folder(path: Path) -> Split:
    """A set of the challenge (`Outcomes-b.txt` and its records, packed or not), or `events.csv` and `outcomes.csv`."""
    from salus.data.readers.events import read_event_tables
    from salus.data.sets.physionet2012 import is_challenge_folder, read_challenge_folder

    return read_challenge_folder(path) if is_challenge_folder(path) else read_event_tables(path, INPUTS, CLASSES)
