"""A predictor run in this process, off the event loop."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

from salus.contracts.batches import Batch
from salus.contracts.errors import Overloaded, ServiceUnavailable
from salus.contracts.predictors import Predictor


class InProcessPool:
    """Runs batches in threads of its own; ONNX Runtime lets go of Python's lock while it computes.

    Args:
        predictor: Answers the outputs that are always asked for.
        full: Answers every output; the same predictor where nothing is optional.
        workers: Batches that run at the same time.
        max_waiting: Batches that may wait for a worker; one more is refused.

    Example:
        >>> class Twice:
        ...     def predict(self, batch):
        ...         return {"y": batch["x"] * 2}
        >>> import numpy as np
        >>> async def ask():
        ...     pool = InProcessPool(Twice())
        ...     answer = await pool.submit({"x": np.ones(2)})
        ...     await pool.close()
        ...     return answer["y"].tolist()
        >>> asyncio.run(ask())
        [2.0, 2.0]
    """

    def __init__(
        self, predictor: Predictor, full: Predictor | None = None, *, workers: int = 1, max_waiting: int = 64
    ) -> None:
        if workers < 1 or max_waiting < 0:
            raise ValueError(f"expected workers >= 1 and max_waiting >= 0; found {workers} and {max_waiting}")
        self._predictor = predictor
        self._full = predictor if full is None else full
        self._most = workers + max_waiting
        self._places = threading.Semaphore(self._most)
        self._closed = False
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="salus-replica")

    async def submit(self, batch: Batch, *, full: bool = False) -> Batch:
        """Answer a rectangular batch.

        Raises:
            Overloaded: All workers are busy and `max_waiting` batches wait.
            ServiceUnavailable: The pool is closed.
        """
        if self._closed:
            raise ServiceUnavailable("an open pool", found="a closed one", remedy="Ask again when the service is back.")
        if not self._places.acquire(blocking=False):
            raise Overloaded(
                f"at most {self._most} batches at a time", found="one more", remedy="Ask again in a moment."
            )
        predictor = self._full if full else self._predictor
        running = self._threads.submit(predictor.predict, batch)
        running.add_done_callback(lambda _: self._places.release())
        return await asyncio.wrap_future(running)

    async def close(self) -> None:
        """Finish what was taken and end the threads. Closing twice is allowed."""
        self._closed = True
        await asyncio.to_thread(self._threads.shutdown, wait=True)
