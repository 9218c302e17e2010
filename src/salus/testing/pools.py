"""What every replica pool promises."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import numpy as np

from salus.contracts.batches import Array, Batch
from salus.contracts.errors import InvalidInput, Overloaded, SalusError, ServiceUnavailable
from salus.contracts.predictors import Predictor
from salus.contracts.services import ReplicaPool
from salus.testing.failures import refusal, require

MakePool = Callable[[Predictor], ReplicaPool]
"""Builds the pool under test around a predictor of one input `x`, (samples,) float64."""

_BROKEN = -1.0
_PATIENCE_S = 30.0


class _Echo:
    """Answers y = 2 x; refuses a batch that holds the broken sample; waits at the gate."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.gate.set()

    def predict(self, batch: Batch) -> dict[str, Array]:
        require(self.gate.wait(_PATIENCE_S), "the gate to open", found="a closed one")
        x = batch["x"].astype(np.float64)
        if (x == _BROKEN).any():
            raise InvalidInput("whole samples", found="a broken one", remedy="Leave it out.")
        return {"y": 2 * x}


async def check_pool(make_pool: MakePool, *, most_submissions: int | None = None) -> None:
    """Check the pools that `make_pool` builds.

    Each submission gets its own rows in their order, whatever runs beside it; the failure of one does not fail another;
    closing finishes what was taken, may be done twice, and then refuses; and where the pool has a bounded queue,
    more submissions than fit are refused as Overloaded while those taken are answered.

    Args:
        make_pool: See `MakePool`.
        most_submissions: A number of submissions of one sample that cannot all be in the pool at once; None where it
            takes any number.

    Raises:
        NotConformant: A promise is not kept.
    """
    await _check_order(make_pool)
    await _check_failures(make_pool)
    await _check_close(make_pool)
    if most_submissions is not None:
        await _check_bound(make_pool, most_submissions)


async def _check_order(make_pool: MakePool) -> None:
    pool = make_pool(_Echo())
    try:
        sizes = [1, 3, 2, 5, 1, 4, 1, 1]
        starts = np.cumsum([0, *sizes[:-1]])
        batches = [
            {"x": np.arange(start, start + size, dtype=np.float64)} for start, size in zip(starts, sizes, strict=True)
        ]
        answers = await asyncio.gather(*(pool.submit(batch) for batch in batches))
        for batch, answer in zip(batches, answers, strict=True):
            same = "y" in answer and np.array_equal(answer["y"], 2 * batch["x"])
            require(same, "each submission's own rows in their order", found="others")
        full = await pool.submit(batches[1], full=True)
        require(
            np.array_equal(full["y"], 2 * batches[1]["x"]),
            "the same answer when all outputs are asked",
            found="another",
        )
    finally:
        await pool.close()


async def _check_failures(make_pool: MakePool) -> None:
    pool = make_pool(_Echo())
    try:
        values = [1.0, _BROKEN, 2.0, 3.0, _BROKEN, 4.0]
        answers = await asyncio.gather(
            *(pool.submit({"x": np.array([value])}) for value in values), return_exceptions=True
        )
        for value, answer in zip(values, answers, strict=True):
            if value == _BROKEN:
                kind = type(answer).__name__
                require(isinstance(answer, InvalidInput), "a failure to reach its caller as it is", found=kind)
            else:
                right = not isinstance(answer, BaseException) and answer["y"].tolist() == [2 * value]
                require(right, "a failure to stay with its own submission", found=type(answer).__name__)
    finally:
        await pool.close()


async def _check_close(make_pool: MakePool) -> None:
    echo = _Echo()
    pool = make_pool(echo)
    echo.gate.clear()
    waiting = [asyncio.ensure_future(pool.submit({"x": np.array([float(i)])})) for i in range(3)]
    await asyncio.sleep(0.01)
    closing = asyncio.ensure_future(pool.close())
    await asyncio.sleep(0.01)
    echo.gate.set()
    answers = await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), _PATIENCE_S)
    await asyncio.wait_for(closing, _PATIENCE_S)
    for index, answer in enumerate(answers):
        right = not isinstance(answer, BaseException) and answer["y"].tolist() == [2.0 * index]
        require(right, "closing to finish what was taken", found=type(answer).__name__)
    await pool.close()
    with refusal("a submission to a closed pool", ServiceUnavailable):
        await pool.submit({"x": np.zeros(1)})


async def _check_bound(make_pool: MakePool, most_submissions: int) -> None:
    echo = _Echo()
    pool = make_pool(echo)
    try:
        echo.gate.clear()
        waiting = [asyncio.ensure_future(pool.submit({"x": np.array([float(i)])})) for i in range(most_submissions)]
        await asyncio.sleep(0.05)
        echo.gate.set()
        answers = await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), _PATIENCE_S)
        refused = [answer for answer in answers if isinstance(answer, SalusError)]
        require(bool(refused), f"some of {most_submissions} submissions to be refused", found="none")
        kinds = sorted({type(error).__name__ for error in refused})
        require(kinds == [Overloaded.__name__], "a full queue to refuse as Overloaded", found=f"{kinds}")
        for index, answer in enumerate(answers):
            right = isinstance(answer, SalusError) or (
                not isinstance(answer, BaseException) and answer["y"].tolist() == [2.0 * index]
            )
            require(right, "what was taken to be answered", found=type(answer).__name__)
    finally:
        echo.gate.set()
        await pool.close()
