"""A pool seen as a plain predictor, for explainers: they are written without an event loop."""

from __future__ import annotations

import asyncio

import numpy as np

from salus.contracts.batches import Batch, count_samples
from salus.contracts.services import ReplicaPool

_ROWS_A_CALL = 64


class PoolPredictor:
    """Runs batches through a pool that lives on an event loop in another thread.

    An explanation of a served model thereby explains what is served, and shares its queue. Large batches are handed
    in parts of 64 rows, so that an explanation never fills the queue by itself.

    Args:
        pool: The pool.
        loop: The event loop that it lives on; must run, and must not be the calling thread's.
        known: A batch with its full outputs, when they were computed already: asked again, they are not run again.
        full: Whether the optional outputs are asked for; a method that does not look at them is spared their cost.
    """

    def __init__(
        self,
        pool: ReplicaPool,
        loop: asyncio.AbstractEventLoop,
        *,
        known: tuple[Batch, Batch] | None = None,
        full: bool = True,
    ) -> None:
        self._pool = pool
        self._loop = loop
        self._known = known
        self._full = full

    def predict(self, batch: Batch) -> Batch:
        """The outputs for `batch`. Raises what the pool raises."""
        if self._known is not None and _same(batch, self._known[0]):
            return self._known[1]
        count = count_samples(batch)
        answers = []
        for start in range(0, max(count, 1), _ROWS_A_CALL):
            rows = {name: array[start : start + _ROWS_A_CALL] for name, array in batch.items()}
            answers.append(asyncio.run_coroutine_threadsafe(self._submit(rows), self._loop).result())
        return {name: np.concatenate([answer[name] for answer in answers]) for name in answers[0]}

    async def _submit(self, rows: Batch) -> Batch:
        return await self._pool.submit(rows, full=self._full)


def _same(one: Batch, other: Batch) -> bool:
    """Whether both hold the very same arrays; equal copies count as other ones."""
    return one.keys() == other.keys() and all(one[name] is other[name] for name in one)
