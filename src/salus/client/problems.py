"""From problem details (RFC 9457) back to the error that the gateway met."""

from __future__ import annotations

import msgspec

from salus.contracts import errors
from salus.contracts.errors import SalusError, ServiceUnavailable


class _Problem(msgspec.Struct, frozen=True):
    code: str
    expected: str
    found: str
    remedy: str


def find_error_types() -> dict[str, type[SalusError]]:
    """Every error of the contracts, by its code."""
    kinds: dict[str, type[SalusError]] = {SalusError.code: SalusError}
    for value in vars(errors).values():
        if isinstance(value, type) and issubclass(value, SalusError):
            kinds[value.code] = value
    return kinds


def read_problem(status: int, body: bytes) -> SalusError:
    """The error that an answer of `status` (400 or more) says.

    A code that this client does not know is read by its status: InvalidInput for the 400s, else ServiceUnavailable.
    """
    fallback = errors.InvalidInput if status < 500 else ServiceUnavailable
    try:
        problem = msgspec.json.decode(body, type=_Problem)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return fallback(
            "an answer of a Salus gateway",
            found=f"status {status} without problem details",
            remedy="Look at the address, and at what stands in front of the gateway.",
        )
    kind = find_error_types().get(problem.code, fallback)
    return kind(problem.expected, found=problem.found, remedy=problem.remedy)


def read_unreachable(error: Exception) -> SalusError:
    """The error for a gateway that could not be asked."""
    return ServiceUnavailable(
        "a gateway that can be reached",
        found=f"{type(error).__name__}",
        remedy="Look whether it runs and whether the address is right.",
    )


def read_late(error: Exception) -> SalusError:
    """The error for an answer that did not come in time."""
    return errors.DeadlineExceeded(
        "an answer within the client's timeout", found=type(error).__name__, remedy="Give a longer timeout."
    )


def read_unfit_answer(error: Exception) -> SalusError:
    """The error for an answer that is not of the expected form."""
    found = str(error) if isinstance(error, msgspec.ValidationError) else "text that is not JSON"
    return ServiceUnavailable(
        "an answer of a Salus gateway of this version",
        found=found[:200],
        remedy="Look at address and versions.",
    )
