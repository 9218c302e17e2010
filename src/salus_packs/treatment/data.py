"""Data of the pack: each set by its own reader, or a table of the user's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from salus.contracts.datasets import Dataset, Split
from salus.contracts.packs import DataRequest
from salus.contracts.tasks import Task
from salus.contracts.treatment import Choice
from salus_packs.treatment.task import HORMONE_THERAPY, WARFARIN_DOSE

DIVISION_SEED = 42
"""The publishers divide nothing (but for IHDP), so the division is fixed here, apart from the seed of a training."""


def read_rotterdam(request: DataRequest, seed: int) -> Dataset:  # noqa: ARG001 - the division does not follow it
    """Node-positive patients of the Rotterdam tumour bank."""
    from salus.data.sets.rotterdam import read

    return read(request, DIVISION_SEED)


def read_ihdp(request: DataRequest, seed: int) -> Dataset:  # noqa: ARG001 - the division does not follow it
    """Replication 1 of IHDP."""
    from salus.data.sets.ihdp import read

    return read(request, DIVISION_SEED)


def read_twins(request: DataRequest, seed: int) -> Dataset:  # noqa: ARG001 - the division does not follow it
    """GANITE's twins, assigned by the same seed."""
    from salus.data.sets.twins import read

    return read(request, DIVISION_SEED)


def read_warfarin(request: DataRequest, seed: int) -> Dataset:  # noqa: ARG001 - the division does not follow it
    """IWPC doses."""
    from salus.data.sets.warfarin import read

    return read(request, DIVISION_SEED)


def choice_table(task: Task) -> Callable[[Path], Split]:
    """Reads a table with the task's inputs, a column `option` (its title or index) and a column `outcome`."""

    def read(path: Path) -> Split:
        from salus.data.outcome_tables import read_outcome_table

        question = task.question
        words = tuple(option.title for option in question.options) if isinstance(question, Choice) else ()
        return read_outcome_table(
            path, task.signature.inputs, label="option", targets={"outcome": "outcome"}, labels=words
        )

    return read


def read_hormone_table(path: Path) -> Split:
    """`rotterdam` or `gbsg` as the R package survival writes them, or a table as `choice_table` reads it."""
    from salus.data.sets.rotterdam import is_study_table, read_study_table

    return read_study_table(path) if is_study_table(path) else choice_table(HORMONE_THERAPY)(path)


def read_doses(path: Path) -> Split:
    """A table in the consortium's own columns, or one with the task's inputs and a column `dose` in mg/week."""
    from salus.data.outcome_tables import read_outcome_table
    from salus.data.sets.warfarin import is_iwpc_table, read_iwpc_table

    if is_iwpc_table(path):
        return read_iwpc_table(path)
    return read_outcome_table(path, WARFARIN_DOSE.signature.inputs, label=None, targets={"value": "dose"})
