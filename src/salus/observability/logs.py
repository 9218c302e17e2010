"""Logs that hold no patient data: only keys on one list are ever written.

A log line is an event with facts. What a fact may be called is decided here, once; any other key is dropped before a
line is formed, and the number of dropped keys is told. Texts of exceptions are dropped too, since a library may quote
a value in them: where an error happened is told by file, line and function.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any, Literal, TextIO

import structlog

ALLOWED_KEYS = frozenset(
    {
        "event", "level", "timestamp", "logger",
        "request_id", "method", "route", "status", "duration_ms", "bytes_in", "caller",
        "service", "package", "version", "digest", "variant", "stage", "backend",
        "samples", "abstentions", "queue", "threads",
        "error", "error_id", "code", "where", "dropped",
        "host", "port", "signal", "seed", "part", "count",
    }
)  # fmt: skip
"""Every key that may be written. None of them can carry a patient's value."""

_MOST_CHARACTERS = 300
_Event = MutableMapping[str, Any]


def configure_logs(*, form: Literal["json", "console"] = "json", stream: TextIO | None = None) -> None:
    """Set up structlog, and hand Python's own logging (uvicorn's) to the same lines.

    Args:
        form: One JSON document a line, or lines for a person.
        stream: Where to; None for standard error.
    """
    target = sys.stderr if stream is None else stream
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=target.isatty())
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            keep_allowed_keys,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(target),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers[:] = [_StructlogHandler()]
    root.setLevel(logging.WARNING)


def keep_allowed_keys(logger: object, method: str, event: _Event) -> _Event:  # noqa: ARG001 -- structlog's signature
    """A structlog processor: drop every key that is not allowed, and everything that is not plain and short."""
    kept: dict[str, Any] = {key: _plain(value) for key, value in event.items() if key in ALLOWED_KEYS}
    dropped = len(event) - len(kept)
    if dropped:
        kept["dropped"] = dropped
    return kept


def describe_place(error: BaseException) -> str:
    """Where `error` was raised, innermost call first, without its text: `file.py:12 in name < file.py:3 in other`."""
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    return " < ".join(
        f"{frame.filename.rpartition('/')[2]}:{frame.lineno} in {frame.name}" for frame in reversed(frames)
    )


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    return str(value)[:_MOST_CHARACTERS] if isinstance(value, str) else type(value).__name__


class _StructlogHandler(logging.Handler):
    """Passes records of Python's logging on: the logger's name and the message's pattern, never its arguments."""

    def emit(self, record: logging.LogRecord) -> None:
        facts: dict[str, Any] = {"logger": record.name}
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            facts |= {"error": type(error).__name__, "where": describe_place(error)}
        pattern = record.msg if isinstance(record.msg, str) else type(record.msg).__name__
        structlog.get_logger().log(record.levelno, pattern.split("\n", 1)[0], **facts)
