"""Whatever arrives, fails or leaves: a batched answer is the unbatched answer."""

import asyncio
from dataclasses import dataclass

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from salus.contracts.batches import Batch
from salus.serving.batching_pool import BatchingPool

_BROKEN = -1


@dataclass(frozen=True)
class _Arrival:
    """A caller: its values, how many turns of the loop it comes after the one before, and when it leaves."""

    values: tuple[int, ...]
    width: int
    full: bool
    turns_before: int
    leaves_after: int | None


class _Plain:
    """The plain twin: rows summed one by one; a broken value fails whatever holds it."""

    def __init__(self, turns: int) -> None:
        self.turns = turns
        self.largest = 0
        self.running = 0
        self.most_running = 0

    async def submit(self, batch: Batch, *, full: bool = False) -> Batch:
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        for _ in range(self.turns):
            await asyncio.sleep(0)
        self.running -= 1
        self.largest = max(self.largest, batch["x"].shape[0])
        if (batch["x"] == _BROKEN).any():
            raise ArithmeticError("broken")
        rows = [float(np.sum(row)) + (0.5 if full else 0.0) for row in batch["x"].astype(np.float64)]
        return {"y": np.array(rows)}

    async def close(self) -> None:
        pass


_ARRIVALS = st.lists(
    st.builds(
        _Arrival,
        values=st.lists(st.integers(_BROKEN, 20), min_size=1, max_size=7).map(tuple),
        width=st.integers(1, 3),
        full=st.booleans(),
        turns_before=st.integers(0, 3),
        leaves_after=st.none() | st.integers(0, 6),
    ),
    min_size=1,
    max_size=12,
)


def _batch(arrival: _Arrival) -> Batch:
    return {"x": np.repeat(np.array(arrival.values)[:, np.newaxis], arrival.width, axis=1)}


def _numbers(answer: Batch) -> list[float]:
    return [float(value) for value in np.asarray(answer["y"], np.float64)]


async def _one_by_one(arrival: _Arrival) -> list[float] | str:
    try:
        return _numbers(await _Plain(0).submit(_batch(arrival), full=arrival.full))
    except ArithmeticError:
        return "broken"


async def _ask(pool: BatchingPool, arrival: _Arrival) -> list[float] | str:
    try:
        return _numbers(await pool.submit(_batch(arrival), full=arrival.full))
    except ArithmeticError:
        return "broken"
    except asyncio.CancelledError:
        return "left"


async def _run(arrivals: list[_Arrival], max_batch: int, replicas: int, turns: int) -> None:
    plain = _Plain(turns)
    pool = BatchingPool(plain, max_batch=max_batch, max_queue=1000, replicas=replicas)
    loop = asyncio.get_running_loop()
    tasks = []
    leaving = []
    for arrival in arrivals:
        for _ in range(arrival.turns_before):
            await asyncio.sleep(0)
        task = loop.create_task(_ask(pool, arrival))
        tasks.append(task)
        if arrival.leaves_after is not None:
            leaving.append(loop.create_task(_leave(task, arrival.leaves_after)))
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.gather(*leaving)
    for arrival, answer in zip(arrivals, answers, strict=True):
        if isinstance(answer, asyncio.CancelledError) or answer == "left":
            assert arrival.leaves_after is not None
        else:
            assert answer == await _one_by_one(arrival)
    await pool.close()
    assert pool.waiting == 0
    assert plain.largest <= max_batch
    assert plain.most_running <= replicas


async def _leave(task: "asyncio.Task[object]", turns: int) -> None:
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()


@settings(max_examples=150, deadline=None)
@given(arrivals=_ARRIVALS, max_batch=st.integers(1, 6), replicas=st.integers(1, 3), turns=st.integers(0, 4))
def test_batched_answers_equal_unbatched_ones(
    arrivals: list[_Arrival], max_batch: int, replicas: int, turns: int
) -> None:
    asyncio.run(_run(arrivals, max_batch, replicas, turns))
