"""Data of the pack: its studies, or a table of the user's own."""

from __future__ import annotations

from pathlib import Path

from salus.contracts.datasets import Dataset, Split
from salus.contracts.packs import DataRequest
from salus.contracts.tasks import Task

DIVISION_SEED = 42
"""The test part of what the publisher does not divide is fixed, apart from the seed of a training."""


def read_breast_cancer(request: DataRequest, seed: int) -> Dataset:  # noqa: ARG001 - the division does not follow it
    """The 686 women, divided 60 / 20 / 20, always alike."""
    from salus.data.sets.gbsg2 import read

    return read(request, DIVISION_SEED)


def read_whas(request: DataRequest, seed: int) -> Dataset:
    """WHAS as published, with its leaks; `mend` takes them out."""
    from salus.data.sets.deepsurv import read

    return read(request, seed, "whas")


def read_support(request: DataRequest, seed: int) -> Dataset:
    """SUPPORT."""
    from salus.data.sets.deepsurv import read

    return read(request, seed, "support")


def read_metabric(request: DataRequest, seed: int) -> Dataset:
    """METABRIC."""
    from salus.data.sets.deepsurv import read

    return read(request, seed, "metabric")


def read_rotterdam_gbsg(request: DataRequest, seed: int) -> Dataset:
    """Rotterdam for learning, the German trial for the test."""
    from salus.data.sets.deepsurv import read

    return read(request, seed, "gbsg")


def read_progression(request: DataRequest, seed: int) -> Dataset:  # noqa: ARG001 - the division does not follow it
    """The visits, divided by patient, always alike."""
    from salus.data.sets.pbc2 import read

    return read(request, DIVISION_SEED)


def read_table(path: Path, task: Task) -> Split:
    """A CSV or Parquet table: the inputs by name, `time` in the question's unit, `event` (1 observed, else 0)."""
    from salus.data.outcome_tables import read_outcome_table

    return read_outcome_table(path, task.signature.inputs, label="event", targets={"time": "time"})


def read_visits(path: Path) -> Split:
    """A table with one row a visit in the columns of `pbc2`."""
    from salus.data.readers.tables import read_columns
    from salus.data.sets.pbc2 import split_of

    return split_of(read_columns(path))


def mend(dataset: Dataset, task: Task) -> Dataset:
    """Without the training rows that stand in a later part as well, and without repeated rows in any part."""
    from salus.data.decontamination import remove_leaks
    from salus.data.deduplication import remove_repeats

    return remove_repeats(remove_leaks(dataset, task))
