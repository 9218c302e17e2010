"""Observations over time, checked and brought into the one form that graphs are asked with.

The checks run over the rows of all samples at once; only what a message says is made sample by sample.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from salus.contracts.batches import Array
from salus.contracts.errors import InvalidInput
from salus.contracts.services import Abstention
from salus.contracts.tensors import TensorSpec
from salus.serving.abstentions import time_out_of_range, too_little_known, variable_out_of_range

LEAST_ROWS = 16
"""Rows that a sample with few observations is padded to."""
_TIME, _VARIABLE, _VALUE = 0, 1, 2


@dataclass(frozen=True)
class CheckedEvents:
    """An events input that fits the signature.

    Attributes:
        column: (samples,) object array of (rows, 3) FP32, as `pad_rows` makes them.
        abstentions: One entry per sample: None, or why the model must not be asked.
    """

    column: Array
    abstentions: tuple[Abstention | None, ...]


def check_events(array: Array, spec: TensorSpec) -> CheckedEvents:
    """Check one events input.

    Args:
        array: (samples, rows, 3) FP32, or (samples,) object array of (rows, 3) FP32 each. Rows of NaN pad.
        spec: The input.

    Raises:
        InvalidInput: Another datatype or shape; a row of which only a part is given; an infinite number; a variable
            that is none of the signature's.
    """
    samples = _split(array, spec)
    lengths = np.array([len(rows) for rows in samples], dtype=np.intp)
    rows: NDArray[np.float32] = np.concatenate([*samples, np.empty((0, 3), np.float32)])
    owner = np.repeat(np.arange(len(samples)), lengths)
    blank = np.isnan(rows)
    given: NDArray[np.bool_] = np.any(~blank, axis=1)
    _refuse_unfit(rows, blank, given, owner, spec)
    reasons: list[Abstention | None] = [None] * len(samples)
    known = np.bincount(owner[given], minlength=len(samples))
    for few in np.flatnonzero(known < spec.fewest):
        reasons[few] = too_little_known(spec)
    _judge_ranges(rows[given], owner[given], spec, reasons)
    column = np.empty(len(samples), dtype=object)
    for index, kept in enumerate(np.split(rows[given], np.cumsum(known)[:-1])):
        column[index] = pad_rows(kept)
    return CheckedEvents(column, tuple(reasons))


def pad_rows(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """The rows, followed by rows of NaN up to the next power of two (at least `LEAST_ROWS`).

    How far a sample is padded depends on the sample alone, so its answer does not depend on what is asked beside it;
    and samples of similar length share a batch.

    Args:
        rows: (rows, 3) FP32, none of NaN.
    """
    length = max(LEAST_ROWS, 1 << max(0, len(rows) - 1).bit_length())
    padded = np.full((length, 3), np.nan, dtype=np.float32)
    padded[: len(rows)] = rows
    return padded


def _split(array: Array, spec: TensorSpec) -> list[NDArray[np.float32]]:
    """The rows of each sample."""
    ragged = array.dtype == object and array.ndim == 1
    if not ragged and array.ndim != 3:
        raise _unfit(f"shape [-1, -1, 3] for {spec.name!r} (-1: any length)", f"{list(array.shape)}")
    samples = []
    for element in array:
        rows = np.asarray(element)
        if rows.dtype != np.float32:
            raise _unfit(f"datatype {spec.datatype} for {spec.name!r}", f"{rows.dtype}")
        if rows.ndim != 2 or rows.shape[1] != 3:
            raise _unfit(f"rows of 3 numbers for {spec.name!r} (time, variable, value)", f"shape {list(rows.shape)}")
        samples.append(rows)
    return samples


def _refuse_unfit(
    rows: NDArray[np.float32],
    blank: NDArray[np.bool_],
    given: NDArray[np.bool_],
    owner: NDArray[np.intp],
    spec: TensorSpec,
) -> None:
    partial = given & blank.any(axis=1)
    if partial.any():
        raise InvalidInput(
            f"a time, a variable and a value in every observation of {spec.name!r}",
            found=f"{int(partial.sum())} observations with a part missing, the first in sample {owner[partial][0]}",
            remedy="Leave out what was not observed; fill whole rows with NaN only to pad.",
        )
    infinite = np.isinf(rows).any(axis=1)
    if infinite.any():
        raise InvalidInput(
            f"finite numbers for {spec.name!r}",
            found=f"an infinite one in {int(infinite.sum())} observations, the first in sample {owner[infinite][0]}",
            remedy="Leave out what was not observed.",
        )
    variables = rows[given, _VARIABLE]
    unknown = (variables != np.floor(variables)) | (variables < 0) | (variables >= len(spec.variables))
    if unknown.any():
        raise InvalidInput(
            f"variables of {spec.name!r} as whole numbers from 0 to {len(spec.variables) - 1}",
            found=f"{int(unknown.sum())} others, the first in sample {owner[given][unknown][0]}",
            remedy="Take the place of each variable in the service's signature.",
        )


def _judge_ranges(
    rows: NDArray[np.float32], owner: NDArray[np.intp], spec: TensorSpec, reasons: list[Abstention | None]
) -> None:
    """Write a reason for each sample with an unbelievable time or value; compared in FP32, as the values are."""
    if spec.valid_range is not None:
        low, high = np.float32(spec.valid_range[0]), np.float32(spec.valid_range[1])
        outside = (rows[:, _TIME] < low) | (rows[:, _TIME] > high)
        for index in np.unique(owner[outside]):
            reasons[index] = reasons[index] or time_out_of_range(spec)
    unlimited = (-np.inf, np.inf)
    limits = np.array([each.valid_range or unlimited for each in spec.variables], dtype=np.float32)
    which = rows[:, _VARIABLE].astype(np.intp)
    outside = (rows[:, _VALUE] < limits[which, 0]) | (rows[:, _VALUE] > limits[which, 1])
    samples, first = np.unique(owner[outside], return_index=True)
    for index, variable in zip(samples, which[outside][first], strict=True):
        reasons[index] = reasons[index] or variable_out_of_range(spec.variables[variable])


def _unfit(expected: str, found: str) -> InvalidInput:
    return InvalidInput(expected, found=found, remedy="Look at the service's signature and send what it says.")
