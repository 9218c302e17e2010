"""Samples that wait together are answered together.

There is no fixed wait: whenever a replica is free, what is queued goes, up to `max_batch` samples. A lone request
therefore pays nothing, and under load the batches grow by themselves (the "adaptive" batching of Clipper, Crankshaw et
al., NSDI 2017, without its timer).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from salus.contracts.batches import Batch, count_samples
from salus.contracts.errors import InvalidInput, Overloaded, ServiceUnavailable
from salus.contracts.services import ReplicaPool

_Likeness = tuple[Any, ...]
"""Submissions of equal likeness (outputs wanted, names, datatypes, shapes of a sample) fit in one batch."""


@dataclass(eq=False)
class _Piece:
    """At most `max_batch` samples of one submission, and where their answer is awaited."""

    batch: Batch
    count: int
    full: bool
    likeness: _Likeness
    answer: asyncio.Future[Batch]


class BatchingPool:
    """Batches what waits, in front of another pool.

    Samples of different shapes (pictures of different sizes) and submissions that want different outputs are never put
    together. When a batch of several callers fails, each caller's samples are run again alone, so that only the
    one whose sample fails is told. A caller who gives up frees its place in the queue.

    Args:
        inner: Runs the batches.
        max_batch: Most samples in a batch.
        max_queue: Most samples that wait; one more is refused.
        replicas: Batches that `inner` may be given at the same time.

    Example:
        >>> from salus.serving.in_process_pool import InProcessPool
        >>> class Twice:
        ...     def predict(self, batch):
        ...         return {"y": batch["x"] * 2}
        >>> async def ask():
        ...     pool = BatchingPool(InProcessPool(Twice()), max_batch=8, max_queue=64)
        ...     answers = await asyncio.gather(*(pool.submit({"x": np.array([value])}) for value in (1, 2)))
        ...     await pool.close()
        ...     return [int(answer["y"][0]) for answer in answers]
        >>> asyncio.run(ask())
        [2, 4]
    """

    def __init__(self, inner: ReplicaPool, *, max_batch: int = 8, max_queue: int = 256, replicas: int = 1) -> None:
        if max_batch < 1 or max_queue < 1 or replicas < 1:
            raise ValueError("expected max_batch, max_queue and replicas of at least 1")
        self._inner = inner
        self._max_batch = max_batch
        self._max_queue = max_queue
        self._replicas = replicas
        self._queue: deque[_Piece] = deque()
        self._waiting = 0
        self._running: set[asyncio.Task[None]] = set()
        self._wake_planned = False
        self._idle = asyncio.Event()
        self._idle.set()
        self._closed = False

    @property
    def waiting(self) -> int:
        """Samples that wait for a replica now."""
        return self._waiting

    async def submit(self, batch: Batch, *, full: bool = False) -> Batch:
        """Answer a rectangular batch.

        Raises:
            InvalidInput: The batch alone is larger than the queue.
            Overloaded: The queue is full.
            ServiceUnavailable: The pool is closed.
        """
        if self._closed:
            raise ServiceUnavailable("an open pool", found="a closed one", remedy="Ask again when the service is back.")
        count = count_samples(batch)
        if count > self._max_queue:
            raise InvalidInput(
                f"at most {self._max_queue} samples at a time", found=f"{count}", remedy="Send them in smaller parts."
            )
        if self._waiting + count > self._max_queue:
            raise Overloaded(
                f"at most {self._max_queue} waiting samples",
                found=f"{self._waiting} waiting and {count} more",
                remedy="Ask again in a moment.",
            )
        pieces = self._cut(batch, count, full)
        self._queue.extend(pieces)
        self._waiting += count
        self._idle.clear()
        self._plan_wake()
        try:
            answers = [await piece.answer for piece in pieces]
        finally:
            self._forget(pieces)
        return _join(answers)

    async def close(self) -> None:
        """Answer everything that was taken, then close the inner pool. Closing twice is allowed."""
        self._closed = True
        await self._idle.wait()
        await self._inner.close()

    def _cut(self, batch: Batch, count: int, full: bool) -> list[_Piece]:
        loop = asyncio.get_running_loop()
        likeness = (full, *sorted((name, str(array.dtype), array.shape[1:]) for name, array in batch.items()))
        starts = range(0, count, self._max_batch) if count > self._max_batch else (0,)
        return [
            _Piece(
                batch=batch if count <= self._max_batch else _rows(batch, start, start + self._max_batch),
                count=min(self._max_batch, count - start),
                full=full,
                likeness=likeness,
                answer=loop.create_future(),
            )
            for start in starts
        ]

    def _forget(self, pieces: Sequence[_Piece]) -> None:
        """Take back what still waits: its caller has its answer, an error, or has gone."""
        for piece in pieces:
            if piece in self._queue:
                self._queue.remove(piece)
                self._waiting -= piece.count
            if not piece.answer.done():
                piece.answer.cancel()
            elif not piece.answer.cancelled():
                piece.answer.exception()  # seen, so that asyncio does not report it as lost
        self._note_idle()

    def _plan_wake(self) -> None:
        """Dispatch once the event loop has let every submission of this turn in."""
        if not self._wake_planned:
            self._wake_planned = True
            asyncio.get_running_loop().call_soon(self._dispatch)

    def _dispatch(self) -> None:
        self._wake_planned = False
        while self._queue and len(self._running) < self._replicas:
            task = asyncio.get_running_loop().create_task(self._run(self._next_batch()))
            self._running.add(task)
            task.add_done_callback(self._finish)

    def _finish(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self._dispatch()
        self._note_idle()

    def _note_idle(self) -> None:
        if not self._queue and not self._running:
            self._idle.set()

    def _next_batch(self) -> list[_Piece]:
        """The oldest piece and those like it that fit beside it, in order of arrival."""
        chosen = [self._queue.popleft()]
        room = self._max_batch - chosen[0].count
        for piece in list(self._queue):
            if room == 0:
                break
            if piece.likeness == chosen[0].likeness and piece.count <= room:
                self._queue.remove(piece)
                chosen.append(piece)
                room -= piece.count
        self._waiting -= sum(piece.count for piece in chosen)
        return chosen

    async def _run(self, pieces: list[_Piece]) -> None:
        if len(pieces) == 1:
            await self._run_alone(pieces[0])
            return
        try:
            joined = {name: np.concatenate([piece.batch[name] for piece in pieces]) for name in pieces[0].batch}
            answer = await self._ask(joined, sum(piece.count for piece in pieces), full=pieces[0].full)
        except Exception:  # noqa: BLE001 -- whose sample it was gets it again, alone
            for piece in pieces:
                await self._run_alone(piece)
            return
        start = 0
        for piece in pieces:
            if not piece.answer.done():
                piece.answer.set_result(_rows(answer, start, start + piece.count))
            start += piece.count

    async def _run_alone(self, piece: _Piece) -> None:
        if piece.answer.done():
            return
        try:
            answer = await self._ask(piece.batch, piece.count, full=piece.full)
        except Exception as error:  # noqa: BLE001 -- handed to the caller
            if not piece.answer.done():
                piece.answer.set_exception(error)
            return
        if not piece.answer.done():
            piece.answer.set_result(answer)

    async def _ask(self, batch: Batch, count: int, *, full: bool) -> Batch:
        answer = await self._inner.submit(batch, full=full)
        wrong = {name: array.shape for name, array in answer.items() if array.ndim == 0 or array.shape[0] != count}
        if wrong:
            raise ServiceUnavailable(
                f"{count} answers for {count} samples",
                found=f"outputs of shapes {wrong}",
                remedy="The model does not answer sample by sample; report it to its publisher.",
            )
        return answer


def _rows(batch: Batch, start: int, stop: int) -> Batch:
    return {name: array[start:stop] for name, array in batch.items()}


def _join(answers: Sequence[Batch]) -> Batch:
    if len(answers) == 1:
        return answers[0]
    return {name: np.concatenate([answer[name] for answer in answers]) for name in answers[0]}
