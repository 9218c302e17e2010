"""Solvers behind one door: so many at a time, each stopped when nobody waits for it any more.

A job that plans asks through the same service as everybody; what is particular to it (how far it has come, where to
begin again after a restart) goes along in the context of its task: see `watching`.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import partial

import msgspec

from salus.contracts.batches import Batch, count_samples
from salus.contracts.errors import InvalidInput, Overloaded, ServiceUnavailable
from salus.contracts.planning import Plan, PlanQuestion, Watch
from salus.serving.solver_backend import SolverPredictor

_LEAST_S = 1.0


@dataclass(frozen=True)
class LongWork:
    """A plan that may take long, since a job looks after it.

    Attributes:
        watch: Told about better plans; says when to stop.
        start: The best plan of the work before; None where there is none.
        spent_s: Seconds of the work before; they count towards the time limit.
    """

    watch: Watch
    start: Plan | None = None
    spent_s: float = 0.0


_LONG_WORK: ContextVar[LongWork | None] = ContextVar("salus_long_work", default=None)


@contextmanager
def watching(work: LongWork) -> Iterator[None]:
    """Within this context, plans that are asked for may take long, and `work` looks on."""
    token = _LONG_WORK.set(work)
    try:
        yield
    finally:
        _LONG_WORK.reset(token)


class SolverPool:
    """Plans in so many processes at a time.

    Args:
        predictor: Reads questions, plans, writes answers.
        processes: Solver processes that run at the same time. Jobs wait for one; other questions are refused when all
            are taken and `max_waiting` wait.
        max_waiting: Other questions that may wait.
        synchronous_s: Longest time limit that is answered outside of a job.
    """

    def __init__(
        self, predictor: SolverPredictor, *, processes: int = 1, max_waiting: int = 4, synchronous_s: float = 30.0
    ) -> None:
        self._predictor = predictor
        self._most = processes + max_waiting
        self._synchronous_s = synchronous_s
        self._places = asyncio.Semaphore(processes)
        self._threads = ThreadPoolExecutor(processes, thread_name_prefix="salus-planner")
        self._asked = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._closed = False

    @property
    def waiting(self) -> int:
        """Questions that are planned or wait now."""
        return self._asked

    async def submit(self, batch: Batch, *, full: bool = False) -> Batch:
        """Plan each row; `full` asks for what one thing more would save, too.

        Raises:
            InvalidInput: It may take longer than is answered outside of a job.
            Overloaded: All processes are taken and enough questions wait.
            ServiceUnavailable: The pool is closed.
        """
        if self._closed:
            raise ServiceUnavailable("an open pool", found="a closed one", remedy="Ask again when the service is back.")
        work = _LONG_WORK.get()
        questions = [self._predictor.read(batch, row) for row in range(count_samples(batch))]
        if work is None:
            self._require_short(questions)
            if self._asked >= self._most:
                raise Overloaded(
                    f"at most {self._most} plans at a time",
                    found="one more",
                    remedy="Ask again in a moment, or hand the question in as a job.",
                )
        self._asked += 1
        self._idle.clear()
        try:
            return self._predictor.write([await self._plan(question, work, explain=full) for question in questions])
        finally:
            self._asked -= 1
            if not self._asked:
                self._idle.set()

    async def close(self) -> None:
        """Finish what is in flight. Closing twice is allowed."""
        self._closed = True
        await self._idle.wait()
        await asyncio.to_thread(self._threads.shutdown, wait=True)

    def _require_short(self, questions: list[PlanQuestion]) -> None:
        limits = [self._limit_of(question) for question in questions if question.iterations is None]
        if sum(limits) > self._synchronous_s:
            raise InvalidInput(
                f"a time limit of at most {self._synchronous_s:g} s for an answer at once",
                found=f"{sum(limits):g} s",
                remedy="Hand the question in as a job (POST /api/v1/services/<name>/jobs), or allow less time.",
            )

    def _limit_of(self, question: PlanQuestion) -> float:
        return self._predictor.question.time_limit_s if question.time_limit_s is None else question.time_limit_s

    async def _plan(self, question: PlanQuestion, work: LongWork | None, *, explain: bool) -> Plan:
        given_up = threading.Event()
        watch = _Attended(given_up, None if work is None else work.watch)
        asked = question if work is None else self._go_on(question, work)
        async with self._places:
            solve = partial(self._predictor.solve, asked, watch, explain=explain)
            answer = asyncio.wrap_future(self._threads.submit(solve))
            try:
                plan = await asyncio.shield(answer)
            except asyncio.CancelledError:
                given_up.set()
                await asyncio.wait([answer])  # its place is free when its process has ended
                answer.exception()  # seen, so that asyncio does not report it as lost
                raise
        return plan if work is None else _better(plan, work.start, question)

    def _go_on(self, question: PlanQuestion, work: LongWork) -> PlanQuestion:
        """The question for what time is left, from the best plan of the work before on.

        Where a previous plan is to be kept to, the work begins from that plan again.
        """
        if question.iterations is not None:
            return replace(question, iterations=None, time_limit_s=self._limit_of(question))
        left = max(_LEAST_S, self._limit_of(question) - work.spent_s)
        if work.start is None or question.previous is not None:
            return replace(question, time_limit_s=left)
        return replace(question, previous=work.start.solution, keep=0.0, time_limit_s=left)


@dataclass(frozen=True)
class _Attended:
    """Passes on what a solver tells, and stops it when nobody waits for it any more."""

    given_up: threading.Event
    watch: Watch | None

    def improved(self, plan: Plan, *, elapsed_s: float) -> None:
        if self.watch is not None:
            self.watch.improved(plan, elapsed_s=elapsed_s)

    def cancelled(self) -> bool:
        return self.given_up.is_set() or (self.watch is not None and self.watch.cancelled())


def _better(plan: Plan, start: Plan | None, question: PlanQuestion) -> Plan:
    """The plan, or that of the work before where it is the better one; nothing changed against what nobody gave."""
    chosen = start if start is not None and start.cost < plan.cost else plan
    return chosen if question.previous is not None else msgspec.structs.replace(chosen, changes=())
