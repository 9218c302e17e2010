"""How a suite says that a promise is not kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class NotConformant(AssertionError):
    """A promise of a contract is not kept.

    Args:
        expected: What the contract promises.
        found: What was seen instead.

    Example:
        >>> print(NotConformant("one answer per sample", found="2 for 3 samples"))
        expected one answer per sample; found 2 for 3 samples
    """

    def __init__(self, expected: str, *, found: str) -> None:
        super().__init__(f"expected {expected}; found {found}")
        self.expected = expected
        self.found = found


def require(kept: bool, expected: str, *, found: str) -> None:
    """Raise NotConformant unless `kept`."""
    if not kept:
        raise NotConformant(expected, found=found)


@contextmanager
def refusal(expected: str, kind: type[BaseException]) -> Iterator[None]:
    """Raise NotConformant unless the body raises `kind`.

    Args:
        expected: What should have been refused, in words.
        kind: The error that refuses it.
    """
    try:
        yield
    except kind:
        return
    except Exception as error:
        raise NotConformant(f"{expected} to be refused by {kind.__name__}", found=type(error).__name__) from error
    raise NotConformant(f"{expected} to be refused by {kind.__name__}", found="no error")
