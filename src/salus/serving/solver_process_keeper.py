"""A solver that works in a process of its own: starts it, listens to it, stops it, and ends it when it does not stop.

The keeper is itself a `Solver`, so that whoever plans need not know where the work is done.
"""

from __future__ import annotations

import dataclasses
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import IO, Any, Literal, TypeVar

import msgspec

from salus.contracts import errors
from salus.contracts.errors import DeadlineExceeded, InvalidInput, SalusError, ServiceUnavailable
from salus.contracts.planning import Plan, PlanQuestion, Watch, WhatIf
from salus.contracts.predictors import Json
from salus.serving.solver_process import (
    Answer,
    Defect,
    Improved,
    Order,
    Ready,
    Refusal,
    Reply,
    Stop,
    read_message,
    write_message,
)

T = TypeVar("T")
_COMMAND = (sys.executable, "-P", "-m", "salus.serving.solver_process")
_LOOK_S = 0.1


@dataclass(frozen=True)
class SolverLimits:
    """How long a solver's process is borne.

    Attributes:
        start_s: Longest time until the solver is made: libraries are imported, loops compiled.
        grace_s: Longest time that it may take beyond its time limit, or after it was told to stop; then it is ended.
        longest_s: Longest time for a question without a time limit.
    """

    start_s: float = 120.0
    grace_s: float = 10.0
    longest_s: float = 3600.0


class Unwatched:
    """Nobody looks on, nobody stops it."""

    def improved(self, plan: Plan, *, elapsed_s: float) -> None:
        """Say nothing."""

    def cancelled(self) -> bool:
        """Never."""
        return False


def name_factory(factory: Callable[..., object]) -> str:
    """`module:name` of a solver's factory, by which another process finds it.

    Raises:
        InvalidInput: It is not a plain function (or class) of a module.
    """
    module, name = getattr(factory, "__module__", ""), getattr(factory, "__qualname__", "")
    if not module or not name.isidentifier() or module == "__main__":
        raise InvalidInput(
            "a solver's factory that is a plain function of a module",
            found=f"{module or 'nothing'}:{name or type(factory).__name__}",
            remedy="Define it at the top of a module that can be imported.",
        )
    return f"{module}:{name}"


@dataclass
class _Conversation:
    """One process while it works."""

    child: subprocess.Popen[bytes]
    heard: queue.SimpleQueue[Reply | None] = field(default_factory=queue.SimpleQueue)
    best: Improved | None = None
    stop_by: float | None = None

    def say(self, message: msgspec.Struct) -> None:
        try:
            write_message(_pipe(self.child.stdin), message)
        except BrokenPipeError:
            return  # it has ended; what it said last is still to be heard

    def listen(self) -> None:
        """Take in what it says until it ends; runs in a thread."""
        source = _pipe(self.child.stdout)
        while (content := read_message(source)) is not None:
            self.heard.put(msgspec.json.decode(content, type=Reply))
        self.heard.put(None)

    def end(self) -> None:
        """Kill it if it still runs, and let go of it."""
        if self.child.poll() is None:
            self.child.kill()
        self.child.wait()
        for pipe in (self.child.stdin, self.child.stdout):
            try:
                _pipe(pipe).close()
            except BrokenPipeError:
                continue  # what was still to be said to a dead process is of no use


class IsolatedSolver:
    """A `Solver` in a process of its own, one process a question.

    Args:
        factory: `module:name`, see `name_factory`.
        settings: For the factory.
        limits: How long it is borne.
        time_limit_s: Of a question that names none.

    Example:
        >>> from salus.testing.one_machine import make_one_machine_solver, make_one_machine_kit
        >>> solver = IsolatedSolver(name_factory(make_one_machine_solver), {})
        >>> solver.check(make_one_machine_kit().example())
        'one-machine'
    """

    def __init__(
        self,
        factory: str,
        settings: Mapping[str, Json],
        *,
        limits: SolverLimits | None = None,
        time_limit_s: float | None = None,
    ) -> None:
        self._factory = factory
        self._settings = dict(settings)
        self._limits = limits or SolverLimits()
        self._time_limit_s = time_limit_s

    def check(self, instance: str) -> str:
        """As the solver. Raises ServiceUnavailable where its process ends without an answer."""
        return self._run(self._order("check", instance=instance), str, Unwatched(), self._limits.longest_s)

    def solve(self, question: PlanQuestion, watch: Watch) -> Plan:
        """As the solver; the best plan so far where it had to be ended.

        Raises:
            InvalidInput, Conflict: As the solver.
            DeadlineExceeded: It had to be ended, and had found no plan.
            ServiceUnavailable: Its process ended without an answer.
        """
        limit = question.time_limit_s or (self._time_limit_s if question.iterations is None else None)
        asked = dataclasses.replace(question, time_limit_s=limit)
        reply, best = self._talk(self._order("solve", question=asked), watch, limit or self._limits.longest_s)
        return best if reply is None and best is not None else _read(reply, Plan)

    def reckon(self, instance: str, solution: str) -> Plan:
        """As the solver. Raises ServiceUnavailable where its process ends without an answer."""
        order = self._order("reckon", instance=instance, solution=solution)
        return self._run(order, Plan, Unwatched(), self._limits.longest_s)

    def ask_what_if(self, question: PlanQuestion, plan: Plan, watch: Watch) -> tuple[WhatIf, ...]:
        """As the solver. Raises ServiceUnavailable where its process ends without an answer."""
        order = self._order("ask_what_if", question=question, plan=plan)
        return self._run(order, tuple[WhatIf, ...], watch, self._limits.longest_s)

    def _order(self, call: Literal["check", "solve", "reckon", "ask_what_if"], **fields: Any) -> Order:
        return Order(path=tuple(sys.path), solver=self._factory, settings=self._settings, call=call, **fields)

    def _run(self, order: Order, kind: type[T], watch: Watch, limit_s: float) -> T:
        reply, _ = self._talk(order, watch, limit_s)
        return _read(reply, kind)

    def _talk(self, order: Order, watch: Watch, limit_s: float) -> tuple[Answer | Refusal | Defect | None, Plan | None]:
        """The last word of the process (None where it had to be ended), and the best plan that it told."""
        child = subprocess.Popen(
            _COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
        )
        talk = _Conversation(child)
        listener = threading.Thread(target=talk.listen, name="salus-solver", daemon=True)
        listener.start()
        try:
            talk.say(order)
            reply = self._wait(talk, watch, limit_s)
        finally:
            child.kill()
            listener.join()
            talk.end()
        return reply, None if talk.best is None else talk.best.plan

    def _wait(self, talk: _Conversation, watch: Watch, limit_s: float) -> Answer | Refusal | Defect | None:
        """The last word of the process; None where it was ended before. Raises ServiceUnavailable where it ended."""
        deadline = time.monotonic() + self._limits.start_s
        while True:
            now = time.monotonic()
            if talk.stop_by is None and (now > deadline or watch.cancelled()):
                talk.say(Stop())
                talk.stop_by = now + self._limits.grace_s
            if talk.stop_by is not None and now > talk.stop_by:
                return None
            try:
                heard = talk.heard.get(timeout=_LOOK_S)
            except queue.Empty:
                continue
            if heard is None:
                raise _ended(talk.child)
            if isinstance(heard, Ready):
                deadline = time.monotonic() + limit_s + self._limits.grace_s
            elif isinstance(heard, Improved):
                talk.best = heard
                watch.improved(heard.plan, elapsed_s=heard.elapsed_s)
            else:
                return heard


def _read(reply: Answer | Refusal | Defect | None, kind: type[T]) -> T:
    if reply is None:
        raise DeadlineExceeded(
            "a plan within the time limit",
            found="none, and a solver that had to be ended",
            remedy="Give it more time, or a smaller instance.",
        )
    if isinstance(reply, Refusal):
        known: dict[str, type[SalusError]] = {
            value.code: value
            for value in vars(errors).values()
            if isinstance(value, type) and issubclass(value, SalusError)
        }
        raise known.get(reply.code, ServiceUnavailable)(reply.expected, found=reply.found, remedy=reply.remedy)
    if isinstance(reply, Defect):
        raise ServiceUnavailable(
            "a solver that answers",
            found=f"a {reply.kind} in it at {reply.where}",
            remedy="Report it to its publisher.",
        )
    return msgspec.json.decode(reply.content, type=kind)


def _ended(child: subprocess.Popen[bytes]) -> ServiceUnavailable:
    child.wait()
    return ServiceUnavailable(
        "a solver that answers",
        found=f"a process that ended by itself (status {child.returncode})",
        remedy="Try again; if it ends again, report the instance's size to the solver's publisher.",
    )


def _pipe(pipe: IO[bytes] | None) -> Any:
    if pipe is None:
        raise RuntimeError("the solver was started without pipes")
    return pipe
