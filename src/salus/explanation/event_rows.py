"""Asks a predictor about parts of a sample's events, in batches of rows of like length."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from salus.contracts.batches import Array
from salus.contracts.errors import InvalidInput
from salus.contracts.predictors import Predictor
from salus.explanation.explained_output import ExplainedOutput

_ROWS_AT_ONCE, _EVENTS_AT_ONCE = 256, 32_768


def strip_padding(events: Array, variables: int) -> NDArray[np.float32]:
    """The observations of a sample, (observations, 3), without the rows of NaN that pad.

    Raises:
        InvalidInput: A row has a time or a variable but not both, or its variable is none of the input's.
    """
    rows = np.asarray(events, dtype=np.float32)
    rows = rows[~np.isnan(rows).all(axis=1)]
    index = rows[:, 1]
    if np.isnan(rows[:, :2]).any() or (index < 0).any() or (index >= variables).any() or (index % 1 != 0).any():
        raise InvalidInput(
            f"observations of (time, index of one of {variables} variables, value)",
            found="a row without a time, or of another variable",
            remedy="Pad with rows of NaN alone.",
        )
    return rows


@dataclass(frozen=True)
class EventRows:
    """One sample's events and a predictor that is asked what it says without some of them.

    Attributes:
        predictor: Answers the explained output.
        explained: What is explained.
        target: Of what.
        kinds: Datatype of each scalar input, in the order of the columns of `scalars`.
        input: Name of the events input.
        events: (observations, 3).
    """

    predictor: Predictor
    explained: ExplainedOutput
    target: int
    kinds: Mapping[str, np.dtype[np.generic]]
    input: str
    events: NDArray[np.float32]

    def ask(self, scalars: NDArray[np.float64], kept: NDArray[np.bool_]) -> NDArray[np.float64]:
        """(rows,) the explained output.

        Rows are asked in the order of their lengths, so that little is padded.

        Args:
            scalars: (rows, scalar inputs).
            kept: (rows, observations) which observations each row has; the others are as if never made.
        """
        lengths = kept.sum(axis=1)
        answers = np.empty(len(scalars))
        by_length = np.argsort(lengths, kind="stable")
        at = 0
        while at < len(by_length):
            # the rows of a part are as long as its last one: as many as fit
            ends = np.arange(at + 1, min(at + _ROWS_AT_ONCE, len(by_length)) + 1)
            fitting = ends[(ends - at) * np.maximum(lengths[by_length[ends - 1]], 1) <= _EVENTS_AT_ONCE]
            end = int(fitting[-1]) if len(fitting) else at + 1
            chosen = by_length[at:end]
            answers[chosen] = self._ask_part(scalars[chosen], kept[chosen])
            at = end
        return answers

    def _ask_part(self, scalars: NDArray[np.float64], kept: NDArray[np.bool_]) -> NDArray[np.float64]:
        columns: dict[str, Array] = {}
        for index, (name, kind) in enumerate(self.kinds.items()):
            if kind.kind not in "fc" and np.isnan(scalars[:, index]).any():
                raise InvalidInput(
                    f"no missing value of {name!r}, whose datatype {kind} has none",
                    found=f"{int(np.isnan(scalars[:, index]).sum())} missing",
                    remedy="Take background rows without missing values of this input.",
                )
            columns[name] = scalars[:, index].astype(kind)
        columns[self.input] = self._gather(kept)
        return self.explained.read(self.predictor.predict(columns), self.target, count=len(scalars))

    def _gather(self, kept: NDArray[np.bool_]) -> NDArray[np.float32]:
        """(rows, most kept, 3): each row's observations in their order, then rows of NaN; never of length 0."""
        lengths = kept.sum(axis=1)
        longest = int(lengths.max(initial=0))
        if not longest:
            return np.full((len(kept), 1, 3), np.nan, dtype=np.float32)
        first = np.argsort(~kept, axis=1, kind="stable")[:, :longest]
        rows = self.events[first]
        rows[np.arange(longest)[None, :] >= lengths[:, None]] = np.nan
        return np.ascontiguousarray(rows)
