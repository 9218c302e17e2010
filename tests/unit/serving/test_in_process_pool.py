import asyncio
import threading

import numpy as np
import pytest

from salus.contracts.batches import Batch
from salus.contracts.errors import Overloaded, ServiceUnavailable
from salus.serving.in_process_pool import InProcessPool
from salus.testing.pools import check_pool


class _Gated:
    def __init__(self) -> None:
        self.gate = threading.Event()
        self.seen: list[str] = []

    def predict(self, batch: Batch) -> Batch:
        assert self.gate.wait(10)
        self.seen.append(threading.current_thread().name)
        return {"y": batch["x"]}


async def test_the_pool_keeps_every_promise_of_a_pool() -> None:
    await check_pool(lambda predictor: InProcessPool(predictor, max_waiting=15), most_submissions=32)


async def test_it_runs_off_the_event_loop() -> None:
    gated = _Gated()
    pool = InProcessPool(gated)
    asked = asyncio.create_task(pool.submit({"x": np.zeros(1)}))
    await asyncio.sleep(0)  # the loop goes on while the predictor waits
    gated.gate.set()
    await asked
    await pool.close()
    assert gated.seen[0].startswith("salus-replica")


async def test_more_than_fits_is_refused_and_a_caller_who_goes_frees_the_place() -> None:
    gated = _Gated()
    pool = InProcessPool(gated, max_waiting=1)
    tasks = [asyncio.create_task(pool.submit({"x": np.full(1, index)})) for index in range(2)]
    await asyncio.sleep(0.01)
    with pytest.raises(Overloaded):
        await pool.submit({"x": np.zeros(1)})
    tasks[1].cancel()
    await asyncio.sleep(0.01)
    replacement = asyncio.create_task(pool.submit({"x": np.full(1, 7)}))
    await asyncio.sleep(0.01)
    gated.gate.set()
    assert (await replacement)["y"].tolist() == [7]
    await pool.close()
    assert len(gated.seen) == 2


async def test_a_closed_pool_refuses() -> None:
    pool = InProcessPool(_Gated())
    await pool.close()
    await pool.close()
    with pytest.raises(ServiceUnavailable):
        await pool.submit({"x": np.zeros(1)})


def test_a_pool_without_workers_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="workers"):
        InProcessPool(_Gated(), workers=0)
