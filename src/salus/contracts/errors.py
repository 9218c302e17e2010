"""What can go wrong, drawn as one tree.

    SalusError
    ├── InvalidInput          what the caller handed in cannot be used
    │   └── UnsupportedInput  it may be right, but this installation cannot read it
    ├── NotFound              no such thing under this name
    │   └── Expired           it was there, and was deleted when its time had come
    ├── Conflict              the thing is there, in a state that does not allow this
    │   └── GateNotMet        a goal of the task is not met by the bound of its interval
    ├── DataUnavailable       no copy of a data set is at hand
    ├── ChecksumMismatch      bytes are not the bytes that were promised
    ├── QualityRefused        a data set must not be trained on as it is
    ├── PackageRejected       a model package is unsigned, altered, truncated or hostile
    ├── MissingDependency     an optional library is not installed
    ├── Unauthenticated       nobody vouches for the caller
    ├── Forbidden             the caller is known and may not
    ├── Overloaded            the bounded queue is full; try again later
    ├── DeadlineExceeded      the answer would come too late
    └── ServiceUnavailable    a service is loading, draining or broken

An error says what was expected, what was found and what to do. It knows no transport, and it never holds a
patient's value: `found` describes shapes, types, counts and names of fields, not their content.
"""

from __future__ import annotations


class SalusError(Exception):
    """Base of every error that Salus raises on purpose.

    Args:
        expected: What would have been right.
        found: What was there instead; never a patient's value.
        remedy: What the reader can do about it.
    """

    code = "internal"

    def __init__(self, expected: str, *, found: str, remedy: str) -> None:
        super().__init__(expected, found, remedy)
        self.expected = expected
        self.found = found
        self.remedy = remedy

    def __str__(self) -> str:
        return f"expected {self.expected}; found {self.found}. {self.remedy}"

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.expected, self.found, self.remedy))


def _rebuild(kind: type[SalusError], expected: str, found: str, remedy: str) -> SalusError:
    return kind(expected, found=found, remedy=remedy)


class InvalidInput(SalusError):
    """What the caller handed in cannot be used."""

    code = "invalid_input"


class UnsupportedInput(InvalidInput):
    """The input may be right, but this installation cannot read it."""

    code = "unsupported_input"


class NotFound(SalusError):
    """Nothing is known under this name."""

    code = "not_found"


class Expired(NotFound):
    """What was asked for was deleted when its time had come."""

    code = "expired"


class Conflict(SalusError):
    """The thing is there, in a state that does not allow what was asked."""

    code = "conflict"


class GateNotMet(Conflict):
    """A goal of the task is not met by the bound of its measured interval."""

    code = "gate_not_met"


class DataUnavailable(SalusError):
    """No copy of a data set is at hand and none can be fetched."""

    code = "data_unavailable"


class ChecksumMismatch(SalusError):
    """Bytes are not the bytes that were promised."""

    code = "checksum_mismatch"


class QualityRefused(SalusError):
    """A data set must not be trained on as it is."""

    code = "quality_refused"


class PackageRejected(SalusError):
    """A model package is unsigned, altered, truncated, over-large or hostile."""

    code = "package_rejected"


class MissingDependency(SalusError):
    """An optional library that this call needs is not installed."""

    code = "missing_dependency"


class Unauthenticated(SalusError):
    """Nobody vouches for the caller."""

    code = "unauthenticated"


class Forbidden(SalusError):
    """The caller is known and may not do this."""

    code = "forbidden"


class Overloaded(SalusError):
    """The bounded queue is full."""

    code = "overloaded"


class DeadlineExceeded(SalusError):
    """The answer would come after the caller's deadline."""

    code = "deadline_exceeded"


class ServiceUnavailable(SalusError):
    """The service is loading, draining or broken."""

    code = "service_unavailable"
