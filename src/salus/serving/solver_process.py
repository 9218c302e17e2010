"""The program of a process in which a solver works, and what it and its keeper say to each other.

A solver runs for minutes, in compiled code, on documents from elsewhere: a crash or an endless loop of it must not
harm the process that serves. Messages are JSON behind their length (4 bytes, big endian): an `Order` goes in, then
perhaps a `Stop`; out come `Ready`, `Improved` (at most five a second), and one `Answer` or `Refusal` or `Defect`.
The end of the input ends the process: it does not outlive its keeper.
"""

from __future__ import annotations

import os
import struct
import sys
import threading
from collections.abc import Callable
from importlib import import_module
from typing import Any, BinaryIO, Literal

import msgspec

from salus.contracts.errors import SalusError
from salus.contracts.planning import Plan, PlanQuestion, Solver
from salus.observability.logs import describe_place

LEAST_BETWEEN_PLANS_S = 0.2
"""Seconds between two improved plans that are told; the newest is never lost."""
_LENGTH = struct.Struct(">I")
_NICENESS = 5


class Order(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What to do.

    Attributes:
        path: Where modules are looked for, as in the keeper.
        solver: `module:name` of the factory.
        settings: For the factory.
        call: Which method of the solver.
        question: For `solve` and `ask_what_if`.
        instance: For `check` and `reckon`.
        solution: For `reckon`.
        plan: For `ask_what_if`.
    """

    path: tuple[str, ...]
    solver: str
    settings: dict[str, Any]
    call: Literal["check", "solve", "reckon", "ask_what_if"]
    question: PlanQuestion | None = None
    instance: str = ""
    solution: str = ""
    plan: Plan | None = None


class Stop(msgspec.Struct, frozen=True, tag=True):
    """Answer with what there is."""


class Ready(msgspec.Struct, frozen=True, tag=True):
    """The solver is made, and begins."""


class Improved(msgspec.Struct, frozen=True, tag=True):
    """A better plan."""

    plan: Plan
    elapsed_s: float


class Answer(msgspec.Struct, frozen=True, tag=True):
    """What the method returned, as JSON."""

    content: msgspec.Raw


class Refusal(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What the method raised on purpose: the fields of a `SalusError`."""

    code: str
    expected: str
    found: str
    remedy: str


class Defect(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What the method raised otherwise: the kind and the place, never the text, which may quote a value."""

    kind: str
    where: str


Reply = Ready | Improved | Answer | Refusal | Defect


def write_message(stream: BinaryIO, message: msgspec.Struct) -> None:
    """Write one message and let it go. Raises BrokenPipeError where nobody reads."""
    content = msgspec.json.encode(message)
    stream.write(_LENGTH.pack(len(content)) + content)
    stream.flush()


def read_message(stream: BinaryIO) -> bytes | None:
    """The next message; None at the end."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    content = stream.read(length)
    return content if len(content) == length else None


class _Teller:
    """Looks on for the keeper: tells the newest plan now and then, from a thread of its own."""

    def __init__(self, send: Callable[[msgspec.Struct], None]) -> None:
        self._send = send
        self._newest: Improved | None = None
        self._fresh = threading.Event()
        self._stop = threading.Event()
        threading.Thread(target=self._tell, daemon=True).start()

    def improved(self, plan: Plan, *, elapsed_s: float) -> None:
        """Remember the plan, to be told; without its charts."""
        self._newest = Improved(msgspec.structs.replace(plan, charts=()), elapsed_s)
        self._fresh.set()

    def cancelled(self) -> bool:
        """Whether the keeper says to stop."""
        return self._stop.is_set()

    def stop(self) -> None:
        """Say so."""
        self._stop.set()

    def _tell(self) -> None:
        while True:
            self._fresh.wait()
            self._fresh.clear()
            if self._newest is not None:
                self._send(self._newest)
            threading.Event().wait(LEAST_BETWEEN_PLANS_S)


def _call(solver: Solver, order: Order, watch: _Teller) -> object:
    if order.call == "check":
        return solver.check(order.instance)
    if order.call == "reckon":
        return solver.reckon(order.instance, order.solution)
    if order.question is None:
        raise ValueError(f"expected a question to {order.call}")
    if order.call == "solve":
        return solver.solve(order.question, watch)
    if order.plan is None:
        raise ValueError("expected a plan to ask about")
    return solver.ask_what_if(order.question, order.plan, watch)


def _make(order: Order) -> Solver:
    module, _, name = order.solver.partition(":")
    solver: Solver = getattr(import_module(module), name)(order.settings)
    return solver


def _answer(order: Order, watch: _Teller, send: Callable[[msgspec.Struct], None]) -> msgspec.Struct:
    try:
        solver = _make(order)
        send(Ready())
        return Answer(msgspec.Raw(msgspec.json.encode(_call(solver, order, watch))))
    except SalusError as error:
        return Refusal(code=error.code, expected=error.expected, found=error.found, remedy=error.remedy)
    except Exception as error:  # noqa: BLE001 -- told to the keeper, without its text
        return Defect(kind=type(error).__name__, where=describe_place(error))


def main() -> None:
    """Take one order, answer it, and end."""
    source = os.fdopen(os.dup(0), "rb")
    target = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)  # what a solver prints must not stand among the messages
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    content = read_message(source)
    if content is None:
        return
    order = msgspec.json.decode(content, type=Order)
    sys.path[:] = order.path
    writing = threading.Lock()

    def send(message: msgspec.Struct) -> None:
        with writing:
            write_message(target, message)

    watch = _Teller(send)

    def listen() -> None:
        while (heard := read_message(source)) is not None:
            if msgspec.json.decode(heard, type=Stop):
                watch.stop()
        os._exit(3)  # the keeper has gone

    threading.Thread(target=listen, daemon=True).start()
    send(_answer(order, watch, send))
    target.flush()
    os._exit(0)  # threads of compiled code are not waited for


if __name__ == "__main__":
    main()
