import asyncio

import numpy as np
import pytest

from salus.contracts.batches import Batch, count_samples
from salus.contracts.errors import InvalidInput, Overloaded, ServiceUnavailable
from salus.serving.batching_pool import BatchingPool
from salus.serving.in_process_pool import InProcessPool
from salus.testing.pools import check_pool


class _Recording:
    """A pool that answers y = 2 x, waits at a gate, and remembers the size and fullness of each batch."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.batches: list[tuple[int, bool]] = []
        self.closed = 0

    async def submit(self, batch: Batch, *, full: bool = False) -> Batch:
        self.batches.append((count_samples(batch), full))
        await self.gate.wait()
        if (batch["x"] == -1).any():
            raise ArithmeticError("a sample that breaks its batch")
        return {"y": batch["x"] * 2}

    async def close(self) -> None:
        self.closed += 1


def _x(*values: float) -> Batch:
    return {"x": np.array(values)}


async def test_the_pool_keeps_every_promise_of_a_pool() -> None:
    await check_pool(lambda predictor: BatchingPool(InProcessPool(predictor), max_queue=32), most_submissions=64)


async def test_what_waits_is_answered_together_without_a_fixed_wait() -> None:
    inner = _Recording()
    pool = BatchingPool(inner, max_batch=4, max_queue=16)
    first = asyncio.create_task(pool.submit(_x(0)))
    await asyncio.sleep(0.01)
    others = [asyncio.create_task(pool.submit(_x(value))) for value in range(1, 6)]
    await asyncio.sleep(0.01)
    assert pool.waiting == 5
    inner.gate.set()
    answers = [int(np.asarray(answer["y"])[0]) for answer in await asyncio.gather(first, *others)]
    assert answers == [0, 2, 4, 6, 8, 10]
    assert inner.batches == [(1, False), (4, False), (1, False)]


async def test_submissions_of_one_turn_of_the_loop_go_together() -> None:
    inner = _Recording()
    inner.gate.set()
    pool = BatchingPool(inner, max_batch=8, max_queue=16)
    await asyncio.gather(*(pool.submit(_x(value)) for value in range(3)))
    assert inner.batches == [(3, False)]


async def test_shapes_and_wanted_outputs_are_never_mixed() -> None:
    inner = _Recording()
    inner.gate.set()
    pool = BatchingPool(inner, max_batch=8, max_queue=16)
    small, large = {"x": np.zeros((1, 2, 2))}, {"x": np.zeros((1, 3, 3))}
    await asyncio.gather(
        pool.submit(small), pool.submit(large), pool.submit(small, full=True), pool.submit(small), pool.submit(large)
    )
    assert inner.batches == [(2, False), (2, False), (1, True)]


async def test_a_large_submission_is_cut_and_joined_in_order() -> None:
    inner = _Recording()
    inner.gate.set()
    pool = BatchingPool(inner, max_batch=4, max_queue=16)
    answer = await pool.submit(_x(*range(10)))
    assert answer["y"].tolist() == [2 * value for value in range(10)]
    assert [size for size, _ in inner.batches] == [4, 4, 2]


async def test_one_failing_sample_never_fails_its_neighbours() -> None:
    inner = _Recording()
    inner.gate.set()
    pool = BatchingPool(inner, max_batch=8, max_queue=16)
    answers = await asyncio.gather(*(pool.submit(_x(value)) for value in (1, -1, 3)), return_exceptions=True)
    assert isinstance(answers[1], ArithmeticError)
    assert [np.asarray(answers[index]["y"]).tolist() for index in (0, 2)] == [[2], [6]]  # type: ignore[index]  # answers


async def test_a_full_queue_is_refused_in_samples() -> None:
    inner = _Recording()
    pool = BatchingPool(inner, max_batch=1, max_queue=3)
    running = asyncio.create_task(pool.submit(_x(0)))
    await asyncio.sleep(0.01)
    waiting = asyncio.create_task(pool.submit(_x(1, 2)))
    await asyncio.sleep(0.01)
    with pytest.raises(Overloaded, match="3 waiting samples"):
        await pool.submit(_x(3, 4))
    inner.gate.set()
    await asyncio.gather(running, waiting)


async def test_a_submission_that_can_never_fit_is_invalid() -> None:
    pool = BatchingPool(_Recording(), max_batch=1, max_queue=3)
    with pytest.raises(InvalidInput, match="at most 3 samples"):
        await pool.submit(_x(1, 2, 3, 4))


async def test_a_caller_who_gives_up_frees_its_place_and_is_not_computed() -> None:
    inner = _Recording()
    pool = BatchingPool(inner, max_batch=2, max_queue=2)
    running = asyncio.create_task(pool.submit(_x(0)))
    await asyncio.sleep(0.01)
    waiting = asyncio.create_task(pool.submit(_x(1, 2)))
    await asyncio.sleep(0.01)
    waiting.cancel()
    await asyncio.sleep(0.01)
    assert pool.waiting == 0
    late = asyncio.create_task(pool.submit(_x(3)))
    await asyncio.sleep(0.01)
    inner.gate.set()
    await asyncio.gather(running, late)
    assert inner.batches == [(1, False), (1, False)]


async def test_a_caller_who_gives_up_in_flight_does_not_disturb_the_others() -> None:
    inner = _Recording()
    pool = BatchingPool(inner, max_batch=4, max_queue=8)
    tasks = [asyncio.create_task(pool.submit(_x(value))) for value in (1, 2)]
    await asyncio.sleep(0.01)
    tasks[0].cancel()
    await asyncio.sleep(0.01)
    inner.gate.set()
    assert (await tasks[1])["y"].tolist() == [4]
    await pool.close()


async def test_closing_drains_then_refuses_and_may_be_done_twice() -> None:
    inner = _Recording()
    pool = BatchingPool(inner, max_batch=1, max_queue=8)
    tasks = [asyncio.create_task(pool.submit(_x(value))) for value in (1, 2, 3)]
    await asyncio.sleep(0.01)
    closing = asyncio.create_task(pool.close())
    await asyncio.sleep(0.01)
    with pytest.raises(ServiceUnavailable):
        await pool.submit(_x(4))
    assert not closing.done()
    inner.gate.set()
    assert [np.asarray(answer["y"]).tolist() for answer in await asyncio.gather(*tasks)] == [[2], [4], [6]]
    await closing
    await pool.close()
    assert inner.closed == 2


async def test_replicas_work_side_by_side() -> None:
    inner = _Recording()
    pool = BatchingPool(inner, max_batch=1, max_queue=8, replicas=2)
    tasks = [asyncio.create_task(pool.submit(_x(value))) for value in range(3)]
    await asyncio.sleep(0.01)
    assert len(inner.batches) == 2
    inner.gate.set()
    await asyncio.gather(*tasks)


async def test_a_model_that_answers_another_number_of_samples_is_broken() -> None:
    class Shrinking(_Recording):
        async def submit(self, batch: Batch, *, full: bool = False) -> Batch:
            return {"y": batch["x"][:1]}

    with pytest.raises(ServiceUnavailable, match="2 answers for 2 samples"):
        await BatchingPool(Shrinking()).submit(_x(1, 2))


def test_limits_below_one_cannot_be_set() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        BatchingPool(_Recording(), max_batch=0)
